"""Applying rules from the leaves up until nothing changes: deterministic, bounded, independent of what ran before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from weakref import WeakSet

from hesse.core.derivation import Rewriting
from hesse.core.nodes import Node
from hesse.core.rebuild import substitute, transform
from hesse.core.traverse import postorder
from hesse.simplify import branches, facts, matrices, recognise, shorten, triangles
from hesse.simplify.collect import Gathered, Tidy, along_axes, at_entries, collect
from hesse.simplify.rewrites import Log, Rewrite
from hesse.simplify.shorten import size
from hesse.simplify.unify import declared_symmetry, one_name, one_orientation, one_sigmoid, one_sign

MAX_ROUNDS = 8
MAX_REWRITES = 16
Record: TypeAlias = list[Rewriting] | None
Passes: TypeAlias = "tuple[tuple[Group, ...], tuple[Rewrite, ...], WeakSet[Node]]"
"""The rules for single nodes, those for whole graphs, and the roots that are known to stay as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Rules, and the nodes of which it is known that none of them applies: that depends on nothing but the node."""

    rules: tuple[Rewrite, ...]
    settled: WeakSet[Node] = field(default_factory=WeakSet)


def _rewritten(node: Node, groups: Sequence[Group], log: Log | None = None) -> Node:
    for _ in range(MAX_REWRITES):
        found = _applied(node, groups)
        if found is None:
            return node
        rule, result = found
        if log is not None:
            log += [(rule, node, result)] if rule.told is None else rule.told(node)
        node = result
    return node


def _applied(node: Node, groups: Sequence[Group]) -> tuple[Rewrite, Node] | None:
    """The first rule that applies, and what the node becomes."""
    for group in groups:
        if node in group.settled:
            continue
        for rule in group.rules:
            result = rule.apply(node)
            if result is not None and result is not node:
                return rule, result
        group.settled.add(node)
    return None


def _normal(root: Node, record: Record, *, facts: bool) -> Node:
    groups, wholes, finished = WITH_FACTS if facts else WITHOUT_FACTS
    if root in finished:
        return root
    for _ in range(MAX_ROUNDS):
        unified = root
        for rule in wholes:
            result = rule(unified)
            assert result is not None
            if record is not None and result is not unified:
                record.append(_rewriting(rule, unified, result, ((unified, result),)))
            unified = result
        log: Log | None = None if record is None else []
        result = transform(unified, lambda node, log=log: _rewritten(node, groups, log))  # type: ignore[misc]
        if record is not None and log:
            record += _replayed(unified, result, log)
        if result is root:
            finished.add(root)
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


def _local(node: Node, log: Log | None = None) -> Node:
    """The node with the rules applied at its root."""
    return _rewritten(node, (LOCAL_GROUP,), log)


def _gathering(name: str, title: str, statement: str, gather: Callable[[Node, Tidy], Gathered | None]) -> Rewrite:
    """The simplification of some terms of a sum as if they were alone."""

    def apply(node: Node) -> Node | None:
        found = gather(node, _local)
        return None if found is None else found.after

    def told(node: Node) -> Log:
        found = gather(node, _local)
        assert found is not None
        log: Log = []
        _local(found.part, log)
        return [(rule, node, found.before), *log]

    rule = Rewrite(name, title, statement, apply, told)
    return rule


LOCAL: tuple[Rewrite, ...] = (
    *recognise.RULES,
    *triangles.RULES,
    *matrices.RULES,
    *branches.RULES,
    collect,
    *shorten.RULES,
)
LOCAL_GROUP = Group(LOCAL)
GATHERINGS = (
    _gathering(
        "collect_groups",
        "collecting terms",
        "a u + b u = (a + b) u for terms that differ along one group of axes only",
        along_axes,
    ),
    _gathering("entries", "adding entry by entry", "(A + B)[i] = A[i] + B[i]", at_entries),
)
RULES: tuple[Rewrite, ...] = (*LOCAL, *GATHERINGS)
WHOLES: tuple[Rewrite, ...] = (one_name, one_sign, one_orientation, declared_symmetry, one_sigmoid)
"""The rules that look at the whole graph."""
FACTS: tuple[Rewrite, ...] = facts.RULES
_ALL = Group(RULES)
WITHOUT_FACTS: Passes = ((_ALL,), (one_name, one_sign, one_orientation), WeakSet())
WITH_FACTS: Passes = ((Group(FACTS), _ALL), (one_name, one_sign, declared_symmetry), WeakSet())


def simplify(root: Node, record: Record = None) -> Node:
    """The node with composite functions recognised and terms collected; what is done is added to the record."""
    result = _normal(root, record, facts=False)
    other = one_sigmoid(result)
    assert other is not None
    if other is not result:
        more: Record = None if record is None else [_rewriting(one_sigmoid, result, other, ((result, other),))]
        other = _normal(other, more, facts=False)
        if size(other) < size(result):
            if record is not None and more is not None:
                record += more
            return other
    return result


def apply_facts(root: Node, record: Record = None) -> Node:
    """The node simplified by the declared attributes of its variables: for finished results only."""
    if root in WITHOUT_FACTS[2] and not any(map(facts.may_apply, postorder(root))):
        return root
    return _normal(root, record, facts=True)
