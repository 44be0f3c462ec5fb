"""How large the values of the steps of a program are, and how far jittered ones lie apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from hesse.core.tensor import Tensor
from hesse.verify.operations import Value


def extremes(values: Sequence[Value]) -> tuple[float, float]:
    """The smallest size of an entry among the values of steps that is not zero, and the largest one that is finite:
    what rounding is relative to. 1 and 0 where there is none."""
    found = [abs(entry) for value in values if isinstance(value, Tensor) for entry in value.entries]
    sizes = [size for size in found if 0 < size < math.inf]
    return (min(sizes), max(sizes)) if sizes else (1.0, 0.0)


def overflows(values: Sequence[Value]) -> bool:
    """Whether an entry among the values of steps is infinite."""
    return any(math.inf in map(abs, value.entries) for value in values if isinstance(value, Tensor))


def largest(values: Sequence[Value]) -> float:
    """The largest finite size of an entry among the values of steps."""
    return extremes(values)[1]


def smallest(values: Sequence[Value]) -> float:
    """The smallest size of an entry among the values of steps that is not zero."""
    return extremes(values)[0]


def deviation(runs: Iterable[float], exact: float) -> float:
    """How far the runs of a jittered program are from the exact value; infinite where one has no value."""
    return max(abs(run - exact) if math.isfinite(run) else math.inf for run in runs)
