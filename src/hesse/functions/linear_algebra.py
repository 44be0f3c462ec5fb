"""The functions of square matrices beside the inverse: determinant, its logarithm, powers, and linear systems."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from hesse.core import deadline
from hesse.core.algebra import add, contract, number, number_value
from hesse.core.build import apply, matmul, operate, require_same, shape_text, times
from hesse.core.function import Construction
from hesse.core.nodes import Node, Operation, Operator, Partial, Shape
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError, LimitError, ShapeError
from hesse.functions.elementwise import LOG
from hesse.functions.operators import INV, solved, square_shape

ONE = Fraction(1)
MAX_EXPONENT = 64
MAX_COFACTORS = 3
"""Up to this size the table of components writes a determinant out."""


def _determinant_value(matrix: Tensor[float]) -> tuple[float, float]:
    """The sign and the logarithm of the absolute value of the determinant, by elimination with row pivoting."""
    rows = [list(row) for row in matrix.nested()]
    sign, logarithm = 1.0, 0.0
    for column in range(len(rows)):
        deadline.check()
        pivot = max(range(column, len(rows)), key=lambda i: abs(rows[i][column]))
        if pivot != column:
            rows[column], rows[pivot] = rows[pivot], rows[column]
            sign = -sign
        head = rows[column][column]
        if not math.isfinite(head):
            return math.nan, math.nan
        if head == 0:
            return 0.0, -math.inf
        sign, logarithm = math.copysign(sign, sign * head), logarithm + math.log(abs(head))
        for i in range(column + 1, len(rows)):
            factor = rows[i][column] / head
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[column], strict=True)]
    return sign, logarithm


def _det_plain(matrix: Tensor[float]) -> Tensor[float]:
    sign, logarithm = _determinant_value(matrix)
    return Tensor.scalar(sign * math.exp(logarithm) if sign else 0.0)


def _logdet_plain(matrix: Tensor[float]) -> Tensor[float]:
    sign, logarithm = _determinant_value(matrix)
    return Tensor.scalar(logarithm if sign > 0 else math.nan)


def _scalar_shape(shape: Shape) -> Shape:
    square_shape(shape)
    return ()


def _det(node: Operation) -> tuple[Partial, ...]:
    """d det(X) = det(X) tr(inv(X) dX)."""
    (argument,) = node.arguments
    factors: tuple[tuple[Node, tuple[int, ...]], ...] = ((node, ()), (operate(INV, node.arguments), (0, 1)))
    return (Partial(argument, ONE, factors, (1, 0), (), argument.shape),)


def _logdet(node: Operation) -> tuple[Partial, ...]:
    """d logdet(X) = tr(inv(X) dX)."""
    (argument,) = node.arguments
    return (Partial(argument, ONE, ((operate(INV, node.arguments), (0, 1)),), (1, 0), (), argument.shape),)


def _minor(matrix: Tensor[Node], row: int, column: int) -> Tensor[Node]:
    """The matrix without a row and a column."""
    n = matrix.shape[0]
    kept = [matrix[(i, j)] for i in range(n) if i != row for j in range(n) if j != column]
    return Tensor((n - 1, n - 1), kept)


def _cofactors(matrix: Tensor[Node]) -> Node:
    """The determinant, expanded along the first row."""
    n = matrix.shape[0]
    if n == 0:
        return number(1)
    return add([((-1) ** j, times(matrix[(0, j)], _cofactors(_minor(matrix, 0, j)))) for j in range(n)], ())


def _det_entries(matrix: Tensor[Node]) -> list[Node] | None:
    return [_cofactors(matrix)] if matrix.shape[0] <= MAX_COFACTORS else None


def _logdet_entries(matrix: Tensor[Node]) -> list[Node] | None:
    entries = _det_entries(matrix)
    return None if entries is None else [apply(LOG, entries[0])]


def _exponent(node: Node) -> int:
    value = number_value(node)
    if value is None or node.shape or value.denominator != 1:
        raise ArgumentError(
            "the exponent of matpow is an integer, such as matpow(A, 3)", hint="`A**p` is the power of each entry"
        )
    if abs(value) > MAX_EXPONENT:
        raise LimitError(
            f"matpow(A, {value}) is beyond the limit of {MAX_EXPONENT}",
            hint="its derivative has as many terms; write it as a power of a smaller one, named by a definition",
        )
    return int(value)


def _build_matpow(matrix: Node, exponent: Node) -> Node | None:
    square_shape(matrix.shape)
    k = _exponent(exponent)
    if k == 0:
        return contract([], (0, 0), {0: matrix.shape[0]}, matrix.shape)
    return matrix_power(matrix, k) if k < 2 else None


def matrix_power(matrix: Node, k: int) -> Node:
    """The power of a square matrix; negative ones are powers of the inverse."""
    if k < 0:
        return matrix_power(operate(INV, (matrix,)), -k)
    return matrix if k == 1 else operate(MATPOW, (matrix, number(k)))


def _matpow(node: Operation) -> tuple[Partial, ...]:
    """d A^k = the sum of A^i dA A^(k-1-i)."""
    argument, exponent = node.arguments
    k, size = _exponent(exponent), argument.shape[0]

    def one(i: int) -> Partial:
        before = ((matrix_power(argument, i), (0, 1)),) if i else ()
        after = ((matrix_power(argument, k - 1 - i), (2, 3)),) if i < k - 1 else ()
        first, last = 0 if i else 1, 3 if i < k - 1 else 2
        labels = sorted({first, 1, 2, last})
        place = {label: at for at, label in enumerate(labels)}
        factors = tuple((factor, tuple(place[label] for label in axes)) for factor, axes in (*before, *after))
        return Partial(argument, ONE, factors, (place[1], place[2]), (place[first], place[last]), (size,) * len(labels))

    return tuple(map(one, range(k)))


def _matpow_plain(matrix: Tensor[float], exponent: Tensor[float]) -> Tensor[float]:
    k, n = int(exponent.item), matrix.shape[0]
    base = matrix if k >= 0 else INV.reference(matrix)
    result = Tensor.build((n, n), lambda place: float(place[0] == place[1]))
    for _ in range(abs(k)):
        result = _product(result, base)
    return result


def _product(left: Tensor[float], right: Tensor[float]) -> Tensor[float]:
    inner = range(right.shape[0])
    return Tensor.build(left.shape, lambda place: sum(left[(place[0], k)] * right[(k, place[1])] for k in inner))


def _matpow_entries(matrix: Tensor[Node], exponent: Tensor[Node]) -> list[Node] | None:
    k, n = number_value(exponent.item), matrix.shape[0]
    if k is None or k > MAX_COFACTORS or n > MAX_COFACTORS:
        return None
    result = matrix
    for _ in range(int(k) - 1):
        left = result

        def entry(place: tuple[int, ...], left: Tensor[Node] = left) -> Node:
            return add([(1, times(left[(place[0], j)], matrix[(j, place[1])])) for j in range(n)], ())

        result = Tensor.build((n, n), entry)
    return result.entries


def _solve(arguments: Sequence[Any], axis: int | None) -> Node:
    matrix, right = arguments
    square_shape(matrix.shape)
    if right.rank not in (1, 2):
        raise ShapeError(f"the right side of solve is a vector or a matrix, not {shape_text(right.shape)}")
    message = f"solve: the matrix is {shape_text(matrix.shape)}, the right side {shape_text(right.shape)}"
    require_same(matrix.shape[:1], right.shape[:1], message)
    return matmul(operate(INV, (matrix,)), right)


DET: Operator = Operator(
    name="det",
    title="the determinant",
    meaning="the determinant of a square matrix",
    kind="matrix",
    partials=_det,
    reference=_det_plain,
    result_shape=_scalar_shape,
    smooth="is invertible",
    expansion=_det_entries,
    latex=r"\det({0})",
)
LOGDET: Operator = Operator(
    name="logdet",
    title="log det",
    meaning="the logarithm of the determinant, which must be positive",
    kind="matrix",
    partials=_logdet,
    reference=_logdet_plain,
    result_shape=_scalar_shape,
    domain="det > 0",
    expansion=_logdet_entries,
    latex=r"\log \det({0})",
    unicode="log det({0})",
)
MATPOW: Operator = Operator(
    name="matpow",
    title="a matrix power",
    meaning="the power of a square matrix with an integer exponent",
    kind="matrix",
    partials=_matpow,
    reference=_matpow_plain,
    arity=2,
    domain=lambda matrix, exponent: "is invertible" if _exponent(exponent) < 0 else "",
    result_shape=lambda matrix, exponent: square_shape(matrix),
    expansion=_matpow_entries,
    build=_build_matpow,
    latex=r"{0}^{{{1}}}",
    unicode="{0}^{1}",
)
SOLVE = Construction(
    name="solve",
    meaning="the solution of A @ x = b, for a vector or the columns of a matrix b: inv(A) @ b",
    signature="solve(A, b)",
    arity=2,
    build=_solve,
    reference=lambda arguments, axis: solved(*arguments),
    rank=lambda ranks, axis: ranks[1],
    domain="is invertible",
    latex=r"{0}^{{-1}} {1}",
    unicode="{0}⁻¹ {1}",
)

ROWS: tuple[Operator | Construction, ...] = (DET, LOGDET, MATPOW, SOLVE)
