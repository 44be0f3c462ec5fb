r"""Letters that are more than a name: functions, `\sigma(x)`, the identity, arrays of ones, indicators."""

from __future__ import annotations

from fractions import Fraction

from hesse.errors import AmbiguousError, ParseError
from hesse.frontends.latex.calls import primes, written_order
from hesse.frontends.latex.commands import RELATIONS
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.scripts import subscript_label
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tokens import Token
from hesse.frontends.latex.tree import Applied, Filled, Group, Latex, Number, Symbol

_LETTERS = {"σ": "sigmoid", "ψ": "digamma", "Γ": "gamma"}
"""What letters stand for before a bracket, unless they are declared; Γ stands only in `\\log\\Gamma(x)`."""
_FUNCTION_LETTERS = frozenset("fghFGHφ")
"""Undeclared, these are functions before a bracket rather than factors."""


def read_named(cursor: Cursor, symbol: Symbol) -> Step[Latex]:
    """What a letter or word is that has just been read."""
    function, length = _function(cursor, symbol)
    if function is not None:
        cursor.position += length
        order = primes(cursor) or written_order(cursor)
        applied: Latex = yield ("applied function", function, order, symbol.span.start)
        return applied
    names = cursor.names
    if symbol.stem == "J" and names.find("J") is None:
        jacobian, length = _jacobian(cursor)
        if jacobian is not None:
            cursor.position += length
            applied = yield ("applied function", jacobian, 1, symbol.span.start)
            return applied
    if symbol.stem == "I" and names.find("I") is None:
        return cursor.number(Filled(symbol.span, "I"))
    if names.find(symbol.stem) is None:
        order = written_order(cursor) if symbol.stem == "ψ" else 0
        if order or (cursor.at("open") and cursor.token.value == "("):
            if symbol.stem in _LETTERS:
                lettered: Latex = yield ("lettered", symbol, order)
                return lettered
            if symbol.stem in _FUNCTION_LETTERS:
                raise _question(cursor, symbol)
    return cursor.symbol(symbol)


def read_lettered(cursor: Cursor, symbol: Symbol, order: int) -> Step[Latex]:
    """The function that a letter stands for, with its argument; `order` is that of a derivative of digamma."""
    written = cursor.text(symbol.span)
    function = _LETTERS[symbol.stem]
    arguments, axis = yield "call"
    span = cursor.since(symbol.span.start)
    if order:
        return Applied(span, "polygamma", (Number(symbol.span, Fraction(order)), *arguments), axis)
    if function != "gamma":
        cursor.note(f"`{written}(...)` read as the {function} function")
    return Applied(span, function, arguments, axis)


def _function(cursor: Cursor, symbol: Symbol) -> tuple[str | None, int]:
    """The declared function that begins here, and how many tokens its subscript takes."""
    if not cursor.names.declarations.functions:
        return None, 0
    label, length = _subscript(cursor)
    found = cursor.names.function(symbol.stem, label) if label else None
    return (found, length) if found else (cursor.names.function(symbol.stem), 0)


def _jacobian(cursor: Cursor) -> tuple[str | None, int]:
    label, length = _subscript(cursor)
    return (cursor.names.function(label), length) if label else (None, 0)


def _subscript(cursor: Cursor) -> tuple[str, int]:
    """The subscript at the place as part of a name, and how many tokens it takes."""
    if not cursor.at_sign("_"):
        return "", 0
    tokens: list[Token] = []
    if cursor.ahead().value != "{":
        return subscript_label([cursor.ahead()]), 2
    while cursor.ahead(2 + len(tokens)).value != "}" and len(tokens) < 20:
        tokens.append(cursor.ahead(2 + len(tokens)))
    return subscript_label(tokens), len(tokens) + 3


def _question(cursor: Cursor, symbol: Symbol) -> AmbiguousError:
    shown = cursor.text(symbol.span)
    return AmbiguousError(
        f"`{shown}` is not declared: a function, which must be declared, or a factor?",
        (f"{shown} \\cdot (...)", f"{symbol.stem}:n->"),
        span=symbol.span,
    )


def read_filled(cursor: Cursor, filled: Filled) -> Step[Latex]:
    r"""An array of ones or zeros, or with a condition in brackets behind it the indicator `\mathbb{1}[x > 0]`."""
    token = cursor.token
    if filled.kind != "1" or token.kind != "open" or not _holds_relation(cursor):
        return cursor.number(filled)
    items: tuple[Latex, ...] = yield "items"
    if len(items) != 1:
        raise ParseError("an indicator holds one condition", span=cursor.since(token.start))
    return Group(cursor.since(filled.span.start), "[", items[0])


def _holds_relation(cursor: Cursor) -> bool:
    """Whether a comparison stands directly in the bracket that opens at the place, and not below a sum, say."""
    depth, count = 0, 0
    while cursor.ahead(count).kind != "end":
        token = cursor.ahead(count)
        depth += (token.kind == "open" or token.value == "{") - (token.kind == "close" or token.value == "}")
        if depth == 0:
            return False
        if depth == 1 and token.kind in ("sign", "command") and token.value in RELATIONS:
            return True
        count += 1
    return False
