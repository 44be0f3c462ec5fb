"""Symmetry: permutations of axes that leave a node as it is, proved from its parts.

Symmetric are variables declared so; functions of symmetric matrices; sums of symmetric matrices and of pairs M + M.T;
and products that read the same backwards once their symmetric factors are turned, such as A.T @ S @ A.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations, product
from typing import TypeAlias
from weakref import WeakKeyDictionary

from hesse.core.algebra import contract
from hesse.core.nodes import Apply, Call, Contract, Let, Node, Operation, Power, Sum, Variable
from hesse.core.sizes import equal
from hesse.core.traverse import postorder
from hesse.functions.operators import INV

Order: TypeAlias = tuple[int, ...]
"""A permutation: axis k of the result is axis `order[k]` of the node."""
MAX_TURNED = 4
MAX_VARIANTS = 64
MAX_TERMS = 64
_KNOWN: WeakKeyDictionary[Node, bool] = WeakKeyDictionary()


def is_symmetric(root: Node) -> bool:
    """Whether the node is proved to be a symmetric matrix."""
    if root.rank != 2:
        return False
    if root not in _KNOWN:
        for node in postorder(root):
            if node not in _KNOWN:
                _KNOWN[node] = node.rank == 2 and bool(equal(*node.shape)) and _symmetric(node)
    return _KNOWN[root]


def _symmetric(node: Node) -> bool:
    """Whether a square matrix is symmetric; its parts are known."""
    match node:
        case Variable(attributes=attributes):
            return bool(attributes & {"sym", "spd"})
        case Let(node=inner) | Power(base=inner):
            return _KNOWN[inner]
        case Apply(arguments=arguments):
            return all(_KNOWN[argument] for argument in arguments)
        case Operation(row=row, arguments=arguments):
            return row is INV and _KNOWN[arguments[0]]
        case Call(domain=domain, codomain=codomain, order=order):
            # Second derivatives of an undefined function, which is smooth, do not depend on their order.
            return order == 2 and len(domain) == 1 and not codomain
        case Sum() | Contract():
            return invariant(node, (1, 0))
        case _:
            return False


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
    """Of all ways to turn the symmetric factors of a product, the one with the least digest."""
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
    return min(variants, key=lambda variant: (isinstance(variant, Contract), variant.digest))


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
