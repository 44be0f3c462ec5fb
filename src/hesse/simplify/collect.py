"""Collecting terms of a sum that differ in one place only: s' (1 - s) - s' s = s' (1 - 2 s).

Terms are collected only where the combined factor is shorter than the two apart, so that products a user wrote out
stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from hesse.core.algebra import add, contract
from hesse.core.build import variable
from hesse.core.canonical import Factor
from hesse.core.nodes import Axis, Contract, Node, Sum
from hesse.core.rebuild import substitute
from hesse.simplify.shorten import length

MAX_TERMS = 12


def collect(node: Node) -> Node | None:
    """The sum with one pair of terms collected, or None when there is none."""
    if not isinstance(node, Sum) or not 2 <= len(node.terms) <= MAX_TERMS:
        return None
    if not any(isinstance(factor, Sum) for _, term in node.terms for factor in _factors(term)):
        return None
    seen: dict[Node, list[tuple[int, Fraction, Node]]] = {}
    for k, (coefficient, term) in enumerate(node.terms):
        if not isinstance(term, Contract):
            continue
        for place, (factor, _) in enumerate(term.factors):
            frame = _frame(term, place)
            for other, weight, partner in seen.get(frame, ()):
                if other != k and _shorter(factor, partner, merged := _merged(coefficient, factor, weight, partner)):
                    whole = substitute(frame, {_hole(factor): merged})
                    rest = [item for j, item in enumerate(node.terms) if j not in (k, other)]
                    return add([*rest, (1, whole)], node.shape)
            seen.setdefault(frame, []).append((k, coefficient, factor))
    return None


def _factors(term: Node) -> tuple[Node, ...]:
    return tuple(factor for factor, _ in term.factors) if isinstance(term, Contract) else ()


def _hole(factor: Node) -> Node:
    """A stand-in of the factor's shape, under a name that no text can contain."""
    return variable("?", factor.shape)


def _frame(term: Contract, place: int) -> Node:
    """The term with one factor replaced by the stand-in: the same node for terms that differ there only."""
    factors = [(_hole(f) if k == place else f, axes) for k, (f, axes) in enumerate(term.factors)]
    return contract(factors, term.out, dict(enumerate(term.extents)), term.shape)


def _merged(coefficient: Fraction, factor: Node, weight: Fraction, partner: Node) -> Node:
    return add([(coefficient, factor), (weight, partner)], factor.shape)


def _shorter(factor: Node, partner: Node, merged: Node) -> bool:
    sums = isinstance(factor, Sum) or isinstance(partner, Sum)
    return sums and _length(merged) < _length(factor) + _length(partner)


def _length(node: Node) -> int:
    return len(node.terms) if isinstance(node, Sum) else 1


def collect_groups(node: Node, tidy: Callable[[Node], Node]) -> Node | None:
    """The sum with terms collected that differ only in what runs along one group of axes, where `tidy` shortens it.

    X_ki X_kj s_k (1 - y_k) - X_ki X_kj y_k (1 - s_k): what runs along k alone is added first.
    """
    if not isinstance(node, Sum) or not 2 <= len(node.terms) <= MAX_TERMS:
        return None
    frames: dict[Node, list[tuple[int, Node]]] = {}
    for k, (coefficient, term) in enumerate(node.terms):
        for frame, group in _grouped(term) if isinstance(term, Contract) else ():
            frames.setdefault(frame, []).append((k, add([(coefficient, group)], group.shape)))
    for frame, found in frames.items():
        members = {k for k, _ in found}
        if len(found) < 2 or len(members) < len(found):
            continue
        plain = add([(1, group) for _, group in found], found[0][1].shape)
        short = tidy(plain)
        if length(short) < sum(length(group) for _, group in found):
            whole = substitute(frame, {_hole(plain): short})
            return add([*(item for k, item in enumerate(node.terms) if k not in members), (1, whole)], node.shape)
    return None


def _grouped(term: Contract) -> Iterator[tuple[Node, Node]]:
    """The term with a hole for all scalars and all factors along the same axes, and their product."""
    groups: dict[tuple[Axis, ...], list[Factor]] = {}
    for factor, axes in term.factors:
        if axes and all(isinstance(axis, int) for axis in axes) and len(set(axes)) == len(axes):
            groups.setdefault(axes, []).append((factor, axes))
    if term.out in groups and len(groups[term.out]) == len(term.factors):
        return
    scalars = [(factor, axes) for factor, axes in term.factors if not axes]
    for axes, members in groups.items():
        labels = tuple(range(len(axes)))
        shape = members[0][0].shape
        parts: list[Factor] = [*((factor, labels) for factor, _ in members), *scalars]
        group = contract(parts, labels, dict(enumerate(shape)), shape)
        rest = [pair for pair in term.factors if pair not in members and pair not in scalars]
        frame = contract([*rest, (_hole(group), axes)], term.out, dict(enumerate(term.extents)), term.shape)
        yield frame, group
