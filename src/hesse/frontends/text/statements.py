"""Ends of definitions and of the text; the equals sign where it does not belong."""

from __future__ import annotations

from hesse.core.syntax import Syntax
from hesse.errors import ParseError, Span
from hesse.frontends.text.frames import Frame
from hesse.frontends.text.state import State
from hesse.frontends.text.tokens import Token


def read_equals(state: State) -> None:
    """Raises the error for an equals sign behind an operand."""
    raise equals_error(state.token)


def equals_error(token: Token) -> ParseError:
    """The error for an equals sign that neither defines a name nor gives an axis."""
    return ParseError(
        "`=` does not belong here",
        span=token.span,
        hint="a definition is `name = value;` at the start; the comparison is `==`",
    )


def read_end(state: State) -> Syntax | None:
    """The body at the end of the text; at the end of a definition nothing, and the next statement begins."""
    separator, frame = state.token, state.frame
    if frame.kind != "text":
        _end_inside(state, separator, frame)
        return None
    while state.token.kind == "newline":
        state.position += 1
    if state.token.kind == "end":
        return _body(state)
    if state.token.kind == "semicolon":
        separator = state.token
        state.position += 1
    _check_separator(state, separator)
    state.bindings.append((state.definition, frame.finish()))
    state.scope.defined.add(state.definition)
    state.definition = state.last = ""
    return None


def _end_inside(state: State, separator: Token, frame: Frame) -> None:
    """A line's end inside of a norm is a space; anything else is an error."""
    if separator.kind == "newline":
        state.position += 1
    elif separator.kind == "semicolon":
        hint = "rows are written `[[a, b], [c, d]]`" if frame.kind == "stack" else ""
        raise ParseError("`;` inside of brackets", span=separator.span, hint=hint)
    else:
        raise ParseError(f"`{frame.opener.value}` is not closed", span=frame.opener.span)


def _body(state: State) -> Syntax:
    if state.definition:
        raise ParseError(
            f"the text ends with the definition of `{state.definition}`",
            span=Span(state.token.start, state.token.start),
            hint=f"leave out `{state.definition} =`, or add the expression: `{state.definition} = ...; ...`",
        )
    return state.frame.finish()


def _check_separator(state: State, separator: Token) -> None:
    """Raises unless a definition ends here, clearly."""
    token = state.token
    if not state.definition:
        message = "the expression comes last, after the definitions"
        hint = "remove what follows it" if token.kind == "end" else "what stands before it has the form `name = value`"
        raise ParseError(message, span=separator.span if separator.kind == "semicolon" else token.span, hint=hint)
    if separator.kind == "newline" and token.kind == "operator":
        raise ParseError(
            f"a line that starts with `{token.value}` may go on with the line before, or not",
            span=token.span,
            hint="end the line before with `;`, or put the expression in brackets",
        )
