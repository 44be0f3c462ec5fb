"""What a command shows, as a list of blocks: the writers for a terminal, for a pipe and for LaTeX lay them out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from hesse.core.tensor import Tensor

Tone: TypeAlias = Literal["plain", "good", "caution"]


@dataclass(frozen=True)
class Formula:
    """A formula in one line, its definitions (names and values), and its rows where it is a matrix or a vector."""

    line: str
    where: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Heading:
    """The title of a part, and a remark beside it; of the values at a point also the point."""

    text: str
    remark: str = ""
    point: tuple[tuple[str, Tensor[Fraction]], ...] = ()


@dataclass(frozen=True)
class Equation:
    """A name and the formula that it stands for. In a pipe a `bare` one is the formula alone."""

    label: str
    sign: str
    formula: Formula
    bare: bool = False


@dataclass(frozen=True)
class Equations:
    """Equations of one line each, that belong together."""

    rows: tuple[tuple[str, str], ...]
    sign: str


@dataclass(frozen=True)
class Holding:
    """The conditions under which the equation before it holds."""

    conditions: tuple[str, ...]

    @property
    def text(self) -> str:
        """The conditions joined."""
        return " and ".join(self.conditions)


@dataclass(frozen=True)
class Note:
    """A sentence on what is shown; the sign that a terminal puts in front of it follows from its tone."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Rule:
    """The rules of a step of a derivation, and what they say in general."""

    text: str
    statement: str = ""


@dataclass(frozen=True)
class Numbers:
    """A name and its value; `sign` relates the two when the digits shown are exact, else it is `about`."""

    label: str
    sign: str
    about: str
    value: Tensor[float]


@dataclass(frozen=True)
class Terms:
    """Two columns: terms and what they mean."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Lines:
    """Lines to be copied as they stand."""

    lines: tuple[str, ...]


Block: TypeAlias = Heading | Equation | Equations | Holding | Note | Rule | Numbers | Terms | Lines
Document: TypeAlias = tuple[Block, ...]
