"""Names as mathematicians write them: Greek letters, trailing digits as subscripts; and never two names alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass

from hesse.core.declarations import Declarations
from hesse.core.syntax import Definitions, Name, Running, Syntax, postorder
from hesse.notation.letters import GREEK, NUMBERED, split


@dataclass(frozen=True, slots=True)
class Naming:
    """How the names of one expression are shown: those in `plain` letter by letter, lest they be taken for others."""

    spell: Callable[[str, str, int], str]
    spell_plain: Callable[[str, int], str]
    plain: frozenset[str]
    shown: frozenset[str]

    def show(self, name: str, rank: int) -> str:
        """The name as it is written, for a value of this rank."""
        return self.spell_plain(name, rank) if name in self.plain else self.spell(*split(name), rank)

    def subscripted(self, name: str) -> bool:
        """Whether the name is written with a subscript."""
        return name not in self.plain and bool(split(name)[1])


def naming(
    tree: Syntax,
    declarations: Declarations,
    spell: Callable[[str, str, int], str],
    spell_plain: Callable[[str, int], str],
) -> Naming:
    """The naming of an expression. x1 stays `x1` beside an array x, whose first entry is x₁; so do lam and λ."""
    names, arrays = names_of(tree, declarations)
    spelled = {name: spell(*split(name), 0) for name in names}
    frequency = Counter(spelled.values())
    alike = {name for name in names if frequency[spelled[name]] > 1 or _like_an_entry(name, arrays)}
    plain = {name for name in alike if len(name) > 1}
    return Naming(spell, spell_plain, frozenset(plain), frozenset(spelled.values()))


def names_of(tree: Syntax, declarations: Declarations) -> tuple[list[str], set[str]]:
    """All names declared, defined or used, in order, and those among them that may be arrays."""
    names = dict.fromkeys([*(entry.name for entry in declarations), *declarations.size_names])
    arrays = {entry.name for entry in declarations.variables.values() if entry.shape}
    for subtree in postorder(tree):
        if isinstance(subtree, Name):
            names[subtree.name] = None
        elif isinstance(subtree, Running):
            names[subtree.index] = None
        elif isinstance(subtree, Definitions):
            arrays.update(name for name, _ in subtree.bindings)
            names.update(dict.fromkeys(arrays))
    return list(names), arrays


def _like_an_entry(name: str, arrays: Set[str]) -> bool:
    numbered = NUMBERED.fullmatch(name)
    return numbered is not None and _same_stem(numbered[1], arrays)


def _same_stem(stem: str, arrays: Iterable[str]) -> bool:
    return any(GREEK.get(stem, stem) == GREEK.get(array, array) for array in arrays)
