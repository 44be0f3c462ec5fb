"""Trees as typeset mathematics in any style, with the conventions of `arithmetic`, `positions` and `templates`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import assert_never

from hesse.core.declarations import Declarations
from hesse.core.function import Construction
from hesse.core.nodes import Elementwise
from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Num,
    Running,
    Stack,
    Syntax,
    Text,
    Transpose,
    Tuple,
    Undefined,
    children,
    postorder,
)
from hesse.functions import FUNCTIONS
from hesse.notation.ranks import ranks
from hesse.render.arithmetic import Arithmetic
from hesse.render.entries import Entries
from hesse.render.names import naming
from hesse.render.positions import Range, polynomial
from hesse.render.precedence import Level, Rope, flatten, joined
from hesse.render.running import SIGNS, written_range
from hesse.render.sharing import printable
from hesse.render.style import Piece, Style
from hesse.render.templates import Slot, Template, choose


def typeset(tree: Syntax, declarations: Declarations, style: Style) -> tuple[str, list[tuple[str, str]]]:
    """The expression and its definitions, each a name and a value, as text in the style."""
    layout = _Layout(printable(tree, declarations), declarations, style)
    tree = layout.tree
    bindings = tree.bindings if isinstance(tree, Definitions) else ()
    body = tree.body if isinstance(tree, Definitions) else tree
    named = [(layout.names.show(name, layout.ranks[id(value)]), layout.text(value)) for name, value in bindings]
    return layout.text(body), named


class _Layout:
    """The pieces of one tree."""

    def __init__(self, tree: Syntax, declarations: Declarations, style: Style) -> None:
        self.tree = tree
        self.declarations = declarations
        self.style = style
        self.arithmetic = Arithmetic(style)
        self.ranks = ranks(tree, declarations)
        self.names = naming(tree, declarations, style.name, style.plain_name)
        self.entries = Entries(self.arithmetic, self.names, declarations)
        self.pieces: dict[int, Piece] = {}
        self.running = {part.index for part in postorder(tree) if isinstance(part, Running)}
        for subtree in postorder(tree):
            parts = [self.pieces[id(child)] for child in children(subtree)]
            self.pieces[id(subtree)] = self._piece(subtree, parts)

    def text(self, tree: Syntax) -> str:
        """The text of a subtree."""
        return self._written(self.pieces[id(tree)])

    def _written(self, piece: Piece) -> str:
        if self.style.encloses_comparisons and self.arithmetic.level(piece) == Level.COMPARISON:
            return flatten(self.arithmetic.bracket(piece))
        return flatten(self.arithmetic.whole(piece))

    def _piece(self, tree: Syntax, parts: Sequence[Piece]) -> Piece:
        match tree:
            case Num(value=value):
                return replace(self.style.number(abs(value)), negative=value < 0)
            case Name(name=name):
                return self._name(name, self.ranks[id(tree)])
            case Text(value=value):
                return Piece(self.style.quoted(value))
            case Negative():
                return self.arithmetic.negative(parts[0])
            case Transpose():
                # NumPy's x.T of a vector is x itself, which is a column here.
                return self.arithmetic.transpose(parts[0]) if self.ranks[id(tree)] > 1 else parts[0]
            case Binary(operator=operator, left=left, right=right):
                return self._binary(operator, parts[0], parts[1], (self.ranks[id(left)], self.ranks[id(right)]))
            case Call() | Undefined() | Index() | Running():
                return self._applied(tree, parts)
            case Stack() | Tuple() | Definitions():
                return self._collected(tree, parts)
            case _:
                assert_never(tree)

    def _name(self, name: str, rank: int) -> Piece:
        if name in self.running:
            # Running indices count from 1 here, but from 0 in the tree; inside of indices `positions` sees to it.
            return Piece((self.names.show(name, 0), f" {self.style.minus} 1"), Level.SUM)
        level = Level.SUBSCRIPTED if self.names.subscripted(name) else Level.ATOM
        return Piece(self.names.show(name, rank), level)

    def _binary(self, operator: str, left: Piece, right: Piece, operands: tuple[int, int]) -> Piece:
        if operator not in ("*", "//", "@") and set(operands) == {1, 2}:
            left, right = self._aligned((left, right), operands)
            operands = (2, 2)
        match operator:
            case "+":
                return self.arithmetic.plus(left, right)
            case "-":
                return self.arithmetic.difference(left, right)
            case "/" if operands[1] > 1 and self.style.entry_division:
                return self.arithmetic.entry_quotient(left, right)
            case "/":
                return self.arithmetic.quotient(left, right, scalar=operands[1] == 0)
            case "//":
                return self.arithmetic.floor(left, right)
            case "**":
                return self.arithmetic.power(left, right, elementwise=max(operands) > 0)
            case "@":
                return self.arithmetic.matrix_product(left, right, operands)
            case "*":
                return self._product(left, right, operands)
        return self.arithmetic.comparison(operator, left, right)

    def _product(self, left: Piece, right: Piece, operands: tuple[int, int]) -> Piece:
        if 0 in operands:
            return self.arithmetic.times(left, right, operands)
        if operands == (2, 1):
            return self._columns_scaled(left, right)
        if operands == (1, 2):
            return self._columns_scaled(right, left)
        return self.arithmetic.hadamard(left, right)

    def _rows(self, vector: Piece) -> Piece:
        """1 vᵀ: the matrix whose rows are all v."""
        sign = vector.negative
        ones = Piece(self.style.ones, Level.ATOM)
        if vector.level == Level.COMPARISON and self.style.encloses_comparisons:
            # 1 [a < b] would be an indicator.
            vector = Piece(self.arithmetic.bracket(Piece(self.arithmetic.at(vector, Level.ATOM), tall=vector.tall)))
        outer = self._call(Call("outer", ()), [ones, replace(vector, negative=False)], matrix=False)
        return self.arithmetic.negative(outer) if sign else outer

    def _aligned(self, pieces: Sequence[Piece], ranks: Sequence[int]) -> Sequence[Piece]:
        """The operands of what works entry by entry, vectors beside matrices as matrices.

        NumPy repeats a vector as the rows of a matrix; where vectors are columns that has to be written.
        """
        if not {1, 2} <= set(ranks) or max(ranks) > 2:
            return pieces
        return [self._rows(piece) if rank == 1 else piece for piece, rank in zip(pieces, ranks, strict=True)]

    def _columns_scaled(self, matrix: Piece, vector: Piece) -> Piece:
        """NumPy's A*v: column j times v[j]."""
        diagonal = self._call(Call("diag", ()), [vector], matrix=False)
        return self.arithmetic.matrix_product(matrix, diagonal, (2, 2))

    def _applied(self, tree: Call | Undefined | Index | Running, parts: Sequence[Piece]) -> Piece:
        match tree:
            case Index():
                return self.entries.indexed(tree, self.ranks[id(tree.operand)], self.ranks[id(tree)], parts)
            case Undefined(function=function, order=order):
                return self._arguments(self._derivative(function, order), parts)
            case Call():
                return self._called(tree, parts)
            case Running():
                return self._running(tree, parts)
            case _:
                assert_never(tree)

    def _derivative(self, function: str, order: int) -> str:
        name = self.names.show(function, 0)
        declaration = self.declarations.functions.get(function)
        if declaration is None or not declaration.domain:
            kind = "entrywise"
        else:
            kind = "vector" if declaration.codomain else "scalar"
        return self.style.derivative(name, order, kind) if order else name

    def _running(self, tree: Running, parts: Sequence[Piece]) -> Piece:
        """The sign of the sum with its index, or the function's name with the index as a subscript."""
        index = self.names.show(tree.index, 0)
        ends = self._ends(tree)
        shown = None if ends is None else (self.entries.size(ends.start), self.entries.size(ends.stop))
        given = tree.start is not None or tree.stop is not None
        head = self.style.running(tree.function, index, shown, given)
        if tree.function in SIGNS:
            return Piece((head, self.arithmetic.at(parts[-1], Level.OPEN)), Level.OPEN, tall=True)
        return self._arguments(head, parts[-1:])

    def _ends(self, tree: Running) -> Range | None:
        """The first and the last value of the index, counted from 1; None where the text does not say them."""
        shapes = {entry.name: entry.shape for entry in self.declarations.variables.values()}
        return written_range(tree, shapes, frozenset(self.declarations.size_names))

    def _called(self, call: Call, parts: Sequence[Piece]) -> Piece:
        if call.arguments and isinstance(call.arguments[0], Text):
            contraction = self.entries.contraction(call.arguments[0].value, call.arguments[1:], parts[1:])
            if contraction is not None:
                return contraction
        ranks = [self.ranks[id(argument)] for argument in call.arguments]
        if isinstance(FUNCTIONS.get(call.function), Elementwise):
            parts = self._aligned(parts, ranks)
        return self._call(call, parts, max(ranks, default=0) > 1)

    def _call(self, call: Call, parts: Sequence[Piece], matrix: bool) -> Piece:
        """A call by the row's template, where it has one that no name of the expression could be taken for."""
        row = FUNCTIONS.get(call.function)
        written = "" if row is None or call.axis is not None else self.style.template(row)
        template = choose(written, matrix)
        if not written or template.head in self.names.shown:
            return self._arguments(self.style.function(call.function), parts, call.axis)
        if isinstance(row, Construction) and row.sizes:
            return self._sized(template, call)
        tall = any(part.tall for part in parts)
        text: list[Rope] = []
        for part in template.parts:
            if isinstance(part, Slot):
                write = partial(self.arithmetic.at, level=Level.SUBSCRIPTED) if part.exposed else self.arithmetic.whole
                text.append(write(parts[part.index]))
            else:
                text.append(self.style.stretched(part) if tall else part)
        return Piece(tuple(text), template.level, tall=tall or template.level == Level.OPEN)

    def _sized(self, template: Template, call: Call) -> Piece:
        """An array given by its sizes, which may also come as one tuple."""
        sizes = call.arguments
        if len(sizes) == 1 and isinstance(sizes[0], Tuple):
            sizes = sizes[0].items
        shown = self.style.sizes([self._size(size) for size in sizes])
        return Piece(tuple(shown if isinstance(part, Slot) else part for part in template.parts), Level.SUBSCRIPTED)

    def _size(self, tree: Syntax) -> str:
        size = polynomial(tree)
        return self.entries.tight(self.pieces[id(tree)]) if size is None else self.entries.size(size)

    def _arguments(self, function: str, parts: Sequence[Piece], axis: int | None = None) -> Piece:
        """function(arguments); an axis is written as in the text, counted from 0."""
        arguments: list[Rope] = [self.arithmetic.whole(part) for part in parts]
        if axis is not None:
            arguments.append(f"{self.names.spell_plain('axis', 0)}={axis}")
        tall = any(part.tall for part in parts)
        return Piece((function, self.style.bracket(joined(", ", arguments), tall)), tall=tall)

    def _collected(self, tree: Stack | Tuple | Definitions, parts: Sequence[Piece]) -> Piece:
        match tree:
            case Stack():
                return self._stack(tree, parts)
            case Tuple():
                return self._arguments("", parts)
            case Definitions(bindings=bindings):
                named = [(name, self._written(part)) for (name, _), part in zip(bindings, parts, strict=False)]
                return Piece(self.style.bracket(self.style.where(self._written(parts[-1]), named), tall=False))
            case _:
                assert_never(tree)

    def _row_vector(self, entries: Sequence[Rope]) -> Rope:
        """The entries as a row; a single one is a column as well, and is transposed."""
        row = self.style.matrix([entries])
        return row if len(entries) > 1 else (row, self.style.transposition)

    def _stack(self, tree: Stack, parts: Sequence[Piece]) -> Piece:
        rank = self.ranks[id(tree)]
        if rank == 1:
            entries = tuple(self.arithmetic.whole(part) for part in parts)
            return Piece(self.style.column(entries), entries=entries, tall=True)
        if rank == 2:
            rows = [part.entries or (self.arithmetic.whole(self.arithmetic.row_form(part)),) for part in parts]
            if len({part.entries is None for part in parts}) == 1:
                if self.style.tells_rows and parts[0].entries is not None and 1 in (len(rows), len(rows[0])):
                    rows = [(self._row_vector(row),) for row in rows]
                return Piece(self.style.matrix(rows), tall=True)
        items = joined(", ", [self.arithmetic.whole(part) for part in parts])
        if len(parts) == 1 and self.style.tells_rows:
            items = (items, ",")
        return Piece(self.style.bracket(items, tall=True, square=True), tall=True)
