"""What is said of each entry of a claimed derivative: right, wrong, between one-sided slopes, or not decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hesse.checking.code.slopes import SAFETY
from hesse.checking.code.truth import Known

RESOLVED = 1e-3
"""How well an entry must be known before it is called right."""
COARSE = 0.1
"""How well it must at least be known where it is small: so well that a factor of 2 or a sign shows."""


@dataclass(frozen=True)
class Judged:
    """One truth value for each entry. An entry that is neither `right` nor `wrong` is open.

    `between`: right as a subgradient, at a kink. `excused`: right as far as one can see, but too small beside the
    noise to be told from zero. `coarse`: right, and known with `COARSE` accuracy only.
    """

    right: Any
    wrong: Any
    between: Any
    excused: Any
    coarse: Any

    @property
    def open(self) -> Any:
        """The entries that are not decided."""
        return ~(self.right | self.wrong)


def judged(claim: Any, known: Known, claim_noise: Any, tolerance: float, natural: Any) -> Judged:
    """The judgement of each entry; `natural` is the size of slope that the size of the values suggests."""
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(claim), np.abs(known.value))
        blur = SAFETY * known.error + 10 * claim_noise
        away = np.abs(claim - known.value)
        largest = np.nanmax(np.where(np.isfinite(known.value), np.abs(known.value), 0.0), initial=0.0)
        wrong = away > blur + tolerance * size
        near = ~wrong & np.isfinite(away) & np.isfinite(blur)
        coarse = near & (blur > RESOLVED * size) & (blur <= COARSE * size) & (blur <= RESOLVED * largest)
        excused = near & (size <= blur) & ((blur <= RESOLVED * largest) | ((claim == 0) & (blur <= 1e-4 * natural)))
        right = near & ((blur <= RESOLVED * size) | coarse | excused)
        between, outside = _at_kinks(claim, known, tolerance)
    right = np.where(known.kink, between, right & ~known.unbounded)
    wrong = np.where(known.kink, outside, wrong & ~known.unbounded)
    bad = ~np.isfinite(claim) & (np.isfinite(known.value) | known.kink) & ~known.unbounded
    smooth = right & ~known.kink
    return Judged(right & ~bad, wrong | bad, between & known.kink & ~bad, excused & smooth, coarse & smooth)


def _at_kinks(claim: Any, known: Known, tolerance: float) -> tuple[Any, Any]:
    """Whether the claim lies between the one-sided slopes, and whether it surely does not."""
    pad = SAFETY * known.onesided_error + tolerance * np.maximum(np.abs(known.low), np.abs(known.high))
    inside = (claim >= known.low - pad) & (claim <= known.high + pad)
    return inside, ~inside & np.isfinite(pad)
