"""Conditions as data: their text in each notation, and whether they hold at a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hesse.core.declarations import Declarations
from hesse.core.tensor import Tensor
from hesse.errors import HesseError
from hesse.service.reading import parse
from hesse.service.spelled_conditions import Condition, condition, form_of

__all__ = ["Condition", "condition", "holds"]


def holds(text: str, declarations: Declarations, values: Mapping[str, Any]) -> bool | None:
    """Whether the condition holds at these values; None when that cannot be evaluated."""
    form = form_of(text)
    if form["line"] or form["words"]:
        return None
    try:
        value = parse(form["body"], str(declarations)).evaluate(**values)
    except HesseError:
        return None
    entries = Tensor.from_nested(value.tolist()).entries
    if form["interval"]:
        closed = form["open"] == "["
        return all(-1 <= entry <= 1 if closed else -1 < entry < 1 for entry in entries)
    # A vector differs from zero when one of its entries does.
    return all(entries) if form["every"] else any(entries)
