"""Differences where floats over- or underflow, which balls prove, and values that only floats of that size have."""

from __future__ import annotations

import pytest

import hesse as hs

DIFFERENT = [
    ("exp(1000*x)", "1000*exp(1000*x)*where(x > 5, 2, 1)"),
    ("tanh(x)", "(1 - tanh(x)**2)*where(x > 30, 1/2, 1)"),
    ("log(1 + exp(x))", "where(x > 200, 1, sigmoid(x))"),
    ("exp(-1/x**2)", "where(abs(x) < 0.03, 0, 2*exp(-1/x**2)/x**3)"),
    ("exp(x)/(1 + exp(x))", "where(abs(x) < 600, exp(x)/(1 + exp(x))**2, 0)"),
]


@pytest.mark.parametrize(("function", "answer"), DIFFERENT)
def test_jumps_beyond_floats_are_found(function: str, answer: str) -> None:
    verdict = hs.check(hs.parse(function, "x:"), answer)
    assert verdict.verdict == "different"
    assert verdict.counterexample is not None and verdict.counterexample.certified


def test_values_beyond_floats_are_spelled() -> None:
    found = hs.check(hs.parse("exp(1000*x)", "x:"), "1000*exp(1000*x) + x").counterexample
    assert found is not None and "it should be 2.57654e-866" in str(found)
    found = hs.check(hs.parse("exp(1000*x)", "x:"), "1000*exp(1000*x)*where(x > 5, 2, 1)").counterexample
    assert found is not None and "e+3260" in str(found) and found.got is None


@pytest.mark.parametrize("size", ["1e120", "1e200", "1e-200"])
def test_large_constants_are_no_obstacle(size: str) -> None:
    f = hs.parse(f"{size}*x**2", "x:")
    assert hs.check(f, f"2*{size}*x").verdict == "equal (proved)"
    assert hs.check(f, f"{size}*x").mistakes == ["missing-factor"]


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("exp(1000*x)", "1000*exp(500*x)**2"),
        ("tanh(x)", "1/cosh(x)**2"),
        ("exp(x)/(1 + exp(x))", "1/(2 + exp(x) + exp(-x))"),
        ("exp(exp(x**2))", "2*x*exp(x**2 + exp(x**2))"),
    ],
)
def test_right_answers_that_overflow_are_right(function: str, answer: str) -> None:
    assert hs.check(hs.parse(function, "x:"), answer).right
