r"""The templates by which rows of the function tables write their functions: `\lVert {0} \rVert`, `{0} {1}ᵀ`.

A template brings its own delimiters. An argument outside of all of them is bracketed where it is not a single symbol.
The template may give a second form behind ` // ` for arguments that are matrices, where the first would be read as
something else: `exp({0}) // exp⊙({0})`, `‖{0}‖ // ‖{0}‖_F`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from string import Formatter

from hesse.render.precedence import Level

_TOKENS = re.compile(r"\\[lr](?:[vV]ert|floor|ceil)(?![a-zA-Z])|\\begin|\\[a-zA-Z]+|.", re.DOTALL)
_OPENING = frozenset({"(", "[", "{", r"\lVert", r"\lvert", r"\lfloor", r"\lceil"})
_CLOSING = frozenset({")", "]", "}", r"\rVert", r"\rvert", r"\rfloor", r"\rceil"})
_SUBSCRIPTS = frozenset("_₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of an argument; `exposed` when no delimiter of the template encloses it."""

    index: int
    exposed: bool


@dataclass(frozen=True, slots=True)
class Template:
    """The parts of a template, how tightly the whole binds, and the word or sign that it begins with."""

    parts: tuple[str | Slot, ...]
    level: Level
    head: str


def choose(template: str, matrix: bool) -> Template:
    """The parsed template for arguments that are matrices, or are not."""
    first, _, second = template.partition(" // ")
    return _parse(second if matrix and second else first)


@cache
def _parse(template: str) -> Template:
    parts: list[str | Slot] = []
    outside = ""
    depth, bars = 0, 0
    for literal, name, _, _ in Formatter().parse(template):
        for token in _TOKENS.findall(literal):
            depth -= token in _CLOSING
            if depth == 0 and bars % 2 == 0:
                outside += token
            depth += token in _OPENING
            bars += token in "|‖"
        last = parts.pop() if parts and isinstance(parts[-1], str) else ""
        parts.append(f"{last}{literal}")
        if name is not None:
            parts.append(Slot(int(name), depth == 0 and bars % 2 == 0))
    head = re.match(r"\\[a-zA-Z]+(?:\{\w+\})?|[^\W\d_]+", template.replace("{{", "{").replace("}}", "}"))
    return Template(tuple(parts), _level(parts, outside), head[0] if head else "")


def _level(parts: list[str | Slot], outside: str) -> Level:
    if any(isinstance(part, Slot) and part.exposed for part in parts):
        return Level.MATRIX if " " in outside else Level.POWER
    if r"\begin" in outside:
        return Level.OPEN
    if " " in outside:
        # Two words, as in log det(A): a power, an index or a further factor would be read as those of the second.
        return Level.MATRIX
    if "^" in outside:
        return Level.POWER
    # A subscript behind bars would name a norm.
    return Level.SUBSCRIPTED if _SUBSCRIPTS & set(outside) or outside.endswith(r"\rvert") else Level.ATOM
