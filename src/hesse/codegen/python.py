"""Small builders of Python's own syntax trees, and their text."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from fractions import Fraction
from threading import Lock
from types import EllipsisType

from hesse.errors import LimitError

_OPERATORS: dict[str, ast.operator] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
    "//": ast.FloorDiv(),
    "**": ast.Pow(),
    "@": ast.MatMult(),
}
_COMPARISONS: dict[str, ast.cmpop] = {
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
    "==": ast.Eq(),
    "!=": ast.NotEq(),
}
OPERATORS = (*_OPERATORS, *_COMPARISONS)
GROUP = "grouped__"
"""Calls of this name become plain brackets in the text; no variable has it."""
LIKE = "like__"
"""Stands for a variable whose type of numbers new arrays have; no variable has this name."""
_EXACT = 2**53
_DIGITS = 15


_PARSING = Lock()


def parse(text: str) -> list[ast.stmt]:
    """The statements of a text.

    CPython 3.11 counts the depth of its trees for all threads together, and fails where two of them build one.
    """
    with _PARSING:
        return ast.parse(text).body


def parse_expression(text: str) -> ast.expr:
    """The expression of a text."""
    (statement,) = parse(f"({text})")
    assert isinstance(statement, ast.Expr)
    return statement.value


def name(identifier: str) -> ast.expr:
    """The name."""
    return ast.Name(identifier)


def dotted(path: str) -> ast.expr:
    """np.linalg.norm and the like."""
    first, *rest = path.split(".")
    node = name(first)
    for part in rest:
        node = ast.Attribute(node, part)
    return node


def call(function: str | ast.expr, *arguments: ast.expr, **keywords: ast.expr) -> ast.expr:
    """function(*arguments, **keywords)."""
    called = dotted(function) if isinstance(function, str) else function
    return ast.Call(called, list(arguments), [ast.keyword(key, value) for key, value in keywords.items()])


def constant(value: int | float | str | bool | EllipsisType | None) -> ast.expr:
    """A literal; a negative one with a minus in front, so that it is grouped like any negation."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def number(value: Fraction, decimal: bool = False) -> ast.expr:
    """The literal closest to an exact number: an integer, a short decimal, or a fraction."""
    if decimal or abs(value.numerator) > _EXACT or value.denominator > _EXACT:
        return constant(_float(value))
    if value.denominator == 1:
        return constant(value.numerator)
    short = repr(_float(value))
    if len(short) <= _DIGITS and Fraction(short) == value:
        return constant(float(short))
    fraction = ast.BinOp(ast.Constant(abs(value.numerator)), ast.Div(), ast.Constant(value.denominator))
    return ast.UnaryOp(ast.USub(), fraction) if value < 0 else fraction


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        raise LimitError("a number is beyond the range of floating point (about 1.8e308)") from None


def binary(operator: str, left: ast.expr, right: ast.expr) -> ast.expr:
    """left operator right. Where `@` meets `*` or `/` the left side is put in brackets for the reader."""
    if operator in _COMPARISONS:
        return ast.Compare(left, [_COMPARISONS[operator]], [right])
    if isinstance(left, ast.BinOp) and _mixed(operator, left.op):
        left = call(GROUP, left)
    return ast.BinOp(left, _OPERATORS[operator], right)


def _mixed(operator: str, inner: ast.operator) -> bool:
    if operator == "@":
        return isinstance(inner, (ast.Mult, ast.Div))
    return operator in "*/" and isinstance(inner, ast.MatMult)


def negative(operand: ast.expr) -> ast.expr:
    """-operand; the sign of a product stands at its first factor, as people write it."""
    if isinstance(operand, ast.BinOp) and isinstance(operand.op, (ast.Mult, ast.Div)):
        return ast.BinOp(negative(operand.left), operand.op, operand.right)
    if isinstance(operand, ast.UnaryOp) and isinstance(operand.op, ast.USub):
        return operand.operand
    return ast.UnaryOp(ast.USub(), operand)


def subscript(value: ast.expr, *items: ast.expr) -> ast.expr:
    """value[items]."""
    return ast.Subscript(value, items[0] if len(items) == 1 else ast.Tuple(list(items)))


def tuple_of(items: Sequence[ast.expr]) -> ast.expr:
    """(a, b), or the item itself when there is one only, as shapes are written."""
    return items[0] if len(items) == 1 else ast.Tuple(list(items))


def assign(target: ast.expr, value: ast.expr) -> ast.stmt:
    """target = value; brackets around the whole value are left out."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == GROUP:
        value = value.args[0]
    return ast.Assign([target], value, lineno=0)


def update(target: ast.expr, operator: str, value: ast.expr) -> ast.stmt:
    """target += value and the like."""
    assert isinstance(target, (ast.Name, ast.Attribute, ast.Subscript))
    return ast.AugAssign(target, _OPERATORS[operator], value)


def unparse(statements: Sequence[ast.stmt], like: str = "") -> str:
    """The text of a module, two empty lines between its parts; `like` is the name that stands for `LIKE`."""
    text = "\n\n\n".join(ast.unparse(statement) for statement in statements)
    text = re.sub(rf"\b{LIKE}\b", like, text)
    return re.sub(rf"\b{GROUP}\(", "(", text).replace(" ** ", "**") + "\n"
