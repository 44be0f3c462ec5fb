"""Diagnosis by mutation: which wrong application of a rule leads to the answer?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import zip_longest

from hesse.calculus.rules import Mutation, Partials, rule_for
from hesse.checking.diagnosis.derivations import Derivation, Site
from hesse.checking.diagnosis.evidence import Evidence, Explanation, Factor, factor_of, of_node
from hesse.checking.diagnosis.scalings import scaled_term
from hesse.checking.diagnosis.spelling import Spelling
from hesse.checking.numbers import Values
from hesse.core.nodes import Node
from hesse.core.tensor import Tensor
from hesse.errors import HesseError

PAIR_POINTS = 2
MAX_COLUMNS = 400
MAX_CARRIED_OUT = 60
"""How many pairs are carried out together."""
_PLAIN = (Fraction(0), Fraction(-1), Fraction(2), Fraction(1, 2))


@dataclass(frozen=True, eq=False, slots=True)
class _Column:
    """What a mutation adds to the derivative at the first points, and what it means.

    `factors` are those of the terms of the rule, by their places, where the mutation is no more than that.
    """

    values: tuple[Values, ...]
    explanation: Explanation
    site: Site
    mutation: Mutation
    factors: Mapping[int, Fraction] = field(default_factory=dict)

    def beside(self, other: _Column) -> dict[Site, Mutation] | None:
        """Both mutations; None where they are of the same place."""
        if self.site[0] is not other.site[0]:
            return {self.site: self.mutation, other.site: other.mutation}
        if not self.factors or not other.factors or self.factors.keys() & other.factors.keys():
            return None
        return {self.site: _scaling({**self.factors, **other.factors})}


class Mutants:
    """The mutations of one derivation, held against the answer."""

    def __init__(self, derivation: Derivation, evidence: Evidence, spelling: Spelling) -> None:
        self.derivation = derivation
        self.evidence = evidence
        self.spelling = spelling
        self.same_shape = evidence.same_shape
        self.single: list[Explanation] = []
        self.scaled: list[Explanation] = []
        self._columns: list[_Column] = []
        self._results: dict[Node, Factor | None] = {}
        self._shares: dict[Node, Factor | None] = {}

    def search(self) -> None:
        """Look at every mutation."""
        for node in self.derivation.depending:
            if self.evidence.over:
                return
            if self.same_shape:
                self._terms(node)
            self._slips(node)

    def _terms(self, node: Node) -> None:
        """The terms of the rule at the node, each times a constant: left out, with the wrong sign, ..."""
        places = self.derivation.terms(node)
        for place in places:
            share = self.derivation.share(node, place)
            new = share not in self._shares
            factor = self._share(share)
            if factor is not None:
                found = scaled_term(self.derivation, node, place, factor, self.spelling)
                self.single += [] if found is None else [found]
            if new:
                self._add_shares(node, place, share)

    def _share(self, share: Node) -> Factor | None:
        """The factor that the share has in the answer; several sites of a chain have the same share."""
        if share not in self._shares:
            ratios = self.evidence.ratios(self.evidence.residual, of_node(share))
            found = None if ratios is None else factor_of([(1 + ratio, sizes) for ratio, sizes in ratios])
            self._shares[share] = found
        return self._shares[share]

    def _add_shares(self, node: Node, place: int, share: Node) -> None:
        values = self._first(share)
        if values is None:
            return
        for factor in _PLAIN:
            found = scaled_term(self.derivation, node, place, Factor(factor), self.spelling)
            if found is not None:
                by = float(factor - 1)
                moved = tuple(Tensor(value.shape, [by * entry for entry in value.entries]) for value in values)
                site = (node, rule_for(node).id)
                self._columns.append(_Column(moved, found, site, _scaling({place: factor}), {place: factor}))

    def _slips(self, node: Node) -> None:
        right = self._first(self.derivation.right)
        for slip, result in self.derivation.mutants(node):
            new = result not in self._results
            factor = self._multiple(result)
            if factor is None and not new:
                continue
            words = self.spelling.words(slip.words, node, *slip.parts)
            explanation = Explanation(slip.codes, self._staged(words), slip.rule)
            if factor is not None:
                self._matched(explanation, factor)
                continue
            values = self._first(result)
            if right is not None and values is not None and self.same_shape:
                moved = tuple(_less(value, other) for value, other in zip(values, right, strict=True))
                self._columns.append(_Column(moved, explanation, (node, slip.rule), slip.mutation))

    def _multiple(self, result: Node) -> Factor | None:
        """The factor times which a mutant's result is the answer; several mutations may have the same result."""
        if result not in self._results:
            ratios = self.evidence.ratios(self.evidence.answer, of_node(result))
            self._results[result] = None if ratios is None else factor_of(ratios)
        return self._results[result]

    def _matched(self, explanation: Explanation, factor: Factor) -> None:
        if factor == Factor(Fraction(1)):
            self.single.append(explanation)
        elif factor.number:
            self.scaled.append(times(explanation, factor))

    def pairs(self) -> Iterator[Explanation]:
        """Two mutations that lead to the answer when both are carried out.

        Those whose effects add up to the answer's error are tried: effects of one mutation within the other do not add,
        so that a sum alone says nothing.
        """
        columns = self._columns[:MAX_COLUMNS]
        residual = tuple(self.evidence.residual[:PAIR_POINTS])
        if not self.same_shape or len(residual) < PAIR_POINTS:
            return
        wanted = [entry for value in residual for entry in value.entries]
        flat = [[entry for value in column.values for entry in value.entries] for column in columns]
        pivot = max(range(len(wanted)), key=lambda k: abs(wanted[k]), default=0)
        room = 1e-7 * max(map(abs, wanted), default=0.0)
        tried = 0
        for i, one in enumerate(flat):
            rest = wanted[pivot] - one[pivot]
            for j in range(i + 1, len(flat)):
                if abs(flat[j][pivot] - rest) <= room and all(
                    abs(a + b - c) <= room for a, b, c in zip(one, flat[j], wanted, strict=True)
                ):
                    tried += 1
                    if tried > MAX_CARRIED_OUT or self.evidence.over:
                        return
                    if self._leads_to_answer(columns[i], columns[j]):
                        yield joined(columns[i].explanation, columns[j].explanation)

    def _leads_to_answer(self, one: _Column, other: _Column) -> bool:
        """Whether the derivation with both mutations has the values of the answer at all points."""
        both = one.beside(other)
        if both is None:
            return False
        try:
            result = self.derivation.result(both)
        except HesseError:
            return False
        return self.evidence.answers(of_node(result))

    def _first(self, node: Node) -> tuple[Values, ...] | None:
        values = [of_node(node)(point) for point in self.evidence.points[:PAIR_POINTS]]
        return None if any(value is None for value in values) else tuple(value for value in values if value is not None)

    def _staged(self, words: str) -> str:
        return f"{self.derivation.stage}: {words}" if self.derivation.stage else words


def _scaling(factors: Mapping[int, Fraction]) -> Mutation:
    """The mutation that multiplies terms of a rule, known by their places; those times 0 are left out."""

    def scaled(partials: Partials) -> Partials:
        return tuple(
            replace(partial, coefficient=partial.coefficient * factors.get(place, 1))
            for place, partial in enumerate(partials)
            if factors.get(place, 1)
        )

    return scaled


def times(explanation: Explanation, factor: Factor) -> Explanation:
    """The explanation and, besides, a constant factor for the whole."""
    codes = tuple(dict.fromkeys((*explanation.codes[:2], *factor_codes(factor))))
    return Explanation(codes, f"{explanation.words}; besides, the answer is {factor} times that", explanation.rule, 2)


def factor_codes(factor: Factor) -> tuple[str, ...]:
    """The codes of a constant factor."""
    sign = ("sign",) if factor.number < 0 else ()
    if factor.power:
        return ("mean-or-sum", "missing-factor", *sign)
    return sign if abs(factor.number) == 1 else (*sign, "missing-factor")


def joined(one: Explanation, other: Explanation) -> Explanation:
    """Both mistakes together."""
    pairs = zip_longest(one.codes[:2], other.codes[:2])
    codes = tuple(dict.fromkeys(code for pair in pairs for code in pair if code is not None))
    return Explanation(codes, f"{one.words}; and {other.words}", one.rule, 3)


def _less(a: Values, b: Values) -> Values:
    return Tensor(a.shape, [x - y for x, y in zip(a.entries, b.entries, strict=True)])
