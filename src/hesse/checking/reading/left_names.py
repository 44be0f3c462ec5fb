"""What a left side names; its variables as they are written there: `x`, `x_1`, `x[0]`, and two of them in `f_xy`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hesse.checking.reading.left_words import Word
from hesse.core.declarations import Declarations
from hesse.errors import ParseError, Span, UnknownNameError
from hesse.notation.letters import GREEK, split

_LETTER = re.compile("[a-z]")
DIGITS = 9
"""A position has no more of them."""
SPELLED = 8
"""A name may be written by so much longer than it is declared: epsilon for ε."""


@dataclass(frozen=True, slots=True)
class By:
    """A variable by which is differentiated, or the entry of it at 0-based positions; `index` is a letter for any of
    its positions, as in ∂f/∂x_k."""

    name: str
    entry: tuple[int, ...] | None = None
    index: str = ""


@dataclass(slots=True)
class LeftSide:
    """What a left side names.

    `order` is that of the derivative, 0 for the mere name of something; `by` are the variables in order. `numbers` are
    subscripts that count from 1 and `places` those that count from 0; `output` is the subscript of the function
    below an operator. `operand` is the place of the expression that is differentiated, None where that is a name.
    """

    text: str
    span: Span
    order: int = 0
    by: list[By] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    places: tuple[int, ...] | None = None
    output: list[str] = field(default_factory=list)
    operand: Span | None = None
    loose: bool = False
    """Whether the numbers may as well belong to the name: f_1."""


class Variables:
    """The declared variables, found by how they are written."""

    def __init__(self, declarations: Declarations) -> None:
        self._ranks = {name: len(entry.shape) for name, entry in declarations.variables.items()}
        self._functions = frozenset(declarations.functions)
        self._longest = max(map(len, self._ranks), default=0) + SPELLED
        self._written = {split(name): name for name in self._ranks}

    def find(self, stem: str, label: str = "") -> str | None:
        """The declared name that is written with this stem and subscript."""
        exact = (f"{stem}_{label}", f"{stem}{label}") if label else (stem,)
        found = next((name for name in exact if name in self._ranks), None)
        return found or self._written.get((GREEK.get(stem, stem), label) if label else split(stem))

    def by(self, stem: str, label: Sequence[Word], places: tuple[int, ...] | None, span: Span) -> By:
        """The variable, or its entry. Raises UnknownNameError for a name that is no variable."""
        joined = "".join(word.value for word in label)
        name = self.find(stem, joined)
        vector = self.find(stem)
        if name is None and vector is not None and self._ranks[vector] == 1 and _LETTER.fullmatch(joined):
            return By(vector, None, joined)
        if name is None and joined:
            name, places = self.find(stem), self._counted(stem, label, span)
        if name is None:
            raise self.unknown(stem, span)
        if places is not None and len(places) != self._ranks[name]:
            raise ParseError(f"`{name}` has {self._ranks[name]} axes, and {len(places)} positions are given", span=span)
        return By(name, places)

    def _counted(self, stem: str, label: Sequence[Word], span: Span) -> tuple[int, ...]:
        """The 0-based positions that a subscript counts from 1."""
        name = self.find(stem)
        if name is None:
            raise self.unknown(f"{stem}_{''.join(word.value for word in label)}", span)
        found = counted([word.value for word in label if word.value != ","], self._ranks[name])
        if found is None:
            raise ParseError(
                f"the subscript of `{name}` is no position in it",
                span=span,
                hint=f"`{name}` is a number" if not self._ranks[name] else "positions in subscripts count from 1",
            )
        return found

    def unknown(self, name: str, span: Span) -> UnknownNameError:
        """The error for what is no variable."""
        base = next((known for known, rank in self._ranks.items() if rank and _numbered(name, known)), None)
        hint = f"did you mean `{base}[0]`?" if base else f"the variables are {', '.join(self._ranks)}"
        return UnknownNameError(f"`{name}` is no variable of the function", span=span, hint=hint)

    def sequence(self, letters: str, between: str = "", label: str = "") -> tuple[By, ...] | None:
        """The one variable, or the two one after the other, that a word is; None where that is not clear.

        What stands between the two, and the subscript behind all, belong to them.
        """
        if len(letters) > 2 * self._longest:
            return None
        whole = self.find(letters, label)
        if whole is not None:
            return (By(whole),)
        found: list[tuple[By, ...]] = []
        for place in range(1, len(letters)):
            one, rest = letters[:place], letters[place:]
            other = rest.removeprefix(between)
            names = [self.find(one), self.find(other, label)] if other != rest or not between else [None]
            if None not in names:
                found.append(tuple(By(name) for name in names if name is not None))
        return found[0] if len(found) == 1 else None

    def product(self, letters: str) -> bool:
        """Whether the word is a declared name, or a product of such."""
        if letters in self._functions:
            return True
        reached = {0}
        for end in range(1, len(letters) + 1):
            starts = range(max(0, end - self._longest), end)
            if any(start in reached and self.find(letters[start:end]) for start in starts):
                reached.add(end)
        return len(letters) in reached


def counted(numbers: Iterable[str], rank: int) -> tuple[int, ...] | None:
    """The 0-based positions of `1,2` or `12`; None where they are not as many as there are axes."""
    found = list(numbers)
    if len(found) == 1 and rank > 1:
        found = list(found[0])
    if len(found) != rank or not all(is_position(each) and int(each) > 0 for each in found):
        return None
    return tuple(int(each) - 1 for each in found)


def is_position(text: str) -> bool:
    """Whether it is a number that an axis may have as a position."""
    return text.isdecimal() and len(text) <= DIGITS


def _numbered(stem: str, name: str) -> bool:
    """Whether the stem is the name with a number behind it."""
    return stem.startswith(name) and stem[len(name) :].isdecimal()
