"""Axes of size one as NumPy writes them, `x[:, None]` and `keepdims=True`: written as outer products and stacks."""

from __future__ import annotations

from collections.abc import Sequence

from hesse.core.syntax import Call, Index, Name, Negative, Num, Slice, Stack, Syntax, Text, call, number
from hesse.errors import ParseError, Span

NEW_AXIS = "None"
_LETTERS = "abcdefgh"


def is_new_axis(item: Syntax | Slice) -> bool:
    """Whether the item of an index is `None`."""
    return isinstance(item, Name) and item.name == NEW_AXIS


def indexed(operand: Syntax, items: tuple[Syntax | Slice, ...], span: Span) -> Syntax:
    """operand[items], where at most one item is a new axis."""
    places = [place for place, item in enumerate(items) if is_new_axis(item)]
    if not places:
        return Index(operand, items, span)
    if len(places) > 1 or not all(is_new_axis(item) or isinstance(item, Slice | Num | Negative) for item in items):
        hint = "write `x[:, None]` or `x[None, :]`, and take entries in an index of their own"
        raise ParseError("a new axis stands beside slices, one at a time", span=span, hint=hint)
    (place,) = places
    rest = items[:place] + items[place + 1 :]
    whole = all(isinstance(each, Slice) and each.start is each.stop is each.step is None for each in rest)
    kept = operand if whole else Index(operand, rest, span)
    before = _slices(items[:place])
    return _expanded(kept, before, _slices(items), span)


def _slices(items: Sequence[Syntax | Slice]) -> int:
    return sum(isinstance(item, Slice) for item in items)


def _expanded(tree: Syntax, place: int, rank: int, span: Span) -> Syntax:
    """The tree with an axis of size one at the place; of behind-standing axes all `rank` must be known."""
    ones = call("ones", number(1))
    if place == 0:
        return Stack((tree,), span)
    if rank == 1:
        return Call("outer", (tree, ones), None, span)
    letters = _LETTERS[:rank]
    return Call("einsum", (Text(f"{letters},z->{letters[:place]}z{letters[place:]}"), tree, ones), None, span)


def with_kept_axis(reduced: Syntax, axis: int | None, span: Span) -> Syntax:
    """A reduction whose axis stays, with size one. That of a matrix by its last axis is a column."""
    if axis == 0:
        return Stack((reduced,), span)
    if axis in (1, -1):
        return Call("outer", (reduced, call("ones", number(1))), None, span)
    hint = "write `mean(X, axis=1, keepdims=True)` or `mean(X, axis=0, keepdims=True)`"
    raise ParseError("`keepdims=True` is read for one axis of a matrix", span=span, hint=hint)
