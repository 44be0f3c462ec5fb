"""Arrays that are written out: matrices by entries, rows or columns, lists, and distinctions of cases."""

from __future__ import annotations

from hesse.core.syntax import Call, Stack, Syntax, Transpose
from hesse.errors import ParseError, ShapeError
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tree import Cases, Grid, Listed
from hesse.frontends.latex.values import Scope, Value
from hesse.frontends.text.vocabulary import canonical


def lower_grid(scope: Scope, node: Grid) -> Step[Value]:
    """A matrix: one column of numbers is a vector, one row of numbers a row."""
    rows: list[list[Value]] = []
    for row in node.rows:
        rows.append([])
        for cell in row:
            value: Value = yield cell
            rows[-1].append(value)
    kinds = {(value.rank, value.row) for row in rows for value in row}
    height, width = len(rows), len(rows[0])
    cells = [value.tree for row in rows for value in row]
    if kinds == {(0, False)}:
        if width == 1 or height == 1:
            return Value(Stack(tuple(cells), node.span), 1, width > 1, node.span)
        lines = tuple(Stack(tuple(value.tree for value in row)) for row in rows)
        return Value(Stack(lines, node.span), 2, False, node.span)
    if width == 1 and kinds == {(1, True)}:
        return Value(Stack(tuple(cells), node.span), 2, False, node.span)
    if height == 1 and kinds == {(1, False)}:
        return Value(Transpose(Stack(tuple(cells)), node.span), 2, False, node.span)
    return _blocks(node, rows, kinds)


def _blocks(node: Grid, rows: list[list[Value]], kinds: set[tuple[int, bool]]) -> Value:
    """Matrices, or vectors, put together."""
    if canonical("concat") is None:
        raise ParseError("a matrix of blocks is not in the vocabulary", span=node.span)
    if kinds <= {(1, False), (0, False)} and len(rows[0]) == 1:
        return Value(_joined([_long(row[0]) for row in rows], 0), 1, False, node.span)
    if kinds <= {(1, True), (0, False)} and len(rows) == 1:
        return Value(_joined([_long(value) for value in rows[0]], 0), 1, True, node.span)
    if kinds != {(2, False)}:
        raise ShapeError("the blocks of a matrix are matrices, or numbers alone", span=node.span)
    lines = [_joined([value.tree for value in row], 1) for row in rows]
    return Value(_joined(lines, 0), 2, False, node.span)


def _long(value: Value) -> Syntax:
    return value.tree if value.rank else Stack((value.tree,))


def _joined(trees: list[Syntax], axis: int) -> Syntax:
    return trees[0] if len(trees) == 1 else Call("concat", tuple(trees), axis)


def lower_listed(scope: Scope, node: Listed) -> Step[Value]:
    """[a, b] stacks; (a, b) is a vector of numbers."""
    values: list[Value] = []
    for item in node.items:
        value: Value = yield item
        values.append(value)
    if len({value.rank for value in values}) > 1:
        raise ShapeError("a list of things of different ranks", span=node.span)
    if node.mark != "[":
        if values[0].rank:
            kind = "angle" if node.mark == "⟨" else "round"
            raise ParseError(f"{kind} brackets with commas hold numbers", span=node.span)
        scope.note(f"`{scope.source(node.span)}` read as a vector")
    tree = Stack(tuple(value.tree for value in values), node.span)
    return Value(tree, values[0].rank + 1, False, node.span)


def lower_cases(scope: Scope, node: Cases) -> Step[Value]:
    """Values with their conditions, as nested choices."""
    branches: list[tuple[Value, Value | None]] = []
    for branch, condition in node.branches:
        value: Value = yield branch
        holds: Value | None = None if condition is None else (yield condition)
        branches.append((value, holds))
    arrays = {(each.rank, each.row) for branch in branches for each in branch if each is not None and each.rank}
    if len(arrays) > 1:
        raise ShapeError("the cases have different shapes", span=node.span)
    rank, row = arrays.pop() if arrays else (0, False)
    tree = branches[-1][0].tree
    for value, holds in reversed(branches[:-1]):
        assert holds is not None
        tree = Call("where", (holds.tree, value.tree, tree), None, node.span)
    return Value(tree, rank, row, node.span)
