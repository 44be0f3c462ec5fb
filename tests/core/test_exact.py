"""Exact powers of exact numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest

import hesse as hs
from hesse.core.exact import exact_power


def test_zero_has_no_negative_power() -> None:
    assert exact_power(Fraction(0), Fraction(1, 2)) == 0
    with pytest.raises(hs.ArgumentError):
        exact_power(Fraction(0), Fraction(-1))


def test_a_denominator_that_is_zero_everywhere_is_refused() -> None:
    """norm(zeros(n))**2 is 0 as soon as it is simplified."""
    f = hs.parse("sum(x)/norm(zeros(n))**2", "x:n")
    with pytest.raises(hs.ArgumentError, match="a division by zero"):
        hs.gradient(f)
