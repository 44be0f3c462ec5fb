"""The range of a running index as mathematicians write it: from 1, with both ends included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hesse.core.running import Access, admissible, running, symbols
from hesse.core.sizes import Size
from hesse.core.syntax import Index, Name, Running, Slice, Syntax, free_names, postorder
from hesse.errors import HesseError
from hesse.render.positions import Range, polynomial

SIGNS: Mapping[str, str] = {"sum": "∑", "prod": "∏"}


def written_range(tree: Running, shapes: Mapping[str, Sequence[Size]], sizes: frozenset[str]) -> Range | None:
    """The first and the last value of the index, counted from 1; None where they do not follow from declared sizes."""
    try:
        ends = [None if end is None else _size(end, sizes) for end in (tree.start, tree.stop)]
        accesses = [] if None not in ends else _accesses(tree, shapes)
        found = admissible(tree.index, accesses, *ends) if accesses or None not in ends else None
    except (HesseError, KeyError):
        return None
    return None if found is None else Range(found.start + 1, found.stop, None)


def _size(tree: Syntax, sizes: frozenset[str]) -> Size:
    size = polynomial(tree)
    if size is None or not size.names <= sizes:
        raise KeyError
    return size


def _accesses(tree: Running, shapes: Mapping[str, Sequence[Size]]) -> list[Access]:
    """The positions that depend on the index. Raises KeyError where the size of an axis is not declared."""
    found: list[Access] = []
    for part in postorder(tree.body):
        if isinstance(part, Index):
            for axis, item in enumerate(part.items):
                if not isinstance(item, Slice) and tree.index in free_names(item):
                    found.append(_access(tree.index, item, part.operand, axis, shapes))
    return found


def _access(index: str, item: Syntax, operand: Syntax, axis: int, shapes: Mapping[str, Sequence[Size]]) -> Access:
    position = polynomial(item)
    if position is None or not isinstance(operand, Name) or axis >= len(shapes[operand.name]):
        raise KeyError
    position = position.substitute({index: running(index)})
    if not symbols(position):
        raise KeyError
    return Access.of(position, shapes[operand.name][axis], None)
