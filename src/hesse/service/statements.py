"""Conditions as data: their text in each notation, and whether they hold at a point.

A condition is text such as `x2 > 0`, `every entry of x != 0` or `t in [-1, 1]`; its mathematics reads back in the
text notation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hesse.core.declarations import Declarations
from hesse.core.syntax import COMPARISONS, Binary
from hesse.core.tensor import Tensor
from hesse.errors import HesseError
from hesse.frontends.text import parse_text
from hesse.render.latex import latex_parts
from hesse.render.unicode import unicode_parts
from hesse.service.reading import parse

_FORM = re.compile(
    r"(?P<every>(?:every entry|all entries) of )?(?P<body>.*?)(?P<interval> in (?P<open>[\[(])-1, 1[\])])?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold, in the three notations."""

    text: str
    unicode: str
    latex: str


def condition(text: str, declarations: Declarations) -> Condition:
    """The condition in the three notations; a text that does not read back stays as it is."""
    form = _form(text)
    try:
        tree, _ = parse_text(form["body"], declarations)
    except HesseError:
        return Condition(text, text, rf"\text{{{text}}}")
    plain = _stated(form, unicode_parts(tree, declarations), "{}", ("∈ [−1, 1]", "∈ (−1, 1)"), "where")
    body, bindings = latex_parts(tree, declarations)
    if isinstance(tree, Binary) and tree.operator in COMPARISONS:
        # In a formula a comparison is a number and has brackets; here it is the statement itself.
        body = body.removeprefix("[").removesuffix("]")
    latex = _stated(form, (body, bindings), r"\text{{{}}}", (r"\in [-1, 1]", r"\in (-1, 1)"), r"\text{where}")
    return Condition(text, plain, latex)


def holds(text: str, declarations: Declarations, values: Mapping[str, Any]) -> bool | None:
    """Whether the condition holds at these values; None when that cannot be evaluated."""
    form = _form(text)
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


def _form(text: str) -> re.Match[str]:
    form = _FORM.fullmatch(text)
    assert form is not None
    return form


def _stated(
    form: re.Match[str],
    parts: tuple[str, list[tuple[str, str]]],
    prose: str,
    intervals: tuple[str, str],
    where: str,
) -> str:
    """The condition around its mathematics, which comes as a body and its definitions."""
    body, bindings = parts
    words = [prose.format(form["every"])] if form["every"] else []
    words.append(body)
    if form["interval"]:
        words.append(intervals[form["open"] == "("])
    if bindings:
        words += [where, ", ".join(f"{name} = {value}" for name, value in bindings)]
    return " ".join(word.rstrip() for word in words)
