"""An answer as it was written must have a value wherever the derivative has one, whatever it simplifies to."""

from __future__ import annotations

import pytest

import hesse as hs


@pytest.mark.parametrize(
    ("function", "declarations", "answer"),
    [
        ("x1*x2", "x1: x2:", "[sqrt(x2)**2, x1]"),
        ("x1*x2", "x1: x2:", "[x2 + log(x2) - log(x2), x1]"),
        ("x1*x2", "x1: x2:", "[x2 + 0*log(x2), x1]"),
        ("x1*x2", "x1: x2:", "s = log(x2) - log(x2); [x2 + s, x1]"),
        ("x**2", "x:", "2*sqrt(x)**2"),
        ("x**2", "x:", "2*exp(log(x))"),
        ("sum(x**2)", "x:n", "2*sqrt(x)*sqrt(x)"),
    ],
)
def test_a_smaller_domain_is_no_equality(function: str, declarations: str, answer: str) -> None:
    found = hs.check(hs.parse(function, declarations), answer)
    assert found.verdict == "domains differ" and found.counterexample.got is None


@pytest.mark.parametrize(
    ("function", "declarations", "answer"),
    [
        ("x1*x2", "x1: x2::pos", "[sqrt(x2)**2, x1]"),
        ("sqrt(x)**4/2", "x:", "sqrt(x)**2"),
        ("x**2", "x:", "2*x**2/x"),
        ("x**2", "x:", "2*log(exp(x))"),
        ("log(1 + exp(x))", "x:", "exp(x)/(1 + exp(x))"),
        ("x**2", "x:", "2*abs(x)*where(x > 0, sqrt(abs(x))**2/abs(x), -1)"),
    ],
)
def test_the_same_domain_but_for_single_points_is_right(function: str, declarations: str, answer: str) -> None:
    assert hs.check(hs.parse(function, declarations), answer).right
