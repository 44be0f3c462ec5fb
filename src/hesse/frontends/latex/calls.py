r"""Functions with their arguments: `\log(x)`, `\sin^2 x`, `\operatorname{tr} A B`, `\max_i x_i`, `\nabla u(x)`."""

from __future__ import annotations

from hesse.core.function import reduces
from hesse.errors import AmbiguousError, ParseError, Span
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.operands import function_of, starts_operand
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tree import (
    Applied,
    Bars,
    Big,
    Derivative,
    Grid,
    Group,
    Infix,
    Latex,
    Number,
    Power,
    Product,
    Symbol,
)
from hesse.frontends.text.vocabulary import PAIRWISE, canonical
from hesse.functions import FUNCTIONS

_INVERSES = {"sin": "arcsin", "cos": "arccos", "tan": "arctan"}


def read_function(cursor: Cursor) -> Step[Latex]:
    """A function of the vocabulary with what stands at its name, and its arguments."""
    token = cursor.next()
    function = function_of(token)
    assert function is not None
    written = cursor.text(token.span)
    base: Latex | None = None
    entries = False
    exponent: Latex | None = None
    while cursor.at_sign("_", "^"):
        if cursor.next().value == "^":
            exponent = yield "exponent"
        elif _takes_entries(cursor):
            entries = True
        elif _reduces(function):
            big: Latex = yield ("reduction", function, token)
            return big
        else:
            base = yield "argument"
    if isinstance(exponent, Number) and exponent.value == -1:
        inverse = _INVERSES.get(function, f"{function}^{{-1}}")
        raise AmbiguousError(
            "the inverse function, or one over the value?",
            (rf"\{inverse}(...)" if function in _INVERSES else "...", rf"\frac{{1}}{{{written}(...)}}"),
            span=cursor.since(token.start),
        )
    arguments, axis = yield ("arguments", written)
    span = cursor.since(token.start)
    applied: Latex = Applied(span, _chosen(cursor, function, arguments, span), arguments, axis, entries)
    if base is not None:
        applied = _to_base(cursor, function, applied, base, span)
    return applied if exponent is None else Power(span, applied, exponent)


def _reduces(function: str) -> bool:
    """Whether a subscript at the function is an index that it runs over."""
    row = FUNCTIONS.get(function)
    return function in PAIRWISE or (row is not None and reduces(row))


def _takes_entries(cursor: Cursor) -> bool:
    r"""Passes the mark `\odot` behind a subscript sign, which says that the function is applied to each entry."""
    marks = [(token.kind, token.value) for token in (cursor.token, cursor.ahead(), cursor.ahead(2))]
    if marks[0] == ("command", "odot"):
        cursor.next()
        return True
    if marks == [("sign", "{"), ("command", "odot"), ("sign", "}")]:
        cursor.position += 3
        return True
    return False


def _chosen(cursor: Cursor, function: str, arguments: tuple[Latex, ...], span: Span) -> str:
    """The function, the one for two arguments where there is one of that name."""
    if function in PAIRWISE and len(arguments) == 2:
        return PAIRWISE[function]
    if function in PAIRWISE and canonical(function) is None:
        raise ParseError(
            f"`\\{function}` takes two arguments, or an index: `\\{function}(a, b)`, `\\{function}_i x_i`", span=span
        )
    return function


def _to_base(cursor: Cursor, function: str, applied: Latex, base: Latex, span: Span) -> Latex:
    while isinstance(base, Group) and base.mark == "{":
        base = base.body
    if function != "log":
        raise ParseError(
            f"a subscript at `{function}`", span=span, hint="an index stands behind the argument: `f(x)_i`"
        )
    return Infix(span, "frac", applied, Applied(span, "log", (base,)))


def read_exponent(cursor: Cursor) -> Step[Latex]:
    """The power at a function's name."""
    found: Latex = yield "argument"
    while isinstance(found, Group) and found.mark == "{":
        found = found.body
    minus = getattr(found, "terms", None)
    if minus and len(minus) == 1 and minus[0][0] and isinstance(minus[0][1], Number):
        return Number(found.span, -minus[0][1].value)
    if isinstance(found, Symbol):
        raise ParseError(
            "a letter as a power of a function",
            span=found.span,
            hint=r"write `(\sin(x))^{k}`, or the argument in brackets",
        )
    return found


def read_arguments(cursor: Cursor, written: str) -> Step[tuple[tuple[Latex, ...], int | None]]:
    """The arguments of a function: in brackets, or what stands beside it up to the next sign; and the axis."""
    token = cursor.token
    if _bracketed(cursor):
        cursor.open("call", token)
        cursor.opened.pop()
        found: tuple[tuple[Latex, ...], int | None] = yield "call"
        return found
    if not starts_operand(cursor) and not cursor.at_sign("{"):
        raise cursor.error(
            f"expected the argument of `{written}`, found {cursor.found()}", hint=f"write `{written}(...)`"
        )
    first: Latex = yield "factor"
    factors = [first]
    while not isinstance(factors[-1], (Bars, Big, Grid, Applied)) and _goes_on(cursor, factors):
        if cursor.spaced():
            _end_at_space(cursor, written, factors)
            break
        factor: Latex = yield "factor"
        factors.append(factor)
    if len(factors) == 1:
        return (first,), None
    argument = Product(cursor.since(first.span.start), tuple(factors), written)
    if len(factors) > 2 or not isinstance(first, Number):
        shown = cursor.text(argument.span)
        cursor.note(f"`{written} {shown}` read as `{written}({shown})`")
    return (argument,), None


def _bracketed(cursor: Cursor) -> bool:
    """Whether the arguments stand in brackets."""
    return cursor.token.kind == "open" and cursor.token.value in ("(", "[", "set")


def _end_at_space(cursor: Cursor, written: str, factors: list[Latex]) -> None:
    r"""Notes that the argument ends at a written space, as in `\cos x \, x`; asks behind a number alone."""
    shown, following = cursor.text(cursor.since(factors[0].span.start)), cursor.text(cursor.token.span)
    if all(isinstance(factor, Number) for factor in factors):
        raise AmbiguousError(
            f"does the argument of `{written}` end at the space?",
            (rf"{written}({shown} {following} ...)", rf"{written}({shown}) \, {following} ..."),
            span=factors[0].span.join(cursor.token.span),
        )
    cursor.note(
        rf"the space ends the argument: `{written} {shown} \, {following}` read as `{written}({shown}) {following}`"
    )


def _goes_on(cursor: Cursor, factors: list[Latex]) -> bool:
    """Whether the argument without brackets goes on: another function, a sum or a matrix begins a new factor."""
    token = cursor.token
    if not starts_operand(cursor) or token.kind in ("begin", "number"):
        return False
    if isinstance(factors[-1], Infix):
        return False
    if token.kind in ("command", "word", "text") and (function_of(token) is not None or token.value in ("sum", "prod")):
        return False
    return not (token.kind == "open" and isinstance(factors[0], Group))


def read_call(cursor: Cursor) -> Step[tuple[tuple[Latex, ...], int | None]]:
    """Arguments in brackets; `\\mathrm{axis}=k` may come last."""
    opening = cursor.next()
    cursor.open(opening.value, opening)
    arguments: list[Latex] = []
    axis: int | None = None
    while not arguments or cursor.take_sign(","):
        if cursor.token.kind == "word" and cursor.token.value == "axis" and arguments:
            axis = _axis(cursor)
            break
        argument: Latex = yield "relation"
        arguments.append(argument)
    yield ("close", opening)
    return tuple(arguments), axis


def _axis(cursor: Cursor) -> int:
    cursor.next()
    cursor.expect_sign("=", "behind `axis`")
    minus = cursor.take_sign("-")
    token = cursor.next()
    if token.kind != "number" or not token.value.isdigit() or len(token.value) > 3:
        raise ParseError("`axis` takes an integer", span=token.span)
    return -int(token.value) if minus else int(token.value)


def read_nabla(cursor: Cursor) -> Step[Latex]:
    r"""`\nabla u(x)` and `\nabla^2 u(x)` of a declared function."""
    token = cursor.next()
    order = 1
    if cursor.at_sign("^"):
        cursor.next()
        power: Latex = yield "exponent"
        order = int(power.value) if isinstance(power, Number) and power.value in range(1, 100) else 0
    if cursor.at_sign("_"):
        cursor.next()
        yield "argument"
    symbol: Latex = yield "argument"
    name = cursor.names.function(symbol.stem) if isinstance(symbol, Symbol) else None
    if cursor.at_sign("_") and isinstance(symbol, Symbol):
        cursor.next()
        label: Latex = yield "argument"
        while isinstance(label, Group):
            label = label.body
        text = str(label.value) if isinstance(label, Number) else getattr(label, "stem", "")
        name = cursor.names.function(symbol.stem, text)
    if name is None or not order:
        raise ParseError(
            r"`\nabla` is read only for a declared function",
            span=cursor.since(token.start),
            hint="leave the sign out: the derivative is asked for by `gradient`, `jacobian` or `hessian`",
        )
    cursor.symbols.pop(id(symbol), None)
    derivative: Latex = yield ("applied function", name, order, token.start)
    return derivative


def read_applied_function(cursor: Cursor, name: str, order: int, start: int) -> Step[Latex]:
    """An undefined function, or its derivative, at the argument in brackets that follows."""
    if cursor.token.kind != "open" or cursor.token.value not in ("(", "["):
        raise cursor.error(f"`{name}` is a function and needs an argument", hint=f"write `{name}(x)`")
    arguments, axis = yield "call"
    span = cursor.since(start)
    if len(arguments) != 1 or axis is not None:
        raise ParseError(f"`{name}` takes one argument", span=span)
    return Derivative(span, name, order, arguments[0])


def primes(cursor: Cursor) -> int:
    """How many primes stand at the place, which are passed."""
    count = 0
    while cursor.at_sign("'") or cursor.at_command("prime"):
        cursor.next()
        count += 1
    return count


def written_order(cursor: Cursor) -> int:
    r"""The order in `\varphi^{(4)}`, which is passed; 0 where none is written."""
    tokens = [cursor.ahead(k) for k in range(6)]
    shape = [(t.kind, t.value) for t in tokens]
    if shape[:3] != [("sign", "^"), ("sign", "{"), ("open", "(")] or shape[4:] != [("close", "("), ("sign", "}")]:
        return 0
    if tokens[3].kind != "number" or not tokens[3].value.isdigit() or len(tokens[3].value) > 2:
        return 0
    cursor.position += 6
    return int(tokens[3].value)
