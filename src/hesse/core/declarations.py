"""What is declared about names: variables with shapes and attributes, and undefined functions.

Declarations live outside the nodes: an expression carries them along, so that a variable that only fixes a size, or
that a derivative no longer contains, is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hesse.core.sizes import Size

ATTRIBUTES: dict[str, str] = {
    "sym": "symmetric",
    "spd": "symmetric positive definite",
    "pos": "positive entries",
    "pm1": "entries -1 or 1",
    "simplex": "nonnegative entries that sum to one along the last axis",
}


@dataclass(frozen=True, slots=True)
class VariableDeclaration:
    """`A:m,n:sym`: a name, its sizes, its attributes; `index` is the size that bounds an integer index array."""

    name: str
    shape: tuple[Size, ...]
    attributes: frozenset[str] = frozenset()
    index: Size | None = None

    def __str__(self) -> str:
        text = f"{self.name}:{','.join(map(str, self.shape))}"
        for attribute in sorted(self.attributes):
            text += f":{attribute}"
        if self.index is not None:
            text += f":index({self.index})"
        return text


@dataclass(frozen=True, slots=True)
class FunctionDeclaration:
    """`u:n->`, `g:n->m`, `phi:->`: an undefined function; `phi` of a scalar is applied elementwise."""

    name: str
    domain: tuple[Size, ...]
    codomain: tuple[Size, ...]

    @property
    def elementwise(self) -> bool:
        """Whether it maps a scalar to a scalar, entry by entry."""
        return not self.domain and not self.codomain

    def __str__(self) -> str:
        return f"{self.name}:{','.join(map(str, self.domain))}->{','.join(map(str, self.codomain))}"


Declaration = VariableDeclaration | FunctionDeclaration


@dataclass(frozen=True)
class Declarations:
    """The ordered declarations of an expression. `str` gives text that reads back to the same.

    `required` are further sizes that must be at least 1 for the expression to exist: `x[n-3]` needs n-2.
    """

    entries: tuple[Declaration, ...] = ()
    required: tuple[Size, ...] = ()

    def __iter__(self) -> Iterator[Declaration]:
        return iter(self.entries)

    def __str__(self) -> str:
        return " ".join(map(str, self.entries))

    def find(self, name: str) -> Declaration | None:
        """The declaration of a name, or None."""
        return next((entry for entry in self.entries if entry.name == name), None)

    @property
    def variables(self) -> dict[str, VariableDeclaration]:
        """The declared variables by name, in order."""
        return {e.name: e for e in self.entries if isinstance(e, VariableDeclaration)}

    @property
    def functions(self) -> dict[str, FunctionDeclaration]:
        """The undefined functions by name, in order."""
        return {e.name: e for e in self.entries if isinstance(e, FunctionDeclaration)}

    @property
    def size_names(self) -> tuple[str, ...]:
        """Every size name, in order of first occurrence."""
        names: dict[str, None] = {}
        for entry in self.entries:
            if isinstance(entry, VariableDeclaration):
                sizes = entry.shape if entry.index is None else (*entry.shape, entry.index)
            else:
                sizes = (*entry.domain, *entry.codomain)
            for size in sizes:
                names.update(dict.fromkeys(sorted(size.names, key=natural_key)))
        return tuple(names)

    def extended(self, *more: Declaration) -> Declarations:
        """These declarations and more behind them; equal ones are kept once."""
        new = tuple(entry for entry in more if entry not in self.entries)
        return Declarations(self.entries + new, self.required)

    def requiring(self, *sizes: Size) -> Declarations:
        """These declarations with further sizes that must be at least 1; equal ones are kept once."""
        return Declarations(self.entries, tuple(dict.fromkeys((*self.required, *sizes))))


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sorting key by which x2 comes before x10."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", name))
