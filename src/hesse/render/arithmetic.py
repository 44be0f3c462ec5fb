"""Sums, products, quotients and powers of typeset pieces.

The conventions: scalars stand in front of arrays, and numbers in front of scalars. Products of scalars and matrix
products are written side by side, elementwise products with ⊙, elementwise powers with ⊙ in the exponent. Vectors are
columns: x @ y is xᵀ y, x @ A is Aᵀ x. Scaling the columns of a matrix by a vector is A diag(x). A comparison inside a
term stands in square brackets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hesse.render.precedence import Level, Rope, first_leaf, flatten, last_leaf
from hesse.render.style import Piece, Style


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The operations in one notation."""

    style: Style

    def body(self, piece: Piece) -> Rope:
        """The text without the sign."""
        return self.beside_numbers(piece.numbers, self.beside(piece.scalars, piece.text))

    def whole(self, piece: Piece) -> Rope:
        """The text with its sign."""
        return (self.style.minus, self.body(piece)) if piece.negative else self.body(piece)

    def level(self, piece: Piece) -> Level:
        """The outermost operation of the body."""
        if not (piece.numbers or piece.scalars):
            return piece.level
        kept = (Level.OPEN, Level.MATRIX, Level.ELEMENTWISE)
        return piece.level if piece.text and piece.level in kept else Level.SCALED

    def bracket(self, piece: Piece) -> Rope:
        """The text in brackets, square ones around a comparison: 1 where it holds, else 0."""
        return self.style.bracket(self.whole(piece), piece.tall, square=self.level(piece) == Level.COMPARISON)

    def at(self, piece: Piece, level: Level) -> Rope:
        """The text where at least this level and no sign is needed."""
        return self.bracket(piece) if piece.negative or self.level(piece) < level else self.body(piece)

    def first(self, piece: Piece, level: Level) -> Rope:
        """The text without its sign, which the whole operation takes over."""
        return self.at(replace(piece, negative=False), level)

    def term(self, piece: Piece) -> Rope:
        """The text as the first operand of a sum."""
        return self.whole(piece) if self.level(piece) >= Level.SUM else self.bracket(piece)

    def beside(self, left: Rope, right: Rope) -> Rope:
        """Two factors side by side."""
        if not (left and right):
            return left or right
        return (left, self.style.gap(last_leaf(left), first_leaf(right)), right)

    def beside_numbers(self, numbers: Rope, rest: Rope) -> Rope:
        """Numbers in front of factors, with a dot where digits would run together."""
        if numbers and rest and self.style.needs_dot(first_leaf(rest)):
            return (numbers, self.style.dot, rest)
        return self.beside(numbers, rest)

    def negative(self, operand: Piece) -> Piece:
        """-operand."""
        if operand.negative or self.level(operand) <= Level.SUM:
            return Piece(self.bracket(operand), negative=True, tall=operand.tall)
        return replace(operand, negative=True, transposed=None, entries=None)

    def plus(self, left: Piece, right: Piece) -> Piece:
        """left + right; a negative term is subtracted, and a sum is written flat."""
        tall = left.tall or right.tall
        if right.negative:
            return Piece((self.term(left), f" {self.style.minus} ", self.body(right)), Level.SUM, tall=tall)
        flat = right.level == Level.SUM and first_leaf(right.text) != self.style.minus
        return Piece((self.term(left), " + ", self.at(right, Level.SUM if flat else Level.OPEN)), Level.SUM, tall=tall)

    def difference(self, left: Piece, right: Piece) -> Piece:
        """left - right."""
        text = (self.term(left), f" {self.style.minus} ", self.at(right, Level.OPEN))
        return Piece(text, Level.SUM, tall=left.tall or right.tall)

    def comparison(self, operator: str, left: Piece, right: Piece) -> Piece:
        """left operator right."""
        text = (self.term(left), f" {self.style.relations[operator]} ", self.term(right))
        return Piece(text, Level.COMPARISON, tall=left.tall or right.tall)

    def _coefficients(self, piece: Piece) -> tuple[Rope, Rope]:
        """A scalar, its sign apart, as the numbers and the other factors of a product."""
        if piece.number is not None:
            return self.style.coefficient(piece.number), ""
        if not piece.text:
            return piece.numbers, piece.scalars
        text = self.at(Piece(piece.text, piece.level, tall=piece.tall), Level.POWER)
        if first_leaf(text)[:1].isdigit() and not (piece.numbers or piece.scalars):
            return text, ""
        return piece.numbers, self.beside(piece.scalars, text)

    def _merged(self, left: Piece, right: Piece) -> tuple[Rope, Rope]:
        """The coefficients of a product of two scalars."""
        numbers, scalars = self._coefficients(left)
        more_numbers, more_scalars = self._coefficients(right)
        if numbers and more_numbers:
            numbers = (numbers, self.style.dot, more_numbers)
        return numbers or more_numbers, self.beside(scalars, more_scalars)

    def times(self, left: Piece, right: Piece, ranks: tuple[int, int]) -> Piece:
        """The elementwise product of operands of these ranks, at least one of which is a scalar."""
        tall = left.tall or right.tall
        sign = left.negative
        if right.number is not None and right.negative and not sign:
            sign, right = True, replace(right, negative=False)
        if right.negative:
            right = Piece(self.bracket(right), tall=right.tall)
        number_last = right.number is not None and left.number is None and not left.numbers
        coefficient, core = (right, left) if ranks[0] or number_last else (left, right)
        last = core.text and core.level in (Level.MATRIX, Level.OPEN) and coefficient.level != Level.MATRIX
        if max(ranks) == 0 and not last:
            numbers, scalars = self._merged(coefficient, core)
            return Piece("", Level.SCALED, sign, numbers, scalars, tall=tall)
        in_front = Piece("", Level.SCALED, numbers=core.numbers, scalars=core.scalars)
        numbers, scalars = self._merged(coefficient, in_front)
        bare = Piece(core.text, core.level, tall=core.tall)
        bracketed = core.level < Level.MATRIX and (core.level != Level.OPEN or bool(max(ranks)))
        text, level = (self.bracket(bare), Level.ATOM) if bracketed else (core.text, core.level)
        return Piece(text, level, sign, numbers, scalars, tall=tall)

    def hadamard(self, left: Piece, right: Piece) -> Piece:
        """The elementwise product of two arrays."""
        text = (self._core(left, Level.ELEMENTWISE), self.style.hadamard, self._factor(right, Level.ELEMENTWISE))
        return self._product(left, text, Level.ELEMENTWISE, right)

    def _core(self, piece: Piece, level: Level) -> Rope:
        """The core as the first factor, whose coefficients and sign stand in front of the whole product."""
        bare = Piece(piece.text, piece.level, tall=piece.tall)
        return piece.text if piece.level == level else self.at(bare, Level.POWER)

    def _factor(self, piece: Piece, level: Level) -> Rope:
        """The text as a further factor of a product of this level."""
        flat = self.level(piece) == level and not self._in_front(piece)
        return self.body(piece) if flat else self.at(piece, Level.POWER)

    def _product(self, left: Piece, text: Rope, level: Level, right: Piece) -> Piece:
        """The product with the sign and the coefficients of its first factor."""
        tall = left.tall or right.tall
        return Piece(text, level, left.negative, left.numbers, left.scalars, tall=tall)

    def _in_front(self, piece: Piece) -> bool:
        return piece.negative or bool(piece.numbers) or bool(piece.scalars)

    def matrix_product(self, left: Piece, right: Piece, ranks: tuple[int, int]) -> Piece:
        """left @ right, with vectors as columns."""
        if ranks == (1, 2):
            return self._row_times(left, right)
        if ranks[0] == 1:
            left = self.row_form(left)
        text = self.beside(self._core(left, Level.MATRIX), self._factor(right, Level.MATRIX))
        return self._product(left, text, Level.MATRIX, right)

    def _row_times(self, vector: Piece, matrix: Piece) -> Piece:
        """x @ A as the column Aᵀ x, which as a row is xᵀ A."""
        row = self.matrix_product(self.row_form(vector), matrix, (2, 2))
        if self._in_front(matrix):
            matrix = Piece(self.bracket(matrix), tall=matrix.tall)
        column = self.matrix_product(self.transpose(matrix), vector, (2, 1))
        return replace(column, transposed=row)

    def row_form(self, vector: Piece) -> Piece:
        """The column as a row; its coefficients stay in front."""
        if vector.transposed is not None:
            return vector.transposed
        bare = Piece(vector.text, vector.level, tall=vector.tall)
        text = (self.at(bare, Level.SUBSCRIPTED), self.style.transposition)
        return replace(vector, text=text, level=Level.POWER, entries=None)

    def transpose(self, piece: Piece) -> Piece:
        """The transpose of a matrix."""
        if piece.transposed is not None:
            return piece.transposed
        text = (self.at(piece, Level.SUBSCRIPTED), self.style.transposition)
        return Piece(text, Level.POWER, tall=piece.tall, transposed=piece)

    def quotient(self, left: Piece, right: Piece, scalar: bool) -> Piece:
        """left / right; a quotient of integers that is the usual way to write its value is a number.

        Under a product stands a `scalar` without brackets: it may divide any of the factors.
        """
        number = self._fraction(left, right)
        if number is not None:
            return replace(number, negative=left.negative)
        above = self.first(left, Level.MATRIX if scalar else Level.SCALED)
        inline = (above, "/", self.at(right, Level.POWER))
        tall = left.tall or right.tall
        built_up = self.style.fraction(left.inline or self.body(left), self._in_line(right))
        if built_up is None:
            return Piece(inline, Level.QUOTIENT, left.negative, tall=tall)
        return Piece(built_up, Level.POWER, left.negative, tall=True, inline="" if tall else inline)

    def floor(self, left: Piece, right: Piece) -> Piece:
        """left / right rounded down."""
        above = self.whole(left) if self.level(left) >= Level.MATRIX else self.bracket(left)
        return Piece(self.style.floor((above, "/", self.at(right, Level.POWER))), Level.ATOM)

    def entry_quotient(self, left: Piece, right: Piece) -> Piece:
        """left / right, entry by entry, with a sign of its own: a matrix below a bar could be taken for an inverse."""
        above = self._core(left, Level.ELEMENTWISE) if left.text else self.first(left, Level.POWER)
        text = (above, self.style.entry_division, self.at(right, Level.POWER))
        tall = left.tall or right.tall
        if not left.text:
            return Piece(text, Level.ELEMENTWISE, left.negative, tall=tall)
        return self._product(left, text, Level.ELEMENTWISE, right)

    def _in_line(self, piece: Piece) -> Rope:
        """The text with its sign, a fraction in line."""
        sign = self.style.minus if piece.negative else ""
        return (sign, piece.inline) if piece.inline else self.whole(piece)

    def _fraction(self, left: Piece, right: Piece) -> Piece | None:
        if left.number is None or not right.number or right.negative:
            return None
        number = self.style.number(left.number / right.number)
        written = (left.number.denominator, right.number.denominator, flatten(number.inline or number.text))
        return number if written == (1, 1, f"{left.number}/{right.number}") else None

    def power(self, base: Piece, exponent: Piece, elementwise: bool) -> Piece:
        """base ** exponent; fractions in the exponent stand in line."""
        value = exponent.number
        plain = None
        if value is not None and value.denominator == 1:
            plain = -int(value) if exponent.negative else int(value)
        simple = not exponent.negative and not exponent.inline and self.level(exponent) >= Level.SUBSCRIPTED
        written = self._in_line(exponent)
        text = self.style.power(self.at(base, Level.SUBSCRIPTED), written, plain, simple, elementwise)
        return Piece(text, Level.POWER, tall=base.tall)
