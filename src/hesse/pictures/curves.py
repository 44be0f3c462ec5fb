"""A curve as points: close together where it bends, exact to the last bit at the ends of its domain, broken at jumps.

Points are added in the middle of intervals in which the drawn line would leave the curve. An interval whose ends still
differ is then halved down to neighbouring floats: what jumps there jumps, what is only steep does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from hesse.pictures.limits import robust

Array: TypeAlias = Any
Function: TypeAlias = Callable[[Array], Array]
START = 257
LEVELS = 5
"""Halvings of intervals in which the curve bends: START * 2**LEVELS points across are more than a page resolves."""
HALVINGS = 52
BEND, JUMP = 5e-4, 5e-3
"""As shares of the height that is drawn: the distance of a line from its curve, and a difference that may be a jump."""


@dataclass(frozen=True)
class Curve:
    """Points of a curve in order; a nan among the values breaks it. `limits` are those of evenly spaced points."""

    x: Array
    y: Array
    limits: tuple[float, float]


def trace(function: Function, low: float, high: float, start: int = START) -> Curve:
    """The curve of a function of arrays, which gives nan where it has no value."""
    x = np.linspace(low, high, start)
    y = function(x)
    limits = robust(y)
    for _ in range(LEVELS):
        middles = _middles(x, y, limits)
        if not len(middles):
            break
        x, y = _merged(x, y, middles, function(middles))
    return Curve(*_broken(function, x, y, limits[1] - limits[0]), limits)


def _middles(x: Array, y: Array, limits: tuple[float, float]) -> Array:
    """The middles of intervals at the ends of which the curve bends or its domain ends."""
    if len(x) < 3:
        return x[:0]
    low, high = limits
    height = high - low
    seen = np.clip(y, low - height, high + height) / height
    left, right = (seen[1:-1] - seen[:-2]) / np.diff(x)[:-1], (seen[2:] - seen[1:-1]) / np.diff(x)[1:]
    # The distance of the middle point from the line through its neighbours.
    widths = np.diff(x)
    away = np.abs(right - left) * widths[:-1] * widths[1:] / (widths[:-1] + widths[1:])
    bends = np.concatenate([[False], away > BEND, [False]])
    defined = np.isfinite(y)
    wanted = bends[:-1] | bends[1:] | (defined[:-1] != defined[1:])
    return (x[:-1][wanted] + x[1:][wanted]) / 2


def _merged(x: Array, y: Array, more: Array, values: Array) -> tuple[Array, Array]:
    order = np.argsort(np.concatenate([x, more]), kind="stable")
    return np.concatenate([x, more])[order], np.concatenate([y, values])[order]


def _broken(function: Function, x: Array, y: Array, height: float) -> tuple[Array, Array]:
    """The curve with a nan in every interval in which it jumps, and the ends of its domain to the last bit."""
    defined = np.isfinite(y)
    steep = np.abs(np.diff(y)) > JUMP * height
    places = np.flatnonzero(np.where(defined[:-1] & defined[1:], steep, defined[:-1] != defined[1:]))
    if not len(places):
        return x, y
    a, b, ya, yb = narrowed(function, x[places], x[places + 1], y[places], y[places + 1])
    jumps = ~(np.abs(yb - ya) <= JUMP * height)
    a, b, ya, yb = a[jumps], b[jumps], ya[jumps], yb[jumps]
    middle = (a + b) / 2
    more = np.concatenate([a, middle, b])
    values = np.concatenate([ya, np.full(len(middle), np.nan), yb])
    order = np.lexsort((np.tile([0, 1, 2], (len(a), 1)).T.ravel(), more))
    return _merged(x, y, more[order], values[order])


def narrowed(
    function: Function, a: Array, b: Array, ya: Array, yb: Array, halvings: int = HALVINGS
) -> tuple[Array, Array, Array, Array]:
    """Intervals halved towards their larger difference, or towards the end of the domain, down to the last bits."""
    a, b, ya, yb = (np.array(each, float) for each in (a, b, ya, yb))
    for _ in range(halvings):
        m = (a + b) / 2
        ym = function(m)
        left, right = np.abs(ym - ya), np.abs(yb - ym)
        ends = np.isfinite(ya) != np.isfinite(yb)
        stays = np.where(ends, np.isfinite(ym) == np.isfinite(ya), ~(left > right))
        # A point without a value between two that have one: the hole itself.
        stays = np.where(~ends & ~np.isfinite(ym), True, stays)
        inside = (m > a) & (m < b)
        a, ya = np.where(stays & inside, m, a), np.where(stays & inside, ym, ya)
        b, yb = np.where(~stays & inside, m, b), np.where(~stays & inside, ym, yb)
    return a, b, ya, yb
