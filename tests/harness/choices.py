"""Where random decisions come from: a seeded generator for campaigns, or hypothesis, which can shrink them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Choices(Protocol):
    """A source of decisions."""

    def pick(self, items: Sequence[T]) -> T:
        """One of the items; the first is the simplest."""
        ...

    def integer(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        ...


class Seeded:
    """Decisions of a generator with a seed: the same ones in every process."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return self._random.choice(items)

    def integer(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return self._random.randint(low, high)


class Drawn:
    """Decisions drawn by hypothesis."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def pick(self, items: Sequence[T]) -> T:
        """One of the items; shrinks to the first."""
        return self._draw(st.sampled_from(items))

    def integer(self, low: int, high: int) -> int:
        """An integer from low to high, both included; shrinks to low."""
        return self._draw(st.integers(low, high))
