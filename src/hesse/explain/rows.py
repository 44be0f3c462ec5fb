"""What the page of a derivation shows, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hesse.calculus.rules import LINEAR
from hesse.core.syntax import Name, postorder
from hesse.explain.record import Applied, Content, Level, Step
from hesse.explain.spelling import Formula, Statement


@dataclass(frozen=True)
class Title:
    """The title of a section."""

    text: Statement


@dataclass(frozen=True)
class Told:
    """The rules of a step, before its line: their names, and in general form those that are new here."""

    step: Step
    stated: tuple[Statement, ...]

    @property
    def text(self) -> str:
        """The number of the step and the names of its rules."""
        return f"{self.step.number}. {self.step.title}"

    def statement(self, notation: str) -> str:
        """The general forms."""
        return "; ".join(getattr(each, notation) for each in self.stated)


@dataclass(frozen=True)
class Equality:
    """left = right; `again` says that the line before has the same left side."""

    left: Statement
    right: Formula
    again: bool = False
    where: tuple[tuple[Formula, Formula], ...] = ()


@dataclass(frozen=True)
class Remark:
    """A sentence, or what stands before a condition in it."""

    text: str
    condition: Statement | None = None

    def spelled(self, notation: str) -> str:
        """The sentence in text or in Unicode."""
        return self.text if self.condition is None else f"{self.text} {getattr(self.condition, notation)}"


Row = Title | Told | Equality | Remark


def rows(e: Content[Any], hint: int | None) -> Iterator[Row]:
    """The rows of the page, in order; with `hint` up to the rule of that step."""
    told: set[str] = set()
    defined: set[str] = set()
    titled = sum(bool(section.steps) for section in e.sections) > 1
    for section in e.sections:
        if titled and section.steps and section.title.text:
            yield Title(section.title)
        for left, formula in section.given:
            yield Equality(left, formula, False, _new_names(e, formula, defined))
        before: Statement | None = None
        for step in section.steps:
            if step.number == hint:
                # Who is to apply the rules should see them, and not as they were used.
                general = dict.fromkeys(each.statement for each in step.told if each.statement.text)
                yield Told(step, tuple(general))
                return
            yield Told(step, tuple(_new_statements(step.told, told, e.level)))
            yield Equality(step.left, step.after, step.left == before, _new_names(e, step.after, defined))
            if e.level == "every step":
                yield from (Remark("     for", e.spelled(condition)) for condition in step.conditions)
            before = step.left
        if section.remark:
            yield Remark(section.remark)
    if any(step.lines > 1 for step in e.steps):
        yield Remark("lines of long chains are put together: explain(limit=None), or --limit 0, shows each of them")
    if hint is None:
        yield from map(Remark, e.notes)
        yield from (Remark("holds where", e.spelled(condition)) for condition in e.conditions)
        yield Remark(str(e.verification))


def _new_statements(applied: tuple[Applied, ...], told: set[str], level: Level) -> Iterator[Statement]:
    """The general forms that have not been given before; those of linearity go without saying."""
    for each in applied:
        known = each.rule in LINEAR and level != "every step"
        statement = each.used if each.used.text else each.statement
        if statement.text and statement.text not in told and not known:
            told.add(statement.text)
            yield statement


def _new_names(e: Content[Any], formula: Formula, defined: set[str]) -> tuple[tuple[Formula, Formula], ...]:
    """The definitions that a line is the first to use."""
    wanted = {part.name for part in postorder(formula.tree) if isinstance(part, Name)}
    found: list[tuple[Formula, Formula]] = []
    for name, value in reversed(e.where):
        (own,) = (part.name for part in postorder(name.tree) if isinstance(part, Name))
        if own in wanted and own not in defined:
            defined.add(own)
            wanted |= {part.name for part in postorder(value.tree) if isinstance(part, Name)}
            found.append((name, value))
    return tuple(found[::-1])
