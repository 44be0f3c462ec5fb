"""Applying rules from the leaves up until nothing changes: deterministic, bounded, independent of what ran before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

from hesse.core.derivation import Rewriting
from hesse.core.nodes import Node
from hesse.core.rebuild import substitute, transform
from hesse.simplify import branches, facts, matrices, recognise, shorten, triangles
from hesse.simplify.collect import collect, collect_groups
from hesse.simplify.rewrites import Rewrite
from hesse.simplify.shorten import size
from hesse.simplify.unify import declared_symmetry, one_name, one_orientation, one_sigmoid, one_sign

MAX_ROUNDS = 8
MAX_REWRITES = 16
Log: TypeAlias = list[tuple[Rewrite, Node, Node]]
"""What was rewritten, in order: the rule, the node, and what it became."""
Record: TypeAlias = list[Rewriting] | None


def _rewritten(node: Node, rules: Sequence[Rewrite], log: Log | None = None) -> Node:
    for _ in range(MAX_REWRITES):
        for rule in rules:
            result = rule(node)
            if result is not None and result is not node:
                if log is not None:
                    log.append((rule, node, result))
                node = result
                break
        else:
            return node
    return node


def _normal(root: Node, rules: Sequence[Rewrite], record: Record, *, facts: bool) -> Node:
    wholes = (one_name, one_sign, declared_symmetry if facts else one_orientation)
    for _ in range(MAX_ROUNDS):
        unified = root
        for rule in wholes:
            result = rule(unified)
            assert result is not None
            if record is not None and result is not unified:
                record.append(_rewriting(rule, unified, result, ((unified, result),)))
            unified = result
        log: Log | None = None if record is None else []
        result = transform(unified, lambda node, log=log: _rewritten(node, rules, log))  # type: ignore[misc]
        if record is not None and log:
            record += _replayed(unified, result, log)
        if result is root:
            return root
        root = result
    return root


def _rewriting(rule: Rewrite, before: Node, after: Node, parts: tuple[tuple[Node, Node], ...]) -> Rewriting:
    return Rewriting(rule.id, rule.title, rule.statement, before, after, parts)


def _replayed(before: Node, after: Node, log: Log) -> list[Rewriting]:
    """The rewrites one after the other on the whole; all in one where that does not lead to the same."""
    found: list[Rewriting] = []
    current = before
    for rule, old, new in log:
        following = substitute(current, {old: new})
        if following is current:
            continue
        if found and found[-1].rule == rule.id:
            last = found.pop()
            found.append(_rewriting(rule, last.before, following, (*last.parts, (old, new))))
        else:
            found.append(_rewriting(rule, current, following, ((old, new),)))
        current = following
    if current is after:
        return found
    rules = list(dict.fromkeys(rule for rule, _, _ in log))
    parts = tuple((old, new) for _, old, new in log)
    return [
        Rewriting(
            "+".join(rule.id for rule in rules),
            ", ".join(dict.fromkeys(rule.title for rule in rules)),
            "; ".join(rule.statement for rule in rules),
            before,
            after,
            parts,
        )
    ]


def _local(node: Node) -> Node:
    """The node with the rules applied at its root."""
    return _rewritten(node, LOCAL)


LOCAL: tuple[Rewrite, ...] = (
    *recognise.RULES,
    *triangles.RULES,
    *matrices.RULES,
    *branches.RULES,
    collect,
    *shorten.RULES,
)
GROUPS = Rewrite(
    "collect_groups",
    "collecting terms",
    "a u + b u = (a + b) u for terms that differ along one group of axes only",
    partial(collect_groups, tidy=_local),
)
RULES: tuple[Rewrite, ...] = (*LOCAL, GROUPS)
WHOLES: tuple[Rewrite, ...] = (one_name, one_sign, one_orientation, declared_symmetry, one_sigmoid)
"""The rules that look at the whole graph."""
FACTS: tuple[Rewrite, ...] = facts.RULES


def simplify(root: Node, record: Record = None) -> Node:
    """The node with composite functions recognised and terms collected; what is done is added to the record."""
    result = _normal(root, RULES, record, facts=False)
    other = one_sigmoid(result)
    assert other is not None
    if other is not result:
        more: Record = None if record is None else [_rewriting(one_sigmoid, result, other, ((result, other),))]
        other = _normal(other, RULES, more, facts=False)
        if size(other) < size(result):
            if record is not None and more is not None:
                record += more
            return other
    return result


def apply_facts(root: Node, record: Record = None) -> Node:
    """The node simplified by the declared attributes of its variables: for finished results only."""
    return _normal(root, (*FACTS, *RULES), record, facts=True)
