r"""Trees as LaTeX for any engine with amsmath: `2 A^\top (A x - b)`.

The conventions are those of `unicode`. Names of several letters are upright; on request vectors and matrices are
bold, and their entries not. Brackets grow only around what is higher than a line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Literal

from hesse.core.declarations import Declarations
from hesse.core.function import Row
from hesse.core.syntax import Syntax
from hesse.notation.letters import COMMANDS, GREEK
from hesse.render.layout import typeset
from hesse.render.numbers import spell
from hesse.render.precedence import Level, Rope, joined
from hesse.render.running import SIGNS
from hesse.render.style import Piece, Style

Vectors = Literal["plain", "bold"]

_WORD = re.compile(r"\\(?:mathrm|mathbf)\{\w\w")
_GROWING = re.compile(r"\\[lr][vV]ert|[()|]")


def to_latex(tree: Syntax, declarations: Declarations, *, vectors: Vectors = "plain") -> str:
    r"""The tree in LaTeX, without dollar signs; definitions follow behind a comma: `where r = A x - b`."""
    style = STYLES[vectors]
    return style.where(*typeset(tree, declarations, style))


def latex_parts(
    tree: Syntax, declarations: Declarations, *, vectors: Vectors = "plain"
) -> tuple[str, list[tuple[str, str]]]:
    """The expression in LaTeX and its definitions, each a name and a value."""
    return typeset(tree, declarations, STYLES[vectors])


def mathtext(latex: str) -> str:
    """The LaTeX for matplotlib's mathtext, which lacks some delimiters. Matrices and cases have no form there."""
    return re.sub(r"\\[lr]([vV])ert(?![a-zA-Z])", lambda match: r"\Vert" if match[1] == "V" else r"\vert", latex)


class LatexStyle(Style):
    """Mathematics in LaTeX; `bold` for vectors and matrices."""

    minus = "-"
    hadamard = r" \odot "
    entry_division = r" \oslash "
    tells_rows = True
    sized_deltas = True
    encloses_comparisons = True
    dot = r" \cdot "
    transposition = r"^\top"
    ones = r"\mathbf{1}"
    relations: ClassVar[Mapping[str, str]] = {
        "<": "<", "<=": r"\leq", ">": ">", ">=": r"\geq", "==": "=", "!=": r"\neq",
    }  # fmt: skip

    def __init__(self, bold: bool) -> None:
        self.bold = bold

    def template(self, row: Row) -> str:
        return row.latex

    def name(self, stem: str, subscript: str, rank: int) -> str:
        base = self._stem(stem, self.bold and rank > 0)
        if subscript and not subscript.isdigit():
            subscript = self._stem(GREEK.get(subscript, subscript), bold=False)
        return f"{base}_{{{subscript}}}" if subscript else base

    def _stem(self, stem: str, bold: bool) -> str:
        command = COMMANDS.get(stem)
        if command is not None:
            return rf"\boldsymbol{{{command}}}" if bold else command
        if bold:
            return rf"\mathbf{{{_escaped(stem)}}}"
        return stem if len(stem) == 1 else rf"\mathrm{{{_escaped(stem)}}}"

    def plain_name(self, name: str, rank: int) -> str:
        return rf"\mathbf{{{_escaped(name)}}}" if self.bold and rank else rf"\mathrm{{{_escaped(name)}}}"

    def function(self, name: str) -> str:
        return rf"\operatorname{{{_escaped(name)}}}"

    def number(self, value: Fraction) -> Piece:
        spelling = spell(value)
        if spelling.denominator:
            text = rf"\frac{{{spelling.mantissa}}}{{{spelling.denominator}}}"
            inline = f"{spelling.mantissa}/{spelling.denominator}"
            return Piece(text, Level.POWER, number=value, tall=True, inline=inline)
        if not spelling.exponent:
            return Piece(spelling.mantissa, number=value)
        power = f"10^{{{spelling.exponent}}}"
        text = power if spelling.mantissa == "1" else rf"{spelling.mantissa} \cdot {power}"
        return Piece(text, Level.POWER, number=value)

    def coefficient(self, value: Fraction) -> Rope:
        return self.number(value).text

    def bracket(self, text: Rope, tall: bool, square: bool = False) -> Rope:
        left, right = "[]" if square else "()"
        return (rf"\left{left} ", text, rf" \right{right}") if tall else (left, text, right)

    def stretched(self, literal: str) -> str:
        return _GROWING.sub(lambda match: (r"\left" if match[0] in _LEFT else r"\right") + match[0], literal)

    def gap(self, left: str, right: str) -> str:
        if right[:1].isdigit():
            return self.dot
        return r" \, " if _WORD.match(left) or _WORD.match(right) else " "

    def needs_dot(self, text: str) -> bool:
        return text[:1].isdigit() or text.startswith((r"\mathbf{1}", r"\mathbf{0}", r"\frac"))

    def power(self, base: Rope, exponent: Rope, plain: int | None, simple: bool, hadamard: bool) -> Rope:
        if not hadamard:
            return (base, "^", str(plain)) if plain in range(10) else (base, "^{", exponent, "}")
        return (base, r"^{\odot ", exponent if simple else ("(", exponent, ")"), "}")

    def fraction(self, numerator: Rope, denominator: Rope) -> Rope | None:
        return (r"\frac{", numerator, "}{", denominator, "}")

    def floor(self, text: Rope) -> Rope:
        return (r"\lfloor ", text, r" \rfloor")

    def subscript(self, items: Sequence[str]) -> str:
        return f"_{{{('' if all(len(item) == 1 and item != ':' for item in items) else ',').join(items)}}}"

    def sizes(self, items: Sequence[str]) -> str:
        several = len(items) > 1
        return r" \times ".join(f"({item})" if several and re.search("[-+]", item) else item for item in items)

    def summation(self, indices: Sequence[str]) -> str:
        return rf"\sum_{{{', '.join(indices)}}} "

    def running(self, function: str, index: str, ends: tuple[str, str] | None, given: bool) -> str:
        below = index if ends is None else f"{index}={ends[0]}"
        limits = rf"_{{{below}}}" + (rf"^{{{ends[1]}}}" if ends is not None else "")
        if function not in SIGNS:
            head = rf"\{function}" if function in ("max", "min") else self.function(function)
            return f"{head}{limits}" if ends is None else rf"{head}_{{{below},\ldots,{ends[1]}}}"
        return rf"\{function}{limits} "

    def derivative(self, name: str, order: int, kind: str) -> str:
        if kind == "entrywise":
            return name + ("'" * order if order <= 3 else f"^{{({order})}}")
        if order == 1:
            return rf"\nabla {name}" if kind == "scalar" else f"J_{{{name}}}"
        return rf"\nabla^{{{order}}} {name}" if order > 9 else rf"\nabla^{order} {name}"

    def column(self, entries: Sequence[Rope]) -> Rope:
        return self.matrix([[entry] for entry in entries])

    def matrix(self, rows: Sequence[Sequence[Rope]]) -> Rope:
        lines = joined(r" \\ ", [joined(" & ", list(row)) for row in rows])
        return (r"\begin{bmatrix} ", lines, r" \end{bmatrix}")

    def quoted(self, text: str) -> str:
        return rf"\text{{{_escaped(text)}}}"

    def where(self, body: str, definitions: Sequence[tuple[str, str]]) -> str:
        if not definitions:
            return body
        return body + r", \quad \text{where } " + r", \; ".join(f"{name} = {value}" for name, value in definitions)


_LEFT = ("(", r"\lvert", r"\lVert")
STYLES: Mapping[str, LatexStyle] = {"plain": LatexStyle(bold=False), "bold": LatexStyle(bold=True)}


def _escaped(name: str) -> str:
    return re.sub(r"([_#%&$])", r"\\\1", name)
