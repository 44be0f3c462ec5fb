"""The order of a norm, `norm(x, 1)`, `norm(x, inf)`, `norm(A, 'fro')`: written in functions of the vocabulary."""

from __future__ import annotations

from fractions import Fraction

from hesse.core.declarations import Declarations
from hesse.core.syntax import Binary, Call, Name, Negative, Num, Syntax, Text, free_names, number
from hesse.errors import ParseError, Span
from hesse.frontends.text.scope import INFINITY, Scope
from hesse.notation.ranks import ranks

_ORDERS = "the orders are numbers from 1 and `inf`, for vectors and along an axis, and 'fro' for matrices"


def is_order(tree: Syntax, scope: Scope) -> bool:
    """Whether the second argument of a norm is its order; a running norm has something that depends on the first."""
    match tree:
        case Num() | Text() | Negative() | Binary(left=Num(), right=Num()):
            return True
        case _:
            return isinstance(tree, Name) and tree.name == INFINITY and not scope.is_value(INFINITY)


def of_order(x: Syntax, order: Syntax, axis: int | None, scope: Scope, span: Span) -> Syntax:
    """The norm of NumPy's meaning; raises where that is no vector norm."""
    rank = 1 if axis is not None else _rank(x, scope)
    if isinstance(order, Text) and order.value == "fro" and rank == 2:
        return Call("norm", (x,), None, span)
    if rank is None:
        hint = "declare the names, or write `norm(x)`, `norm1(x)` or `max(abs(x))`"
        raise ParseError("the order of a norm means another thing for matrices", span=span, hint=hint)
    if rank > 1:
        hint = "the Frobenius norm is `norm(A)`, the sum of absolute values `norm1(A)`"
        message = "of a matrix, this is an operator norm (of order 2 the spectral norm): it is not in the vocabulary"
        raise ParseError(message, span=span, hint=hint)
    if isinstance(order, Name) and order.name == INFINITY:
        return Call("max", (Call("abs", (x,), None, span),), axis, span)
    value = _value(order)
    if value is None or value < 1:
        raise ParseError("this is not the order of a norm", span=order.span or span, hint=_ORDERS)
    if value in (1, 2):
        return Call("norm1" if value == 1 else "norm", (x,), axis, span)
    powers = Binary("**", Call("abs", (x,), None, span), number(value), span)
    return Binary("**", Call("sum", (powers,), axis, span), number(1 / value), span)


def _value(order: Syntax) -> Fraction | None:
    match order:
        case Num(value=value):
            return value
        case Binary(operator="/", left=Num(value=above), right=Num(value=below)) if below:
            return above / below
        case _:
            return None


def _rank(tree: Syntax, scope: Scope) -> int | None:
    """The number of axes, where all names are declared."""
    if not free_names(tree) <= {*scope.variables, *scope.sizes, *scope.running}:
        return None
    declarations = Declarations((*scope.variables.values(), *scope.functions.values()))
    return ranks(tree, declarations)[id(tree)]
