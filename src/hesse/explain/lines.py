"""The right side of a line: a sum of terms, each an adjoint times differentials that are not carried out yet.

    df = ⟨adjoint, c1 d(u1) + c2 d(u2)⟩ + ...

A line is kept in the terms in which the rules give it; only where the derivation collects them are they put together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from hesse.core.algebra import add, contract, is_zero, number, scale
from hesse.core.build import call
from hesse.core.derivation import MAX_DIFFERENTIALS, differential_name
from hesse.core.nodes import Node, Shape
from hesse.errors import LimitError

Part = tuple[Fraction, Node]
ONE = Fraction(1)


class Differentials:
    """The functions d of one derivation: one for each node, so that d(u) tells which node u is."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._names: dict[Node, str] = {}

    def name(self, node: Node) -> str:
        """The name of the function that stands for d at this node."""
        if node not in self._names:
            if len(self.nodes) == MAX_DIFFERENTIALS:
                raise LimitError("the derivation would be too long", hint="name parts of the expression by definitions")
            self._names[node] = differential_name(len(self.nodes))
            self.nodes.append(node)
        return self._names[node]

    def of(self, node: Node) -> Node:
        """d(node), not carried out."""
        return call(self.name(node), (), (), 0, node)

    @property
    def named(self) -> dict[str, Node]:
        """The nodes by the names of their functions."""
        return {name: node for node, name in self._names.items()}


@dataclass(frozen=True, slots=True)
class Term:
    """An adjoint, with leading axes of the result, times a combination of differentials of nodes of one shape.

    In a `unit` term the differential is that of the scalar by which the derivative is taken: it is 1.
    """

    adjoint: Node
    parts: tuple[Part, ...]
    unit: bool = False

    def only(self, place: int) -> Term:
        """The term of one of the parts."""
        coefficient, node = self.parts[place]
        return Term(scale(coefficient, self.adjoint), ((ONE, node),))

    def without(self, places: Iterable[int]) -> Term | None:
        """The term without some of the parts; None when nothing is left."""
        gone = set(places)
        kept = tuple(part for k, part in enumerate(self.parts) if k not in gone)
        return Term(self.adjoint, kept, self.unit) if kept else None

    def node(self, differentials: Differentials, lead: Shape) -> Node:
        """The term as a node."""
        shape = self.parts[0][1].shape
        inner = [(c, number(1) if self.unit else differentials.of(node)) for c, node in self.parts]
        outer, own = tuple(range(len(lead))), tuple(range(len(lead), len(lead) + len(shape)))
        factors = [(self.adjoint, outer + own), (add(inner, shape), own)]
        return contract(factors, outer, dict(enumerate(lead + shape)), lead)


@dataclass(frozen=True, slots=True)
class Line:
    """The terms of a right side, in order."""

    terms: tuple[Term, ...]

    def nodes(self, differentials: Differentials, lead: Shape) -> list[Node]:
        """The terms as nodes, without those that are zero."""
        found = [term.node(differentials, lead) for term in self.terms]
        return [node for node in found if not is_zero(node)]

    def holding(self, node: Node, *, unit: bool = False) -> list[tuple[int, int]]:
        """Where d(node) stands, carried out or not: positions of terms and of parts."""
        return [
            (k, j)
            for k, term in enumerate(self.terms)
            for j, (_, part) in enumerate(term.parts)
            if part is node and term.unit == unit
        ]

    def replaced(self, node: Node, by: Iterable[Term], *, unit: bool = False) -> Line:
        """The line with new terms in the first place of d(node); its other places are taken away."""
        places = self.holding(node, unit=unit)
        found: list[Term] = []
        for k, term in enumerate(self.terms):
            own = [j for i, j in places if i == k]
            rest = term.without(own) if own else term
            first = bool(own) and k == places[0][0]
            before = first and own[0] == 0
            if before:
                found += by
            if rest is not None:
                found.append(rest)
            if first and not before:
                found += by
        return Line(tuple(found))
