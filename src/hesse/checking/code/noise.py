"""How noisy computed values are, seen from values at close points.

J. Moré and S. Wild, Estimating computational noise, SIAM J. Sci. Comput. 33 (2011): high differences of a smooth
function at equally spaced close points vanish, so what is left of them is noise. Of independent noise with standard
deviation s, the k-th differences have the variance s² (2k)!/(k!)².
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

POINTS = 9
ORDERS = (4, 5, 6)
SPACINGS = (2 / 3, 1 / 2, 1 / 3, 1 / 4, 1 / 5)
WIDEST = 2e-3
FARTHER = 1e3
"""By which factor the spacing grows beyond the smallest scale."""
STRETCHES = (1.0, 0.37)
"""Values that are rounded to few bits may happen to be equally spaced, and then look as if they had no noise."""


def noise(values: Callable[[float], Any], start: Any, precision: float, reach: float = 1.0) -> Any:
    """The noise of each entry of `values(t)` near t = 0, in units of the scale of t; at least the rounding of `start`.

    `precision` is the relative spacing of the arguments. The spacing of the points grows until most values of an entry
    differ: what is computed with fewer bits, or as 1 - p where p is almost 1, is constant in between. `reach` is the
    largest scale of t, where it has several: the spacing goes on growing up to a part of that one. There may be a kink
    so far off, with constant values on its other side, while noise is on both sides.
    """
    found = np.zeros(start.shape)
    pending = np.ones(start.shape, dtype=bool)
    near = [precision**exponent for exponent in SPACINGS if precision**exponent <= WIDEST]
    growth = [min(FARTHER**k, reach) for k in range(1, 1 + math.ceil(math.log(reach, FARTHER)))]
    far = [growing * near[-1] for growing in growth] if near else []
    for spacing, sides in [*((each, (1,)) for each in near), *((each, (1, -1)) for each in far)]:
        if not np.any(pending):
            break
        seen = np.ones(start.shape, dtype=bool)
        for stretch in STRETCHES:
            tables = [_table(values, start, side * stretch * spacing) for side in sides]
            moved = np.all([np.count_nonzero(np.diff(each, axis=0), axis=0) >= POINTS // 2 for each in tables], axis=0)
            level = np.min([_from_differences(each) for each in tables], axis=0)
            found = np.where(pending & moved, np.maximum(found, level), found)
            seen &= moved
        pending &= ~seen
    return np.maximum(precision * np.abs(start), np.where(np.isfinite(found), found, 0.0))


def _table(values: Callable[[float], Any], start: Any, spacing: float) -> Any:
    return np.stack([start, *(values(k * spacing) for k in range(1, POINTS))])


def _from_differences(table: Any) -> Any:
    """The median of what the differences of several orders say."""
    levels = []
    for order in range(1, max(ORDERS) + 1):
        table = np.diff(table, axis=0)
        if order in ORDERS:
            scale = math.factorial(order) ** 2 / math.factorial(2 * order)
            levels.append(np.sqrt(scale * np.mean(table**2, axis=0)))
    return np.median(levels, axis=0)
