"""Assumptions under which an answer is right: tried by drawing points that satisfy them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hesse.checking.points import ORTHOGONAL, SUMS_TO_ONE, UNIT_NORM, Point, has_attribute
from hesse.checking.question import Question
from hesse.checking.survey import Survey
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.sizes import equal
from hesse.service.expression import Expr

LEAST = 3


@dataclass(frozen=True, slots=True)
class Assumption:
    """What is assumed, in words, and the declarations that say so."""

    text: str
    declarations: Declarations
    attribute: str
    names: frozenset[str]

    def holds(self, point: Point) -> bool:
        """Whether it is true of a point."""
        return all(has_attribute(point.values[name], self.attribute) for name in self.names)


def assumption_of(question: Question, given: Expr, refuted: Point) -> tuple[Assumption, Survey] | None:
    """The first assumption under which no difference is found, with what was seen; none that holds at the point at
    which the answer is known to be wrong."""
    for assumption in assumptions(question):
        if question.over:
            return None
        if assumption.holds(refuted):
            continue
        survey = question.compare(question.truth, given, assumption.declarations)
        if survey.agrees and len(survey.telling) >= LEAST:
            return assumption, survey
    return None


def assumptions(question: Question) -> Iterator[Assumption]:
    """What may be assumed, the likeliest first."""
    declarations = question.f._declarations
    entries = [entry for entry in declarations.variables.values() if entry.index is None]
    square = [e for e in entries if _square(e) and not e.attributes & {"sym", "spd"}]
    for entry in square:
        yield _assumed(declarations, (entry,), "sym", f"{entry.name} is symmetric")
    if len(square) > 1:
        names = " and ".join(entry.name for entry in square)
        yield _assumed(declarations, tuple(square), "sym", f"{names} are symmetric")
    data = [entry for entry in entries if entry.name not in question.target.names]
    for attribute, text in _OF_DATA.items():
        for entry in data:
            if not entry.attributes and _fits(attribute, entry):
                words = text[min(len(entry.shape), 2)].format(entry.name)
                yield _assumed(declarations, (entry,), attribute, words)
    for entry in entries:
        if not entry.attributes - {"sym"}:
            yield _assumed(declarations, (entry,), "pos", f"{entry.name} > 0")


_OF_DATA = {
    SUMS_TO_ONE: ("", "the entries of {} sum to one", "every row of {} sums to one"),
    "pm1": ("{} is -1 or 1", "the entries of {} are -1 or 1", "the entries of {} are -1 or 1"),
    ORTHOGONAL: ("", "", "{} is orthogonal"),
    UNIT_NORM: ("", "norm({}) = 1", ""),
}
"""What may be assumed of given data, in words for a scalar, a vector and a matrix."""


def _fits(attribute: str, entry: VariableDeclaration) -> bool:
    """Whether the attribute is one for arrays of these axes."""
    match attribute:
        case "sums to one":
            return 1 <= len(entry.shape) <= 2
        case "orthogonal":
            return _square(entry)
        case "unit norm":
            return len(entry.shape) == 1
        case _:
            return True


def _square(entry: VariableDeclaration) -> bool:
    return len(entry.shape) == 2 and equal(*entry.shape) is True


def _assumed(
    declarations: Declarations, assumed: tuple[VariableDeclaration, ...], attribute: str, text: str
) -> Assumption:
    names = frozenset(entry.name for entry in assumed)
    entries = tuple(
        replace(entry, attributes=entry.attributes | {attribute})
        if isinstance(entry, VariableDeclaration) and entry.name in names
        else entry
        for entry in declarations
    )
    return Assumption(text, Declarations(entries, declarations.required), attribute, names)
