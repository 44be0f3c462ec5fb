"""Contractions of several arrays two at a time: the order is the cheapest of all, and the value that of the whole."""

from __future__ import annotations

import math
import random
from itertools import combinations

import numpy as np
import pytest

from hesse.codegen.pairing import pairwise
from hesse.codegen.terms import Term, Terms
from hesse.core.sizes import Size

SIZES = {"m": 2, "n": 3, "k": 5}


def contraction(seed: int, terms: Terms) -> Term:
    """A contraction of three to five matrices and vectors, some of which may be the same."""
    chosen = random.Random(seed)
    extents = {letter: Size.of(chosen.choice("mnk")) for letter in "ijkl"}
    words, operands = [], []
    for _ in range(chosen.randint(3, 5)):
        word = "".join(chosen.sample("ijkl", chosen.randint(1, 2)))
        shape = tuple(extents[letter] for letter in word)
        words.append(word)
        operands.append(terms.variable(chosen.choice("AB") + "".join(map(str, shape)), shape))
    used = sorted({*"".join(words)})
    out = "".join(chosen.sample(used, chosen.randint(0, min(2, len(used)))))
    return terms.make("einsum", operands, (",".join(words) + "->" + out,), tuple(extents[letter] for letter in out))


def steps(term: Term, found: dict[Term, int]) -> dict[Term, int]:
    """The contractions of two that the term is made of, with their multiplications."""
    if term.head == "einsum" and term not in found:
        words = term.options[0].partition("->")[0].split(",")
        pairs = zip(words, term.arguments, strict=True)
        sizes = {
            letter: size.evaluate(SIZES) for word, each in pairs for letter, size in zip(word, each.shape, strict=True)
        }
        found[term] = math.prod(sizes.values())
        for argument in term.arguments:
            steps(argument, found)
    return found


def cheapest(operands: list[tuple[object, str]], out: str, sizes: dict[str, int], made: dict[object, int]) -> int:
    """The multiplications of the best order, by trying all; what is made twice is counted once."""
    if len(operands) == 1:
        return sum(made.values())
    costs = []
    for one, other in combinations(range(len(operands)), 2):
        rest = [operand for k, operand in enumerate(operands) if k not in (one, other)]
        (a, left), (b, right) = operands[one], operands[other]
        kept = {letter for _, word in rest for letter in word} | {*out}
        word = "".join(dict.fromkeys(letter for letter in left + right if letter in kept)) if rest else out
        names = {letter: k for k, letter in enumerate(dict.fromkeys(left + right))}
        key = (a, b, *(tuple(map(names.__getitem__, each)) for each in (left, right, word)))
        cost = math.prod(sizes[letter] for letter in {*left, *right})
        costs.append(cheapest([*rest, (key, word)], out, sizes, {**made, key: cost}))
    return min(costs)


def value(term: Term, arrays: dict[str, np.ndarray]) -> np.ndarray:
    if term.head == "variable":
        return arrays[term.options[0]]
    return np.asarray(np.einsum(term.options[0], *(value(argument, arrays) for argument in term.arguments)))


@pytest.mark.parametrize("seed", range(60))
def test_the_order_is_the_cheapest(seed: int) -> None:
    terms = Terms()
    term = contraction(seed, terms)
    found = pairwise(terms, term, SIZES)
    made = steps(found, {})
    assert all(len(each.arguments) == 2 for each in made)
    left, _, out = term.options[0].partition("->")
    words = left.split(",")
    sizes = {
        letter: size.evaluate(SIZES)
        for word, each in zip(words, term.arguments, strict=True)
        for letter, size in zip(word, each.shape, strict=True)
    }
    operands: list[tuple[object, str]] = list(zip(term.arguments, words, strict=True))
    assert sum(made.values()) == cheapest(operands, out, sizes, {})
    rng = np.random.default_rng(seed)
    arrays = {each.options[0]: rng.normal(size=[s.evaluate(SIZES) for s in each.shape]) for each in term.arguments}
    np.testing.assert_allclose(value(found, arrays), value(term, arrays), rtol=1e-12)
