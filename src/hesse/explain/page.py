"""A derivation as a page: its rows in order, as text, Unicode, LaTeX and Markdown, and as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from hesse.calculus.rules import LINEAR
from hesse.core.syntax import Name, postorder
from hesse.errors import ArgumentError
from hesse.explain.record import Applied, Content, Level, Section, Step, StyleName
from hesse.explain.spelling import Formula, Statement

T = TypeVar("T")


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
    """A sentence."""

    text: str


Row = Title | Told | Equality | Remark


class Explanation(Content[T]):
    """The derivation of a result. `steps` are its lines; `str` gives the page as text, `unicode` as mathematics."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in order."""
        return tuple(step for section in self.sections for step in section.steps)

    def at(
        self, level: Level | None = None, style: StyleName | None = None, limit: int | None = None
    ) -> Explanation[T]:
        """The same derivation in another detail or style, as long as it takes unless a limit of lines is given."""
        again: Explanation[T] = self.again(level=level or self.level, style=style or self.style, limit=limit)
        return again

    def outline(self) -> Explanation[T]:
        """The derivation in few lines."""
        return self.at("outline")

    def hint(self, step: int, notation: str = "unicode") -> str:
        """The page up to the rule of the step, without what it gives. Raises ArgumentError where there is no such step.

        >>> import hesse as hs
        >>> print(hs.gradient(hs.parse("exp(x)**3", "x:")).explain().hint(1, "text"))
             f = exp(x)**3
        1. chain rule with the power rule:  d(u**3) = 3*u**2*du
        """
        return "\n".join(_lines(self.rows(step), notation))

    def rows(self, hint: int | None = None) -> tuple[Row, ...]:
        """What the page shows, in order; with `hint` up to the rule of that step."""
        if hint is not None and not 1 <= hint <= len(self.steps):
            count = f"steps 1 to {len(self.steps)}" if len(self.steps) > 1 else "one step"
            raise ArgumentError(f"there is no step {hint}", hint=f"the derivation has {count}")
        return tuple(_rows(self, hint))

    def __str__(self) -> str:
        return "\n".join(_lines(self.rows(), "text"))

    def unicode(self) -> str:
        """The page in mathematical Unicode."""
        return "\n".join(_lines(self.rows(), "unicode"))

    def latex(self) -> str:
        """The lines as an `align*` block, the rules beside them."""
        return "\n".join(_align(self.rows()))

    def _repr_markdown_(self) -> str:
        return "\n".join(_markdown(self.rows()))

    def to_dict(self, hint: int | None = None) -> dict[str, Any]:
        """All of it as data for JSON; with `hint` without what that step and those behind it give."""
        if hint is not None:
            return self._hinted(hint)
        return {
            "kind": self.kind,
            "style": self.style,
            "level": self.level,
            "left": _spellings(self.left),
            "result": _spellings(self.formula),
            "where": [{"name": _spellings(name), "value": _spellings(value)} for name, value in self.where],
            "sections": [_section_record(section) for section in self.sections],
            "notes": list(self.notes),
            "conditions": list(self.conditions),
            "verification": str(self.verification),
        }

    def _hinted(self, hint: int) -> dict[str, Any]:
        sections = []
        for section in self.sections:
            record = _section_record(section)
            record["steps"] = [each for each in record["steps"] if each["number"] <= hint]
            for each in record["steps"]:
                if each["number"] == hint:
                    each["after"] = None
            if record["steps"]:
                sections.append(record)
        return {"kind": self.kind, "style": self.style, "level": self.level, "hint": hint, "sections": sections}


def _rows(e: Explanation[Any], hint: int | None) -> Iterator[Row]:
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
                # Who is to apply the rule should see it.
                told = set()
            yield Told(step, tuple(_new_statements(step.told, told, "every step" if step.number == hint else e.level)))
            if step.number == hint:
                return
            yield Equality(step.left, step.after, step.left == before, _new_names(e, step.after, defined))
            if e.level == "every step":
                yield from (Remark(f"     for {condition}") for condition in step.conditions)
            before = step.left
        if section.remark:
            yield Remark(section.remark)
    if any(step.lines > 1 for step in e.steps):
        yield Remark("lines of long chains are put together: explain(limit=None), or --limit 0, shows each of them")
    if hint is None:
        yield from map(Remark, e.notes)
        yield from (Remark(f"holds where {condition}") for condition in e.conditions)
        yield Remark(str(e.verification))


def _new_statements(applied: tuple[Applied, ...], told: set[str], level: Level) -> Iterator[Statement]:
    """The general forms that have not been given before; those of linearity go without saying."""
    for each in applied:
        known = each.rule in LINEAR and level != "every step"
        if each.statement.text and each.statement.text not in told and not known:
            told.add(each.statement.text)
            yield each.statement


def _new_names(e: Explanation[Any], formula: Formula, defined: set[str]) -> tuple[tuple[Formula, Formula], ...]:
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


def _lines(rows: tuple[Row, ...], notation: str) -> Iterator[str]:
    for k, row in enumerate(rows):
        match row:
            case Title(text=text):
                yield from ("",) * (k > 0)
                yield getattr(text, notation)
            case Told():
                statement = row.statement(notation)
                yield f"{row.text}" + (f":  {statement}" if statement else "")
            case Equality(left=left, right=right, again=again, where=where):
                head = getattr(left, notation)
                yield f"     {' ' * len(head) if again else head} = {right.spelled(notation)}"
                for j, (name, value) in enumerate(where):
                    lead = "where" if not j else "     "
                    yield f"     {lead} {name.spelled(notation)} = {value.spelled(notation)}"
            case Remark(text=text):
                yield text


def _align(rows: tuple[Row, ...]) -> Iterator[str]:
    lines: list[str] = []
    told = ""
    for row in rows:
        match row:
            case Title(text=text) if text.latex.startswith(r"\text"):
                lines.append(rf"&\textbf{{{text.text}}}")
            case Told():
                told = rf"\text{{{row.step.title}}}"
            case Equality(left=left, right=right, again=again, where=where):
                head = "" if again else f"{left.latex} "
                lines.append(f"{head}&= {right.latex}" + (f" && {told}" if told else ""))
                told = ""
                lines += [rf"&\quad \text{{where }} {name.latex} = {value.latex}" for name, value in where]
            case Title() | Remark():
                pass
    yield r"\begin{align*}"
    yield from (line + (r" \\" if k < len(lines) - 1 else "") for k, line in enumerate(lines))
    yield r"\end{align*}"
    yield from (f"% {row.text}" for row in rows if isinstance(row, Remark))


def _markdown(rows: tuple[Row, ...]) -> Iterator[str]:
    for row in rows:
        match row:
            case Title(text=text):
                plain = text.latex.startswith(r"\text")
                yield f"**{text.text}**\n" if plain else f"**${text.latex}$**\n"
            case Told():
                statement = row.statement("latex")
                yield f"{row.text}" + (f":  ${statement}$" if statement else "") + "\n"
            case Equality(left=left, right=right, where=where):
                yield rf"$$\displaystyle {left.latex} = {right.latex}$$" + "\n"
                yield from (f"where ${name.latex} = {value.latex}$\n" for name, value in where)
            case Remark(text=text):
                yield f"*{text}*\n"


def _section_record(section: Section) -> dict[str, Any]:
    return {
        "title": _spellings(section.title),
        "given": [{"left": _spellings(left), "right": _spellings(right)} for left, right in section.given],
        "steps": [_step_record(step) for step in section.steps],
        "remark": section.remark,
    }


def _step_record(step: Step) -> dict[str, Any]:
    return {
        "number": step.number,
        "rule": step.rule,
        "title": step.title,
        "applied": [
            {
                "rule": each.rule,
                "title": each.title,
                "statement": _spellings(each.statement),
                "to": None if each.site is None else _spellings(each.site),
            }
            for each in step.applied
        ],
        "left": _spellings(step.left),
        "before": _spellings(step.before),
        "after": _spellings(step.after),
        "conditions": list(step.conditions),
        "verified": step.verified,
    }


def _spellings(formula: Formula | Statement) -> dict[str, str]:
    return {"text": formula.text, "unicode": formula.unicode, "latex": formula.latex}
