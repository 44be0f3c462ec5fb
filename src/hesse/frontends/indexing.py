"""Reading sizes and index items: positions, slices and index arrays, with Python's meaning of negative numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hesse.core.build import Item, index
from hesse.core.function import Construction
from hesse.core.indices import nonnegative
from hesse.core.nodes import Node, Variable
from hesse.core.running import Access, symbols
from hesse.core.size_trees import combined
from hesse.core.sizes import FLOORS, ZERO, Size, equal
from hesse.core.syntax import Binary, Index, Name, Slice, Syntax, fold, postorder
from hesse.errors import LimitError, ParseError, ShapeError


def size_of(tree: Syntax, names: Mapping[str, Size]) -> Size:
    """The size that an expression of integers and names of sizes is. Raises ParseError for anything else."""
    if sum(isinstance(part, Binary) and part.operator == "//" for part in postorder(tree)) > FLOORS:
        raise LimitError(f"a size has more than {FLOORS} floor divisions, which is the limit", span=tree.span)
    return fold(tree, lambda part, parts: _size(part, parts, names))


def _size(tree: Syntax, parts: tuple[Size, ...], names: Mapping[str, Size]) -> Size:
    size = names.get(tree.name) if isinstance(tree, Name) else combined(tree, parts)
    if size is not None:
        return size
    if isinstance(tree, Binary) and tree.operator == "//":
        raise ParseError("`//` takes a positive integer on its right", span=tree.right.span)
    declared = [name for name, size in names.items() if size == Size.of(name) and not name.startswith("?")]
    listed = ", ".join(sorted(declared))
    raise ParseError(
        "a size is needed here: an integer or an expression of size names",
        span=tree.span,
        hint=f"the size names are {listed}" if listed else "no size name is declared",
    )


def extra_sizes(row: Construction, extra: Sequence[Syntax], names: Mapping[str, Size]) -> list[Size]:
    """The sizes behind the arrays. Raises ParseError when there are too few, or where one is no integer."""
    if (len(extra) > 1 and row.extra != "shape") or (row.extra == "shift" and not extra):
        raise ParseError(f"{row.name} takes an array and one integer", hint=f"as in `{row.signature}`")
    sizes: list[Size] = []
    for item in extra:
        try:
            sizes.append(size_of(item, names))
        except ParseError as error:
            what = "a size" if row.extra == "shape" else "an integer"
            error.message = f"{row.name} needs {what} here"
            raise
    return sizes


class Indexer:
    """Reads index items; collects the sizes that must be at least 1 for them to stay on their axes, and the positions
    that depend on a running index. `names` gives what the names of sizes and of running indices stand for.
    """

    def __init__(self, names: Mapping[str, Size], nodes: Mapping[int, Node]) -> None:
        self.names = names
        self.nodes = nodes
        self.required: list[Size] = []
        self.accesses: list[Access] = []

    def index(self, node: Node, items: Sequence[Syntax | Slice]) -> Node:
        """node[items]. An entry of an index array is an entry of the array that it picks: x[idx[i]] is x[idx][i]."""
        found = list(items)
        for axis, item in enumerate(items[: node.rank]):
            entry = self._entry(item)
            while entry is not None:
                table, item = entry
                before: list[Item] = [(ZERO, size, 1) for size in node.shape[:axis]]
                node = index(node, [*before, table])
                entry = self._entry(item)
            found[axis] = item
        return index(node, self.items(found, node.shape))

    def _entry(self, item: Syntax | Slice) -> tuple[Variable, Syntax] | None:
        """The index array and the position in it, where the item is an entry of an index array."""
        if not isinstance(item, Index) or len(item.items) != 1 or isinstance(item.items[0], Slice):
            return None
        table = self.nodes[id(item.operand)]
        return (table, item.items[0]) if isinstance(table, Variable) and table.integer and table.rank == 1 else None

    def items(self, items: Sequence[Syntax | Slice], shape: Sequence[Size]) -> list[Item]:
        """What each item selects of its axis."""
        if len(items) > len(shape):
            raise ShapeError(f"{len(items)} indices for an array with {len(shape)} axes")
        return [self._item(item, size) for item, size in zip(items, shape, strict=False)]

    def _item(self, item: Syntax | Slice, size: Size) -> Item:
        if isinstance(item, Slice):
            return self._slice(item, size)
        if isinstance(item, Name) and item.name not in self.names:
            node = self.nodes[id(item)]
            if isinstance(node, Variable) and node.integer:
                return node
            bound = size if not str(size).startswith("?") else "n"
            raise ParseError(
                f"`{item.name}` is not an index array",
                span=item.span,
                hint=f"declare it as `{item.name}:p:index({bound})`",
            )
        return self._position(item, size)

    def _position(self, item: Syntax, size: Size) -> Size:
        position = size_of(item, self.names)
        if symbols(position):
            self.accesses.append(Access.of(position, size, item.span))
            return position
        position = self._from_front(item, size)
        inside = (nonnegative(position), nonnegative(size - 1 - position))
        if False in inside:
            raise ShapeError(f"the index {size_of(item, self.names)} is outside an axis of size {size}", span=item.span)
        self._require(position + 1, size - position)
        return position

    def _from_front(self, item: Syntax, size: Size) -> Size:
        """A position or bound counted from the front; its sign must be the same for all sizes."""
        position = size_of(item, self.names)
        if symbols(position):
            raise ParseError(
                "a slice cannot move with a running index", span=item.span, hint="take entries: x[i], x[i+1]"
            )
        if position.sign() == -1:
            return size + position
        if position.as_int() is None and nonnegative(position * -1):
            raise ParseError(
                f"`{position}` is zero for some sizes and negative for others, so it counts from either end",
                span=item.span,
                hint=f"count from the front, such as `{size}-1`",
            )
        return position

    def _slice(self, item: Slice, size: Size) -> Item:
        step_size = Size.of(1) if item.step is None else size_of(item.step, self.names)
        step = step_size.as_int()
        if step is None or step == 0:
            raise ParseError("the step of a slice is an integer other than 0", span=item.span)
        if step < 0:
            return self._reversed(item, size, step)
        start = self._bound(item.start, ZERO, size)
        stop = self._bound(item.stop, size, size)
        length = (stop - start + (step - 1)) // step
        if nonnegative(length) is False or equal(length, ZERO):
            raise ShapeError(f"the slice selects nothing of an axis of size {size}", span=item.span)
        self._require(start + 1, size - stop + 1, length)
        return (start, length, step)

    def _reversed(self, item: Slice, size: Size, step: int) -> Item:
        if item.stop is not None or step != -1:
            raise ParseError("of the slices with a negative step only [::-1] and [k::-1] are read", span=item.span)
        start = size - 1 if item.start is None else self._position(item.start, size)
        return (start, start + 1, -1)

    def _bound(self, item: Syntax | None, default: Size, size: Size) -> Size:
        """A start or stop, counted from the front and, for known sizes, cut to the axis."""
        if item is None:
            return default
        bound = self._from_front(item, size)
        below, above = nonnegative(bound), nonnegative(size - bound)
        return ZERO if below is False else size if above is False else bound

    def _require(self, *sizes: Size) -> None:
        self.required += [size for size in sizes if size.sign() != 1]
