"""Rearranging functions: the laws of the harness (JAX, nodes, code, round trip), forms, identities, refusals."""

from __future__ import annotations

import numpy as np
import pytest

import hesse as hs
from hesse.core.algebra import is_zero
from hesse.errors import HesseError
from tests.harness.cases import Case
from tests.harness.laws import examine

CASES = [
    ("vec(X)", "X:m,n", "X"),
    ("sum(vec(X @ Y)**2)", "X:m,k Y:k,n", "X"),
    ("u @ vec(A @ X @ B)", "A:m,n X:n,p B:p,k u:m*k", "X"),
    ("u @ vec(A @ X @ B)", "A:m,n X:n,p B:p,k u:m*k", "A"),
    ("u @ exp(vec(X))", "X:m,n u:m*n", "X"),
    ("norm(vec(A @ X) - b)**2", "A:m,n X:n,k b:m*k", "X"),
    ("vec(X)*y + vec(Y)", "X:m,n Y:m,n y:m*n", "X"),
    ("sum(vec(X)*vec(Y)**2)", "X:m,n Y:m,n", "Y"),
    ("maximum(vec(X), 0) @ u", "X:m,n u:m*n", "X"),
    ("softmax(vec(X))", "X:m,n", "X"),
    ("vec(diag(x)) @ y", "x:n y:n**2", "x"),
    ("vec(outer(x, y))", "x:n y:m", "x"),
    ("vec(X)[1:] @ y", "X:m,n y:m*n-1", "X"),
    ("vec(X)[idx] @ y", "X:m,n y:p idx:p:index(m*n)", "X"),
    ("vec(X)[0]*vec(X)[2]", "X:3,2", "X"),
    ("J @ vec(X)", "J:p,m*n X:m,n", "X"),
    ("norm(J @ vec(X @ Y))**2", "J:p,m*n X:m,k Y:k,n", "X"),
    ("sum(vec(concat(A, B))*y)", "A:m,n B:p,n y:(m+p)*n", "A"),
    ("reshape(X, -1)", "X:m,n", "X"),
    ("reshape(X, (n, m))", "X:m,n", "X"),
    ("reshape(x, (m, n)) @ y", "x:m*n y:n", "x"),
    ("norm(reshape(x, m, n) @ y)**2", "x:m*n y:n", "x"),
    ("sum(sin(reshape(X, (n, m)))*Y)", "X:m,n Y:n,m", "X"),
    ("reshape(x, (n, 1))", "x:n", "x"),
    ("reshape(c*x, 1, n, 1)", "x:n c:", "x"),
    ("reshape(X, n)", "X:n,1", "X"),
    ("norm(reshape(X, (p*m, n)) @ y)**2", "X:m,p*n y:n z:p", "X"),
    ("sum(reshape(kron(x, y), (n, m))**3)", "x:n y:m", "x"),
    ("reshape(concat(x, y), (2, n)) @ z", "x:n y:n z:n", "x"),
    ("kron(A, B)", "A:m,n B:p,k", "A"),
    ("kron(x, y)", "x:n y:m", "x"),
    ("sum(exp(kron(x, x)))", "x:n", "x"),
    ("sum(exp(kron(A, A)))", "A:m,n", "A"),
    ("norm(kron(A, B) @ x)**2", "A:m,n B:p,k x:n*k", "x"),
    ("norm(kron(A, B) @ x)**2", "A:m,n B:p,k x:n*k", "A"),
    ("norm(kron(A, B) @ x)**2", "A:m,n B:p,k x:n*k", "B"),
    ("trace(kron(A, B) @ C)", "A:n,n B:m,m C:n*m,n*m", "A"),
    ("kron(A, eye(m)) @ x", "A:n,n x:n*m", "x"),
    ("x @ kron(diag(a), B) @ x", "B:m,m a:n x:n*m", "a"),
    ("norm(inv(kron(P, Q)) @ x)**2", "P:n,n:spd Q:m,m:spd x:n*m", "x"),
    ("J @ kron(u, v)", "J:p,m*n u:m v:n", "u"),
    ("concat(x**2, y)", "x:n y:m", "x"),
    ("logsumexp(concat(x, y))", "x:n y:m", "x"),
    ("logsumexp(concat(x, y, x**2))", "x:n y:m", "x"),
    ("concat([x, x, sin(x)])", "x:n", "x"),
    ("concat([c], x)", "c: x:n", "x"),
    ("concat(X, Y, axis=1) @ z", "X:m,n Y:m,k z:n+k", "X"),
    ("norm(concat(A @ x - b, s*x))**2", "A:m,n x:n b:m s:", "x"),
    ("norm(concat(A, s*eye(n)) @ x)**2", "A:m,n x:n s:", "x"),
    ("stack(x, sin(x), axis=1)", "x:n", "x"),
    ("stack(a, b*a)", "a: b:", "a"),
    ("stack(X, 2*X, axis=1)", "X:m,n", "X"),
    ("sum(exp(stack(x, y, axis=-1) @ A))", "x:n y:n A:2,3", "x"),
    ("flip(X)", "X:m,n", "X"),
    ("flip(X, axis=0) @ y", "X:m,n y:n", "X"),
    ("u @ flip(sin(x))", "x:n u:n", "x"),
    ("sum(flip(x)*x)", "x:n", "x"),
    ("sum((roll(x, 1) - x)**2)", "x:n", "x"),
    ("u @ roll(exp(x), 3)", "x:n u:n", "x"),
    ("roll(x, -1)*x", "x:n", "x"),
    ("roll(x, n - 1) @ x", "x:n", "x"),
    ("roll(x, 1)[2]", "x:5", "x"),
    ("roll(x, 1)[0]*x[0]", "x:n", "x"),
    ("roll(x, 1)[1:] @ u", "x:n u:n-1", "x"),
    ("roll(flip(x), 1) @ u", "x:n u:n", "x"),
    ("roll(A @ x, 1) @ roll(B @ x, 2)", "A:m,n B:m,n x:n", "x"),
    ("roll(X, 2)", "X:m,n", "X"),
    ("sum(exp(roll(X, 1, axis=1)*X))", "X:m,n", "X"),
]


@pytest.mark.parametrize(("text", "declarations", "wrt"), CASES)
def test_laws(text: str, declarations: str, wrt: str) -> None:
    """Values and derivatives of two orders against JAX: of nodes, of the plain evaluator, of NumPy code; n = 1 too."""
    report = examine(Case.read(text, declarations, wrt))
    assert not report.failures, "\n".join(map(str, report.failures))
    assert not report.doubts
    assert report.tallies["points"] >= 2


@pytest.mark.parametrize(
    ("text", "declarations", "wrt", "order", "expected"),
    [
        ("sum(vec(X @ Y)**2)", "X:m,k Y:k,n", "X", 1, "2*X @ Y @ Y.T"),
        ("u @ vec(A @ X @ B)", "A:m,n X:n,p B:p,k u:m*k", "X", 1, "(B @ reshape(u, (k, m)) @ A).T"),
        ("u @ exp(vec(X))", "X:m,n u:m*n", "X", 1, "exp(X)*reshape(u, (n, m)).T"),
        ("norm(kron(A, B) @ x)**2", "A:m,n B:p,k x:n*k", "x", 1, "2*kron(A.T @ A, B.T @ B) @ x"),
        ("norm(kron(A, B) @ x)**2", "A:m,n B:p,k x:n*k", "x", 2, "2*kron(A.T @ A, B.T @ B)"),
        ("norm(reshape(x, (m, n)) @ y)**2", "x:m*n y:n", "x", 2, "2*kron(eye(m), outer(y, y))"),
        ("logsumexp(concat(x, y))", "x:n y:m", "x", 1, "softmax(concat(x, y))[:n]"),
        ("concat(x**2, sin(x))", "x:n", "x", 1, "concat(2*diag(x), diag(cos(x)))"),
        ("stack(x**2, x, axis=1) @ y", "x:n y:2", "x", 1, "diag(2*y[0]*x + y[1])"),
        ("u @ roll(exp(x), 3)", "x:n u:n", "x", 1, "roll(u, -3)*exp(x)"),
        ("sum((roll(x, 1) - x)**2)", "x:n", "x", 1, "4*x - 2*roll(x, 1) - 2*roll(x, -1)"),
        ("u @ flip(x)", "x:n u:n", "x", 1, "u[::-1]"),
    ],
)
def test_forms(text: str, declarations: str, wrt: str, order: int, expected: str) -> None:
    """What a person would write."""
    result = hs.derivative(hs.parse(text, declarations), wrt, order=order)
    assert str(result) == expected
    assert result.verification.ok


@pytest.mark.parametrize(
    ("left", "right", "declarations"),
    [
        ("vec(A @ X @ B)", "kron(B.T, A) @ vec(X)", "A:m,n X:n,p B:p,k"),
        ("kron(A, B) @ kron(x, y)", "kron(A @ x, B @ y)", "A:m,n B:p,k x:n y:k"),
        ("kron(A, B) @ kron(C, D)", "kron(A @ C, B @ D)", "A:m,n B:p,k C:n,m D:k,p"),
        ("kron(A, B).T", "kron(A.T, B.T)", "A:m,n B:p,k"),
        ("trace(kron(A, B))", "trace(A)*trace(B)", "A:n,n B:m,m"),
        ("vec(X) @ vec(Y)", "trace(X.T @ Y)", "X:m,n Y:m,n"),
        ("vec(outer(x, y))", "kron(y, x)", "x:n y:m"),
        ("reshape(vec(X), (n, m)).T", "X", "X:m,n"),
        ("reshape(reshape(X, (n, m)), (m, n))", "X", "X:m,n"),
        ("vec(X) + vec(Y)", "vec(X + Y)", "X:m,n Y:m,n"),
        ("exp(vec(X))", "vec(exp(X))", "X:m,n"),
        ("roll(roll(x, 2), -2)", "x", "x:n"),
        ("roll(roll(x, n - 1), 1)", "x", "x:n"),
        ("flip(flip(x))", "x", "x:n"),
        ("u @ roll(x, 1)", "roll(u, -1) @ x", "u:n x:n"),
        ("concat(x, y)[:n]", "x", "x:n y:m"),
        ("concat(x, y)[n:]", "y", "x:n y:m"),
        ("concat(A, B) @ x", "concat(A @ x, B @ x)", "A:m,n B:p,n x:n"),
        ("sum(i, (vec(X)[i] - y[i])**2)", "sum((vec(X) - y)**2)", "X:m,n y:m*n"),
        ("stack(x, y)", "[x, y]", "x:n y:n"),
        ("stack(x, y, axis=1)", "[x, y].T", "x:n y:n"),
        ("concat([x, y])", "concat(x, y)", "x:n y:m"),
        ("sum(roll(x, 3))", "sum(x)", "x:n"),
    ],
)
def test_identities_hold_as_nodes(left: str, right: str, declarations: str) -> None:
    """Both sides are one and the same node, not just equal at points."""
    assert is_zero(hs.parse(f"{left} - ({right})", declarations).node) or (
        hs.parse(left, declarations).node is hs.parse(right, declarations).node
    )


@pytest.mark.parametrize(
    ("text", "declarations", "words"),
    [
        ("reshape(x, (m, n))", "x:m+n", ("m+n", "m*n", "not known to be equal")),
        ("reshape(X, (n, n))", "X:m,n", ("m*n", "n**2", "not known to be equal")),
        ("reshape(x, (2, 3))", "x:7", ("7 entries", "6", "differ")),
        ("reshape(x, (m, -1))", "x:n m1:m", ("-1 stands for", "n divided by m")),
        ("reshape(x, (-1, -1))", "x:n", ("at most one size",)),
        ("reshape(x, (0, n))", "x:n", ("at least 1",)),
        ("reshape(x)", "x:n", ("at least one size",)),
        ("reshape(x, 2.5)", "x:n", ("needs a size",)),
        ("reshape(x, y)", "x:n y:", ("needs a size",)),
        ("vec(x*c)*vec(c)", "x:n c:", ("vec takes a matrix",)),
        ("kron(x, A)", "x:n A:m,n", ("two matrices or two vectors",)),
        ("kron(T, T)", "T:m,n,k", ("two matrices or two vectors",)),
        ("kron(c, x)", "c: x:n", ("two matrices or two vectors",)),
        ("kron(x)", "x:n", ("takes 2 arguments",)),
        ("concat(x)", "x:n", ("two arrays or more",)),
        ("concat(x, c)", "x:n c:", ("one of these is a scalar", "concat(x, [c])")),
        ("concat(x, A)", "x:n A:m,n", ("one rank",)),
        ("concat(A, B)", "A:m,n B:m,k", ("differ along another axis",)),
        ("concat(x, y, axis=1)", "x:n y:n", ("axis 1 does not exist",)),
        ("stack(x, y)", "x:n y:m", ("different shapes",)),
        ("stack(x, y, axis=2)", "x:n y:n", ("axis 2 does not exist",)),
        ("flip(c)", "c:", ("scalar",)),
        ("flip(x, 0)", "x:n", ("write the axis by name",)),
        ("roll(x, 0.5)", "x:n", ("needs an integer",)),
        ("roll(x, c)", "x:n c:", ("needs an integer",)),
        ("roll(x)", "x:n", ("an array and one integer",)),
        ("roll(x, 1, 0)", "x:n", ("an array and one integer",)),
        ("roll(c, 1)", "c:", ("scalar",)),
        ("vec((x, x))", "x:n", ("does not take a tuple",)),
        ("sum(i=0:n, roll(x, i) @ y)", "x:n y:n", ("running index",)),
    ],
)
def test_refusals(text: str, declarations: str, words: tuple[str, ...]) -> None:
    with pytest.raises(HesseError) as caught:
        hs.parse(text, declarations)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_sizes_are_inferred_through_reshape() -> None:
    f = hs.parse("norm(reshape(x, (m, n)) @ y - b)**2", "b:m y:n")
    assert f.variables["x"] == ("m*n",)


def test_windows_keep_their_band() -> None:
    f = hs.parse("sum(exp(x[1:] - x[:-1])) + sum(concat(x, y)[:n]**4)", "x:n y:m")
    assert "tridiagonal" in hs.hessian(f, "x").structure


def test_kronecker_products_are_not_built() -> None:
    f = hs.parse("x @ kron(A, B) @ kron(A, B).T @ x", "A:m,n B:p,k x:m*p")
    for result in (f, hs.gradient(f, "x")):
        assert "np.kron" not in result.source("numpy")
    f = hs.parse("inv(kron(P, Q)) @ x", "P:n,n Q:m,m x:n*m")
    assert "inv(" not in f.source("numpy")
    assert "kron" not in f.source("numpy")
    random = np.random.default_rng(3)
    p, q, x = random.normal(size=(3, 3)), random.normal(size=(2, 2)), random.normal(size=6)
    np.testing.assert_allclose(f.evaluate(P=p, Q=q, x=x), np.linalg.solve(np.kron(p, q), x))


def test_joined_matrices_keep_their_structure() -> None:
    f = hs.parse("concat(diag(a), B) @ x", "a:n B:m,n x:n")
    assert "diag" not in f.source("numpy")
    f = hs.parse("roll(eye(n), 1, axis=0) @ x", "x:n")
    assert "eye" not in f.source("numpy")


def test_index_notation_takes_entries_of_reshaped_arrays() -> None:
    f = hs.parse("vec(A @ X) + 2*roll(y, 1)", "A:m,n X:n,k y:m*k")
    assert f.index_notation() == "g[i] = vec(A @ X)[i] + 2*roll(y, 1)[i]"


@pytest.mark.parametrize("text", ["concat(outer(x, y), x, axis=1)", "concat(x, outer(x, y))", "concat(outer(x, y), x)"])
def test_arrays_of_different_ranks_are_not_joined(text: str) -> None:
    with pytest.raises(hs.ShapeError, match="one rank"):
        hs.parse(text, "x:n y:n")
