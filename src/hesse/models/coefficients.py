"""The coefficients of a function along a line: a ball, the sign that is proved, and both in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flint import arb

TINY = 2.0**-1000
"""Below it, and beyond the largest float, bounds are shown: the nearest float would not be the value."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of t -> f(x + t d): its ball, and its sign where that is proved (0: proved to vanish)."""

    ball: arb
    sign: int | None


def nearest(coefficient: Coefficient) -> float:
    """The nearest float; the least one where a number that is not zero lies below it."""
    near = float(coefficient.ball.mid())
    return near or (coefficient.sign or 0) * math.ulp(0.0)


def stated(value: float, bounds: tuple[float, float], sign: int | None) -> str:
    """The value as it may be said: 0 only where that is proved, bounds where no float is near."""
    if sign == 0:
        return "0 exactly (proved)"
    if sign is None:
        return f"between {bounds[0]:.3g} and {bounds[1]:.3g}: it cannot be told from 0"
    if not math.isfinite(value) or abs(value) < TINY:
        return f"between {bounds[0]:.3g} and {bounds[1]:.3g}"
    return f"{value:.10g}"
