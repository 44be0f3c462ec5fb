"""Functions in NumPy's spelling, with declarations: what is read must give NumPy's own values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special as sp

Case = tuple[Callable[..., Any], str]

ELEMENTWISE: dict[str, Case] = {
    "power and reflected": (lambda x: 2**x + x**2 + x**0.5 + 1 / x - 3 * x + (5 - x) / 2, "x:n:pos"),
    "in place names": (lambda x: np.add(x, 1) - np.subtract(2, x) * np.divide(x, 4) + np.negative(x), "x:n"),
    "square reciprocal": (lambda x: np.square(x) + np.reciprocal(x) + np.sign(x) + np.absolute(x), "x:n:pos"),
    "powers": (lambda x: np.power(x, 3) + np.exp2(x) + np.log2(x) + np.log10(x) + np.cbrt(x), "x:n:pos"),
    "logarithms": (lambda x: np.log1p(x) + np.expm1(x) + np.log(x) + np.sqrt(x), "x:n:pos"),
    "trigonometry": (lambda x: np.sin(x) * np.cos(x) + np.tan(x / 5) + np.arctan(x), "x:n"),
    "hyperbolic": (lambda x: np.sinh(x) + np.cosh(x) + np.tanh(x) + np.arcsinh(x), "x:n"),
    "inverse hyperbolic": (lambda x: np.arccosh(1 + x) + np.arctanh(x / (1 + x)), "x:n:pos"),
    "degrees": (lambda x: np.radians(x) + np.rad2deg(x), "x:n"),
    "maximum": (lambda x, y: np.maximum(x, y) - np.minimum(x, 0) + np.fmax(x, y), "x:n y:n"),
    "logaddexp": (lambda x, y: np.logaddexp(x, y) + np.logaddexp(0, x) + np.hypot(x, y), "x:n y:n"),
    "clip": (lambda x: np.clip(x, -0.5, 0.5) + x.clip(0, None) + np.clip(x, None, 1), "x:n"),
    "heaviside": (lambda x: np.heaviside(x, 0.5), "x:n"),
    "where": (lambda x: np.where(x > 0, x**2, -x), "x:n"),
    "select": (lambda x: np.select([x < -0.5, x < 0.5], [x, x**2], 3.0), "x:n"),
    "logic": (lambda x: np.where((x > -0.5) & ~(x > 0.5) | (x == 9), x, 0), "x:n"),
    "logic of truths": (lambda x: ((x > -0.5) + (x > 0)) * 1.0 + (x > 0) * (x < 0.3), "x:n"),
    "logical functions": (lambda x: np.where(np.logical_and(x > 0, np.logical_not(x > 1)), x, 1), "x:n"),
    "truth values counted": (lambda x: np.sum(x > 0) + 0 * x[0], "x:n"),
    "truth values as numbers": (lambda x: (x > 0).astype(float) + (x < 9).astype(float) + 1 * (x > 1), "x:n"),
    "truth values joined": (lambda x: (np.abs(x > 0) + np.max(x > 0)) * 1.0 + np.square(x < 9) + (x < 9), "x:n"),
    "types asked for": (lambda x: np.ones_like(x, dtype=x.dtype) * np.finfo(x.dtype).eps + x.astype(x.dtype), "x:n"),
    "truth values picked": (lambda x: ((x > 0)[0] + (x < 9)[0]) * 1.0, "x:n"),
    "special": (lambda x: sp.expit(x) + sp.log_expit(x) + sp.logit(sp.expit(x)), "x:n"),
    "special functions": (lambda x: sp.erf(x) + sp.gammaln(2 + x * x) + sp.psi(2 + x * x), "x:n"),
    "normal distribution": (lambda x: sp.ndtr(x) + sp.erfc(x) + x * (1 + sp.erf(x / np.sqrt(2))) / 2, "x:n"),
    "constants of densities": (lambda x: x * np.sqrt(2 * np.pi) - np.log(2 * np.pi) / 2 + np.log(2) * x, "x:n"),
    "entropies": (lambda x, y: sp.xlogy(x, y) + sp.entr(x) + sp.rel_entr(x, y) + sp.kl_div(x, y), "x:n:pos y:n:pos"),
    "pi": (lambda x: np.pi * x + np.sin(2 * np.pi * x) + np.e + x * np.log(2 * np.pi), "x:n"),
    "decimals": (lambda x: 0.1 * x + np.float64(0.2) * x + np.float32(0.3) * x + x * np.int64(3), "x:n"),
    "positive": (lambda x: +x - (-x) + abs(x) + np.conj(x) + x.real, "x:n"),
}

PRODUCTS: dict[str, Case] = {
    "matrix products": (lambda A, B, x: A @ (B @ x) + A.dot(B).dot(x) + np.matmul(A, B) @ x, "A:m,n B:n,k x:k"),
    "left products": (lambda A, y: y @ A + A.T @ y + np.dot(y, A), "A:m,n y:m"),
    "dot of vectors": (lambda x, y: x @ y + np.dot(x, y) + np.inner(x, y) + np.vdot(x, y) + x @ y.T, "x:n y:n"),
    "inner of matrices": (lambda A, B: np.inner(A, B), "A:m,n B:k,n"),
    "vdot of matrices": (lambda A, B: np.vdot(A, B) + np.trace(A.T @ B) + np.sum(A * B), "A:m,n B:m,n"),
    "outer": (lambda x, y: np.outer(x, y) + np.multiply.outer(x, y) + x[:, None] * y[None, :], "x:m y:n"),
    "outer differences": (lambda x, y: np.subtract.outer(x, y), "x:m y:n"),
    "einsum": (lambda A, x: np.einsum("ij,j->i", A, x) + np.einsum("ij,j", A, x), "A:m,n x:n"),
    "einsum implicit": (lambda A, B: np.einsum("ba,bc", A, B), "A:m,n B:m,k"),
    "tensordot": (
        lambda A, B, x: np.tensordot(A, B, axes=([1], [0])) @ x + np.tensordot(A, B @ x, 1),
        "A:m,n B:n,k x:k",
    ),
    "tensordot twice": (lambda A, B: np.tensordot(A, B) + np.tensordot(A, B, 2), "A:m,n B:m,n"),
    "trace and diagonals": (
        lambda A: np.trace(A) + A.trace() + np.diag(A) + A.diagonal() + A.diagonal().sum(),
        "A:n,n",
    ),
    "diag of a vector": (lambda x, A: np.diag(x) @ A @ np.diag(x), "x:n A:n,n"),
    "columns scaled": (lambda A, x: A * x + x * A + A / x + x / (A * A + 1), "A:m,n x:n:pos"),
    "rows scaled": (lambda A, y: A * y[:, None] + A / y.reshape(-1, 1), "A:m,n y:m:pos"),
    "broadcast sums": (lambda A, x: A + x - x + (A - x), "A:m,n x:n"),
    "inverse": (lambda A, b: np.linalg.inv(A.T @ A + np.eye(3)) @ b, "A:5,3 b:3"),
    "solve": (lambda A, b: np.linalg.solve(A.T @ A + np.eye(3), b), "A:5,3 b:3"),
    "determinant": (lambda A: np.linalg.det(A) + np.linalg.slogdet(A)[1] + np.linalg.slogdet(A)[0], "A:n,n"),
    "matrix power": (lambda A: np.linalg.matrix_power(A, 3), "A:n,n"),
    "solve for a matrix": (lambda A, B: np.linalg.solve(A, B), "A:n,n B:n,k"),
    "cross": (lambda x, y: np.cross(x, y), "x:3 y:3"),
    "multi_dot": (lambda A, B, x: np.linalg.multi_dot([A, B, x]), "A:m,n B:n,k x:k"),
    "norms": (
        lambda x, A: np.linalg.norm(x) + np.linalg.norm(A) + np.linalg.norm(x, 1) + np.linalg.norm(x, 2),
        "x:n A:m,n",
    ),
    "norms along": (lambda A: np.linalg.norm(A, axis=1) + np.linalg.norm(A, 1, axis=-1), "A:m,n"),
}

REDUCTIONS: dict[str, Case] = {
    "sums": (lambda A: np.sum(A) + A.sum(axis=0).sum() + np.add.reduce(A, axis=1).sum() + A.sum((0, 1)), "A:m,n"),
    "means": (lambda A: np.mean(A, axis=0) + A.mean() + A.mean(-1).mean() + np.average(A, 0), "A:m,n"),
    "kept axes": (lambda A: A - A.mean(axis=1, keepdims=True) - A.sum(0, keepdims=True), "A:m,n"),
    "all axes kept": (lambda A: A / A.sum(keepdims=True), "A:m,n"),
    "variance": (lambda A: np.var(A) + np.var(A, axis=0).sum() + A.var(axis=-1, ddof=1).sum(), "A:3,4"),
    "deviation": (lambda A: (A - A.mean(0)) / A.std(axis=0), "A:5,3"),
    "average": (lambda x, w: np.average(x, weights=w), "x:n w:n:pos"),
    "logsumexp": (lambda x, A: np.logaddexp.reduce(x) + np.logaddexp.reduce(A, axis=1).sum(), "x:n A:m,n"),
    "softmax": (lambda A: np.exp(A) / np.exp(A).sum(axis=1, keepdims=True), "A:m,n"),
    "largest and smallest": (lambda x, A: np.max(x) + A.min() + np.amax(A, axis=1).sum(), "x:n A:m,n"),
    "largest kept": (lambda A: A - A.max(axis=1, keepdims=True) + np.maximum.reduce(A), "A:m,n"),
    "prod": (lambda A: np.prod(A, axis=0) + A.prod() + np.multiply.reduce(A), "A:m,n"),
    "norms of an order": (lambda x: np.linalg.norm(x, 3) + np.linalg.norm(x, 1.5), "x:n"),
    "norms by maxima": (
        lambda A: np.linalg.norm(A, 1) + np.linalg.norm(A[0], np.inf) + np.linalg.norm(A, np.inf),
        "A:m,n",
    ),
    "Python's sum": (lambda x: sum(x) + sum(x[i] * x[i + 1] for i in range(3)), "x:4"),
    "a constant in the sum": (lambda x: np.sum(np.ones_like(x)) + x.shape[0] + x.size + x.ndim, "x:n"),
}

SHAPES: dict[str, Case] = {
    "slices": (lambda x: x[1:] - x[:-1], "x:5"),
    "symbolic slices": (lambda x: np.sum((x[1:] - x[:-1]) ** 2) + x[0] + x[-1] + x[x.shape[0] - 1], "x:n"),
    "half": (lambda x: x[: (x.shape[0] + 1) // 2] * (x.shape[0] // 2), "x:n"),
    "stepped slices": (lambda x: x[::2] + x[1:6:2], "x:6"),
    "reversed slices": (lambda x: x[::-1] + x[5::-1], "x:6"),
    "steps down": (lambda x: x[4:0:-2] + x[-1:1:-2] + x[:-5:-2], "x:6"),
    "bounds beyond": (lambda x: x[-9:9] + x[:100], "x:6"),
    "flips": (lambda A: np.flip(A) + np.flipud(A) + np.fliplr(A) + np.flip(A, 0), "A:m,n"),
    "diff": (lambda x: np.diff(x).sum() + np.diff(x, n=2).sum(), "x:5"),
    "diff along": (lambda A: np.diff(A, axis=0).sum(0) + np.diff(A).sum(), "A:m,n"),
    "rows and columns": (lambda A: A[0] + A[-1] + A[1, :] + A[:, 0].sum() + A[0][1] + A[..., 0].sum(), "A:3,4"),
    "lists of positions": (lambda A: A[[0, 2]].sum(0)[:2] + A[:, [1, 0]][0] + A[[0, 1], [2, 3]], "A:3,4"),
    "array of positions": (lambda x: x[np.array([2, 0, 2])], "x:3"),
    "new axes": (lambda x: (x[:, None] + x[None, :]) @ x + x[np.newaxis][0], "x:n"),
    "expand and squeeze": (lambda x: np.squeeze(np.expand_dims(x, 0)) + np.expand_dims(x, -1)[:, 0], "x:n"),
    "transposes": (
        lambda A: np.transpose(A) @ A + A.transpose() @ A + np.swapaxes(A, 0, 1) @ A.transpose(0, 1),
        "A:m,n",
    ),
    "transposed vector": (lambda x: x.T + np.transpose(x) + x.transpose(), "x:n"),
    "stacks": (lambda x, y: np.stack([x, y]) @ x + np.stack([x, y], axis=1).sum(0), "x:n y:n"),
    "stacks of scalars": (lambda x: np.array([x[0] * x[1], np.sin(x[0]), 2.0]), "x:2"),
    "nested arrays": (lambda x: np.array([[x[0], x[1]], [1.0, x[0] * x[1]]]) @ x, "x:2"),
    "functions of object arrays": (
        lambda x: np.exp(np.array([x[0], -x[1]])).sum() + np.square(np.array([x[0]])),
        "x:2",
    ),
    "lists returned": (lambda x: [x[0] - x[1], x[0] * x[1]], "x:2"),
    "nested lists returned": (lambda x: ((x[0], 1), (x[1], x[0] * x[1])), "x:2"),
    "vstack column_stack": (lambda x, y: np.vstack([x, y]) @ np.column_stack([x, y]), "x:n y:n"),
    "constant arrays": (lambda x: np.array([[1.0, 2.0], [0.5, -1.0]]) @ x + np.array([1, 2]), "x:2"),
    "constant uniform arrays": (
        lambda x: np.ones((50, 50)) @ (np.eye(50) @ x) + 3 * np.eye(50) @ x + np.zeros(50),
        "x:50",
    ),
    "uniform array small": (lambda x: np.full(2, 3.5) * x, "x:2"),
    "created with like": (
        lambda A: A @ np.ones(A.shape[1], like=A) + np.full(A.shape[0], 0.5, like=A) + np.eye(A.shape[0], like=A)[0],
        "A:m,n",
    ),
    "full_like": (lambda x: np.full_like(x, 2.5) * x + np.zeros_like(x), "x:n"),
    "broadcast_to": (lambda A, x: A + np.broadcast_to(x, A.shape), "A:m,n x:n"),
    "at least": (lambda x: np.atleast_1d(x[0]) * np.atleast_2d(x) @ x, "x:n"),
}


def _rosenbrock(x: Any) -> Any:
    total = 0.0
    for i in range(len(x) - 1):
        total += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return total


def _layers(x: Any, W: Any, V: Any) -> Any:
    h = W @ x
    h += 1
    h *= 0.5
    h = np.maximum(h, 0)
    out = V @ h
    out -= out.mean()
    return out


def _aliased(x: Any) -> Any:
    y = 2 * x
    z = y
    z += 1
    return y * z


def _copied(x: Any) -> Any:
    y = x.copy()
    y += 1
    return x * y


def _own_argument(x: Any) -> Any:
    y = x
    x += 1
    return y * x


def _newton(x: Any) -> Any:
    y = x
    for _ in range(3):
        y = y - (y * y - 2) / (2 * y)
    return y


class _Model:
    def __init__(self, scale: float) -> None:
        self.scale = scale

    def loss(self, w: Any, X: Any, y: Any) -> Any:
        return self.scale * np.sum((X @ w - y) ** 2)

    def __call__(self, x: Any) -> Any:
        return self.scale * x @ x


PROGRAMS: dict[str, Case] = {
    "Rosenbrock by a loop": (_rosenbrock, "x:5"),
    "Rosenbrock by slices": (lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), "x:n"),
    "layers in place": (_layers, "x:n W:m,n V:k,m"),
    "aliases": (_aliased, "x:n"),
    "copies": (_copied, "x:n"),
    "the argument itself": (_own_argument, "x:n"),
    "Newton's iteration": (_newton, "x:n:pos"),
    "a method": (_Model(0.25).loss, "w:n X:m,n y:m"),
    "a callable object": (_Model(3.0), "x:n"),
    "iterated rows": (lambda A: sum(row @ row for row in A), "A:3,4"),
    "unpacked": (lambda x: (lambda a, b: a * b + a)(*x), "x:2"),
}

CASES: dict[str, Case] = {**ELEMENTWISE, **PRODUCTS, **REDUCTIONS, **SHAPES, **PROGRAMS}
