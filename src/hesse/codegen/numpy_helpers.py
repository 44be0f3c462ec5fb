"""Functions that programs for NumPy carry along when they use them. Read as source text, never called from here."""

from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped]


def sigmoid(z: Any) -> Any:
    """1 / (1 + exp(-z)), without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def softplus(z: Any) -> Any:
    """log(1 + exp(z)), without overflow."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def logsumexp(z: Any, axis: int | None = None) -> Any:
    """log(sum(exp(z))), without overflow."""
    top = np.max(z, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    return np.log(np.sum(np.exp(z - top), axis=axis)) + np.squeeze(top, axis=axis)


def softmax(z: Any, axis: int | None = None) -> Any:
    """exp(z) / sum(exp(z)), without overflow."""
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(z: Any, axis: int | None = None) -> Any:
    """z - logsumexp(z), without overflow."""
    z = z - np.max(z, axis=axis, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=axis, keepdims=True))


def finite_max(z: Any, axis: int | None = None) -> Any:
    """The largest entry, to be subtracted before exp; 0 where that is infinite."""
    largest = np.max(z, axis=axis)
    return np.where(np.isfinite(largest), largest, 0)


def hardmax(z: Any, axis: int | None = None) -> Any:
    """1 at the largest entry, shared if there are several."""
    top = z == np.max(z, axis=axis, keepdims=True)
    return top / np.sum(top, axis=axis, keepdims=True)


def prod_others(z: Any, axis: int | None = None) -> Any:
    """For each entry the product of all others, from both sides: nothing is divided by an entry that may be zero."""
    lanes = np.reshape(z, -1) if axis is None else np.moveaxis(z, axis, -1)
    before, after = np.ones(lanes.shape), np.ones(lanes.shape)
    before[..., 1:] = np.cumprod(lanes[..., :-1], axis=-1)
    after[..., :-1] = np.cumprod(lanes[..., :0:-1], axis=-1)[..., ::-1]
    others = before * after
    return np.reshape(others, np.shape(z)) if axis is None else np.moveaxis(others, -1, axis)


def logdet(a: Any) -> Any:
    """The logarithm of the determinant; nan unless that is positive."""
    sign, logarithm = np.linalg.slogdet(a)
    return logarithm if sign > 0 else np.nan


def gelu(z: Any) -> Any:
    """z times the normal distribution function, accurate for large negative z too."""
    return z * special.erfc(-z / np.sqrt(2)) / 2


def xlogy(x: Any, y: Any) -> Any:
    """x*log(y); 0 where both are 0."""
    zero = (x == 0) & (y >= 0)
    return np.where(zero, 0, x * np.log(np.where(zero, 1, y)))
