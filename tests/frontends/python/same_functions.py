"""Functions of machine learning, each as text and as Python: both must be the same expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special as sp


def rosenbrock(x: Any) -> Any:
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def logistic_loss(w: Any, X: Any, y: Any) -> Any:
    margins = y * (X @ w)
    return np.mean(np.log1p(np.exp(-margins)))


def network(x: Any, W: Any, b: Any, V: Any, c: Any) -> Any:
    hidden = np.tanh(W @ x + b)
    return V @ hidden + c


def two_layer_loss(W: Any, b: Any, v: Any, X: Any, y: Any) -> Any:
    hidden = np.maximum(X @ W.T + b, 0)
    residual = hidden @ v - y
    return residual @ residual / X.shape[0]


def layer_norm(x: Any) -> Any:
    centred = x - x.mean()
    return centred / np.sqrt(np.mean(centred**2) + 0.00390625)


def batch_norm(X: Any, gamma: Any, beta: Any) -> Any:
    centred = X - X.mean(axis=0)
    return gamma * centred / np.sqrt(np.mean(centred**2, axis=0) + 0.5) + beta


def attention(q: Any, K: Any, V: Any) -> Any:
    scores = K @ q / np.sqrt(q.shape[0])
    weights = np.exp(scores)
    weights /= weights.sum()
    return weights @ V


def softmax_regression(W: Any, X: Any, Y: Any) -> Any:
    scores = X @ W
    return np.mean(np.logaddexp.reduce(scores, axis=1) - np.sum(Y * scores, axis=1))


def mixture(x: Any, M: Any, logpi: Any) -> Any:
    """The log likelihood of one point under unit Gaussians with the means in the rows of M, up to a constant."""
    distances = np.sum((M - x) ** 2, axis=1)
    return np.logaddexp.reduce(logpi - distances / 2)


def kalman(x: Any, P: Any, z: Any, H: Any, R: Any) -> Any:
    innovation = z - H @ x
    S = H @ P @ H.T + R
    return innovation @ np.linalg.solve(S, innovation) / 2


def huber(x: Any) -> Any:
    return np.sum(np.where(np.abs(x) <= 1, x**2 / 2, np.abs(x) - 0.5))


def elastic_net(w: Any, X: Any, y: Any, a: Any, b: Any) -> Any:
    return np.sum((X @ w - y) ** 2) + a * np.linalg.norm(w, 1) + b * w @ w


def momentum(x: Any) -> Any:
    velocity, total = 0.0, 0.0
    for k in range(x.shape[0]):
        velocity = velocity / 2 + x[k]
        total += velocity**2
    return total


Same = tuple[Callable[..., Any], str, str]
SAME: dict[str, Same] = {
    "least squares": (lambda x, A, b: np.sum((A @ x - b) ** 2), "x:n A:m,n b:m", "norm(A @ x - b)**2"),
    "ridge": (
        lambda w, X, y, lam: np.linalg.norm(X @ w - y) ** 2 + lam * w @ w,
        "w:n X:m,n y:m lam:",
        "sum((X @ w - y)**2) + lam*norm(w)**2",
    ),
    "lasso": (
        lambda w, X, y: ((X @ w - y) ** 2).mean() / 2 + np.abs(w).sum(),
        "w:n X:m,n y:m",
        "mean((X @ w - y)**2)/2 + norm1(w)",
    ),
    "elastic net": (elastic_net, "w:n X:m,n y:m a: b:", "norm(X @ w - y)**2 + a*norm1(w) + b*sum(w**2)"),
    "logistic": (logistic_loss, "w:n X:m,n y:m", "mean(softplus(-y*(X @ w)))"),
    "logistic with logaddexp": (
        lambda w, X, y: np.sum(np.logaddexp(0, -y * (X @ w))),
        "w:n X:m,n y:m",
        "sum(log(1 + exp(-y*(X @ w))))",
    ),
    "cross entropy": (
        lambda w, X, t: -np.sum(t * np.log(sp.expit(X @ w)) + (1 - t) * np.log(1 - sp.expit(X @ w))),
        "w:n X:m,n t:m",
        "-sum(t*log(sigmoid(X @ w)) + (1 - t)*log(1 - sigmoid(X @ w)))",
    ),
    "softmax regression": (
        softmax_regression,
        "W:n,k X:m,n Y:m,k",
        "mean(logsumexp(X @ W, axis=1) - sum(Y*(X @ W), axis=1))",
    ),
    "softmax": (lambda z: np.exp(z) / np.exp(z).sum(), "z:k", "softmax(z)"),
    "stable softmax": (lambda z: np.exp(z - np.logaddexp.reduce(z)), "z:k", "softmax(z)"),
    "log-softmax": (lambda z: z - np.log(np.sum(np.exp(z))), "z:k", "z - logsumexp(z)"),
    "softmax of rows": (
        lambda Z: np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True),
        "Z:m,k",
        "softmax(Z, axis=1)",
    ),
    "perceptron": (lambda w, x, y: np.maximum(0, -y * (w @ x)), "w:n x:n y:", "relu(-y*(w @ x))"),
    "hinge": (
        lambda w, X, y: np.mean(np.maximum(0, 1 - y * (X @ w))) + w.dot(w) / 2,
        "w:n X:m,n y:m",
        "mean(relu(1 - y*(X @ w))) + norm(w)**2/2",
    ),
    "Huber": (huber, "x:n", "sum(where(abs(x) <= 1, x**2/2, abs(x) - 1/2))"),
    "pseudo-Huber": (lambda x: np.sum(np.sqrt(1 + x**2) - 1), "x:n", "sum(sqrt(x**2 + 1) - 1)"),
    "Poisson": (
        lambda w, X, y: np.sum(np.exp(X @ w) - y * (X @ w)),
        "w:n X:m,n y:m",
        "sum(exp(X @ w)) - y @ (X @ w)",
    ),
    "layer": (lambda W, x, b: 1 / (1 + np.exp(-(W @ x + b))), "W:m,n x:n b:m", "sigmoid(W @ x + b)"),
    "tanh network": (network, "x:n W:k,n b:k V:m,k c:m", "V @ tanh(W @ x + b) + c"),
    "two layers": (two_layer_loss, "W:k,n b:k v:k X:m,n y:m", "norm(relu(X @ W.T + b) @ v - y)**2/m"),
    "swish": (lambda x: x * sp.expit(x), "x:n", "silu(x)"),
    "softplus": (lambda x: np.log(1 + np.exp(x)), "x:n", "softplus(x)"),
    "leaky relu": (lambda x: np.where(x > 0, x, 0.25 * x), "x:n", "where(x > 0, x, x/4)"),
    "layer norm": (layer_norm, "x:n", "(x - mean(x))/sqrt(mean((x - mean(x))**2) + 1/256)"),
    "batch norm": (
        batch_norm,
        "X:m,n gamma:n beta:n",
        "r = X - mean(X, axis=0); r @ diag(gamma/sqrt(mean(r**2, axis=0) + 1/2)) + beta",
    ),
    "normalised": (lambda x: x / np.linalg.norm(x), "x:n", "x/norm(x)"),
    "cosine similarity": (
        lambda x, y: x @ y / (np.linalg.norm(x) * np.linalg.norm(y)),
        "x:n y:n",
        "(x @ y)/(norm(x)*norm(y))",
    ),
    "attention": (attention, "q:n K:m,n V:m,k", "softmax(K @ q/sqrt(n)) @ V"),
    "Gaussian mixture": (mixture, "x:n M:k,n logpi:k", "logsumexp(logpi - sum((M - x)**2, axis=1)/2)"),
    "Gaussian likelihood": (
        lambda mu, X, s: np.sum((X - mu) ** 2) / (2 * s**2) + X.size * np.log(s),
        "mu:n X:m,n s:",
        "norm(X - mu)**2/(2*s**2) + m*n*log(s)",
    ),
    "normal density": (
        lambda x: np.sum(x**2) / 2 + x.size * np.log(2 * np.pi) / 2,
        "x:n",
        "norm(x)**2/2 + n*log(2*pi)/2",
    ),
    "gelu": (lambda x: x * (1 + sp.erf(x / np.sqrt(2))) / 2, "x:n", "gelu(x)"),
    "log-determinant": (
        lambda S, A: np.linalg.slogdet(S)[1] + np.trace(np.linalg.solve(S, A)),
        "S:n,n:spd A:n,n",
        "log(abs(det(S))) + trace(solve(S, A))",
    ),
    "Mahalanobis": (
        lambda x, mu, S: (x - mu) @ np.linalg.inv(S) @ (x - mu),
        "x:n mu:n S:n,n",
        "(x - mu) @ inv(S) @ (x - mu)",
    ),
    "Kalman innovation": (
        kalman,
        "x:n P:n,n z:m H:m,n R:m,m",
        "r = z - H @ x; r @ inv(H @ P @ H.T + R) @ r/2",
    ),
    "Kalman prediction": (lambda P, F, Q: F @ P @ F.T + Q, "P:n,n F:n,n Q:n,n", "F @ P @ F.T + Q"),
    "Rosenbrock by a loop": (
        rosenbrock,
        "x:4",
        "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)",
    ),
    "Rosenbrock by slices": (
        lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
        "x:n",
        "sum(100*(x[1:] - x[:n-1]**2)**2 + (1 - x[:n-1])**2)",
    ),
    "two variables": (
        lambda x: x[0] ** 2 + np.exp(x[0] * x[1]) + 2 * np.log(x[1]),
        "x:2",
        "x[0]^2 + exp(x[0]*x[1]) + 2 log(x[1])",
    ),
    "quadratic form": (lambda x, A: x @ A @ x, "x:n A:n,n", "x.T @ A @ x"),
    "bilinear form": (lambda x, A, y: np.einsum("i,ij,j->", x, A, y), "x:m A:m,n y:n", "x @ A @ y"),
    "Rayleigh quotient": (lambda x, A: x.dot(A).dot(x) / x.dot(x), "x:n A:n,n", "(x @ A @ x)/norm(x)**2"),
    "Frobenius": (lambda X, U, V: np.sum((X - U @ V.T) ** 2), "X:m,n U:m,k V:n,k", "norm(X - U @ V.T)**2"),
    "trace of a product": (lambda A, B: np.trace(A @ B), "A:m,n B:n,m", "sum(A*B.T)"),
    "total variation": (lambda x: np.sum(np.abs(np.diff(x))), "x:n", "norm1(x[1:] - x[:-1])"),
    "smoothness": (lambda x: np.sum((x[2:] - 2 * x[1:-1] + x[:-2]) ** 2), "x:n", "norm(x[2:] - 2*x[1:-1] + x[:-2])**2"),
    "entropy": (lambda p: -np.sum(p * np.log(p)), "p:n:pos", "-p @ log(p)"),
    "KL divergence": (
        lambda p, q: np.sum(p * np.log(p / q)),
        "p:n:pos q:n:pos",
        "p @ (log(p) - log(q))",
    ),
    "kernel": (
        lambda x, y, s: np.exp(-np.sum((x - y) ** 2) / (2 * s**2)),
        "x:n y:n s:",
        "exp(-norm(x - y)**2/(2*s**2))",
    ),
    "pairwise distances": (
        lambda X: np.sum(X**2, axis=1)[:, None] + np.sum(X**2, axis=1)[None, :] - 2 * X @ X.T,
        "X:m,n",
        "s = sum(X**2, axis=1); outer(s, ones(m)) + outer(ones(m), s) - 2*X @ X.T",
    ),
    "centred covariance": (
        lambda X: (X - X.mean(axis=0)).T @ (X - X.mean(axis=0)) / X.shape[0],
        "X:m,n",
        "r = X - mean(X, axis=0); r.T @ r/m",
    ),
    "exponential filter": (momentum, "x:3", "x[0]**2 + (x[0]/2 + x[1])**2 + (x[0]/4 + x[1]/2 + x[2])**2"),
}
