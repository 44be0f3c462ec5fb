"""Where the values of pieces stand: positions of axes as integers, and vectors assembled from values at slots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from hesse.core.nodes import Affine, Axis, Cyclic, Fixed, Flat, Node, Table
from hesse.core.sizes import Size
from hesse.structured.base import kept
from hesse.structured.library import Array, Integers, np


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
    """A vector assembled from the values of pieces, each with its slots.

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

    def template(self, values: Sequence[Any], fixed: Sequence[bool]) -> Array | None:
        """The vector of those pieces that are fixed; None where there is nothing to start from."""
        if not any(fixed) and self.full and all(self.alone):
            return None
        start = np.zeros(self.count)
        for k, value in enumerate(values):
            if fixed[k]:
                self._place(start, k, value)
        return start

    def assemble(self, values: Sequence[Any], fixed: Sequence[bool], template: Array | None) -> Array:
        """The vector: the template and the values of the pieces that are not fixed."""
        if len(values) == 1 and not fixed[0] and self._is_whole:
            return kept(np.broadcast_to(values[0], (self.count,)))
        result = np.empty(self.count) if template is None else template.copy()
        for k, value in enumerate(values):
            if not fixed[k]:
                self._place(result, k, value)
        return result

    @property
    def _is_whole(self) -> bool:
        return self.slots[0] == slice(0, self.count, 1) if isinstance(self.slots[0], slice) else False

    def _place(self, vector: Array, k: int, value: Any) -> None:
        if self.alone[k]:
            vector[self.slots[k]] = value
        elif self.unique[k]:
            vector[self.slots[k]] += value
        else:
            np.add.at(vector, self.slots[k], value)


def stretched(value: Any, along: Sequence[int], extents: Sequence[int]) -> Any:
    """The values along some of the labels as one number, or for all labels as a flat array in C order."""
    if not along:
        return value
    array = np.asarray(value)
    if len(along) < len(extents):
        array = np.broadcast_to(array.reshape([size if k in along else 1 for k, size in enumerate(extents)]), extents)
    return array.reshape(-1)


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of an argument; of what is no array, that of nothing."""
    try:
        shape: tuple[int, ...] = np.shape(value)
    except ValueError:
        return (-1,)
    return shape


def copied(value: Any) -> Any:
    """The value as an array of its own."""
    try:
        return np.array(value)
    except ValueError:
        return value


def same(one: Any, other: Any) -> bool:
    """Whether two arrays have the same entries."""
    return bool(np.array_equal(one, other))
