"""A plain dense tensor: a shape and a flat list in C order, of any kind of entry.

For the reference evaluator, for tables of components and for interval evaluation: obvious rather than fast.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from hesse.core.deadline import paced

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Tensor(Generic[T]):
    """Entries in C order with a shape of integers; rank 0 has one entry."""

    shape: tuple[int, ...]
    entries: list[T]

    @staticmethod
    def scalar(value: U) -> Tensor[U]:
        """The tensor of rank 0."""
        return Tensor((), [value])

    @staticmethod
    def build(shape: tuple[int, ...], entry: Callable[[tuple[int, ...]], U]) -> Tensor[U]:
        """The tensor whose entry at each position is `entry(position)`."""
        return Tensor(shape, [entry(position) for position in paced(positions(shape))])

    @staticmethod
    def from_nested(value: Any) -> Tensor[Any]:
        """The tensor of a nested list (or tuple); every level must have one length."""
        if not isinstance(value, (list, tuple)):
            return Tensor((), [value])
        parts = [Tensor.from_nested(item) for item in value]
        inner = parts[0].shape if parts else ()
        if any(part.shape != inner for part in parts):
            raise ValueError("rows of different lengths")
        return Tensor((len(parts), *inner), [entry for part in parts for entry in part.entries])

    def __getitem__(self, position: tuple[int, ...]) -> T:
        offset = 0
        for axis, index in enumerate(position):
            offset = offset * self.shape[axis] + index
        return self.entries[offset]

    @property
    def item(self) -> T:
        """The only entry."""
        (value,) = self.entries
        return value

    def map(self, function: Callable[[T], U]) -> Tensor[U]:
        """The tensor of `function` of each entry."""
        return Tensor(self.shape, [function(entry) for entry in self.entries])

    def broadcast(self, shape: tuple[int, ...]) -> Tensor[T]:
        """The tensor stretched to `shape` by NumPy's rules; raises ValueError when they do not allow it."""
        if self.shape == shape:
            return self
        lead = len(shape) - len(self.shape)
        if lead < 0 or any(a not in (1, b) for a, b in zip(self.shape, shape[lead:], strict=True)):
            raise ValueError(f"cannot broadcast {self.shape} to {shape}")
        own = [0 if size == 1 else stride for size, stride in zip(self.shape, strides(self.shape), strict=True)]
        return self.strided(shape, (*(0,) * lead, *own))

    def transpose(self, axes: Sequence[int]) -> Tensor[T]:
        """The tensor with axis k of the result being axis `axes[k]` of this one."""
        own = strides(self.shape)
        return self.strided(tuple(self.shape[axis] for axis in axes), tuple(own[axis] for axis in axes))

    def strided(self, shape: tuple[int, ...], steps: tuple[int, ...]) -> Tensor[T]:
        """The tensor of this shape in which a step along axis k goes `steps[k]` entries further."""
        entries = self.entries
        if math.prod(shape) > _KEPT:
            return Tensor(shape, _walked(entries, 0, shape, steps))
        return Tensor(shape, [entries[offset] for offset in offsets(shape, steps)])

    def nested(self) -> Any:
        """The nested list of entries; the entry itself for rank 0."""
        if not self.shape:
            return self.item
        if len(self.shape) == 1:
            return list(self.entries)
        step = math.prod(self.shape[1:])
        return [Tensor(self.shape[1:], self.entries[k * step : (k + 1) * step]).nested() for k in range(self.shape[0])]


def strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """How many entries a step along each axis is, in C order."""
    steps: list[int] = []
    step = 1
    for size in reversed(shape):
        steps.append(step)
        step *= size
    return tuple(reversed(steps))


def offsets(shape: tuple[int, ...], steps: tuple[int, ...]) -> Sequence[int]:
    """The place among the entries for each position in C order, when a step along axis k goes `steps[k]` further."""
    return _kept_offsets(shape, steps) if math.prod(shape) <= _KEPT else _offsets(shape, steps)


def _walked(entries: list[T], start: int, shape: tuple[int, ...], steps: tuple[int, ...]) -> list[T]:
    """The entries at all positions in C order, from the entry at `start`; what repeats is walked once."""
    if not shape:
        return [entries[start]]
    size, step = shape[0], steps[0]
    if step == 0:
        return _walked(entries, start, shape[1:], steps[1:]) * size
    if len(shape) == 1:
        return entries[start : start + size * step : step]
    found: list[T] = []
    for k in range(size):
        found += _walked(entries, start + k * step, shape[1:], steps[1:])
    return found


def _offsets(shape: tuple[int, ...], steps: tuple[int, ...]) -> list[int]:
    places = [0]
    for size, step in zip(shape, steps, strict=True):
        along = [step * k for k in range(size)]
        places = [place + more for place in places for more in along]
    return places


_KEPT = 1024
_kept_offsets = lru_cache(maxsize=1024)(_offsets)


def positions(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """All positions in C order."""
    return itertools.product(*(range(size) for size in shape))


def broadcast_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The common shape by NumPy's rules; raises ValueError when there is none."""
    rank = max(map(len, shapes), default=0)
    result = [1] * rank
    for shape in shapes:
        for axis, size in enumerate(shape, start=rank - len(shape)):
            if result[axis] == 1:
                result[axis] = size
            elif size not in (1, result[axis]):
                raise ValueError(f"cannot broadcast the shapes {shapes}")
    return tuple(result)


def apply(function: Callable[..., U], *arguments: Tensor[Any]) -> Tensor[U]:
    """The elementwise value of `function` on arguments broadcast against each other."""
    shape = broadcast_shape(*(argument.shape for argument in arguments))
    columns = [argument.broadcast(shape).entries for argument in arguments]
    return Tensor(shape, [function(*row) for row in zip(*columns, strict=True)])
