"""Entries of arrays: indices, ranges, and contractions written with their indices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hesse.core.declarations import Declarations
from hesse.core.sizes import Atom, Floor, Size
from hesse.core.syntax import Call, Index, Name, Slice, Syntax
from hesse.render.arithmetic import Arithmetic
from hesse.render.names import Naming
from hesse.render.positions import Range, polynomial, positions
from hesse.render.precedence import Level, Rope, first_leaf, flatten
from hesse.render.style import Piece

_EINSUM = re.compile(r"\s*([a-zA-Z]*(?:\s*,\s*[a-zA-Z]*)*)\s*->\s*([a-zA-Z]*)\s*")
_MARKED = re.compile(r"(\\left)?(\\lvert|\[)|\|")
_LOWERED = frozenset("aehijklmnoprstuvx")  # the letters that Unicode has as subscripts
_INDICES = "ijklrstuvaehmnopxbcdfgqwyz"  # those that are usual first, those that have no subscript form last


@dataclass(frozen=True, slots=True)
class Entries:
    """What is written with indices, in the notation of the arithmetic's style."""

    arithmetic: Arithmetic
    names: Naming
    declarations: Declarations

    def base(self, operand: Syntax, piece: Piece) -> Piece:
        """The array whose entry is meant: names of entries are never bold."""
        return Piece(self.names.show(operand.name, 0), piece.level) if isinstance(operand, Name) else piece

    def contraction(self, specification: str, operands: Sequence[Syntax], parts: Sequence[Piece]) -> Piece | None:
        """An einsum as the sum of products of entries, in brackets with its free indices; None if it has none."""
        match = _EINSUM.fullmatch(specification)
        terms = [term.strip() for term in match[1].split(",")] if match else []
        if match is None or len(terms) != len(parts):
            return None
        letters = dict.fromkeys("".join(terms))
        # Letters that are names here give way to free ones; where one has no subscript form, all do.
        taken = self.names.shown
        unfit = list(letters) if not _LOWERED.issuperset(letters) else [letter for letter in letters if letter in taken]
        kept = set(letters) - set(unfit)
        free = [letter for letter in _INDICES if letter not in kept and letter not in taken]
        shown = dict(zip(letters, letters, strict=True))
        if len(unfit) <= len(free):
            shown.update(zip(unfit, free, strict=False))
        factors: Rope = ""
        # A delta does not say how long it is, unless one of its letters stands elsewhere too.
        told = (
            set(letters)
            if not self.arithmetic.style.sized_deltas
            else {c for term, operand in zip(terms, operands, strict=True) if not _is_eye(operand) for c in term}
        )
        for term, operand, part in zip(terms, operands, parts, strict=True):
            indices = [shown[letter] for letter in term]
            factors = self.arithmetic.beside(factors, self._factor(indices, operand, part, bool(told & set(term))))
        summed = [shown[letter] for letter in letters if letter not in match[2]]
        return self._summed(factors, summed, [shown.get(letter, letter) for letter in match[2]], parts)

    def _factor(self, letters: Sequence[str], operand: Syntax, part: Piece, sized: bool) -> Rope:
        if not letters:
            return self.arithmetic.at(part, Level.POWER)
        style = self.arithmetic.style
        if sized and self._is_delta(operand):
            return (style.name("δ", "", 0), style.subscript(letters))
        return (_indexable(self.arithmetic, self.base(operand, part)), style.subscript(letters))

    def _is_delta(self, operand: Syntax) -> bool:
        """Whether entries of the operand are written δ: it is an identity matrix, and nothing else is called so."""
        return _is_eye(operand) and self.arithmetic.style.name("δ", "", 0) not in self.names.shown

    def _summed(self, factors: Rope, summed: Sequence[str], free: Sequence[str], parts: Sequence[Piece]) -> Piece:
        style = self.arithmetic.style
        text: Rope = (style.summation(summed), factors) if summed else factors
        tall = bool(summed) or any(part.tall for part in parts)
        if not free:
            return Piece(text, Level.OPEN if summed else Level.MATRIX, tall=tall)
        return Piece((style.bracket(text, tall, square=True), style.subscript(free)), Level.SUBSCRIPTED, tall=tall)

    def indexed(self, index: Index, rank: int, result: int, parts: Sequence[Piece]) -> Piece:
        """operand[items] for an operand of this rank and a result of that."""
        operand = index.operand
        lengths = self._lengths(operand)
        sizes = frozenset(self.declarations.size_names)
        found = list(positions(index, lengths, sizes, rank))
        rest = iter(parts[1:])
        items = [self._item(position, item, rest) for position, item in zip(found, _padded(index.items), strict=False)]
        style = self.arithmetic.style
        fixed = all(isinstance(position, Size) and position.names <= sizes for position in found)
        if not result and self._is_delta(operand) and not (fixed and style.sized_deltas):
            return Piece((style.name("δ", "", 0), style.subscript(items)), Level.SUBSCRIPTED)
        base = parts[0] if result else self.base(operand, parts[0])
        text = (_indexable(self.arithmetic, base), style.subscript(items))
        return Piece(text, Level.SUBSCRIPTED, tall=base.tall)

    def _lengths(self, operand: Syntax) -> tuple[Size, ...]:
        """The sizes of the axes, of a variable or an identity matrix; empty where they are not known."""
        if isinstance(operand, Name):
            declared = self.declarations.variables.get(operand.name)
            return () if declared is None else declared.shape
        size = polynomial(operand.arguments[0]) if isinstance(operand, Call) and _is_eye(operand) else None
        return () if size is None else (size, size)

    def _item(self, position: Size | Range | Syntax | None, item: Syntax | Slice | None, rest: Iterator[Piece]) -> str:
        """One item of an index; `rest` are the pieces of the index's parts, of which an item uses up its own."""
        own = [next(rest) for _ in range(_part_count(item))]
        match position:
            case None:
                return ":"
            case Size():
                return self.size(position)
            case Range(start=start, stop=stop, step=step):
                bounds = (start, stop) if step is None else (start, step, stop)
                return ":".join(self.size(bound) for bound in bounds)
            case _:
                return self.tight(own[0])

    def tight(self, piece: Piece) -> str:
        """The text of a piece without spaces in its sums."""
        minus = self.arithmetic.style.minus
        return flatten(self.arithmetic.whole(piece)).replace(f" {minus} ", minus).replace(" + ", "+")

    def size(self, size: Size) -> str:
        """A size, written tightly: 2n−1."""
        text = ""
        for monomial, coefficient in sorted(size.terms, key=lambda term: term[1] < 0) or [((), 0)]:
            factors = [self._power(atom, power) for atom, power in monomial]
            if abs(coefficient) != 1 or not factors:
                factors.insert(0, str(abs(coefficient)))
            sign = self.arithmetic.style.minus if coefficient < 0 else "+" if text else ""
            short = all(not isinstance(atom, str) or len(atom) == 1 for atom, _ in monomial)
            text += sign + ("" if short else " ").join(factors)
        return text

    def _power(self, atom: Atom, power: int) -> str:
        base = self.names.show(atom, 0) if isinstance(atom, str) else self._floor(atom)
        if power == 1:
            return base
        return flatten(self.arithmetic.style.power(base, str(power), power, simple=True, hadamard=False))

    def _floor(self, floor: Floor) -> str:
        above = self.size(floor.numerator)
        if len(floor.numerator.terms) > 1:
            above = f"({above})"
        return flatten(self.arithmetic.style.floor(f"{above}/{floor.divisor}"))


def _indexable(arithmetic: Arithmetic, base: Piece) -> Rope:
    """The text of an array in front of an index, in round brackets where the index would say something else: behind a
    bar it looks like that of a norm, behind a square bracket like those of an array given by its entries."""
    text = arithmetic.at(base, Level.ATOM)
    return arithmetic.bracket(Piece(text, tall=base.tall)) if _MARKED.match(first_leaf(text)) else text


def _is_eye(operand: Syntax) -> bool:
    return isinstance(operand, Call) and operand.function == "eye"


def _padded(items: Sequence[Syntax | Slice]) -> Iterator[Syntax | Slice | None]:
    yield from items
    while True:
        yield None


def _part_count(item: Syntax | Slice | None) -> int:
    if isinstance(item, Slice):
        return sum(part is not None for part in (item.start, item.stop, item.step))
    return int(item is not None)
