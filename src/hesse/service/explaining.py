"""The derivation of a result, from how it came about."""

from __future__ import annotations

from typing import Any, get_args

from hesse.core.nodes import Variable
from hesse.errors import ArgumentError
from hesse.explain.build import explain
from hesse.explain.page import Explanation
from hesse.explain.record import LEVELS, STYLES, Level, StyleName
from hesse.explain.spelling import Statement
from hesse.explain.stages import Stage
from hesse.explain.writing import Subject
from hesse.service.conditions import kinks_at
from hesse.service.spelled_conditions import condition
from hesse.service.variables import conventions

LINES = 24
"""So many lines of one chain are shown unless more are asked for."""


def explained(e: Any, level: str, style: str | None, limit: int | None) -> Explanation[Any]:
    """The derivation of an expression `e` that is a derivative."""
    level = level.replace("-", " ") if isinstance(level, str) else level
    if level not in LEVELS:
        raise ArgumentError(f"there is no level {level!r}", hint=f"the levels are: {', '.join(LEVELS)}")
    if style is not None and style not in STYLES:
        raise ArgumentError(f"there is no style {style!r}", hint=f"the styles are: {', '.join(STYLES)}")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 2):
        raise ArgumentError(
            f"the limit is a number of lines from 2, not {limit!r}", hint="None, and 0 in a command, show all lines"
        )
    stages: list[Stage] = []
    current = e
    while current.lineage is not None:
        stages.append(_stage(current))
        current = current.lineage.function
    if not stages:
        raise ArgumentError(
            "this expression is not a derivative: there is nothing to explain",
            hint='take a derivative first: hesse.gradient(f, "x").explain()',
        )
    return explain(
        stages[::-1],
        e,
        style=_style(style),
        level=_level(level),
        limit=limit,
        conditions=e.conditions,
        notes=()
        if e.lineage.operator == "convention"
        else conventions(e._declarations.variables[stages[0].variables[0].name]),
        again=lambda level, style, limit: explained(e, level, style, limit),
        spelled=lambda text: _spelled(text, e),
    )


def _spelled(text: str, e: Any) -> Statement:
    """The condition in each of the notations."""
    found = condition(text, e._declarations)
    return Statement(found.text, found.unicode, found.latex)


def _stage(e: Any) -> Stage:
    lineage = e.lineage
    variables: tuple[Variable, ...] = lineage.variables
    f = lineage.function
    return Stage(
        subject(f),
        variables,
        lineage.stacked,
        lineage.order,
        subject(e),
        kinks_at(f.node, variables, f.elaboration),
        e.verification,
        lineage.operator,
        lineage.vector,
    )


def subject(e: Any) -> Subject:
    """The expression as data."""
    raw = e.elaboration.root if e.lineage is None else e.lineage.raw or e.node
    return Subject(e.node, raw, e.tree, e.exact_tree, e.known, e._declarations)


def _level(name: str) -> Level:
    (found,) = (level for level in get_args(Level) if level == name)
    level: Level = found
    return level


def _style(name: str | None) -> StyleName | None:
    return next((style for style in STYLES if style == name), None)
