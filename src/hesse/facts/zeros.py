"""Where a node is zero for all values: diagonals, bands, blocks; and what it is made of where it is not.

All of it is read off the axes of the result, for symbolic sizes: a repeated label is a diagonal, two windows along one
label are a band, labels in separate parts are a Kronecker product or an outer product.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from hesse.core.algebra import add, contract, scale
from hesse.core.canonical import Factor
from hesse.core.indices import labels_of
from hesse.core.nodes import Affine, Axis, Fixed, Flat, Node, Table
from hesse.core.sizes import ZERO, Size, equal
from hesse.facts.terms import Term


def offset(term: Term) -> int | None:
    """The number of the only diagonal on which the matrix is not zero, positive above the main one, or None."""
    row, column = term.out
    return distance(row, column)


def distance(first: Axis, second: Axis) -> int | None:
    """The position of the second axis less that of the first, where it is one number for all labels and sizes."""
    match first, second:
        case (int() as row, int() as column) if row == column:
            return 0
        case (Affine() as row, Affine() as column) if row.label == column.label and row.stride == column.stride:
            return (column.offset - row.offset).as_int()
        case (int() as row, Affine(label=label, stride=1) as column) if row == label:
            return column.offset.as_int()
        case (Affine(label=label, stride=1) as row, int() as column) if column == label:
            return (row.offset * -1).as_int()
        case (Fixed() as row, Fixed() as column):
            return (column.position - row.position).as_int()
        case (Table() | Flat() as row, Table() | Flat() as column) if row == column:
            return 0
        case _:
            return None


def bands(terms: Sequence[Term], shape: tuple[Size, ...]) -> dict[int, Node] | None:
    """The diagonals by their offset, the entries of each as a vector; None where some term is none.

    Entry t of the diagonal at k >= 0 is that at (t, t + k), else that at (t - k, t).
    """
    if len(shape) != 2 or not equal(*shape):
        return None
    found: dict[int, list[Node]] = {}
    for term in terms:
        place = offset(term)
        if place is None:
            return None
        # The position along a diagonal is the smaller of row and column.
        size = shape[0] - abs(place)
        axis = _whole(term.out[0] if place >= 0 else term.out[1], size, term.extents)
        found.setdefault(place, []).append(term.product((axis,), (size,)))
    return {place: add([(1, part) for part in found[place]], (shape[0] - abs(place),)) for place in sorted(found)}


def _whole(axis: Axis, size: Size, extents: Sequence[Size]) -> Axis:
    """A window that is the whole axis is a plain label."""
    if isinstance(axis, Affine) and axis.stride == 1 and axis.offset == ZERO and extents[axis.label] == size:
        return axis.label
    return axis


def repeated(terms: Sequence[Term], rank: int) -> tuple[int, ...]:
    """The axes of the first half for which every term is zero unless the axis has the position of its partner."""
    half = rank // 2
    if rank % 2:
        return ()
    return tuple(k for k in range(half) if all(term.out[k] == term.out[k + half] for term in terms))


def diagonal(terms: Sequence[Term], shape: tuple[Size, ...]) -> Node:
    """The entries on the diagonal of a node whose axes repeat: the first half of the axes."""
    half = len(shape) // 2
    return add([(1, term.product(term.out[:half], shape[:half])) for term in terms], shape[:half])


def blocks(terms: Sequence[Term], shape: tuple[Size, ...], axis: int) -> Node:
    """The blocks for each position of a repeated axis: that axis first, the others behind in order."""
    half = len(shape) // 2
    order = (axis, *(k for k in range(len(shape)) if k not in (axis, axis + half)))
    sizes = tuple(shape[k] for k in order)
    return add([(1, term.product(tuple(term.out[k] for k in order), sizes)) for term in terms], sizes)


def split(term: Term, left: tuple[int, ...], right: tuple[int, ...]) -> tuple[Node, Node] | None:
    """The term as a node with these axes of the result times a node with those; None when labels join the two.

    The coefficient and scalar factors go to the left.
    """
    far = connected(term.factors, labels_of(term.out[k] for k in right))
    if far & labels_of(term.out[k] for k in left):
        return None
    near = set(range(len(term.extents))) - far
    rest = [factor for factor in term.factors if not labels_of(factor[1]) & far]
    reached = [factor for factor in term.factors if labels_of(factor[1]) & far]
    return scale(term.coefficient, _part(term, left, near, rest)), _part(term, right, far, reached)


def connected(factors: Sequence[Factor], labels: set[int], cut: Set[int] = frozenset()) -> set[int]:
    """The labels that factors connect with these, not by way of those that are cut."""
    while True:
        more = labels.union(*(own for _, axes in factors if (own := labels_of(axes) - cut) & labels))
        if more == labels:
            return labels
        labels = more


def _part(term: Term, kept: tuple[int, ...], labels: set[int], factors: Sequence[Factor]) -> Node:
    shape = tuple(term.node.shape[k] for k in kept)
    return contract(factors, tuple(term.out[k] for k in kept), {k: term.extents[k] for k in labels}, shape)
