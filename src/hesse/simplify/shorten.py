"""Sums that are shorter in another form: multiplied out where terms then cancel, or over one denominator.

The normal form multiplies nothing out, and what a user wrote in brackets stays in brackets; both rules ask for a form
that is strictly shorter, so they end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import product
from math import prod
from typing import TypeGuard
from weakref import WeakKeyDictionary

from hesse.core.algebra import add, contract, number, power
from hesse.core.build import apply, transpose
from hesse.core.canonical import Factor
from hesse.core.nodes import Apply, Axis, Contract, Node, Power, Sum
from hesse.core.sizes import equal
from hesse.core.traverse import children, postorder
from hesse.functions.elementwise import POWER
from hesse.simplify.rewrites import rewrite

Term = tuple[Fraction, Node]
MAX_TERMS = 12
MAX_PRODUCTS = 8


def size(root: Node) -> int:
    """How much there is to write when every shared part is written once."""
    return sum(1 + len(children(node)) for node in postorder(root))


def length(node: Node) -> int:
    """How many factors and terms there are to write, with what stands inside of functions counted as one."""
    match node:
        case Sum(terms=terms):
            return sum(_term_length(term) + (abs(c) != 1) for c, term in terms)
        case _:
            return _term_length(node)


def _term_length(node: Node) -> int:
    factors = node.factors if isinstance(node, Contract) else ((node, ()),)
    return max(sum(map(_factor_length, (factor for factor, _ in factors))), 1)


def _factor_length(node: Node) -> int:
    if isinstance(node, Power):
        return _factor_length(node.base) + 1
    return sum(_simple_length(term) for _, term in node.terms) if isinstance(node, Sum) else 1


def _simple_length(node: Node) -> int:
    return max(len(node.factors), 1) if isinstance(node, Contract) else 1


def _is_short_sum(node: Node) -> TypeGuard[Sum]:
    """Whether the node is a sum that is worth a look."""
    return isinstance(node, Sum) and 2 <= len(node.terms) <= MAX_TERMS


@rewrite("multiplying in and cancelling")
def multiplied_in(node: Node) -> Node | None:
    """s (1 - s) (y/s - (1 - y)/(1 - s)) = y - s: factors taken into a sum in which they cancel."""
    if not isinstance(node, Contract):
        return None
    for k, (total, axes) in enumerate(node.factors):
        if not isinstance(total, Sum) or not 2 <= len(total.terms) <= MAX_PRODUCTS:
            continue
        below = {base for _, term in total.terms for base in _denominators_of(term)}
        taken = [j for j, (f, other) in enumerate(node.factors) if j != k and other == axes and _base_of(f) in below]
        if not taken:
            continue
        labels = tuple(range(total.rank))
        factors: list[Factor] = [(node.factors[j][0], labels) for j in taken]
        products = [
            (c, contract([(t, labels), *factors], labels, dict(enumerate(total.shape)), total.shape))
            for c, t in total.terms
        ]
        inside = add([item for c, term in products for item in _multiplied(c, term)], total.shape)
        if length(inside) < length(total) + sum(_factor_length(node.factors[j][0]) for j in taken):
            rest = [pair for j, pair in enumerate(node.factors) if j != k and j not in taken]
            return contract([*rest, (inside, axes)], node.out, dict(enumerate(node.extents)), node.shape)
    return None


@rewrite("powers of the same base")
def powers_of_one_base(node: Node) -> Node | None:
    """u**p * u**q = u**(p + q): powers with variable exponents joined with others of their base."""
    if not isinstance(node, Contract) or not any(is_variable_power(factor) for factor, _ in node.factors):
        return None
    seen: dict[tuple[Node, tuple[Axis, ...]], int] = {}
    for k, (factor, axes) in enumerate(node.factors):
        base, exponent = _power_of(factor)
        place = seen.setdefault((base, axes), k)
        if place != k and (is_variable_power(factor) or is_variable_power(node.factors[place][0])):
            total = add([(1, exponent), (1, _power_of(node.factors[place][0])[1])], base.shape)
            rest = [pair for j, pair in enumerate(node.factors) if j not in (place, k)]
            joined: Factor = (apply(POWER, base, total), axes)
            return contract([*rest, joined], node.out, dict(enumerate(node.extents)), node.shape)
    return None


def is_variable_power(node: Node) -> bool:
    """Whether the node is a power whose exponent is no number."""
    return isinstance(node, Apply) and node.row is POWER


def _power_of(node: Node) -> tuple[Node, Node]:
    """The base and the exponent of what is read as a power."""
    if isinstance(node, Apply) and is_variable_power(node):
        base, exponent = node.arguments
        return base, exponent
    if isinstance(node, Power):
        return node.base, number(node.exponent, node.shape)
    return node, number(1, node.shape)


@rewrite("multiplying into a denominator")
def multiplied_into_power(node: Node) -> Node | None:
    """1/(x**2*(y**2/x**2 + 1)) = 1/(y**2 + x**2): factors taken into a power of a sum in which they cancel."""
    if not isinstance(node, Contract):
        return None
    for k, (total, axes) in enumerate(node.factors):
        if not isinstance(total, Power) or not isinstance(total.base, Sum) or total.exponent.denominator != 1:
            continue
        for base, lowest in _lowest_exponents(total.base).items():
            if not any(other == axes and _base_of(f) is base for f, other in node.factors):
                continue
            labels = tuple(range(total.rank))
            extents = dict(enumerate(total.shape))
            raised: Factor = (power(base, -lowest), labels)
            terms = [(c, contract([(t, labels), raised], labels, extents, total.shape)) for c, t in total.base.terms]
            inside = power(add(terms, total.shape), total.exponent)
            outside = power(base, lowest * total.exponent)
            rest = [pair for j, pair in enumerate(node.factors) if j != k]
            whole = contract(
                [*rest, (outside, axes), (inside, axes)], node.out, dict(enumerate(node.extents)), node.shape
            )
            if length(whole) < length(node):
                return whole
    return None


def _lowest_exponents(total: Sum) -> dict[Node, Fraction]:
    """The bases of the negative whole powers in the terms of a sum, each with its lowest exponent."""
    found: dict[Node, Fraction] = {}
    for _, term in total.terms:
        for factor, _ in term.factors if isinstance(term, Contract) else ((term, ()),):
            if isinstance(factor, Power) and factor.exponent < 0 and factor.rank == total.rank:
                found[factor.base] = min(found.get(factor.base, factor.exponent), factor.exponent)
    return {base: exponent for base, exponent in found.items() if exponent.denominator == 1}


def _denominators_of(term: Node) -> list[Node]:
    """The bases of the negative powers in an elementwise product."""
    factors = term.factors if isinstance(term, Contract) else ((term, ()),)
    return [f.base for f, _ in factors if isinstance(f, Power) and f.exponent < 0 and f.rank == term.rank]


def _base_of(node: Node) -> Node:
    return node.base if isinstance(node, Power) else node


@rewrite("multiplying out where terms cancel")
def multiplied_out(node: Node) -> Node | None:
    """s (1 - y) - y (1 - s) = s - y: terms multiplied out where they then share something."""
    if not _is_short_sum(node):
        return None
    if not any(_sums_in(term) for _, term in node.terms):
        return None
    expansions = [list(expansion(coefficient, term)) for coefficient, term in node.terms]
    where: dict[Node, set[int]] = {}
    for k, monomials in enumerate(expansions):
        for _, monomial in monomials:
            where.setdefault(monomial, set()).add(k)
    for group in _linked(where.values()):
        terms = [node.terms[k] for k in group]
        expanded = add([item for k in group for item in expansions[k]], node.shape)
        if length(expanded) < sum(_term_length(t) + (abs(c) != 1) for c, t in terms):
            rest = [item for k, item in enumerate(node.terms) if k not in group]
            return add([*rest, (1, expanded)], node.shape)
    return None


@rewrite("multiplying out what is symmetric")
def mirrored(node: Node) -> Node | None:
    """outer(u, w) + outer(w + v, u) = outer(u, w) + outer(w, u) + outer(v, u): what is symmetric should look so."""
    if not _is_short_sum(node):
        return None
    if node.rank != 2 or not equal(*node.shape):
        return None
    coefficients = {term: coefficient for coefficient, term in node.terms}
    made = {_factors(term) for term in coefficients}
    for k, (coefficient, term) in enumerate(node.terms):
        parts = list(expansion(coefficient, term)) if _sums_in(term) else []
        for weight, part in parts if len(parts) > 1 else ():
            # A product is made of the same factors as its transpose.
            turned = transpose(part) if _factors(part) in made else part
            if turned is not part and coefficients.get(turned) == weight:
                return add([*(item for j, item in enumerate(node.terms) if j != k), *parts], node.shape)
    return None


def _factors(term: Node) -> frozenset[tuple[Node, int]]:
    factors = [factor for factor, _ in term.factors] if isinstance(term, Contract) else [term]
    return frozenset(Counter(factors).items())


def _linked(sets: Iterable[set[int]]) -> list[list[int]]:
    """The classes of numbers that sets connect, those with at least two."""
    classes: list[set[int]] = []
    for each in sets:
        joined = set(each)
        apart = []
        for other in classes:
            if other & joined:
                joined |= other
            else:
                apart.append(other)
        classes = [*apart, joined]
    return [sorted(each) for each in classes if len(each) > 1]


def _sums_in(term: Node) -> list[int]:
    """The places of the factors that are sums."""
    factors = term.factors if isinstance(term, Contract) else ()
    return [k for k, (factor, _) in enumerate(factors) if isinstance(factor, Sum)]


def expansion(coefficient: Fraction, term: Node) -> Iterator[Term]:
    """The term multiplied out, once; as it is where that would give too many terms."""
    options = (
        [factor.terms for factor, _ in term.factors if isinstance(factor, Sum)] if isinstance(term, Contract) else []
    )
    if not isinstance(term, Contract) or not options or prod(map(len, options)) > MAX_PRODUCTS:
        yield coefficient, term
        return
    if term not in _EXPANDED:
        _EXPANDED[term] = tuple(_expanded(term, options))
    yield from ((coefficient * weight, part) for weight, part in _EXPANDED[term])


_EXPANDED: WeakKeyDictionary[Node, tuple[Term, ...]] = WeakKeyDictionary()
"""Products multiplied out: several rules look at them."""


def _expanded(term: Contract, options: list[tuple[Term, ...]]) -> Iterator[Term]:
    places = _sums_in(term)
    for choice in product(*options):
        factors = list(term.factors)
        for place, (_, chosen) in zip(places, choice, strict=True):
            factors[place] = (chosen, factors[place][1])
        weight = prod((c for c, _ in choice), start=Fraction(1))
        yield from _terms(weight, contract(factors, term.out, dict(enumerate(term.extents)), term.shape))


def _terms(coefficient: Fraction, node: Node) -> Iterator[Term]:
    if isinstance(node, Sum):
        yield from ((coefficient * c, term) for c, term in node.terms)
    else:
        yield coefficient, node


@rewrite("writing over one denominator")
def over_one_denominator(node: Node) -> Node | None:
    """1/q - t/q**2 = (q - t)/q**2 where q - t is shorter than the terms apart."""
    if not _is_short_sum(node):
        return None
    for (base, axes), found in _denominators(node).items():
        lowest = min(found.values())
        members = [k for k, exponent in found.items() if exponent - lowest in (0, 1, 2)]
        if len({found[k] for k in members}) < 2:
            continue
        terms = [node.terms[k] for k in members]
        shared = _shared([term for _, term in terms], base)
        raised = [(c, _without(term, shared, (power(base, -lowest), axes))) for c, term in terms]
        bracket = add([item for c, term in raised for item in _multiplied(c, term)], node.shape)
        before = sum(_term_length(t) + (abs(c) != 1) for c, t in terms)
        if isinstance(bracket, Sum) and len(bracket.terms) > len(members):
            continue
        if length(bracket) + _factor_length(base) + 1 + len(shared) < before:
            labels = tuple(range(node.rank))
            parts = [(bracket, labels), (power(base, lowest), axes), *shared]
            whole = contract(parts, labels, dict(enumerate(node.shape)), node.shape)
            return add([*(item for k, item in enumerate(node.terms) if k not in members), (1, whole)], node.shape)
    return None


def _shared(terms: list[Node], base: Node) -> list[Factor]:
    """The factors that all products have, but for powers of the base."""
    first, *others = [term.factors if isinstance(term, Contract) else () for term in terms]
    return [
        pair
        for pair in first
        if all(pair in factors for factors in others) and not (isinstance(pair[0], Power) and pair[0].base is base)
    ]


def _without(term: Node, shared: list[Factor], more: Factor) -> Node:
    """The elementwise product without some factors and with one more."""
    labels = tuple(range(term.rank))
    own = term.factors if isinstance(term, Contract) else ((term, labels),)
    factors = [*(pair for pair in own if pair not in shared), more]
    return contract(factors, labels, dict(enumerate(term.shape)), term.shape)


def _denominators(node: Sum) -> dict[tuple[Node, tuple[Axis, ...]], dict[int, Fraction]]:
    """The sums with negative exponents, each with the terms in which it stands and its exponents there."""
    found: dict[tuple[Node, tuple[Axis, ...]], dict[int, Fraction]] = {}
    for k, (_, term) in enumerate(node.terms):
        factors: tuple[Factor, ...] = ((term, tuple(range(term.rank))),)
        if isinstance(term, Contract):
            plain = term.out == tuple(range(term.rank)) and len(term.extents) == term.rank
            factors = term.factors if plain else ()
        for factor, axes in factors:
            if isinstance(factor, Power) and factor.exponent < 0 and isinstance(factor.base, Sum):
                found.setdefault((factor.base, axes), {})[k] = factor.exponent
    return {key: exponents for key, exponents in found.items() if len(exponents) > 1}


def _multiplied(coefficient: Fraction, term: Node) -> Iterator[Term]:
    """The term multiplied out."""
    for weight, each in _terms(coefficient, term):
        yield from expansion(weight, each)


RULES = (multiplied_out, over_one_denominator, mirrored, multiplied_in, powers_of_one_base, multiplied_into_power)
