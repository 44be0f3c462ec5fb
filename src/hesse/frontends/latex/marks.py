"""Marks beside an operand: the star of a name, and the sign of a part."""

from __future__ import annotations

from hesse.errors import AmbiguousError, ParseError, Span
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.tree import Applied, Latex, Symbol


def starred(cursor: Cursor, base: Latex, span: Span) -> Latex:
    """x^*, a name of its own."""
    if not isinstance(base, Symbol):
        raise ParseError("a star as a superscript", span=span, hint=r"write `^\top` for the transpose")
    cursor.symbols.pop(id(base), None)
    found = cursor.names.find(base.stem, "star") or cursor.names.find(f"{base.stem}star", upright=True)
    name = found or f"{base.stem}_star"
    cursor.note(f"`{cursor.text(span)}` read as the name `{name}`")
    return cursor.symbol(Symbol(span, name, base.bold, upright=True))


def positive_part(cursor: Cursor, base: Latex, label: str, span: Span) -> Latex:
    """(x)_+, the positive part. Raises for another mark or word below something that is no name."""
    if label == "minus":
        inside = cursor.text(base.span)
        readings = (rf"\max(-{inside}, 0)", rf"\min({inside}, 0)")
        raise AmbiguousError("the size of the negative part, or the part itself?", readings, span=span)
    if label != "plus":
        raise ParseError(f"`{cursor.text(span)}`: only a name has such a subscript", span=span)
    cursor.note(f"`{cursor.text(span)}` read as the positive part, `max(·, 0)`")
    return Applied(span, "relu", (base,))


def check_part(cursor: Cursor, base: Symbol, label: str, span: Span) -> None:
    """Raises for x_+ and x_- where x is declared and no name is written like this."""
    parts = {"plus": ("positive", rf"\max({base.stem}, 0)"), "minus": ("negative", rf"\min({base.stem}, 0)")}
    names = cursor.names
    if label in parts and names.find(base.stem) is not None and names.find(base.stem, label) is None:
        part, written = parts[label]
        readings = (written, rf"{base.stem}_{{\text{{{label}}}}}")
        raise AmbiguousError(f"the {part} part, or a name?", readings, span=span)
