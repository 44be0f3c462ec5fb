"""The canonical order of terms and factors: by the names in them, never by address or by digest alone."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias, assert_never

from hesse.core.declarations import natural_key
from hesse.core.nodes import (
    Apply,
    Call,
    Constant,
    Contract,
    Derivative,
    Let,
    Node,
    Operation,
    Power,
    SizeValue,
    Sum,
    Variable,
)

Key: TypeAlias = tuple[tuple[tuple[int, int, str], ...], ...]
_END = ((2, 0, ""),)
_natural = lru_cache(maxsize=4096)(natural_key)


def _names_key(node: Node) -> Key:
    """Lexicographic with the longer first, so that x**2 comes before x and a constant comes last."""
    return (*(_natural(leaf) for leaf in node.leaves), _END)


def term_key(node: Node) -> tuple[Key, int, bytes]:
    """What the terms of a sum are sorted by: the names, then falling powers."""
    return (_names_key(node), -_degree(node), node.digest)


def _degree(node: Node) -> int:
    match node:
        case Power(exponent=exponent) if exponent.denominator == 1:
            return int(exponent)
        case Contract(factors=factors):
            return sum(_degree(factor) for factor, _ in factors if isinstance(factor, Power))
        case _:
            return 1


def factor_key(node: Node) -> tuple[int, Key, bytes]:
    """What the factors of a product are sorted by: simple kinds first."""
    return (weight(node), _names_key(node), node.digest)


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
