"""How long certified answers take, in the same run as a plain derivation: medians and ratios."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import hesse as hs
from benchmarks.timing import medians, print_ratios

LECTURE = "x1^2 + exp(x1*x2) + 2*log(x2)"
BASE = "Hessian of the lecture's function, from text, verified"


def main() -> None:
    """Print the table."""
    f, at = hs.parse(LECTURE), {"x1": 1, "x2": 2}
    draw = np.random.default_rng(0)
    x, y, w = draw.standard_normal((1000, 100)), np.sign(draw.standard_normal(1000)), 0.1 * draw.standard_normal(100)
    loss, data = hs.parse("mean(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n"), {"X": x, "y": y, "w": w}
    slope = hs.gradient(loss, "w").evaluate(**data)
    linear = hs.taylor(loss, at=data, order=1, wrt="w")
    jobs: dict[str, Callable[[], object]] = {
        BASE: lambda: hs.hessian(hs.parse(LECTURE)),
        "remainder of order 2, n = 2, radius 0.5": lambda: hs.taylor(f, at=at).remainder("0.5").upper,
        "remainder of order 1, n = 2, radius 0.1": lambda: hs.taylor(f, at=at, order=1).remainder("0.1").upper,
        "direction, n = 2": lambda: hs.direction(f, at=at, along=[1, -1]).until,
        "direction, logistic loss, n = 100, 1,000 rows": lambda: hs.direction(loss, data, -slope, "w").until,
        "remainder of order 1, logistic loss, n = 100, 1,000 rows": lambda: linear.remainder(0.1, norm="2").upper,
    }
    print_ratios("Certified answers", medians(jobs, 5), BASE)
