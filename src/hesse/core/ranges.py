"""Ranges of real numbers with exact bounds: what can be said of a value for all values of the variables.

They decide signs, so bounds are coarse: a bound that is no exact number is left out or moved outwards to one that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from hesse.core.exact import exact_power
from hesse.errors import LimitError

_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `low` to `high`; None is no bound. `above` and `below` say that the bound itself is left out."""

    low: Fraction | None = None
    high: Fraction | None = None
    above: bool = False
    below: bool = False

    @property
    def positive(self) -> bool:
        """Whether all numbers are above 0."""
        return self.low is not None and (self.low > 0 or (self.low == 0 and self.above))

    @property
    def nonnegative(self) -> bool:
        """Whether no number is below 0."""
        return self.low is not None and self.low >= 0

    @property
    def negative(self) -> bool:
        """Whether all numbers are below 0."""
        return (-self).positive

    @property
    def nonpositive(self) -> bool:
        """Whether no number is above 0."""
        return (-self).nonnegative

    def __neg__(self) -> Range:
        return Range(
            None if self.high is None else -self.high, None if self.low is None else -self.low, self.below, self.above
        )

    def __add__(self, other: Range) -> Range:
        low = None if self.low is None or other.low is None else self.low + other.low
        high = None if self.high is None or other.high is None else self.high + other.high
        return Range(low, high, self.above or other.above, self.below or other.below)

    def __mul__(self, other: Range) -> Range:
        corners = [_corner(a, b) for a in _ends(self) for b in _ends(other)]
        return _spanned(corners)

    def hull(self, other: Range) -> Range:
        """The least range that contains both."""
        return _spanned([*_ends(self), *_ends(other)])

    def magnitude(self) -> Range:
        """The absolute values."""
        if self.nonnegative:
            return self
        if self.nonpositive:
            return -self
        both = self.hull(-self)
        return Range(_ZERO, both.high, False, both.below)

    def power(self, exponent: Fraction) -> Range:
        """The powers, of those numbers that have one."""
        if exponent.denominator != 1:
            base = self if self.nonnegative else Range(_ZERO, self.high, False, self.below)
        elif exponent % 2 == 0:
            base = self.magnitude()
        elif self.nonnegative:
            base = self
        elif self.nonpositive:
            return -(-self).power(exponent)
        elif exponent > 0:
            return Range(_raised(self.low, exponent), _raised(self.high, exponent), self.above, self.below)
        else:
            return ANY
        raised = Range(
            _raised(base.low, abs(exponent)) or _ZERO,
            _raised(base.high, abs(exponent)),
            base.above and _raised(base.low, abs(exponent)) is not None,
            base.below,
        )
        return raised if exponent > 0 else raised._inverted()

    def _inverted(self) -> Range:
        """The inverses of positive numbers; zero, which has none, is left out."""
        low = _ZERO if self.high is None or self.high == 0 else 1 / self.high
        high = None if not self.low else 1 / self.low
        return Range(low, high, self.below or low == 0, self.above)


End = tuple[int, Fraction, bool]
"""A bound as (-1, 0 or 1 for minus infinity, finite, infinity; the number; whether it is taken)."""


def _ends(values: Range) -> list[End]:
    low: End = (-1, _ZERO, False) if values.low is None else (0, values.low, not values.above)
    high: End = (1, _ZERO, False) if values.high is None else (0, values.high, not values.below)
    return [low, high]


def _corner(a: End, b: End) -> End:
    """The product of two bounds; zero times no bound is zero, since values are finite."""
    zeros = [taken for infinite, number, taken in (a, b) if not infinite and number == 0]
    if zeros:
        return (0, _ZERO, any(zeros))
    if a[0] or b[0]:
        sign = (a[0] or (1 if a[1] > 0 else -1)) * (b[0] or (1 if b[1] > 0 else -1))
        return (sign, _ZERO, False)
    return (0, a[1] * b[1], a[2] and b[2])


def _spanned(ends: list[End]) -> Range:
    least = min(end[:2] for end in ends)
    most = max(end[:2] for end in ends)
    above = not any(end[2] for end in ends if end[:2] == least)
    below = not any(end[2] for end in ends if end[:2] == most)
    low = None if least[0] else least[1]
    high = None if most[0] else most[1]
    return Range(low, high, low is not None and above, high is not None and below)


def _raised(bound: Fraction | None, exponent: Fraction) -> Fraction | None:
    try:
        return None if bound is None else exact_power(bound, exponent)
    except LimitError:
        return None


ANY = Range()
POSITIVE = Range(_ZERO, None, True)
NONNEGATIVE = Range(_ZERO)
UNIT = Range(_ZERO, _ONE)
PROBABILITY = Range(_ZERO, _ONE, above=True)
JUST_ZERO = Range(_ZERO, _ZERO)
JUST_ONE = Range(_ONE, _ONE)


def between(low: int | None, high: int | None, *, open_ends: bool = False) -> Callable[..., Range]:
    """The bounds of a function whose values lie between two numbers, whatever its arguments."""
    values = Range(_fraction(low), _fraction(high), open_ends and low is not None, open_ends and high is not None)
    return lambda *arguments: values


def crossing(low: int | None, high: int | None, at_zero: Fraction | int = 0) -> Callable[[Range], Range]:
    """The bounds of a function with values strictly between two numbers that is above its value at 0 for positive
    arguments and below it for negative ones.
    """
    values = Range(_fraction(low), _fraction(high), low is not None, high is not None)
    middle = Fraction(at_zero)

    def bounds(argument: Range) -> Range:
        if argument.nonnegative:
            return Range(middle, values.high, argument.positive, values.below)
        if argument.nonpositive:
            return Range(values.low, middle, values.above, argument.negative)
        return values

    return bounds


def largest(*arguments: Range) -> Range:
    """The bounds of the largest of several numbers."""
    return -smallest(*(-each for each in arguments))


def smallest(*arguments: Range) -> Range:
    """The bounds of the smallest of several numbers."""
    lows = [each for each in arguments if each.low is not None]
    highs = [each for each in arguments if each.high is not None]
    low = min(((each.low or _ZERO), each.above) for each in lows) if len(lows) == len(arguments) else (None, False)
    high = min(((each.high or _ZERO), not each.below) for each in highs) if highs else (None, True)
    return Range(low[0], high[0], low[1], not high[1])


def total(ranges: Iterable[Range]) -> Range:
    """The bounds of a sum."""
    result = Range(_ZERO, _ZERO)
    for each in ranges:
        result = result + each
    return result


def _fraction(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value)
