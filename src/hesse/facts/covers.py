"""Terms that outweigh others though neither is a square of the other: covariances, and the inequality of Cauchy.

For a term with the same vector on both sides, at two labels, a cover is that term with the two labels made one.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from hesse.core.algebra import add, contract, is_zero, power
from hesse.core.build import total
from hesse.core.canonical import Factor
from hesse.core.indices import axis_labels, renamed
from hesse.core.nodes import Axis, Let, Node, Operation, Power, Sum, Variable
from hesse.core.rebuild import transform
from hesse.facts.mirror import Mirror
from hesse.facts.terms import Term, terms_of
from hesse.facts.values import values
from hesse.functions.operators import NORM, SOFTMAX

MAX_DENOMINATORS = 8


def covariances(term: Term, mirror: Mirror) -> Iterator[Node]:
    """For a term with p on both sides, p a probability vector: the term with both sides' labels made one and one p.

    The sum of p_u a_u a_uᵀ minus the sum of p_u a_u times its transpose is a covariance.
    """
    bridged = {axis for _, axes in mirror.bridges for axis in axes}
    for (node, axes), (_, opposite) in mirror.pairs:
        place = _distribution_axis(node)
        if place is None:
            continue
        label, image = axes[place], opposite[place]
        others = [axis for k, axis in enumerate(axes) if k != place]
        shared = all(mirror.image[other] == other for axis in others for other in axis_labels(axis))
        if not (isinstance(label, int) and isinstance(image, int) and shared) or {label, image} & bridged:
            continue
        factors = _without(term.factors, (node, opposite))
        ranges = {other: size for other, size in enumerate(term.extents) if other != image}
        moved = [(factor, _renamed(places, image, label)) for factor, places in factors]
        yield contract(moved, _renamed(term.out, image, label), ranges, term.node.shape)


def _distribution_axis(node: Node) -> int | None:
    """The axis along which the entries are nonnegative and sum to one."""
    while isinstance(node, Let):
        node = node.node
    match node:
        case Variable(attributes=attributes) if "simplex" in attributes:
            return node.rank - 1
        case Operation(row=row, axis=axis) if row is SOFTMAX:
            return 0 if axis is None and node.rank == 1 else axis
        case _:
            return None


def _without(factors: tuple[Factor, ...], gone: Factor) -> list[Factor]:
    rest = list(factors)
    rest.remove(gone)
    return rest


def _renamed(axes: tuple[Axis, ...], old: Axis, new: Axis) -> tuple[Axis, ...]:
    """The axes with one label in the place of another, also in windows and tables."""
    assert isinstance(old, int) and isinstance(new, int)
    return tuple(renamed(axis, lambda label: new if label == old else label) for axis in axes)


def scaled(node: Node) -> tuple[Fraction, Node]:
    """(c, p) with node = c * p, without a number in front of p."""
    if isinstance(node, Sum) and len(node.terms) == 1:
        return node.terms[0]
    return Fraction(1), node


def is_nonnegative(root: Node) -> bool:
    """Whether a scalar is proved nonnegative, also after it is multiplied by positive denominators."""
    root = transform(root, _written_out)
    for _ in range(MAX_DENOMINATORS):
        if is_zero(root) or values(root).nonnegative:
            return True
        scalars = (node for term in terms_of(root) for node, axes in term.factors if not axes)
        below = next((node for node in scalars if isinstance(node, Power) and node.exponent < 0), None)
        if below is None or not values(below).positive:
            return False
        above = power(below.base, -below.exponent)
        root = add([_times(term, above) for term in terms_of(root)], ())
    return False


def _times(term: Term, scalar: Node) -> tuple[Fraction, Node]:
    return term.coefficient, contract([*term.factors, (scalar, ())], (), dict(enumerate(term.extents)), ())


def _written_out(node: Node) -> Node:
    """norm(u) = sqrt(sum(u**2)), so that its even powers meet sums of squares."""
    if isinstance(node, Operation) and node.row is NORM:
        return power(total(power(node.arguments[0], Fraction(2)), node.axis), Fraction(1, 2))
    return node


def square_covers(term: Term, mirror: Mirror) -> Iterator[tuple[Node, Node]]:
    """For a term with vectors r_u, r_v on both sides: (the term with u and v made one, without them and without
    scalars; the scalars times the sum of r_u**2).
    """
    bridged = {axis for _, axes in mirror.bridges for axis in axes}
    for label, image in mirror.image.items():
        vectors = [node for (node, axes), (_, places) in mirror.pairs if axes == (label,) and places == (image,)]
        if label == image or not vectors or {label, image} & bridged:
            continue
        gone = [(node, (place,)) for node in vectors for place in (label, image)]
        rest = tuple(factor for factor in term.factors if factor not in gone)
        ranges = {other: size for other, size in enumerate(term.extents) if other != image}
        moved = [(node, _renamed(axes, image, label)) for node, axes in rest if axes]
        core = contract(moved, _renamed(term.out, image, label), ranges, term.node.shape)
        scalars = [factor for factor in rest if not factor[1]]
        squares = [(node, (0,)) for node in vectors for _ in range(2)]
        yield core, contract([*scalars, *squares], (), {0: term.extents[label]}, ())


def without_scalars(term: Term) -> tuple[Node, Node]:
    """(the product of the scalar factors, the rest)."""
    scalars = [factor for factor in term.factors if not factor[1]]
    rest = [factor for factor in term.factors if factor[1]]
    ranges = dict(enumerate(term.extents))
    return contract(scalars, (), {}, ()), contract(rest, term.out, ranges, term.node.shape)
