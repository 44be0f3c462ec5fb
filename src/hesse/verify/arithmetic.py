"""NumPy's operations on plain tensors, with IEEE arithmetic: a value is inf or nan, never an exception.

Shapes that do not fit raise ShapeError.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from itertools import compress

from hesse.core.deadline import paced
from hesse.core.tensor import Tensor, broadcast_shape
from hesse.errors import LimitError, ShapeError

Numbers = Tensor[float]
MAX_ENTRIES = 250_000


def divide(a: float, b: float) -> float:
    """a / b; over zero it is a signed infinity, or nan for 0/0."""
    try:
        return a / b
    except ZeroDivisionError:
        return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)


def power(a: float, b: float) -> float:
    """a ** b; nan for a negative base and a fractional exponent."""
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and b % 2 == 1 else math.inf
    except ValueError:
        # What is left of C's pow: a pole at zero, or a negative base under a fractional exponent.
        return math.nan if a else math.copysign(math.inf, a) if b % 2 == 1 else math.inf


def floor(a: float, b: float) -> float:
    """The quotient rounded down; nan over zero."""
    return a // b if b else math.nan


BINARY: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divide,
    "//": floor,
    "**": power,
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b),
    ">=": lambda a, b: float(a >= b),
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
}


def bounded(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape, when its entries are few enough for plain Python; raises LimitError otherwise."""
    if math.prod(shape) > MAX_ENTRIES:
        raise LimitError(f"an array of {math.prod(shape)} entries is too large for the plain evaluator")
    return shape


def elementwise(function: Callable[..., float], *arguments: Numbers) -> Numbers:
    """The value of `function` entry by entry, on arguments broadcast against each other."""
    return columnwise(partial(map, function), *arguments)


def columnwise(function: Callable[..., Iterable[float]], *arguments: Numbers) -> Numbers:
    """The value of a function of columns of entries, on arguments broadcast against each other."""
    shapes = {argument.shape for argument in arguments}
    if len(shapes) == 1:
        return Tensor(arguments[0].shape, list(function(*[argument.entries for argument in arguments])))
    shape = max(shapes, key=len) if len(shapes) == 2 and () in shapes else _common(arguments)
    return Tensor(shape, list(function(*[stretched(argument, shape) for argument in arguments])))


def _common(arguments: Iterable[Numbers]) -> tuple[int, ...]:
    try:
        return bounded(broadcast_shape(*(argument.shape for argument in arguments)))
    except ValueError as error:
        raise ShapeError(str(error)) from None


def stretched(tensor: Numbers, shape: tuple[int, ...]) -> list[float]:
    """The entries of a tensor broadcast to a shape that is known to allow it."""
    if tensor.shape == shape:
        return tensor.entries
    if len(tensor.entries) == 1:
        return tensor.entries * math.prod(shape)
    return tensor.broadcast(shape).entries


def guarded(reference: Callable[..., float], strict: bool) -> Callable[..., float]:
    """A function of floats that gives inf or nan where `reference` raises; with `strict`, nan from any nan."""

    def safe(*arguments: float) -> float:
        if strict and any(map(math.isnan, arguments)):
            return math.nan
        try:
            value = reference(*arguments)
        except OverflowError:
            return _overflow(reference, *arguments)
        except (ValueError, ZeroDivisionError):
            return math.nan
        return value if isinstance(value, (float, int)) else math.nan

    return safe


def of_columns(reference: Callable[..., float], strict: bool) -> Callable[..., Iterable[float]]:
    """The guarded function of columns of entries: at once where all is finite and nothing is raised."""
    safe = guarded(reference, strict)

    def columns(*lists: list[float]) -> Iterable[float]:
        try:
            values = list(map(reference, *map(paced, lists)))
            # A sum shows at once whether there is a nan, or a value that is no real number.
            if isinstance(sum(values), (float, int)) and not (strict and math.isnan(sum(map(sum, lists)))):
                return values
        except LimitError:
            raise
        except (ArithmeticError, ValueError):
            pass
        return map(safe, *map(paced, lists))

    return columns


def _overflow(reference: Callable[..., float], *arguments: float) -> float:
    """The infinity of a function that overflows: one that grows out of range keeps the sign it has at 1 or -1."""
    if len(arguments) > 1:
        return math.nan
    return math.copysign(math.inf, reference(math.copysign(1.0, arguments[0])))


def transpose(tensor: Numbers) -> Numbers:
    """The tensor with all axes reversed."""
    if len(tensor.shape) < 2:
        return tensor
    if len(tensor.shape) == 2:
        rows, columns = tensor.shape
        return Tensor((columns, rows), [entry for j in range(columns) for entry in tensor.entries[j::columns]])
    return tensor.transpose(range(len(tensor.shape))[::-1])


def matmul(left: Numbers, right: Numbers) -> Numbers:
    """The matrix product of vectors and matrices."""
    if not (0 < len(left.shape) < 3 and 0 < len(right.shape) < 3) or left.shape[-1] != right.shape[0]:
        raise ShapeError(f"the product @ of the shapes {left.shape} and {right.shape} does not exist")
    inner = right.shape[0]
    count = left.shape[0] if len(left.shape) == 2 else 1
    columns = right.shape[1] if len(right.shape) == 2 else 1
    if count * inner * columns > 4 * MAX_ENTRIES:
        raise LimitError(f"the product @ of the shapes {left.shape} and {right.shape} is too large")
    rows = [left.entries[i * inner : (i + 1) * inner] for i in range(count)]
    lines = [right.entries[j::columns] for j in range(columns)]
    entries = [sum(map(operator.mul, row, line)) for row in rows for line in lines]
    return Tensor(left.shape[:-1] + right.shape[1:], entries)


def stack(*items: Numbers) -> Numbers:
    """The items along a new first axis."""
    if not items or any(item.shape != items[0].shape for item in items):
        raise ShapeError(f"cannot stack the shapes {[item.shape for item in items]}")
    return Tensor((len(items), *items[0].shape), [entry for item in items for entry in item.entries])


def integer(tensor: Numbers) -> int:
    """The integer that a tensor of rank 0 holds."""
    if tensor.shape or tensor.item != tensor.item // 1:
        raise ShapeError("a position must be an integer")
    return int(tensor.item)


Item = Tensor[float] | slice


def index(operand: Numbers, items: Sequence[Item]) -> Numbers:
    """operand[items]: integers, slices and integer arrays, which pick entries together as in NumPy."""
    if len(items) > len(operand.shape):
        raise ShapeError(f"{len(items)} indices for an array of shape {operand.shape}")
    keys = tuple(
        (item.start, item.stop, item.step) if isinstance(item, slice) else (item.shape, tuple(item.entries))
        for item in items
    )
    few = math.prod(operand.shape) <= _KEPT and all(len(key) == 3 or len(key[1]) <= _KEPT for key in keys)
    picking = _kept_picks if few else _picks
    shape, offsets = picking(operand.shape, keys)
    entries = operand.entries
    return Tensor(shape, [entries[offset] for offset in offsets])


Key = tuple[int | None, int | None, int | None] | tuple[tuple[int, ...], tuple[float, ...]]
"""What a slice, or an array of positions, holds."""


def _picks(shape: tuple[int, ...], keys: Sequence[Key]) -> tuple[tuple[int, ...], list[int]]:
    """The shape of what is indexed, and where its entries are among those of an array of this shape."""
    items: list[Item] = [Tensor(key[0], list(key[1])) if len(key) == 2 else slice(*key) for key in keys]
    items += [slice(None)] * (len(shape) - len(items))
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(items))]
    groups: list[Numbers] = []
    picked: list[int] = []
    for axis, (item, size, stride) in enumerate(zip(items, shape, strides, strict=True)):
        if isinstance(item, slice):
            places: list[float] = [place * stride for place in range(*item.indices(size))]
            groups.append(Tensor((len(places),), places))
        else:
            groups.append(elementwise(lambda k, n=size, s=stride: _place(k, n) * s, item))
            picked.append(axis)
    return _gathered(_joined(groups, picked))


_KEPT = 256
"""Up to so many entries it is kept where an index leads: verification asks the same a hundred times."""
_kept_picks = lru_cache(maxsize=1024)(_picks)


def _joined(groups: list[Numbers], picked: list[int]) -> list[Numbers]:
    """The offsets by axis of the result: the picked axes become one, which comes first unless they are neighbours."""
    if not any(groups[axis].shape for axis in picked):
        return groups
    together = elementwise(lambda *offsets: sum(offsets), *(groups[axis] for axis in picked))
    neighbours = picked[-1] - picked[0] == len(picked) - 1
    first = picked[0] if neighbours else 0
    kept = [axis not in picked for axis in range(len(groups))]
    return [*compress(groups[:first], kept), together, *compress(groups[first:], kept[first:])]


def _gathered(groups: Sequence[Numbers]) -> tuple[tuple[int, ...], list[int]]:
    offsets = [0]
    for group in groups:
        offsets = [offset + int(step) for offset in offsets for step in group.entries]
    return bounded(tuple(size for group in groups for size in group.shape)), offsets


def _place(position: float, size: int) -> int:
    if position != position // 1 or not -size <= position < size:
        raise ShapeError(f"position {position:g} is outside an axis of size {size}")
    return int(position) % size


def lanes(tensor: Numbers, axis: int | None) -> tuple[int | None, list[list[float]]]:
    """The axis counted from the front, and the entries along it for each position of the other axes; all for None."""
    if axis is None:
        return None, [tensor.entries]
    if not -len(tensor.shape) <= axis < len(tensor.shape):
        raise ShapeError(f"axis {axis} does not exist in the shape {tensor.shape}")
    axis %= len(tensor.shape)
    size, stride = tensor.shape[axis], math.prod(tensor.shape[axis + 1 :])
    starts = [block * size * stride + k for block in range(math.prod(tensor.shape[:axis])) for k in range(stride)]
    return axis, [tensor.entries[start : start + size * stride : stride] for start in starts]


def reduce(function: Callable[[list[float]], float], tensor: Numbers, axis: int | None) -> Numbers:
    """The tensor with one axis (or all) replaced by the value of `function` of the entries along it."""
    axis, lists = lanes(tensor, axis)
    shape = () if axis is None else tensor.shape[:axis] + tensor.shape[axis + 1 :]
    return Tensor(shape, [function(entries) for entries in lists])


def along(function: Callable[[list[float]], Sequence[float]], tensor: Numbers, axis: int | None) -> Numbers:
    """The tensor of the same shape whose entries along one axis (or all) are `function` of the entries there."""
    axis, lists = lanes(tensor, axis)
    results = [function(entries) for entries in lists]
    if axis is None:
        return Tensor(tensor.shape, list(results[0]))
    stride = math.prod(tensor.shape[axis + 1 :])
    blocks = [results[k : k + stride] for k in range(0, len(results), stride)] if stride else []
    return Tensor(tensor.shape, [entry for block in blocks for row in zip(*block, strict=True) for entry in row])


def rounded(value: Fraction) -> float:
    """The nearest float; an infinity beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
