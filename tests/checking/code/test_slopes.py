"""Extrapolated differences: the error that is claimed holds, kinks and jumps are seen, noise is measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.checking.code.arguments import arguments
from hesse.checking.code.calls import Calls
from hesse.checking.code.noise import noise
from hesse.checking.code.slopes import SAFETY, Slopes
from hesse.checking.code.truth import Values, agreed

EPSILON = float(np.finfo(float).eps)


def values(function: Callable[[Any], Any], at: Any) -> Values:
    """The values of a function around a point."""
    calls = Calls(arguments(function, at, (), None), double=False)
    return Values(calls, function, np.asarray(calls.raw(function, "fun")), 0)


def slope(function: Callable[[float], Any], at: float) -> Slopes:
    """What is known of the derivative of a function of one number."""
    found = values(function, at)
    return agreed(*(found.by_entry(0, "full", offset) for offset in (0.77, 0.55)))


SMOOTH = [
    (math.exp, math.exp, 1.0),
    (math.sin, math.cos, 1e6),
    (lambda x: math.sin(1e6 * x), lambda x: 1e6 * math.cos(1e6 * x), 0.3),
    (lambda x: math.log(x), lambda x: 1 / x, 1e-12),
    (lambda x: 1 / x, lambda x: -1 / x**2, 1e-3),
    (lambda x: x**9 - x, lambda x: 9 * x**8 - 1, 1.0),
    (lambda x: 1e-9 * x**2, lambda x: 2e-9 * x, 3.0),
    (lambda x: 1e12 * math.tanh(x), lambda x: 1e12 / math.cosh(x) ** 2, 0.4),
    (lambda x: x**3 - 2 * x, lambda x: -2.0, 0.0),
    (lambda x: 7.0 + 0 * x, lambda x: 0.0, 5.0),
    (lambda x: math.cos(2 * math.pi * 2**20 * x), lambda x: 0.0, 0.0),
    (lambda x: max(x, 0.0) ** 2, lambda x: 0.0, 0.0),
    (lambda x: abs(x - 1e-6), lambda x: -1.0, 0.0),
]


@pytest.mark.parametrize(("function", "derivative", "at"), SMOOTH)
def test_the_error_holds(function: Callable[[float], float], derivative: Callable[[float], float], at: float) -> None:
    found, true = slope(function, at), derivative(at)
    error = float(found.error[0])
    assert not found.kink[0] and not found.unbounded[0]
    assert abs(found.value[0] - true) <= SAFETY * error
    assert error <= 1e-5 * max(abs(true), 1.0) or function(at) == 0


@pytest.mark.parametrize(
    ("function", "left", "right"),
    [
        (abs, -1, 1),
        (lambda x: 2 + max(x, 0.0), 0, 1),
        (lambda x: max(math.exp(x), 1 - 3 * x), -3, 1),
        (lambda x: 1e-8 * abs(x) + 5e-8 * x, 4e-8, 6e-8),
        (lambda x: abs(math.sin(x)) - math.cos(x), -1, 1),
    ],
)
def test_kinks_have_two_slopes(function: Callable[[float], float], left: float, right: float) -> None:
    found = slope(function, 0.0)
    assert found.kink[0]
    assert [found.left[0], found.right[0]] == pytest.approx([left, right], rel=1e-6)


@pytest.mark.parametrize(
    "function", [lambda x: math.sqrt(abs(x)), lambda x: float(x > 0), lambda x: math.copysign(1, x)]
)
def test_slopes_without_bound(function: Callable[[float], float]) -> None:
    assert slope(function, 0.0).unbounded[0]


@pytest.mark.parametrize("distance", [1e-5, 1e-7, 1e-9])
def test_the_end_of_a_domain_close_by(distance: float) -> None:
    at = 1 - distance
    found = hs.check_gradient(lambda x: math.sqrt(1 - x * x), lambda x: -x / math.sqrt(1 - x * x), at)
    assert found.right
    wrong = hs.check_gradient(lambda x: math.sqrt(1 - x * x), lambda x: x / math.sqrt(1 - x * x), at)
    assert wrong.mistakes == ["sign"]


def test_a_domain_that_ends_close_by() -> None:
    found = slope(lambda x: math.sqrt(x), 1e-10)
    assert found.value[0] == pytest.approx(0.5e5, rel=1e-6)


def test_each_output_has_its_own_steps() -> None:
    found = values(lambda x: np.array([np.sin(1e5 * x[0]), x[0] ** 2, abs(x[0] - 1)]), [1.0])
    both = found.by_entry(0, "full")
    assert both.value[:2] == pytest.approx([1e5 * math.cos(1e5), 2.0], rel=1e-7)
    assert both.kink.tolist() == [False, False, True]


def test_noise_of_narrow_numbers_is_seen() -> None:
    start = np.array([float(np.float32(math.exp(0.3)))])
    found = noise(lambda t: np.array([float(np.float32(math.exp(0.3 + t)))]), start, EPSILON)
    unit = float(np.finfo(np.float32).eps)
    assert 0.02 * unit < found[0] < 2 * unit


def test_noise_of_exact_values_is_their_rounding() -> None:
    found = noise(lambda t: np.array([3.0 + t, 1.0]), np.array([3.0, 1.0]), EPSILON)
    assert np.all(found <= 4 * EPSILON)


def test_a_contradiction_is_no_knowledge() -> None:
    plain = slope(math.exp, 0.0)
    other = Slopes(*(getattr(plain, name) for name in Slopes.__dataclass_fields__))
    moved = Slopes(other.value + 1, *(getattr(other, name) for name in list(Slopes.__dataclass_fields__)[1:]))
    assert agreed(plain, moved).error[0] == pytest.approx(1.0)


@pytest.mark.parametrize("scale", [1.0, 0.3, 2.7, 11.0])
@pytest.mark.parametrize("wave", [np.sin, np.cos], ids=["sin", "cos"])
def test_an_oscillating_function_refutes_no_right_slope(wave: Callable[[float], float], scale: float) -> None:
    def function(x: Any) -> float:
        return float(x[0] ** 2 * wave(scale / x[0])) if x[0] else 0.0

    assert not hs.check_gradient(function, lambda x: np.zeros(1), [0.0]).mistakes
    assert hs.check_gradient(function, lambda x: np.zeros(1), [0.0]).verdict != "different"
    assert hs.check_gradient(function, lambda x: np.ones(1), [0.0]).verdict == "different"
