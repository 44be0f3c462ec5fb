"""What is said of code says no more than the bounds on errors, and the slopes at kinks, allow."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import hesse as hs


def test_nothing_that_differs_is_called_a_subgradient() -> None:
    found = hs.check_gradient(lambda x: abs(x[0] - x[1]), lambda x: np.ones(2), at=[2.0, 2.0])
    assert found.verdict == "different"
    assert not any("a subgradient" in note for note in found.notes)
    assert "it is no subgradient" in found.diagnosis


@pytest.mark.parametrize(
    ("factor", "said"), [(2.0, "about 2 times too large"), (1.9, "about 1.9 times"), (-1.0, "sign")]
)
def test_common_factors_within_the_bounds_on_errors(factor: float, said: str) -> None:
    def rounded(x: Any) -> float:
        return float(np.round(float(np.sum(np.sin(x))), 4))

    found = hs.check_gradient(rounded, lambda x: factor * np.cos(x), at=[0.5, 1.0, 2.0])
    assert found.verdict == "different"
    assert said in found.diagnosis and "no common factor" not in found.diagnosis
    mixed = hs.check_gradient(rounded, lambda x: np.array([2.0, 3.0, 2.0]) * np.cos(x), at=[0.5, 1.0, 2.0])
    assert "no common factor" in mixed.diagnosis


@pytest.mark.parametrize("places", [3, 5, 7])
def test_no_more_digits_agree_than_are_known(places: int) -> None:
    at = np.array([0.5, 1.0, 2.0])
    values = hs.check_gradient(lambda x: float(np.round(float(np.sum(np.sin(x))), places)), np.cos, at)
    told = re.search(r"to (\d+) digit", values.diagnosis)
    known = np.abs(np.asarray(values.expected) / np.cos(at) - 1).max()
    assert values.undecided or told is None or 10.0 ** -int(told[1]) >= known
    assert "12 digits" not in values.diagnosis
    constant = hs.check_gradient(lambda x: float(np.round(float(x @ x), places)), lambda x: 2 * x, np.array([1.0, 2.0]))
    assert "12 digits" not in constant.diagnosis


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


@pytest.mark.parametrize("upper", [False, True])
def test_code_that_reads_one_triangle_is_told_of(upper: bool) -> None:
    mixed = np.random.default_rng(3).normal(size=(4, 4))
    point = mixed @ mixed.T + 4 * np.eye(4)

    def log_determinant(matrix: Any) -> Any:
        read = np.triu(matrix).T if upper else matrix
        return 2 * np.sum(np.log(np.diag(np.linalg.cholesky(read))))

    found = hs.check_gradient(log_determinant, np.linalg.inv, at=point)
    assert found.verdict == "different" and found.mistakes == ["assumption"]
    assert f"{'upper' if upper else 'lower'} triangle" in found.diagnosis
    symmetric = hs.check_gradient(lambda a: log_determinant((a + a.T) / 2), np.linalg.inv, at=point)
    assert symmetric.right
    # Zeros of the derivative where the argument is zero are no sign of that.
    triangle = np.tril(point)
    assert "triangle" not in hs.check_gradient(lambda a: np.sum(a**2), lambda a: a + a.T, at=triangle).diagnosis
