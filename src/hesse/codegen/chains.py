"""Chains of products of matrices: their factors, what they cost, and the order that costs the least."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from hesse.codegen.plan import Plan
from hesse.codegen.terms import Term, Terms
from hesse.core.nodes import Shape


def uses_of(plan: Plan) -> Counter[Term]:
    """How often each term is an argument or a result."""
    return Counter([*(argument for term in plan.steps for argument in term.arguments), *plan.roots])


def inner_products(plan: Plan) -> set[Term]:
    """The products of matrices that are needed once, as a factor of another product."""
    uses = uses_of(plan)
    factors = [a for term in plan.steps if term.head == "@" for a in term.arguments]
    return {a for a in factors if a.head == "@" and a.rank == 2 and uses[a] == 1}


def inner_factors(plan: Plan) -> set[Term]:
    """The products that are needed once, as a factor of another in which the order does not matter: of matrices, with a
    vector at the left end, or with one at the right end."""
    uses = uses_of(plan)
    found = set()
    for term in plan.steps:
        if term.head == "@":
            left, right = term.arguments
            found |= {left} if left.head == "@" and (left.rank == 2 or left.arguments[0].rank == 1) else set()
            found |= {right} if right.head == "@" and (right.rank == 2 or right.arguments[1].rank == 1) else set()
    return {term for term in found if uses[term] == 1}


def numbers(shape: Shape, sizes: Mapping[str, int]) -> list[int]:
    """The shape in numbers."""
    return [size.evaluate(sizes) for size in shape]


def factors_of(root: Term, inner: set[Term]) -> list[Term]:
    """The factors of nested products, from left to right."""
    factors: list[Term] = []
    waiting = [root]
    while waiting:
        term = waiting.pop()
        if term is root or term in inner:
            waiting += reversed(term.arguments)
        else:
            factors.append(term)
    return factors


def work_of(root: Term, inner: set[Term], sizes: Mapping[str, int]) -> int:
    """The multiplications that nested products take as they stand."""
    total, waiting = 0, [root]
    while waiting:
        term = waiting.pop()
        left, right = term.arguments
        total += math.prod(numbers((*left.shape, *right.shape[1:]), sizes))
        waiting += [argument for argument in term.arguments if argument in inner]
    return total


def cheapest(terms: Terms, factors: Sequence[Term], sizes: Mapping[str, int]) -> tuple[Term, int]:
    """The product of the factors in the best order, and the multiplications it takes."""
    count = len(factors)
    best: dict[tuple[int, int], tuple[int, Term]] = {(k, k + 1): (0, factor) for k, factor in enumerate(factors)}
    for length in range(2, count + 1):
        for start in range(count - length + 1):
            stop = start + length
            options = []
            for middle in range(start + 1, stop):
                (one, left), (other, right) = best[start, middle], best[middle, stop]
                if not left.rank or not right.rank:
                    continue  # a number in between is no factor of a product of matrices
                work = math.prod(numbers((*left.shape, *right.shape[1:]), sizes))
                options.append((one + other + work, middle, left, right))
            cost, _, left, right = min(options, key=lambda option: option[:2])
            best[start, stop] = (cost, terms.make("@", (left, right), (), left.shape[:-1] + right.shape[1:]))
    cost, product = best[0, count]
    return product, cost
