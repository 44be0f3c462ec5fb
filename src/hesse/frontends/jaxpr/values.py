"""What stands for the values of a jaxpr: real arrays as trees, integers as affine functions of positions, and what
is known or cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product as positions
from typing import TypeAlias

from hesse.core.indices import nonnegative
from hesse.core.nodes import Shape
from hesse.core.sizes import ONE, ZERO, Size
from hesse.core.syntax import Num, Syntax, number
from hesse.errors import HesseError


@dataclass(frozen=True, slots=True)
class Real:
    """An array of real numbers or truth values: a tree whose shape NumPy would broadcast to `shape`."""

    tree: Syntax
    shape: Shape


@dataclass(frozen=True, slots=True)
class Integers:
    """The array offset + sum of stride * position; without axes a size, or an integer."""

    shape: Shape
    offset: Size
    strides: tuple[Size, ...]

    @staticmethod
    def scalar(size: Size) -> Integers:
        """A single integer."""
        return Integers((), size, ())

    @property
    def constant(self) -> bool:
        """Whether all entries are equal."""
        return all(stride == ZERO for stride in self.strides)

    def combined(self, other: Integers, sign: int, shape: Shape) -> Integers:
        """self + sign * other, for equal shapes or scalars."""
        left, right = self.stretched(shape), other.stretched(shape)
        strides = tuple(a + b * sign for a, b in zip(left.strides, right.strides, strict=True))
        return Integers(shape, left.offset + right.offset * sign, strides)

    def scaled(self, factor: Size) -> Integers:
        """All entries times a size."""
        return Integers(self.shape, self.offset * factor, tuple(stride * factor for stride in self.strides))

    def stretched(self, shape: Shape) -> Integers:
        """The array broadcast to a shape with as many axes, or from a scalar."""
        strides = self.strides or (ZERO,) * len(shape)
        kept = tuple(ZERO if own == ONE else stride for stride, own in zip(strides, self.shape or shape, strict=True))
        return Integers(shape, self.offset, kept)

    def bounds(self) -> tuple[Size, Size] | None:
        """The smallest and the largest entry, where the signs of the strides are known."""
        low = high = self.offset
        for stride, size in zip(self.strides, self.shape, strict=True):
            reach = stride * (size - ONE)
            if nonnegative(stride):
                high = high + reach
            elif nonnegative(stride * -1):
                low = low + reach
            else:
                return None
        return low, high

    def entries(self, limit: int) -> list[int] | None:
        """The entries in C order, where all sizes are integers and there are not too many."""
        sizes = [size.as_int() for size in self.shape]
        strides, offset = [stride.as_int() for stride in self.strides], self.offset.as_int()
        if offset is None or None in sizes or None in strides:
            return None
        known = [size or 0 for size in sizes]
        count = 1
        for size in known:
            count *= size
        if count > limit:
            return None
        where = positions(*(range(size) for size in known))
        return [offset + sum((s or 0) * k for s, k in zip(strides, place, strict=True)) for place in where]


@dataclass(frozen=True, slots=True)
class Known:
    """A truth that does not depend on values, for all entries."""

    truth: bool
    shape: Shape


@dataclass(frozen=True, slots=True)
class NonFinite:
    """inf, -inf or nan in every entry."""

    value: float
    shape: Shape


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What cannot be read, with the error to raise if it is needed."""

    error: HesseError
    shape: Shape


Value: TypeAlias = Real | Integers | Known | NonFinite | Unreadable


def as_integers(value: Value) -> Integers | None:
    """The value as integers: also the number 2.0 beside a size."""
    if isinstance(value, Integers):
        return value
    if isinstance(value, Real) and isinstance(value.tree, Num) and value.tree.value.denominator == 1:
        return Integers(value.shape, Size.of(int(value.tree.value)), (ZERO,) * len(value.shape))
    return None


def decided(relation: str, difference: Integers) -> bool | None:
    """Whether `left - right` satisfies the relation in every entry, in none, or in some (None)."""
    bounds = difference.bounds()
    if bounds is None:
        return None
    low, high = bounds
    tests: dict[str, Callable[[], tuple[bool | None, bool | None]]] = {
        "ge": lambda: (nonnegative(low), nonnegative(high * -1 - ONE)),
        "gt": lambda: (nonnegative(low - ONE), nonnegative(high * -1)),
        "le": lambda: (nonnegative(high * -1), nonnegative(low - ONE)),
        "lt": lambda: (nonnegative(high * -1 - ONE), nonnegative(low)),
        "eq": lambda: (low == high == ZERO, nonnegative(low - ONE) or nonnegative(high * -1 - ONE)),
        "ne": lambda: (nonnegative(low - ONE) or nonnegative(high * -1 - ONE), low == high == ZERO),
    }
    always, never = tests[relation]()
    return True if always else False if never else None


ZERO_TREE = number(0)


def is_zero(value: Value) -> bool:
    """Whether the value is zero in every entry for certain."""
    if isinstance(value, Real):
        return isinstance(value.tree, Num) and value.tree.value == 0
    return isinstance(value, Integers) and value.constant and value.offset == ZERO
