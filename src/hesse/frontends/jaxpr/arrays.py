"""Primitives that move, join, select and sum entries."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hesse.core.sizes import ONE, ZERO, Size
from hesse.core.syntax import Binary, Call, Index, Slice, Syntax, number
from hesse.errors import TraceError
from hesse.frontends.jaxpr.reader import Reader, reads
from hesse.frontends.jaxpr.sizes import shape_of, size_of_dimension
from hesse.frontends.jaxpr.values import Integers, Known, NonFinite, Real, Value, is_zero
from hesse.frontends.python.operations import expanded, joined, named, reduced, squeezed, stacked, transposed
from hesse.frontends.python.shaping import reshaped
from hesse.notation.trees import size_tree

_WHOLE = Slice(None, None, None)
Window = tuple[Size, Size, int]
"""Start, length and stride along an axis."""


@reads("broadcast_in_dim")
def _broadcast_in_dim(reader: Reader, equation: Any, value: Value, *dynamic: Value) -> Value:
    shape = shape_of(equation.outvars[0].aval.shape)
    places = [int(each) for each in equation.params["broadcast_dimensions"]]
    match value:
        case Integers(offset=offset, strides=strides):
            own = dict(zip(places, zip(strides, value.shape, strict=True), strict=True))
            spread = (own.get(axis, (ZERO, ONE)) for axis in range(len(shape)))
            return Integers(shape, offset, tuple(ZERO if size == ONE else stride for stride, size in spread))
        case Known(truth=truth):
            return Known(truth, shape)
        case NonFinite(value=number_):
            return NonFinite(number_, shape)
    tree = reader.real(value).tree
    rank = reader.trace.rank(tree)
    if rank < len(places):
        tree, rank = (tree, 0) if rank == 0 else (reader.whole(value), len(places))
    if rank and places != list(range(len(shape) - rank, len(shape))):
        # NumPy fills in axes at the front only.
        for axis in range(places[0], len(shape)):
            if axis not in places:
                tree = expanded(reader.trace, tree, axis - places[0])
    return Real(tree, shape)


@reads("reshape")
def _reshape(reader: Reader, equation: Any, value: Value, *dynamic: Value) -> Value:
    shape = shape_of(equation.outvars[0].aval.shape)
    if isinstance(value, Integers):
        strides = iter(stride for stride, size in zip(value.strides, value.shape, strict=True) if size != ONE)
        if [size for size in value.shape if size != ONE] != [size for size in shape if size != ONE]:
            raise TraceError("positions in another shape")
        return Integers(shape, value.offset, tuple(ZERO if size == ONE else next(strides) for size in shape))
    return Real(reshaped(reader.trace, reader.whole(value), shape), shape)


@reads("squeeze")
def _squeeze(reader: Reader, equation: Any, value: Value) -> Value:
    dimensions = [int(each) for each in equation.params["dimensions"]]
    if isinstance(value, Integers):
        kept = [axis for axis in range(len(value.shape)) if axis not in dimensions]
        shape = tuple(value.shape[axis] for axis in kept)
        return Integers(shape, value.offset, tuple(value.strides[axis] for axis in kept))
    shape = shape_of(equation.outvars[0].aval.shape)
    return Real(picked(reader, reader.whole(value), dimensions), shape)


def picked(reader: Reader, tree: Syntax, axes: list[int]) -> Syntax:
    """The array without axes of size one; a window of one entry becomes the entry: x[2:3] without its axis is x[2]."""
    if not isinstance(tree, Index) or not all(isinstance(item, Slice) and item.step is None for item in tree.items):
        return squeezed(reader.trace, tree, axes)
    items: list[Syntax | Slice] = [*tree.items, *[_WHOLE] * (max(axes, default=-1) + 1 - len(tree.items))]
    for axis in axes:
        item = items[axis]
        start = item.start if isinstance(item, Slice) else None
        items[axis] = number(0) if start is None else start
    while items and items[-1] is _WHOLE:
        items.pop()
    return reader.trace.add(Index(tree.operand, tuple(items)))


@reads("transpose")
def _transpose(reader: Reader, equation: Any, value: Value) -> Value:
    order = [int(each) for each in equation.params["permutation"]]
    if isinstance(value, Integers):
        return Integers(tuple(value.shape[k] for k in order), value.offset, tuple(value.strides[k] for k in order))
    shape = tuple(value.shape[k] for k in order)
    return Real(transposed(reader.trace, reader.whole(value), order), shape)


@reads("rev")
def _rev(reader: Reader, equation: Any, value: Value) -> Value:
    dimensions = [int(each) for each in equation.params["dimensions"]]
    if isinstance(value, Integers):
        offset, strides = value.offset, list(value.strides)
        for axis in dimensions:
            offset = offset + strides[axis] * (value.shape[axis] - ONE)
            strides[axis] = strides[axis] * -1
        return Integers(value.shape, offset, tuple(strides))
    turned = Slice(None, None, number(-1))
    items = tuple(turned if axis in dimensions else _WHOLE for axis in range(max(dimensions) + 1))
    return Real(reader.trace.add(Index(reader.whole(value), items)), value.shape)


@reads("slice")
def _slice(reader: Reader, equation: Any, value: Value) -> Value:
    parameters = equation.params
    strides = parameters["strides"] or (1,) * len(value.shape)
    bounds = zip(parameters["start_indices"], parameters["limit_indices"], strides, strict=True)
    windows = []
    for start, limit, stride in bounds:
        first, step = size_of_dimension(start), int(stride)
        windows.append((first, (size_of_dimension(limit) - first + (step - 1)) // step, step))
    return Real(window(reader, reader.whole(value), windows), shape_of(equation.outvars[0].aval.shape))


def window(reader: Reader, tree: Syntax, windows: list[Window]) -> Syntax:
    """The entries at start, start + stride, ... of each axis."""
    items: list[Slice] = []
    for (start, length, stride), size in zip(windows, reader.trace.shape(tree), strict=True):
        whole = start == ZERO and length == size and stride == 1
        items.append(_WHOLE if whole else _sliced(start, length, stride, size))
    while items and items[-1] is _WHOLE:
        items.pop()
    return reader.trace.add(Index(tree, tuple(items))) if items else tree


def _sliced(start: Size, length: Size, stride: int, size: Size) -> Slice:
    """The window as a person writes it, counted from the end where it stops near the end."""
    end = start + (length - ONE) * stride + ONE
    rest = (size - end).as_int()
    stop: Syntax | None = size_tree(end)
    if rest is not None and 0 <= rest < stride:
        stop = None
    elif rest is not None and end.as_int() is None:
        stop = number(-rest)
    return Slice(None if start == ZERO else size_tree(start), stop, None if stride == 1 else number(stride))


@reads("dynamic_slice")
def _dynamic_slice(reader: Reader, equation: Any, value: Value, *starts: Value) -> Value:
    lengths = shape_of(equation.params["slice_sizes"])
    windows: list[Window] = []
    for start, length, size in zip(starts, lengths, value.shape, strict=True):
        if not isinstance(start, Integers):
            raise TraceError("a position that depends on values", hint="declare an index array: `idx:p:index(n)`")
        # JAX moves a window that reaches beyond the end; a whole axis starts at its start.
        windows.append((ZERO if length == size else start.offset, length, 1))
    return Real(window(reader, reader.whole(value), windows), lengths)


@reads("gather")
def _gather(reader: Reader, equation: Any, value: Value, indices: Value, *rest: Value) -> Value:
    parameters = equation.params
    numbers, lengths = parameters["dimension_numbers"], shape_of(parameters["slice_sizes"])
    mapped = [int(each) for each in numbers.start_index_map]
    collapsed = [int(each) for each in numbers.collapsed_slice_dims]
    shape = shape_of(equation.outvars[0].aval.shape)
    tree = reader.whole(value)
    if isinstance(indices, Integers) and all(stride == ZERO for stride in indices.strides[:-1]):
        step = indices.strides[-1]
        starts = {axis: indices.offset + step * place for place, axis in enumerate(mapped)}
        windows: list[Window] = [(starts.get(axis, ZERO), length, 1) for axis, length in enumerate(lengths)]
        if len(indices.shape) == 1:
            return Real(picked(reader, window(reader, tree, windows), collapsed), shape)
    single = mapped == collapsed and len(mapped) == 1 and len(indices.shape) == 2
    offsets = [int(each) for each in numbers.offset_dims]
    if not single or [axis for axis in range(len(shape)) if axis not in offsets] != [mapped[0]]:
        raise TraceError("an index of this kind", hint="index one axis at a time by an array of positions")
    axis = mapped[0]
    if isinstance(indices, Integers):
        return Real(_strided(reader, tree, axis, indices), shape)
    found = squeezed(reader.trace, reader.whole(indices), [1])
    index = reader.index_of(indices)
    if index is None:
        raise TraceError(f"an index that depends on values: {found}", hint="declare an index array: `idx:p:index(n)`")
    return Real(reader.trace.add(Index(tree, (*[_WHOLE] * axis, index))), shape)


def _strided(reader: Reader, tree: Syntax, axis: int, indices: Integers) -> Syntax:
    """The entries at offset + stride * k of an axis."""
    stride, length = indices.strides[0].as_int(), indices.shape[0]
    if not stride:
        raise TraceError("an index with a step of symbolic size")
    first = indices.offset if stride > 0 else indices.offset + (length - ONE) * stride
    windows: list[Window] = [(ZERO, size, 1) for size in reader.trace.shape(tree)]
    windows[axis] = (first, length, abs(stride))
    tree = window(reader, tree, windows)
    if stride > 0:
        return tree
    return reader.trace.add(Index(tree, (*[_WHOLE] * axis, Slice(None, None, number(-1)))))


@reads("concatenate")
def _concatenate(reader: Reader, equation: Any, *values: Value) -> Value:
    axis = int(equation.params["dimension"])
    if found := _positions(values):
        return found
    trees = [reader.whole(value) for value in values]
    shape = shape_of(equation.outvars[0].aval.shape)
    if all(value.shape[axis] == ONE for value in values):
        return Real(stacked(reader.trace, [squeezed(reader.trace, tree, [axis]) for tree in trees], axis), shape)
    return Real(joined(reader.trace, trees, axis), shape)


def _positions(values: tuple[Value, ...]) -> Integers | None:
    """Single positions side by side, where they go on by equal steps; two always do."""
    known = [value for value in values if isinstance(value, Integers) and value.shape == (ONE,)]
    if len(known) < max(len(values), 2):
        return None
    step = known[1].offset - known[0].offset
    if any(after.offset - before.offset != step for before, after in pairwise(known)):
        return None
    return Integers((Size.of(len(known)),), known[0].offset, (step,))


@reads("stack")
def _stack(reader: Reader, equation: Any, *values: Value) -> Value:
    trees = [reader.whole(value) for value in values]
    shape = shape_of(equation.outvars[0].aval.shape)
    return Real(stacked(reader.trace, trees, int(equation.params["axis"])), shape)


@reads("pad")
def _pad(reader: Reader, equation: Any, value: Value, filling: Value) -> Value:
    if any(str(part) != "0" for config in equation.params["padding_config"] for part in config):
        raise TraceError("padding is not in the vocabulary", hint="join with `jnp.concatenate`")
    return value


@reads("iota")
def _iota(reader: Reader, equation: Any, *dynamic: Value) -> Value:
    shape = shape_of(equation.outvars[0].aval.shape)
    place = int(equation.params["dimension"])
    return Integers(shape, ZERO, tuple(ONE if axis == place else ZERO for axis in range(len(shape))))


@reads("dim_as_value")
def _dim_as_value(reader: Reader, equation: Any) -> Value:
    return Integers.scalar(size_of_dimension(equation.params["dim"]))


@reads("reduce_sum", "reduce_prod", "reduce_max", "reduce_min")
def _reduce(reader: Reader, equation: Any, value: Value) -> Value:
    function = equation.primitive.name.removeprefix("reduce_")
    axes = tuple(int(each) for each in equation.params["axes"])
    shape = shape_of(equation.outvars[0].aval.shape)
    if not axes:
        return value
    if function == "sum" and is_zero(value):
        return Real(number(0), shape)
    tree = reader.whole(value)
    match tree:
        case Binary("*", Call("eye"), matrix) if function == "sum":
            return Real(named(reader.trace, "trace" if len(axes) == 2 else "diagpart", matrix), shape)
    return Real(reduced(reader.trace, function, tree, axes), shape)


@reads("cumsum")
def _cumsum(reader: Reader, equation: Any, value: Value) -> Value:
    axis = int(equation.params["axis"])
    tree = reader.whole(value)
    turned = (*[_WHOLE] * axis, Slice(None, None, number(-1)))
    if equation.params["reverse"]:
        tree = reader.trace.add(Index(tree, turned))
    tree = named(reader.trace, "cumsum", tree, axis=None if len(value.shape) == 1 else axis)
    if equation.params["reverse"]:
        tree = reader.trace.add(Index(tree, turned))
    return Real(tree, value.shape)
