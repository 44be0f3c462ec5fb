"""Presenting a sum: which scalar, matrix, vector or sign to write in front of a bracket.

This is presentation only: the bracketed rest goes to the printer and never back into a derivation, where the normal
form would multiply it out again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from hesse.core.algebra import add, contract, scale
from hesse.core.content import factors_of
from hesse.core.indices import label_of
from hesse.core.nodes import Axis, Contract, Fixed, Node, Power, Shape, Sum

Term: TypeAlias = tuple[Fraction, Node]
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Cut:
    """A factor common to several terms, joined to each of them by one label.

    `axis` is the axis of the result that the factor carries (None for a vector that is summed away), `joined` and
    `kept` are the factor's own axes; `rest` maps each term to what is left, with the joining label in the carried
    axis' place.
    """

    factor: Node
    axis: int | None
    joined: int
    members: tuple[int, ...]
    rest: tuple[Node, ...]


def find_cut(terms: tuple[Term, ...]) -> Cut | None:
    """The matrix that most terms (at least two) share at one side of the result, or the vector that all share."""
    candidates: dict[tuple[Node, int, int], dict[int, Node]] = {}
    for k, (_, term) in enumerate(terms):
        for key, rest in _cuts(term):
            candidates.setdefault(key, {}).setdefault(k, rest)
    best: tuple[tuple[Node, int, int], dict[int, Node]] | None = None
    for key, found in candidates.items():
        shapes = {rest.shape for rest in found.values()}
        # A matrix that stands alone leaves an identity in the bracket, which reads well only when it is everywhere.
        alone = sum(len(factors_of(terms[k][1])) == 1 for k in found)
        worthwhile = alone == 0 or alone < len(found) == len(terms)
        if len(found) >= 2 and len(shapes) == 1 and worthwhile and (best is None or len(found) > len(best[1])):
            best = (key, found)
    if best is None:
        return None
    (factor, axis, joined), found = best
    return Cut(factor, axis if axis >= 0 else None, joined, tuple(found), tuple(found.values()))


def _cuts(term: Node) -> Iterator[tuple[tuple[Node, int, int], Node]]:
    """Every matrix of the term that carries one axis of the result, with what is left when its other axis takes over.

    Where that other axis is an axis of the result itself, what is left is a diagonal.
    """
    factors = factors_of(term)
    out = term.out if isinstance(term, Contract) else tuple(range(term.rank))
    extents = term.extents if isinstance(term, Contract) else term.shape
    uses = Counter(label_of(axis) for axis in (*(axis for _, axes in factors for axis in axes), *out))
    for k, (factor, axes) in enumerate(factors):
        if len(axes) != 2 or axes[0] == axes[1] or (isinstance(factor, Power) and factor.exponent < 0):
            continue
        for joined in (0, 1):
            inner, outer = axes[joined], axes[1 - joined]
            if isinstance(inner, int) and isinstance(outer, int) and outer in out and uses[outer] == 2:
                place = out.index(outer)
                rest_out = tuple(inner if axis == outer else axis for axis in out)
                shape = (*term.shape[:place], extents[inner], *term.shape[place + 1 :])
                ranges = {label: size for label, size in enumerate(extents) if label != outer}
                yield (factor, place, joined), contract(factors[:k] + factors[k + 1 :], rest_out, ranges, shape)


def common_vector(terms: tuple[Term, ...]) -> tuple[Node, Node] | None:
    """(matrix sum, vector) when every term is a matrix times one and the same vector."""
    vectors: set[Node] | None = None
    rests: list[dict[Node, Node]] = []
    for _, term in terms:
        found: dict[Node, Node] = {}
        if not isinstance(term, Contract) or len(term.out) != 1:
            return None
        for k, (factor, axes) in enumerate(term.factors):
            label = axes[0] if len(axes) == 1 else None
            uses = [a for j, (_, other) in enumerate(term.factors) if j != k for a in other if label_of(a) == label]
            if isinstance(label, int) and label not in term.out and len(uses) == 1 and len(term.factors) == 2:
                factors = term.factors[:k] + term.factors[k + 1 :]
                shape = (*term.shape, term.extents[label])
                found[factor] = contract(factors, (*term.out, label), dict(enumerate(term.extents)), shape)
        rests.append(found)
        vectors = set(found) if vectors is None else vectors & set(found)
    if not vectors or len(vectors) != 1:
        return None
    (vector,) = vectors
    matrices = [rest[vector] for rest in rests]
    if len({matrix.shape for matrix in matrices}) > 1:
        return None
    shape = matrices[0].shape
    return add([(c, matrix) for (c, _), matrix in zip(terms, matrices, strict=True)], shape), vector


def common_outer(terms: tuple[Term, ...]) -> tuple[int, Node, Node] | None:
    """(axis, vector, sum of the rest) when every term of a matrix is an outer product with one and the same vector."""
    for axis in (1, 0):
        rests: list[tuple[Fraction, Node]] = []
        vectors: set[Node] = set()
        for coefficient, term in terms:
            found = _outer_rest(term, axis)
            if found is None:
                break
            vectors.add(found[0])
            rests.append((coefficient, found[1]))
        if len(rests) == len(terms) and len(vectors) == 1:
            return axis, vectors.pop(), add(rests, rests[0][1].shape)
    return None


def _outer_rest(term: Node, axis: int) -> tuple[Node, Node] | None:
    """(vector along the axis, what is left along the other) when nothing else runs along the axis."""
    if not isinstance(term, Contract) or term.out != (0, 1):
        return None
    along = [k for k, (_, axes) in enumerate(term.factors) if axis in map(label_of, axes)]
    if len(along) != 1 or term.factors[along[0]][1] != (axis,):
        return None
    (k,) = along
    rest = term.factors[:k] + term.factors[k + 1 :]
    extents = {label: size for label, size in enumerate(term.extents) if label != axis}
    kept = 1 - axis
    return term.factors[k][0], contract(rest, (kept,), extents, (term.shape[kept],))


def diagonal_groups(terms: tuple[Term, ...]) -> dict[tuple[Axis, ...], list[int]]:
    """Terms on the same diagonal or window of the result, by their pattern; only patterns that several share."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for k, (_, term) in enumerate(terms):
        if isinstance(term, Contract) and (term.factors or any(not isinstance(a, int) for a in term.out)):
            labels = {label_of(axis) for axis in term.out}
            placed = len(labels) == 1 and None not in labels and (len(term.out) > 1 or not isinstance(term.out[0], int))
            if placed:
                groups.setdefault((*term.out, term.extents[0]), []).append(k)
    return {key[:-1]: members for key, members in groups.items() if len(members) > 1}  # type: ignore[misc]


def on_diagonal(term: Node) -> Node:
    """The vector that a term places on its diagonal or window."""
    assert isinstance(term, Contract)
    return contract(term.factors, (0,), dict(enumerate(term.extents)), (term.extents[0],))


def normal_sign(node: Sum, known: Callable[[Node], bool]) -> tuple[Fraction, Node]:
    """(c, p) with node = c * p, where p is a sum that the source wrote, or else does not start with all minus signs."""
    factor = magnitude(node)
    plain = scale(1 / factor, node)
    opposite = scale(-1, plain)
    if known(plain):
        return factor, plain
    if known(opposite):
        return -factor, opposite
    negative = all(c < 0 for c, _ in node.terms)
    return (-ONE, scale(-1, node)) if negative else (ONE, node)


def magnitude(node: Sum) -> Fraction:
    """The magnitude that all coefficients share, else 1."""
    magnitudes = {abs(c) for c, _ in node.terms}
    return magnitudes.pop() if len(magnitudes) == 1 else ONE


def entries_of(terms: tuple[Term, ...], shape: Shape) -> dict[tuple[int, ...], list[Term]] | None:
    """The terms by the position at which they are placed, when every term fills one position of numeric axes."""
    if not shape or any(size.as_int() is None for size in shape):
        return None
    found: dict[tuple[int, ...], list[Term]] = {}
    for coefficient, term in terms:
        if not isinstance(term, Contract):
            return None
        places = [axis.position.as_int() if isinstance(axis, Fixed) else None for axis in term.out]
        position = tuple(place for place in places if place is not None)
        if len(position) < len(places):
            return None
        inner = contract(term.factors, (), dict(enumerate(term.extents)), ())
        found.setdefault(position, []).append((coefficient, inner))
    return found
