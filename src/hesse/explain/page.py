"""A derivation as a page: text, Unicode, LaTeX, Markdown, and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from hesse.explain.record import Content, Level, Section, Step, StyleName

T = TypeVar("T")


class Explanation(Content[T]):
    """The derivation of a result. `steps` are its lines, `str` gives the page as text, `unicode` as mathematics."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in order."""
        return tuple(step for section in self.sections for step in section.steps)

    def at(self, level: Level | None = None, style: StyleName | None = None) -> Explanation[T]:
        """The same derivation in another detail or style."""
        again: Explanation[T] = self.again(level=level or self.level, style=style or self.style)
        return again

    def outline(self) -> Explanation[T]:
        """The derivation in few lines."""
        return self.at("outline")

    def __str__(self) -> str:
        return "\n".join(_page(self, "text"))

    def unicode(self) -> str:
        """The page in mathematical Unicode."""
        return "\n".join(_page(self, "unicode"))

    def to_dict(self) -> dict[str, Any]:
        """All of it as data for JSON."""
        return {"kind": self.kind}


def _page(e: Explanation[Any], notation: str) -> Iterator[str]:
    for section in e.sections:
        yield from _section(section, notation, len(e.sections) > 1)
    for k, (name, value) in enumerate(e.where):
        yield f"{'     ' if k else 'where'} {name.spelled(notation)} = {value.spelled(notation)}"
    yield from (f"holds where {text}" for text in e.conditions)
    yield str(e.verification)


def _section(section: Section, notation: str, titled: bool) -> Iterator[str]:
    if titled:
        yield section.title
    for left, formula in section.given:
        yield f"  {getattr(left, notation)} = {formula.spelled(notation)}"
    for step in section.steps:
        head = f"  {getattr(step.left, notation)} = {step.after.spelled(notation)}"
        statement = step.statement(notation)
        yield f"{step.number:3}. {step.title}" + (f"   [{statement}]" if statement else "")
        yield f"     {head}"
    if section.remark:
        yield section.remark
