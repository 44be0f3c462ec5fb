"""Trees as a line of mathematics in Unicode: `2 Aᵀ (A x − b)`.

A space is a product, a bracket directly behind a name is an application. ⊙ marks what acts entry by entry where it
could be taken for the matrix operation: y ⊙ z, r^⊙2, exp⊙(S). A scalar behind a product divides all of it: Xᵀ r/n.
A sum over an index reaches to the next plus or minus. Indices count from 1; the sizes of identities and constant
arrays are subscripts: Iₙ, 1ₙ, 0_{m×n}. Rows of matrices are separated by semicolons. [x > 0] is 1 where the
comparison holds, else 0. A contraction without a matrix form stands in brackets with its free indices: [∑ⱼ Aᵢⱼ
Bⱼₖ]ᵢₖ. `axis=` counts as NumPy does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar

from hesse.core.declarations import Declarations
from hesse.core.function import Row
from hesse.core.syntax import Syntax
from hesse.render.layout import typeset
from hesse.render.numbers import spell
from hesse.render.precedence import Level, Rope, joined
from hesse.render.running import SIGNS
from hesse.render.style import Piece, Style

SUBSCRIPTS = str.maketrans("0123456789+−()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ")
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_VULGAR = {Fraction(1, 2): "½", Fraction(1, 4): "¼", Fraction(3, 4): "¾"}
_PRIMES = ("", "′", "″", "‴")


def to_unicode(tree: Syntax, declarations: Declarations) -> str:
    """The tree in Unicode; definitions follow on lines of their own: `where r = A x − b`."""
    return UNICODE.where(*unicode_parts(tree, declarations))


def unicode_parts(tree: Syntax, declarations: Declarations) -> tuple[str, list[tuple[str, str]]]:
    """The expression in Unicode and its definitions, each a name and a value."""
    return typeset(tree, declarations, UNICODE)


class UnicodeStyle(Style):
    """Mathematics in a line of Unicode."""

    minus = "−"
    hadamard = " ⊙ "
    dot = " · "
    transposition = "ᵀ"
    ones = "1"
    relations: ClassVar[Mapping[str, str]] = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}

    def template(self, row: Row) -> str:
        return row.unicode

    def name(self, stem: str, subscript: str, rank: int) -> str:
        return stem + (self.subscript(subscript) if subscript.isdigit() else f"_{subscript}" if subscript else "")

    def plain_name(self, name: str, rank: int) -> str:
        return name

    def function(self, name: str) -> str:
        return name

    def number(self, value: Fraction) -> Piece:
        spelling = spell(value)
        if spelling.denominator:
            return Piece(f"{spelling.mantissa}/{spelling.denominator}", Level.QUOTIENT, number=value)
        if not spelling.exponent:
            return Piece(spelling.mantissa, number=value)
        power = f"10{str(spelling.exponent).translate(SUPERSCRIPTS)}"
        text = power if spelling.mantissa == "1" else f"{spelling.mantissa}·{power}"
        return Piece(text, Level.POWER, number=value)

    def coefficient(self, value: Fraction) -> Rope:
        piece = self.number(value)
        return _VULGAR.get(value) or (("(", piece.text, ")") if piece.level < Level.POWER else piece.text)

    def bracket(self, text: Rope, tall: bool, square: bool = False) -> Rope:
        return ("[", text, "]") if square else ("(", text, ")")

    def stretched(self, literal: str) -> str:
        return literal

    def gap(self, left: str, right: str) -> str:
        return " "

    def needs_dot(self, text: str) -> bool:
        return text[:1].isdigit() or text[:1] in _VULGAR.values()

    def power(self, base: Rope, exponent: Rope, plain: int | None, simple: bool, hadamard: bool) -> Rope:
        if plain is not None and not hadamard:
            return (base, str(plain).translate(SUPERSCRIPTS))
        return (base, "^⊙" if hadamard else "^", exponent if simple else ("(", exponent, ")"))

    def fraction(self, numerator: Rope, denominator: Rope) -> Rope | None:
        return None

    def floor(self, text: Rope) -> Rope:
        return ("⌊", text, "⌋")

    def subscript(self, items: Sequence[str]) -> str:
        single = len(items) == 1 or all(len(item) == 1 for item in items)
        lowered = "".join(items).translate(SUBSCRIPTS)
        if single and not set(lowered) & set("".join(items)):
            return lowered
        return f"_{','.join(items)}" if len(items) == 1 and len(items[0]) == 1 else f"_{{{','.join(items)}}}"

    def sizes(self, items: Sequence[str]) -> str:
        return self.subscript(["×".join(items)])

    def summation(self, indices: Sequence[str]) -> str:
        return f"∑{self.subscript(indices)} "

    def running(self, function: str, index: str, ends: tuple[str, str] | None, given: bool) -> str:
        below = self.subscript([index]) if ends is None or not given else f"_{{{index}={ends[0]}..{ends[1]}}}"
        return f"{SIGNS[function]}{below} " if function in SIGNS else f"{function}{below}"

    def derivative(self, name: str, order: int, kind: str) -> str:
        power = str(order).translate(SUPERSCRIPTS)
        if kind == "entrywise":
            return name + (_PRIMES[order] if order < len(_PRIMES) else f"⁽{power}⁾")
        if order == 1:
            return f"∇{name}" if kind == "scalar" else f"J_{name}"
        return f"∇{power}{name}"

    def column(self, entries: Sequence[Rope]) -> Rope:
        return ("[", joined(", ", list(entries)), "]")

    def matrix(self, rows: Sequence[Sequence[Rope]]) -> Rope:
        return ("[", joined("; ", [joined(", ", list(row)) for row in rows]), "]")

    def quoted(self, text: str) -> str:
        return f'"{text}"'

    def where(self, body: str, definitions: Sequence[tuple[str, str]]) -> str:
        lines = [f"{name} = {value}" for name, value in definitions]
        return body + "".join(("\nwhere " if k == 0 else "\n      ") + line for k, line in enumerate(lines))


UNICODE = UnicodeStyle()
