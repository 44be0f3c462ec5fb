"""The sets of right and wrong answers, as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """A question and an answer; for wrong ones the codes of the mistake, any of which will do."""

    family: str
    kind: str
    function: str
    declarations: str
    wrt: str | tuple[str, ...]
    answer: str
    codes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} of {self.function} [{self.declarations}] by {self.wrt}: {self.answer}"


def cases(name: str) -> list[Case]:
    """The cases of a file."""
    with (HERE / f"{name}.toml").open("rb") as file:
        families = tomllib.load(file)
    return [
        Case(family, kind, function, declarations, _names(wrt), answer, tuple(*codes))
        for family, rows in families.items()
        for kind, function, declarations, wrt, answer, *codes in rows
    ]


def _names(wrt: str | list[str]) -> str | tuple[str, ...]:
    return wrt if isinstance(wrt, str) else tuple(wrt)
