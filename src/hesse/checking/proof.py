"""Proofs that two expressions are the same function: equal normal forms, also with all products multiplied out."""

from __future__ import annotations

from hesse.checking.expansion import expanded
from hesse.core.algebra import add, is_zero
from hesse.core.nodes import Node
from hesse.core.rebuild import unfold
from hesse.core.traverse import postorder
from hesse.errors import HesseError
from hesse.simplify.engine import apply_facts, simplify

MAX_NODES = 600
ROUNDS = 2


def proved_equal(one: Node, other: Node) -> bool:
    """Whether a proof was found, for all sizes and all values that the declarations admit."""
    if len(postorder(one)) + len(postorder(other)) > MAX_NODES:
        return False
    try:
        a, b = simplify(unfold(one)), simplify(unfold(other))
        if a is b:
            return True
        a, b = apply_facts(a), apply_facts(b)
        difference = add([(1, a), (-1, b)], a.shape)
        return a is b or is_zero(apply_facts(simplify(difference))) or _vanishes(difference)
    except HesseError:
        return False


def _vanishes(node: Node) -> bool:
    """Whether the node is zero once all products of sums are multiplied out."""
    for _ in range(ROUNDS):
        wide = expanded(node)
        if is_zero(wide):
            return True
        node = apply_facts(wide)
        if is_zero(node):
            return True
    return False
