"""The best forms that are known of the tasks, written by hand: NumPy, and loops for Numba."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, prange

Array = np.ndarray[Any, Any]
ROWS = 256
"""Rows of the data that stay in the cache."""


def lecture(x1: float, x2: float) -> tuple[float, list[float], list[list[float]]]:
    """The lecture's function at one point, in plain Python: value, gradient, Hessian."""
    e = math.exp(x1 * x2)
    mixed = e * (1 + x1 * x2)
    gradient = [2 * x1 + x2 * e, x1 * e + 2 / x2]
    return x1 * x1 + e + 2 * math.log(x2), gradient, [[2 + x2 * x2 * e, mixed], [mixed, x1 * x1 * e - 2 / (x2 * x2)]]


@njit(error_model="numpy")
def lecture_into(x1: float, x2: float, gradient: Array, hessian: Array) -> float:
    """The same by Numba, into arrays."""
    e = math.exp(x1 * x2)
    mixed = e * (1 + x1 * x2)
    gradient[0] = 2 * x1 + x2 * e
    gradient[1] = x1 * e + 2 / x2
    hessian[0, 0] = 2 + x2 * x2 * e
    hessian[0, 1] = mixed
    hessian[1, 0] = mixed
    hessian[1, 1] = x1 * x1 * e - 2 / (x2 * x2)
    return x1 * x1 + e + 2 * math.log(x2)


@njit(error_model="numpy", parallel=True)
def lecture_points(x1: Array, x2: Array, gradient: Array, hessian: Array) -> None:
    """Gradients and Hessians at many points, one pass over all."""
    for i in prange(x1.size):
        a, b = x1[i], x2[i]
        e = math.exp(a * b)
        mixed = e * (1 + a * b)
        gradient[i, 0] = 2 * a + b * e
        gradient[i, 1] = a * e + 2 / b
        hessian[i, 0, 0] = 2 + b * b * e
        hessian[i, 0, 1] = mixed
        hessian[i, 1, 0] = mixed
        hessian[i, 1, 1] = a * a * e - 2 / (b * b)


def _sigmoid(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def logistic_gradient(X: Array, y: Array, w: Array) -> Array:
    """-Xᵀ(y σ(-y Xw)) in blocks of rows."""
    gradient = np.zeros(w.size)
    for low in range(0, y.size, ROWS):
        rows, labels = X[low : low + ROWS], y[low : low + ROWS]
        gradient -= (labels * _sigmoid(-labels * (rows @ w))) @ rows
    return gradient


def logistic_hessian(X: Array, y: Array, w: Array) -> Array:
    """Bᵀ B with B = diag(√(y² s (1 - s))) X."""
    s = _sigmoid(-y * (X @ w))
    B = np.sqrt(y**2 * s * (1 - s))[:, None] * X
    return B.T @ B


def logistic_product(X: Array, y: Array, w: Array, v: Array) -> Array:
    """The Hessian times v in blocks of rows."""
    product = np.zeros(w.size)
    for low in range(0, y.size, ROWS):
        rows, labels = X[low : low + ROWS], y[low : low + ROWS]
        s = _sigmoid(-labels * (rows @ w))
        product += (labels**2 * s * (1 - s) * (rows @ v)) @ rows
    return product


def quadratic_hessian(A: Array, out: Array) -> Array:
    """A + Aᵀ in tiles, so that both are read along rows while they are in the cache."""
    n, tile = A.shape[0], 64
    for i in range(0, n, tile):
        for j in range(i, n, tile):
            block = A[i : i + tile, j : j + tile] + A[j : j + tile, i : i + tile].T
            out[i : i + tile, j : j + tile] = block
            out[j : j + tile, i : i + tile] = block.T
    return out


def factorisation_hessian(U: Array, V: Array) -> Array:
    """The block-diagonal 2 (I ⊗ VᵀV) as an array of four axes."""
    m, k = U.shape
    hessian = np.zeros((m, k, m, k))
    i = np.arange(m)
    hessian[i, :, i, :] = 2 * (V.T @ V)
    return hessian


def factorisation_product(V: Array, P: Array) -> Array:
    """2 P (VᵀV)."""
    return 2 * (P @ (V.T @ V))


def layer_jacobian(W: Array, x: Array, b: Array, out: Array) -> Array:
    """diag(1 - tanh²(Wx + b)) W."""
    return np.multiply((1 - np.tanh(W @ x + b) ** 2)[:, None], W, out=out)


def network_jacobians(W1: Array, b1: Array, W2: Array, x: Array) -> Array:
    """W2 diag(1 - tanh²(W1 x + b1)) W1 for every row of x, by one product of matrices."""
    slopes = 1 - np.tanh(x @ W1.T + b1) ** 2
    scaled = slopes[:, None, :] * W2
    return (scaled.reshape(-1, W2.shape[1]) @ W1).reshape(x.shape[0], W2.shape[0], W1.shape[1])


def softmax_hessian(x: Array, out: Array) -> Array:
    """diag(p) - p pᵀ."""
    e = np.exp(x - x.max())
    p = e / e.sum()
    np.multiply(-p[:, None], p, out=out)
    out.reshape(-1)[:: x.size + 1] += p
    return out


def multiclass_hessian(X: Array, W: Array) -> Array:
    """The Hessian of multiclass logistic regression by W: d, k, d, k."""
    d, k = W.shape
    scores = X @ W
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    P = e / e.sum(axis=1, keepdims=True)
    weighted = (X[:, :, None] * P[:, None, :]).reshape(X.shape[0], d * k)
    hessian = -(weighted.T @ weighted).reshape(d, k, d, k)
    for c in range(k):
        rows = np.sqrt(P[:, c])[:, None] * X
        hessian[:, c, :, c] += rows.T @ rows
    return hessian


def _logsumexp(a: Array) -> Any:
    top = a.max()
    return np.log(np.exp(a - top).sum()) + top


def mixture_features(X: Array) -> Array:
    """What the moment form of a Gaussian mixture needs of the data, once: products of entries, entries, and 1."""
    i, j = np.triu_indices(X.shape[1])
    return np.concatenate([X[:, i] * X[:, j], X, np.ones((X.shape[0], 1))], axis=1)


def mixture_by_moments(features: Array, mu: Array, L: Array, a: Array) -> tuple[Any, Array, Array, Array]:
    """Value and gradients of a Gaussian mixture by second moments: two products with the features.

    It squares the data before their centres are taken off, and so loses digits where they lie far from the origin.
    """
    K, d = mu.shape
    i, j = np.triu_indices(d)
    S = L.transpose(0, 2, 1) @ L
    offsets, diagonal = np.einsum("kij,kj->ki", S, mu), np.einsum("kii->ki", L)
    constants = a + np.log(diagonal).sum(axis=1) - np.einsum("ki,ki->k", mu, offsets) / 2
    weights = np.concatenate([(-S[:, i, j] * np.where(i == j, 0.5, 1)).T, offsets.T, constants[None]])
    scores = features @ weights
    top = scores.max(axis=1, keepdims=True)
    scores -= top
    P = np.exp(scores, out=scores)
    totals = P.sum(axis=1, keepdims=True)
    value = (np.log(totals) + top).sum() - features.shape[0] * _logsumexp(a)
    P /= totals
    moments = P.T @ features
    shares, firsts, seconds = moments[:, -1], moments[:, i.size : -1], np.empty((K, d, d))
    seconds[:, i, j] = moments[:, : i.size]
    seconds[:, j, i] = moments[:, : i.size]
    centred = firsts - shares[:, None] * mu
    spread = seconds - firsts[:, :, None] * mu[:, None, :] - mu[:, :, None] * centred[:, None, :]
    by_L = -(L @ spread)
    k = np.arange(d)
    by_L[:, k, k] += shares[:, None] / diagonal
    by_a = shares - features.shape[0] * np.exp(a - _logsumexp(a))
    return value, by_a, np.einsum("kij,kj->ki", S, centred), by_L


def mixture_by_residuals(X: Array, mu: Array, L: Array, a: Array) -> tuple[Any, Array, Array, Array]:
    """The same by the residuals L (x - mu), which loses no digits: two products with all factors side by side."""
    (K, d), N = mu.shape, X.shape[0]
    diagonal = np.einsum("kii->ki", L)
    Z = (X @ L.reshape(K * d, d).T).reshape(N, K, d)
    Z -= np.einsum("kij,kj->ki", L, mu)
    scores = a + np.log(diagonal).sum(axis=1) - np.einsum("nki,nki->nk", Z, Z) / 2
    top = scores.max(axis=1, keepdims=True)
    P = np.exp(scores - top)
    totals = P.sum(axis=1, keepdims=True)
    value = (np.log(totals) + top).sum() - N * _logsumexp(a)
    P /= totals
    shares, Z = P.sum(axis=0), P[:, :, None] * Z
    sums = Z.sum(axis=0)
    by_L = sums[:, :, None] * mu[:, None, :] - (Z.reshape(N, K * d).T @ X).reshape(K, d, d)
    k = np.arange(d)
    by_L[:, k, k] += shares[:, None] / diagonal
    return value, shares - N * np.exp(a - _logsumexp(a)), np.einsum("kij,ki->kj", L, sums), by_L


@njit(error_model="numpy", parallel=True)
def rosenbrock_gradient(x: Array, out: Array) -> None:
    """The gradient of the chained Rosenbrock function: each entry gathers what belongs to it."""
    n = x.size
    for i in prange(n):
        total = 0.0
        if i < n - 1:
            total += -400 * x[i] * (x[i + 1] - x[i] * x[i]) - 2 * (1 - x[i])
        if i > 0:
            total += 200 * (x[i] - x[i - 1] * x[i - 1])
        out[i] = total
