"""Formulas in text, Unicode and LaTeX, with differentials and partial derivatives that are not carried out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from hesse.core.declarations import Declarations, FunctionDeclaration, VariableDeclaration
from hesse.core.derivation import names_differential
from hesse.core.nodes import Node
from hesse.core.syntax import Name, Syntax, Undefined, fold, postorder
from hesse.render.latex import to_latex
from hesse.render.structure import rebuilt
from hesse.render.text import to_text
from hesse.render.unicode import to_unicode

WRITERS: Mapping[str, Callable[[Syntax, Declarations], str]] = {
    "text": to_text,
    "unicode": to_unicode,
    "latex": to_latex,
}
NOTATIONS = ("text", "unicode", "latex")
_MARK = re.compile("\\\\operatorname\\{([\ue100-\uf8ff])\\}|([\ue100-\uf8ff])")


@dataclass(frozen=True)
class Statement:
    """A short formula that is given in each of the notations: a rule in general form, a left side."""

    text: str = ""
    unicode: str = ""
    latex: str = ""


UNSTATED = Statement()
"""Where nothing is to be said."""


@dataclass(frozen=True)
class Operator:
    """How a derivative that is not carried out is written: d(u), or ∂/∂x₁[u] for the variable `by`."""

    by: Syntax | None = None


@dataclass(frozen=True)
class Formula:
    """A formula of a derivation, in each of the notations."""

    tree: Syntax = field(repr=False)
    declarations: Declarations = field(repr=False)
    marks: Mapping[str, Node] = field(repr=False)
    operator: Operator = field(default=Operator(), repr=False)

    @cached_property
    def text(self) -> str:
        """As hesse reads it, but for differentials."""
        return self._spelled("text")

    @cached_property
    def unicode(self) -> str:
        """In mathematical Unicode."""
        return self._spelled("unicode")

    @cached_property
    def latex(self) -> str:
        """In LaTeX."""
        return self._spelled("latex")

    @property
    def finished(self) -> bool:
        """Whether no differential is left in it."""
        return not any(
            isinstance(part, Undefined) and names_differential(part.function) for part in postorder(self.tree)
        )

    def spelled(self, notation: str) -> str:
        """In one of the notations."""
        return {"text": lambda: self.text, "unicode": lambda: self.unicode}.get(notation, lambda: self.latex)()

    def _spelled(self, notation: str) -> str:
        tree, leaves = with_leaves(self.tree)
        marks = dict.fromkeys(
            part.function
            for part in postorder(tree)
            if isinstance(part, Undefined) and names_differential(part.function)
        )
        declarations = self.declarations.extended(
            *(VariableDeclaration(mark, self.marks[mark].shape) for mark in leaves),
            *(FunctionDeclaration(mark, (), ()) for mark in marks),
        )
        write = WRITERS[notation]
        by = None if self.operator.by is None else write(self.operator.by, self.declarations)
        names = {mark: write(name, self.declarations) for mark, name in leaves.items()}
        return _marked(write(tree, declarations), notation, by, names)


def with_leaves(tree: Syntax) -> tuple[Syntax, dict[str, Name]]:
    """The tree with d(x) for a whole name x as a name of its own, so that it is written dx; and the names."""
    leaves: dict[str, Name] = {}

    def visit(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        if isinstance(part, Undefined) and names_differential(part.function) and isinstance(parts[0], Name):
            leaves[part.function] = parts[0]
            return Name(part.function)
        return rebuilt(part, parts)

    return fold(tree, visit), leaves


def _marked(text: str, notation: str, by: str | None, names: Mapping[str, str]) -> str:
    """The text with d, or ∂/∂x, for the marks, from the last to the first: arguments contain none."""
    for found in reversed(list(_MARK.finditer(text))):
        before, after = text[: found.start()], text[found.end() :]
        opening = next((each for each in (r"\left(", "(") if after.startswith(each)), None)
        if opening is None:
            text = before + _differential(notation, by, names[found[1] or found[2]]) + after
            continue
        end = _closing(after)
        closing = r"\right)" if opening.startswith("\\") else ")"
        inner, rest = after[len(opening) : end - len(closing)].strip(), after[end:]
        text = before + _applied(notation, by, inner) + rest
    return text


def _closing(text: str) -> int:
    """The place behind the bracket that closes the first one."""
    depth = 0
    for k, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth and char == ")":
            return k + 1
    return len(text)


def _differential(notation: str, by: str | None, name: str) -> str:
    if by is not None:
        return _applied(notation, by, name)
    if notation == "latex":
        return rf"\mathrm{{d}} {name}" if name.startswith("\\") else rf"\mathrm{{d}}{name}"
    return f"d{name}"


def _applied(notation: str, by: str | None, inner: str) -> str:
    if notation == "latex":
        brackets = (r"\left", r"\right") if r"\frac" in inner or "_{" in inner or r"\sum" in inner else ("", "")
        if by is None:
            return rf"\mathrm{{d}}{brackets[0]}({inner}{brackets[1]})"
        return rf"\frac{{\partial}}{{\partial {by}}}{brackets[0]}[{inner}{brackets[1]}]"
    if by is None:
        return f"d({inner})"
    return f"∂/∂{by}[{inner}]" if notation == "unicode" else f"d/d{by}[{inner}]"


def listed(texts: Sequence[str]) -> str:
    """a, b and c."""
    *others, last = texts
    return f"{', '.join(others)} and {last}" if others else last
