"""What the terms of a sum have in common: numbers, scalar factors."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd
from weakref import WeakSet

from hesse.core.canonical import Factor
from hesse.core.nodes import Contract, Node, Power, Sum

INDIVISIBLE: WeakSet[Sum] = WeakSet()
"""Sums of which nothing is to be taken out: found out once."""


def factors_of(node: Node) -> tuple[Factor, ...]:
    """The factors of a contraction; a single other node counts as its own only factor."""
    if isinstance(node, Contract):
        return node.factors
    return ((node, tuple(range(node.rank))),)


def common_scalars(terms: Sequence[tuple[Fraction, Node]]) -> dict[Node, Fraction]:
    """The scalar factors that all terms share, each with the exponent closest to zero."""
    shared: dict[Node, Fraction] | None = None
    for _, term in terms:
        own = {
            (factor.base if isinstance(factor, Power) else factor): (
                factor.exponent if isinstance(factor, Power) else Fraction(1)
            )
            for factor, axes in factors_of(term)
            if not axes
        }
        if shared is None:
            shared = own
            continue
        shared = {
            base: min(exponent, own[base], key=abs)
            for base, exponent in shared.items()
            if base in own and exponent * own[base] > 0
        }
    return shared or {}


def content(node: Sum) -> Fraction:
    """The exact factor to take out of a sum: a common magnitude, an integer content, a common minus sign."""
    coefficients = [coefficient for coefficient, _ in node.terms]
    sign = -1 if all(c < 0 for c in coefficients) else 1
    magnitudes = {abs(c) for c in coefficients}
    if len(magnitudes) == 1:
        return sign * magnitudes.pop()
    if all(c.denominator == 1 for c in coefficients):
        return Fraction(sign * gcd(*(int(c) for c in coefficients)))
    return Fraction(sign)
