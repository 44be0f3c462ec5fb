"""Reading sizes and index items: positions, slices and index arrays, with Python's meaning of negative numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hesse.core.build import Item
from hesse.core.indices import nonnegative
from hesse.core.nodes import Node, Variable
from hesse.core.sizes import ZERO, Size, equal
from hesse.core.syntax import Binary, Name, Negative, Num, Slice, Syntax
from hesse.errors import ParseError, ShapeError


def size_of(tree: Syntax, names: frozenset[str]) -> Size:
    """The size that an expression of integers and size names is. Raises ParseError for anything else."""
    match tree:
        case Num(value=value) if value.denominator == 1:
            return Size.of(int(value))
        case Name(name=name) if name in names:
            return Size.of(name)
        case Negative(operand=operand):
            return size_of(operand, names) * -1
        case Binary(operator="+", left=left, right=right):
            return size_of(left, names) + size_of(right, names)
        case Binary(operator="-", left=left, right=right):
            return size_of(left, names) - size_of(right, names)
        case Binary(operator="*", left=left, right=right):
            return size_of(left, names) * size_of(right, names)
        case _:
            listed = ", ".join(sorted(names)) or "none is declared"
            raise ParseError(
                "a size is needed here: an integer or an expression of size names",
                span=tree.span,
                hint=f"the size names are {listed}",
            )


def index_items(
    items: Sequence[Syntax | Slice], shape: Sequence[Size], names: frozenset[str], nodes: Mapping[int, Node]
) -> list[Item]:
    """What each item selects of its axis."""
    if len(items) > len(shape):
        raise ShapeError(f"{len(items)} indices for an array with {len(shape)} axes")
    return [_item(item, size, names, nodes) for item, size in zip(items, shape, strict=False)]


def _item(item: Syntax | Slice, size: Size, names: frozenset[str], nodes: Mapping[int, Node]) -> Item:
    if isinstance(item, Slice):
        return _slice(item, size, names)
    if isinstance(item, Name) and item.name not in names:
        node = nodes[id(item)]
        if isinstance(node, Variable) and node.integer:
            return node
        raise ParseError(
            f"`{item.name}` is not an index array",
            span=item.span,
            hint=f"declare it as `{item.name}:p:index({size})`",
        )
    return _position(item, size, names)


def _position(item: Syntax, size: Size, names: frozenset[str]) -> Size:
    position = size_of(item, names)
    if position.sign() == -1:
        position = size + position
    inside = (nonnegative(position), nonnegative(size - 1 - position))
    if False in inside:
        raise ShapeError(f"the index {size_of(item, names)} is outside an axis of size {size}", span=item.span)
    return position


def _slice(item: Slice, size: Size, names: frozenset[str]) -> Item:
    step_size = Size.of(1) if item.step is None else size_of(item.step, names)
    step = step_size.as_int()
    if step is None or step == 0:
        raise ParseError("the step of a slice is an integer other than 0", span=item.span)
    if step < 0:
        if item.start is not None or item.stop is not None or step != -1:
            raise ParseError("of the slices with a negative step only [::-1] is read", span=item.span)
        return (size - 1, size, -1)
    start = _bound(item.start, ZERO, size, names)
    stop = _bound(item.stop, size, size, names)
    length = (stop - start + (step - 1)) // step
    if nonnegative(length) is False or equal(length, ZERO):
        raise ShapeError(f"the slice selects nothing of an axis of size {size}", span=item.span)
    return (start, length, step)


def _bound(item: Syntax | None, default: Size, size: Size, names: frozenset[str]) -> Size:
    """A start or stop, counted from the front and, for known sizes, cut to the axis."""
    if item is None:
        return default
    bound = size_of(item, names)
    if bound.sign() == -1:
        bound = size + bound
    below, above = nonnegative(bound), nonnegative(size - bound)
    return ZERO if below is False else size if above is False else bound


