"""Derivatives of computed values along a line, extrapolated to the step 0, each with a bound on its error.

Values at steps h and -h give the central quotient, whose error is a series in h², and the one-sided quotients, whose
errors are series in h. Richardson's tableau removes one term after another; as in Ridders' method an entry of it is as
good as it agrees with its neighbours, and the noise of the values divided by the step is added. C. Ridders, Accurate
computation of F'(x) and F'(x)F''(x), Advances in Engineering Software 4 (1982).

At a kink the two one-sided slopes differ, while the central quotient converges to their mean as if nothing were
wrong: so all three are looked at. A kink *near* the point shows at the steps that reach over it: the difference of the
one-sided quotients then fails to shrink with the step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

RATIO = 4.0
COLUMNS = 6
MEMORY = 4
"""How many of the last changes of the quotients must shrink as the extrapolation assumes."""
REGULAR = 1.3
"""By which factor the shrinking may differ from that."""
SAFETY = 4.0
"""What the error estimates are multiplied with before anything is concluded from them."""

LEAST = float(np.finfo(np.float64).smallest_subnormal)
"""Values below this one are rounded to 0."""

Displaced = Callable[[float], tuple[float, Any]]
"""The displacement that a step really makes, after rounding, and the values there (nan where there are none)."""


@dataclass(frozen=True)
class Slopes:
    """What is known of each output's derivative along a line.

    `value` and `error`: the derivative where there is one. `left` and `right` with `onesided_error`: the slopes of the
    two sides. `kink`: where these differ. `unbounded`: where slopes grow as the step shrinks, at a jump or a vertical
    tangent.
    """

    value: Any
    error: Any
    left: Any
    right: Any
    onesided_error: Any
    kink: Any
    unbounded: Any

    @property
    def low(self) -> Any:
        """The smaller of the two one-sided slopes."""
        return np.minimum(self.left, self.right)

    @property
    def high(self) -> Any:
        """The larger of the two one-sided slopes."""
        return np.maximum(self.left, self.right)


def slopes(displaced: Displaced, start: Any, steps: Sequence[float], noise: Any, precision: float) -> Slopes:
    """The slopes of the values at the line's start, from decreasing steps with the ratio `RATIO`.

    `noise` is that of the values at the start; those of large steps may be larger, and their rounding with them, of
    the relative size `precision`.
    """
    count, levels = start.shape[0], len(steps)
    forward, backward, central, rounding = (np.full((levels, count), np.nan) for _ in range(4))
    widths = np.empty(levels)
    for k, step in enumerate(steps):
        (ahead, plus), (behind, minus) = displaced(step), displaced(-step)
        if ahead <= 0 or behind >= 0:
            widths[k] = np.nan  # the step is below the spacing of the numbers
            continue
        widths[k] = (ahead - behind) / 2
        forward[k], backward[k] = (plus - start) / ahead, (minus - start) / behind
        central[k] = (plus - minus) / (ahead - behind)
        rounding[k] = precision * np.fmax(np.abs(plus), np.abs(minus))
    blur = 2 * np.fmax(np.fmax(noise, rounding), LEAST) / widths[:, None]
    reach = _reaching_over(forward - backward, central, blur)
    value, error = _limit(np.where(reach, np.nan, central), RATIO**2, blur)
    right, right_error = _limit(forward, RATIO, blur)
    left, left_error = _limit(backward, RATIO, blur)
    onesided = np.maximum(right_error, left_error)
    with np.errstate(all="ignore"):
        jump = np.abs(right - left)
        size = np.maximum(np.abs(right), np.abs(left))
        apart = (jump > SAFETY * (right_error + left_error)) & (jump > 1e-6 * size)
        # Close to a kink the steps that stay on this side may know better.
        kink = apart & ~(error < 0.05 * jump)
        closer = ~kink & (onesided < error)
    value, error = np.where(closer, (left + right) / 2, value), np.where(closer, onesided, error)
    return Slopes(value, error, left, right, onesided, kink, _unbounded(forward, backward, blur))


def _limit(quotients: Any, base: float, blur: Any) -> tuple[Any, Any]:
    """The limit and its error from all steps, or from the finer half of them where the two contradict each other.

    Steps far beyond the scale on which the function varies give quotients that are small, and agree for that reason.
    """
    value, error = extrapolated(quotients, base, blur)
    error = np.fmax(error, _unsettled(quotients, base, blur))
    half = len(quotients) // 2
    if half < 4:
        return value, error
    near, near_error = extrapolated(quotients[half:], base, blur[half:])
    near_error = np.fmax(near_error, _unsettled(quotients[half:], base, blur[half:]))
    with np.errstate(all="ignore"):
        apart = np.abs(value - near) > SAFETY * (error + near_error)
    return np.where(apart, near, value), np.where(apart, near_error, error)


def extrapolated(quotients: Any, base: float, blur: Any) -> tuple[Any, Any]:
    """The limit of each column of quotients, and a bound on its error: inf where no two of them agree."""
    count = quotients.shape[1]
    best, error = np.full(count, np.nan), np.full(count, np.inf)
    row = quotients
    with np.errstate(all="ignore"):
        for column in range(1, min(COLUMNS, len(quotients) - 1) + 1):
            finer, coarser = row[1:], row[:-1]
            row = finer + (finer - coarser) / (base**column - 1)
            change = np.maximum(np.abs(row - finer), np.abs(row - coarser)) + blur[column:]
            change = np.where(np.isfinite(change), change, np.inf)
            k = np.argmin(change, axis=0)
            places = (k, np.arange(count))
            better = change[places] < error
            best, error = np.where(better, row[places], best), np.where(better, change[places], error)
    return best, error


def _unsettled(quotients: Any, base: float, blur: Any) -> Any:
    """A bound on the error where the quotients do not settle: the largest of their last changes; 0 where they do.

    What the extrapolation assumes is that the changes keep their sign and shrink by a power of `base` each time. The
    quotients of x² sin(1/x) at 0 do not, though they converge: that entries of their tableau agree is chance. Changes
    within the noise say nothing.
    """
    last = np.full((MEMORY, quotients.shape[1]), np.nan)
    with np.errstate(all="ignore"):
        for change, noise in zip(np.diff(quotients, axis=0), blur[1:], strict=True):
            told = np.abs(change) > 8 * noise
            last = np.where(told, np.vstack([last[1:], change]), last)
        ratios = last[1:] / last[:-1]
        powers = np.maximum(np.round(-np.log(ratios) / np.log(base)), 1.0)
        settled = np.abs(np.log(ratios) + powers * np.log(base)) < np.log(REGULAR)
        irregular = np.isfinite(ratios) & ~settled
        sizes = np.fmax(np.abs(last[1:]), np.abs(last[:-1]))
    return np.max(np.where(irregular, sizes, 0.0), axis=0, initial=0.0)


def _reaching_over(gaps: Any, central: Any, blur: Any) -> Any:
    """The levels whose step reaches over a kink: where the gap of the one-sided quotients does not shrink with it.

    Of a smooth function the gap is f'' h. All levels with larger steps than the smallest such one are included.
    """
    with np.errstate(all="ignore"):
        sizes = np.abs(gaps)
        told = sizes[1:] > np.maximum(4 * blur[1:], 1e-9 * np.abs(central[1:]))
        stuck = told & (sizes[1:] > 0.7 * sizes[:-1])
    over = np.zeros(gaps.shape, dtype=bool)
    over[1:] |= stuck
    over[:-1] |= stuck
    return np.flip(np.logical_or.accumulate(np.flip(over, axis=0), axis=0), axis=0)


def _unbounded(forward: Any, backward: Any, blur: Any) -> Any:
    """Where a one-sided quotient still grows at the smallest three steps that noise lets through."""
    found = np.zeros(forward.shape[1], dtype=bool)
    for quotients in (forward, backward):
        with np.errstate(all="ignore"):
            sizes = np.where(np.abs(quotients) > 8 * blur, np.abs(quotients), np.nan)
            ratios = sizes[1:] / sizes[:-1]
        streak = np.zeros(found.shape, dtype=int)
        for ratio in ratios:
            streak = np.where(np.isnan(ratio), streak, np.where(ratio > 1.5, streak + 1, 0))
        found |= streak >= 3
    return found
