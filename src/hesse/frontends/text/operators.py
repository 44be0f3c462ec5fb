"""What may stand behind an operand and keeps or joins it: infix operators, transposes, superscripts, indices."""

from __future__ import annotations

from hesse.core.syntax import Transpose
from hesse.errors import AmbiguousError, ParseError, Span
from hesse.frontends.text.frames import Frame, span_of, superscript
from hesse.frontends.text.products import read_product
from hesse.frontends.text.state import State


def read_infix(state: State) -> None:
    """Takes an infix operator, or the transpose that is written as a power."""
    token = state.token
    if token.value in _NOT_INFIX:
        raise ParseError(f"`{token.value}` is not in the notation here", span=token.span, hint=_NOT_INFIX[token.value])
    if token.value == "^":
        count = _transpose_mark(state)
        if count:
            _transpose_by(state, count)
            return
        state.note("`^` read as power")
    elif token.value == "·":
        state.note("`·` read as `dot`: `@` between arrays, the product with a number")
    state.frame.push_infix(token.value, token)
    state.position += 1
    state.last = ""


_NOT_INFIX = {
    "->": "undefined functions are declared separately, such as `u:n->`",
}


def _transpose_mark(state: State) -> int:
    """How many tokens `^T` takes; 0 when what follows `^` is an exponent."""
    marks = [state.ahead(k).value for k in range(1, 5)]
    if state.ahead(1).kind == "transpose":
        return 2
    if state.last == "number" or state.scope.is_value("T"):
        return 0
    if marks[:2] == ["-", "T"] or marks == ["(", "-", "T", ")"]:
        raise ParseError("`^-T` is not in the notation", span=state.token.span, hint="write `inv(A).T`")
    factors = state.scope.transposed_product(marks[0]) if state.ahead(1).kind == "name" else ()
    if factors:
        base = state.text(span_of(state.frame.operands[-1]))
        raise AmbiguousError(
            f"`^{marks[0]}` may be a transpose and a product, or a power by the name {marks[0]}",
            (" @ ".join((f"{base}.T", *factors)), f"{base}**{marks[0]}"),
            span=Span(state.token.start, state.ahead(1).span.end),
        )
    if marks[:2] == ["T", "("]:
        raise ParseError(
            "a name directly before a bracket is a call", span=state.ahead(1).span, hint="write `A.T @ (...)`"
        )
    count = 2 if marks[0] == "T" else 4 if marks[:3] == ["(", "T", ")"] else 0
    if count and "T" not in state.scope.exponents:
        base = state.text(span_of(state.frame.operands[-1]))
        span = Span(state.token.start, state.ahead(count - 1).end)
        readings = (f"{base}.T", f"{base}**T")
        raise AmbiguousError("`^T` may be the transpose or a power by the name T", readings, span=span)
    return count


def _transpose_by(state: State, count: int) -> None:
    """Reads `^T` as the transpose."""
    operand = state.frame.operands[-1]
    span = Span(span_of(operand).start, state.ahead(count - 1).end)
    state.note("`^T` read as the transpose")
    state.modify(Transpose(operand, span, "'"), "postfix", count)


def read_transpose(state: State) -> None:
    """Takes `.T` or a prime."""
    token, operand = state.token, state.frame.operands[-1]
    if state.last == "number":
        raise ParseError("a number has no transpose", span=token.span)
    prime = token.value == "'"
    if prime and state.last == "postfix" and isinstance(operand, Transpose) and operand.typed:
        hint = "a prime is the transpose; derivatives are asked for by name"
        raise ParseError("two primes", span=token.span, hint=hint)
    if prime and state.source[token.start] not in "ᵀ⊤":
        state.note("`'` read as the transpose")
    span = Span(span_of(operand).start, token.end)
    state.modify(Transpose(operand, span, "'" if prime else ""), "postfix")


def read_superscript(state: State) -> None:
    """Takes a power in superscript digits."""
    if state.tokens[state.position - 1].kind == "superscript":
        raise ParseError("two superscripts", span=state.token.span, hint="write the powers with brackets")
    state.modify(superscript(state.frame.operands[-1], state.token), "postfix")


def read_subscript(state: State) -> None:
    """Raises the error for a subscript behind anything but a name or a norm."""
    raise ParseError("a subscript that belongs to no name", span=state.token.span, hint="write an entry as `x[0]`")


def read_bracket(state: State) -> None:
    """An index, or the bracket of a product."""
    token = state.token
    if token.value == "(":
        read_product(state)
    elif state.last == "number":
        raise ParseError("a number has no entries", span=token.span, hint="write `*` for a product")
    else:
        operand = state.frame.operands.pop()
        state.enter(Frame("index", token, span_of(operand).start, operand=operand))
