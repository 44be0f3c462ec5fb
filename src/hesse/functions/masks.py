"""Triangles and running sums: products with a mask, the matrix of ones up to some diagonal and of zeros above it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from hesse.core.algebra import contract, number, number_value, size_value
from hesse.core.build import normal_axis, operate, shape_text, times, transpose
from hesse.core.function import Construction
from hesse.core.nodes import Node, Operator, Shape
from hesse.core.ranges import UNIT
from hesse.core.rearrange import reshape
from hesse.core.sizes import ZERO, Size, product
from hesse.core.tensor import Tensor
from hesse.errors import LimitError, ShapeError

Arguments = Sequence[Any]
Plain = Sequence[Tensor[float]]
MAX_OFFSET = 10**9
"""NumPy counts diagonals by machine integers, and floats hold them exactly."""


def _entries(ones: Tensor[Node], offset: Tensor[Node] | None = None) -> list[Node] | None:
    """The entries of the mask, for an offset that is a number."""
    shift = number_value(offset.item) if offset is not None else 0
    if shift is None:
        return None
    rows, columns = ones.shape
    return [number(int(j - i <= shift)) for i in range(rows) for j in range(columns)]


MASK: Operator = Operator(
    name="tril",
    meaning="the mask of a lower triangle: of ones, and of an offset where there is one",
    kind="matrix",
    partials=lambda node: (),
    reference=lambda *arguments: _tril_plain(arguments, None),
    result_shape=lambda ones, *offset: ones,
    expansion=_entries,
    bounds=lambda *arguments: UNIT,
)


def mask(shape: Shape, offset: Size) -> Node:
    """The matrix of ones where column - row <= offset, and of zeros elsewhere."""
    ones = number(1, shape)
    return operate(MASK, (ones,) if offset == ZERO else (ones, size_value(offset)))


def counting(length: Size) -> Node:
    """The vector 1, 2, ..., n: the running sums of ones."""
    return _cumsum([number(1, (length,))], None)


def _offset(arguments: Arguments, name: str) -> tuple[Node, Size]:
    node, *offset = arguments
    if node.rank != 2:
        raise ShapeError(f"{name} takes a matrix, the argument is {shape_text(node.shape)}")
    if offset and any(abs(coefficient) > MAX_OFFSET for _, coefficient in offset[0].terms):
        raise LimitError(f"a diagonal of number {offset[0]} is beyond the limit of {MAX_OFFSET}")
    return node, offset[0] if offset else ZERO


def _tril(arguments: Arguments, axis: int | None) -> Node:
    node, offset = _offset(arguments, "tril")
    return times(mask(node.shape, offset), node)


def _triu(arguments: Arguments, axis: int | None) -> Node:
    """Column - row >= offset: in the transposed matrix the difference is at most -offset."""
    node, offset = _offset(arguments, "triu")
    return times(transpose(mask(node.shape[::-1], offset * -1)), node)


def _triangle(arguments: Plain, sign: int) -> Tensor[float]:
    tensor, *offset = arguments
    shift = int(offset[0].item) if offset else 0
    return Tensor.build(tensor.shape, lambda p: tensor[p] if (p[1] - p[0] - shift) * sign >= 0 else 0.0)


def _tril_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    return _triangle(arguments, -1)


def _triu_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    return _triangle(arguments, 1)


def _cumsum(arguments: Arguments, axis: int | None) -> Node:
    (node,) = arguments
    if not node.rank:
        raise ShapeError("cumsum takes a vector or a matrix, the argument is a scalar")
    if axis is None and node.rank > 1:
        # NumPy adds up all entries in C order.
        node = reshape(node, (product(node.shape),))
    place = normal_axis(axis, node) or 0
    labels, summed, size = tuple(range(node.rank)), node.rank, node.shape[place]
    inside = (*labels[:place], summed, *labels[place + 1 :])
    factors = [(mask((size, size), ZERO), (place, summed)), (node, inside)]
    return contract(factors, labels, dict(enumerate((*node.shape, size))), node.shape)


def _cumsum_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    (tensor,) = arguments
    if axis is None:
        return Tensor((len(tensor.entries),), list(accumulate(tensor.entries)))
    place = axis % len(tensor.shape)
    return Tensor.build(
        tensor.shape, lambda p: sum(tensor[(*p[:place], k, *p[place + 1 :])] for k in range(p[place] + 1))
    )


TRIL = Construction(
    name="tril",
    meaning="the lower triangle of a matrix, zero elsewhere; up to the k-th diagonal above the main one",
    signature="tril(A), tril(A, -1)",
    build=_tril,
    reference=_tril_plain,
    rank=lambda ranks, axis: 2,
    extra="offset",
)
TRIU = Construction(
    name="triu",
    meaning="the upper triangle of a matrix, zero elsewhere; from the k-th diagonal above the main one",
    signature="triu(A), triu(A, 1)",
    build=_triu,
    reference=_triu_plain,
    rank=lambda ranks, axis: 2,
    extra="offset",
)
CUMSUM = Construction(
    name="cumsum",
    meaning="the sums of all entries up to each one, along an axis; without one of all entries in C order",
    signature="cumsum(x), cumsum(X, axis=0)",
    build=_cumsum,
    reference=_cumsum_plain,
    rank=lambda ranks, axis: 1 if axis is None else ranks[0],
    takes_axis=True,
)

ROWS: tuple[Construction, ...] = (TRIL, TRIU, CUMSUM)
