r"""Tokens of one formula to the tree as it is written.

Precedence from loose to tight: comparison, `+ -`, `\cdot \odot / ...`, juxtaposition, what stands above and below.
Each construct is read by a function of its own, which asks for its parts by the names in the table below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hesse.errors import ParseError
from hesse.frontends.latex import bigs, brackets, calls, operands, scripts, sums, symbols
from hesse.frontends.latex.commands import REFUSED
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.steps import Step, run
from hesse.frontends.latex.tokens import Kind
from hesse.frontends.latex.tree import Latex

_GOALS: Mapping[str, Callable[..., Any]] = {
    "relation": sums.read_relation,
    "sum": sums.read_sum,
    "term": sums.read_term,
    "product": sums.read_product,
    "factor": scripts.read_factor,
    "scripts": scripts.read_scripts,
    "superscript": scripts.read_superscript,
    "subscript": scripts.read_subscript,
    "item": scripts.read_item,
    "positions": scripts.read_positions,
    "argument": operands.read_argument,
    "fraction": operands.read_fraction,
    "root": operands.read_root,
    "accent": operands.read_accent,
    "bars macro": operands.read_bars_macro,
    "named": symbols.read_named,
    "lettered": symbols.read_lettered,
    "filled": symbols.read_filled,
    "function": calls.read_function,
    "exponent": calls.read_exponent,
    "arguments": calls.read_arguments,
    "call": calls.read_call,
    "nabla": calls.read_nabla,
    "applied function": calls.read_applied_function,
    "close": brackets.close_bracket,
    "items": brackets.read_items,
    "bracketed": brackets.read_bracket,
    "bars": brackets.read_bars,
    "rows": brackets.read_rows,
    "cases": brackets.read_cases,
    "condition": brackets.read_condition,
    "big": bigs.read_big,
    "reduction": bigs.read_reduction,
    "summand": bigs.read_summand,
    "below": bigs.read_below,
}
_OPERANDS: Mapping[Kind, Callable[[Cursor], Any]] = {
    "number": operands.read_number,
    "letter": operands.read_letter,
    "word": operands.read_word,
    "text": operands.read_word,
    "bold": operands.read_bold,
    "double": operands.read_double,
    "command": operands.read_command,
    "open": brackets.read_bracket,
    "bar": brackets.read_bars,
    "begin": brackets.read_environment,
}


def read_formula(cursor: Cursor) -> Latex:
    """The tree of an expression that reaches to the end of the tokens."""
    tree = run(_whole(), lambda request: _begun(cursor, request))
    if cursor.token.kind != "end":
        raise _left_over(cursor)
    return tree


def _whole() -> Step[Latex]:
    tree: Latex = yield "relation"
    return tree


def _begun(cursor: Cursor, request: str | tuple[Any, ...]) -> Any:
    goal, arguments = (request, ()) if isinstance(request, str) else (request[0], request[1:])
    if goal == "atom":
        return _operand(cursor)
    return _GOALS[goal](cursor, *arguments)


def _operand(cursor: Cursor) -> Any:
    if cursor.at_sign("{"):
        return operands.read_braces(cursor)
    handler = _OPERANDS.get(cursor.token.kind)
    if handler is None or (cursor.token.kind == "bar" and operands.closes_bar(cursor)):
        raise _missing(cursor)
    return handler(cursor)


def _missing(cursor: Cursor) -> ParseError:
    """The error for a place where an expression is due and something else stands."""
    token = cursor.token
    before = cursor.tokens[cursor.position - 1] if cursor.position else None
    if before is None:
        return cursor.error(f"expected an expression, found {cursor.found()}")
    message = f"expected an expression after `{cursor.text(before.span)}`, found {cursor.found()}"
    return ParseError(message, span=before.span if token.kind == "end" else token.span)


def _left_over(cursor: Cursor) -> ParseError:
    token = cursor.token
    if token.kind == "close":
        return cursor.error(f"{cursor.found()} closes no bracket")
    if token.kind == "sign" and token.value == "}":
        return cursor.error("`}` closes no brace")
    if token.kind == "sign" and token.value in ",;":
        return cursor.error(
            f"one expression is expected, and {cursor.found()} begins another",
            hint=r"a vector is written `\begin{bmatrix} a \\ b \end{bmatrix}`; remarks are left out",
        )
    if token.kind in ("word", "text"):
        return cursor.error(f"{cursor.found()} does not belong to the formula", hint="leave remarks out")
    if token.kind == "endgrid":
        return cursor.error(f"{cursor.found()} ends no environment")
    if token.kind in ("command", "sign") and token.value in REFUSED:
        return cursor.error(f"{cursor.found()} is not in the notation", hint=REFUSED[token.value])
    return cursor.error(f"{cursor.found()} does not belong here")
