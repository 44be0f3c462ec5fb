"""The Taylor test: how fast f(x + h d) - f(x) - h G d vanishes with h, along several directions.

With the right derivative G it vanishes as h², so that its logarithm has the slope 2 over that of h; with a wrong one as
h. Early slopes may wander, because terms cancel: the last ones before the noise count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hesse.checking.code.result import Remainders

LEVELS = 12


def remainders(
    at: Callable[[Any], tuple[Any, Any]], begin: Any, start: Any, matrix: Any, direction: Any, noise: Any
) -> Remainders:
    """The remainders of the linear model with the derivative `matrix` along the direction."""
    change = matrix @ direction
    steps, sizes = [], []
    for k in range(2, 2 + LEVELS):
        step = 2.0**-k
        rounded, values = at(begin + step * direction)
        # The displacement as it was after rounding.
        left = np.abs(values - start - matrix @ (rounded - begin))
        floor = 20 * np.max(noise + np.finfo(float).eps * (np.abs(start) + step * np.abs(change)))
        size = float(np.max(left))
        if np.isfinite(size) and size > floor:
            steps.append(step)
            sizes.append(size)
    with np.errstate(all="ignore"):
        slopes = np.diff(np.log(sizes)) / np.diff(np.log(steps)) if len(sizes) > 1 else np.zeros(0)
    return Remainders(tuple(map(float, direction)), tuple(steps), tuple(sizes), tuple(map(float, slopes)))
