"""What the source looked like, as far as results keep it: the signs of its sums and the order of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby

from hesse.core.canonical import Factor
from hesse.core.derivation import is_differential
from hesse.core.nodes import Apply, Contract, Node, SizeValue, Sum, Variable
from hesse.core.order import weight
from hesse.core.traverse import children
from hesse.notation.terms import turns

NOWHERE = 1 << 30


@dataclass(frozen=True, slots=True)
class Source:
    """`sums` are the sums of the source, in its signs; `parts` the terms of a sum or the factors of a product in the
    order in which they were written; `places` tells where each variable occurs first; `names` are those that the source
    defines.
    """

    sums: frozenset[Node] = frozenset()
    parts: Mapping[Node, tuple[Node, ...]] = field(default_factory=dict)
    places: Mapping[Node, int] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


class Order:
    """The order in which terms and factors are written: that of the source, where it has them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.known: dict[Node, int] = {}

    def place(self, node: Node) -> int:
        """How far into the source one must have read to know all names of the node.

        Names that the source has not do not count, and what has no others comes last.
        """
        stack = [node]
        while stack:
            top = stack[-1]
            missing = [child for child in children(top) if child not in self.known]
            if missing and top not in self.known:
                stack += missing
                continue
            stack.pop()
            if top not in self.known:
                self.known[top] = self._own(top)
        found = self.known[node]
        return NOWHERE if found < 0 else found

    def _own(self, node: Node) -> int:
        if isinstance(node, Variable):
            return self.source.places.get(node, -1)
        if isinstance(node, SizeValue):
            return -1
        return max((self.known[child] for child in children(node)), default=-1)

    def terms(self, node: Sum) -> list[tuple[Fraction, Node]]:
        """The terms in the order of the source.

        New sums follow the order in which the source brings up their names, a matrix before its transpose, and begin
        with a positive term.
        """
        if self.is_written(node):
            written = self._written(node)
            return sorted(node.terms, key=lambda item: written[item[1]])
        groups = groupby(node.terms, key=lambda item: item[1].leaves)
        terms = [item for _, group in groups for item in sorted(group, key=lambda item: turns(item[1]))]
        terms.sort(key=lambda item: self.place(item[1]))
        first = next((k for k, (c, _) in enumerate(terms) if c > 0), 0)
        return [terms[first], *terms[:first], *terms[first + 1 :]]

    def factors(self, node: Contract) -> list[Factor]:
        """The factors in the order of the source, in new products simple ones first, in the order of their names."""
        written = self._written(node)
        if written.keys() >= {factor for factor, _ in node.factors}:
            return sorted(node.factors, key=lambda pair: written[pair[0]])
        return sorted(node.factors, key=lambda pair: (self._is_new(pair[0]), _weight(pair[0]), self.place(pair[0])))

    def is_written(self, node: Sum) -> bool:
        """Whether the source has this sum."""
        return self._written(node).keys() >= {term for _, term in node.terms}

    def _is_new(self, node: Node) -> bool:
        """Whether it is a differential, or a matrix that the source has not, such as a direction: written last."""
        if is_differential(node):
            return True
        new = isinstance(node, Variable) and node.rank == 2 and node not in self.source.places
        return new and bool(self.source.places)

    def _written(self, node: Node) -> dict[Node, int]:
        """Where each part of a sum or a product of the source stood; empty for others."""
        return {part: k for k, part in enumerate(self.source.parts.get(node, ()))}


def _weight(node: Node) -> int:
    """The weight for writing: a power stands before functions, whatever its exponent is."""
    return 2 if isinstance(node, Apply) and node.row.name == "power" else weight(node)
