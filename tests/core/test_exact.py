"""Exact powers of exact numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest

import hesse as hs
from hesse.core.algebra import scale
from hesse.core.build import variable
from hesse.core.exact import exact_power, within_limit


def test_zero_has_no_negative_power() -> None:
    assert exact_power(Fraction(0), Fraction(1, 2)) == 0
    with pytest.raises(hs.ArgumentError):
        exact_power(Fraction(0), Fraction(-1))


def test_a_denominator_that_is_zero_everywhere_is_refused() -> None:
    """norm(zeros(n))**2 is 0 as soon as it is simplified."""
    f = hs.parse("sum(x)/norm(zeros(n))**2", "x:n")
    with pytest.raises(hs.ArgumentError, match="a division by zero"):
        hs.gradient(f)


def test_coefficients_have_a_limit() -> None:
    assert within_limit(Fraction(1, 7**4000)) == Fraction(1, 7**4000)
    with pytest.raises(hs.LimitError, match="binary digits"):
        scale(Fraction(2**20_000), variable("x"))


def test_sums_that_are_squared_again_and_again_end_in_a_verdict() -> None:
    names = "".join(f"t{k} = {f't{k - 1}*t{k - 1} + 1' if k else 'x2 + x1'}; " for k in range(60))
    assert hs.check(hs.parse("x1*x2"), f"{names}[t59, x1]").verdict in ("different", "undecided")
