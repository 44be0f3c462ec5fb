"""Sums as a person would write them: what terms share stands in front of a bracket, the rest in the source's order."""

from __future__ import annotations

from collections.abc import Callable, Generator
from fractions import Fraction
from typing import TypeAlias

from hesse.core.algebra import add, is_zero, scale, without_scalars
from hesse.core.content import common_scalars
from hesse.core.nodes import Contract, Node, Sum
from hesse.core.symmetry import Symmetry
from hesse.core.syntax import Syntax, call
from hesse.notation import factoring
from hesse.notation.factoring import Term
from hesse.notation.source import Order
from hesse.notation.terms import is_constant, is_diagonal, is_matrix_like, shortened
from hesse.notation.trees import Item, flat, joined, product, scaled_chain, transposed

Conversion: TypeAlias = Generator[Node, Syntax, Syntax]
Signed: TypeAlias = Generator[Node, Syntax, tuple[bool, Syntax]]
"""A conversion that says besides whether its tree stands behind a minus sign."""
Group: TypeAlias = tuple[tuple[int, ...], Signed]
ONE = Fraction(1)


class NotSharedError(Exception):
    """How a part is written depends on what else is: it cannot be shared by several results."""


class SumWriter:
    """The conversion of sums; that of terms is left to the class that derives from it.

    What is `shared` by several results is written so that each reads as if it had been written alone; where that
    cannot be, NotSharedError is raised.
    """

    def __init__(self, order: Order, symmetry: Symmetry, tidy: Callable[[Node], Node], shared: bool) -> None:
        self.shared = shared
        self.order = order
        self.symmetry = symmetry
        self.tidy = tidy
        self.bracketed: set[Node] = set()

    def term(self, coefficient: Fraction, node: Node) -> Conversion:
        """coefficient * node."""
        raise NotImplementedError

    def placed(self, pattern: Contract, body: Syntax) -> Syntax:
        """The vector on the diagonal, or in the window, of the pattern."""
        raise NotImplementedError

    def known(self, node: Node) -> bool:
        """Whether the source has this sum, in these signs."""
        return node in self.order.source.sums

    def sum(self, node: Sum) -> Conversion:
        """A sum of several terms, in the sign of the source where it has it."""
        found = factoring.source_sign(node, self.known)
        if found is not None and found[0] != 1:
            tree = yield found[1]
            return product(found[0], [Item((tree,))])
        if self.order.is_written(node):
            tree = yield from self._listed(node)
            return tree
        scalars = common_scalars(node.terms) if node.shape and node not in self.bracketed else {}
        if scalars:
            tree = yield from self._scaled(node, scalars)
            return tree
        outer = factoring.common_outer(node.terms) if node.rank == 2 else None
        if outer is not None:
            axis, vector, rest = outer
            pair = [(yield self.tidy(rest)), (yield vector)]
            return call("outer", *(pair if axis == 1 else reversed(pair)))
        tree = yield from self._listed(node, grouped=1 <= node.rank <= 2)
        return tree

    def _scaled(self, node: Sum, scalars: dict[Node, Fraction]) -> Conversion:
        """The scalars that all terms share in front of what is left."""
        bracket = self.tidy(without_scalars(node.terms, scalars, node.shape))
        if is_zero(bracket):
            # Without its scalars the sum is seen to vanish.
            tree = yield bracket
            return tree
        coefficient = factoring.content(bracket) if isinstance(bracket, Sum) else ONE
        bracket = scale(1 / coefficient, bracket)
        # Simplifying the bracket may bring a common scalar back; it then stays where it is.
        if self.shared and isinstance(bracket, Sum) and common_scalars(bracket.terms):
            raise NotSharedError
        self.bracketed.add(bracket)
        inner = yield bracket
        items = []
        for base, exponent in scalars.items():
            tree = yield base
            items.append(Item((tree,), exponent))
        return product(coefficient, [*items, Item((inner,))])

    def _listed(self, node: Sum, *, grouped: bool = False) -> Conversion:
        """The terms one after the other, those that share a factor as one."""
        remaining = self.order.terms(node)
        places = {term: place for place, (_, term) in enumerate(remaining)}
        parts: list[tuple[int, bool, Syntax]] = []
        while grouped and len(remaining) > 1:
            group = self._group(tuple(remaining))
            if group is None:
                break
            members, conversion = group
            negative, tree = yield from conversion
            parts.append((min(places[remaining[k][1]] for k in members), negative, tree))
            remaining = [item for k, item in enumerate(remaining) if k not in members]
        for coefficient, term in remaining:
            sign = factoring.written_sign(term, self.known)
            tree = yield from self._summand(node, abs(coefficient) * sign, term)
            parts.append((places[term], coefficient * sign < 0, tree))
        parts.sort(key=lambda part: part[0])
        if not self.order.is_written(node):
            first = next((k for k, (_, negative, _) in enumerate(parts) if not negative), 0)
            parts = [parts[first], *parts[:first], *parts[first + 1 :]]
        return joined([(negative, tree) for _, negative, tree in parts])

    def _group(self, terms: tuple[Term, ...]) -> Group | None:
        """Terms that share a matrix, a diagonal or a vector."""
        cut = factoring.find_cut(terms, self.symmetry, self.known)
        if cut is not None:
            return cut.members, self._bracketed(terms, cut)
        for diagonal in factoring.diagonal_groups(terms).values():
            return tuple(diagonal), self._diagonal(terms, diagonal)
        shared = factoring.common_vector(terms)
        if shared is not None:
            members, matrix, vector = shared
            return members, self._times_vector(matrix, vector)
        scaled = factoring.scalar_group(terms)
        if scaled is not None:
            return scaled, self._alike_scaled([terms[k] for k in scaled])
        return None

    def _alike_scaled(self, terms: list[Term]) -> Signed:
        tree = yield add(terms, terms[0][1].shape)
        return False, tree

    def _times_vector(self, matrix: Node, vector: Node) -> Signed:
        coefficient, plain = self._normal(matrix)
        left = yield plain
        right = yield vector
        return coefficient < 0, scaled_chain(abs(coefficient), [], [*flat(left), *flat(right)])

    def _normal(self, bracket: Node) -> tuple[Fraction, Node]:
        """(c, p) with bracket = c * p, where p has the signs of the source and no common coefficient."""
        if not isinstance(bracket, Sum):
            return ONE, bracket
        coefficient, plain = factoring.normal_sign(bracket, self.known)
        if isinstance(plain, Sum) and factoring.magnitude(plain) != 1:
            size = factoring.magnitude(plain)
            return coefficient * size, scale(1 / size, plain)
        return coefficient, plain

    def _summand(self, node: Sum, coefficient: Fraction, term: Node) -> Conversion:
        others = [other for _, other in node.terms if other is not term]
        full = any(not other.constant_axes for other in others)
        structured = node.rank > 1 and any(is_matrix_like(other) for other in others)
        diagonal = node.rank > 1 and any(is_diagonal(other) for other in others) and not is_constant(term)
        if full and not diagonal:
            term = shortened(term, keep_scalars=structured)
        tree = yield from self.term(coefficient, term)
        return tree

    def _bracketed(self, terms: tuple[Term, ...], cut: factoring.Cut) -> Signed:
        """The common matrix times the sum of what is left of the terms."""
        shape = cut.rest[0].shape
        bracket = add([(terms[k][0], rest) for k, rest in zip(cut.members, cut.rest, strict=True)], shape)
        coefficient, plain = self._normal(bracket)
        matrix = yield cut.factor
        inner = yield plain
        at_left = cut.axis == 0
        # The factor's joined axis meets the bracket: last of the left piece, first of the right piece.
        turned = (cut.joined == 0) == at_left
        piece = transposed(matrix) if turned and not self.symmetry.holds(cut.factor) else matrix
        pieces = [*flat(piece), *flat(inner)] if at_left else [*flat(inner), *flat(piece)]
        return coefficient < 0, scaled_chain(abs(coefficient), [], pieces)

    def _diagonal(self, terms: tuple[Term, ...], members: list[int]) -> Signed:
        """Terms on one diagonal or window, with their vectors added first."""
        first = terms[members[0]][1]
        assert isinstance(first, Contract)
        vectors = [(terms[k][0], factoring.on_diagonal(terms[k][1])) for k in members]
        body = yield add(vectors, (first.extents[0],))
        return False, self.placed(first, body)
