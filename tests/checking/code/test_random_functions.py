"""Random functions of the kinds that are written by hand: right derivatives pass, one entry that is off does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import hesse as hs

Family = tuple[str, Callable[[Any], Any], Callable[[Any], Any], Any]


def opaque(x: Any) -> Any:
    """The array, through a conversion that keeps a function from being read."""
    return np.array(x, dtype=float)


def families(random: np.random.Generator) -> Iterator[Family]:
    """Functions with their derivatives at random points, of scales between 1e-3 and 1e3."""
    m, n = int(random.integers(1, 6)), int(random.integers(2, 7))
    A = random.normal(size=(m, n)) * 10.0 ** random.uniform(-2, 2)
    b, scale = random.normal(size=m), 10.0 ** random.uniform(-6, 6)
    x = random.normal(size=n) * 10.0 ** random.uniform(-3, 3)
    one = random.normal(size=n)
    yield "least squares", lambda x: np.sum((A @ opaque(x) - b) ** 2), lambda x: 2 * A.T @ (A @ x - b), x
    yield "norm", lambda x: np.linalg.norm(opaque(x)), lambda x: x / np.linalg.norm(x), x
    yield "hinge", lambda x: np.sum(np.maximum(A @ opaque(x) - b, 0)), lambda x: A.T @ ((A @ x - b) > 0), x
    yield "log-sum-exp", lambda x: np.logaddexp.reduce(opaque(x)), lambda x: np.exp(x - np.logaddexp.reduce(x)), one
    yield "layer", lambda x: np.sin(A @ opaque(x)), lambda x: np.cos(A @ x)[:, None] * A, one / np.linalg.norm(A)
    yield "scaled", lambda x: np.sum(np.sin(opaque(x) / scale)), lambda x: np.cos(x / scale) / scale, one * scale
    yield "offset", lambda x: 1e6 + np.sum(np.sin(opaque(x))), lambda x: np.cos(x), one
    yield "single", lambda x: float(np.sum(np.float32(opaque(x)) ** 3, dtype=np.float32)), lambda x: 3 * x**2, one
    yield "entropy", lambda x: -np.sum(opaque(x) * np.log(opaque(x))), lambda x: -np.log(x) - 1, np.abs(x) + 1e-9
    yield "reciprocals", lambda x: np.sum(1 / opaque(x)), lambda x: -1 / x**2, np.abs(x) + 1e-6


def with_one_off(jac: Callable[[Any], Any], factor: float) -> Callable[[Any], Any]:
    """The derivative with its largest entry multiplied."""

    def wrong(x: Any) -> Any:
        found = np.array(jac(x), dtype=float)
        found.flat[np.argmax(np.abs(found))] *= factor
        return found

    return wrong


@pytest.mark.parametrize("seed", range(3))
def test_right_and_wrong(seed: int) -> None:
    random = np.random.default_rng(seed)
    for name, fun, jac, at in families(random):
        found = hs.check_gradient(fun, jac, at)
        assert found.right, (name, at, str(found))
        if np.any(jac(at)):
            factor = float(random.choice([2.0, -1.0, 0.0, 1.02]))
            assert hs.check_gradient(fun, with_one_off(jac, factor), at).verdict == "different", (name, factor, at)
