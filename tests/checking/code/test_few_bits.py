"""Functions that calculate with few bits, and directions along which nothing is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.checking.code.precision import DOUBLE_SPACING, spacing, working_spacing

HALF = np.float16
POINTS = ([1.0, 2.0, 0.3], [0.3515625, 0.9033203125, 0.094], [-1.0098, -0.2092, -0.1592])


def _cube(x: Any) -> Any:
    return np.sum(x * x * x)


def _cube_slope(x: Any) -> Any:
    return 3 * x * x


def _logsumexp(x: Any) -> Any:
    return np.log(np.sum(np.exp(x)))


def _softmax(x: Any) -> Any:
    return np.exp(x) / np.sum(np.exp(x))


PAIRS = ((_cube, _cube_slope), (_logsumexp, _softmax))


@pytest.mark.parametrize("result", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("argument", [np.float16, np.float64])
@pytest.mark.parametrize("pair", PAIRS, ids=["cube", "logsumexp"])
def test_rounding_to_few_bits_is_no_difference(pair: tuple[Any, Any], argument: Any, result: Any) -> None:
    fun, jac = pair
    for point in POINTS:
        found = hs.check_gradient(
            lambda x: np.asarray(fun(x.astype(HALF))).astype(result),
            lambda x: np.asarray(jac(x.astype(HALF))).astype(result),
            at=np.array(point, argument),
        )
        assert found.verdict != "different"


@pytest.mark.parametrize("factor", [2, -1])
@pytest.mark.parametrize("pair", PAIRS, ids=["cube", "logsumexp"])
def test_gross_errors_show_with_few_bits(pair: tuple[Any, Any], factor: int) -> None:
    fun, jac = pair
    found = hs.check_gradient(
        lambda x: fun(x.astype(HALF)), lambda x: HALF(factor) * jac(x.astype(HALF)), at=np.array(POINTS[0], HALF)
    )
    assert found.verdict == "different"


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_half_precision_of_jax(kind: str) -> None:
    jnp = pytest.importorskip("jax.numpy")
    narrow = getattr(jnp, kind)
    for point in POINTS:
        for given in (jnp.asarray(point, narrow), jnp.asarray(point, jnp.float32)):
            found = hs.check_gradient(
                lambda x: jnp.sum(jnp.exp(x.astype(narrow))), lambda x: jnp.exp(x.astype(narrow)), at=given
            )
            assert found.verdict != "different"


@pytest.mark.parametrize("kind", ["bfloat16", "half"])
def test_half_precision_of_torch(kind: str) -> None:
    torch = pytest.importorskip("torch")
    narrow = getattr(torch, kind)
    for point in POINTS:
        for given in (torch.tensor(point, dtype=narrow), torch.tensor(point, dtype=torch.float64)):
            found = hs.check_gradient(
                lambda x: torch.sum(torch.exp(x.to(narrow))), lambda x: torch.exp(x.to(narrow)), at=given
            )
            assert found.verdict != "different"


def test_steps_that_are_no_rounding_are_still_judged() -> None:
    assert hs.check_gradient(lambda x: np.sum(np.sign(x)), lambda x: 1 + 0 * x, at=[1.0, 2.0]).verdict == "different"
    assert hs.check_gradient(lambda x: np.sum(np.floor(x)), lambda x: 0 * x, at=[1.3, 2.2]).right


def test_the_spacing_of_numbers() -> None:
    values = np.random.default_rng(1).normal(size=20)
    assert working_spacing(values) == DOUBLE_SPACING
    assert working_spacing(values.astype(np.float32).astype(float)) == 2.0**-23
    assert working_spacing(values.astype(HALF).astype(float)) == 2.0**-10
    assert working_spacing(np.array([1.0, -2.0, 3.0, np.nan])) == DOUBLE_SPACING
    assert spacing(values.astype(HALF)) == 2.0**-10 and spacing([1.0]) == DOUBLE_SPACING


def test_directions_without_a_slope_are_not_judged() -> None:
    def fun(x: Any) -> Any:
        return x[0] + 2 * x[1] if x[0] * x[1] == 0 else np.nan

    found = hs.check_gradient(fun, lambda x: np.array([1.0, 2.0]), at=[0.0, 0.0])
    assert [each.judged for each in found.remainders] == [False] * 3
    assert found.notes[0] == "the slope of fun along 3 of 3 directions could not be determined: not judged"
    assert "slopes of the Taylor remainders: not judged, not judged, not judged" in str(found)
