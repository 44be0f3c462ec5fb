r"""What a symbol with its subscript is: a name, a running index, a constant, or an entry of an array.

This follows from the declarations and from which indices run, and not from the ranks of undeclared names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from hesse.core.sizes import Size
from hesse.errors import ParseError, Span, UnknownNameError
from hesse.frontends.infer import Costs, Unknown
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.names import CONSTANTS, new_name
from hesse.frontends.latex.tree import (
    Bars,
    Filled,
    Latex,
    Number,
    Product,
    Range,
    Script,
    Symbol,
    Transposed,
    parts,
    symbols_in,
)

_BOLD: Costs = ((0, 1), (3, 0), (4, 2))
_BOLD_CAPITAL: Costs = ((0, 2), (3, 1), (4, 0))
_LOWER: Costs = ((0, 0), (1, 1), (4, 2))
_CAPITAL: Costs = ((0, 2), (3, 0), (4, 1))
END = "end"
"""The length of an axis, inside of a subscript."""
_INDEX_LETTERS = frozenset("ijkl")


@dataclass(frozen=True, slots=True)
class Named:
    """A variable, a size, a definition or a constant."""

    name: str


@dataclass(frozen=True, slots=True)
class Running:
    """A running index."""

    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry, a row or a part of an array that has a name."""

    name: str
    items: tuple[Latex | Range, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The same of an expression."""

    base: Latex
    items: tuple[Latex | Range, ...]


Meaning: TypeAlias = Named | Running | Entry | Part


@dataclass(slots=True)
class Resolver:
    """The meanings of the symbols of one formula."""

    cursor: Cursor
    meanings: dict[int, Meaning] = field(default_factory=dict)
    bold: set[str] = field(default_factory=set)
    arrays: set[str] = field(default_factory=set)
    """The names that stand transposed or in a norm: they are no numbers."""
    new_sizes: dict[str, Span] = field(default_factory=dict)

    def run(self, roots: Sequence[Latex]) -> None:
        """Find the meaning of every symbol that was read."""
        self._resolve()
        stack: list[Latex | Range] = list(roots)
        while stack:
            node = stack.pop()
            if isinstance(node, Transposed) or (isinstance(node, Bars) and node.norm):
                meaning = self.meanings.get(id(parts(node)[0]))
                if isinstance(meaning, Named):
                    self.arrays.add(meaning.name)
            stack.extend(parts(node))

    def _resolve(self) -> None:
        for stem, span in self.cursor.sizes.items():
            if self.cursor.names.find(stem) is None and stem not in self.cursor.names.running:
                self.new_sizes.setdefault(new_name(stem), span)
        inside: set[int] = set()
        for node in self.cursor.symbols.values():
            if isinstance(node, Script):
                meaning = self._script(node)
                self.meanings[id(node)] = meaning
                if isinstance(meaning, Named):
                    inside.update(id(each) for item in node.items for each in symbols_in(item))
        for node in self.cursor.symbols.values():
            if isinstance(node, Symbol) and id(node) not in inside:
                self.meanings[id(node)] = self._symbol(node)

    def _symbol(self, symbol: Symbol) -> Meaning:
        names, stem = self.cursor.names, symbol.stem
        found = names.find(stem, upright=symbol.upright)
        if found is not None:
            return Named(found)
        if stem in names.running:
            return Running(stem)
        if stem == END and symbol.upright:
            return Named(END)
        if stem in CONSTANTS and not symbol.bold:
            if stem == "e":
                self.cursor.note("`e` read as Euler's number")
            return Named(new_name(stem))
        name = self._new(stem, "")
        if symbol.bold:
            self.bold.add(name)
        return Named(name)

    def _new(self, stem: str, label: str) -> str:
        if not (stem[0].isalpha() or stem[0] == "_"):
            raise AssertionError(f"a name begins with {stem!r}")
        return new_name(stem, label)

    def _script(self, node: Script) -> Meaning:
        base = node.base
        items = node.items
        if isinstance(base, Script) and base.raised:
            outer = self._script(base)
            if isinstance(outer, Entry):
                return Entry(outer.name, (*outer.items, *items))
            return Part(base, items)
        if not isinstance(base, Symbol):
            return Part(base, items)
        return self._scripted(node, base)

    def _scripted(self, node: Script, base: Symbol) -> Meaning:
        names = self.cursor.names
        array = names.find(base.stem, upright=base.upright)
        is_array = array is not None and names.ranks.get(array, 0) > 0
        if is_array and node.items and self._positions(node):
            assert array is not None
            self._check_bold(base, array, node)
            return Entry(array, node.items)
        found = names.find(base.stem, node.label) if node.label else None
        is_entry = array is not None and array in names.defined and node.items and self._positions(node)
        if found is not None and not (is_entry and found in names.words):
            return Named(found)
        if array is not None and is_entry:
            return Entry(array, node.items)
        if base.stem == "δ" and array is None and len(single_items(node.items)) == 2 and self._runs(node):
            return Part(self.cursor.number(Filled(base.span, "I")), node.items)
        if self._runs(node):
            return self._row(node, base, array)
        return self._label(node, base)

    def _positions(self, node: Script) -> bool:
        """Whether the subscript holds nothing but what positions are made of."""
        names = self.cursor.names
        if node.raised and names.find(getattr(node.base, "stem", ""), node.label) is not None:
            return False
        for symbol in (each for item in node.items for each in symbols_in(item)):
            name = names.find(symbol.stem, upright=symbol.upright)
            variable = names.declarations.variables.get(name or "")
            index = variable is not None and variable.index is not None
            size = name in names.declarations.size_names or new_name(symbol.stem) in self.new_sizes
            running = name is None and (symbol.stem in names.running or (symbol.stem == END and symbol.upright))
            if not (index or size or running):
                return False
        return True

    def _runs(self, node: Script) -> bool:
        return any(each.stem in self.cursor.names.running for item in node.items for each in symbols_in(item))

    def _check_bold(self, base: Symbol, array: str, node: Script) -> None:
        r"""Raises for \mathbf{x}_i where both a vector x and a matrix X are declared: entry or row?"""
        names = self.cursor.names
        matrix = names.find(base.stem.upper())
        if base.bold and matrix not in (None, array) and names.ranks.get(array) == 1 and self._runs(node):
            raise ParseError(
                f"`{self.cursor.text(node.span)}`: an entry of `{array}`, or a row of `{matrix}`?",
                span=node.span,
                hint=f"write `{array}_i` for the entry, `{matrix}_i` for the row",
            )

    def _row(self, node: Script, base: Symbol, known: str | None) -> Meaning:
        """An entry of an array that is not declared under this letter: of the capital letter, or of a new name."""
        names, shown = self.cursor.names, self.cursor.text(node.span)
        if known is not None and names.ranks.get(known, 0):
            hint = r"sum over it, as in `\sum_{i}`, or write a number"
            raise ParseError(f"an index in `{shown}` runs over nothing", span=node.span, hint=hint)
        if known is not None:
            raise ParseError(f"`{known}` is a number and has no entries", span=node.span)
        capital = base.stem.upper() if len(base.stem) == 1 and base.stem.upper() != base.stem else ""
        matrix = names.find(capital) if capital else None
        if matrix is None and capital and self._written(capital):
            matrix = new_name(capital)
        if matrix is not None and names.ranks.get(matrix, 2) > 1:
            what = "a row" if len(node.items) == 1 and not isinstance(node.items[0], Product) else "an entry"
            self.cursor.note(f"`{shown}` read as {what} of `{matrix}`")
            return Entry(matrix, node.items)
        return Entry(self._new(base.stem, ""), node.items)

    def _written(self, stem: str) -> bool:
        symbols = self.cursor.symbols.values()
        return any(isinstance(each, Symbol) and each.stem == stem and each.stem not in CONSTANTS for each in symbols)

    def _label(self, node: Script, base: Symbol) -> Meaning:
        """A new name with a subscript; raises for an index that runs over nothing."""
        shown = self.cursor.text(node.span)
        declared = self.cursor.names.find(base.stem, upright=base.upright)
        array = declared is not None and self.cursor.names.ranks.get(declared, 0) > 0
        if array and not node.label:
            raise UnknownNameError(
                f"`{shown}`: the subscript is made of more than sizes and indices that run",
                span=node.span,
                hint="an index runs inside of a sum; sizes are declared",
            )
        if not node.label or not base.stem.replace("_", "").isalnum():
            raise UnknownNameError(
                f"`{shown}`: the array `{base.stem}` is not declared", span=node.span, hint=f"declare `{base.stem}`"
            )
        if set(node.label) <= _INDEX_LETTERS or (array and len(node.label) == 1):
            raise UnknownNameError(
                f"the index in `{shown}` runs over nothing, and no name is written like this",
                span=node.span,
                hint=rf"sum over it, as in `\sum_{{{node.label[0]}}}`, or declare `{base.stem}_{node.label}`",
            )
        name = self._new(base.stem, node.label)
        self.cursor.note(f"`{shown}` read as the name `{name}`")
        if base.bold:
            self.bold.add(name)
        return Named(name)

    def unknowns(self) -> list[Unknown]:
        """The names that are not declared, in order of first use, with what their look suggests."""
        sizes = self._axes()
        names = self.cursor.names
        found: dict[str, Unknown] = {}
        for meaning in self.meanings.values():
            if not isinstance(meaning, Named | Entry) or meaning.name in found:
                continue
            name = meaning.name
            if names.exists(name) or name in ("e", "pi", END) or name in self.new_sizes:
                continue
            found[name] = Unknown(name, self._costs(name), sizes.get(name, {}))
        return list(found.values())

    def _costs(self, name: str) -> Costs:
        if name in self.bold:
            return _BOLD_CAPITAL if name[0].isupper() else _BOLD
        costs = _CAPITAL if name[0].isupper() else _LOWER
        return tuple(each for each in costs if each[1]) if name in self.arrays else costs

    def _axes(self) -> dict[str, dict[int, Size]]:
        """The sizes of axes that an index with a written end runs over."""
        found: dict[str, dict[int, Size]] = {}
        for meaning in self.meanings.values():
            if isinstance(meaning, Entry):
                for axis, item in enumerate(single_items(meaning.items)):
                    end = self.cursor.bounds.get(item.stem) if isinstance(item, Symbol) else None
                    if end is not None:
                        size = self.cursor.names.size(end) or new_name(end)
                        found.setdefault(meaning.name, {}).setdefault(axis, Size.of(size))
        return found


def single_items(items: tuple[Latex | Range, ...]) -> tuple[Latex | Range, ...]:
    """The items with those side by side taken apart: i and j for A_{ij}."""
    if (
        len(items) == 1
        and isinstance(items[0], Product)
        and all(isinstance(factor, Symbol | Number) for factor in items[0].factors)
    ):
        return items[0].factors
    return items
