"""The functions of whole arrays that keep a node of their own: norms, softmax and its kin, the inverse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from hesse.core import deadline
from hesse.core.algebra import add, power, scale
from hesse.core.build import apply, operate, require_same, shape_text, times
from hesse.core.nodes import Axis, Node, Operation, Operator, Partial, Shape
from hesse.core.ranges import PROBABILITY, between
from hesse.core.tensor import Tensor
from hesse.errors import ShapeError
from hesse.functions.elementwise import ABS, EXP, LOG, SIGN

ONE = Fraction(1)


def reduced_axes(node: Operation) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The labels of the argument's axes, and those that a reduction keeps."""
    labels = tuple(range(node.arguments[0].rank))
    return labels, tuple(label for label in labels if node.axis is not None and label != node.axis)


def reduction(node: Operation, *factors: tuple[Node, tuple[Axis, ...]]) -> tuple[Partial, ...]:
    """The derivative of a reduction, as one product of factors and the argument's differential."""
    (argument,) = node.arguments
    labels, kept = reduced_axes(node)
    return (Partial(argument, ONE, factors, labels, kept, argument.shape),)


def _norm(node: Operation) -> tuple[Partial, ...]:
    (argument,) = node.arguments
    labels, kept = reduced_axes(node)
    return reduction(node, (argument, labels), (power(node, -ONE), kept))


def _norm1(node: Operation) -> tuple[Partial, ...]:
    return reduction(node, (apply(SIGN, node.arguments[0]), reduced_axes(node)[0]))


def _logsumexp(node: Operation) -> tuple[Partial, ...]:
    return reduction(node, (operate(SOFTMAX, node.arguments, node.axis), reduced_axes(node)[0]))


def coupled(node: Operation) -> tuple[tuple[int, ...], tuple[int, ...], Shape]:
    """For a function along an axis: the labels of a position, those of another on the same lane, and all extents."""
    labels = tuple(range(node.rank))
    if node.axis is None:
        return labels, tuple(node.rank + k for k in labels), node.shape + node.shape
    # Only the axis' label is doubled; the labels are numbered without gaps.
    moved = tuple(node.rank if k == node.axis else k for k in labels)
    return labels, moved, (*node.shape, node.shape[node.axis])


def _softmax(node: Operation) -> tuple[Partial, ...]:
    """d p = p * d z - p * sum(p * d z)."""
    (argument,) = node.arguments
    labels, moved, extents = coupled(node)
    direct = Partial(argument, ONE, ((node, labels),), labels, labels, node.shape)
    joint = Partial(argument, -ONE, ((node, labels), (node, moved)), moved, labels, extents)
    return (direct, joint)


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


def solved(matrix: Tensor[float], right: Tensor[float]) -> Tensor[float]:
    """The solution of a linear system, by Gauss-Jordan elimination with row pivoting; nan where it is singular."""
    n, width = matrix.shape[0], math.prod(right.shape[1:])
    rows = [list(row) + right.entries[i * width : (i + 1) * width] for i, row in enumerate(matrix.nested())]
    for column in range(n):
        deadline.check()
        pivot = max(range(column, n), key=lambda i: abs(rows[i][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        if head == 0:
            return right.map(lambda _: math.nan)
        rows[column] = [entry / head for entry in rows[column]]
        for i in range(n):
            if i != column:
                factor = rows[i][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[column], strict=True)]
    return Tensor(right.shape, [entry for row in rows for entry in row[n:]])


def _inverse_value(matrix: Tensor[float]) -> Tensor[float]:
    return solved(matrix, Tensor.build(matrix.shape, lambda place: float(place[0] == place[1])))


def _inverse_entries(matrix: Tensor[Node]) -> list[Node] | None:
    """The inverse of a small matrix: the transposed cofactors over the determinant."""
    n, a = matrix.shape[0], matrix
    if n == 1:
        return [power(a.entries[0], -ONE)]
    if n > 2:
        return None
    determinant = add([(1, times(a[(0, 0)], a[(1, 1)])), (-1, times(a[(0, 1)], a[(1, 0)]))], ())
    adjugate = [a[(1, 1)], scale(-1, a[(0, 1)]), scale(-1, a[(1, 0)]), a[(0, 0)]]
    return [times(entry, power(determinant, -ONE)) for entry in adjugate]


def summed(terms: Sequence[Node]) -> Node:
    """The sum of scalars."""
    return add([(1, term) for term in terms], ())


def _exponentials(entries: Sequence[Node]) -> list[Node]:
    return [apply(EXP, entry) for entry in entries]


def _softmax_entries(entries: Sequence[Node]) -> list[Node]:
    exponentials = _exponentials(entries)
    total = power(summed(exponentials), -ONE)
    return [times(exponential, total) for exponential in exponentials]


NORM: Operator = Operator(
    name="norm",
    title="the norm",
    meaning="the Euclidean (for matrices Frobenius) norm",
    kind="reduction",
    partials=_norm,
    reference=_norm_value,
    smooth="!= 0",
    expansion=lambda entries: [power(summed([power(entry, Fraction(2)) for entry in entries]), Fraction(1, 2))],
    latex=r"\lVert {0} \rVert // \lVert {0} \rVert_F",
    unicode="‖{0}‖ // ‖{0}‖_F",
    bounds=between(0, None),
)
NORM1: Operator = Operator(
    name="norm1",
    title="the 1-norm",
    meaning="the sum of absolute values",
    kind="reduction",
    partials=_norm1,
    reference=lambda entries: sum(map(abs, entries)),
    smooth="entries != 0",
    expansion=lambda entries: [summed([apply(ABS, entry) for entry in entries])],
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
    expansion=lambda entries: [apply(LOG, summed(_exponentials(entries)))],
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
    title="the inverse",
    meaning="the inverse of a square matrix",
    kind="matrix",
    partials=_inverse,
    reference=_inverse_value,
    result_shape=square_shape,
    domain="is invertible",
    expansion=_inverse_entries,
    latex=r"{0}^{{-1}}",
    unicode="{0}⁻¹",
)

ROWS: tuple[Operator, ...] = (NORM, NORM1, LOGSUMEXP, SOFTMAX, INV)
