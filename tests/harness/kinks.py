"""Whether a point is one that a result's conditions leave out: there it has the value that the tables state."""

from __future__ import annotations

from typing import Any

import numpy as np

import hesse as hs
from hesse.core.syntax import Call
from hesse.errors import HesseError
from hesse.service.conditions import Condition
from hesse.verify.reference import evaluate

from .cases import environment
from .jax_oracle import Point

CLOSE = 1e-12


def left_out(result: Any, at: Point) -> bool:
    """Whether some condition of the result fails at the point."""
    return any(_fails(condition, result.declarations, at) for condition in result.conditions_found)


def _fails(condition: Condition, declarations: str, at: Point) -> bool:
    """Whether the condition fails; one that cannot be read as an expression is taken to hold."""
    sign, _, other = condition.relation.partition(" ")
    try:
        if condition.relation == "is attained once":
            return _tied(condition.subject, declarations, at)
        if sign not in ("!=", ">"):
            return False
        gaps = _value(f"({condition.subject}) - ({other})", declarations, at)
    except HesseError:
        return False
    if sign == ">":
        return bool((gaps <= CLOSE).any())
    together = np.abs(gaps) <= CLOSE
    return bool(together.any() if condition.entrywise else together.all())


def _value(text: str, declarations: str, at: Point) -> Any:
    value = evaluate(hs.parse(text, declarations).tree, environment(at))
    return np.reshape(np.array(value.entries, float), value.shape)


def _tied(subject: str, declarations: str, at: Point) -> bool:
    """Whether a largest or a smallest entry is there twice."""
    tree = hs.parse(subject, declarations).tree
    if not isinstance(tree, Call):
        return False
    value = evaluate(tree.arguments[0], environment(at))
    entries = np.reshape(np.array(value.entries, float), value.shape)
    top = (entries.max if tree.function == "max" else entries.min)(axis=tree.axis, keepdims=True)
    return bool(((np.abs(entries - top) <= CLOSE).sum(axis=tree.axis) > 1).any())
