"""What the declared attributes of variables allow. Applied to finished derivatives only, never before differentiation:
a fact holds at the admissible points and not around them (with y in {-1, 1}, y**2 is 1, but its derivative is 2 y).
"""

from __future__ import annotations

from collections import Counter

from hesse.core.algebra import contract, number, scale
from hesse.core.indices import axis_labels
from hesse.core.nodes import Apply, Contract, Node, Power, Variable
from hesse.facts.values import values
from hesse.functions.elementwise import ABS, RELU, SIGN, STEP
from hesse.simplify.rewrites import rewrite

_SIGNED = (ABS, RELU, SIGN, STEP)


def _has(node: Node, *attributes: str) -> bool:
    return isinstance(node, Variable) and any(attribute in node.attributes for attribute in attributes)


@rewrite("the entries are -1 or 1")
def signs_square_to_one(node: Node) -> Node | None:
    """y**2 = 1 for entries -1 or 1."""
    match node:
        case Power(base=base, exponent=exponent) if _has(base, "pm1") and exponent.denominator == 1:
            return number(1, node.shape) if exponent % 2 == 0 else base
    return None


@rewrite("the entries sum to one")
def simplex_sums_to_one(node: Node) -> Node | None:
    """The sum of a simplex variable along its last axis is 1."""
    if not isinstance(node, Contract):
        return None
    uses = Counter(label for _, axes in node.factors for axis in axes for label in axis_labels(axis))
    uses.update(label for axis in node.out for label in axis_labels(axis))
    for k, (factor, axes) in enumerate(node.factors):
        if _has(factor, "simplex") and isinstance(axes[-1], int) and uses[axes[-1]] == 1:
            rest = node.factors[:k] + node.factors[k + 1 :]
            extents = {label: size for label, size in enumerate(node.extents) if label != axes[-1]}
            ones = (number(1, factor.shape[:-1]), axes[:-1])
            return contract([*rest, ones], node.out, extents, node.shape)
    return None


@rewrite("the sign is known")
def known_signs(node: Node) -> Node | None:
    """|u| = u and relu(u) = u for u >= 0, |u| = -u for u <= 0, sign(u) = step(u) = 1 for u > 0."""
    match node:
        case Apply(row=row, arguments=(argument,)) if row in _SIGNED:
            found = values(argument)
            if row in (ABS, RELU) and found.nonnegative:
                return argument
            if row is ABS and found.nonpositive:
                return scale(-1, argument)
            if row in (SIGN, STEP) and found.positive:
                return number(1, node.shape)
    return None


@rewrite("the entries are -1 or 1")
def magnitude_of_signs(node: Node) -> Node | None:
    """|y| = 1 for entries -1 or 1."""
    match node:
        case Apply(row=row, arguments=(argument,)) if row is ABS and _has(argument, "pm1"):
            return number(1, node.shape)
    return None


def may_apply(node: Node) -> bool:
    """Whether a fact may be used at a node: something is declared of it, or its sign may be known."""
    match node:
        case Variable(attributes=attributes):
            return bool(attributes)
        case Apply(row=row):
            return row in _SIGNED
        case _:
            return False


RULES = (signs_square_to_one, simplex_sums_to_one, magnitude_of_signs, known_signs)
