"""Indexing as NumPy does it: positions, slices, new axes, an ellipsis, index arrays and lists of positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hesse.core.sizes import Size
from hesse.core.syntax import Index, Name, Slice, Syntax, number
from hesse.frontends.python.constants import is_array
from hesse.frontends.python.operations import expanded, stacked
from hesse.frontends.python.trace import Trace
from hesse.frontends.python.values import Value, integer_of, size_of_value
from hesse.notation.trees import size_tree

_WHOLE = Slice(None, None, None)
_ITEMS = "an index is an integer, a slice, None, `...`, a list of integers or a declared index array"


def indexed(trace: Trace, tree: Syntax, item: Any) -> Syntax:
    """The tree of `operand[item]`."""
    items = list(item) if isinstance(item, tuple) else [item]
    rank = trace.rank(tree)
    items = _without_ellipsis(trace, items, rank)
    chosen = [each for each in items if each is not None]
    if len(chosen) > rank:
        raise trace.refuse(f"{len(chosen)} indices for an array with {rank} axes")
    lists = {axis: positions for axis, each in enumerate(chosen) if (positions := _positions(trace, each)) is not None}
    if lists:
        if len(chosen) < len(items):
            raise trace.refuse("a list of positions and a new axis in one index", "take one after the other")
        return _gathered(trace, tree, chosen, lists)
    result = _basic(trace, tree, chosen)
    place = 0
    for each in items:
        if each is None:
            result = expanded(trace, result, place)
        place += each is None or not _is_position(each)
    return result


def _without_ellipsis(trace: Trace, items: list[Any], rank: int) -> list[Any]:
    places = [place for place, each in enumerate(items) if each is Ellipsis]
    if not places:
        return items
    if len(places) > 1:
        raise trace.refuse("an index has one ellipsis at most")
    missing = rank - sum(each is not None for each in items) + 1
    return [*items[: places[0]], *[slice(None)] * missing, *items[places[0] + 1 :]]


def _is_position(item: Any) -> bool:
    return size_of_value(item) is not None


def _basic(trace: Trace, tree: Syntax, items: Sequence[Any]) -> Syntax:
    """Positions, slices and one index array."""
    steps = [_down(trace, item, size) for item, size in zip(items, trace.shape(tree), strict=False)]
    forwards = [item if step is None else step for item, step in zip(items, steps, strict=True)]
    if any(not _is_whole(item) for item in forwards):
        tree = trace.add(Index(tree, tuple(_item(trace, item) for item in forwards)))
    kept = [step for step, item in zip(steps, forwards, strict=True) if not _is_position(item)]
    if any(step is not None for step in kept):
        turned = Slice(None, None, number(-1))
        tree = trace.add(Index(tree, tuple(_WHOLE if step is None else turned for step in kept)))
    return tree


def _is_whole(item: Any) -> bool:
    return isinstance(item, slice) and item.start is item.stop is item.step is None


def _item(trace: Trace, item: Any) -> Syntax | Slice:
    if isinstance(item, slice):
        parts = (item.start, item.stop, item.step)
        start, stop, step = (None if part is None else _bound(trace, part) for part in parts)
        return Slice(start, stop, step)
    if isinstance(item, Value) and item.axis_size is None:
        if isinstance(item.tree, Name) and trace.is_index(item.tree):
            return item.tree
        if trace.is_truth(item.tree):
            message = "a mask selects a number of entries that depends on values"
            raise trace.refuse(message, "write `np.where(mask, x, 0)`, or multiply with the mask")
        raise trace.refuse("an index that depends on values", "declare an index array: `idx:p:index(n)`")
    return _bound(trace, item)


def _bound(trace: Trace, part: Any) -> Syntax:
    size = size_of_value(part)
    if size is None:
        raise trace.refuse(f"{part!r} cannot be an index", _ITEMS)
    return size_tree(size)


def _down(trace: Trace, item: Any, size: Size) -> slice | None:
    """For a slice that runs down over an axis of known size, the slice of the same entries that runs up."""
    if not isinstance(item, slice) or item.step is None or size.as_int() is None:
        return None
    parts = [None if part is None else integer_of(part) for part in (item.start, item.stop, item.step)]
    step = parts[2]
    if step is None or step >= 0 or (parts[:2] == [None, None] and step == -1):
        return None
    entries = range(*slice(*parts).indices(size.as_int() or 0))
    if not entries:
        raise trace.refuse(f"the slice selects nothing of an axis of size {size}")
    return slice(entries[-1], entries[0] + 1, -step)


def _positions(trace: Trace, item: Any) -> list[int] | None:
    """The integers of a list of positions, or None when the item is none."""
    if is_array(item) and not isinstance(item, Value):
        if not item.shape:
            return None
        if item.dtype.kind not in "iu" or len(item.shape) != 1:
            raise trace.refuse("an array as an index is a vector of integers", _ITEMS)
        item = item.tolist()
    if not isinstance(item, list):
        return None
    integers = [integer_of(each) for each in item]
    if not integers or None in integers:
        raise trace.refuse(f"{item!r} cannot be an index", _ITEMS)
    return [each for each in integers if each is not None]


def _gathered(trace: Trace, tree: Syntax, items: Sequence[Any], lists: dict[int, list[int]]) -> Syntax:
    """The entries at lists of positions, stacked; several lists go together, entry by entry."""
    lengths = {len(positions) for positions in lists.values()}
    positions_too = any(_is_position(item) for axis, item in enumerate(items) if axis not in lists)
    first, last = min(lists), max(lists)
    if len(lengths) > 1 or (positions_too and trace.rank(tree) > 2) or last - first >= len(lists):
        raise trace.refuse("lists of positions of different lengths, or apart from each other, in one index")
    pieces = []
    for k in range(lengths.pop()):
        single = [lists[axis][k] if axis in lists else item for axis, item in enumerate(items)]
        pieces.append(_basic(trace, tree, single))
    place = sum(not _is_position(item) for item in items[:first])
    return stacked(trace, pieces, place)
