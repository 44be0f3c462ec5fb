"""A program at several points at once: differences ask for the same value at points that lie side by side.

Operations on entries take the entries of all points in one list, products of matrices the rows of all points; every
other operation goes from point to point. The values are the same to the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from hesse.core.tensor import Tensor, broadcast_shape
from hesse.verify.arithmetic import Numbers, matmul, stretched, transpose
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
            product = _product(moving[0], moving[1], fixed[0], fixed[1])
            if product is not None:
                return product
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


def _product(left: Numbers | None, right: Numbers | None, fixed_left: Numbers, fixed_right: Numbers) -> Numbers | None:
    """The products of all points as one product of matrices; None where they are none."""
    if left is not None and right is None:
        rows = Tensor((math.prod(left.shape[:-1]), left.shape[-1]), left.entries)
        return Tensor((*left.shape[:-1], *fixed_right.shape[1:]), matmul(rows, fixed_right).entries)
    if right is not None and left is None and len(right.shape) == 2:
        return matmul(right, transpose(fixed_left))
    return None


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
