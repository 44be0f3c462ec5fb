"""A node as a sum of products: every term as factors over labels, with sums of matrices multiplied out on request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from hesse.core.algebra import add, contract, scale
from hesse.core.canonical import Factor
from hesse.core.nodes import Axis, Contract, Node, Shape, Sum
from hesse.core.sizes import Size

MAX_TERMS = 32
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Term:
    """coefficient * node, where the node is the product of the factors over the labels."""

    coefficient: Fraction
    node: Node
    factors: tuple[Factor, ...]
    out: tuple[Axis, ...]
    extents: tuple[Size, ...]

    def product(self, out: tuple[Axis, ...], shape: Shape) -> Node:
        """The term with other axes of the result."""
        return scale(self.coefficient, contract(self.factors, out, dict(enumerate(self.extents)), shape))


def terms_of(node: Node) -> tuple[Term, ...]:
    """The terms of the node as they stand."""
    return tuple(as_term(coefficient, term) for coefficient, term in _pairs(node))


def as_term(coefficient: Fraction, node: Node) -> Term:
    """The term, with a node that is no product as its own only factor."""
    if isinstance(node, Contract):
        return Term(coefficient, node, node.factors, node.out, node.extents)
    labels = tuple(range(node.rank))
    return Term(coefficient, node, ((node, labels),), labels, node.shape)


def spread(node: Node) -> tuple[Term, ...]:
    """The terms of the node with sums of matrices, and of more axes, multiplied out, within limits."""
    while True:
        pairs = _pairs(node)
        opened = [pair for coefficient, term in pairs for pair in _opened(coefficient, term)]
        if len(opened) == len(pairs) or len(opened) > MAX_TERMS:
            return terms_of(node)
        wider = add(opened, node.shape)
        if wider is node:
            return terms_of(node)
        node = wider


def _pairs(node: Node) -> tuple[tuple[Fraction, Node], ...]:
    return node.terms if isinstance(node, Sum) else ((ONE, node),)


def _opened(coefficient: Fraction, node: Node) -> Iterator[tuple[Fraction, Node]]:
    """The products that a product with a sum of matrices among its factors amounts to."""
    if isinstance(node, Contract):
        for k, (factor, axes) in enumerate(node.factors):
            if isinstance(factor, Sum) and len(factor.terms) > 1 and factor.rank > 1:
                for weight, term in factor.terms:
                    factors = [*node.factors[:k], (term, axes), *node.factors[k + 1 :]]
                    yield coefficient * weight, contract(factors, node.out, dict(enumerate(node.extents)), node.shape)
                return
    yield coefficient, node
