"""The true derivatives as far as they can be known from values: entry by entry, each with a bound on its error."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

import numpy as np

from hesse.checking.code.calls import Calls
from hesse.checking.code.libraries import DOUBLE
from hesse.checking.code.noise import noise
from hesse.checking.code.precision import WIDE, working_spacing
from hesse.checking.code.slopes import RATIO, SAFETY, Slopes, slopes

QUICK = range(2, 7)
Reach: TypeAlias = Literal["quick", "full", "close"]
"""Which steps are taken: a few of them, all, or the smallest ones, beside the end of a domain."""
OFFSETS = (0.77, 0.55)
"""Steps are no powers of 2: a function may have that very period."""
CLOSEST = 1e-8
NEAR = (1e-5, -1e-5)
"""How far apart, relative to the scale, close points are."""
AROUND = 0.05
"""So far from the point, relative to the scale, the size of the values tells of that at the point."""


@dataclass(frozen=True)
class Known:
    """What is known of each entry of the Jacobian, with axes (output, input), both flattened."""

    value: Any
    error: Any
    low: Any
    high: Any
    onesided_error: Any
    kink: Any
    unbounded: Any

    @classmethod
    def unknown(cls, outputs: int, inputs: int) -> Known:
        """Nothing yet."""
        shape = (outputs, inputs)
        value, low, high = (np.full(shape, np.nan) for _ in range(3))
        error, onesided = (np.full(shape, np.inf) for _ in range(2))
        return cls(value, error, low, high, onesided, np.zeros(shape, bool), np.zeros(shape, bool))

    def put(self, column: int, found: Slopes) -> None:
        """Write what is known of the derivatives by one input."""
        for name in ("value", "error", "low", "high", "onesided_error", "kink", "unbounded"):
            getattr(self, name)[:, column] = getattr(found, name)


class Values:
    """The values of the function around the point, with their noise, and the largest that was seen."""

    def __init__(self, calls: Calls, function: Callable[..., Any], start: Any, seed: int) -> None:
        self._calls = calls
        self._function = function
        self.start = start
        self.random = np.random.default_rng(seed)
        self.scales = _scales(calls)
        self.failed: Exception | None = None
        self.begin = calls.start
        self.precision = max(calls.precision, _rounding(start.dtype))
        self.flat = start.astype(DOUBLE).ravel()
        # Of values that are all 0 as well something is known: that they are smaller than any number.
        self.largest = float(np.max(np.abs(self.flat), initial=np.finfo(DOUBLE).tiny))
        count = self.scales.size
        # In proportion to the entries, so that the line ends no domain: the square root of 1e-12 beside numbers around
        # 1. No two entries may cancel each other: the values would not move along the line, and show no noise.
        self.sizes = np.where(self.begin == 0, self.scales, np.abs(self.begin))
        self.line = self.random.choice([-1.0, 1.0], count) * self.random.uniform(0.5, 1.0, count) * self.sizes
        self.granular = self._look_around()
        with np.errstate(all="ignore"):
            self.noise = noise(lambda t: self.at(calls.start + t * self.line)[1], self.flat, calls.precision)
        self.noise = np.maximum(self.noise, self.precision * np.abs(self.flat))
        self._noises: dict[int, Any] = {}

    def _look_around(self) -> Any:
        """For each output whether its values are constant between close points but not between others; besides, the
        precision is read off the values."""
        begin, failed = self.begin, self.failed
        near = [self.at(begin + share * self.line)[1] for share in NEAR]
        wide = np.stack([self.at(begin + share * self.line)[1] for share in WIDE])
        self.failed = failed  # what is seen far off says nothing about the point
        self.precision = max(self.precision, working_spacing(wide))
        moves = np.any((wide != self.flat) & np.isfinite(wide), axis=0)
        return moves & np.all(np.stack(near) == self.flat, axis=0)

    def at(self, point: Any) -> tuple[Any, Any]:
        """The point after rounding and the values there; nan where the function raises."""
        try:
            rounded, values = self._calls.values(self._function, point)
            if values.size == self.start.size:
                if np.all(np.abs(point - self.begin) <= AROUND * self.scales):
                    finite = np.isfinite(values)
                    self.largest = max(self.largest, float(np.max(np.abs(values), initial=0.0, where=finite)))
                return rounded, values
        except Exception as error:
            self.failed = error
        return point, np.full(self.start.size, np.nan)

    def by_entry(self, entry: int, reach: Reach, offset: float = OFFSETS[0]) -> Slopes:
        """The derivatives of all outputs by one entry of the arguments."""
        begin = self._calls.start

        def displaced(step: float) -> tuple[float, Any]:
            point = begin.copy()
            point[entry] += step
            rounded, values = self.at(point)
            return float(rounded[entry] - begin[entry]), values

        blur = self.noise if reach == "quick" else np.maximum(self.noise, self._noise_of(entry))
        return slopes(displaced, self.flat, self._steps(entry, reach, offset), blur, self.precision)

    def _noise_of(self, entry: int) -> Any:
        """The noise of the values along one entry: along others they may move evenly, and hide its steps."""
        if entry not in self._noises:
            size = self.sizes[entry]
            axis = np.zeros(self.begin.size)
            axis[entry] = size
            with np.errstate(all="ignore"):
                found = noise(
                    lambda t: self.at(self.begin + t * axis)[1],
                    self.flat,
                    self._calls.precision,
                    max(1.0, float(self.scales[entry])) / float(size),
                )
            self._noises[entry] = found
        return self._noises[entry]

    def along(self, direction: Any, offset: float = OFFSETS[0]) -> Slopes:
        """The derivatives of all outputs along a direction, in units of it."""
        steps = [offset * RATIO**-k for k in range(1, 14 if self.precision < CLOSEST else 5)]

        def displaced(step: float) -> tuple[float, Any]:
            return step, self.at(self._calls.start + step * direction)[1]

        return slopes(displaced, self.flat, steps, self.noise, self.precision)

    def _steps(self, entry: int, reach: Reach, offset: float) -> list[float]:
        """Decreasing steps: a few, or all from the largest scale to the rounding, or from there to the smallest."""
        scale = self.scales[entry]
        fine = self.precision < CLOSEST
        if reach == "quick":
            return [offset * scale * RATIO**-k for k in (QUICK if fine else range(1, 5))]
        size = abs(self._calls.start[entry])
        largest, end = max(1.0, scale), CLOSEST if fine else 10 * self.precision
        if reach == "close":
            largest, end = scale * math.sqrt(end), 100 * self.precision
        return list(_geometric(offset * largest, end * (min(size, 1.0) or 1.0)))


def _geometric(step: float, end: float) -> list[float]:
    found = []
    while step > end:
        found.append(step)
        step /= RATIO
    return found


def _scales(calls: Calls) -> Any:
    """What a change of each entry is measured by: its size, or that of the entries around it where it is smaller."""
    found = []
    for array in calls.base:
        sizes = np.abs(array.astype(DOUBLE).ravel())
        typical = float(np.sqrt(np.mean(sizes**2))) if np.all(np.isfinite(sizes)) else 1.0
        found.append(np.maximum(sizes, typical or 1.0))
    return np.concatenate(found)


def _rounding(dtype: Any) -> float:
    return float(np.finfo(dtype if dtype.kind == "f" else DOUBLE).eps)


def agreed(one: Slopes, two: Slopes) -> Slopes:
    """What two series of steps say together: where they contradict each other, the error is their distance."""
    with np.errstate(all="ignore"):
        better = two.error < one.error
        value, error = np.where(better, two.value, one.value), np.where(better, two.error, one.error)
        apart = np.abs(one.value - two.value)
        error = np.where(apart > SAFETY * (one.error + two.error), apart, error)
        onesided = np.maximum(one.onesided_error, two.onesided_error)
    kink = one.kink & two.kink
    # A kink that only one of the series sees is no knowledge of either kind.
    error = np.where(one.kink ^ two.kink, np.inf, error)
    left, right = (one.left + two.left) / 2, (one.right + two.right) / 2
    return Slopes(value, error, left, right, onesided, kink, one.unbounded | two.unbounded)


def closer(found: Slopes, close: Slopes, poor: Any) -> Slopes:
    """The slopes with those of the smallest steps in the place of poor ones, where these know more."""
    with np.errstate(all="ignore"):
        better = poor & ~close.kink & (found.unbounded | (close.error < found.error))
    parts = (np.where(better, getattr(close, each.name), getattr(found, each.name)) for each in fields(Slopes))
    return Slopes(*parts)
