"""Closed forms as people write them: the exact text of gradients and Hessians of well-known functions."""

from __future__ import annotations

import pytest

import hesse as hs

LOGISTIC = "X:m,n y:m w:n"
CASES = [
    ("norm(A @ x - b)**2", "A:m,n x:n b:m", "x", "2*A.T @ (A @ x - b)", "2*A.T @ A"),
    (
        "norm(A @ x - b)",
        "A:m,n x:n b:m",
        "x",
        "A.T @ (A @ x - b)/norm(A @ x - b)",
        "r = A @ x - b; A.T @ (eye(m) - outer(r, r)/norm(r)**2) @ A/norm(r)",
    ),
    (
        "sum(log(1 + exp(-y*(X @ w))))",
        LOGISTIC,
        "w",
        "-X.T @ (y*sigmoid(-y*(X @ w)))",
        "s = sigmoid(-y*(X @ w)); X.T @ diag(y**2*s*(1 - s)) @ X",
    ),
    (
        "sum(log(1 + exp(-y*(X @ w))))",
        "X:m,n y:m:pm1 w:n",
        "w",
        "-X.T @ (y*sigmoid(-y*(X @ w)))",
        "s = sigmoid(-y*(X @ w)); X.T @ diag(s*(1 - s)) @ X",
    ),
    (
        "sum(log(1 + exp(X @ w)) - y*(X @ w))",
        LOGISTIC,
        "w",
        "X.T @ (sigmoid(X @ w) - y)",
        "s = sigmoid(X @ w); X.T @ diag(s*(1 - s)) @ X",
    ),
    ("x @ A @ x", "A:n,n x:n", "x", "(A + A.T) @ x", "A + A.T"),
    ("x @ S @ x", "S:n,n:sym x:n", "x", "2*S @ x", "2*S"),
    ("x @ inv(P) @ x", "P:n,n:spd x:n", "x", "2*inv(P) @ x", "2*inv(P)"),
    ("log(sum(exp(x)))", "x:n", "x", "softmax(x)", "p = softmax(x); diag(p) - outer(p, p)"),
    (
        "logsumexp(A @ x + b)",
        "A:m,n x:n b:m",
        "x",
        "A.T @ softmax(A @ x + b)",
        "p = softmax(A @ x + b); A.T @ (diag(p) - outer(p, p)) @ A",
    ),
    ("mean((X @ w - y)**2)", LOGISTIC, "w", "2*X.T @ (X @ w - y)/m", "2*X.T @ X/m"),
    ("norm(x - a)**2 + norm(x - b)**2", "x:n a:n b:n", "x", "4*x - 2*a - 2*b", "4*eye(n)"),
    ("-sum(log(b - A @ x))", "A:m,n x:n b:m", "x", "A.T @ (1/(b - A @ x))", "A.T @ diag(1/(b - A @ x)**2) @ A"),
    ("sum(exp(A @ x))", "A:m,n x:n", "x", "A.T @ exp(A @ x)", "A.T @ diag(exp(A @ x)) @ A"),
    ("sum(x)**2", "x:n", "x", "2*sum(x)*ones(n)", "2*ones(n, n)"),
    ("1/(1 + exp(-z))", "z:", "z", "sigmoid(z)*(1 - sigmoid(z))", "s = sigmoid(z); s*(1 - s)*(1 - 2*s)"),
    ("sum(max(0, 1 - y*(X @ w)))", LOGISTIC, "w", "-X.T @ (y*step(1 - y*(X @ w)))", "zeros(n, n)"),
    (
        "sum(where(abs(x) <= 1, x**2/2, abs(x) - 1/2))",
        "x:n",
        "x",
        "where(abs(x) <= 1, x, sign(x))",
        "diag(where(abs(x) <= 1, 1, 0))",
    ),
    ("r = A @ x - b; sum(r**2)", "A:m,n x:n b:m", "x", "r = A @ x - b; 2*A.T @ r", "2*A.T @ A"),
    ("norm(b - A @ x)**2", "A:m,n x:n b:m", "x", "-2*A.T @ (b - A @ x)", "2*A.T @ A"),
]


@pytest.mark.parametrize(("text", "declarations", "wrt", "gradient", "hessian"), CASES)
def test_scalar_functions(text: str, declarations: str, wrt: str, gradient: str, hessian: str) -> None:
    f = hs.parse(text, declarations)
    first, second = hs.gradient(f, wrt), hs.hessian(f, wrt)
    assert (str(first), str(second)) == (gradient, hessian)
    assert first.verification.ok and second.verification.ok
    for result in (first, second):
        assert hs.parse(str(result), result.declarations) == result


@pytest.mark.parametrize(
    ("text", "declarations", "wrt", "expected"),
    [
        ("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k", "U", "-2*(T - U @ V.T) @ V"),
        ("trace(X.T @ A @ X)", "X:n,k A:n,n", "X", "(A + A.T) @ X"),
        ("trace(inv(X) @ A)", "X:n,n A:n,n", "X", "-(inv(X) @ A @ inv(X)).T"),
        ("a @ X @ b", "X:m,n a:m b:n", "X", "outer(a, b)"),
        ("sum(X)", "X:m,n", "X", "ones(m, n)"),
        ("-sum(Y*log(softmax(X @ W, axis=1)))", "X:m,n W:n,k Y:m,k:simplex", "W", "X.T @ (softmax(X @ W, axis=1) - Y)"),
        ("softmax(x)", "x:n", "x", "p = softmax(x); diag(p) - outer(p, p)"),
        ("x/(x @ x)", "x:n", "x", "(eye(n) - 2*outer(x, x)/(x @ x))/(x @ x)"),
        ("x*y", "x:n y:n", "x", "diag(y)"),
        ("A.T", "A:m,n", "A", 'einsum("il,jk->ijkl", eye(n), eye(m))'),
    ],
)
def test_derivatives_by_matrices_and_of_vectors(text: str, declarations: str, wrt: str, expected: str) -> None:
    result = hs.jacobian(hs.parse(text, declarations), wrt)
    assert str(result) == expected
    assert result.verification.ok
    assert hs.parse(str(result), result.declarations) == result


@pytest.mark.parametrize(
    ("product", "text", "declarations", "expected"),
    [
        (hs.jvp, "inv(X)", "X:n,n", "-inv(X) @ v @ inv(X)"),
        (hs.jvp, "A @ x", "A:m,n x:n", "A @ v"),
        (hs.vjp, "tanh(x)", "x:n", "u*(1 - tanh(x)**2)"),
        (hs.hvp, "norm(x)**2", "x:n", "2*v"),
    ],
)
def test_products(product: object, text: str, declarations: str, expected: str) -> None:
    f = hs.parse(text, declarations)
    name = list(f.variables)[-1]
    result = product(f, name)  # type: ignore[operator]
    assert str(result) == expected
    assert result.verification.ok
