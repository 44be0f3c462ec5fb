"""Indices as mathematicians count: from 1, with both ends of a range included.

Numbers and sizes are converted: x[0] is x₁, x[n-1] is xₙ, x[1:n] is x_{2:n}. A name that is not a size stands for a
position, whichever way positions are counted: x[i] is xᵢ and x[i+1] is xᵢ₊₁.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hesse.core.size_trees import combined
from hesse.core.sizes import Size
from hesse.core.syntax import Index, Slice, Syntax, children, postorder
from hesse.errors import ArgumentError

END = Size.of("end")
_ONE = Size.of(1)


@dataclass(frozen=True, slots=True)
class Range:
    """start, start + step, ... up to stop, which is included; None for the step 1."""

    start: Size
    stop: Size
    step: Size | None


@dataclass(frozen=True, slots=True)
class Counting:
    """How positions along one axis are counted: its length where that is known, and the names of sizes."""

    length: Size
    sizes: frozenset[str]

    def item(self, item: Syntax | Slice) -> Size | Range | Syntax | None:
        """The position or range; None for the whole axis; the item itself where it is no polynomial."""
        if not isinstance(item, Slice):
            position = self._position(item)
            return item if position is None else position
        if (item.start, item.stop, item.step) == (None, None, None):
            return None
        return self._range(item)

    def _position(self, tree: Syntax) -> Size | None:
        """The position counted from 1."""
        size = polynomial(tree)
        if size is None:
            return None
        if size.sign() == -1 and size.names <= self.sizes:
            return self.length + size + 1
        return size.substitute({name: Size.of(name) - 1 for name in size.names - self.sizes}) + 1

    def _range(self, item: Slice) -> Range:
        step = _ONE if item.step is None else polynomial(item.step)
        backwards = step is not None and step.sign() == -1
        start, stop = (self.length, _ONE) if backwards else (_ONE, self.length)
        if item.start is not None:
            start = self._bound(item.start)
        if item.stop is not None:
            # The position before the excluded one; backwards, the one after it.
            stop = self._bound(item.stop) + (1 if backwards else -1)
        return Range(start, stop, None if step == _ONE else step)

    def _bound(self, tree: Syntax) -> Size:
        bound = self._position(tree)
        if bound is None:
            raise ArgumentError("the bounds of a range are integers or sizes", hint="write x[1:n-1]")
        return bound


def polynomial(tree: Syntax) -> Size | None:
    """The tree as an integer polynomial, or None when it is something else."""
    values: dict[int, Size | None] = {}
    for subtree in postorder(tree):
        parts = [values[id(child)] for child in children(subtree)]
        known = tuple(part for part in parts if part is not None)
        values[id(subtree)] = combined(subtree, known) if len(known) == len(parts) else None
    return values[id(tree)]


def positions(
    index: Index, lengths: Sequence[Size], sizes: frozenset[str], rank: int
) -> Iterator[Size | Range | Syntax | None]:
    """The items of an index, one for each of the `rank` axes that are indexed; `lengths` may be unknown."""
    for axis in range(max(rank, len(index.items))):
        length = lengths[axis] if axis < len(lengths) else END
        yield Counting(length, sizes).item(index.items[axis]) if axis < len(index.items) else None
