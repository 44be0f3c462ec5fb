"""A plain dense tensor: a shape and a flat list in C order, of any kind of entry.

For the reference evaluator, for tables of components and for interval evaluation: obvious rather than fast.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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
        return Tensor(shape, [entry(position) for position in positions(shape)])

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
        return Tensor.build(
            shape,
            lambda position: self[
                tuple(0 if size == 1 else i for size, i in zip(self.shape, position[lead:], strict=True))
            ],
        )

    def transpose(self, axes: Sequence[int]) -> Tensor[T]:
        """The tensor with axis k of the result being axis `axes[k]` of this one."""
        shape = tuple(self.shape[axis] for axis in axes)
        place = [list(axes).index(axis) for axis in range(len(axes))]
        return Tensor.build(shape, lambda position: self[tuple(position[p] for p in place)])

    def nested(self) -> Any:
        """The nested list of entries; the entry itself for rank 0."""
        if not self.shape:
            return self.item
        if len(self.shape) == 1:
            return list(self.entries)
        step = math.prod(self.shape[1:])
        return [Tensor(self.shape[1:], self.entries[k * step : (k + 1) * step]).nested() for k in range(self.shape[0])]


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
