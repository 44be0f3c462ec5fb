"""Published formulas: where each stands, the function, and the source's answer in hesse's text notation."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["gradient", "jacobian", "hessian", "jvp", "hvp"]
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Identity:
    """A function and its derivative as the source gives it.

    `kind` "jvp" and "hvp" multiply by a new variable: `v` for a vector variable, `V` for a matrix.
    """

    source: str
    kind: Kind
    function: str
    declarations: str
    wrt: str
    answer: str

    @property
    def vector(self) -> str:
        """The name of the new variable of products."""
        return "V" if self.wrt.isupper() else "v"

    def __str__(self) -> str:
        return f"{self.kind} of {self.function} by {self.wrt}"


def identities() -> list[Identity]:
    """All of them. The sources' names stand in `sources.toml` and are abbreviated in the other files."""
    names = tomllib.loads((HERE / "sources.toml").read_text(encoding="utf-8"))
    rows = []
    for path in sorted(HERE.glob("*.toml")):
        for source, *rest in tomllib.loads(path.read_text(encoding="utf-8")).get("identities", ()):
            for short, full in names.items():
                source = source.replace(short, full)
            rows.append(Identity(source, *rest))
    return rows
