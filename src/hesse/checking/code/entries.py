"""What is said of each entry of a claimed derivative: right, wrong, between one-sided slopes, or not decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hesse.checking.code.precision import LOOSE
from hesse.checking.code.slopes import SAFETY
from hesse.checking.code.truth import Known

RESOLVED = 1e-3
"""How well an entry should be known."""
COARSE = 0.1
"""How well it must be known before it is called right: so well that a factor of 2, or a sign, shows."""
BESIDE = 1e-2
"""Below this part of the largest slope beside it an entry may be lost in the noise."""
NOTHING = 1e-9
"""Slopes below this part of what the size of the values suggests may be rounding."""
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Judged:
    """One truth value for each entry. An entry that is neither `right` nor `wrong` is open.

    `between`: right as a subgradient, at a kink. `excused`: right as far as one can see, but too small beside the
    noise to be judged. `unjudged`: of these, the ones that `jac` does not say to be 0. `coarse`: right, and known with
    `COARSE` accuracy only. `cancelled`: open, because the claim differs by no more than numbers around 1 are rounded
    by. `slight`: open, because the claim differs by more than the errors, but by so little that numbers rounded before
    may explain it. `stepped`: open, because the values are constant between close points, as those of functions are
    that calculate with few bits.
    """

    right: Any
    wrong: Any
    between: Any
    excused: Any
    unjudged: Any
    coarse: Any
    cancelled: Any
    slight: Any
    stepped: Any = False

    @property
    def open(self) -> Any:
        """The entries that are not decided."""
        return ~(self.right | self.wrong)


def judged(
    claim: Any,
    known: Known,
    claim_noise: Any,
    tolerance: float,
    natural: Any,
    *,
    exact: bool = False,
    doubtful: float = 0.0,
) -> Judged:
    """The judgement of each entry; `natural` is the size of slope that the size of the values suggests.

    `exact` says that what is known was not computed from values, so that nothing of it was lost in their rounding.
    A relative difference below `doubtful` is no decision, though errors do not explain it.
    """
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(claim), np.abs(known.value))
        blur = SAFETY * known.error + 10 * claim_noise
        away = np.abs(claim - known.value)
        # An output may be 0 for its rounding beside larger parts, as 1 - p for p almost 1, and then shows no noise.
        lost = (size <= 1e3 * EPSILON * natural) & (away <= 4 * EPSILON * natural) & (not exact)
        wrong = (away > blur + tolerance * size) & ~lost
        near = ~wrong & np.isfinite(away) & np.isfinite(blur)
        resolved = near & (blur <= RESOLVED * size)
        beside = blur <= BESIDE * _largest(known)
        coarse = near & ~resolved & (blur <= COARSE * size)
        zero = np.abs(claim) <= 10 * claim_noise
        nothing = zero & (blur <= 1e-4 * natural)
        faint = np.any(resolved) & (blur <= NOTHING * natural)
        excused = near & (((COARSE * size <= blur) & (beside | nothing | faint)) | (lost & faint))
        cancelled = wrong & _cancelled(claim, known.value)
        slight = wrong & (away <= doubtful * size)
        between, outside = _at_kinks(claim, known, tolerance)
        bad = ~np.isfinite(claim) & (np.isfinite(known.value) | known.kink) & ~known.unbounded
    smooth = ~known.kink & ~known.unbounded & ~bad
    right = np.where(known.kink, between & ~bad, (resolved | coarse | excused) & smooth)
    wrong = np.where(known.kink, outside, wrong & smooth & ~cancelled & ~slight) | bad
    return Judged(
        right,
        wrong,
        between & known.kink & ~bad,
        excused & smooth,
        excused & smooth & ~zero,
        coarse & ~excused & smooth,
        cancelled & smooth,
        slight & smooth,
    )


def _largest(known: Known) -> float:
    """The largest slope that is known."""
    slopes = np.abs(np.stack([known.value, known.low, known.high]))
    return float(np.max(slopes, initial=0.0, where=np.isfinite(slopes)))


def _cancelled(claim: Any, value: Any) -> Any:
    """Whether the rounding of numbers around 1 would explain the difference, as in p - y where p is almost y.

    Such a difference is 0, or not less than the spacing of these numbers.
    """
    least = 4 * EPSILON
    rounded = (claim == 0) | (np.abs(claim) >= EPSILON / 4)
    return (np.abs(value) <= 1e3 * EPSILON) & (np.abs(claim - value) <= least) & rounded & (value != 0)


def _at_kinks(claim: Any, known: Known, tolerance: float) -> tuple[Any, Any]:
    """Whether the claim lies between the one-sided slopes, and whether it surely does not."""
    pad = SAFETY * known.onesided_error + max(tolerance, LOOSE) * np.maximum(np.abs(known.low), np.abs(known.high))
    inside = (claim >= known.low - pad) & (claim <= known.high + pad)
    return inside, ~inside & np.isfinite(pad)
