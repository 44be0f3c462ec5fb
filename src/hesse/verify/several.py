"""A program at several points at once: differences ask for the same value at points that lie side by side.

Operations on entries take the entries of all points in one list, products of matrices an entry at all points; every
other operation goes from point to point. The values are those of single points; from Python 3.12 on up to rounding,
since `sum`, which single points use, carries it along there.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from itertools import product, repeat
from typing import TypeAlias

from hesse.core.tensor import Tensor, broadcast_shape
from hesse.verify.arithmetic import Numbers, stretched
from hesse.verify.operations import Columns
from hesse.verify.reference import Environment, Program, Step, Value

Several: TypeAlias = "Numbers | list[Value]"
"""The values at all points: an array with the points along a first axis, or a list."""
MAX_ENTRIES = 4096
"""So many entries of a step at a time: above that nothing is gained, since the time goes into entries."""


def rerun_several(
    program: Program, values: Sequence[Value], places: Sequence[int], environments: Sequence[Environment]
) -> list[Numbers]:
    """The value of the tree at each of the points, when only the steps at `places` differ from `values`."""
    largest = max((len(values[place].entries) for place in places if isinstance(values[place], Tensor)), default=1)
    together = max(1, MAX_ENTRIES // max(1, largest))
    found: list[Numbers] = []
    for start in range(0, len(environments), together):
        found += _rerun(program, values, places, environments[start : start + together])
    return found


def _rerun(
    program: Program, values: Sequence[Value], places: Sequence[int], environments: Sequence[Environment]
) -> list[Numbers]:
    if len(environments) == 1:
        return [program.rerun(values, places, environments[0])]
    changed: dict[int, Several] = {}
    for place in places:
        changed[place] = _step(program.steps[place], values, changed, environments)
    last = len(program.steps) - 1
    return [_at(changed[last], k) if last in changed else values[last] for k in range(len(environments))]


def _step(
    step: Step, values: Sequence[Value], changed: dict[int, Several], environments: Sequence[Environment]
) -> Several:
    count = len(environments)
    if step.arguments and (step.columns or step.name == "@"):
        joined = {place: _joined(changed[place]) for place in step.arguments if place in changed}
        if None not in joined.values():
            moving = [joined.get(place) for place in step.arguments]
            fixed = [values[place] for place in step.arguments]
            if step.columns:
                return _entrywise(step.columns, moving, fixed, count)
            return _product(moving, fixed, count)
    return [
        step.compute(environment, *[_at(changed[a], k) if a in changed else values[a] for a in step.arguments])
        for k, environment in enumerate(environments)
    ]


def _entrywise(columns: Columns, moving: Sequence[Numbers | None], fixed: Sequence[Numbers], count: int) -> Numbers:
    """An operation on entries; `moving` are the arguments that differ from point to point, the others are `fixed`."""
    shape = max((argument.shape for argument in fixed), key=len)
    if any(argument.shape not in ((), shape) for argument in fixed):
        shape = broadcast_shape(*(argument.shape for argument in fixed))
    lists = [
        stretched(argument, shape) * count if many is None else _stretched(many, shape, count)
        for many, argument in zip(moving, fixed, strict=True)
    ]
    return Tensor((count, *shape), list(columns(*lists)))


def _stretched(many: Numbers, shape: tuple[int, ...], count: int) -> list[float]:
    """The entries of all points, each broadcast to the shape."""
    ones = (1,) * (len(shape) - len(many.shape) + 1)
    return stretched(Tensor((count, *ones, *many.shape[1:]), many.entries), (count, *shape))


def _product(moving: Sequence[Numbers | None], fixed: Sequence[Numbers], count: int) -> Numbers:
    """The products of matrices or vectors at all points; an entry is a sum of products, in the order of `matmul`."""
    shapes = [one.shape if many is None else many.shape[1:] for many, one in zip(moving, fixed, strict=True)]
    shape = (count, *shapes[0][:-1], *shapes[1][1:])
    inner, height, width = shapes[1][0], math.prod(shapes[0][:-1]), math.prod(shapes[1][1:])
    if moving[1] is None:
        # All rows of all points meet the same matrix.
        count, height = count * height, 1
    left, right = (
        [repeat(entry) for entry in one.entries] if many is None else [many.entries[k::size] for k in range(size)]
        for many, one, size in zip(moving, fixed, (height * inner, inner * width), strict=True)
    )
    entries = [0.0] * math.prod(shape)
    for row, column in product(range(height), range(width)):
        total: Iterable[float] = repeat(0, count)
        for a, b in zip(left[row * inner : (row + 1) * inner], right[column::width], strict=True):
            total = map(operator.add, total, map(operator.mul, a, b))
        entries[row * width + column :: height * width] = list(total)
    return Tensor(shape, entries)


def _joined(value: Several) -> Numbers | None:
    """The values along a first axis; None where they are no arrays of one shape."""
    if isinstance(value, Tensor):
        return value
    first = value[0]
    if not all(isinstance(each, Tensor) and each.shape == first.shape for each in value):
        return None
    return Tensor((len(value), *first.shape), [entry for each in value for entry in each.entries])


def _at(value: Several, point: int) -> Value:
    """The value at one of the points."""
    if isinstance(value, list):
        return value[point]
    size = math.prod(value.shape[1:])
    return Tensor(value.shape[1:], value.entries[point * size : (point + 1) * size])
