"""Functions of JAX and PyTorch: their own backward passes, single precision, arrays of several libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs

jax = pytest.importorskip("jax", reason="needs the extra jax")
jnp = jax.numpy


def jax_loss(w: Any, X: Any, y: Any) -> Any:
    return jnp.mean(jnp.logaddexp(0.0, -y * (X @ w)))


def test_jax_functions_are_read() -> None:
    at = {"w": jnp.array([0.5, -1.0]), "X": jnp.array([[1.0, 2.0], [0.5, -1.0], [3.0, 1.0]]), "y": jnp.ones(3)}

    def by_hand(w: Any, X: Any, y: Any) -> Any:
        return -X.T @ (y * jax.nn.sigmoid(-y * (X @ w))) / y.shape[0]

    found = hs.check_gradient(jax_loss, by_hand, at, wrt="w")
    assert found.verdict == "equal (proved)"
    assert hs.check_gradient(jax_loss, jax.grad(jax_loss), at, wrt="w").right
    assert hs.check_gradient(jax_loss, None, at, wrt="w").right
    wrong = hs.check_gradient(jax_loss, lambda w, X, y: 3 * by_hand(w, X, y), at, wrt="w")
    assert wrong.mistakes == ["mean-or-sum"]


def test_numpy_points_for_jax_functions() -> None:
    found = hs.check_gradient(lambda x: jnp.sum(jnp.sin(x)), lambda x: jnp.cos(x), [0.5, 1.0])
    assert found.right and any("JAX" in reading for reading in found.readings)


def test_custom_derivatives_of_jax() -> None:
    @jax.custom_vjp
    def product(x: Any) -> Any:
        return x * jnp.sin(x)

    product.defvjp(lambda x: (product(x), x), lambda x, g: (g * x * jnp.cos(x),))
    found = hs.check_gradient(product, None, jnp.array([1.0, 2.0]))
    assert found.verdict == "different" and [entry.index for entry in found.wrong] == [(0, 0), (1, 1)]
    product.defvjp(lambda x: (product(x), x), lambda x, g: (g * (x * jnp.cos(x) + jnp.sin(x)),))
    assert hs.check_gradient(product, None, jnp.array([1.0, 2.0])).right


def test_single_precision_of_jax_is_widened() -> None:
    found = hs.check_gradient(
        lambda x: jnp.sum(jnp.exp(x) * x), lambda x: jnp.exp(x) * (1 + x), jnp.array([0.5, -1.0], dtype="float32")
    )
    assert found.right and found.relative_error is not None and found.relative_error < 1e-10


def test_single_precision_of_numpy() -> None:
    at = np.array([0.5, -1.0, 2.0], dtype=np.float32)

    def cubes(x: Any) -> Any:
        return np.float32(np.sum(np.float32(x) ** 3))

    def jac(x: Any) -> Any:
        return np.float32(3) * np.float32(x) ** 2

    assert hs.check_gradient(cubes, jac, at).right
    wrong = hs.check_gradient(cubes, lambda x: jac(x) * [1, 1, 1.02], at)
    assert [entry.index for entry in wrong.wrong] == [(2,)]


def test_an_overflow_in_single_precision_is_seen() -> None:
    """exp(100) is a number in double precision, and none in single precision, in which the gradient is asked for."""
    at = np.array([1.0, 50.0], dtype=np.float32)

    def jac(x: Any) -> Any:
        return np.exp(2 * x) / np.exp(x)

    found = hs.check_gradient(lambda x: np.sum(np.exp(x)), jac, at)
    assert found.verdict == "different" and [entry.index for entry in found.wrong] == [(1,)]
