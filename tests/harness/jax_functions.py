"""How the oracle computes each function: a new row of the vocabulary needs a line in one of the tables at the end.

Inverses and determinants come from elimination, so that only arithmetic is differentiated.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special
import numpy as np

Array = Any


def matmul(left: Array, right: Array) -> Array:
    """left @ right."""
    return jnp.tensordot(left, right, [[left.ndim - 1], [0]])


def _sizes(parts: tuple[Array, ...]) -> tuple[int, ...]:
    listed = parts[0] if isinstance(parts[0], tuple) else parts
    return tuple(int(part) for part in listed)


def absolute(operand: Array) -> Array:
    """|x| with the slope sign(x): 0 at the kink, where JAX has 1. Entries of -1 and 1 differ by 0 quite often."""
    return operand * jax.lax.stop_gradient(jnp.sign(operand))


def _softmax(operand: Array, axis: int | None) -> Array:
    # The shift changes nothing; without it squares of large weights overflow.
    weights = jnp.exp(operand - jax.lax.stop_gradient(jnp.max(operand, axis, keepdims=True)))
    return weights / jnp.sum(weights, axis, keepdims=True)


def _logsumexp(operand: Array, axis: int | None) -> Array:
    top = jax.lax.stop_gradient(jnp.max(operand, axis, keepdims=True))
    return jnp.log(jnp.sum(jnp.exp(operand - top), axis)) + jnp.squeeze(top, axis)


def inverse(matrix: Array) -> Array:
    """Gauss-Jordan elimination without pivoting, for matrices whose leading minors are far from zero."""
    size = matrix.shape[0]
    both = jnp.concatenate([matrix, np.eye(size)], 1)
    for unit, place in zip(np.eye(size), np.eye(2 * size), strict=False):
        column = matmul(both, place)
        row = matmul(unit, both) / matmul(unit, column)
        both = both - (column - unit)[:, None] * row[None, :]
    return matmul(both, np.eye(2 * size)[:, size:])


def determinant(matrix: Array) -> Array:
    """The product of the pivots of an elimination without exchanges, for matrices with leading minors far from zero."""
    size, result = matrix.shape[0], 1.0
    for unit in np.eye(size):
        column, row = matmul(matrix, unit), matmul(unit, matrix)
        pivot = matmul(row, unit)
        result = result * pivot
        # What is eliminated is replaced by the identity, so that later pivots see only what is left.
        matrix = matrix - (column - unit)[:, None] * row[None, :] / pivot
    return result


def _slices(operand: Array, axis: int | None) -> list[Array]:
    """The parts along an axis; all entries without one."""
    flat = jnp.reshape(operand, -1) if axis is None else operand
    place = 0 if axis is None else axis % operand.ndim
    return [jnp.tensordot(flat, unit, [[place], [0]]) for unit in np.eye(flat.shape[place])]


def _product(parts: list[Array], like: Array) -> Array:
    return reduce(operator.mul, parts, jnp.ones_like(like))


def _prod_others(operand: Array, axis: int | None) -> Array:
    parts = _slices(operand, axis)
    others = [_product([*parts[:k], *parts[k + 1 :]], parts[0]) for k in range(len(parts))]
    return jnp.reshape(jnp.stack(others, axis or 0), operand.shape)


def _hardmax(operand: Array, axis: int | None) -> Array:
    top = jax.lax.stop_gradient(jnp.asarray(operand == jnp.max(operand, axis, keepdims=True), float))
    return top / jnp.sum(top, axis, keepdims=True) + 0 * operand


def _var(operand: Array, axis: int | None) -> Array:
    centred = operand - jnp.mean(operand, axis, keepdims=True)
    return jnp.mean(centred * centred, axis)


def _matrix_power(matrix: Array, exponent: Array) -> Array:
    k = int(exponent)
    base = inverse(matrix) if k < 0 else matrix
    return reduce(matmul, [base] * abs(k), np.eye(matrix.shape[0]))


def _roll(operand: Array, shift: Array, axis: int | None) -> Array:
    """By a permutation of the positions, in C order without an axis."""
    flat = jnp.ravel(operand) if axis is None else jnp.moveaxis(operand, axis, 0)
    places = (np.arange(flat.shape[0]) - int(shift)) % flat.shape[0]
    moved = jnp.tensordot(np.eye(flat.shape[0])[places], flat, 1)
    return jnp.reshape(moved, operand.shape) if axis is None else jnp.moveaxis(moved, 0, axis)


def _cumsum(operand: Array, axis: int | None) -> Array:
    flat = jnp.ravel(operand) if axis is None else jnp.moveaxis(operand, axis, 0)
    sums = jnp.tensordot(np.tri(flat.shape[0]), flat, 1)
    return sums if axis is None else jnp.moveaxis(sums, 0, axis)


def _kron(left: Array, right: Array) -> Array:
    if left.ndim == 1:
        return jnp.ravel(left[:, None] * right[None, :])
    rows, columns = left.shape[0] * right.shape[0], left.shape[1] * right.shape[1]
    return jnp.reshape(left[:, None, :, None] * right[None, :, None, :], (rows, columns))


ELEMENTWISE: Mapping[str, Callable[..., Array]] = {
    **{name: getattr(jnp, name) for name in (
        "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh",
        "tanh", "sign", "maximum", "minimum", "where")},
    "relu": lambda x: jnp.where(x <= 0, 0.0, x),
    "step": lambda x: jnp.where(x > 0, 1.0, jnp.where(x <= 0, 0.0, np.nan)),
    "sigmoid": lambda x: 1 / (1 + jnp.exp(-x)),
    "abs": absolute,
    "softplus": lambda x: jnp.maximum(x, 0) + jnp.log1p(jnp.exp(-jnp.abs(x))),
    "silu": lambda x: x / (1 + jnp.exp(-x)),
    "erf": jax.scipy.special.erf,
    "gelu": lambda x: x * (1 + jax.scipy.special.erf(x / np.sqrt(2))) / 2,
    "gammaln": jax.scipy.special.gammaln,
    "digamma": jax.scipy.special.digamma,
    "clip": lambda x, low, high: jnp.minimum(jnp.maximum(x, low), high),
}  # fmt: skip
REDUCED: Mapping[str, Callable[[Array, int | None], Array]] = {
    "sum": jnp.sum,
    "mean": jnp.mean,
    "norm": lambda x, axis: jnp.sqrt(jnp.sum(x * x, axis)),
    "norm1": lambda x, axis: jnp.sum(absolute(x), axis),
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": lambda x, axis: x - jnp.reshape(_logsumexp(x, axis), jnp.sum(x, axis, keepdims=True).shape),
    "prod": lambda x, axis: _product(_slices(x, axis), _slices(x, axis)[0]),
    "prod_others": _prod_others,
    "max": jnp.max,
    "min": jnp.min,
    "hardmax": _hardmax,
    "var": _var,
}
CONSTRUCTED: Mapping[str, Callable[..., Array]] = {
    "polygamma": lambda order, x: jax.scipy.special.polygamma(int(order), jnp.asarray(x)),
    "diag": lambda x: x[:, None] * np.eye(x.shape[0]),
    "diagpart": lambda a: jnp.sum(a * np.eye(a.shape[0]), 1),
    "trace": lambda a: jnp.sum(a * np.eye(a.shape[0])),
    "outer": lambda a, b: a[:, None] * b[None, :],
    "dot": lambda a, b: matmul(a, b) if a.ndim and b.ndim else a * b,
    "transpose": jnp.transpose,
    "einsum": lambda text, *operands: jnp.einsum(text, *operands),
    "eye": lambda size: jnp.eye(int(size)),
    "ones": lambda *sizes: jnp.ones(_sizes(sizes)),
    "zeros": lambda *sizes: jnp.zeros(_sizes(sizes)),
    "inv": inverse,
    "det": determinant,
    "logdet": lambda a: jnp.log(determinant(a)),
    "solve": lambda a, b: matmul(inverse(a), b),
    "matpow": _matrix_power,
    "reshape": lambda a, *shape: jnp.reshape(a, _sizes(shape)),
    "vec": lambda a: jnp.ravel(jnp.transpose(a)),
    "tril": lambda a, k=0: a * np.tri(*a.shape, int(k)),
    "triu": lambda a, k=0: a * (1 - np.tri(*a.shape, int(k) - 1)),
    "kron": lambda a, b: _kron(jnp.asarray(a), jnp.asarray(b)),
}
JOINED: Mapping[str, Callable[[list[Array], int], Array]] = {"concat": jnp.concatenate, "stack": jnp.stack}
TURNED: Mapping[str, Callable[..., Array]] = {"flip": jnp.flip, "roll": _roll, "cumsum": _cumsum}
