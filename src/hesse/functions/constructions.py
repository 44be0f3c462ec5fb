"""The functions that only write a contraction: sums, diagonals, products of vectors, constant arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from operator import mul
from typing import Any

from hesse.core.algebra import contract, number, power, size_value, zero
from hesse.core.build import matmul, require_same, shape_text, times, total
from hesse.core.build import transpose as transposed
from hesse.core.function import Construction
from hesse.core.nodes import Node, Shape
from hesse.core.sizes import Size, equal, product
from hesse.core.tensor import Tensor, apply, strides
from hesse.errors import ArgumentError, ShapeError

Arguments = Sequence[Any]
Plain = Sequence[Tensor[float]]


def _require_rank(node: Node, rank: int, name: str) -> None:
    if node.rank != rank:
        kind = {1: "a vector", 2: "a matrix"}[rank]
        hint = "the diagonal of a matrix is diagpart(A)" if name == "diag" and node.rank == 2 else ""
        raise ShapeError(f"{name} takes {kind}, the argument is {shape_text(node.shape)}", hint=hint)


def _mean(arguments: Arguments, axis: int | None) -> Node:
    (node,) = arguments
    summed = total(node, axis)
    count = product(node.shape) if axis is None else node.shape[axis]
    return times(power(size_value(count), Fraction(-1)), summed)


def _diag(arguments: Arguments, axis: int | None) -> Node:
    (node,) = arguments
    _require_rank(node, 1, "diag")
    return contract([(node, (0,))], (0, 0), {0: node.shape[0]}, node.shape * 2)


def _diagonal_of(arguments: Arguments, name: str, out: tuple[int, ...]) -> Node:
    (node,) = arguments
    message = f"{name} takes a square matrix, the argument is {shape_text(node.shape)}"
    if node.rank != 2:
        raise ShapeError(message)
    require_same(node.shape[:1] * 2, node.shape, message)
    return contract([(node, (0, 0))], out, {0: node.shape[0]}, node.shape[:1] if out else ())


def _outer(arguments: Arguments, axis: int | None) -> Node:
    left, right = arguments
    _require_rank(left, 1, "outer")
    _require_rank(right, 1, "outer")
    shape = left.shape + right.shape
    return contract([(left, (0,)), (right, (1,))], (0, 1), dict(enumerate(shape)), shape)


def _dot(arguments: Arguments, axis: int | None) -> Node:
    left, right = arguments
    return matmul(left, right) if left.rank and right.rank else times(left, right)


def _eye(sizes: Arguments, axis: int | None) -> Node:
    if len(sizes) != 1:
        raise ShapeError("eye takes one size: eye(n)")
    (size,) = sizes
    return contract([], (0, 0), {0: size}, (size, size))


def einsum_labels(specification: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """The letters of each operand and of the result of an einsum specification such as `ij,j->i`."""
    text = specification.replace(" ", "")
    left, arrow, out = text.partition("->")
    terms = left.split(",")
    letters = "".join(terms)
    if not arrow or (not (letters + out).isalpha() and letters + out):
        raise ArgumentError("einsum takes letters with an arrow, such as einsum('ij,j->i', A, x)")
    if len(terms) != len(ranks) or any(len(term) != rank for term, rank in zip(terms, ranks, strict=False)):
        raise ShapeError(f"einsum('{specification}') does not fit operands with {list(ranks)} axes")
    if len(set(out)) < len(out) or not set(out) <= set(letters):
        raise ArgumentError(f"einsum('{specification}'): each letter of the result stands once there and in an operand")
    return terms, out


def _einsum(arguments: Arguments, axis: int | None) -> Node:
    specification, *nodes = arguments
    terms, out = einsum_labels(specification, [node.rank for node in nodes])
    numbering = {letter: k for k, letter in enumerate(dict.fromkeys("".join(terms)))}
    extents: dict[int, Size] = {}
    for term, node in zip(terms, nodes, strict=True):
        for letter, size in zip(term, node.shape, strict=True):
            if not equal(extents.setdefault(numbering[letter], size), size):
                other = extents[numbering[letter]]
                message = f"einsum('{specification}'): the index {letter} runs over {other} and over {size}"
                raise ShapeError(message).between(other, size)
    factors = [(node, tuple(numbering[letter] for letter in term)) for term, node in zip(terms, nodes, strict=True)]
    axes = tuple(numbering[letter] for letter in out)
    return contract(factors, axes, extents, tuple(extents[axis] for axis in axes))


def _reduce_plain(tensor: Tensor[float], axis: int | None) -> Tensor[float]:
    if axis is None:
        exact = all(map(math.isfinite, tensor.entries))
        return Tensor((), [math.fsum(tensor.entries) if exact else sum(tensor.entries)])
    axis %= len(tensor.shape)
    shape = tensor.shape[:axis] + tensor.shape[axis + 1 :]
    step = math.prod(tensor.shape[axis + 1 :])
    block = tensor.shape[axis] * step
    starts = [block * k + place for k in range(math.prod(tensor.shape[:axis])) for place in range(step)]
    return Tensor(shape, [sum(tensor.entries[start : start + block : step]) for start in starts])


def _mean_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    (tensor,) = arguments
    count = math.prod(tensor.shape) if axis is None else tensor.shape[axis]
    return _reduce_plain(tensor, axis).map(lambda entry: entry / count)


def _matmul_plain(left: Tensor[float], right: Tensor[float]) -> Tensor[float]:
    inner, columns = left.shape[-1], math.prod(right.shape[1:])
    rows = [left.entries[inner * row : inner * (row + 1)] for row in range(math.prod(left.shape[:-1]))]
    lines = [right.entries[column::columns] for column in range(columns)]
    return Tensor(left.shape[:-1] + right.shape[1:], [sum(map(mul, row, line)) for row in rows for line in lines])


def _dot_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    left, right = arguments
    if left.shape and right.shape:
        return _matmul_plain(left, right)
    return apply(lambda a, b: a * b, left, right)


def _einsum_plain(arguments: Sequence[Any], axis: int | None) -> Tensor[float]:
    """The entries by the definition: all products, with the letters of the result outermost, summed in runs."""
    specification, *tensors = arguments
    shape, runs, steps = _einsum_plan(specification, tuple(tensor.shape for tensor in tensors))
    products: list[float] = []
    for tensor, step in zip(tensors, steps, strict=True):
        column = tensor.strided(shape + runs, step).entries
        products = list(map(mul, products, column)) if products else column
    run = math.prod(runs)
    if run == 1:
        return Tensor(shape, products)
    return Tensor(shape, [sum(products[run * k : run * (k + 1)]) for k in range(math.prod(shape))])


@lru_cache(maxsize=1024)
def _einsum_plan(
    specification: str, shapes: tuple[tuple[int, ...], ...]
) -> tuple[tuple[int, ...], tuple[int, ...], list[tuple[int, ...]]]:
    """The shape of the result, the sizes of the letters that are summed, and each operand's steps along all letters."""
    terms, out = einsum_labels(specification, [len(shape) for shape in shapes])
    sizes = {c: s for term, shape in zip(terms, shapes, strict=True) for c, s in zip(term, shape, strict=True)}
    summed = [letter for letter in sizes if letter not in out]
    steps: list[tuple[int, ...]] = []
    for term, shape in zip(terms, shapes, strict=True):
        own = list(zip(term, strides(shape), strict=True))
        steps.append(tuple(sum(step for letter, step in own if letter == each) for each in (*out, *summed)))
    return tuple(sizes[letter] for letter in out), tuple(sizes[letter] for letter in summed), steps


def _filled(value: float) -> Any:
    def filled(arguments: Plain, axis: int | None) -> Tensor[float]:
        shape = tuple(int(argument.item) for argument in arguments)
        return Tensor(shape, [value] * math.prod(shape))

    return filled


def _eye_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    size = int(arguments[0].item)
    return _diagonal_plain(Tensor((size,), [1.0] * size))


def _diagpart_plain(matrix: Tensor[float]) -> Tensor[float]:
    rows, columns = matrix.shape
    if rows != columns:
        raise ShapeError("only square matrices have a diagonal")
    return Tensor((rows,), matrix.entries[:: rows + 1])


def _diagonal_plain(diagonal: Tensor[float]) -> Tensor[float]:
    (size,) = diagonal.shape
    entries = [0.0] * size**2
    entries[:: size + 1] = diagonal.entries
    return Tensor((size, size), entries)


def _reduced_rank(ranks: Sequence[int], axis: int | None) -> int:
    return 0 if axis is None else ranks[0] - 1


def _shape(sizes: Arguments) -> Shape:
    return tuple(sizes)


SUM = Construction(
    name="sum",
    meaning="the sum of all entries, or along one axis",
    signature="sum(x), sum(X, axis=0)",
    build=lambda arguments, axis: total(arguments[0], axis),
    reference=lambda arguments, axis: _reduce_plain(arguments[0], axis),
    rank=_reduced_rank,
    takes_axis=True,
    latex=r"\operatorname{{sum}}({0})",
)
MEAN = Construction(
    name="mean",
    meaning="the mean of all entries, or along one axis",
    signature="mean(x), mean(X, axis=0)",
    build=_mean,
    reference=_mean_plain,
    rank=_reduced_rank,
    takes_axis=True,
    latex=r"\operatorname{{mean}}({0})",
)
DIAG = Construction(
    name="diag",
    meaning="the diagonal matrix of a vector",
    signature="diag(x)",
    build=_diag,
    reference=lambda arguments, axis: _diagonal_plain(arguments[0]),
    rank=lambda ranks, axis: 2,
    latex=r"\operatorname{{diag}}({0})",
)
DIAGPART = Construction(
    name="diagpart",
    meaning="the diagonal of a square matrix, as a vector",
    signature="diagpart(A)",
    build=lambda arguments, axis: _diagonal_of(arguments, "diagpart", (0,)),
    reference=lambda arguments, axis: _diagpart_plain(arguments[0]),
    rank=lambda ranks, axis: 1,
    latex=r"\operatorname{{diagpart}}({0})",
)
TRACE = Construction(
    name="trace",
    meaning="the sum of the diagonal of a square matrix",
    signature="trace(A)",
    build=lambda arguments, axis: _diagonal_of(arguments, "trace", ()),
    reference=lambda arguments, axis: Tensor((), [sum(_diagpart_plain(arguments[0]).entries)]),
    rank=lambda ranks, axis: 0,
    latex=r"\operatorname{{tr}}({0})",
    unicode="tr({0})",
)
OUTER = Construction(
    name="outer",
    meaning="the outer product u vᵀ of two vectors",
    signature="outer(u, v)",
    build=_outer,
    reference=lambda arguments, axis: Tensor(
        arguments[0].shape + arguments[1].shape, [a * b for a in arguments[0].entries for b in arguments[1].entries]
    ),
    arity=2,
    rank=lambda ranks, axis: 2,
    latex=r"{0} {1}^\top",
    unicode="{0} {1}ᵀ",
)
DOT = Construction(
    name="dot",
    meaning="the matrix product a @ b, for scalars the product",
    signature="dot(a, b)",
    build=_dot,
    reference=_dot_plain,
    arity=2,
    rank=lambda ranks, axis: sum(ranks) - 2 if all(ranks) else max(ranks),
    latex=r"{0} \cdot {1}",
    unicode="{0} · {1}",
)
TRANSPOSE = Construction(
    name="transpose",
    meaning="the array with all axes reversed",
    signature="transpose(A)",
    build=lambda arguments, axis: transposed(arguments[0]),
    reference=lambda arguments, axis: arguments[0].transpose(range(len(arguments[0].shape))[::-1]),
    rank=lambda ranks, axis: ranks[0],
    latex=r"{0} // {0}^\top",
    unicode="{0} // {0}ᵀ",
)
EINSUM = Construction(
    name="einsum",
    meaning="the sum of products over shared indices",
    signature='einsum("ij,jk->ik", A, B)',
    build=_einsum,
    reference=_einsum_plain,
    # The rank follows from the specification, which the ranks of the operands do not show.
    rank=lambda ranks, axis: -1,
)
EYE = Construction(
    name="eye",
    meaning="the identity matrix",
    signature="eye(n)",
    build=_eye,
    reference=_eye_plain,
    rank=lambda ranks, axis: 2,
    sizes=True,
    latex="I_{{{0}}}",
    unicode="I{0}",
)
ONES = Construction(
    name="ones",
    meaning="the array of ones",
    signature="ones(n), ones(m, n)",
    build=lambda sizes, axis: number(1, _shape(sizes)),
    reference=_filled(1.0),
    rank=lambda ranks, axis: len(ranks),
    sizes=True,
    latex=r"\mathbf{{1}}_{{{0}}}",
    unicode="1{0}",
)
ZEROS = Construction(
    name="zeros",
    meaning="the array of zeros",
    signature="zeros(n), zeros(m, n)",
    build=lambda sizes, axis: zero(_shape(sizes)),
    reference=_filled(0.0),
    rank=lambda ranks, axis: len(ranks),
    sizes=True,
    latex=r"\mathbf{{0}}_{{{0}}}",
    unicode="0{0}",
)

ROWS: tuple[Construction, ...] = (
    SUM, MEAN, DIAG, DIAGPART, TRACE, OUTER, DOT, TRANSPOSE, EINSUM, EYE, ONES, ZEROS,
)  # fmt: skip
