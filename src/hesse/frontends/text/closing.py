"""Commas, colons and closing brackets: the trees of calls, indices, stacks, tuples, groups and norms."""

from __future__ import annotations

from dataclasses import replace

from hesse.core.syntax import Call, Slice, Stack, Syntax, Tuple
from hesse.errors import ParseError, Span
from hesse.frontends.text.calls import built_call
from hesse.frontends.text.frames import Frame
from hesse.frontends.text.new_axes import indexed
from hesse.frontends.text.products import read_product
from hesse.frontends.text.state import State
from hesse.frontends.text.tokens import Token


def read_norm(state: State) -> None:
    """The closing sign of a norm, or the opening one of a second factor."""
    if state.frame.kind == "norm":
        _close_norm(state)
    else:
        read_product(state)


_NORMS = {"": "norm", "1": "norm1", "2": "norm", "_1": "norm1", "_2": "norm", "_F": "norm"}


def _close_norm(state: State) -> None:
    token, mark = state.token, state.ahead(1)
    marked = mark.kind == "subscript" or (mark.kind == "name" and mark.value.startswith("_"))
    marked = marked and mark.start == token.end
    function = _NORMS.get(mark.value if marked else "")
    if function is None:
        raise ParseError("this norm is not in the notation", span=mark.span, hint="write `norm(x)` or `norm1(x)`")
    end = mark.end if marked else token.end
    typed = "‖…‖" + state.source[token.end : end]
    state.note(f"`{typed}` read as `{function}`" + (", of a matrix the Frobenius norm" if function == "norm" else ""))
    frame = state.frame
    tree = Call(function, (frame.finish(),), None, Span(frame.start, end))
    state.position += int(marked)
    state.leave(tree, "norm")


def read_comma(state: State) -> None:
    """Ends an item of a call, a stack, an index or a tuple."""
    frame = state.frame
    if frame.kind in ("text", "norm"):
        raise ParseError(
            "a comma outside of a call, a stack or an index",
            span=state.token.span,
            hint="decimals have a point; vectors are written `[a, b]`",
        )
    end_item(frame, frame.finish(), state.token)
    state.position += 1
    state.last = ""


def end_item(frame: Frame, current: Syntax | None, comma: Token) -> None:
    """Takes the item before a comma, whose last part is `current` unless nothing stands there."""
    if frame.ranged is not None:
        frame.close_range(current, comma.span)
    elif frame.parts or current is None:
        frame.items.append(frame.close_slice(current, comma.span))
    else:
        frame.items.append(current)


def no_summand(frame: Frame) -> ParseError:
    """The error for a running index with a range and nothing behind it."""
    assert frame.ranged is not None
    name, span = frame.ranged.value, frame.ranged.span
    return ParseError(
        f"`{name}=` gives a range; what it runs over follows behind a comma",
        span=span,
        hint=f"write `{frame.head}({name}=0:n, x[{name}])`",
    )


def read_colon(state: State) -> None:
    """Ends a part of a slice."""
    frame = state.frame
    if not frame.sliced:
        raise ParseError(
            "a colon outside of an index", span=state.token.span, hint="declarations stand apart from the expression"
        )
    frame.parts.append(frame.finish())
    state.position += 1
    state.last = ""


def read_close(state: State) -> None:
    """Closes the innermost bracket behind an operand."""
    frame = state.frame
    if frame.kind == "norm":
        raise ParseError("`‖` is not closed", span=frame.opener.span)
    if frame.ranged is not None:
        raise no_summand(frame)
    close_bracket(state, frame, frame.finish())


def close_bracket(state: State, frame: Frame, current: Syntax | None = None) -> None:
    """Makes the tree of the innermost bracket, whose last part is `current` unless nothing stands there."""
    closing = state.token
    span = Span(frame.start, closing.end)
    if frame.kind == "index" and frame.operand is not None:
        last = frame.close_slice(current, closing.span) if frame.parts else current
        indices = tuple(item for item in (*frame.items, last) if item is not None)
        state.leave(indexed(frame.operand, indices, span), "index")
        return
    items = tuple(item for item in (*frame.items, current) if item is not None and not isinstance(item, Slice))
    if frame.kind in ("call", "undefined"):
        state.leave(built_call(state, frame, items, closing), "call")
    elif frame.kind == "stack":
        state.leave(Stack(items, span), "stack")
    elif frame.items:
        state.leave(Tuple(items, span), "group")
    else:
        state.leave(replace(items[0], span=span), "group")
