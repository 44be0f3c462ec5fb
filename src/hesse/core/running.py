"""The range of a running index: the positions that depend on it, and the ends that they allow.

While a body is read, an index i is a size, so that `x[i+1]` is an entry at a fixed position. Size names stand for
integers of at least 1 and i begins at 0: the name inside the size, its symbol, stands for i + 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import assert_never

from hesse.core.indices import nonnegative
from hesse.core.nodes import Affine, Axis, Contract, Cyclic, Fixed, Flat, Node, SizeValue, Table
from hesse.core.sizes import ZERO, Floor, Size, equal
from hesse.core.traverse import axes_of, postorder
from hesse.errors import ParseError, ShapeError, Span

_MARK = "#"


def symbol(index: str) -> str:
    """The size name that stands for index + 1: no user can write it."""
    return _MARK + index


def running(index: str) -> Size:
    """The position that the index stands for, counted from 0."""
    return Size.of(symbol(index)) - 1


def symbols(size: Size) -> frozenset[str]:
    """The symbols of running indices in a size."""
    return frozenset(name for name in size.names if name.startswith(_MARK))


def symbols_in(root: Node) -> frozenset[str]:
    """The symbols of running indices that a node depends on."""
    return frozenset().union(*(own_symbols(node) for node in postorder(root)))


def own_symbols(node: Node) -> frozenset[str]:
    """The symbols of running indices in a node itself, parts aside."""
    match node:
        case SizeValue(size=size):
            return symbols(size)
        case Contract(extents=extents):
            return frozenset().union(*map(symbols, (*map(_position, axes_of(node)), *extents)))
        case _:
            return frozenset()


def _position(axis: Axis) -> Size:
    match axis:
        case Fixed(position=position):
            return position
        case Affine(offset=offset):
            return offset
        case Cyclic(shift=shift):
            return shift
        case int() | Table() | Flat():
            return ZERO
        case _:
            assert_never(axis)


def linear(position: Size, name: str) -> tuple[int, Size] | None:
    """stride and offset of a position that is stride * i + offset for the index i of the symbol; None for others."""
    counted = position.substitute({name: Size.of(name) + 1})
    offset = counted.substitute({name: ZERO})
    rest = counted - offset
    if len(rest.terms) != 1:
        return None
    ((monomial, stride),) = rest.terms
    return (stride, offset) if monomial == ((name, 1),) else None


@dataclass(frozen=True, slots=True)
class Access:
    """A position stride * i + offset on an axis, for the index of the symbol."""

    symbol: str
    stride: int
    offset: Size
    size: Size
    span: Span | None = None

    @staticmethod
    def of(position: Size, size: Size, span: Span | None) -> Access:
        """The access at a position that depends on an index. Raises ParseError where it is not linear in just one."""
        (name, *others) = sorted(symbols(position))
        form = None if others else linear(position, name)
        if form is None:
            raise ParseError(
                "a position depends on one running index, as in x[i], x[i+1], x[n-1-i] or x[2*i]",
                span=span,
                hint="sums over i+j and i*j have no whole-array form here",
            )
        return Access(name, *form, size, span)

    @property
    def low(self) -> Size:
        """The first index at which the position is on the axis, if the index may be negative."""
        if self.stride > 0:
            return (self.offset * -1 + (self.stride - 1)) // self.stride
        return (self.offset - self.size - self.stride) // -self.stride

    @property
    def high(self) -> Size:
        """The first index behind the last one at which the position is on the axis."""
        if self.stride > 0:
            return (self.size - 1 - self.offset) // self.stride + 1
        return self.offset // -self.stride + 1

    def at(self, index: Size) -> Size:
        """The position for a value of the index."""
        return index * self.stride + self.offset


@dataclass(frozen=True, slots=True)
class Range:
    """start <= index < stop; where the `required` sizes are at least 1, it lies on all axes and is not empty."""

    start: Size
    stop: Size
    required: tuple[Size, ...] = ()

    @property
    def length(self) -> Size:
        """How many values the index takes."""
        return self.stop - self.start


def admissible(index: str, accesses: Sequence[Access], start: Size | None, stop: Size | None) -> Range:
    """The range of the index: the ends that are given, and for the others the furthest that all accesses allow.

    Raises ShapeError where axes of different lengths end at different values of the index, which needs an explicit
    end, and where a given end leaves an axis.
    """
    low = _start(index, accesses) if start is None else start
    high = _stop(index, accesses) if stop is None else stop
    required = [] if start is None else _from_zero(index, start)
    for access in accesses:
        ends = [low] * (start is not None) + [high - 1] * (stop is not None)
        for end in ends:
            required += _on_axis(index, access, end)
    length = high - low
    if nonnegative(length) is False or equal(length, ZERO):
        raise ShapeError(f"the range of `{index}` is empty: {low} <= {index} < {high}")
    required.append(length)
    return Range(low, high, tuple(size for size in required if not _positive(size)))


def _positive(size: Size) -> bool:
    """Whether the size is at least 1 for certain; (n+1)//2 is."""
    match size.terms:
        case (((((Floor() as floor), 1),), 1),):
            return nonnegative(floor.numerator - floor.divisor) is True
        case _:
            return size.sign() == 1


def _from_zero(index: str, start: Size) -> list[Size]:
    """What must be at least 1 for the start to be a position counted from 0."""
    if start != ZERO and nonnegative(start * -1):
        raise ShapeError(f"`{index}` starts at {start}: positions are counted from 0")
    return [start + 1]


def _on_axis(index: str, access: Access, end: Size) -> list[Size]:
    """What must be at least 1 for the position at an end of the range to be on the axis."""
    position = access.at(end)
    inside = (nonnegative(position), nonnegative(access.size - 1 - position))
    if False in inside:
        raise ShapeError(
            f"at {index} = {end} the position {position} is outside an axis of size {access.size}", span=access.span
        )
    return [position + 1, access.size - position]


def _start(index: str, accesses: Sequence[Access]) -> Size:
    start = ZERO
    for access in accesses:
        start = _chosen(index, start, access.low, access, lambda a, b: nonnegative(a - b))
    return start


def _stop(index: str, accesses: Sequence[Access]) -> Size:
    """The common end: of each length of axis the first one reached, which must be the same for all lengths."""
    stops: dict[Size, tuple[Size, Access]] = {}
    for access in accesses:
        if access.stride < 0 and access.offset.sign() in (0, -1) and access.size.as_int() != 1:
            hint = f"write `{access.size}-1-{index}`, say"
            message = "a position at a running index is counted from the front"
            raise ParseError(message, span=access.span, hint=hint)
        known = stops.get(access.size)
        stop = access.high
        if known is not None:
            stop = _chosen(index, known[0], stop, access, lambda a, b: nonnegative(b - a))
        stops[access.size] = (stop, access)
    if not stops:
        raise ParseError(
            f"the range of `{index}` cannot be seen: no position depends on it",
            hint=f"give the range, as in `sum({index}=0:n, ...)`",
        )
    (stop, first), *others = stops.values()
    for other, access in others:
        if not equal(stop, other):
            sizes = f"{first.size} and {access.size}"
            message = f"the range of `{index}` is not clear: it runs over axes of the sizes {sizes}"
            ends = "" if (stop, other) == (first.size, access.size) else f", to {stop} and to {other}"
            hint = f"give the range, as in `sum({index}=0:{stop}, ...)`" if "?" not in str(stop) else ""
            raise ShapeError(message + ends, span=access.span, hint=hint).between(stop, other)
    return stop


def _chosen(index: str, left: Size, right: Size, access: Access, prefers: Callable[[Size, Size], bool | None]) -> Size:
    answer = prefers(left, right)
    if answer is None:
        raise ShapeError(
            f"the range of `{index}` is not clear: one end is at {left} and at {right}",
            span=access.span,
            hint=f"give the range, as in `sum({index}=0:n, ...)`",
        ).between(left, right)
    return left if answer else right
