"""The entries of arrays as expressions of the position: what every program of loops is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from hesse.codegen.indexing import Range, bound, range_length
from hesse.codegen.terms import Term, as_size
from hesse.core.indices import nonnegative
from hesse.core.sizes import ONE, ZERO, Size
from hesse.errors import ArgumentError

Position: TypeAlias = tuple[str, ...]
"""The expressions of the indices along all axes."""
Picked: TypeAlias = Size | Term | tuple[Size, Size, int]
"""A position, an array of positions, or a start, a length and a step."""


class Entries:
    """Writes entries; `given` are the arrays that are there, `stored` those that the program makes.

    `spell` gives the expression of an operation on numbers, `size` that of a size. `reading` notes which stored
    terms are read, and where; `checks` are conditions under which a position would not be on its axis, and
    `looks_up` tells of positions that only the values of arrays tell.
    """

    def __init__(
        self, given: Mapping[Term, str], spell: Callable[[Term, Sequence[str]], str], size: Callable[[Size], str]
    ) -> None:
        self.given = given
        self.stored: dict[Term, str] = {}
        self.size = size
        self.reading: dict[Term, set[Position]] = {}
        self.checks: dict[str, None] = {}
        self.looks_up = False
        self._spell = spell

    def array(self, term: Term) -> str:
        """An array as a whole."""
        name = self.stored.get(term) or self.given.get(term)
        if name:
            self._read(term, ("whole",))
            return name
        assert term.head == "transpose", term.head
        return f"{self.array(term.arguments[0])}.T"

    def _read(self, term: Term, position: Position) -> None:
        if term in self.stored:
            self.reading.setdefault(term, set()).add(position)

    def entry(self, term: Term, position: Position) -> str:
        """The expression of one entry."""
        name = self.stored.get(term) or self.given.get(term)
        if name:
            self._read(term, position)
            return f"{name}[{', '.join(position)}]" if term.rank else name
        return self.own_entry(term, position)

    def own_entry(self, term: Term, position: Position) -> str:
        """The expression of one entry of a term by its arguments."""
        rule = _RULES.get(term.head)
        if rule is not None:
            return rule(self, term, position)
        return self._spell(term, [self.broadcast(argument, position, term.rank) for argument in term.arguments])

    def broadcast(self, term: Term, position: Position, rank: int) -> str:
        """The entry of an argument that may have fewer axes, or axes of one entry."""
        own = position[rank - term.rank :] if term.rank else ()
        return self.entry(term, tuple("0" if size == ONE else axis for size, axis in zip(term.shape, own, strict=True)))

    def source(self, term: Term, position: Position) -> Position:
        """Where an entry of an index comes from."""
        rest = iter(position)
        operand = term.arguments[0]
        source: list[str] = []
        for item, size in zip(term.options, operand.shape, strict=False):
            found = self.picked(term, item, size)
            if isinstance(found, Size):
                source.append(self.size(found))
            elif isinstance(found, tuple):
                source.append(self.moved(next(rest), found))
            else:
                source.append(self.entry(found, (next(rest),) if found.rank else ()))
        return (*source, *rest)

    def moved(self, axis: str, picked: tuple[Size, Size, int]) -> str:
        """The position in an axis for one in a slice of it."""
        start, _, step = picked
        moved = axis if step == 1 else f"{step} * {axis}"
        return moved if start == ZERO else f"({moved} + {self.size(start)})"

    def picked(self, term: Term, item: object, size: Size) -> Picked:
        """A position, an array of positions, or a start, a length and a step; what may leave the axis is checked."""
        if isinstance(item, tuple):
            start, stop, step = (None if part is None else term.arguments[part] for part in item)
            by = 1 if step is None else as_size(step).as_int() or 1  # type: ignore[union-attr]
            first = bound(start, size, ZERO if by > 0 else size - 1)
            length = range_length(Range(start, stop, step), size)
            self._check(first, size, length)
            self._check(first + (length - 1) * by, size, length)
            return first, length, by
        assert isinstance(item, int)
        picked = term.arguments[item]
        position = as_size(picked) if not picked.rank else None
        if position is None:
            self.looks_up = self.looks_up or picked.head != "arange"
            return picked
        position = position + size if position.sign() == -1 else position
        self._check(position, size, ONE)
        return position

    def _check(self, position: Size, size: Size, length: Size) -> None:
        """A position that may leave the axis where the length is positive is checked when the function is called."""
        more = length - 1  # not negative where there is anything
        if all(nonnegative(least) or nonnegative(least - more) for least in (position, size - 1 - position)):
            return
        low, high, count = (self.size(each) for each in (position, size, length))
        self.checks[f"{count} > 0 and not 0 <= {low} < {high}"] = None


Rule: TypeAlias = Callable[[Entries, Term, Position], str]


def _variable(entries: Entries, term: Term, position: Position) -> str:
    name = entries.given[term]
    return f"{name}[{', '.join(position)}]" if term.rank else name


def _outer(entries: Entries, term: Term, position: Position) -> str:
    left, right = term.arguments
    return f"({entries.entry(left, position[:1])}) * ({entries.entry(right, position[1:])})"


def _diag(entries: Entries, term: Term, position: Position) -> str:
    return f"({entries.entry(term.arguments[0], position[:1])} if {position[0]} == {position[1]} else 0.0)"


def _kron(entries: Entries, term: Term, position: Position) -> str:
    left, right = term.arguments
    sizes = [entries.size(size) for size in right.shape]
    outer = tuple(f"({axis} // {size})" for axis, size in zip(position, sizes, strict=True))
    inner = tuple(f"({axis} % {size})" for axis, size in zip(position, sizes, strict=True))
    return f"({entries.entry(left, outer)}) * ({entries.entry(right, inner)})"


def _rolled(entries: Entries, term: Term, position: Position) -> str:
    (axis,) = term.options
    operand, shift = term.arguments
    if axis is None and term.rank > 1:
        raise ArgumentError("loops cannot rotate all entries of a matrix", hint="use the backend numpy")
    place = axis or 0
    at, size = position[place], entries.size(term.shape[place])
    by = as_size(shift)
    step = None if by is None else by.as_int()
    if step in (1, -1) and at.isidentifier():  # a choice takes a quarter of the time of a remainder
        moved = f"({at} - 1 if {at} > 0 else {size} - 1)" if step == 1 else f"({at} + 1 if {at} < {size} - 1 else 0)"
    else:
        moved = f"(({at} - ({entries.entry(shift, ())})) % {size})"
    return entries.entry(operand, (*position[:place], moved, *position[place + 1 :]))


def _chosen(entries: Entries, term: Term, position: Position) -> str:
    """The item of a stack at a position that is not known before."""
    axis = term.options[0] if term.options else 0
    at, rest = position[axis], (*position[:axis], *position[axis + 1 :])
    *items, last = [entries.entry(item, rest) for item in term.arguments]
    chosen = "".join(f"({item}) if {at} == {k} else " for k, item in enumerate(items))
    return f"({chosen}({last}))"


def _triangle(entries: Entries, term: Term, position: Position) -> str:
    operand, *offset = term.arguments
    row, column = position
    edge = f"{row} + ({entries.entry(offset[0], ())})" if offset else row
    inside = f"{column} {'>=' if term.head == 'triu' else '<='} {edge}"
    return f"({entries.entry(operand, position)} if {inside} else 0.0)"


def _undefined(entries: Entries, term: Term, position: Position) -> str:
    raise ArgumentError(f"loops cannot call the function {term.options[0]}", hint="use the backend numpy")


_RULES: Mapping[str, Rule] = {
    "variable": _variable,
    "size": lambda entries, term, position: entries.size(Size.of(term.options[0])),
    "transpose": lambda entries, term, position: entries.entry(term.arguments[0], position[::-1]),
    "column": lambda entries, term, position: entries.entry(term.arguments[0], position[:1]),
    "index": lambda entries, term, position: entries.entry(term.arguments[0], entries.source(term, position)),
    "full": lambda entries, term, position: entries.entry(term.arguments[0], ()),
    "arange": lambda entries, term, position: position[0],
    "eye": lambda entries, term, position: f"(1.0 if {position[0]} == {position[1]} else 0.0)",
    "diag": _diag,
    "diagpart": lambda entries, term, position: entries.entry(term.arguments[0], (position[0], position[0])),
    "outer": _outer,
    "kron": _kron,
    "roll": _rolled,
    "tril": _triangle,
    "triu": _triangle,
    "stack": _chosen,
    "stack_along": _chosen,
    "undefined": _undefined,
}
"""Operations that move entries or join them; all others are functions of numbers."""
