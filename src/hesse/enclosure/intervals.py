"""Arrays of intervals in floats, rounded outward: for many entries, where Taylor models would be too many.

Sums and products of arrays work on midpoints and radii with a bound of the rounding (Rump's method); functions work
on the ends, entry by entry, through python-flint.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from hesse.core.tensor import Tensor
from hesse.enclosure.balls import above, below, rational
from hesse.enclosure.rows import Bounds

Array = Any
UNIT = 2.0**-53


@dataclass(frozen=True, slots=True)
class Intervals:
    """The numbers from low to high, entry by entry."""

    low: Array
    high: Array

    @staticmethod
    def of(value: Array) -> Intervals:
        """Exact floats."""
        array = np.asarray(value, dtype=float)
        return Intervals(array, array)

    @staticmethod
    def exactly(value: Tensor[Any]) -> Intervals:
        """Exact numbers: floats, and rationals, each between its neighbouring floats where it is none."""
        if all(isinstance(entry, float) for entry in value.entries):
            return Intervals.of(np.reshape(np.array(value.entries, dtype=float), value.shape))
        low, high = zip(*map(_neighbours, value.entries), strict=True) if value.entries else ((), ())
        return Intervals(np.reshape(low, value.shape), np.reshape(high, value.shape))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return tuple(np.shape(self.low))

    @property
    def middle(self) -> Array:
        """Midpoints, rounded."""
        return self.low + (self.high - self.low) / 2

    @property
    def radius(self) -> Array:
        """Radii around the midpoints, rounded up."""
        middle = self.middle
        return np.nextafter(np.maximum(self.high - middle, middle - self.low), np.inf)

    @property
    def magnitude(self) -> Array:
        """The largest absolute values."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    def __neg__(self) -> Intervals:
        return Intervals(-self.high, -self.low)

    def __add__(self, other: Intervals) -> Intervals:
        return _outward(self.low + other.low, self.high + other.high)

    def times(self, other: Intervals) -> Intervals:
        """The product, entry by entry with broadcasting."""
        with np.errstate(invalid="ignore", over="ignore"):
            ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        # 0 * inf stands for 0: the bound is attained by no number, the zero is.
        ends = [np.where(np.isnan(end), 0.0, end) for end in ends]
        low, high = np.minimum.reduce(ends), np.maximum.reduce(ends)
        return _outward(low, high)

    def scaled(self, coefficient: Fraction) -> Intervals:
        """The product with an exact number."""
        if coefficient == 1:
            return self
        if coefficient == -1:
            return -self
        return self.times(Intervals.exactly(Tensor((), [coefficient])))

    def mapped(self, bounds: Callable[[float, float], Bounds]) -> Intervals:
        """The function with these bounds, entry by entry."""
        pairs = [
            bounds(low, high)
            for low, high in zip(np.ravel(self.low).tolist(), np.ravel(self.high).tolist(), strict=True)
        ]
        ends = np.array(pairs, dtype=float).reshape((*self.shape, 2)) if pairs else np.zeros((*self.shape, 2))
        return Intervals(ends[..., 0], ends[..., 1])

    def power(self, exponent: Fraction) -> Intervals:
        """The power with an exact exponent, neither 0 nor 1; unbounded where a negative one meets zero."""
        if exponent < 0:
            return self.power(-exponent).inverse() if exponent != -1 else self.inverse()
        if exponent.denominator != 1:
            return self.mapped(_root(exponent))
        whole = int(exponent)
        near = np.where((self.low <= 0) & (self.high >= 0), 0.0, np.minimum(np.abs(self.low), np.abs(self.high)))
        if whole % 2 == 0:
            return Intervals(_raised(near, whole, 0.0), _raised(self.magnitude, whole, np.inf))
        ends = [(end, np.abs(end)) for end in (self.low, self.high)]
        (low, size_low), (high, size_high) = ends
        return Intervals(
            np.where(low >= 0, _raised(size_low, whole, 0.0), -_raised(size_low, whole, np.inf)),
            np.where(high >= 0, _raised(size_high, whole, np.inf), -_raised(size_high, whole, 0.0)),
        )

    def inverse(self) -> Intervals:
        """1 / x; everything where the interval contains zero."""
        with np.errstate(divide="ignore"):
            low, high = 1 / np.asarray(self.high), 1 / np.asarray(self.low)
        found = _outward(low, high)
        # An end at zero is approached from inside only.
        positive, negative = (self.low >= 0) & (self.high > 0), (self.high <= 0) & (self.low < 0)
        low = np.where(positive, found.low, np.where(negative & (self.high < 0), found.low, -np.inf))
        high = np.where(positive & (self.low > 0), found.high, np.where(negative, found.high, np.inf))
        return Intervals(low, high)


def _neighbours(entry: Any) -> Bounds:
    """The floats between which an exact number lies: both are the number where it is a float."""
    try:
        near = float(entry)
    except OverflowError:
        largest = sys.float_info.max
        return (largest, math.inf) if entry > 0 else (-math.inf, -largest)
    return (
        near if Fraction(near) <= entry else math.nextafter(near, -math.inf),
        near if Fraction(near) >= entry else math.nextafter(near, math.inf),
    )


def _outward(low: Array, high: Array) -> Intervals:
    """The ends one float further out; what is no number says nothing."""
    low = np.where(np.isnan(low), -np.inf, np.nextafter(low, -np.inf))
    high = np.where(np.isnan(high), np.inf, np.nextafter(high, np.inf))
    return Intervals(low, high)


def _raised(base: Array, exponent: int, side: float) -> Array:
    """base**exponent for base >= 0, by products that are rounded to this side."""
    with np.errstate(over="ignore", invalid="ignore"):
        result = np.asarray(base, dtype=float)
        for _ in range(1, exponent):
            product = result * base
            result = np.where(product == 0, product, np.nextafter(product, side))
    # An underflow to zero is above zero when the base is.
    tiny = np.nextafter(0.0, side) if side > 0 else 0.0
    return np.where((result == 0) & (np.asarray(base) > 0), tiny, np.where(np.isnan(result), side, result))


def _root(exponent: Fraction) -> Callable[[float, float], Bounds]:
    """The bounds of x**exponent for x >= 0, increasing."""

    def bounds(low: float, high: float) -> Bounds:
        def raised(x: float) -> Any:
            return arb(0) if x <= 0 else arb(x) ** rational(exponent)

        return max(0.0, below(raised(low))), math.inf if high == math.inf else above(raised(high))

    return bounds
