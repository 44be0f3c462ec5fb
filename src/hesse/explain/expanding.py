"""Products as sums of products, and the signs of sums in products: two ways to the same form of equal nodes."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from hesse.core.algebra import add, contract, power
from hesse.core.canonical import Factor
from hesse.core.nodes import Axis, Contract, Node, Power, Sum
from hesse.core.rebuild import transform
from hesse.core.sizes import Size

MOST, MAX_ROUNDS = 300, 6
"""Products of more terms are not multiplied out."""


def multiplied_out_whole(root: Node) -> Node:
    """All products in the graph multiplied out, those as well that come about by it."""
    for _ in range(MAX_ROUNDS):
        following = transform(root, _multiplied_out)
        if following is root:
            break
        root = following
    return root


def _multiplied_out(node: Node) -> Node:
    """The product of sums, and the whole power of a number that is a sum, as a sum of products.

    A sum with denominators goes first, so that (1 - x) (1/(1 - x) + x) is 1 + (1 - x) x, as on paper, before 1 - x is
    multiplied out as well.
    """
    if not 1 < prod(len(total.terms) ** count for _, total, count in _sums(node)) <= MOST:
        return node
    waiting: list[tuple[Fraction, Node]] = [(Fraction(1), node)]
    done: list[tuple[Fraction, Node]] = []
    while waiting:
        coefficient, term = waiting.pop()
        if isinstance(term, Sum):
            waiting += [(coefficient * c, each) for c, each in term.terms]
        elif sums := _sums(term):
            place, total, count = next((each for each in sums if _has_denominators(each[1])), sums[0])
            factors, out, extents = _product(term)
            axes, rest = factors[place][1], power(total, Fraction(count - 1))
            for c, each in total.terms:
                chosen = [*factors[:place], (each, axes), (rest, axes), *factors[place + 1 :]]
                waiting.append((coefficient * c, contract(chosen, out, extents, term.shape)))
        else:
            done.append((coefficient, term))
    return add(done, node.shape)


def oriented(node: Node) -> Node:
    """The product with the first terms of the sums in it positive: -(a - b) u = (b - a) u."""
    if not isinstance(node, Contract):
        return node
    turned = {k for k, (factor, _) in enumerate(node.factors) if isinstance(factor, Sum) and factor.terms[0][0] < 0}
    if not turned:
        return node
    factors = [
        (add([(-1, f)], f.shape), axes) if k in turned else (f, axes) for k, (f, axes) in enumerate(node.factors)
    ]
    product = contract(factors, node.out, dict(enumerate(node.extents)), node.shape)
    return add([((-1) ** len(turned), product)], node.shape)


def _product(node: Node) -> tuple[tuple[Factor, ...], tuple[Axis, ...], dict[int, Size]]:
    """The factors of a product, its axes, and the ranges of its labels; anything else is a product of itself."""
    if isinstance(node, Contract):
        return node.factors, node.out, dict(enumerate(node.extents))
    labels = tuple(range(node.rank))
    return ((node, labels),), labels, dict(enumerate(node.shape))


def _sums(node: Node) -> list[tuple[int, Sum, int]]:
    """The sums among the factors, and whole powers of numbers: their places, the sums, how often each is a factor."""
    found = []
    for k, (factor, _) in enumerate(_product(node)[0]):
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, Fraction(1))
        whole = exponent == 1 if base.shape else exponent.denominator == 1 and exponent > 0
        if isinstance(base, Sum) and whole and len(base.terms) > 1 and base is not node:
            found.append((k, base, exponent.numerator))
    return found


def _has_denominators(total: Sum) -> bool:
    factors = (factor for _, term in total.terms for factor, _ in _product(term)[0])
    return any(isinstance(f, Power) and f.exponent < 0 and isinstance(f.base, Sum) for f in factors)
