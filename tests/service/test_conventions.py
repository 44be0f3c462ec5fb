"""Gradients by symmetric matrices in each convention, against differences and the formulas of books; and what declared
attributes allow in finished results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs

FUNCTIONS = [
    ("a @ S @ b", "a:n b:n S:n,n:sym"),
    ("trace(A @ S @ A.T @ S)", "A:n,n S:n,n:sym"),
    ("x @ inv(S) @ x", "x:n S:n,n:spd"),
    ("norm(A @ S @ B)**2", "A:m,n B:n,k S:n,n:sym"),
    ("sum(exp(S))", "S:n,n:sym"),
]


def point(declarations: str) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    sizes = {"m": 4, "n": 3, "k": 2}
    values = {}
    for part in declarations.split():
        name, shape, *attributes = part.split(":")
        value = rng.normal(size=tuple(sizes[size] for size in shape.split(",")))
        if attributes:
            value = value @ value.T / 3 + np.eye(3) if attributes == ["spd"] else value + value.T
        values[name] = value
    return values


def along(f: hs.Expr, at: dict[str, Any], direction: Any) -> float:
    """The slope of f along a change of S."""
    h = 1e-5
    ahead, behind = (f.evaluate(**{**at, "S": at["S"] + sign * h * direction}) for sign in (1, -1))
    return float(ahead - behind) / (2 * h)


@pytest.mark.parametrize(("text", "declarations"), FUNCTIONS)
def test_conventions_against_differences(text: str, declarations: str) -> None:
    f, at = hs.parse(text, declarations), point(declarations)
    found = {
        name: hs.gradient(f, "S", convention=name).evaluate(**at)
        for name in ("unconstrained", "symmetric", "symmetrised")
    }
    for i, j in np.ndindex(3, 3):
        one = np.zeros((3, 3))
        one[i, j] = 1.0
        both = np.maximum(one, one.T)
        assert np.isclose(found["unconstrained"][i, j], along(f, at, one), rtol=1e-6, atol=1e-8)
        assert np.isclose(found["symmetric"][i, j], along(f, at, both), rtol=1e-6, atol=1e-8)
        assert np.isclose(np.sum(found["symmetrised"] * both), along(f, at, both), rtol=1e-6, atol=1e-8)
    assert np.allclose(found["symmetrised"], found["symmetrised"].T)


def test_conventions_of_books() -> None:
    f = hs.parse("trace(A @ S)", "A:n,n S:n,n:sym")
    found = hs.gradient(f, "S", convention="symmetric")
    assert str(found) == "A - diag(diagpart(A)) + A.T"
    assert any("G + G.T - diag(diagpart(G))" in reading for reading in found.readings)
    assert found.verification.ok
    assert hs.gradient(f, "S").readings == f.readings


def test_conventions_are_named_and_fit() -> None:
    with pytest.raises(hs.ArgumentError, match="no convention"):
        hs.gradient(hs.parse("trace(S)", "S:n,n:sym"), "S", convention="half")
    with pytest.raises(hs.ArgumentError, match="declared symmetric"):
        hs.gradient(hs.parse("trace(S)", "S:n,n"), "S", convention="symmetric")


RESULTS = [
    ("x @ (S + T) @ x", "S:n,n:sym T:n,n:sym x:n", "2*(S + T) @ x"),
    ("x @ inv(S + c*eye(n)) @ x", "S:n,n:sym c: x:n", "2*inv(S + c*eye(n)) @ x"),
    ("x @ inv(A.T @ A) @ x", "A:m,n x:n", "2*inv(A.T @ A) @ x"),
    ("x @ (B @ S @ B.T) @ x", "B:m,n S:n,n:sym x:m", "2*B @ S @ B.T @ x"),
    ("x @ exp(S) @ x", "S:n,n:sym x:n", "2*exp(S) @ x"),
    ("z @ abs(exp(w))", "z:n w:n", "exp(w)"),
    ("z @ sqrt(w**2)", "z:n w:n:pos", "w"),
    ("z @ abs(y)", "z:n y:n:pm1", "ones(n)"),
    ("z @ (y*y*w)", "z:n y:n:pm1 w:n", "w"),
    ("z*sum(p)", "z: p:n:simplex", "1"),
]


@pytest.mark.parametrize(("text", "declarations", "expected"), RESULTS)
def test_attributes_in_finished_results(text: str, declarations: str, expected: str) -> None:
    variable = "z" if text.startswith("z") else "x"
    result = hs.gradient(hs.parse(text, declarations), variable)
    assert str(result) == expected
    assert result.verification.ok


def test_attributes_do_not_reach_the_derivative() -> None:
    """By the variables that have them, derivatives are taken in the space around."""
    assert str(hs.gradient(hs.parse("sum(abs(y)*y)", "y:n:pm1"), "y")) != "zeros(n)"
    assert str(hs.gradient(hs.parse("sum(p)**2", "p:n:simplex"), "p")) == "2*ones(n)"
    unsymmetric = hs.gradient(hs.parse("a @ S @ b", "a:n b:n S:n,n:sym"), "S")
    assert str(unsymmetric) == "outer(a, b)"
