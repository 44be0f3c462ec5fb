"""Applying rules from the leaves up until nothing changes: deterministic, bounded, independent of what ran before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from hesse.core.nodes import Node
from hesse.core.rebuild import transform
from hesse.simplify import branches, facts, matrices, recognise
from hesse.simplify.collect import collect

Rewrite: TypeAlias = Callable[[Node], Node | None]
MAX_ROUNDS = 8
MAX_REWRITES = 16
_ALWAYS = (*recognise.RULES, *matrices.RULES, *branches.RULES)


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


def _normal(root: Node, rules: Sequence[Rewrite]) -> Node:
    for _ in range(MAX_ROUNDS):
        result = transform(root, lambda node: _rewritten(node, rules))
        if result is root:
            return root
        root = result
    return root


def simplify(root: Node) -> Node:
    """The node with composite functions recognised and terms collected."""
    return _normal(root, (*_ALWAYS, collect))


def apply_facts(root: Node) -> Node:
    """The node simplified by the declared attributes of its variables: for finished results only."""
    return _normal(root, (*facts.RULES, *_ALWAYS, collect))
