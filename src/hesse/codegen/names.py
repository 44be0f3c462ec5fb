"""Python names for the variables and temporaries of a program."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable

_FORBIDDEN = frozenset(keyword.kwlist) | {"__debug__"}


class Names:
    """Hands out each name once. Names that differ but that Python reads as one (ϕ and φ) are kept apart."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self._taken = set(reserved)
        self._temporaries = 0

    def take(self, wanted: str) -> str:
        """The name itself where Python allows it and it is free, else with underscores behind it."""
        name = identifier(wanted)
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def number(self, stem: str) -> str:
        """The stem, or the stem with the first number that is free."""
        name, number = stem, 2
        while name in self._taken:
            name, number = f"{stem}_{number}", number + 1
        self._taken.add(name)
        return name

    def temporary(self) -> str:
        """t1, t2, ..."""
        while True:
            self._temporaries += 1
            name = f"t{self._temporaries}"
            if name not in self._taken:
                self._taken.add(name)
                return name


def identifier(text: str) -> str:
    """A Python identifier that looks like the text."""
    name = re.sub(r"\W", "_", unicodedata.normalize("NFKC", text)) or "_"
    if not name.isidentifier():
        name = "_" + name
    return name + "_" if name in _FORBIDDEN else name
