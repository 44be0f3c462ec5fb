"""Conditions in each of the notations.

A condition is text such as `x2 > 0`, `every entry of x != 0` or `t in [-1, 1]`; its mathematics reads back in the
text notation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hesse.core.declarations import Declarations
from hesse.core.syntax import COMPARISONS, Binary
from hesse.errors import HesseError
from hesse.explain.typeset import escaped
from hesse.frontends.text import parse_text
from hesse.render.latex import latex_parts
from hesse.render.unicode import unicode_parts

_FORM = re.compile(
    r"(?P<every>(?:every entry|all entries) of )?(?P<line>every (?:row|column|slice along axis \d+) of )?(?P<body>.*?)"
    r"(?P<interval> in (?P<open>[\[(])-1, 1[\])])?(?P<words> is invertible| is attained once)?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold, in the three notations."""

    text: str
    unicode: str
    latex: str


def condition(text: str, declarations: Declarations) -> Condition:
    """The condition in the three notations; a text that does not read back stays as it is."""
    form = form_of(text)
    try:
        tree, _ = parse_text(form["body"], declarations)
    except HesseError:
        return Condition(text, text, rf"\text{{{escaped(text)}}}")
    plain = _stated(form, unicode_parts(tree, declarations), "{}", ("∈ [−1, 1]", "∈ (−1, 1)"), "where")
    body, bindings = latex_parts(tree, declarations)
    if isinstance(tree, Binary) and tree.operator in COMPARISONS:
        # In a formula a comparison is a number and has brackets; here it is the statement itself.
        body = body.removeprefix("[").removesuffix("]")
    latex = _stated(form, (body, bindings), r"\text{{{}}}", (r"\in [-1, 1]", r"\in (-1, 1)"), r"\text{where}")
    return Condition(text, plain, latex)


def form_of(text: str) -> re.Match[str]:
    """The parts of a condition: what it is said of, its mathematics, and words behind that."""
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
    words = [prose.format(form[group]) for group in ("every", "line") if form[group]]
    words.append(body)
    if form["interval"]:
        words.append(intervals[form["open"] == "("])
    if form["words"]:
        words.append(prose.format(form["words"]) if prose != "{}" else form["words"].strip())
    if bindings:
        words += [where, ", ".join(f"{name} = {value}" for name, value in bindings)]
    return " ".join(word.rstrip() for word in words)
