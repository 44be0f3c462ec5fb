"""Proofs that two expressions are the same function: equal normal forms, also with all products multiplied out."""

from __future__ import annotations

import math

from hesse.checking.expansion import expanded
from hesse.checking.rational import vanishes
from hesse.core.algebra import add, is_zero
from hesse.core.build import operate, transpose
from hesse.core.nodes import Node, Operation, Variable
from hesse.core.rebuild import transform, unfold
from hesse.core.traverse import postorder
from hesse.errors import HesseError
from hesse.functions.linear_algebra import DET, LOGDET
from hesse.functions.operators import INV
from hesse.simplify.engine import apply_facts, simplify

MAX_NODES = 600
ROUNDS = 2


def proved_equal(one: Node, other: Node, deadline: float = math.inf) -> bool:
    """Whether a proof was found, for all sizes and all values that the declarations admit."""
    if len(postorder(one)) + len(postorder(other)) > MAX_NODES:
        return False
    try:
        a, b = (simplify(transform(unfold(node), _upright)) for node in (one, other))
        if a is b:
            return True
        a, b = apply_facts(a), apply_facts(b)
        difference = add([(1, a), (-1, b)], a.shape)
        return (
            a is b
            or is_zero(apply_facts(simplify(difference)))
            or _multiplied_out(difference)
            or vanishes(difference, deadline)
        )
    except HesseError:
        return False


def _upright(node: Node) -> Node:
    """inv(A.T) as inv(A).T, and det(A.T) as det(A)."""
    if not isinstance(node, Operation) or node.row not in (INV, DET, LOGDET):
        return node
    turned = transpose(node.arguments[0])
    if not isinstance(turned, Variable):
        return node
    upright = operate(node.row, (turned,))
    return transpose(upright) if node.row is INV else upright


def _multiplied_out(node: Node) -> bool:
    """Whether the node is zero once all products of sums are multiplied out."""
    for _ in range(ROUNDS):
        wide = expanded(node)
        if is_zero(wide):
            return True
        node = apply_facts(wide)
        if is_zero(node):
            return True
    return False
