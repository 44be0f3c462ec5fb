"""Curves: on the function, close to it between the points, broken where it jumps and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hesse.pictures.curves import trace
from hesse.pictures.limits import robust, stretched, windows

Function = Callable[[Any], Any]


def quiet(function: Function) -> Function:
    """The function with nan where it has no finite value."""

    def finite(x: Any) -> Any:
        with np.errstate(all="ignore"):
            y = np.asarray(function(x), float)
        return np.where(np.isfinite(y), y, np.nan)

    return finite


SMOOTH: dict[str, Function] = {
    "parabola": lambda x: x**2,
    "waves": lambda x: np.sin(50 * x),
    "steep": lambda x: np.tanh(1e5 * (x - 0.1234567)),
    "kink": lambda x: np.abs(x - 0.3),
    "cusp": lambda x: np.sqrt(np.abs(x - 0.1)),
    "constant": lambda x: 0 * x + 3,
}


@pytest.mark.parametrize("name", SMOOTH)
def test_continuous_curves_are_not_broken(name: str) -> None:
    curve = trace(quiet(SMOOTH[name]), -1, 1)
    assert np.isfinite(curve.y).all()
    assert (np.diff(curve.x) > 0).all()
    np.testing.assert_array_equal(curve.y, SMOOTH[name](curve.x))


@pytest.mark.parametrize("name", ["parabola", "waves", "kink"])
def test_lines_between_the_points_stay_on_the_curve(name: str) -> None:
    curve = trace(quiet(SMOOTH[name]), -1, 1)
    middle = (curve.x[1:] + curve.x[:-1]) / 2
    height = np.ptp(curve.y)
    assert np.abs(SMOOTH[name](middle) - (curve.y[1:] + curve.y[:-1]) / 2).max() < 1.5e-3 * height


JUMPS: dict[str, tuple[Function, list[float]]] = {
    "pole": (lambda x: 1 / x, [0]),
    "pole beside a point": (lambda x: 1 / (x - 0.12345), [0.12345]),
    "tangent": (lambda x: np.tan(3 * x), [-np.pi / 6, np.pi / 6]),
    "sign": (lambda x: np.sign(x - 0.123), [0.123]),
    "floor": (lambda x: np.floor(2 * x), [-0.5, 0, 0.5]),
}


@pytest.mark.parametrize("name", JUMPS)
def test_curves_break_where_they_jump(name: str) -> None:
    function, places = JUMPS[name]
    curve = trace(quiet(function), -0.9, 0.9)
    breaks = curve.x[np.isnan(curve.y)]
    assert sorted({round(float(x), 9) + 0.0 for x in breaks}) == pytest.approx(places, abs=1e-8)
    # No line is drawn from one side to the other.
    height = np.diff(robust(quiet(function)(np.linspace(-0.9, 0.9, 257))))
    steps = np.abs(np.diff(np.clip(curve.y, -2 * height, 2 * height)))
    assert not (steps[np.diff(curve.x) < 1e-9] > 0.3 * height).any()


def test_a_domain_ends_at_its_end() -> None:
    curve = trace(quiet(lambda x: np.sqrt(x - 0.1234567)), -1, 1)
    assert curve.x[np.isfinite(curve.y)].min() == pytest.approx(0.1234567, abs=1e-12)
    hole = trace(quiet(lambda x: np.where(x == 0.25, np.nan, x)), -1, 1)
    gap = hole.x[np.isfinite(hole.y)]
    assert np.diff(gap).max() < 0.01


def test_limits() -> None:
    x = np.linspace(-1, 1, 257)
    assert robust(x**2) == (0, 1)
    # A narrow peak is shown whole, a pole is not.
    assert robust(np.exp(-300 * x**2))[1] == 1
    low, high = robust(1 / (x - 0.001))
    assert -20 < low < -3 and 3 < high < 20
    assert robust(np.array([np.nan, np.inf])) == (0, 1)
    assert robust(np.array([2.0, 2.0])) == (1, 3)
    assert robust(x**2, 5.0) == (0, 5)


def test_windows_follow_the_domain_and_the_scale() -> None:
    def values(positions: Any) -> Any:
        x, y = positions
        return quiet(lambda x: np.log(x) + 0 * y)(x)

    (low, high), _ = windows(values, [0.01, 0.0], equal=False)
    assert -0.005 < low < 0 and 0.02 < high < 0.06
    (low, high), _ = windows(lambda p: np.exp(40 * p[0]) + p[1], [0.5, 0.0], equal=False)
    assert high - low < 0.6
    first, second = windows(lambda p: p[0] ** 2 + p[1] ** 2, [0.0, 3.0], equal=True)
    assert first[1] - first[0] == pytest.approx(second[1] - second[0])


def test_windows_reach_as_far_as_they_must() -> None:
    wide, tall = stretched([(-1.0, 1.0), (-1.0, 1.0)], [0.0, 0.0], [(2.0, 0.5)], equal=True)
    assert wide[1] > 2 and wide[1] - wide[0] == pytest.approx(tall[1] - tall[0])
    assert stretched([(-1.0, 1.0), (-1.0, 1.0)], [0.0, 0.0], [(200.0, 0.5)], equal=True) == [(-1, 1), (-1, 1)]
