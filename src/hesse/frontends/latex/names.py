"""Which name a letter with its subscript is: of the declared ones, or a new one."""

from __future__ import annotations

from dataclasses import dataclass, field

from hesse.core.declarations import Declarations
from hesse.notation.letters import split

CONSTANTS = {"e": "Euler's number", "π": "π"}
_NAMES = {"ℓ": "ell", "π": "pi"}
"""The names of undeclared letters that the text notation does not take as they are."""


def new_name(stem: str, label: str = "") -> str:
    """The name of an undeclared letter with a subscript, as the text notation has it: x1, W_out."""
    base = _NAMES.get(stem, stem)
    if not label:
        return base
    return f"{base}{label}" if label.isdigit() else f"{base}_{_NAMES.get(label, label)}"


@dataclass(slots=True)
class Names:
    """The names that are declared or defined, found by how they are written."""

    declarations: Declarations
    ranks: dict[str, int] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    """The defined names that are written upright, letter by letter: x_1 is then none of them, but an entry."""
    running: set[str] = field(default_factory=set)
    _written: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, entry in self.declarations.variables.items():
            self.ranks[name] = len(entry.shape)
        for name in (*self.declarations.variables, *self.declarations.functions, *self.declarations.size_names):
            self._written.setdefault(split(name), []).append(name)

    def define(self, name: str, *, upright: bool = False) -> None:
        """Take up a name that the formula itself defines."""
        if upright:
            self.words.add(name)
        if name not in self.defined:
            self.defined.add(name)
            self._written.setdefault(split(name), []).append(name)

    def find(self, stem: str, label: str = "", *, upright: bool = False) -> str | None:
        """The name that is written like this, or None; a word finds itself before others that are written alike."""
        if upright and self.exists(stem) and not label:
            return stem
        found = self._written.get((stem, label)) or self._written.get(split(stem) if not label else (stem, label))
        if not found:
            return None
        exact = [name for name in found if name in (stem, new_name(stem, label), f"{stem}_{label}")]
        return (exact or found)[0]

    def exists(self, name: str) -> bool:
        """Whether the name is declared, defined or a size."""
        return any(name in names for names in self._written.values()) if name not in self.ranks else True

    def function(self, stem: str, label: str = "") -> str | None:
        """The undefined function that is declared and written like this."""
        name = self.find(stem, label)
        return name if name in self.declarations.functions else None

    def size(self, stem: str, label: str = "") -> str | None:
        """The size name that is written like this."""
        name = self.find(stem, label)
        return name if name in self.declarations.size_names else None
