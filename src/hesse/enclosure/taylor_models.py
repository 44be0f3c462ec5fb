"""Taylor models: a polynomial on the cube [-1, 1]^n, and a ball that contains what is missing, for every point.

The arithmetic is that of Makino and Berz; the coefficients are balls, so rounding is part of them. Every function is
composed through its series at the middle and the next coefficient over the whole range.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
from flint import arb, arb_series

from hesse.enclosure.balls import above, below, hull, magnitude, rational, reciprocal, symmetric, whole_power
from hesse.enclosure.polynomials import Space, crude_range
from hesse.enclosure.rows import ENCLOSURES, NotSmooth

Number = Any


class TaylorModel:
    """A polynomial, by its coefficients in the order of the space, and the ball of the rest."""

    __slots__ = ("coefficients", "rest", "space")

    def __init__(self, space: Space, coefficients: list[arb], rest: arb) -> None:
        self.space = space
        self.coefficients = coefficients
        self.rest = rest

    @classmethod
    def variable(cls, space: Space, index: int, center: arb, radius: arb) -> TaylorModel:
        """center + radius * u_index."""
        coefficients = [arb(0)] * len(space.exponents)
        coefficients[0] = center
        coefficients[1 + index] = radius
        return cls(space, coefficients, arb(0))

    def range(self) -> arb:
        """A ball that contains all values."""
        return crude_range(zip(self.space.exponents, self.coefficients, strict=True)) + self.rest

    def __neg__(self) -> TaylorModel:
        return type(self)(self.space, [-c for c in self.coefficients], -self.rest)

    def __add__(self, other: Number) -> TaylorModel:
        if not isinstance(other, TaylorModel):
            return type(self)(self.space, [self.coefficients[0] + other, *self.coefficients[1:]], self.rest)
        pairs = zip(self.coefficients, other.coefficients, strict=True)
        return type(self)(self.space, [a + b for a, b in pairs], self.rest + other.rest)

    __radd__ = __add__

    def __sub__(self, other: Number) -> TaylorModel:
        return self.__add__(-other)

    def __rsub__(self, other: Number) -> TaylorModel:
        return (-self).__add__(other)

    def __mul__(self, other: Number) -> TaylorModel:
        if not isinstance(other, TaylorModel):
            return type(self)(self.space, [c * other for c in self.coefficients], self.rest * other)
        first, second = self.coefficients, other.coefficients
        found = [arb(0)] * len(first)
        zero_first, zero_second = [c == 0 for c in first], [c == 0 for c in second]
        for i, j, k in self.space.products:
            if not (zero_first[i] or zero_second[j]):
                found[k] += first[i] * second[j]
        rest = symmetric(self._overflow(other))
        if not (self.rest == 0 and other.rest == 0):  # `!=` of balls means certainly different
            own, their = self.polynomial_range(), other.polynomial_range()
            rest = rest + own * other.rest + their * self.rest + self.rest * other.rest
        return type(self)(self.space, found, rest)

    __rmul__ = __mul__

    def polynomial_range(self) -> arb:
        """A ball that contains the values of the polynomial part."""
        return crude_range(zip(self.space.exponents, self.coefficients, strict=True))

    def _sizes(self) -> list[arb]:
        """The sum of the magnitudes of the coefficients of each degree."""
        sizes = [arb(0)] * (self.space.degree + 1)
        for exponents, coefficient in zip(self.space.exponents, self.coefficients, strict=True):
            sizes[sum(exponents)] += magnitude(coefficient)
        return sizes

    def _overflow(self, other: TaylorModel) -> arb:
        """A bound of the terms of the product that are beyond the degree."""
        own, their, degree = self._sizes(), other._sizes(), self.space.degree
        total = arb(0)
        for k, size in enumerate(own):
            if k:
                total += size * sum(their[degree - k + 1 :], arb(0))
        return magnitude(total)

    def composed(self, function: Callable[[Any], Any], name: str = "") -> TaylorModel:
        """function(self). Where it has a kink, only its range is kept."""
        degree = self.space.degree
        middle = self.coefficients[0].mid()
        delta = self - middle
        spread = delta.range()
        flint.ctx.cap = degree + 2
        try:
            beyond = _coefficient(function(arb_series([middle + spread, arb(1)])), degree + 1)
            heads = _coefficients(function(arb_series([middle, arb(1)])), degree + 1)
        except NotSmooth:
            if isinstance(self, SmoothModel):
                raise
            low, high = ENCLOSURES[name].bounds(below(middle + spread), above(middle + spread))
            return type(self)(self.space, [arb(0)] * len(self.coefficients), hull(low, high))
        result: Number = heads[degree]
        for head in reversed(heads[:degree]):
            result = delta * result + head
        if not isinstance(result, TaylorModel):
            result = type(self)(self.space, [result, *[arb(0)] * (len(self.coefficients) - 1)], arb(0))
        return type(self)(self.space, result.coefficients, result.rest + beyond * whole_power(spread, degree + 1))


class SmoothModel(TaylorModel):
    """A Taylor model that does not span kinks: it raises NotSmooth instead."""

    __slots__ = ()


class Jet(TaylorModel):
    """A truncated series: nothing is said about what is beyond the degree, so that no range is needed."""

    __slots__ = ()

    def _overflow(self, other: TaylorModel) -> arb:
        return arb(0)

    def composed(self, function: Callable[[Any], Any], name: str = "") -> TaylorModel:
        """function(self). Raises NotSmooth at a kink."""
        middle, degree = self.coefficients[0], self.space.degree
        delta = self - middle
        flint.ctx.cap = degree + 1
        heads = _coefficients(function(arb_series([middle, arb(1)])), degree + 1)
        result: Number = heads[degree]
        for head in reversed(heads[:degree]):
            result = delta * result + head
        if not isinstance(result, TaylorModel):
            result = Jet(self.space, [result, *[arb(0)] * (len(self.coefficients) - 1)], arb(0))
        return Jet(self.space, result.coefficients, arb(0))


def _coefficients(series: Any, count: int) -> list[arb]:
    if isinstance(series, arb):
        return [series, *[arb(0)] * (count - 1)]
    found = list(series.coeffs())
    return (found + [arb(0)] * count)[:count]


def _coefficient(series: Any, place: int) -> arb:
    return _coefficients(series, place + 1)[place]


class Models:
    """Taylor models as the numbers of `arithmetic.Entries`; balls stand for constants."""

    def apply(self, name: str, argument: Number) -> Number:
        """The function of this name in the table of enclosures."""
        series = ENCLOSURES[name].series
        return argument.composed(series, name) if isinstance(argument, TaylorModel) else series(argument)

    def power(self, base: Number, exponent: Fraction) -> Number:
        """The power with an exact exponent."""
        if exponent.denominator == 1 and exponent > 0:
            return whole_power(base, int(exponent))
        if not isinstance(base, TaylorModel):
            return (
                reciprocal(whole_power(base, abs(int(exponent))))
                if exponent.denominator == 1
                else base ** rational(exponent)
            )
        if exponent.denominator == 1:
            count = abs(int(exponent))
            return base.composed(lambda series: reciprocal(whole_power(series, count)))
        return base.composed(lambda series: series ** rational(exponent))

    def either(self, first: Number, second: Number) -> Number:
        """The range of both."""
        balls = [each.range() if isinstance(each, TaylorModel) else arb(each) for each in (first, second)]
        union = balls[0].union(balls[1])
        model = first if isinstance(first, TaylorModel) else second
        if not isinstance(model, TaylorModel):
            return union
        if isinstance(model, (Jet, SmoothModel)):
            raise NotSmooth
        return TaylorModel(model.space, [arb(0)] * len(model.coefficients), union)

    def undecided(self, difference: Number) -> Number:
        """The ball of 0 and 1; a jet, or a model that does not span kinks, would have a jump."""
        if isinstance(difference, (Jet, SmoothModel)):
            raise NotSmooth
        return arb(0).union(arb(1))

    def sign(self, value: Number) -> int | None:
        """The sign of all values; of a jet, around its place: none where it passes zero."""
        ball = self.ball(value)
        if ball > 0:
            return 1
        if ball < 0:
            return -1
        still = not isinstance(value, Jet) or all(c == 0 for c in value.coefficients[1:])
        return 0 if ball == 0 and still else None

    def center(self, value: Number) -> arb:
        """The value in the middle."""
        return value.coefficients[0].mid() if isinstance(value, TaylorModel) else arb(value).mid()

    def ball(self, value: Number) -> arb:
        """The range of all values; of a jet, the value at its place."""
        if isinstance(value, Jet):
            return value.coefficients[0]
        return value.range() if isinstance(value, TaylorModel) else arb(value)

    def finite(self, value: Number) -> bool:
        """Whether the coefficients and the rest are."""
        if not isinstance(value, TaylorModel):
            return arb(value).is_finite()
        return value.rest.is_finite() and all(c.is_finite() for c in value.coefficients)
