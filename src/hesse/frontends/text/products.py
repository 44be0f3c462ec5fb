"""Operands side by side: read as a product where that is certain, asked about where it is not."""

from __future__ import annotations

from hesse.errors import AmbiguousError, ParseError, Span
from hesse.frontends.text.frames import Pending, span_of
from hesse.frontends.text.state import State
from hesse.frontends.text.tokens import Token

_MULTIPLIES = ("number", "group", "call", "undefined", "index", "stack", "norm")
_TIGHT = ("/", "//", "@", "·")
_POWERS = ("**", "^")
_WORDS = {
    "and": "write `(a > 0)*(b > 0)`",
    "or": "write `maximum(a > 0, b > 0)`",
    "not": "write `1 - (a > 0)`",
    "if": "write `where(condition, a, b)`",
    "else": "write `where(condition, a, b)`",
    "for": "write a sum with a running index: `sum(i, x[i]*y[i])`",
    "in": "write a sum with a running index: `sum(i, x[i]*y[i])`",
    "is": "write `==`",
}


def read_product(state: State) -> None:
    """Takes the product sign that is not written before the operand at the place, or raises."""
    token = state.token
    if state.last not in _MULTIPLIES or token.kind in ("number", "string"):
        raise _side_by_side(state, token)
    left = span_of(state.frame.operands[-1])
    right = state.next_text()
    tight = state.frame.tight()
    if tight and (tight.symbol in _TIGHT or (tight.symbol in _POWERS and state.last != "group")):
        raise question(state, tight, left.end, right)
    gap = " " if left.end < token.start else ""
    shown = state.text(left)
    state.note(f"`{shown}{gap}{right}` read as `{shown}*{right}`")
    state.frame.push_infix("implicit", token)
    state.last = ""


def question(state: State, tight: Pending, end: int, right: str) -> AmbiguousError:
    """The question for `1/2x`, whose `2` ends at `end`: does x belong below the line?

    The left operand of the operator is the last but one on the stack, or the last when the middle has not been read.
    """
    read = state.frame.operands
    start = span_of(read[-1] if span_of(read[-1]).end <= tight.token.start else read[-2]).start
    head, middle = state.text(Span(start, tight.token.end)), state.text(Span(tight.token.end, end))
    gap = " " if state.source[tight.token.end].isspace() else ""
    whole = Span(start, state.primary(state.position).end)
    symbol = tight.symbol
    return AmbiguousError(
        f"`{state.text(whole)}` can be read in two ways: where does the right side of `{symbol}` end?",
        (f"({head}{gap}{middle})*{right}", f"{head}{gap}({middle}*{right})"),
        span=Span(whole.start, max(whole.end, end)),
    )


def _side_by_side(state: State, token: Token) -> ParseError:
    """The error for two operands between which no product sign may be left out."""
    previous = state.tokens[state.position - 1]
    for word in (token, previous):
        if word.kind == "name" and word.value in _WORDS:
            return ParseError(f"`{word.value}` is not in the notation", span=word.span, hint=_WORDS[word.value])
    left, right = state.text(span_of(state.frame.operands[-1])), state.next_text()
    hint = f"write `{left}*{right}`, or `{left} @ {right}` for a matrix product"
    if token.kind == "string":
        hint = "a string stands only as the first argument of `einsum`"
    elif state.frame.kind == "stack":
        hint = "commas separate entries: `[a, b]`, and rows: `[[a, b], [c, d]]`"
    elif token.kind == "number":
        hint = f"write `{left}**{right}` or `{left}*{right}`"
    return ParseError(f"`{left}` and `{right}` stand side by side", span=token.span, hint=hint)
