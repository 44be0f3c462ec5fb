"""Expressions that are the same function, that are not, and that cannot be told apart or compared."""

from __future__ import annotations

import pytest

from hesse.core.syntax import Syntax
from hesse.verify.equality import verify_equal
from hesse.verify.verdict import Verification

from .trees import Tree, declare, filled, fn, lift, names, stacked, undefined

A, S, X, w, x, y, z, n = names("A S X w x y z n")


def same(a: Tree, b: Tree | float, declarations: str) -> Verification:
    """The verification that a equals b."""
    left: Syntax = a.syntax
    return verify_equal(left, lift(b).syntax, declare(declarations))


EQUAL: dict[str, tuple[Tree, Tree | float, str]] = {
    "expanded": ((x + y) ** 2, x**2 + 2 * x * y + y**2, "x:n y:n"),
    "norm": (fn("norm", A @ x) ** 2, x @ A.T @ A @ x, "A:m,n x:n"),
    "trigonometry": (fn("sin", z) ** 2 + fn("cos", z) ** 2, 1, "z:"),
    "abs": (fn("abs", z), fn("sqrt", z**2), "z:"),
    "relu": (fn("relu", x), fn("where", x > 0, x, 0), "x:n"),
    "logarithm": (fn("log", x * y), fn("log", x) + fn("log", y), "x:n:pos y:n:pos"),
    "symmetric": (S.T, S, "S:n,n:sym"),
    "labels": (y**2 * x, x, "x:n y:n:pm1"),
    "simplex": (fn("sum", y, axis=1), filled("ones", names("m")[0]), "y:m,n:simplex"),
    "inverse": (fn("inv", X.T @ X) @ X.T @ X, fn("eye", n), "X:m,n"),
    "zero": (fn("sum", fn("softmax", x)) - 1, 0, "x:n"),
    "exactly zero": (x - x, 0 * x, "x:n"),
    "undefined": (undefined("f", 2, x).T, undefined("f", 2, x), "f:n-> x:n"),
    "only integers": (x[names("i")[0]] + 0, x[names("i")[0]], "x:n i:p:index(n)"),
    "large": (1e6 * (x * 1e6), 1e12 * x, "x:n"),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal(name: str) -> None:
    outcome = same(*EQUAL[name])
    assert outcome.ok, str(outcome)
    assert outcome.digits >= 9


DIFFERENT: dict[str, tuple[Tree, Tree | float, str]] = {
    "slightly": ((x + y) ** 2, x**2 + 2 * x * y + 1.00001 * y**2, "x:n y:n"),
    "transposed": (S.T, S, "S:n,n"),
    "transposed, for n > 1": (x @ S, S @ x, "S:n,n x:n"),
    "on one side": (fn("relu", z), fn("where", z > 0, z, 0.01 * z), "z:"),
    "far out": (fn("minimum", z, 2), z, "z:"),
    "labels are not constants": (y**2, y, "y:n:pm1"),
    "shape": (x, x * filled("ones", 1, 1), "x:n"),
    "shape that does not fit": (A @ x, x @ A, "A:m,n x:n"),
    "undefined": (undefined("f", 1, x), undefined("f", 1, 2 * x), "f:n-> x:n"),
    "undefined orders": (undefined("phi", 2, x), -1 * undefined("phi", 0, x), "phi:-> x:n"),
    "sums of powers": (fn("sum", x) ** 2, fn("sum", x**2), "x:n"),
    "one small entry": (stacked(1e9, z), stacked(1e9, 2 * z), "z:"),
    "zero and small": (1e-7 * x, 0 * x, "x:n"),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name: str) -> None:
    outcome = same(*DIFFERENT[name])
    assert outcome.status == "refuted", str(outcome)
    assert outcome.counterexample is not None


def test_counterexample_is_a_value_at_a_point() -> None:
    outcome = same(x**2, 3 * x**2, "x:n")
    assert outcome.counterexample is not None
    assert outcome.counterexample.entry is not None
    value = outcome.counterexample.values["x"][outcome.counterexample.entry] ** 2
    assert outcome.counterexample.expected == pytest.approx(value)
    assert outcome.counterexample.got == pytest.approx(3 * value)


def test_domains_that_differ_are_no_equality() -> None:
    outcome = same(fn("log", z**2), 2 * fn("log", z), "z:")
    assert outcome.status == "not verified"
    assert "no value" in outcome.reason
    assert outcome.counterexample is not None
    assert same(2 * fn("log", z), fn("log", z**2), "z:").ok, "where the first has values, the second agrees"


def test_rounding_is_not_taken_for_a_difference() -> None:
    outcome = same((1e15 + z) - 1e15, z, "z:")
    assert outcome.status == "not verified"
    assert "rounding" in outcome.reason


def test_no_point_no_verdict() -> None:
    assert same(fn("log", -1 - z**2), z, "z:").reason == "no admissible point was found"
    assert "no value" in same(z, names("q")[0], "z:").reason
