"""Parts of arrays and arrays put together from parts: indexing, positions, and assembly out of zeros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from hesse.codegen.terms import Term, Terms, as_size, is_one
from hesse.core.nodes import Shape
from hesse.core.sizes import ZERO, Size
from hesse.errors import ShapeError


@dataclass(frozen=True, slots=True)
class Range:
    """start:stop:step as an index; the parts are terms that stand for sizes, or left out."""

    start: Term | None = None
    stop: Term | None = None
    step: Term | None = None


Item: TypeAlias = Term | Range
Template: TypeAlias = tuple[int | tuple[int | None, int | None, int | None], ...]
"""Items with their terms replaced by positions in the arguments of the term that holds them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is added, or subtracted, at some place of an assembled array; `distinct` places never coincide."""

    items: tuple[Item, ...]
    value: Term
    negative: bool = False
    distinct: bool = True


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece with its terms replaced by positions in the arguments of the assembled term."""

    template: Template
    value: int
    negative: bool
    distinct: bool


MAX_PIECES = 64


class Indexing:
    """Constructors of indexed and assembled terms."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._pieces: dict[Term, tuple[Piece, ...]] = {}

    def index(self, operand: Term, items: Sequence[Item]) -> Term:
        """operand[items] with NumPy's meaning, for at most one index vector."""
        if len(items) > operand.rank:
            raise ShapeError(f"too many indices: {len(items)} for {operand.rank} axes")
        shape: list[Size] = []
        for item, size in zip(items, operand.shape, strict=False):
            if isinstance(item, Range):
                shape.append(range_length(item, size))
            elif item.rank:
                shape += item.shape
        arguments = [operand]
        template = _template(items, arguments)
        return self.terms.make("index", arguments, template, (*shape, *operand.shape[len(items) :]), operand.dtype)

    def gather(self, operand: Term, item: Item, axis: int) -> Term:
        """The parts of the operand along one axis."""
        return self.index(operand, [Range()] * axis + [item])

    def positions(self, size: Size, item: Item | None = None) -> Term:
        """The integers from 0 to size - 1, or those that the item picks."""
        if isinstance(item, Term):
            return item
        every = self.terms.make("arange", (self.terms.size(size),), (), (size,), "integer")
        return every if item is None else self.index(every, (item,))

    def assemble(self, shape: Shape, pieces: Sequence[Piece]) -> Term:
        """The array of zeros with the pieces added at their places."""
        arguments = [self.terms.size(size) for size in shape]
        placed: list[Placed] = []
        for piece in pieces:
            value = self.terms.real(piece.value)
            arguments.append(value)
            position = len(arguments) - 1
            placed.append(Placed(_template(piece.items, arguments), position, piece.negative, piece.distinct))
        term = self.terms.make("assemble", arguments, tuple(placed), shape)
        self._pieces[term] = tuple(pieces)
        return term

    def place(self, shape: Shape, axis: int, item: Item, value: Term) -> Term:
        """Zeros of the shape that hold the value at the item of one axis."""
        distinct = isinstance(item, Range) or not item.rank
        return self.assemble(shape, [Piece((*[Range()] * axis, item), value, distinct=distinct)])

    def add(self, operator: str, left: Term, right: Term) -> Term:
        """left + right or left - right; two assembled arrays are assembled as one."""
        if left.shape == right.shape and left in self._pieces and right in self._pieces:
            flip = operator == "-"
            more = [replace(piece, negative=piece.negative != flip) for piece in self._pieces[right]]
            if len(self._pieces[left]) + len(more) <= MAX_PIECES:
                return self.assemble(left.shape, [*self._pieces[left], *more])
        return self.terms.arithmetic(operator, left, right)

    def scaled(self, operator: str, scalar: Term, array: Term) -> Term:
        """scalar * array or array / scalar, inside an assembled array."""
        if array not in self._pieces:
            return self.terms.arithmetic(operator, *((array, scalar) if operator == "/" else (scalar, array)))
        return self.assemble(array.shape, [self.scaled_piece(operator, scalar, p) for p in self._pieces[array]])

    def scaled_piece(self, operator: str, scalar: Term, piece: Piece) -> Piece:
        """The piece with its value multiplied with, or divided by, a scalar."""
        if operator == "*" and is_one(piece.value):
            return replace(piece, value=scalar)
        return replace(piece, value=self.scaled(operator, scalar, piece.value))

    def negative(self, term: Term) -> Term:
        """-term, inside an assembled array."""
        if term in self._pieces:
            return self.assemble(term.shape, [replace(p, negative=not p.negative) for p in self._pieces[term]])
        return self.terms.negative(term)


def _template(items: Sequence[Item], arguments: list[Term]) -> Template:
    """The items by position; their terms are appended to the arguments."""

    def position(term: Term | None) -> int | None:
        if term is None:
            return None
        arguments.append(term)
        return len(arguments) - 1

    template: list[int | tuple[int | None, int | None, int | None]] = []
    for item in items:
        if isinstance(item, Range):
            template.append((position(item.start), position(item.stop), position(item.step)))
        else:
            arguments.append(item)
            template.append(len(arguments) - 1)
    return tuple(template)


def range_length(item: Range, size: Size) -> Size:
    """The number of positions that a slice picks of an axis."""
    step = 1 if item.step is None else _size(item.step).as_int()
    if not step:
        raise ShapeError("the step of a slice must be an integer other than 0")
    if step > 0:
        span = bound(item.stop, size, size) - bound(item.start, size, ZERO)
    else:
        span = bound(item.start, size, size - 1) - bound(item.stop, size, ZERO - 1)
    length = (span + (abs(step) - 1)) // abs(step)
    return ZERO if length.sign() == -1 else length


def bound(term: Term | None, size: Size, default: Size) -> Size:
    """The bound of a slice counted from the start, on the axis where that is certain."""
    if term is None:
        return default
    bound = _size(term)
    if bound.sign() == -1:
        bound = bound + size
    if bound.sign() == -1:
        return ZERO
    return size if (bound - size).sign() == 1 else bound


def _size(term: Term) -> Size:
    size = as_size(term)
    if size is None:
        raise ShapeError("the bounds of a slice must be integers or sizes")
    return size
