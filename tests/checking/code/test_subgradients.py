"""At kinks in several entries a claim is held to the slopes along further directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs


@pytest.mark.parametrize(
    ("function", "claim", "point", "right"),
    [
        (lambda x: abs(x[0] - x[1]), [1.0, 1.0], [2.0, 2.0], False),
        (lambda x: abs(x[0] - x[1]), [0.5, -0.5], [2.0, 2.0], True),
        (np.max, [1.0, 1.0, 0.0], [1.0, 1.0, 0.0], False),
        (np.max, [0.0, 0.0, 0.0], [1.0, 1.0, 0.0], False),
        (np.max, [0.5, 0.5, 0.0], [1.0, 1.0, 0.0], True),
        (np.linalg.norm, [1.0, 1.0, 1.0], [0.0, 0.0, 0.0], False),
        (np.linalg.norm, [0.5, 0.5, 0.5], [0.0, 0.0, 0.0], True),
    ],
)
def test_slopes_across_several_kinks(function: Any, claim: list[float], point: list[float], right: bool) -> None:
    """Each entry is between the slopes of its two sides; along other directions only a subgradient is."""
    found = hs.check_gradient(function, lambda x: np.array(claim), at=np.array(point))
    assert found.verdict == ("no difference found" if right else "different"), found.diagnosis
    assert right or "no subgradient" in found.diagnosis
