"""The number of axes of every subtree of a surface tree: what layout and back-translation need to know of shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from hesse.core.declarations import Declarations
from hesse.core.function import Construction, Row
from hesse.core.nodes import Elementwise, Operator
from hesse.core.sizes import Size
from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Num,
    Running,
    Slice,
    Stack,
    Syntax,
    Text,
    Transpose,
    Tuple,
    Undefined,
    children,
    postorder,
)
from hesse.errors import ShapeError
from hesse.functions import FUNCTIONS

_SIDE = Size.of("n")


def ranks(tree: Syntax, declarations: Declarations) -> Mapping[int, int]:
    """The rank of every distinct subtree by its `id`; names that nothing declares (running indices) have rank 0.

    Definitions are in scope for what follows them. A tuple counts its items. A value is read once, so one `Name`
    object must not stand for two definitions of the same name.
    """
    scope = {entry.name: len(entry.shape) for entry in declarations.variables.values()}
    order = postorder(tree)
    binders: dict[int, list[str]] = {}
    for subtree in order:
        if isinstance(subtree, Definitions):
            for name, value in subtree.bindings:
                binders.setdefault(id(value), []).append(name)
    known: dict[int, int] = {}
    for subtree in order:
        known[id(subtree)] = _rank(subtree, [known[id(child)] for child in children(subtree)], scope, declarations)
        for name in binders.get(id(subtree), ()):
            scope[name] = known[id(subtree)]
    return known


def _rank(tree: Syntax, parts: Sequence[int], scope: Mapping[str, int], declarations: Declarations) -> int:
    match tree:
        case Num() | Text():
            return 0
        case Name(name=name):
            return scope.get(name, 0)
        case Negative() | Transpose():
            return parts[0]
        case Definitions() | Running():
            return parts[-1]
        case Stack():
            return 1 + max(parts, default=0)
        case Tuple():
            return len(parts)
        case Index():
            return parts[0] - _integers(tree, parts[1:])
        case Binary() | Call() | Undefined():
            return _applied_rank(tree, parts, declarations)
        case _:
            assert_never(tree)


def _applied_rank(tree: Binary | Call | Undefined, parts: Sequence[int], declarations: Declarations) -> int:
    match tree:
        case Binary(operator="@"):
            return max(sum(parts) - 2, 0)
        case Binary():
            return max(parts)
        case Call():
            return call_rank(tree, parts)
        case Undefined(function=function, order=order):
            declaration = declarations.functions.get(function)
            if declaration is None or declaration.elementwise:
                return parts[0]
            return len(declaration.codomain) + order * len(declaration.domain)
        case _:
            assert_never(tree)


def _integers(index: Index, items: Sequence[int]) -> int:
    """How many axes the index takes away: its items that are single positions."""
    position, count = 0, 0
    for item in index.items:
        if isinstance(item, Slice):
            position += sum(part is not None for part in (item.start, item.stop, item.step))
        else:
            count += items[position] == 0
            position += 1
    return count


def call_rank(call: Call, parts: Sequence[int]) -> int:
    """The rank of a call from the ranks of its arguments, as the function's row says it."""
    if call.arguments and isinstance(call.arguments[0], Text):
        return len(call.arguments[0].value.partition("->")[2].strip())
    row: Row | None = FUNCTIONS.get(call.function)
    match row:
        case None | Elementwise():
            return max(parts, default=0)
        case Operator(kind="reduction"):
            return 0 if call.axis is None else parts[0] - 1
        case Operator(kind="along"):
            return parts[0]
        case Operator():
            return _matrix_rank(row, parts)
        case Construction():
            return row.rank([0] * parts[0] if _is_shape(call) else parts, call.axis)
        case _:
            assert_never(row)


def _matrix_rank(row: Operator, parts: Sequence[int]) -> int:
    """Square arguments of one size fit every matrix function; only the number of axes is read."""
    try:
        return parts[0] if row.result_shape is None else len(row.result_shape(*((_SIDE,) * part for part in parts)))
    except ShapeError:
        return parts[0]


def _is_shape(call: Call) -> bool:
    return len(call.arguments) == 1 and isinstance(call.arguments[0], Tuple)
