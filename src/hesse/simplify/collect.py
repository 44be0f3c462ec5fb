"""Collecting terms of a sum that differ in one factor only: s' (1 - s) - s' s = s' (1 - 2 s).

Terms are collected only where the combined factor is shorter than the two apart, so that products a user wrote out
stay.
"""

from __future__ import annotations

from fractions import Fraction

from hesse.core.algebra import add, contract
from hesse.core.build import variable
from hesse.core.nodes import Contract, Node, Sum
from hesse.core.rebuild import substitute

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
