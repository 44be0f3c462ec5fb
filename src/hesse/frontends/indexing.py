"""Reading sizes and index items: positions, slices and index arrays, with Python's meaning of negative numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hesse.core.build import Item, index
from hesse.core.declarations import VariableDeclaration
from hesse.core.function import Construction
from hesse.core.indices import nonnegative
from hesse.core.nodes import Node, Variable
from hesse.core.running import Access, symbols
from hesse.core.size_trees import combined
from hesse.core.sizes import FLOORS, ZERO, Size, equal
from hesse.core.syntax import Binary, Index, Name, Negative, Slice, Syntax, fold, postorder
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


@dataclass(frozen=True, slots=True)
class _Entry:
    """stride * table[position] + offset."""

    table: Variable
    position: Syntax
    stride: int = 1
    offset: Size = ZERO


def _stride(tree: Syntax, parts: Sequence[_Entry | Size | None]) -> int | None:
    """The factor with which an operation takes its operand that is an entry of an index array; None for others."""
    match tree, parts:
        case Negative(), _:
            return -1
        case Binary(operator="+" | "-"), (_Entry(), Size()):
            return 1
        case Binary(operator="+" | "-" as operator), (Size(), _Entry()):
            return 1 if operator == "+" else -1
        case Binary(operator="*"), (_Entry(), Size() as factor) | (Size() as factor, _Entry()):
            return factor.as_int() or None
        case _:
            return None


class Indexer:
    """Reads index items; collects the sizes that must be at least 1 for them to stay on their axes, and the positions
    that depend on a running index. `names` gives what the names of sizes and of running indices stand for.
    """

    def __init__(
        self, names: Mapping[str, Size], nodes: Mapping[int, Node], declared: Mapping[str, VariableDeclaration]
    ) -> None:
        self.names = names
        self.nodes = nodes
        self.declared = declared
        self.required: list[Size] = []
        self.accesses: list[Access] = []

    def index(self, node: Node, items: Sequence[Syntax | Slice]) -> Node:
        """node[items]. An entry of an index array is an entry of the array that it picks: x[idx[i]] is x[idx][i], and
        x[idx[i] + 1] is x[1:][idx][i].
        """
        found = list(items)
        for axis, item in enumerate(items[: node.rank]):
            entry = self._entry(item)
            while entry is not None:
                before: list[Item] = [(ZERO, size, 1) for size in node.shape[:axis]]
                if (entry.stride, entry.offset) != (1, ZERO):
                    node = index(node, [*before, self._window(entry, node.shape[axis], item)])
                node = index(node, [*before, entry.table])
                found[axis] = item = entry.position
                entry = self._entry(item)
        return index(node, self.items(found, node.shape))

    def _entry(self, item: Syntax | Slice) -> _Entry | None:
        """The entry of an index array, times and plus integers or sizes, that the item is; None where it is none."""
        if isinstance(item, Slice) or not any(isinstance(part, Index) for part in postorder(item)):
            return None
        found = fold(item, self._linear)
        return found if isinstance(found, _Entry) else None

    def _linear(self, tree: Syntax, parts: tuple[_Entry | Size | None, ...]) -> _Entry | Size | None:
        if isinstance(tree, Index):
            return self._of_table(tree)
        if isinstance(tree, Name):
            return self.names.get(tree.name)
        entries = [part for part in parts if isinstance(part, _Entry)]
        sizes = [part.offset if isinstance(part, _Entry) else part for part in parts if part is not None]
        offset = combined(tree, tuple(sizes)) if len(sizes) == len(parts) else None
        if offset is None or not entries:
            return offset
        stride = _stride(tree, parts)
        return None if stride is None else replace(entries[0], stride=entries[0].stride * stride, offset=offset)

    def _of_table(self, tree: Index) -> _Entry | None:
        table = self.nodes.get(id(tree.operand))
        if len(tree.items) != 1 or isinstance(tree.items[0], Slice):
            return None
        return (
            _Entry(table, tree.items[0]) if isinstance(table, Variable) and table.integer and table.rank == 1 else None
        )

    def _window(self, entry: _Entry, size: Size, item: Syntax | Slice) -> Item:
        """The part of an axis that the entries of an index array, times and plus something, can reach."""
        count = self.declared[entry.table.name].index
        assert count is not None
        ends = (entry.offset, entry.offset + (count - 1) * entry.stride)
        for end in ends:
            if symbols(end) or nonnegative(end) is False or nonnegative(size - 1 - end) is False:
                message = (
                    f"the entries of `{entry.table.name}` run from 0 to {count - 1}: the index leaves an axis of size"
                )
                raise ShapeError(f"{message} {size}", span=None if isinstance(item, Slice) else item.span)
            self._require(end + 1, size - end)
        return (entry.offset, count, entry.stride)

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
