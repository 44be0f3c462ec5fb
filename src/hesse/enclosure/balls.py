"""Balls of python-flint: the working precision, exact numbers, and floats that bound a ball from outside."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import TypeVar

import flint
from flint import arb, fmpq

T = TypeVar("T")

PRECISION = 80
"""Bits of the working precision: some more than a float has, so that rounding does not show in the results."""


@contextmanager
def working(precision: int = PRECISION, length: int = 8) -> Iterator[None]:
    """python-flint with this many bits and series of this length, and as it was afterwards."""
    before = flint.ctx.prec, flint.ctx.cap
    flint.ctx.prec, flint.ctx.cap = precision, length
    try:
        yield
    finally:
        flint.ctx.prec, flint.ctx.cap = before


def rational(value: Fraction) -> fmpq:
    """The exact rational of python-flint."""
    return fmpq(value.numerator, value.denominator)


def exact(value: Fraction | int | float) -> arb:
    """The ball of an exact number; floats are exact binary numbers."""
    if isinstance(value, float):
        return arb(value)
    return arb(rational(Fraction(value)))


def below(ball: arb) -> float:
    """The largest float that is not above any number of the ball; -inf where nothing is known."""
    if ball.is_nan():
        return -math.inf
    bound = ball.lower()
    value = float(bound)
    return value if arb(value) <= bound else math.nextafter(value, -math.inf)


def above(ball: arb) -> float:
    """The smallest float that is not below any number of the ball; inf where nothing is known."""
    return -below(-ball)


def hull(low: arb | float, high: arb | float) -> arb:
    """A ball that contains both and what lies between."""
    return arb(low).union(arb(high))


def magnitude(ball: arb) -> arb:
    """The largest absolute value in the ball, as an exact ball."""
    return ball.abs_upper()


def symmetric(bound: arb) -> arb:
    """The ball from -bound to bound."""
    return arb(0, bound)


def whole_power(base: T, exponent: int) -> T:
    """base to a positive integer power, by products: the ball's own power has no value where the ball contains zero."""
    result: T | None = None
    while exponent:
        if exponent & 1:
            result = base if result is None else result * base  # type: ignore[operator]
        exponent >>= 1
        if exponent:
            base = base * base  # type: ignore[operator]
    assert result is not None
    return result


def reciprocal(value: T) -> T:
    """1 / value, for a ball or a series; no number where the value may be zero."""
    constant = value if isinstance(value, arb) else value[0]  # type: ignore[index]
    return arb.nan() if constant.contains(0) else 1 / value  # type: ignore[return-value, operator]
