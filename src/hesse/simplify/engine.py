"""Applying rules from the leaves up until nothing changes: deterministic, bounded, independent of what ran before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from hesse.core.nodes import Node
from hesse.core.rebuild import transform
from hesse.simplify import branches, facts, matrices, recognise, triangles
from hesse.simplify.collect import collect, collect_groups
from hesse.simplify.shorten import multiplied_in, shorten, size
from hesse.simplify.unify import one_name, one_orientation, one_sigmoid, one_sign

Rewrite: TypeAlias = Callable[[Node], Node | None]
MAX_ROUNDS = 8
MAX_REWRITES = 16


def _rewritten(node: Node, rules: Sequence[Rewrite]) -> Node:
    for _ in range(MAX_REWRITES):
        for rule in rules:
            result = rule(node)
            if result is not None and result is not node:
                node = result
                break
        else:
            return node
    return node


def _normal(root: Node, rules: Sequence[Rewrite], *, facts: bool) -> Node:
    for _ in range(MAX_ROUNDS):
        unified = one_orientation(one_sign(one_name(root)), facts=facts)
        result = transform(unified, lambda node: _rewritten(node, rules))
        if result is root:
            return root
        root = result
    return root


def _local(node: Node) -> Node:
    """The node with the rules applied at its root."""
    return _rewritten(node, LOCAL)


LOCAL = (*recognise.RULES, *triangles.RULES, *matrices.RULES, *branches.RULES, collect, shorten, multiplied_in)
RULES = (*LOCAL, partial(collect_groups, tidy=_local))


def simplify(root: Node) -> Node:
    """The node with composite functions recognised and terms collected."""
    result = _normal(root, RULES, facts=False)
    other = one_sigmoid(result)
    if other is not result:
        other = _normal(other, RULES, facts=False)
        if size(other) < size(result):
            return other
    return result


def apply_facts(root: Node) -> Node:
    """The node simplified by the declared attributes of its variables: for finished results only."""
    return _normal(root, (*facts.RULES, *RULES), facts=True)
