"""Functions in JAX's spelling, with declarations and the text that means the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special as js

Case = tuple[Callable[..., Any], str, str]


def rosenbrock(x: Any) -> Any:
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(x.shape[0] - 1))


def attention(q: Any, K: Any, V: Any) -> Any:
    return jax.nn.softmax(K @ q / jnp.sqrt(q.shape[0])) @ V


def layers(x: Any, W: Any, V: Any) -> Any:
    return V @ jnp.tanh(W @ x)


def unrolled(x: Any) -> Any:
    return jax.lax.fori_loop(0, 3, lambda k, s: s * x + k, x)


def scanned(x: Any) -> Any:
    return jax.lax.scan(lambda c, a: (c / 2 + a, c * a), 0.0, x)[1]


CASES: dict[str, Case] = {
    "logistic": (
        lambda w, X, y: jnp.mean(jnp.log1p(jnp.exp(-y * (X @ w)))),
        "w:n X:m,n y:m",
        "mean(softplus(-y*(X @ w)))",
    ),
    "least squares": (lambda x, A, b: jnp.sum((A @ x - b) ** 2), "x:n A:m,n b:m", "norm(A @ x - b)**2"),
    "arithmetic": (lambda x, y: x * y / 2 - y + 3 * x**2 - 1 / (x - 4), "x:n y:n", "x*y/2 - y + 3*x**2 - 1/(x - 4)"),
    "powers": (lambda x: x**3 + x**0.5 + x**-1 + jnp.exp2(x), "x:n:pos", "x**3 + sqrt(x) + 1/x + 2**x"),
    "functions": (
        lambda x: jnp.exp(x) + jnp.sin(x) * jnp.cos(x) + jnp.tanh(x) + jnp.expm1(x) + jnp.abs(x),
        "x:n",
        "exp(x) + sin(x)*cos(x) + tanh(x) + expm1(x) + abs(x)",
    ),
    "softmax": (lambda x: jax.nn.softmax(x), "x:n", "softmax(x)"),
    "softmax of rows": (lambda X: jax.nn.softmax(X, axis=1), "X:m,n", "softmax(X, axis=1)"),
    "log-softmax": (lambda x: jax.nn.log_softmax(x), "x:n", "x - logsumexp(x)"),
    "logsumexp": (lambda x: jax.nn.logsumexp(x), "x:n", "logsumexp(x)"),
    "logsumexp of columns": (lambda X: js.logsumexp(X, axis=0), "X:m,n", "logsumexp(X, axis=0)"),
    "relu": (lambda x: jax.nn.relu(x), "x:n", "relu(x)"),
    "sigmoid": (lambda x: jax.nn.sigmoid(x), "x:n", "sigmoid(x)"),
    "softplus": (lambda x: jax.nn.softplus(x), "x:n", "softplus(x)"),
    "silu": (lambda x: jax.nn.silu(x), "x:n", "silu(x)"),
    "gelu": (lambda x: jax.nn.gelu(x, approximate=False), "x:n", "gelu(x)"),
    "gelu by tanh": (
        lambda x: jax.nn.gelu(x),
        "x:n",
        "x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2",
    ),
    "special functions": (
        lambda x: js.erf(x) + js.gammaln(x) + js.digamma(x),
        "x:n:pos",
        "erf(x) + gammaln(x) + digamma(x)",
    ),
    "polygamma": (lambda x: js.polygamma(2, x), "x:n:pos", "polygamma(2, x)"),
    "logaddexp": (lambda x, y: jnp.logaddexp(x, y), "x:n y:n", "x + softplus(y - x)"),
    "where": (lambda x: jnp.where(x > 0, x**2, -x), "x:n", "where(x > 0, x**2, -x)"),
    "clip": (lambda x: jnp.clip(x, -1, 1), "x:n", "minimum(maximum(x, -1), 1)"),
    "truth values": (lambda x: jnp.sum((x > 0) & (x < 1)) + 0.0 * x[0], "x:n", "sum((x > 0)*(x < 1))"),
    "truth values counted": (lambda x: 1.0 * (x > 0) + (x > 1), "x:n", "where(x > 0, 1, 0) + where(x > 1, 1, 0)"),
    "norm": (lambda x: x / jnp.linalg.norm(x), "x:n", "x/norm(x)"),
    "mean": (lambda X: X - jnp.mean(X, axis=0), "X:m,n", "X - mean(X, axis=0)"),
    "kept axes": (
        lambda X: X - jnp.mean(X, axis=1, keepdims=True),
        "X:m,n",
        "X - outer(mean(X, axis=1), ones(n))",
    ),
    "variance": (lambda x: jnp.var(x), "x:n", "mean((x - mean(x))**2)"),
    "variance of samples": (lambda X: jnp.var(X, axis=0, ddof=1), "X:m,n", "m*var(X, axis=0)/(m - 1)"),
    "largest": (lambda X: jnp.max(X, axis=1) + X.min(), "X:m,n", "max(X, axis=1) + min(X)"),
    "prod": (lambda X: jnp.prod(X, axis=1), "X:m,n", "prod(X, axis=1)"),
    "diagonal": (lambda A: jnp.diag(A) + jnp.diagonal(A), "A:n,n", "2*diagpart(A)"),
    "determinant": (lambda A: jnp.linalg.det(A), "A:n,n", "det(A)"),
    "logarithm of a determinant": (lambda A: jnp.linalg.slogdet(A)[1], "A:n,n", "log(abs(det(A)))"),
    "matrix power": (lambda A: jnp.linalg.matrix_power(A, 3), "A:n,n", "A @ A @ A"),
    "sums": (lambda X: jnp.sum(X, axis=1) + X.sum() + X.size, "X:m,n", "sum(X, axis=1) + sum(X) + m*n"),
    "products": (lambda A, B, x: A.T @ (B @ x) + x @ B.T @ A, "A:m,n B:m,k x:k", "2*A.T @ B @ x"),
    "matrix product": (lambda A, B: jnp.dot(A, B), "A:m,n B:n,k", "A @ B"),
    "einsum": (lambda A, x: jnp.einsum("ij,j->i", A, x), "A:m,n x:n", "A @ x"),
    "outer": (lambda x, y: jnp.outer(x, y), "x:m y:n", "outer(x, y)"),
    "columns scaled": (lambda A, x: A * x, "A:m,n x:n", "A @ diag(x)"),
    "rows scaled": (lambda A, y: A * y[:, None], "A:m,n y:m", "diag(y) @ A"),
    "identity": (lambda x: jnp.eye(x.shape[0]) @ x, "x:n", "x"),
    "diag": (lambda x: jnp.diag(x), "x:n", "diag(x)"),
    "trace": (lambda X: jnp.trace(X.T @ X), "X:m,n", "norm(X)**2"),
    "solve": (lambda A, b: jnp.linalg.solve(A, b), "A:n,n b:n", "inv(A) @ b"),
    "solve for a matrix": (lambda A, B: jnp.linalg.solve(A, B), "A:n,n B:n,k", "inv(A) @ B"),
    "inv": (lambda A: jnp.linalg.inv(A), "A:n,n", "inv(A)"),
    "entries": (lambda x: x[0] * x[1] + x[-1], "x:n", "x[0]*x[1] + x[-1]"),
    "entry of a matrix": (lambda A: A[0, 1] + A[1, 0] ** 2, "A:m,n", "A[0, 1] + A[1, 0]**2"),
    "rows and columns": (lambda A: A[0] @ A[1] + A[:, 0] @ A[:, 1], "A:m,n", "A[0] @ A[1] + A[:, 0] @ A[:, 1]"),
    "slices": (lambda x: jnp.sum((x[1:] - x[:-1]) ** 2), "x:n", "norm(x[1:] - x[:-1])**2"),
    "second differences": (
        lambda x: jnp.sum((x[2:] - 2 * x[1:-1] + x[:-2]) ** 2),
        "x:n",
        "norm(x[2:] - 2*x[1:-1] + x[:-2])**2",
    ),
    "windows": (lambda A, x: A[1:3, 0] @ x[:2] + x[3:].sum(), "A:n,m x:n", "A[1:3, 0] @ x[:2] + sum(x[3:])"),
    "steps": (lambda x: x[::2] + x[1::2], "x:6", "x[::2] + x[1::2]"),
    "symbolic steps": (lambda x: jnp.sum(x[::2] ** 2), "x:2*n", "sum(x[::2]**2)"),
    "reversed": (lambda x: x[::-1] * x, "x:n", "x[::-1]*x"),
    "positions": (lambda x: x[jnp.array([2, 0])], "x:3", "[x[2], x[0]]"),
    "index array": (lambda x, idx: x[idx], "x:n idx:p:index(n)", "x[idx]"),
    "stack": (lambda x, y: jnp.stack([x, y]) @ x, "x:n y:n", "[x, y] @ x"),
    "vector function": (lambda x: jnp.array([x[0] * x[1], jnp.sin(x[0])]), "x:2", "[x[0]*x[1], sin(x[0])]"),
    "mapped": (lambda w, X: jax.vmap(lambda row: jnp.tanh(row @ w))(X), "w:n X:m,n", "tanh(X @ w)"),
    "differentiated": (jax.grad(lambda w: jnp.sum(jnp.exp(w) * w)), "w:n", "exp(w) + w*exp(w)"),
    "jitted": (jax.jit(lambda x: jnp.exp(x) @ x), "x:n", "exp(x) @ x"),
    "nested": (lambda x: jax.jit(lambda z: jax.jit(jnp.exp)(2 * z))(x), "x:n", "exp(2*x)"),
    "checkpointed": (jax.checkpoint(lambda x: jnp.sin(x) ** 2), "x:n", "sin(x)**2"),
    "a loop": (unrolled, "x:n", "((x*x + 0)*x + 1)*x + 2"),
    "a scan": (scanned, "x:3", "[0, x[0]*x[1], (x[0]/2 + x[1])*x[2]]"),
    "Rosenbrock": (rosenbrock, "x:4", "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)"),
    "attention": (attention, "q:n K:m,n V:m,k", "softmax(K @ q/sqrt(n)) @ V"),
    "network": (layers, "x:n W:k,n V:m,k", "V @ tanh(W @ x)"),
    "pi": (lambda x: jnp.pi * x, "x:n", "pi*x"),
    "constants": (lambda x: jnp.array([[1.0, 2.0], [0.5, -1.0]]) @ x, "x:2", "[[1, 2], [1/2, -1]] @ x"),
    "a constant": (lambda x: jnp.zeros_like(x) + 2.0, "x:n", "2*ones(n)"),
    "xlogy": (lambda p, q: jnp.sum(js.xlogy(p, q)), "p:n:pos q:n:pos", "p @ log(q)"),
    "Gaussian mixture": (
        lambda x, M, a: js.logsumexp(a - jnp.sum((M - x) ** 2, axis=1) / 2),
        "x:n M:k,n a:k",
        "logsumexp(a - sum((M - x)**2, axis=1)/2)",
    ),
}
