"""One form for what stands in an expression in two: a sum and its negative, sigmoid(u) and sigmoid(-u), a symmetric
matrix and its transpose. These passes look at the whole graph, since a single node does not know its counterpart.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from hesse.core.algebra import add, contract, number, power, scale
from hesse.core.nodes import Apply, Contract, Let, Node, Power, Sum
from hesse.core.rebuild import substitute, transform
from hesse.core.symmetry import AS_BUILT, AS_DECLARED, Symmetry
from hesse.core.traverse import postorder
from hesse.functions.elementwise import SIGMOID
from hesse.simplify.rewrites import rewrite


@rewrite("one sign for a sum and its negative")
def one_sign(root: Node) -> Node:
    """-(v - u) = u - v."""
    order = postorder(root)
    sums = _factors_that_are_sums(order)
    flipped: dict[Node, Node] = {}
    for node in sums:
        opposite = scale(-1, node)
        if opposite in sums and node not in flipped:
            flipped[opposite] = node
    return transform(root, lambda node: _flip(node, flipped)) if flipped else root


def _factors_that_are_sums(order: Iterable[Node]) -> dict[Node, None]:
    """The sums among the factors of products, in order."""
    found: dict[Node, None] = {}
    for node in order:
        for factor, _ in node.factors if isinstance(node, Contract) else ():
            base = factor.base if isinstance(factor, Power) else factor
            if isinstance(base, Sum) and len(base.terms) > 1:
                found[base] = None
    return found


def _flip(node: Node, flipped: dict[Node, Node]) -> Node:
    if not isinstance(node, Contract):
        return node
    sign = 1
    factors = []
    for factor, axes in node.factors:
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, Fraction(1))
        if base in flipped and exponent.denominator == 1:
            sign *= -1 if exponent % 2 else 1
            factor = power(flipped[base], exponent)
        factors.append((factor, axes))
    if all(new is old for (new, _), (old, _) in zip(factors, node.factors, strict=True)):
        return node
    return scale(sign, contract(factors, node.out, dict(enumerate(node.extents)), node.shape))


@rewrite("writing the name for its value")
def one_name(root: Node) -> Node:
    """The user's names stand wherever their values do."""
    names = {node.node: node for node in postorder(root) if isinstance(node, Let)}
    return transform(root, lambda node: names.get(node, node)) if names else root


@rewrite("the sigmoid of the negative")
def one_sigmoid(root: Node) -> Node:
    """sigmoid(-u) = 1 - sigmoid(u)."""
    arguments = {node.arguments[0]: node for node in postorder(root) if isinstance(node, Apply) and node.row is SIGMOID}
    values: dict[Node, Node] = {}
    for u, node in arguments.items():
        other = arguments.get(scale(-1, u)) if _starts_negative(u) else None
        if other is not None:
            values[node] = add([(1, number(1, u.shape)), (-1, other)], u.shape)
    return substitute(root, values) if values else root


def _starts_negative(node: Node) -> bool:
    return isinstance(node, Sum) and bool(node.terms) and node.terms[0][0] < 0


@rewrite("a symmetric matrix is its transpose")
def one_orientation(root: Node) -> Node:
    """S.T = S for a symmetric matrix."""
    return _oriented(root, AS_BUILT)


@rewrite("a symmetric matrix is its transpose")
def declared_symmetry(root: Node) -> Node:
    """S.T = S for a symmetric matrix."""
    return _oriented(root, AS_DECLARED)


def _oriented(root: Node, symmetry: Symmetry) -> Node:
    def turned(node: Node) -> Node:
        symmetry.holds(node)
        return symmetry.oriented(node)

    return transform(root, turned)
