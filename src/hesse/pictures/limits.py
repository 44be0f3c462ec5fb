"""What part of the values is drawn, and how far around a point: poles and steep ends do not ruin the scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = Any
TAIL = 0.03
COARSE, GROWS = 8, 2.2
"""A range that grows so much between every so many values and all of them belongs to a pole, and not to a peak."""
FENCE = 3.0
"""Beside a pole the limits lie so many times the middle half of the values beyond it."""
MARGIN = 0.05
WILD = 7.0
"""A window is made smaller while the values in it, tails aside, range over so many times their middle half."""
SMALLEST, PROBES = 5, 65


def robust(values: Array, *keep: float) -> tuple[float, float]:
    """Limits between which the values lie, and all those to keep; beside a pole without its ends; (0, 1) for no value.

    The values are those at evenly spaced points of a line or a grid: closer points find larger ones beside a pole only.
    """
    kept = [value for value in keep if np.isfinite(value)]
    finite = values[np.isfinite(values)]
    if not finite.size:
        finite = np.array(kept or [0.0, 1.0])
    low, high = float(finite.min()), float(finite.max())
    if high - low > GROWS * _coarse_range(values) > 0:
        low, high = _within_fence(finite)
    low, high = min([low, *kept]), max([high, *kept])
    if not high - low > 1e-12 * max(abs(low), abs(high)):
        space = max(abs(high), 1.0) / 2
        return low - space, high + space
    return low, high


def fenced(values: Array, *keep: float) -> tuple[float, float]:
    """Limits between which most values lie, and all those to keep; what is far outside of the middle half is not."""
    finite = np.asarray(values)[np.isfinite(values)]
    low, high = _within_fence(finite) if finite.size else (0.0, 0.0)
    return robust(np.array([low, high, *keep]))


def _within_fence(finite: Array) -> tuple[float, float]:
    first, third = (float(each) for each in np.quantile(finite, (0.25, 0.75)))
    reach = FENCE * (third - first)
    return max(float(finite.min()), first - reach), min(float(finite.max()), third + reach)


def _coarse_range(values: Array) -> float:
    """The usual range of the values, along each axis every so many: wherever the first one is, a pole is seldom met."""
    found = []
    for start in range(COARSE):
        some = values[(slice(start, None, COARSE),) * values.ndim]
        some = some[np.isfinite(some)]
        found.append(float(np.ptp(some)) if some.size > 2 else 0.0)
    return float(np.median(found))


def padded(low: float, high: float, share: float = MARGIN) -> tuple[float, float]:
    """The limits with some space beyond them."""
    space = share * (high - low)
    return low - space, high + space


def window(values: Callable[[Array], Array], center: float, size: float = 1.0) -> tuple[float, float]:
    """A window around a coordinate: as wide as its size, less where the function is wild or ends.

    `values(positions)` are the function's values along the coordinate; `size` is the half width around 0.
    """
    return clipped(values, center, _half(values, center, size))


def windows(
    values: Callable[[Sequence[Array]], Array], centers: Sequence[float], *, equal: bool
) -> list[tuple[float, float]]:
    """Windows around two coordinates, made smaller while the function is wild over both.

    `values(positions)` are the function's values when the coordinates take these positions. With `equal` both have the
    same width, so that angles are seen as they are, unless one would be far too narrow.
    """

    def only(k: int) -> Callable[[Array], Array]:
        return lambda t: values([t if j == k else np.full(len(t), c) for j, c in enumerate(centers)])

    halves = [_half(only(k), center, 1.0) for k, center in enumerate(centers)]
    if equal and max(halves) <= 8 * min(halves):
        halves = [float(np.sqrt(min(halves) * max(halves)))] * len(halves)
    for _ in range(SMALLEST):
        sides = [np.linspace(c - half, c + half, PROBES // 2) for c, half in zip(centers, halves, strict=True)]
        if not _is_wild(values([each.ravel() for each in np.meshgrid(*sides)]), turning=False):
            break
        halves = [half / 1.4 for half in halves]
    return [clipped(only(k), c, half) for k, (c, half) in enumerate(zip(centers, halves, strict=True))]


def stretched(
    found: Sequence[tuple[float, float]], centers: Sequence[float], reach: Sequence[tuple[float, float]], *, equal: bool
) -> list[tuple[float, float]]:
    """The windows made so large that points lie well inside, but not many times as large."""
    wider = []
    for k, ((low, high), center) in enumerate(zip(found, centers, strict=True)):
        most = 4 * max(high - center, center - low)
        away = [point[k] - center for point in reach if abs(point[k] - center) <= most]
        wider.append((min(low, center + 1.12 * min(away, default=0)), max(high, center + 1.12 * max(away, default=0))))
    if not equal:
        return wider
    # What is wider in one direction may be wider in the other: circles stay circles.
    width = max(high - low for low, high in wider)
    narrow = min(high - low for low, high in wider)
    if not 1.05 * narrow < width < 3 * narrow:
        return wider
    return [
        (low - (width - high + low) / 2, high + (width - high + low) / 2) if high - low < width else (low, high)
        for low, high in wider
    ]


def _half(values: Callable[[Array], Array], center: float, size: float) -> float:
    half = _round(max(size, 1.25 * abs(center)))
    reach = _reach(values, center, half)
    half = min(half, 2.5 * reach) if reach > 0 else half
    for _ in range(SMALLEST):
        if not _is_wild(values(np.linspace(center - half, center + half, PROBES))):
            return half
        half /= 1.6
    return half


def _is_wild(found: Array, *, turning: bool = True) -> bool:
    """Whether few values are far away from most others, or, along a line, the function goes up and down often."""
    finite = found[np.isfinite(found)]
    if finite.size < PROBES // 4:
        return False
    bottom, low, high, top = np.quantile(finite, (TAIL, 0.25, 0.75, 1 - TAIL))
    turns = np.count_nonzero(np.diff(np.sign(np.diff(finite)))) if turning else 0
    return bool((top - bottom > WILD * (high - low) > 0) or turns > 12)


def _reach(values: Callable[[Array], Array], center: float, half: float) -> float:
    """How far the function is defined around the center, to the nearer end of its domain, at most half."""
    steps = half * np.geomspace(1e-4, 1, 48)
    below, above = np.isfinite(values(center - steps)), np.isfinite(values(center + steps))
    ends = [float(steps[np.argmin(side)]) for side in (below, above) if not side.all()]
    return min(ends, default=half)


def clipped(values: Callable[[Array], Array], center: float, half: float) -> tuple[float, float]:
    """The window, shortened to a little beyond the last value on either side."""
    positions = np.linspace(center - half, center + half, 4 * PROBES + 1)
    defined = np.isfinite(values(positions))
    if not defined.any():
        return center - half, center + half
    first, last = min(positions[defined][0], center), max(positions[defined][-1], center)
    space = 0.04 * (last - first)
    return max(center - half, float(first - space)), min(center + half, float(last + space))


def _round(value: float) -> float:
    """The value with two significant digits."""
    return float(f"{value:.2g}")
