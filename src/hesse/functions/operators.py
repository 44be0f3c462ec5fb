"""The functions of whole arrays that keep a node of their own: norms, softmax and its kin, the inverse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from hesse.core.algebra import add, power
from hesse.core.build import apply, operate, require_same, shape_text, times
from hesse.core.nodes import Axis, Node, Operation, Operator, Partial, Shape
from hesse.core.ranges import PROBABILITY, between
from hesse.core.tensor import Tensor
from hesse.errors import ShapeError
from hesse.functions.elementwise import ABS, EXP, LOG, SIGN

ONE = Fraction(1)


def _axes(node: Operation) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The labels of the argument's axes, and those that a reduction keeps."""
    labels = tuple(range(node.arguments[0].rank))
    return labels, tuple(label for label in labels if node.axis is not None and label != node.axis)


def _reduction(node: Operation, *factors: tuple[Node, tuple[Axis, ...]]) -> tuple[Partial, ...]:
    (argument,) = node.arguments
    labels, kept = _axes(node)
    return (Partial(argument, ONE, factors, labels, kept, argument.shape),)


def _norm(node: Operation) -> tuple[Partial, ...]:
    (argument,) = node.arguments
    labels, kept = _axes(node)
    return _reduction(node, (argument, labels), (power(node, -ONE), kept))


def _norm1(node: Operation) -> tuple[Partial, ...]:
    return _reduction(node, (apply(SIGN, node.arguments[0]), _axes(node)[0]))


def _logsumexp(node: Operation) -> tuple[Partial, ...]:
    return _reduction(node, (operate(SOFTMAX, node.arguments, node.axis), _axes(node)[0]))


def _softmax(node: Operation) -> tuple[Partial, ...]:
    """d p = p * d z - p * sum(p * d z)."""
    (argument,) = node.arguments
    labels = tuple(range(node.rank))
    moved = tuple(node.rank + k if node.axis in (None, k) else k for k in labels)
    direct = Partial(argument, ONE, ((node, labels),), labels, labels, node.shape)
    extents = node.shape + node.shape
    if node.axis is not None:
        # Only the axis' label is doubled; number the labels without gaps.
        moved = tuple(node.rank if k == node.axis else k for k in labels)
        extents = (*node.shape, node.shape[node.axis])
    coupled = Partial(argument, -ONE, ((node, labels), (node, moved)), moved, labels, extents)
    return (direct, coupled)


def _inverse(node: Operation) -> tuple[Partial, ...]:
    """d inv(X) = -inv(X) dX inv(X)."""
    (argument,) = node.arguments
    size = argument.shape[0]
    return (Partial(argument, -ONE, ((node, (0, 1)), (node, (2, 3))), (1, 2), (0, 3), (size,) * 4),)


def square_shape(shape: Shape) -> Shape:
    """The shape, when it is a square matrix; raises ShapeError otherwise."""
    message = f"a square matrix is needed, this is {shape_text(shape)}"
    if len(shape) != 2:
        raise ShapeError(message)
    require_same(shape[:1] * 2, shape, message)
    return shape


def _norm_value(entries: Sequence[float]) -> float:
    return math.hypot(*entries)


def _logsumexp_value(entries: Sequence[float]) -> float:
    top = max(entries)
    return top + math.log(sum(math.exp(entry - top) for entry in entries)) if math.isfinite(top) else top


def _softmax_value(entries: Sequence[float]) -> list[float]:
    top = max(entries)
    weights = [math.exp(entry - top) for entry in entries]
    total = sum(weights)
    return [weight / total for weight in weights]


def _inverse_value(matrix: Tensor[float]) -> Tensor[float]:
    """Gauss-Jordan elimination with row pivoting."""
    n = matrix.shape[0]
    rows = [list(row) + [float(i == j) for j in range(n)] for i, row in enumerate(matrix.nested())]
    for column in range(n):
        pivot = max(range(column, n), key=lambda i: abs(rows[i][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        if head == 0:
            return matrix.map(lambda _: math.nan)
        rows[column] = [entry / head for entry in rows[column]]
        for i in range(n):
            if i != column:
                factor = rows[i][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[column], strict=True)]
    return Tensor((n, n), [entry for row in rows for entry in row[n:]])


def _sum(terms: Sequence[Node]) -> Node:
    return add([(1, term) for term in terms], ())


def _exponentials(entries: Sequence[Node]) -> list[Node]:
    return [apply(EXP, entry) for entry in entries]


def _softmax_entries(entries: Sequence[Node]) -> list[Node]:
    exponentials = _exponentials(entries)
    total = power(_sum(exponentials), -ONE)
    return [times(exponential, total) for exponential in exponentials]


NORM: Operator = Operator(
    name="norm",
    meaning="the Euclidean (for matrices Frobenius) norm",
    kind="reduction",
    partials=_norm,
    reference=_norm_value,
    smooth="!= 0",
    expansion=lambda entries: [power(_sum([power(entry, Fraction(2)) for entry in entries]), Fraction(1, 2))],
    latex=r"\lVert {0} \rVert // \lVert {0} \rVert_F",
    unicode="‖{0}‖ // ‖{0}‖_F",
    bounds=between(0, None),
)
NORM1: Operator = Operator(
    name="norm1",
    meaning="the sum of absolute values",
    kind="reduction",
    partials=_norm1,
    reference=lambda entries: sum(map(abs, entries)),
    smooth="entries != 0",
    expansion=lambda entries: [_sum([apply(ABS, entry) for entry in entries])],
    latex=r"\lVert {0} \rVert_1 // \lVert \operatorname{{vec}}({0}) \rVert_1",
    unicode="‖{0}‖₁ // ‖vec({0})‖₁",
    bounds=between(0, None),
)
LOGSUMEXP: Operator = Operator(
    name="logsumexp",
    meaning="log(sum(exp(x))), without overflow",
    kind="reduction",
    partials=_logsumexp,
    reference=_logsumexp_value,
    expansion=lambda entries: [apply(LOG, _sum(_exponentials(entries)))],
    latex=r"\operatorname{{logsumexp}}({0})",
    nests=True,
)
SOFTMAX: Operator = Operator(
    name="softmax",
    meaning="exp(x)/sum(exp(x)), without overflow; without `axis` over all entries",
    kind="along",
    partials=_softmax,
    reference=_softmax_value,
    expansion=_softmax_entries,
    latex=r"\operatorname{{softmax}}({0})",
    # Alone in its slice an entry is 1.
    bounds=lambda argument: PROBABILITY,
)
INV: Operator = Operator(
    name="inv",
    meaning="the inverse of a square matrix",
    kind="matrix",
    partials=_inverse,
    reference=_inverse_value,
    result_shape=square_shape,
    domain="is invertible",
    latex=r"{0}^{{-1}}",
    unicode="{0}⁻¹",
)

ROWS: tuple[Operator, ...] = (NORM, NORM1, LOGSUMEXP, SOFTMAX, INV)
