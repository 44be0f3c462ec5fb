"""A derivative as pieces: values along labels, placed by axes of the result, on its rows and on its columns.

The axes of the result come in two parts: those of the function's value, the rows, and those of the variable, the
columns. What labels the two have in common says where the matrix between them is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from hesse.core.algebra import add, contract, scale, squeeze
from hesse.core.indices import labels_of, renamed
from hesse.core.nodes import Axis, Contract, Node, Sum, Table
from hesse.core.sizes import Size
from hesse.facts.covers import scaled
from hesse.facts.terms import Term
from hesse.facts.zeros import connected

Axes: TypeAlias = tuple[Axis, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """matrix[rows(labels), columns(labels)] += values[labels `along`], for all labels within their extents."""

    rows: Axes
    columns: Axes
    extents: tuple[Size, ...]
    values: Node
    along: tuple[int, ...]

    @property
    def linked(self) -> bool:
        """Whether a label, or a fixed position, ties rows to columns, so that most of the matrix is zero."""
        rows, columns = labels_of(self.rows), labels_of(self.columns)
        return bool(rows & columns) or not rows or not columns

    @property
    def thin(self) -> bool:
        """Whether there is at most one entry in each row, or in each column, for every value of a table."""
        rows, columns = labels_of(self.rows), labels_of(self.columns)
        return self.linked and (rows <= columns or columns <= rows)

    @property
    def tables(self) -> tuple[Node, ...]:
        """The index arrays that say where the entries are."""
        found = [axis.entries for axis in (*self.rows, *self.columns) if isinstance(axis, Table)]
        return tuple(dict.fromkeys(found))


def pieces(terms: Sequence[Term], outputs: int) -> tuple[Piece, ...]:
    """The terms as pieces, those with the same places added up; the first `outputs` axes are the rows."""
    places: dict[tuple[Axes, tuple[Size, ...]], list[Node]] = {}
    for term in terms:
        labels = _ordered(term.out)
        sizes = tuple(term.extents[label] for label in labels)
        out = tuple(renamed(axis, labels.index) for axis in term.out)
        places.setdefault((out, sizes), []).append(term.product(labels, sizes))
    found = []
    for (out, sizes), nodes in places.items():
        values, along = _narrow(add([(1, node) for node in nodes], sizes))
        found.append(Piece(out[:outputs], out[outputs:], sizes, values, along))
    return tuple(found)


def _ordered(axes: Axes) -> tuple[int, ...]:
    """The labels in the order in which they occur."""
    return tuple(dict.fromkeys(label for axis in axes for label in _labels(axis)))


def _labels(axis: Axis) -> tuple[int, ...]:
    return tuple(sorted(labels_of([axis])))


def _narrow(values: Node) -> tuple[Node, tuple[int, ...]]:
    """The values without the axes along which they do not change, and the axes that are left."""
    if not isinstance(values, (Contract, Sum)):
        return values, tuple(range(values.rank))
    gone = values.constant_axes
    return squeeze(values, gone), tuple(k for k in range(values.rank) if k not in gone)


@dataclass(frozen=True, slots=True)
class Thin:
    """coefficient * the sum over one inner label of left[rows, label] * right[columns, label].

    `inner` is the label's extent; without a label, None, it is a single product.
    """

    coefficient: Fraction
    left: Node
    right: Node
    inner: Size | None


def thin_product(term: Term, outputs: int) -> Thin | None:
    """A term as a product of two parts that at most one summed label joins, the first such label; else None.

    Scalars and weights on the label itself go to the left.
    """
    rows, columns = labels_of(term.out[:outputs]), labels_of(term.out[outputs:])
    if rows & columns:
        return None
    summed = [label for label in range(len(term.extents)) if label not in rows | columns]
    for cut in (None, *summed):
        factors = [(node, axes) for node, axes in term.factors if labels_of(axes) != {cut}]
        far = connected(factors, columns, set() if cut is None else {cut})
        if far & rows:
            continue
        near = [factor for factor in term.factors if not (labels_of(factor[1]) - {cut}) & far]
        reached = [factor for factor in term.factors if (labels_of(factor[1]) - {cut}) & far]
        inner = () if cut is None else (cut,)
        left = _side(term, near, (*term.out[:outputs], *inner), term.node.shape[:outputs], far)
        right = _side(term, reached, (*term.out[outputs:], *inner), term.node.shape[outputs:], None)
        (p, left), (q, right) = scaled(left), scaled(right)
        return Thin(term.coefficient * p * q, left, right, None if cut is None else term.extents[cut])
    return None


def _side(
    term: Term, factors: Sequence[tuple[Node, Axes]], out: Axes, shape: tuple[Size, ...], far: set[int] | None
) -> Node:
    """One of the two parts. A summed label that no factor has counts, on the left."""
    own = labels_of(out) | labels_of(axis for _, axes in factors for axis in axes)
    if far is not None:
        used = labels_of(axis for _, axes in term.factors for axis in axes) | labels_of(term.out)
        own |= {label for label in range(len(term.extents)) if label not in used}
    sizes = (*shape, *(term.extents[axis] for axis in out[len(shape) :] if isinstance(axis, int)))
    return contract(factors, out, {label: term.extents[label] for label in own}, sizes)


def common_axis(terms: Sequence[Term], outputs: int) -> tuple[int, int] | None:
    """An axis of the rows and one of the columns that have the same plain label in every term, the first pair."""
    shape = terms[0].node.shape
    for row in range(outputs):
        for column in range(outputs, len(shape)):
            if all(isinstance(term.out[row], int) and term.out[row] == term.out[column] for term in terms):
                return row, column
    return None


def without_axes(terms: Sequence[Term], row: int, column: int) -> Node | None:
    """The block that all positions along a common axis have; None where it depends on the position."""
    shape = tuple(size for k, size in enumerate(terms[0].node.shape) if k not in (row, column))
    parts: list[Node] = []
    for term in terms:
        label = term.out[row]
        rest = tuple(axis for k, axis in enumerate(term.out) if k not in (row, column))
        assert isinstance(label, int)
        if label in labels_of(rest) | labels_of(axis for _, axes in term.factors for axis in axes):
            return None
        extents = {other: size for other, size in enumerate(term.extents) if other != label}
        parts.append(scale(term.coefficient, contract(term.factors, rest, extents, shape)))
    return add([(1, part) for part in parts], shape)


def along_axis(terms: Sequence[Term], row: int, column: int) -> Node:
    """The blocks along a common axis: that axis first, then the other rows, then the other columns."""
    whole = terms[0].node.shape
    order = (row, *(k for k in range(len(whole)) if k not in (row, column)))
    shape = tuple(whole[k] for k in order)
    return add([(1, term.product(tuple(term.out[k] for k in order), shape)) for term in terms], shape)
