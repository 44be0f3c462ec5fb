"""Functions that programs for Numba carry along when they use them. Read as source text, never called from here."""

import math
from typing import Any

import numpy as np
from numba import njit  # type: ignore[import-untyped,unused-ignore]


@njit(error_model="numpy")
def sigmoid(z: Any) -> Any:
    """1 / (1 + exp(-z)), without overflow."""
    e = math.exp(-abs(z))
    return (1.0 if z >= 0 else e) / (1 + e)


@njit(error_model="numpy")
def softplus(z: Any) -> Any:
    """log(1 + exp(z)), without overflow."""
    return max(z, 0.0) + math.log1p(math.exp(-abs(z))) if z == z else z


@njit(error_model="numpy")
def logaddexp(a: Any, b: Any) -> Any:
    """log(exp(a) + exp(b)), without overflow."""
    if a == b:
        return a + math.log(2.0)
    return max(a, b) + math.log1p(math.exp(-abs(a - b)))


@njit(error_model="numpy")
def xlogy(x: Any, y: Any) -> Any:
    """x*log(y); 0 where both are 0."""
    return 0.0 if x == 0 and y >= 0 else x * math.log(y)


@njit(error_model="numpy")
def gelu(z: Any) -> Any:
    """z times the normal distribution function, accurate for large negative z too."""
    return z * math.erfc(-z / math.sqrt(2.0)) / 2


@njit(error_model="numpy")
def row_max(z: Any) -> Any:
    """The largest entry."""
    return np.max(z)


@njit(error_model="numpy")
def row_min(z: Any) -> Any:
    """The smallest entry."""
    return np.min(z)


@njit(error_model="numpy")
def row_prod(z: Any) -> Any:
    """The product of all entries."""
    return np.prod(z)


@njit(error_model="numpy")
def row_var(z: Any) -> Any:
    """The mean of the squared deviations from the mean."""
    return np.mean((z - np.mean(z)) ** 2)


@njit(error_model="numpy")
def row_logsumexp(z: Any) -> Any:
    """log(sum(exp(z))), without overflow."""
    top = np.max(z)
    top = top if np.isfinite(top) else 0.0
    return top + math.log(np.sum(np.exp(z - top)))


@njit(error_model="numpy")
def softmax(z: Any) -> Any:
    """exp(z) / sum(exp(z)), without overflow."""
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


@njit(error_model="numpy")
def log_softmax(z: Any) -> Any:
    """z - logsumexp(z), without overflow."""
    z = z - np.max(z)
    return z - math.log(np.sum(np.exp(z)))


@njit(error_model="numpy")
def hardmax(z: Any) -> Any:
    """1 at the largest entry, shared if there are several."""
    top = np.where(z == np.max(z), 1.0, 0.0)
    return top / np.sum(top)


@njit(error_model="numpy")
def prod_others(z: Any) -> Any:
    """For each entry the product of all others, from both sides: nothing is divided by an entry that may be zero."""
    others = np.ones(z.size)
    before, after = 1.0, 1.0
    for k in range(z.size):
        others[k] *= before
        before *= z[k]
        others[z.size - 1 - k] *= after
        after *= z[z.size - 1 - k]
    return others


@njit(error_model="numpy")
def cumsum(z: Any) -> Any:
    """The sums of all entries up to each one."""
    return np.cumsum(z)


@njit(error_model="numpy")
def logdet(a: Any) -> Any:
    """The logarithm of the determinant; nan unless that is positive."""
    sign, logarithm = np.linalg.slogdet(a)
    return logarithm if sign > 0 else np.nan
