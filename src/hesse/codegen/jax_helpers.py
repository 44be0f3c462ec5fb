"""Functions that programs for JAX carry along when they use them. Read as source text, never called from here."""

from typing import Any

import jax.numpy as jnp
from jax.scipy import special


def sigmoid(z: Any) -> Any:
    """1 / (1 + exp(-z)), without overflow."""
    e = jnp.exp(-jnp.abs(z))
    return jnp.where(z >= 0, 1, e) / (1 + e)


def softplus(z: Any) -> Any:
    """log(1 + exp(z)), without overflow."""
    return jnp.maximum(z, 0) + jnp.log1p(jnp.exp(-jnp.abs(z)))


def logsumexp(z: Any, axis: int | None = None) -> Any:
    """log(sum(exp(z))), without overflow."""
    top = jnp.max(z, axis=axis, keepdims=True)
    top = jnp.where(jnp.isfinite(top), top, 0)
    return jnp.log(jnp.sum(jnp.exp(z - top), axis=axis)) + jnp.squeeze(top, axis=axis)


def softmax(z: Any, axis: int | None = None) -> Any:
    """exp(z) / sum(exp(z)), without overflow."""
    e = jnp.exp(z - jnp.max(z, axis=axis, keepdims=True))
    return e / jnp.sum(e, axis=axis, keepdims=True)


def log_softmax(z: Any, axis: int | None = None) -> Any:
    """z - logsumexp(z), without overflow."""
    z = z - jnp.max(z, axis=axis, keepdims=True)
    return z - jnp.log(jnp.sum(jnp.exp(z), axis=axis, keepdims=True))


def finite_max(z: Any, axis: int | None = None) -> Any:
    """The largest entry, to be subtracted before exp; 0 where that is infinite."""
    largest = jnp.max(z, axis=axis)
    return jnp.where(jnp.isfinite(largest), largest, 0)


def hardmax(z: Any, axis: int | None = None) -> Any:
    """1 at the largest entry, shared if there are several."""
    top = z == jnp.max(z, axis=axis, keepdims=True)
    return top / jnp.sum(top, axis=axis, keepdims=True)


def prod_others(z: Any, axis: int | None = None) -> Any:
    """For each entry the product of all others, from both sides: nothing is divided by an entry that may be zero."""
    lanes = jnp.reshape(z, -1) if axis is None else jnp.moveaxis(z, axis, -1)
    one = jnp.ones_like(lanes[..., :1])
    before = jnp.cumprod(jnp.concatenate([one, lanes[..., :-1]], axis=-1), axis=-1)
    after = jnp.cumprod(jnp.concatenate([one, lanes[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    others = before * after
    return jnp.reshape(others, jnp.shape(z)) if axis is None else jnp.moveaxis(others, -1, axis)


def logdet(a: Any) -> Any:
    """The logarithm of the determinant; nan unless that is positive."""
    sign, logarithm = jnp.linalg.slogdet(a)
    return jnp.where(sign > 0, logarithm, jnp.nan)


def gelu(z: Any) -> Any:
    """z times the normal distribution function, accurate for large negative z too."""
    return z * special.erfc(-z / jnp.sqrt(2)) / 2


def xlogy(x: Any, y: Any) -> Any:
    """x*log(y); 0 where both are 0."""
    zero = (x == 0) & (y >= 0)
    return jnp.where(zero, 0.0, x * jnp.log(jnp.where(zero, 1.0, y)))
