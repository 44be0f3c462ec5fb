"""Presenting a sum: which scalar, matrix, vector or sign to write in front of a bracket.

This is presentation only: the bracketed rest goes to the printer and never back into a derivation, where the normal
form would multiply it out again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import TypeAlias

from hesse.core.algebra import add, contract, number_value, scale
from hesse.core.content import common_scalars, factors_of
from hesse.core.indices import axis_labels, labels_of
from hesse.core.nodes import Axis, Contract, Fixed, Flat, Node, Power, Shape, Sum
from hesse.core.symmetry import Symmetry

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


def find_cut(terms: tuple[Term, ...], symmetry: Symmetry, known: Callable[[Node], bool]) -> Cut | None:
    """The matrix that most terms (at least two) share at one side of the result, or the vector that all share."""
    candidates: dict[tuple[Node, int, int], dict[int, Node]] = {}
    for k, (_, term) in enumerate(terms):
        for (factor, axis, joined), rest in _cuts(term):
            key = (factor, axis, 0 if symmetry.holds(factor) else joined)
            candidates.setdefault(key, {}).setdefault(k, rest)
    best: tuple[tuple[Node, int, int], dict[int, Node]] | None = None
    for key, found in candidates.items():
        shapes = {rest.shape for rest in found.values()}
        # A matrix that stands alone leaves an identity in the bracket, which reads well only when it is everywhere.
        alone = sum(len(factors_of(terms[k][1])) == 1 for k in found)
        broken = any(_has_factor(rest, key[0]) for rest in found.values())
        whole = alone < len(found) == len(terms) and len(shapes) == 1
        worthwhile = alone == 0 or (whole and (not broken or _is_known(terms, found, known)))
        if len(found) >= 2 and len(shapes) == 1 and worthwhile and (best is None or len(found) > len(best[1])):
            best = (key, found)
    if best is None:
        return None
    (factor, axis, joined), found = best
    return Cut(factor, axis if axis >= 0 else None, joined, tuple(found), tuple(found.values()))


def _is_known(terms: tuple[Term, ...], rests: dict[int, Node], known: Callable[[Node], bool]) -> bool:
    """Whether what is left of the terms is a sum of the source."""
    bracket = add([(terms[k][0], rest) for k, rest in rests.items()], next(iter(rests.values())).shape)
    return isinstance(bracket, Sum) and source_sign(bracket, known) is not None


def _has_factor(term: Node, factor: Node) -> bool:
    return any(each is factor for each, _ in factors_of(term))


def _cuts(term: Node) -> Iterator[tuple[tuple[Node, int, int], Node]]:
    """Every matrix of the term that carries one axis of the result, with what is left when its other axis takes over.

    Where that other axis is an axis of the result itself, what is left is a diagonal.
    """
    factors = factors_of(term)
    out = term.out if isinstance(term, Contract) else tuple(range(term.rank))
    extents = term.extents if isinstance(term, Contract) else term.shape
    every = (*(axis for _, axes in factors for axis in axes), *out)
    uses = Counter(label for axis in every for label in axis_labels(axis))
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


def common_vector(terms: tuple[Term, ...]) -> tuple[tuple[int, ...], Node, Node] | None:
    """(terms, matrix sum, vector) for terms that are each a matrix times one and the same vector."""
    found: dict[Node, dict[int, Node]] = {}
    for k, (_, term) in enumerate(terms):
        for matrix, vector in _matrix_vector(term):
            found.setdefault(vector, {}).setdefault(k, matrix)
    for vector, matrices in found.items():
        shapes = {matrix.shape for matrix in matrices.values()}
        if len(matrices) > 1 and len(shapes) == 1:
            total = add([(terms[k][0], matrix) for k, matrix in matrices.items()], shapes.pop())
            return tuple(matrices), total, vector
    return None


def _matrix_vector(term: Node) -> Iterator[tuple[Node, Node]]:
    """The term as a matrix times a vector, for a matrix that is one of the factors."""
    out = term.out[0] if isinstance(term, Contract) and len(term.out) == 1 else None
    if not isinstance(term, Contract) or not isinstance(out, int):
        return
    uses = Counter(label for _, axes in term.factors for axis in axes for label in axis_labels(axis))
    for k, (factor, axes) in enumerate(term.factors):
        if len(axes) != 2 or out not in axes or uses[out] != 1:
            continue
        inner = axes[1 - axes.index(out)]
        if isinstance(inner, int) and inner != out and uses[inner] > 1:
            rest = term.factors[:k] + term.factors[k + 1 :]
            inside = {label: size for label, size in enumerate(term.extents) if label != out}
            vector = contract(rest, (inner,), inside, (term.extents[inner],))
            ends = {out: term.extents[out], inner: term.extents[inner]}
            yield contract([(factor, axes)], (out, inner), ends, (*term.shape, term.extents[inner])), vector


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
    along = [k for k, (_, axes) in enumerate(term.factors) if axis in labels_of(axes)]
    if len(along) != 1 or term.factors[along[0]][1] != (axis,):
        return None
    (k,) = along
    rest = term.factors[:k] + term.factors[k + 1 :]
    extents = {label: size for label, size in enumerate(term.extents) if label != axis}
    kept = 1 - axis
    return term.factors[k][0], contract(rest, (kept,), extents, (term.shape[kept],))


def scalar_group(terms: tuple[Term, ...]) -> tuple[int, ...] | None:
    """The most terms that share at least two scalar factors; None when no two do."""
    found: dict[Node, list[int]] = {}
    for k, (_, term) in enumerate(terms):
        for base in common_scalars([terms[k]]) if isinstance(term, Contract) else ():
            found.setdefault(base, []).append(k)
    groups = [tuple(members) for members in found.values() if 2 <= len(members) < len(terms)]
    shared = [group for group in groups if len(common_scalars([terms[k] for k in group])) > 1]
    return max(shared, key=len, default=None)


def diagonal_groups(terms: tuple[Term, ...]) -> dict[tuple[Axis, ...], list[int]]:
    """Terms on the same diagonal or window of the result, by their pattern; only patterns that several share."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for k, (_, term) in enumerate(terms):
        if isinstance(term, Contract) and (term.factors or any(not isinstance(a, int) for a in term.out)):
            diagonal = len(labels_of(term.out)) == 1 and not any(isinstance(a, (Fixed, Flat)) for a in term.out)
            placed = diagonal and (len(term.out) > 1 or not isinstance(term.out[0], int))
            if placed:
                groups.setdefault((*term.out, term.extents[0]), []).append(k)
    return {key[:-1]: members for key, members in groups.items() if len(members) > 1}  # type: ignore[misc]


def on_diagonal(term: Node) -> Node:
    """The vector that a term places on its diagonal or window."""
    assert isinstance(term, Contract)
    return contract(term.factors, (0,), dict(enumerate(term.extents)), (term.extents[0],))


def source_sign(node: Sum, known: Callable[[Node], bool]) -> tuple[Fraction, Node] | None:
    """(c, p) with node = c * p, where p is a sum that the source wrote."""
    factor = magnitude(node)
    plain = scale(1 / factor, node)
    if known(plain):
        return factor, plain
    opposite = scale(-1, plain)
    return (-factor, opposite) if known(opposite) else None


def normal_sign(node: Sum, known: Callable[[Node], bool]) -> tuple[Fraction, Node]:
    """(c, p) with node = c * p, where p is a sum that the source wrote, or else does not start with all minus signs."""
    found = source_sign(node, known)
    if found is not None:
        return found
    if all(c * written_sign(term, known) < 0 for c, term in node.terms):
        return -ONE, scale(-1, node)
    return ONE, node


def written_sign(term: Node, known: Callable[[Node], bool]) -> int:
    """The sign that appears when the sums in a product are written as the source has them."""
    sign = 1
    for factor, _ in term.factors if isinstance(term, Contract) else ():
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
        if isinstance(base, Sum) and len(base.terms) > 1 and exponent.denominator == 1 and exponent % 2:
            found = source_sign(base, known)
            if found is None:
                sign *= -1 if all(c < 0 for c, _ in base.terms) else 1
            elif found[0] == -1:
                sign *= -1
    return sign


def is_difference(node: Sum) -> bool:
    """Whether some terms are subtracted from others, and none is a mere number, which stands in front: 1 - s."""
    positive = [c > 0 for c, _ in node.terms]
    return any(positive) and not all(positive) and all(number_value(term) is None for _, term in node.terms)


def content(node: Sum) -> Fraction:
    """The largest number to write in front of a bracket around the sum, so that whole coefficients stay in it."""
    coefficients = [abs(c) for c, _ in node.terms]
    if all(c.denominator == 1 for c in coefficients):
        return Fraction(gcd(*(int(c) for c in coefficients)))
    return magnitude(node)


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
