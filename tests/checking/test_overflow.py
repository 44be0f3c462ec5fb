"""What is beyond floats is no missing value, and a certified value is known to the digits that are printed."""

from __future__ import annotations

import math

import pytest

import hesse as hs


@pytest.mark.parametrize(
    "answer", ["2*x*exp(exp(exp(x)))/exp(exp(exp(x)))", "exp(exp(exp(x))) - exp(exp(exp(x))) + 2*x"]
)
def test_a_right_answer_whose_parts_overflow_is_right(answer: str) -> None:
    assert hs.check(hs.parse("x**2", "x:"), answer).right


def test_an_answer_that_overflows_everywhere_is_undecided() -> None:
    found = hs.check(hs.parse("x**2", "x:"), "exp(" * 50 + "x" + ")" * 50)
    assert found.undecided and "beyond the range of floats" in found.diagnosis


@pytest.mark.parametrize("answer", ["2*x*log(x)/log(x)", "2*sqrt(x)**2", "2*x*log(-x**2)/log(-x**2)"])
def test_a_value_that_does_not_exist_is_still_missing(answer: str) -> None:
    assert hs.check(hs.parse("x**2", "x:"), answer).verdict == "domains differ"


def test_a_certified_value_is_known_to_the_digits_that_are_printed() -> None:
    example = hs.check(hs.parse("x**2", "x:"), "sin(10**50*x)").counterexample
    # sin(-2e50) by mpmath with 100 digits.
    assert example is not None and example.certified and example.got is not None
    assert math.isclose(example.got, -0.968973, abs_tol=1e-6)
    assert "-0.968973" in str(example)


def test_a_value_beyond_floats_is_told_by_its_digits_where_they_are_known() -> None:
    squares = ";".join(f"b{k}=b{k - 1}*b{k - 1}+1" for k in range(1, 300))
    found = hs.check(hs.parse("x**2", "x:"), f"a=sin(x);b0=a*a+1;{squares};b299")
    assert found.verdict == "different"
    assert "the value is 1.1295e+330376958735628656565220" in str(found) and "exist" not in str(found)
