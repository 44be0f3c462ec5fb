"""Where the values of pieces stand: positions of axes as integers, and vectors assembled from values at slots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import Any, Generic, TypeVar

from hesse.core.nodes import Affine, Axis, Cyclic, Fixed, Flat, Node, Table
from hesse.core.sizes import Size
from hesse.errors import ShapeError
from hesse.structured.library import Array, Integers, np

T = TypeVar("T")
_FEW_RUNS = 8
"""Up to so many stretches of equal numbers are added one by one."""


def positions(
    axes: Sequence[Axis],
    shape: Sequence[int],
    extents: Sequence[int],
    size: Callable[[Size], int],
    table: Callable[[Node], Any],
) -> Integers:
    """The places in a flattened array of the shape that the axes give, for all labels in C order."""
    total = np.zeros(tuple(extents), np.int64)
    for axis, length, step in zip(axes, shape, _steps(shape), strict=True):
        total += step * _position(axis, length, extents, size, table)
    return total.reshape(-1)


def _steps(shape: Sequence[int]) -> list[int]:
    return [prod(shape[k + 1 :]) for k in range(len(shape))]


def _position(
    axis: Axis, length: int, extents: Sequence[int], size: Callable[[Size], int], table: Callable[[Node], Any]
) -> Any:
    def running(label: int) -> Integers:
        return np.arange(extents[label]).reshape([-1 if k == label else 1 for k in range(len(extents))])

    match axis:
        case int():
            return running(axis)
        case Fixed(position=position):
            return size(position)
        case Affine(label=label, stride=stride, offset=offset):
            return stride * running(label) + size(offset)
        case Cyclic(label=label, shift=shift):
            return (running(label) + size(shift)) % max(1, length)
        case Table(label=label, entries=entries):
            return np.asarray(table(entries)).astype(np.int64)[running(label)]
        case Flat(labels=labels):
            place: Any = 0
            for label in labels:
                place = place * extents[label] + running(label)
            return place


def spaced(slots: Integers) -> Any:
    """Evenly spaced slots as a slice, which is faster to write to."""
    step = int(slots[1] - slots[0]) if len(slots) > 1 else 1
    if len(slots) and step > 0 and (np.diff(slots) == step).all():
        return slice(int(slots[0]), int(slots[-1]) + 1, step)
    return slots


@dataclass(frozen=True)
class Slots:
    """Where the values of pieces stand in a vector, for each piece.

    `unique[k]` says that no two values of piece k share a slot, `alone[k]` that no other piece does either.
    """

    count: int
    slots: tuple[Any, ...]
    unique: tuple[bool, ...]
    alone: tuple[bool, ...]
    full: bool

    @staticmethod
    def of(count: int, slots: Sequence[Integers]) -> Slots:
        """The places of pieces in a vector of that length."""
        covers = [np.bincount(each, minlength=count) for each in slots]
        total = sum(covers, np.zeros(count, np.intp))
        unique = tuple(bool((cover <= 1).all()) for cover in covers)
        alone = tuple(bool((total[each] == 1).all()) for each in slots)
        return Slots(count, tuple(map(spaced, slots)), unique, alone, bool((total > 0).all()))

    def filled(self, fixed: Mapping[int, Any]) -> Filling:
        """What assembles the vector, once the values of some of the pieces are known."""
        template = None
        if fixed or not self.slots or not (self.full and all(self.alone)):
            template = np.zeros(self.count)
            for k, value in fixed.items():
                self.place(template, k, value)
        return Filling(self, template, tuple(k for k in range(len(self.slots)) if k not in fixed))

    def list(self, k: int) -> Integers:
        """The slots of a piece, one by one."""
        found = self.slots[k]
        return np.arange(found.start, found.stop, found.step) if isinstance(found, slice) else found

    def listed(self, groups: Sequence[Sequence[int]]) -> Integers:
        """The slots of several pieces, those of a group side by side. Without a sign: none counts from the end."""
        kind = np.uint32 if self.count < 2**32 else np.uint64
        parts = [np.stack([self.list(k) for k in group], axis=1).reshape(-1) for group in groups]
        return np.concatenate(parts).astype(kind)

    def place(self, vector: Array, k: int, value: Any) -> None:
        """Add the values of a piece to the vector; where it stands alone, write them."""
        if self.alone[k]:
            vector[self.slots[k]] = value
        elif self.unique[k]:
            vector[self.slots[k]] += value
        else:
            np.add.at(vector, self.slots[k], value)


@dataclass(frozen=True)
class Filling:
    """Begins a vector: with a template that holds what does not change, for the values of the pieces that do."""

    slots: Slots
    template: Array | None
    pieces: tuple[int, ...]

    def __call__(self, values: Sequence[Any]) -> Array:
        """The vector, for the values of the pieces that change."""
        if self.whole:
            return values[0] if np.ndim(values[0]) else np.full(self.slots.count, values[0])
        if not self.pieces:
            return self.template
        result = self.begun()
        self._place(result, values, self.pieces)
        return result

    def into(self, vector: Array, values: Sequence[Any], *, again: bool) -> None:
        """Fill a vector that is there; `again` when it has been filled by this before, and by nothing else."""
        self.begin(vector, again=again)
        self._place(vector, values, self.pieces)

    def window(self, k: int) -> slice | None:
        """The places of a piece, where they are consecutive."""
        found = self.slots.slots[k]
        return found if isinstance(found, slice) and found.step == 1 else None

    def around(self, k: int) -> Callable[[Array, Sequence[Any]], None]:
        """What completes a vector in which the values of a piece stand in their window: of those of the others."""
        window, others = self.window(k), [piece for piece in self.pieces if piece != k]
        assert window is not None
        added: list[tuple[Any, Any]] = []
        written: list[tuple[Any, Any]] = []
        if self.template is not None:
            added = _runs(self.template[window], window.start)
            edges = [(0, window.start), (window.stop, self.slots.count)]
            written = [(edge, self.template[edge]) for edge in (_stretch(*pair) for pair in edges if pair[0] < pair[1])]

        def complete(vector: Array, values: Sequence[Any]) -> None:
            for part, value in added:
                vector[part] += value
            for part, value in written:
                vector[part] = value
            if others:
                self._place(vector, values, others)

        return complete

    def begun(self) -> Array:
        """A new vector to place pieces in."""
        return blank(self.slots.count) if self.template is None else self.template.copy()

    def begin(self, vector: Array, *, again: bool) -> None:
        """Begin a vector that is there, with what does not change, and zeros where values are added."""
        self.require(vector)
        if self.template is None:
            return
        if again and 4 * len(self._shared) < self.slots.count:
            vector[self._shared] = self.template[self._shared]
        else:
            vector[...] = self.template

    def require(self, vector: Array) -> None:
        """Raise ShapeError where the vector has another length."""
        if vector.shape != (self.slots.count,):
            raise ShapeError(f"the buffer has shape {vector.shape}, and there are {self.slots.count} entries")

    @cached_property
    def _shared(self) -> Integers:
        """Where values are added and not written."""
        added = [self.slots.list(k) for k in self.pieces if not self.slots.alone[k]]
        return np.unique(np.concatenate([np.zeros(0, np.intp), *added]))

    def _place(self, vector: Array, values: Sequence[Any], pieces: Sequence[int]) -> None:
        for k, value in zip(pieces, values, strict=True):
            self.slots.place(vector, k, value)

    @cached_property
    def whole(self) -> bool:
        """Whether a single piece is the vector."""
        first = self.slots.slots[0] if len(self.slots.slots) == 1 else None
        return self.template is None and isinstance(first, slice) and first == slice(0, self.slots.count, 1)


def _runs(values: Array, start: int) -> list[tuple[Any, Any]]:
    """What has to be added to a vector from `start` on: numbers over stretches, where few do, else an array."""
    ends = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    if len(ends) > _FEW_RUNS:
        return [(slice(start, start + len(values)), values)]
    return [(_stretch(start + a, start + b), float(values[a])) for a, b in pairwise(ends) if a < b and values[a]]


def _stretch(start: int, stop: int) -> Any:
    """The positions from start to stop; a single one as a number, which is faster."""
    return start if stop == start + 1 else slice(start, stop)


def blank(count: int) -> Array:
    """A vector in which every entry is still to be written."""
    return np.empty(count)


def stretch(along: Sequence[int], extents: Sequence[int]) -> Callable[[Any], Any]:
    """What makes of values along some of the labels a flat array for all labels in C order; one number stays one."""
    if not along or len(along) == len(extents) == 1:
        return lambda value: value
    if len(along) == len(extents):
        return lambda value: value.reshape(-1)
    lengths = [size if k in along else 1 for k, size in enumerate(extents)]
    return lambda value: np.broadcast_to(value.reshape(lengths), extents).reshape(-1)


class Remembered(Generic[T]):
    """What a function made of arrays, made again only where their entries have changed."""

    def __init__(self, make: Callable[[Sequence[Any]], T]) -> None:
        self._make = make
        self._known: tuple[Sequence[Any], T] | None = None

    def __call__(self, arrays: Sequence[Any]) -> T:
        known = self._known
        if known is not None and all(np.array_equal(one, two) for one, two in zip(known[0], arrays, strict=True)):
            return known[1]
        found = self._make(arrays)
        self._known = ([np.array(each) for each in arrays], found)
        return found


def address(array: Array) -> int:
    """Where the memory begins that an array is a part of."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return int(array.ctypes.data)
