"""Joining, reshaping and reordering arrays, with NumPy's signatures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hesse.core.sizes import ONE, Size, product
from hesse.core.syntax import Stack, Syntax, Tuple
from hesse.frontends.python.operations import axis_of, expanded, joined, named, squeezed, stacked, transposed
from hesse.frontends.python.registry import handles
from hesse.frontends.python.trace import Trace
from hesse.frontends.python.values import size_of_value, tree_of
from hesse.notation.trees import size_tree


@handles("stack")
def _stack(trace: Trace, arrays: Sequence[Any], axis: int = 0) -> Syntax:
    return stacked(trace, _list(trace, arrays), axis)


@handles("vstack", "row_stack")
def _vstack(trace: Trace, tup: Sequence[Any]) -> Syntax:
    trees = _list(trace, tup)
    if all(trace.rank(tree) <= 1 for tree in trees):
        return stacked(trace, [tree if trace.rank(tree) else trace.add(Stack((tree,))) for tree in trees])
    return joined(trace, [_at_least(trace, tree, 2) for tree in trees])


@handles("hstack")
def _hstack(trace: Trace, tup: Sequence[Any]) -> Syntax:
    trees = _list(trace, tup)
    if not any(map(trace.rank, trees)):
        return stacked(trace, trees)
    trees = [_at_least(trace, tree, 1) for tree in trees]
    return joined(trace, trees, 0 if trace.rank(trees[0]) == 1 else 1)


@handles("column_stack")
def _column_stack(trace: Trace, tup: Sequence[Any]) -> Syntax:
    trees = _list(trace, tup)
    if all(trace.rank(tree) == 1 for tree in trees):
        return stacked(trace, trees, 1)
    return joined(trace, [expanded(trace, tree, 1) if trace.rank(tree) == 1 else tree for tree in trees], 1)


@handles("concatenate", "concat")
def _concatenate(trace: Trace, arrays: Sequence[Any], axis: int | None = 0) -> Syntax:
    trees = _list(trace, arrays)
    if axis is None:
        return joined(trace, [flat(trace, tree) for tree in trees])
    return joined(trace, trees, axis)


def _list(trace: Trace, arrays: Any) -> list[Syntax]:
    if not isinstance(arrays, (list, tuple)) and not hasattr(arrays, "__iter__"):
        raise trace.refuse("a list of arrays is needed here")
    return [tree_of(trace, each) for each in arrays]


def _at_least(trace: Trace, tree: Syntax, rank: int) -> Syntax:
    while trace.rank(tree) < rank:
        tree = expanded(trace, tree, 0)
    return tree


@handles("transpose", "permute_dims")
def _transpose(trace: Trace, a: Any, axes: Sequence[int] | None = None) -> Syntax:
    return transposed(trace, tree_of(trace, a), axes)


@handles("linalg.matrix_transpose", "matrix_transpose")
def _matrix_transpose(trace: Trace, x: Any) -> Syntax:
    order = list(range(trace.rank(tree_of(trace, x))))
    return transposed(trace, tree_of(trace, x), [*order[:-2], *order[:-3:-1]])


@handles("swapaxes")
def _swapaxes(trace: Trace, a: Any, axis1: int, axis2: int) -> Syntax:
    tree = tree_of(trace, a)
    rank = trace.rank(tree)
    order = list(range(rank))
    one, two = axis_of(trace, axis1, rank), axis_of(trace, axis2, rank)
    order[one], order[two] = order[two], order[one]
    return transposed(trace, tree, order)


@handles("moveaxis")
def _moveaxis(trace: Trace, a: Any, source: int, destination: int) -> Syntax:
    tree = tree_of(trace, a)
    rank = trace.rank(tree)
    start, end = axis_of(trace, source, rank), axis_of(trace, destination, rank)
    order = [axis for axis in range(rank) if axis != start]
    order.insert(end, start)
    return transposed(trace, tree, order)


@handles("reshape")
def _reshape(trace: Trace, a: Any, shape: Any, order: str = "C") -> Syntax:
    tree = tree_of(trace, a)
    _refuse_order(trace, order)
    items = list(shape) if isinstance(shape, (tuple, list)) else [shape]
    sizes = [size_of_value(item) for item in items]
    count = product(trace.shape(tree))
    known = [size for size in sizes if size is not None and size.as_int() != -1]
    if None in sizes or len(known) < len(sizes) - 1:
        raise trace.refuse("a shape is a tuple of sizes, with one -1 at most")
    if len(known) < len(sizes):
        sizes = [_quotient(trace, count, product(tuple(known))) if size not in known else size for size in sizes]
    return reshaped(trace, tree, tuple(size for size in sizes if size is not None))


def reshaped(trace: Trace, tree: Syntax, shape: tuple[Size, ...]) -> Syntax:
    """The entries in C order in another shape; axes of size one come and go without `reshape`."""
    old = trace.shape(tree)
    if old == shape:
        return tree
    if tuple(size for size in old if size != ONE) == tuple(size for size in shape if size != ONE):
        tree = squeezed(trace, tree)
        for axis, size in enumerate(shape):
            if size == ONE:
                tree = expanded(trace, tree, axis)
        return tree
    return named(trace, "reshape", tree, Tuple(tuple(map(size_tree, shape))))


def _quotient(trace: Trace, count: Size, known: Size) -> Size:
    """The size that makes the product right: of polynomials with one term each, or of equal ones."""
    for candidate in (ONE, count):
        if candidate * known == count:
            return candidate
    if len(count.terms) == len(known.terms) == 1:
        (above, c), (below, d) = count.terms[0], known.terms[0]
        powers = dict(above)
        for atom, power in below:
            powers[atom] = powers.get(atom, 0) - power
        if c % d == 0 and all(power >= 0 for power in powers.values()):
            left = Size.collect({tuple((atom, power) for atom, power in powers.items() if power): c // d})
            if left * known == count:
                return left
    raise trace.refuse(f"-1 does not say which size makes {count} entries of {known}", "write the sizes out")


def _refuse_order(trace: Trace, order: str) -> None:
    if order != "C":
        raise trace.refuse(f"the order {order!r} is not read", "transpose first: `x.T.ravel()` for column order")


@handles("ravel")
def _ravel(trace: Trace, a: Any, order: str = "C") -> Syntax:
    tree = tree_of(trace, a)
    if order == "F":
        tree = transposed(trace, tree)
    else:
        _refuse_order(trace, order)
    return flat(trace, tree)


def flat(trace: Trace, tree: Syntax) -> Syntax:
    """The entries in C order as a vector."""
    return reshaped(trace, tree, (product(trace.shape(tree)),))


@handles("squeeze")
def _squeeze(trace: Trace, a: Any, axis: Any = None) -> Syntax:
    tree = tree_of(trace, a)
    axes = None if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return squeezed(trace, tree, None if axes is None else [axis_of(trace, each, trace.rank(tree)) for each in axes])


@handles("expand_dims")
def _expand_dims(trace: Trace, a: Any, axis: Any) -> Syntax:
    tree = tree_of(trace, a)
    axes = axis if isinstance(axis, tuple) else (axis,)
    rank = trace.rank(tree) + len(axes)
    for each in sorted(axis_of(trace, each, rank) for each in axes):
        tree = expanded(trace, tree, each)
    return tree


@handles("atleast_1d")
def _atleast_1d(trace: Trace, a: Any) -> Syntax:
    return _at_least(trace, tree_of(trace, a), 1)


@handles("atleast_2d")
def _atleast_2d(trace: Trace, a: Any) -> Syntax:
    return _at_least(trace, tree_of(trace, a), 2)
