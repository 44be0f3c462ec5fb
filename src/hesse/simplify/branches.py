"""Rules for `where`: what belongs to one branch is brought inside it.

The derivative of a branch may have no value where the other branch is taken, and zero times such a value is not zero.
"""

from __future__ import annotations

from collections.abc import Iterator

from hesse.core.algebra import add, contract, is_zero, power, scale
from hesse.core.build import apply
from hesse.core.canonical import Factor
from hesse.core.nodes import Apply, Contract, Node, Power, Sum
from hesse.functions.elementwise import WHERE
from hesse.simplify.rewrites import rewrite


@rewrite("taking factors into the branch")
def inside(node: Node) -> Node | None:
    """where(c, 1, 0) * a = where(c, a, 0), for factors that run along the same axes."""
    if not isinstance(node, Contract):
        return None
    for k, (factor, axes) in enumerate(node.factors):
        if not isinstance(factor, Apply) or factor.row is not WHERE:
            continue
        condition, a, b = factor.arguments
        # The same positions are the same entries in arrays of one shape only: x[0] and y[0] need not fit together.
        fitting = [
            j for j, (other, places) in enumerate(node.factors) if places == axes and other.shape == factor.shape
        ]
        partners = [j for j in fitting if j != k]
        if not partners or not (is_zero(a) or is_zero(b)):
            continue
        labels = tuple(range(factor.rank))
        branch = a if is_zero(b) else b
        parts = [(branch, labels), *((node.factors[j][0], labels) for j in partners)]
        whole = contract(parts, labels, dict(enumerate(factor.shape)), factor.shape)
        guarded = apply(WHERE, condition, whole, 0) if is_zero(b) else apply(WHERE, condition, 0, whole)
        rest = [pair for j, pair in enumerate(node.factors) if j != k and j not in partners]
        return contract([*rest, (guarded, axes)], node.out, dict(enumerate(node.extents)), node.shape)
    return None


@rewrite("joining the branches")
def piecewise(node: Node) -> Node | None:
    """where(c, a, 0) + where(c, 0, b) = where(c, a, b), also where a and b are factors."""
    if not isinstance(node, Sum):
        return None
    sides: dict[Node, dict[bool, tuple[int, Node]]] = {}
    for k, (coefficient, term) in enumerate(node.terms):
        for condition, first, rest in _selected(term):
            found = sides.setdefault(condition, {})
            found.setdefault(first, (k, scale(coefficient, rest)))
            if len(found) == 2 and found[True][0] != found[False][0]:
                used = {found[True][0], found[False][0]}
                others = [item for j, item in enumerate(node.terms) if j not in used]
                whole = apply(WHERE, condition, found[True][1], found[False][1])
                return add([*others, (1, whole)], node.shape)
    return None


def _selected(term: Node) -> Iterator[tuple[Node, bool, Node]]:
    """(c, first, a) when the term is where(c, a, 0) (first) or where(c, 0, a), also with further factors."""
    labels = tuple(range(term.rank))
    factors: tuple[Factor, ...] = ((term, labels),)
    if isinstance(term, Contract):
        if term.out != labels or len(term.extents) > term.rank:
            return
        factors = term.factors
    for k, (factor, axes) in enumerate(factors):
        if isinstance(factor, Apply) and factor.row is WHERE and axes == labels:
            condition, a, b = factor.arguments
            if is_zero(a) or is_zero(b):
                parts = [*factors[:k], *factors[k + 1 :], (a if is_zero(b) else b, labels)]
                yield condition, is_zero(b), contract(parts, labels, dict(enumerate(term.shape)), term.shape)


@rewrite("taking the power into the branches")
def powers(node: Node) -> Node | None:
    """where(c, a, b)**k = where(c, a**k, b**k) for a whole, positive k, where a or b is zero."""
    match node:
        case Power(base=Apply(row=row, arguments=(condition, a, b)), exponent=exponent) if row is WHERE:
            if exponent > 0 and exponent.denominator == 1 and (is_zero(a) or is_zero(b)):
                return apply(WHERE, condition, power(a, exponent), power(b, exponent))
    return None


@rewrite("equal branches")
def equal(node: Node) -> Node | None:
    """where(c, a, a) = a."""
    match node:
        case Apply(row=row, arguments=(_, a, b)) if row is WHERE and a is b:
            return a
    return None


RULES = (inside, powers, piecewise, equal)
