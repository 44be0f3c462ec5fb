"""Assumptions under which an answer is right: tried by drawing points that satisfy them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hesse.checking.points import ORTHOGONAL, SUMS_TO_ONE, UNIT_NORM
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


def assumption_of(question: Question, given: Expr) -> tuple[Assumption, Survey] | None:
    """The first assumption under which no difference is found, with what was seen."""
    for assumption in _assumptions(question):
        if question.over:
            return None
        survey = question.compare(question.truth, given, assumption.declarations)
        if survey.agrees and len(survey.agreeing) >= LEAST:
            return assumption, survey
    return None


def _assumptions(question: Question) -> Iterator[Assumption]:
    declarations = question.f._declarations
    entries = [entry for entry in declarations.variables.values() if entry.index is None]
    square = [e for e in entries if _square(e) and not e.attributes & {"sym", "spd"}]
    for entry in square:
        yield _assumed(declarations, (entry,), "sym", f"{entry.name} is symmetric")
    if len(square) > 1:
        names = " and ".join(entry.name for entry in square)
        yield _assumed(declarations, tuple(square), "sym", f"{names} are symmetric")
    data = [entry for entry in entries if entry.name not in question.target.names]
    for entry in data:
        if entry.shape and not entry.attributes:
            row = "every row" if len(entry.shape) == 2 else "every slice"
            many = f"the entries of {entry.name} sum to one"
            text = many if len(entry.shape) == 1 else f"{row} of {entry.name} sums to one"
            yield _assumed(declarations, (entry,), SUMS_TO_ONE, text)
    for entry in data:
        if not entry.attributes:
            subject = f"{entry.name} is" if not entry.shape else f"the entries of {entry.name} are"
            yield _assumed(declarations, (entry,), "pm1", f"{subject} -1 or 1")
    for entry in square:
        if entry.name not in question.target.names:
            yield _assumed(declarations, (entry,), ORTHOGONAL, f"{entry.name} is orthogonal")
    for entry in data:
        if len(entry.shape) == 1 and not entry.attributes:
            yield _assumed(declarations, (entry,), UNIT_NORM, f"norm({entry.name}) = 1")
    for entry in entries:
        if not entry.attributes - {"sym"}:
            yield _assumed(declarations, (entry,), "pos", f"{entry.name} > 0")


def _square(entry: VariableDeclaration) -> bool:
    return len(entry.shape) == 2 and equal(*entry.shape) is True


def _assumed(
    declarations: Declarations, assumed: tuple[VariableDeclaration, ...], attribute: str, text: str
) -> Assumption:
    names = {entry.name for entry in assumed}
    entries = tuple(
        replace(entry, attributes=entry.attributes | {attribute})
        if isinstance(entry, VariableDeclaration) and entry.name in names
        else entry
        for entry in declarations
    )
    return Assumption(text, Declarations(entries, declarations.required), attribute)
