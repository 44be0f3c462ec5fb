r"""Sums, products and extrema over indices: `\sum_{i=1}^n`, `\sum_{i,j}`, `\sum_{i<j}`, `\max_i`."""

from __future__ import annotations

from dataclasses import dataclass, field

from hesse.errors import ParseError
from hesse.frontends.latex.commands import BIG, RELATIONS
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tokens import Token
from hesse.frontends.latex.tree import Big, Bound, Group, Latex, Number, Relation, Symbol, symbols_in

_HINT = r"write `\sum_{i=1}^n`, `\sum_i`, `\sum_{i,j}` or `\sum_{i<j}`"


@dataclass(slots=True)
class _Below:
    """What stands below a sum: its indices in order, where they start and stop, and a condition."""

    indices: list[Token] = field(default_factory=list)
    start: Latex | None = None
    stop: Latex | None = None
    condition: Relation | None = None


def read_big(cursor: Cursor) -> Step[Latex]:
    r"""`\sum` or `\prod` with its indices, and what it goes over: everything up to the next plus or minus."""
    token = cursor.next()
    below: _Below | None = None
    stop: Latex | None = None
    while cursor.at_sign("_", "^"):
        if cursor.next().value == "_":
            if below is not None:
                raise cursor.error("two subscripts")
            below = yield "below"
        else:
            stop = yield "argument"
    if below is None:
        raise ParseError(f"`{token}` without an index", span=token.span, hint=_HINT)
    big: Latex = yield ("summand", BIG[token.value], token, below, stop)
    return big


def read_reduction(cursor: Cursor, function: str, token: Token) -> Step[Latex]:
    r"""`\max_i x_i` or `\operatorname{mean}_i(x_i)`, behind the subscript sign."""
    below: _Below = yield "below"
    stop: Latex | None = None
    if cursor.at_sign("^"):
        cursor.next()
        stop = yield "argument"
    big: Latex = yield ("summand", function, token, below, stop)
    return big


def read_summand(cursor: Cursor, function: str, token: Token, below: _Below, stop: Latex | None) -> Step[Latex]:
    """The body of a sum, and the whole of it."""
    while isinstance(stop, Group) and stop.mark == "{":
        stop = stop.body
    stop = stop or below.stop
    cursor.sizes.update({each.stem: each.span for each in symbols_in(stop)} if stop else {})
    for index in below.indices:
        cursor.names.running.add(index.value)
        full = below.start is None or (isinstance(below.start, Number) and below.start.value == 1)
        bound = stop if full and isinstance(stop, Symbol) else None
        cursor.bounds[index.value] = bound.stem if isinstance(bound, Symbol) else None
    closed = token.kind in ("word", "text") and cursor.at("open")
    body: Latex = yield ("bracketed" if closed else "term")
    if cursor.at_sign("+", "-") and not closed and not isinstance(body, Group):
        shown = cursor.text(cursor.since(token.start))
        cursor.note(f"`{shown}` ends before the sign that follows")
    bounds = tuple(Bound(index.span, index.value, below.start, stop) for index in below.indices)
    return Big(cursor.since(token.start), function, bounds, body, below.condition, closed)


def read_below(cursor: Cursor) -> Step[_Below]:
    """What stands below the sign of a sum."""
    below = _Below()
    if not cursor.at_sign("{"):
        below.indices.append(_index(cursor))
        return below
    opening = cursor.next()
    cursor.open("_", opening)
    yield from _inside(cursor, below)
    if not cursor.at_sign("}"):
        raise cursor.error(f"this is no index of a sum: {cursor.found()}", hint=_HINT)
    cursor.opened.pop()
    cursor.next()
    return below


def _inside(cursor: Cursor, below: _Below) -> Step[None]:
    if cursor.token.kind == "number" and _relation(cursor.ahead()):
        # 1 <= i < j <= n
        below.start = yield "argument"
        if _relation(cursor.token) not in ("<=",):
            raise cursor.error(r"the first index starts with `\le`", hint=_HINT)
        cursor.next()
    below.indices.append(_index(cursor))
    while cursor.at_sign(",") or cursor.at("letter"):
        cursor.take_sign(",")
        below.indices.append(_index(cursor))
    relation = _relation(cursor.token)
    if relation is None:
        return
    sign = cursor.next()
    if relation == "==":
        below.start = yield "sum"
        if cursor.at_sign(",") and cursor.ahead().value in ("ldots", "dots", "cdots"):
            cursor.position += 2
            cursor.expect_sign(",", "behind the dots")
            below.stop = yield "sum"
        return
    if cursor.at("letter") and len(below.indices) == 1:
        yield from _ordered(cursor, below, relation, sign)
        return
    raise ParseError("a sum with this condition is not read", span=sign.span.join(cursor.token.span), hint=_HINT)


def _ordered(cursor: Cursor, below: _Below, relation: str, sign: Token) -> Step[None]:
    """i < j, perhaps with an upper end; with i != j the one index is known and the other one runs."""
    other = cursor.token
    first = below.indices[0]
    if relation == "!=" or other.value in cursor.names.running:
        left = first.value if other.value in cursor.names.running else ""
        hint = "write the whole sum, and subtract the summand that is left out" if left else _HINT
        raise ParseError(
            f"a sum that leaves out `{other.value}` is not read", span=first.span.join(other.span), hint=hint
        )
    if relation in (">", ">="):
        raise ParseError("write the smaller index first", span=first.span.join(other.span), hint=r"as in `\sum_{i<j}`")
    below.indices.append(_index(cursor))
    symbols = [Symbol(each.span, each.value) for each in below.indices]
    below.condition = Relation(first.span.join(other.span), relation, *symbols)
    if _relation(cursor.token) == "<=":
        cursor.next()
        below.stop = yield "sum"


def _relation(token: Token) -> str | None:
    return RELATIONS.get(token.value) if token.kind in ("sign", "command") else None


def _index(cursor: Cursor) -> Token:
    token = cursor.token
    if token.kind != "letter":
        raise cursor.error(f"an index is one letter, found {cursor.found()}", hint=_HINT)
    if cursor.names.find(token.value) is not None:
        raise cursor.error(
            f"`{token.value}` is declared and cannot be an index",
            hint="choose another letter; of an optimisation problem write the function alone",
        )
    return cursor.next()
