"""A derivation as a page, in each of the notations, and as data."""

from __future__ import annotations

from typing import Any, TypeVar

from hesse.errors import ArgumentError
from hesse.explain.record import Content, Level, Section, Step, StyleName
from hesse.explain.rows import Equality, Row, rows
from hesse.explain.spelling import Formula, Statement
from hesse.explain.typeset import as_align, as_lines, as_markdown

T = TypeVar("T")


class Explanation(Content[T]):
    """The derivation of a result. `steps` are its lines; `str` gives the page as text, `unicode` as mathematics."""

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
        return self.latex(step) if notation == "latex" else "\n".join(as_lines(self.rows(step), notation))

    def rows(self, hint: int | None = None) -> tuple[Row, ...]:
        """What the page shows, in order; with `hint` up to the rule of that step."""
        if hint is not None and not 1 <= hint <= len(self.steps):
            count = f"steps 1 to {len(self.steps)}" if len(self.steps) > 1 else "one step"
            raise ArgumentError(f"there is no step {hint}", hint=f"the derivation has {count}")
        return tuple(rows(self, hint))

    def __str__(self) -> str:
        return "\n".join(as_lines(self.rows(), "text"))

    def unicode(self) -> str:
        """The page in mathematical Unicode."""
        return "\n".join(as_lines(self.rows(), "unicode"))

    def latex(self, hint: int | None = None) -> str:
        """The page as one `align*` block, with the rules between the lines; with `hint` up to the rule of that step."""
        return "\n".join(as_align(self.rows(hint)))

    def _repr_markdown_(self) -> str:
        return "\n".join(as_markdown(self.rows()))

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
        shown = [where for row in self.rows(hint) if isinstance(row, Equality) for where in row.where]
        return {
            "kind": self.kind,
            "style": self.style,
            "level": self.level,
            "hint": hint,
            "where": [{"name": _spellings(name), "value": _spellings(value)} for name, value in shown],
            "sections": sections,
        }


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
