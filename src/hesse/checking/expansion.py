"""Products of sums multiplied out: two expressions with the same terms are equal, however they are factored."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod

from hesse.core.algebra import add, contract
from hesse.core.nodes import Axis, Contract, Node, Power, Sum
from hesse.core.rebuild import transform
from hesse.errors import LimitError

MAX_TERMS = 300
MAX_POWER = 6


def expanded(root: Node) -> Node:
    """The node with products of sums, and whole powers of sums, multiplied out. Raises LimitError beyond MAX_TERMS."""
    return transform(root, _multiplied_out)


def terms(node: Node) -> tuple[Node, ...]:
    """The terms of a sum with their coefficients; the node alone where it is none."""
    if not isinstance(node, Sum):
        return (node,)
    return tuple(add([term], node.shape) for term in node.terms)


def _multiplied_out(node: Node) -> Node:
    match node:
        case Contract(factors=factors) if any(_sums(factor) for factor, _ in factors):
            flat = [(base, axes) for factor, axes in factors for base in _bases(factor)]
            return _distributed(flat, node)
        case Power(base=Sum() as base) if _sums(node):
            labels = tuple(range(node.rank))
            return _distributed([(base, labels)] * int(node.exponent), node)
        case _:
            return node


def _sums(node: Node) -> bool:
    """Whether the node is a sum of several terms, or a whole power of one."""
    match node:
        case Sum(terms=found):
            return len(found) != 1 or found[0][0] != 1
        case Power(base=Sum(), exponent=exponent):
            return exponent.denominator == 1 and 1 < exponent <= MAX_POWER
        case _:
            return False


def _bases(node: Node) -> list[Node]:
    return [node.base] * int(node.exponent) if isinstance(node, Power) and _sums(node) else [node]


def _distributed(factors: list[tuple[Node, tuple[Axis, ...]]], node: Contract | Power) -> Node:
    choices: list[list[tuple[Fraction, Node, tuple[Axis, ...]]]] = [
        [(c, term, axes) for c, term in factor.terms] if isinstance(factor, Sum) else [(Fraction(1), factor, axes)]
        for factor, axes in factors
    ]
    if prod(map(len, choices)) > MAX_TERMS:
        raise LimitError(f"the product has more than {MAX_TERMS} terms")
    out = node.out if isinstance(node, Contract) else tuple(range(node.rank))
    extents = node.extents if isinstance(node, Contract) else node.shape
    found: list[tuple[Fraction, Node]] = []
    for combination in product(*choices):
        coefficient = prod((c for c, _, _ in combination), start=Fraction(1))
        term = contract([(n, axes) for _, n, axes in combination], out, dict(enumerate(extents)), node.shape)
        found.append((coefficient, term))
    return add(found, node.shape)
