"""The canonical order of terms and factors: by the names in them, never by address or by digest alone."""

from __future__ import annotations

from typing import assert_never

from hesse.core.nodes import (
    Apply,
    Call,
    Constant,
    Contract,
    Derivative,
    Let,
    NamesKey,
    Node,
    Operation,
    Power,
    SizeValue,
    Sum,
    Variable,
)


def term_key(node: Node) -> tuple[NamesKey, int, bytes]:
    """What the terms of a sum are sorted by: the names, then falling powers."""
    return (node.names_key, -_degree(node), node.digest)


def _degree(node: Node) -> int:
    match node:
        case Power(exponent=exponent) if exponent.denominator == 1:
            return int(exponent)
        case Contract(factors=factors):
            return sum(_degree(factor) for factor, _ in factors if isinstance(factor, Power))
        case _:
            return 1


def factor_key(node: Node) -> tuple[int, NamesKey, bytes]:
    """What the factors of a product are sorted by: simple kinds first."""
    return (weight(node), node.names_key, node.digest)


def weight(node: Node) -> int:
    """How composite a factor is: names, then products, functions, sums."""
    match node:
        case SizeValue() | Constant():
            return 0
        case Variable() | Let():
            return 1
        case Power(base=base):
            return weight(base)
        case Contract():
            return 2
        case Apply() | Operation() | Call() | Derivative():
            return 3
        case Sum():
            return 4
        case _:
            assert_never(node)
