"""Contractions of several arrays, two at a time, in the order that takes the fewest multiplications."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType

from hesse.codegen.terms import Term, Terms
from hesse.core.sizes import Size

MAX_OPERANDS = 6
"""All orders are tried up to this number; above it the cheapest pair comes first."""
Operand = tuple[str, Term]


def pair_counts(contractions: Iterable[Term]) -> Counter[frozenset[Term]]:
    """How many of the contractions have each pair of operands."""
    return Counter(frozenset(pair) for term in contractions for pair in combinations(dict.fromkeys(term.arguments), 2))


def pairwise(
    terms: Terms, term: Term, sizes: Mapping[str, int], counts: Mapping[frozenset[Term], int] = MappingProxyType({})
) -> Term:
    """The contraction as contractions of two arrays each. Equal ones are one term, and count once.

    Of equally cheap orders the one that begins with the pair that other contractions have too, by `counts`.
    """
    left, _, out = term.options[0].partition("->")
    operands = tuple(zip(left.split(","), term.arguments, strict=True))
    extents: dict[str, Size] = {}
    for word, operand in operands:
        extents |= dict(zip(word, operand.shape, strict=True))
    found = _Order(terms, extents, out, sizes, counts).best(operands)
    assert found is not None
    return found[1]


def _pairs(operands: Sequence[Operand]) -> Iterator[tuple[tuple[int, int], tuple[Operand, Operand]]]:
    """The pairs of operands, with their places."""
    for one, other in combinations(range(len(operands)), 2):
        yield (one, other), (operands[one], operands[other])


class _Order:
    def __init__(
        self,
        terms: Terms,
        extents: Mapping[str, Size],
        out: str,
        sizes: Mapping[str, int],
        counts: Mapping[frozenset[Term], int],
    ) -> None:
        self._terms = terms
        self._extents = extents
        self._numbers = {letter: size.evaluate(sizes) for letter, size in extents.items()}
        self._out = out
        self._result = math.prod(self._numbers[letter] for letter in set(out))
        self._counts = counts
        self._made: dict[tuple[Operand, Operand, str], Operand] = {}
        self._found: dict[Hashable, tuple[float, tuple[int, Term] | None]] = {}

    def best(
        self, operands: Sequence[Operand], made: frozenset[Term] = frozenset(), budget: float = math.inf
    ) -> tuple[int, Term] | None:
        """The multiplications that the best order takes, and the term; those `made` are there already.

        None where every order takes more than the budget.
        """
        # Pairs that have nothing in common lead to the same operands, whichever comes first.
        key = frozenset(Counter(operands).items()), made
        tried, known = self._found.get(key, (-1, None))
        if known is None and tried < budget:
            known = self._best(operands, made, budget)
            self._found[key] = budget, known
        return None if known is None or known[0] > budget else known

    def _best(self, operands: Sequence[Operand], made: frozenset[Term], budget: float) -> tuple[int, Term] | None:
        if len(operands) == 2:
            work = self._work(operands)
            return None if work > budget else (work, self._joined(operands[0], operands[1], self._out)[1])
        pairs = sorted((self._work(pair), places) for places, pair in _pairs(operands))
        if len(operands) > MAX_OPERANDS:
            pairs = pairs[:1]
        found: tuple[tuple[int, int, tuple[int, int]], Term] | None = None
        for work, places in pairs:
            one, other = (operands[k] for k in places)
            # The last contraction is still to come, and takes at least the entries of the result.
            if work + self._result > budget and all(term.arguments != (one[1], other[1]) for term in made):
                continue
            rest = [operand for k, operand in enumerate(operands) if k not in places]
            kept = {letter for word, _ in rest for letter in word} | set(self._out)
            word = "".join(dict.fromkeys(letter for letter in one[0] + other[0] if letter in kept))
            joined = self._joined(one, other, word)
            work = 0 if joined[1] in made else work
            inner = self.best([*rest, joined], made | {joined[1]}, budget - work)
            if inner is None:
                continue
            cost = work + inner[0]
            budget = min(budget, cost)
            shared = self._counts.get(frozenset((one[1], other[1])), 0)
            if found is None or (cost, -shared, places) < found[0]:
                found = (cost, -shared, places), inner[1]
        return None if found is None else (found[0][0], found[1])

    def _work(self, operands: Sequence[Operand]) -> int:
        return math.prod(self._numbers[letter] for letter in {letter for word, _ in operands for letter in word})

    def _joined(self, one: Operand, other: Operand, word: str) -> Operand:
        """The contraction of two, under letters by order of occurrence, so that equal ones are the same term."""
        key = (one, other, word)
        if key not in self._made:  # many orders begin alike
            self._made[key] = self._contraction(one, other, word)
        return self._made[key]

    def _contraction(self, one: Operand, other: Operand, word: str) -> Operand:
        letters = dict(zip(dict.fromkeys(one[0] + other[0]), "abcdefghijklmnopqrstuvwxyz", strict=False))
        left, right, result = ("".join(letters[letter] for letter in each) for each in (one[0], other[0], word))
        shape = tuple(self._extents[letter] for letter in word)
        return word, self._terms.make("einsum", (one[1], other[1]), (f"{left},{right}->{result}",), shape)
