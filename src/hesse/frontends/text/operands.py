"""What may stand where an operand is due: names, numbers, opening brackets, signs, and the parts a slice leaves out."""

from __future__ import annotations

from fractions import Fraction

from hesse.core.syntax import Name, Num, Text
from hesse.errors import AmbiguousError, ParseError, Span
from hesse.frontends.text.calls import open_call, read_axis, runs
from hesse.frontends.text.closing import close_bracket, end_item, no_summand
from hesse.frontends.text.frames import Frame, Pending
from hesse.frontends.text.new_axes import NEW_AXIS
from hesse.frontends.text.scope import INFINITY
from hesse.frontends.text.state import State
from hesse.frontends.text.statements import equals_error
from hesse.frontends.text.tokens import Token


def missing(state: State) -> None:
    """Raises the error for anything that is no operand."""
    raise state.missing()


def skip(state: State) -> None:
    """Passes over a line's end where the line is not complete."""
    state.position += 1


def read_number(state: State) -> None:
    """Takes a number."""
    token = state.token
    mantissa, letter, digits = token.value.partition("e" if "e" in token.value else "E")
    if letter and state.scope.is_value(letter + digits):
        raise AmbiguousError(
            f"`{token.value}` is a number, but `{letter + digits}` is also a name",
            (f"{mantissa}*{letter + digits}", f"{mantissa}*10**{digits}"),
            span=token.span,
        )
    state.operand(Num(Fraction(token.value), token.span), "number")


def read_string(state: State) -> None:
    """Takes a string; where it may stand is checked at the end."""
    state.operand(Text(state.token.value, state.token.span), "postfix")


def read_name(state: State) -> None:
    """Takes a name: of a value, a call, a definition or a keyword."""
    token, following = state.token, state.ahead(1)
    typed = state.source[token.start : token.end]
    if typed != token.value and not (typed == "π" and state.scope.constant("pi")):
        state.note(f"`{typed}` read as `{token.value}`")
    if following.kind == "equals":
        _before_equals(state)
    elif following.kind == "open" and following.value == "(":
        open_call(state)
    else:
        _value(state, token, typed)


def _before_equals(state: State) -> None:
    """Begins a definition or the range of a running index, or reads the axis of a call."""
    token, frame = state.token, state.frame
    if not frame.at_start or frame.kind not in ("text", "call") or (state.definition and frame.kind == "text"):
        raise equals_error(state.ahead(1))
    if frame.kind == "call" and runs(frame) and _has_colon(state):
        frame.ranged = token
        state.position += 2
    elif frame.kind == "call":
        read_axis(state)
        close_bracket(state, frame)
    else:
        state.scope.check_new(token.value, token.span)
        state.definition = token.value
        state.position += 2


def _has_colon(state: State) -> bool:
    """Whether a colon stands behind the equals sign, before the next comma: then it is a range, `i=0:n`."""
    place = state.position + 2
    while state.tokens[place].kind not in ("comma", "close", "end", "semicolon"):
        if state.tokens[place].kind == "colon":
            return True
        place = state.partners.get(place, place) + 1
    return False


def _value(state: State, token: Token, typed: str) -> None:
    """Takes a name that stands for a value, the `None` that is a new axis, or the order `inf` of a norm."""
    name, frame = token.value, state.frame
    new_axis = name == NEW_AXIS and frame.kind == "index" and not frame.parts
    order = name == INFINITY and frame.head == "norm" and bool(frame.items) and not state.scope.is_value(name)
    if frame.at_start and (new_axis or order):
        state.operand(Name(name, token.span), "name")
        return
    if name in state.scope.functions and state.ahead(1).kind == "transpose":
        raise ParseError(
            "a prime is the transpose, not a derivative",
            span=state.ahead(1).span,
            hint=f"write `grad({name})(x)`, `jac({name})(x)` or `diff({name})(z)`",
        )
    state.scope.check_value(name, token.span)
    constant = state.scope.constant(name)
    if constant and typed != "π":
        state.note(f"`{name}` read as {constant}")
    state.operand(Name(name, token.span), "name")


def open_bracket(state: State) -> None:
    """Opens a group or a stack."""
    token = state.token
    state.enter(Frame("group" if token.value == "(" else "stack", token, token.start))


def open_norm(state: State) -> None:
    """Opens a norm."""
    state.enter(Frame("norm", state.token, state.token.start))


def open_root(state: State) -> None:
    """Opens the call that a root sign before a bracket is."""
    token, bracket = state.token, state.ahead(1)
    if bracket.value != "(":
        raise ParseError("`√` does not show where the root ends", span=token.span, hint="write `√(...)` or `sqrt(...)`")
    state.enter(Frame("call", bracket, token.start, head="sqrt"), 2)


def read_sign(state: State) -> None:
    """Takes a sign in front of an operand."""
    token = state.token
    if token.value not in ("+", "-"):
        raise state.missing()
    state.frame.operators.append(Pending(token.value, token, sign=True))
    state.position += 1


def colon_first(state: State) -> None:
    """A slice whose part before the colon is left out."""
    if not state.frame.sliced or not state.frame.at_start:
        raise state.missing()
    state.frame.parts.append(None)
    state.position += 1


def comma_first(state: State) -> None:
    """A comma behind a slice whose last part is left out; any other is astray."""
    frame = state.frame
    if not frame.parts or not frame.at_start:
        raise state.missing()
    end_item(frame, None, state.token)
    state.position += 1


def close_first(state: State) -> None:
    """A bracket that closes where an operand is due: behind a slice, as in `(n,)`, or in error."""
    frame, token = state.frame, state.token
    if frame.ranged is not None:
        raise no_summand(frame)
    if frame.at_start and (frame.parts or (frame.kind == "group" and len(frame.items) == 1)):
        close_bracket(state, frame)
    elif frame.at_start and not frame.items:
        span = Span(frame.opener.start, token.end)
        raise ParseError("the brackets are empty", span=span, hint=_EMPTY.get(frame.kind, ""))
    else:
        raise state.missing()


_EMPTY = {
    "call": "write the arguments between the brackets",
    "undefined": "write the argument between the brackets",
    "index": "write an index, such as `x[0]` or `x[:]`",
    "stack": "a stack needs at least one entry",
}
