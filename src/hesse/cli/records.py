"""A report as JSON values, with the keys that docs/reference/json.md describes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from hesse.core.tensor import Tensor
from hesse.errors import AmbiguousError, HesseError
from hesse.facts.structure import Fact
from hesse.service.expression import Expr
from hesse.service.partials import Partials
from hesse.service.report import At, Derivative, Report
from hesse.service.statements import Condition
from hesse.service.views import index_view, kronecker_view
from hesse.verify.verdict import Verification

SCHEMA = 1
Record: TypeAlias = dict[str, Any]


def envelope(command: str, version: str) -> Record:
    """What every answer begins with."""
    return {"schema": SCHEMA, "hesse": version, "command": command}


def report_record(report: Report) -> Record:
    """The report."""
    return {
        "function": {"name": report.name, **_expression(report.function)},
        "declarations": str(report.declarations),
        "variables": [
            {
                "name": variable.name,
                "shape": list(variable.shape),
                "attributes": list(variable.attributes),
                "inferred": variable.inferred,
            }
            for variable in report.variables
        ],
        "functions": [
            {
                "name": function.name,
                "domain": list(function.domain),
                "codomain": list(function.codomain),
                "elementwise": function.elementwise,
            }
            for function in report.functions
        ],
        "readings": list(report.readings),
        "conditions": [_condition(each) for each in report.conditions],
        "wrt": list(report.wrt),
        "stacked": report.stacked,
        "derivatives": [_derivative(derivative, report.name) for derivative in report.derivatives],
        "differential": None if report.differential is None else _sides(report.differential.sides),
        "omitted": [{"kind": kind, "shape": list(shape)} for kind, shape in report.omitted],
        "notes": list(report.notes),
        "at": None if report.at is None else _at(report.at),
        "problems": [{"part": problem.part, **error_record(problem.error)} for problem in report.problems],
    }


def error_record(error: HesseError) -> Record:
    """The error: its kind, what is wrong, where, and what to do."""
    span = None if error.span is None else [error.span.start, error.span.end]
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "source": error.source,
        "span": span,
        "readings": list(error.readings) if isinstance(error, AmbiguousError) else [],
    }


def _expression(expression: Expr) -> Record:
    return {
        "text": str(expression),
        "unicode": expression.unicode(),
        "latex": expression.latex(),
        "shape": list(expression.shape),
    }


def _condition(condition: Condition) -> Record:
    return {"text": condition.text, "unicode": condition.unicode, "latex": condition.latex}


def _derivative(derivative: Derivative, name: str) -> Record:
    index, kronecker = (view(derivative.expression, name) for view in (index_view, kronecker_view))
    return {
        "kind": derivative.kind,
        "order": derivative.order,
        **_expression(derivative.expression),
        "index": None if index is None else _sides(lambda notation: (index.left(notation), index.right(notation))),
        "kronecker": None if kronecker is None else _sides(lambda n: (kronecker.left(n), kronecker.right(n))),
        "conditions": [_condition(each) for each in derivative.conditions],
        "structure": sorted(derivative.expression.structure),
        "facts": [_fact(fact) for _, fact in sorted(derivative.expression.structured.facts.items())],
        "verification": _verification(derivative.expression.verification),
        "components": None if derivative.partials is None else _components(derivative.partials),
        "value": None if derivative.value is None else numbers(derivative.value),
        "notes": list(derivative.notes),
    }


def _verification(verification: Verification) -> Record:
    return {
        "status": verification.status,
        "points": verification.points,
        "digits": verification.digits,
        "sizes": [dict(setting) for setting in verification.settings],
        "method": verification.method,
        "reason": verification.reason,
        "text": str(verification),
    }


def _components(partials: Partials) -> Record:
    entries = Tensor(partials.shape, list(partials.entries.values()))
    spellings: dict[str, Callable[[Expr], str]] = {"text": str, "unicode": Expr.unicode, "latex": Expr.latex}
    return {
        "sizes": dict(partials.sizes),
        "shape": list(partials.shape),
        **{name: entries.map(spell).nested() for name, spell in spellings.items()},
    }


def _sides(sides: Callable[[str], tuple[str, str]]) -> Record:
    """An equation in the three notations."""
    return {notation: " = ".join(sides(notation)) for notation in ("text", "unicode", "latex")}


def _fact(fact: Fact) -> Record:
    return {"name": fact.name, "holds": fact.holds, "reason": fact.reason}


def _at(at: At) -> Record:
    return {
        "values": {name: value.map(str).nested() for name, value in at.values.items()},
        "sizes": dict(at.sizes),
        "value": numbers(at.value),
        "undefined": [_condition(each) for each in at.undefined],
        "kinks": [_condition(each) for each in at.kinks],
    }


def numbers(value: Tensor[float]) -> Any:
    """Nested lists of numbers; what is not finite is the text "nan", "inf" or "-inf", which JSON has no number for."""
    return value.map(lambda entry: entry if math.isfinite(entry) else str(entry)).nested()
