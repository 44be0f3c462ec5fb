"""What a part of a SymPy expression has become: a surface tree and what it stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from hesse.core.syntax import Binary, Call, Index, Negative, Syntax, Transpose, number
from hesse.errors import ArgumentError
from hesse.functions import FUNCTIONS

Kind: TypeAlias = Literal["scalar", "column", "row", "matrix"]


@dataclass(frozen=True, slots=True)
class Part:
    """A tree. A column (n x 1) and a row (1 x n) are trees of vectors; a matrix with one entry is a scalar."""

    tree: Syntax
    kind: Kind = "scalar"


Handler: TypeAlias = Callable[[Any, Any, Sequence[Part]], Part]
"""From the reader, a SymPy expression and its read operands to the part."""


def refusal(what: str, hint: str = "") -> ArgumentError:
    """The error for what is not read from SymPy."""
    return ArgumentError(f"{what} is not read from SymPy", hint=hint)


def kind_of(shape: tuple[Any, Any]) -> Kind:
    """What a SymPy matrix of this shape is read as."""
    rows, columns = shape
    if columns == 1:
        return "scalar" if rows == 1 else "column"
    return "row" if rows == 1 else "matrix"


def function(name: str, *arguments: Syntax) -> Syntax:
    """The call of a function of the vocabulary. Raises ArgumentError where there is none such."""
    if name not in FUNCTIONS:
        raise refusal(f"`{name}`, which is not in the vocabulary,")
    return Call(name, arguments)


def product(left: Part, right: Part) -> Part:
    """The matrix product; with a scalar the multiple."""
    if "scalar" in (left.kind, right.kind):
        return Part(Binary("*", left.tree, right.tree), right.kind if left.kind == "scalar" else left.kind)
    match left.kind, right.kind:
        case "column", "row":
            return Part(function("outer", left.tree, right.tree), "matrix")
        case "row", "column":
            return Part(Binary("@", left.tree, right.tree))
        case _, ("column" | "row" as kind):
            return Part(Binary("@", left.tree, right.tree), kind)
        case kind, _:
            return Part(Binary("@", left.tree, right.tree), kind)


def transposed(part: Part) -> Part:
    """The transpose: of a column the row of the same vector."""
    if part.kind == "matrix":
        return Part(Transpose(part.tree), "matrix")
    other: dict[Kind, Kind] = {"column": "row", "row": "column", "scalar": "scalar"}
    return Part(part.tree, other[part.kind])


def chained(operator: Literal["+", "*", "@"], trees: Sequence[Syntax]) -> Syntax:
    """The sum or product of the trees, from the left; negatives are subtracted by the printers."""
    (tree, *rest) = trees
    for other in rest:
        tree = Binary(operator, tree, other)
    return tree


def entry(tree: Syntax, *positions: int) -> Syntax:
    """tree[positions]."""
    return Index(tree, tuple(number(k) for k in positions))


def negative(tree: Syntax) -> Syntax:
    """-tree."""
    return Negative(tree)
