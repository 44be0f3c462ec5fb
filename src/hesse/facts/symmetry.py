"""Symmetry: permutations of axes that leave a node as it is, proved from its parts.

What `core/symmetry.py` says of matrices is here for results, with what is declared, and for any number of axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations, product
from typing import TypeAlias

from hesse.core.algebra import contract
from hesse.core.nodes import Call, Contract, Node, Sum
from hesse.core.sizes import equal
from hesse.core.symmetry import AS_DECLARED

Order: TypeAlias = tuple[int, ...]
"""A permutation: axis k of the result is axis `order[k]` of the node."""
MAX_TURNED = 4
MAX_VARIANTS = 64
MAX_TERMS = 64


def is_symmetric(root: Node) -> bool:
    """Whether the node is proved to be a symmetric matrix."""
    return root.rank == 2 and bool(equal(*root.shape)) and AS_DECLARED.holds(root)


def invariant(node: Node, order: Order) -> bool:
    """Whether the node stays the same when its axes are permuted."""
    pairs = node.terms if isinstance(node, Sum) else ((Fraction(1), node),)
    if len(pairs) > MAX_TERMS:
        return False
    here: dict[Node, Fraction] = {}
    there: dict[Node, Fraction] = {}
    for coefficient, term in pairs:
        for found, each in ((here, term), (there, permuted(term, order))):
            oriented = orientation(each)
            found[oriented] = found.get(oriented, Fraction(0)) + coefficient
    return here == there


def permuted(node: Node, order: Order) -> Node:
    """The node with its axes permuted."""
    labels = tuple(range(node.rank))
    shape = tuple(node.shape[k] for k in order)
    return contract([(node, labels)], order, dict(enumerate(node.shape)), shape)


def orientation(node: Node) -> Node:
    """Of all ways to turn the symmetric factors of a product, the one with the fewest transposes."""
    if isinstance(node, Contract):
        turns = [symmetries(factor) for factor, _ in node.factors]
    else:
        turns = [symmetries(node)]
    count = 1
    for each in turns:
        count *= len(each)
    if not 1 < count <= MAX_VARIANTS or sum(len(each) > 1 for each in turns) > MAX_TURNED:
        return node
    variants = [_turned(node, orders) for orders in product(*turns)]
    return min(variants, key=lambda variant: (isinstance(variant, Contract), _turns(variant), variant.digest))


def _turns(node: Node) -> int:
    """How many factors stand with their labels in falling order."""
    if not isinstance(node, Contract):
        return 0
    plain = [axes for _, axes in node.factors if len(axes) == 2 and all(isinstance(axis, int) for axis in axes)]
    return sum(axes[0] > axes[1] for axes in plain)  # type: ignore[operator]


def _turned(node: Node, orders: Sequence[Order]) -> Node:
    if not isinstance(node, Contract):
        return permuted(node, orders[0])
    factors = [(f, tuple(axes[k] for k in order)) for (f, axes), order in zip(node.factors, orders, strict=True)]
    return contract(factors, node.out, dict(enumerate(node.extents)), node.shape)


def symmetries(node: Node) -> tuple[Order, ...]:
    """The permutations of axes under which a factor is known to stay the same, the identity first."""
    plain = tuple(range(node.rank))
    if node.rank == 2 and is_symmetric(node):
        return (plain, (1, 0))
    if isinstance(node, Call) and node.order > 1 and len(node.domain) == 1:
        outputs = plain[: len(node.codomain)]
        return tuple((*outputs, *rest) for rest in permutations(plain[len(outputs) :]))
    return (plain,)
