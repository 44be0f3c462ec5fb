"""The functions that rearrange entries: reshape, vec, kron, concat, stack, flip, roll."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hesse.core.build import normal_axis, shape_text, stack
from hesse.core.function import Construction
from hesse.core.nodes import Node
from hesse.core.rearrange import concat, flip, kron, reshape, roll, vec
from hesse.core.sizes import Size, product, quotient
from hesse.core.tensor import Tensor
from hesse.errors import ShapeError

Arguments = Sequence[Any]
Plain = Sequence[Tensor[float]]
Position = tuple[int, ...]


def _reshape(arguments: Arguments, axis: int | None) -> Node:
    node, *sizes = arguments
    if not sizes:
        raise ShapeError("reshape takes at least one size: reshape(x, (m, n))")
    return reshape(node, _completed(node, sizes))


def _completed(node: Node, sizes: Sequence[Size]) -> tuple[Size, ...]:
    """The sizes, with the one written as -1 such that the entries fit."""
    open_places = [k for k, size in enumerate(sizes) if size.as_int() == -1]
    if len(open_places) > 1:
        raise ShapeError("reshape leaves at most one size open by -1")
    for size in sizes:
        if size.as_int() != -1 and size.sign() in (0, -1):
            raise ShapeError(f"a size must be at least 1, this is {size}")
    found = list(sizes)
    for place in open_places:
        given = product(tuple(size for k, size in enumerate(sizes) if k != place))
        rest = quotient(product(node.shape), given)
        if rest is None:
            raise ShapeError(
                f"-1 stands for {product(node.shape)} divided by {given}, which is not a size for certain",
                hint="write the size out",
            )
        found[place] = rest
    return tuple(found)


def _reshape_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    tensor, *sizes = arguments
    shape = [int(size.item) for size in sizes]
    if shape.count(-1) == 1:
        given = -math.prod(shape)
        if given <= 0 or len(tensor.entries) % given:
            raise ShapeError(f"{len(tensor.entries)} entries do not fit into {tuple(shape)}")
        shape[shape.index(-1)] = len(tensor.entries) // given
    if min(shape) < 0 or math.prod(shape) != len(tensor.entries):
        raise ShapeError(f"{len(tensor.entries)} entries do not fit into {tuple(shape)}")
    return Tensor(tuple(shape), list(tensor.entries))


def _vec(arguments: Arguments, axis: int | None) -> Node:
    (node,) = arguments
    if not 1 <= node.rank <= 2:
        raise ShapeError(f"vec takes a matrix, the argument is {shape_text(node.shape)}")
    return vec(node)


def _vec_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    (tensor,) = arguments
    if len(tensor.shape) == 1:
        return tensor
    rows, columns = tensor.shape
    return Tensor((rows * columns,), [tensor[(i, j)] for j in range(columns) for i in range(rows)])


def _kron(arguments: Arguments, axis: int | None) -> Node:
    left, right = arguments
    if left.rank != right.rank or not 1 <= left.rank <= 2:
        raise ShapeError(
            f"kron takes two matrices or two vectors, these are {shape_text(left.shape)} and {shape_text(right.shape)}",
            hint="use `*` for a product with a scalar",
        )
    return kron(left, right)


def _kron_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    """Block (i, j) of the result is left[i, j] times the right side."""
    left, right = arguments
    if len(left.shape) != len(right.shape):
        raise ShapeError("kron takes arrays of one rank")
    shape = tuple(a * b for a, b in zip(left.shape, right.shape, strict=True))

    def entry(place: Position) -> float:
        blocks = tuple(k // size for k, size in zip(place, right.shape, strict=True))
        inside = tuple(k % size for k, size in zip(place, right.shape, strict=True))
        return left[blocks] * right[inside]

    return Tensor.build(shape, entry)


def _at_least_two(arguments: Arguments, name: str) -> None:
    if len(arguments) < 2:
        raise ShapeError(f"{name} takes two arrays or more, as in {name}(a, b)")


def _axis_of(node: Node, axis: int | None, extra: int = 0) -> int:
    """The axis counted from the front; the first one if none is given. Raises ShapeError when there is none such."""
    rank = node.rank + extra
    place = 0 if axis is None else axis
    if not -rank <= place < rank:
        raise ShapeError(f"axis {place} does not exist: the arrays are {shape_text(node.shape)}")
    return place % rank


def _concat(arguments: Arguments, axis: int | None) -> Node:
    _at_least_two(arguments, "concat")
    for node in arguments:
        if not node.rank:
            raise ShapeError(
                "concat joins vectors and matrices, one of these is a scalar",
                hint="write a scalar in brackets, as in concat(x, [c]), or [a, b] for the vector of two scalars",
            )
    return concat(arguments, _axis_of(arguments[0], axis))


def _concat_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    first = arguments[0].shape
    place = (axis or 0) % len(first)
    rest = [tensor.shape[:place] + tensor.shape[place + 1 :] for tensor in arguments]
    if any(each != rest[0] for each in rest):
        raise ShapeError("concat takes arrays that agree in all other axes")
    owners = [(tensor, k) for tensor in arguments for k in range(tensor.shape[place])]

    def entry(position: Position) -> float:
        tensor, k = owners[position[place]]
        return tensor[(*position[:place], k, *position[place + 1 :])]

    return Tensor.build((*first[:place], len(owners), *first[place + 1 :]), entry)


def _stack(arguments: Arguments, axis: int | None) -> Node:
    _at_least_two(arguments, "stack")
    return stack(arguments, _axis_of(arguments[0], axis, 1))


def _stack_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    first = arguments[0].shape
    if any(tensor.shape != first for tensor in arguments):
        raise ShapeError("stack takes arrays of one shape")
    place = (axis or 0) % (len(first) + 1)
    shape = (*first[:place], len(arguments), *first[place:])
    return Tensor.build(shape, lambda p: arguments[p[place]][(*p[:place], *p[place + 1 :])])


def _needs_axis(node: Node, name: str) -> None:
    if not node.rank:
        raise ShapeError(f"{name} takes a vector or a matrix, the argument is a scalar")


def _flip(arguments: Arguments, axis: int | None) -> Node:
    (node,) = arguments
    _needs_axis(node, "flip")
    return flip(node, range(node.rank) if axis is None else [_axis_of(node, axis)])


def _flip_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    (tensor,) = arguments
    rank = len(tensor.shape)
    turned = range(rank) if axis is None else [axis % rank]
    return Tensor.build(
        tensor.shape, lambda p: tensor[tuple(tensor.shape[k] - 1 - p[k] if k in turned else p[k] for k in range(rank))]
    )


def _roll(arguments: Arguments, axis: int | None) -> Node:
    node, shift = arguments
    _needs_axis(node, "roll")
    if axis is None and node.rank > 1:
        # NumPy rolls all entries in C order, across the ends of rows.
        flat = reshape(node, (product(node.shape),))
        return reshape(roll(flat, shift, 0), node.shape)
    return roll(node, shift, normal_axis(axis, node) or 0)


def _roll_plain(arguments: Plain, axis: int | None) -> Tensor[float]:
    tensor, number = arguments
    shift = int(number.item)
    if axis is None:
        count = len(tensor.entries)
        return Tensor(tensor.shape, [tensor.entries[(k - shift) % count] for k in range(count)])
    place = axis % len(tensor.shape)
    size = tensor.shape[place]
    return Tensor.build(tensor.shape, lambda p: tensor[(*p[:place], (p[place] - shift) % size, *p[place + 1 :])])


def _new_rank(ranks: Sequence[int], axis: int | None) -> int:
    """The rank that a shape has, written as one tuple or as sizes."""
    return ranks[1] or len(ranks) - 1


RESHAPE = Construction(
    name="reshape",
    meaning="the entries in C order (rows first) in another shape; -1 stands for the size that fits",
    signature="reshape(X, (n, m)), reshape(X, m*n)",
    build=_reshape,
    reference=_reshape_plain,
    rank=_new_rank,
    extra="shape",
)
VEC = Construction(
    name="vec",
    meaning="the columns of a matrix one below the other",
    signature="vec(X)",
    build=_vec,
    reference=_vec_plain,
    rank=lambda ranks, axis: 1,
    latex=r"\operatorname{{vec}}({0})",
)
KRON = Construction(
    name="kron",
    meaning="the Kronecker product of two matrices or two vectors",
    signature="kron(A, B)",
    build=_kron,
    reference=_kron_plain,
    rank=lambda ranks, axis: max(ranks),
    arity=2,
)
CONCAT = Construction(
    name="concat",
    meaning="vectors end to end, matrices side by side along an axis (the first, if none is given)",
    signature="concat(x, y), concat(A, B, axis=1)",
    build=_concat,
    reference=_concat_plain,
    rank=lambda ranks, axis: ranks[0],
    arity=None,
    takes_axis=True,
)
STACK = Construction(
    name="stack",
    meaning="arrays of one shape along a new axis (the first, if none is given)",
    signature="stack(x, y), stack(x, y, axis=1)",
    build=_stack,
    reference=_stack_plain,
    rank=lambda ranks, axis: ranks[0] + 1,
    arity=None,
    takes_axis=True,
)
FLIP = Construction(
    name="flip",
    meaning="the entries in reverse order along all axes, or along one",
    signature="flip(x), flip(X, axis=0)",
    build=_flip,
    reference=_flip_plain,
    rank=lambda ranks, axis: ranks[0],
    takes_axis=True,
)
ROLL = Construction(
    name="roll",
    meaning="the entries moved k places on, those at the end to the front; without `axis` all of them in C order",
    signature="roll(x, 1), roll(X, -2, axis=0)",
    build=_roll,
    reference=_roll_plain,
    rank=lambda ranks, axis: ranks[0],
    extra="shift",
    takes_axis=True,
)

ROWS: tuple[Construction, ...] = (RESHAPE, VEC, KRON, CONCAT, STACK, FLIP, ROLL)
