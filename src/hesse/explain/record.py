"""A derivation as data: sections of steps, each step an equation with the rules that give it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from hesse.explain.laws import LAWS
from hesse.explain.spelling import UNSTATED, Formula, Statement
from hesse.verify.verdict import Verification

T = TypeVar("T")
Level: TypeAlias = Literal["outline", "normal", "every step"]
StyleName: TypeAlias = Literal["partials", "differentials"]
LEVELS: tuple[Level, ...] = ("outline", "normal", "every step")
UNSAID = frozenset({"variable", *(law.id for law in LAWS.values() if law.elementary)})
"""The derivative of the variable is 1, factors are put in order, and equal ones together."""
STYLES: tuple[StyleName, ...] = ("partials", "differentials")


@dataclass(frozen=True)
class Applied:
    """A rule and what it was applied to; `used` is the equation of several that was used, as it was used."""

    rule: str
    title: str
    statement: Statement
    site: Formula | None = None
    used: Statement = UNSTATED


@dataclass(frozen=True)
class Step:
    """One line of a derivation: `left = before = after`, by the rules that are named.

    `verified` says how the line was checked: its differentials are carried out and compared with differences of the
    function, or both sides are compared at random points. `lines` is more than 1 where it stands for several lines.
    """

    number: int
    applied: tuple[Applied, ...]
    left: Statement
    before: Formula
    after: Formula
    verification: Verification
    conditions: tuple[str, ...] = ()
    lines: int = 1

    @property
    def rule(self) -> str:
        """The ids of the rules, with + between them."""
        return "+".join(dict.fromkeys(each.rule for each in self.applied))

    @property
    def told(self) -> tuple[Applied, ...]:
        """The rules that are worth naming: those that go without saying are named where no other is."""
        return tuple(each for each in self.applied if each.rule not in UNSAID) or self.applied

    @property
    def title(self) -> str:
        """The names of the rules."""
        names = ", ".join(dict.fromkeys(each.title for each in self.told))
        return names if self.lines == 1 else f"{names} ({self.lines} lines in one)"

    def statement(self, notation: str = "text") -> str:
        """The rules in general form: in text, unicode or latex."""
        texts = (getattr(each.statement, notation) for each in self.told)
        return "; ".join(dict.fromkeys(filter(None, texts)))

    @property
    def sites(self) -> tuple[Formula, ...]:
        """What the rules were applied to."""
        return tuple(each.site for each in self.applied if each.site is not None)

    @property
    def verified(self) -> str:
        """How the equation was verified."""
        return str(self.verification)


@dataclass(frozen=True)
class Section:
    """A part of a derivation: what is given, and the steps. `remark` says what is not repeated, or left out."""

    title: Statement
    given: tuple[tuple[Statement, Formula], ...]
    steps: tuple[Step, ...]
    remark: str = ""


@dataclass(frozen=True)
class Content(Generic[T]):
    """What a derivation holds; `Explanation` adds the ways to show it."""

    kind: str
    style: StyleName
    level: Level
    result: T
    left: Statement
    formula: Formula
    sections: tuple[Section, ...]
    where: tuple[tuple[Formula, Formula], ...]
    conditions: tuple[str, ...]
    verification: Verification
    again: Callable[..., Any] = field(repr=False, compare=False)
    spelled: Callable[[str], Statement] = field(repr=False, compare=False)
    """A condition in each of the notations."""
    notes: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in order."""
        return tuple(step for section in self.sections for step in section.steps)
