"""Comparisons, sums, and products with and without a sign: what binds loosely."""

from __future__ import annotations

from hesse.errors import AmbiguousError, ParseError
from hesse.frontends.latex.commands import INFIX, RELATIONS
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.operands import starts_operand
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tree import Big, Infix, Latex, Number, Product, Relation, Sum


def read_relation(cursor: Cursor) -> Step[Latex]:
    """A sum, or a comparison of two."""
    start = cursor.token.start
    left: Latex = yield "sum"
    operator = _relation(cursor)
    if operator is None:
        return left
    cursor.next()
    right: Latex = yield "sum"
    if _relation(cursor) is not None:
        raise cursor.error("comparisons are not chained", hint="write `[a < b][b < c]` for the product of two")
    return Relation(cursor.since(start), operator, left, right)


def _relation(cursor: Cursor) -> str | None:
    token = cursor.token
    return RELATIONS.get(token.value) if token.kind in ("sign", "command") else None


def read_sum(cursor: Cursor) -> Step[Latex]:
    """Terms with their signs."""
    start = cursor.token.start
    terms: list[tuple[bool, Latex]] = []
    while cursor.at_sign("+", "-") or not terms:
        minus = cursor.at_sign("-")
        if cursor.at_sign("+", "-"):
            cursor.next()
        if cursor.at_sign("+", "-"):
            raise cursor.error("two signs in a row", hint="bracket the second one")
        term: Latex = yield "term"
        terms.append((minus, term))
    return terms[0][1] if len(terms) == 1 and not terms[0][0] else Sum(cursor.since(start), tuple(terms))


def read_term(cursor: Cursor) -> Step[Latex]:
    r"""Products joined by `\cdot`, `\odot`, `/` and their like, from the left; juxtaposition binds tighter."""
    start = cursor.token.start
    left: Latex = yield "product"
    while (operator := _infix(cursor)) is not None:
        sign = cursor.next()
        if cursor.at_sign("+", "-"):
            raise cursor.error(f"a sign directly behind `{sign}`", hint="bracket the signed factor")
        right: Latex = yield "product"
        if operator == "/":
            right, rest = _below(cursor, left, right)
            left = Infix(cursor.since(start), operator, left, right)
            left = left if rest is None else Product(cursor.since(start), (left, rest))
        else:
            left = Infix(cursor.since(start), operator, left, right)
    return left


def _infix(cursor: Cursor) -> str | None:
    token = cursor.token
    if token.kind == "command" or (token.kind == "sign" and token.value in "*/"):
        return INFIX.get(token.value)
    return None


def _below(cursor: Cursor, left: Latex, right: Latex) -> tuple[Latex, Latex | None]:
    """What stands below the slash, and a sum that follows it; asks where the denominator ends."""
    if not isinstance(right, Product):
        return right, None
    first, second = right.factors[0], right.factors[1]
    if len(right.factors) == 2 and isinstance(second, Big):
        shown = cursor.text(left.span.join(first.span))
        cursor.note(f"`{shown}` read as the factor of the sum behind it")
        return first, second
    above, whole = cursor.text(left.span), cursor.text(right.span)
    rest = cursor.text(second.span.join(right.span))
    rest = cursor.source[second.span.start : right.span.end]
    raise AmbiguousError(
        "where does the denominator end?",
        (rf"\frac{{{above}}}{{{cursor.text(first.span)}}} {rest}", rf"\frac{{{above}}}{{{whole}}}"),
        span=left.span.join(right.span),
    )


def read_product(cursor: Cursor) -> Step[Latex]:
    """Factors side by side."""
    start = cursor.token.start
    factors: list[Latex] = []
    while not factors or starts_operand(cursor):
        if factors and cursor.token.kind == "number":
            raise _number_behind(cursor, factors[-1])
        factor: Latex = yield "factor"
        factors.append(factor)
        if isinstance(factor, Big) and not factor.closed:
            break
    return factors[0] if len(factors) == 1 else Product(cursor.since(start), tuple(factors))


def _number_behind(cursor: Cursor, before: Latex) -> ParseError:
    left, right = cursor.text(before.span), cursor.text(cursor.token.span)
    if isinstance(before, Number):
        return cursor.error("two numbers side by side", hint=rf"write `{left} \cdot {right}`")
    return AmbiguousError(
        "a number behind a factor: a subscript, a power, or a product?",
        (f"{left}_{{{right}}}", f"{left}^{{{right}}}", f"{right} {left}"),
        span=before.span.join(cursor.token.span),
    )
