"""What a part of a formula is worth once ranks are known: a tree of the surface language, and row or column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hesse.core.nodes import Shape
from hesse.core.sizes import Size
from hesse.core.syntax import Binary, Call, Negative, Num, Operator, Syntax
from hesse.errors import Span
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.resolve import Meaning


@dataclass(frozen=True, slots=True)
class Value:
    """A tree with its rank; a vector is a column unless it is a `row`."""

    tree: Syntax
    rank: int
    row: bool
    span: Span

    @property
    def kind(self) -> str:
        """What it is, in words."""
        if self.rank == 1:
            return "a row" if self.row else "a column"
        return {0: "a number", 2: "a matrix"}.get(self.rank, f"an array with {self.rank} axes")

    def at(self, span: Span) -> Value:
        """The same at another place."""
        return replace(self, span=span)


@dataclass(slots=True)
class Scope:
    """What is known while a formula is lowered: the shapes of all names, and which of them are only assumed.

    `extents` are the axes that the open indices have met, each with how far the position is from the index.
    """

    cursor: Cursor
    meanings: Mapping[int, Meaning]
    shapes: Mapping[str, Shape]
    assumed: bool
    defined: dict[str, Value] = field(default_factory=dict)
    extents: dict[str, list[tuple[Size, int]]] = field(default_factory=dict)
    shifts: dict[str, int] = field(default_factory=dict)
    """By how much the open indices are larger than in the surface language."""

    def text(self, value: Value) -> str:
        """How a value was written."""
        return self.cursor.text(value.span)

    def source(self, span: Span) -> str:
        """How something was written."""
        return self.cursor.text(span)

    def note(self, reading: str) -> None:
        """Records how something was understood."""
        self.cursor.note(reading)

    free: dict[int, frozenset[str]] = field(default_factory=dict)
    """The free indices of constructs, by identity."""


def scalar(tree: Syntax, span: Span) -> Value:
    """A number."""
    return Value(tree, 0, False, span)


def binary(operator: Operator, left: Value, right: Value, rank: int, row: bool = False) -> Value:
    """The value of an operator."""
    span = left.span.join(right.span)
    return Value(Binary(operator, left.tree, right.tree, span), rank, row, span)


def called(function: str, *values: Value, rank: int, row: bool = False, span: Span | None = None) -> Value:
    """The value of a function."""
    span = span or values[0].span.join(values[-1].span)
    return Value(Call(function, tuple(value.tree for value in values), None, span), rank, row, span)


def broadcast(left: Value, right: Value) -> tuple[int, bool] | None:
    """Rank and direction of what works entry by entry; None where the two do not fit.

    A number fits everything. Arrays of three and more axes have no rows and columns: they follow NumPy.
    """
    if not (left.rank and right.rank) or max(left.rank, right.rank) > 2:
        larger = left if left.rank >= right.rank else right
        return larger.rank, larger.row
    return (left.rank, left.row) if (left.rank, left.row) == (right.rank, right.row) else None


def literal(tree: Syntax) -> bool:
    """Whether it is a number as it was typed, with a sign perhaps, or a quotient of two."""
    match tree:
        case Num():
            return True
        case Negative(operand=operand):
            return isinstance(operand, Num)
        case Binary(operator="/", left=Num(), right=Num()):
            return True
        case _:
            return False
