"""Signs that hold for all values of the variables, as far as simple rules prove them."""

from __future__ import annotations

from typing import Literal, TypeAlias

from hesse.core.nodes import Apply, Constant, Contract, Let, Node, Operation, Power, SizeValue, Sum, Variable
from hesse.core.traverse import fold

Sign: TypeAlias = Literal["positive", "nonnegative", "unknown"]
_POSITIVE = frozenset({"exp", "sigmoid", "softplus", "cosh", "softmax"})
_NONNEGATIVE = frozenset({"abs", "relu", "step", "norm", "norm1"})


def sign(root: Node) -> Sign:
    """Whether every entry is positive, or at least nonnegative, wherever the node has a value."""
    return fold(root, _sign)


def _sign(node: Node, parts: tuple[Sign, ...]) -> Sign:
    match node:
        case Variable(attributes=attributes):
            return "positive" if "pos" in attributes else "nonnegative" if "simplex" in attributes else "unknown"
        case Constant() | SizeValue():
            return "positive"
        case Let():
            return parts[0]
        case Sum(terms=terms):
            return _sum([(coefficient > 0, part) for (coefficient, _), part in zip(terms, parts, strict=True)])
        case Contract():
            return _product(node, parts)
        case Power(exponent=exponent):
            if exponent.denominator != 1 or parts[0] == "positive":
                return "positive" if exponent < 0 or parts[0] == "positive" else "nonnegative"
            even = exponent % 2 == 0
            return "nonnegative" if even or parts[0] == "nonnegative" else "unknown"
        case Apply(row=row) | Operation(row=row):
            return "positive" if row.name in _POSITIVE else "nonnegative" if row.name in _NONNEGATIVE else "unknown"
        case _:
            return "unknown"


def _sum(terms: list[tuple[bool, Sign]]) -> Sign:
    if not all(plus and part != "unknown" for plus, part in terms):
        return "unknown"
    return "positive" if any(part == "positive" for _, part in terms) else "nonnegative"


def _product(node: Contract, parts: tuple[Sign, ...]) -> Sign:
    if "unknown" in parts:
        return "unknown"
    # A diagonal or a placement has zeros beside its entries.
    labels = [axis for axis in node.out if isinstance(axis, int)]
    dense = len(labels) == len(node.out) == len(set(labels))
    return "positive" if dense and "nonnegative" not in parts else "nonnegative"
