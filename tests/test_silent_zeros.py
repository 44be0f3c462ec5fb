"""Derivatives that other systems return as zero, or of which they lose a term."""

from __future__ import annotations

import numpy as np
import pytest

import hesse as hs


@pytest.mark.parametrize(
    ("text", "declarations", "wrt", "expected"),
    [
        ("trace(A.T @ A) + trace(B.T @ B)", "A:m,n B:p,q", "A", "2*A"),
        ("trace(A.T @ A) + trace(B.T @ B)", "A:m,n B:p,q", "B", "2*B"),
        ("trace(X.T @ X) + 1", "X:m,n", "X", "2*X"),
        ("log(trace(X.T @ X))", "X:m,n", "X", "2*X/norm(X)**2"),
        ("norm(T - U @ V.T)**2 + c*norm(U)**2", "T:m,n U:m,k V:n,k c:", "U", "2*c*U - 2*(T - U @ V.T) @ V"),
        ("norm(x - a)**2 + norm(x - b)**2", "x:n a:n b:n", "x", "4*x - 2*a - 2*b"),
        ("sum(p)", "p:n:simplex", "p", "ones(n)"),
        ("sum(y**2)", "y:m:pm1", "y", "2*y"),
        ("sum(S)", "S:n,n:sym", "S", "ones(n, n)"),
        ("norm(X @ w - y)**2 + c*norm1(w)", "X:m,n w:n y:m c:", "w", "2*X.T @ (X @ w - y) + c*sign(w)"),
    ],
)
def test_gradients(text: str, declarations: str, wrt: str, expected: str) -> None:
    f = hs.parse(text, declarations)
    gradient = hs.gradient(f, wrt)
    assert gradient == hs.parse(expected, declarations), str(gradient)
    assert gradient.verification.ok


def test_the_denominator_is_differentiated_too() -> None:
    jacobian = hs.jacobian(hs.parse("x/(x @ x)", "x:n"), "x")
    x = np.array([0.3, -1.2, 0.8])
    expected = np.eye(3) / (x @ x) - 2 * np.outer(x, x) / (x @ x) ** 2
    np.testing.assert_allclose(jacobian.evaluate(x=x), expected, rtol=1e-13)


def test_the_rayleigh_quotient() -> None:
    gradient = hs.gradient(hs.parse("x @ A @ x/(x @ x)", "A:n,n x:n"), "x")
    A, x = np.array([[1.0, 2.0, -1.0], [0.5, 3.0, 0.2], [4.0, -2.0, 0.7]]), np.array([0.4, -1.5, 0.9])
    expected = (A + A.T) @ x / (x @ x) - 2 * (x @ A @ x) * x / (x @ x) ** 2
    np.testing.assert_allclose(gradient.evaluate(A=A, x=x), expected, rtol=1e-13)


@pytest.mark.parametrize(("text", "name"), [("sum(p*log(p))", "p"), ("sum(p)**2", "p"), ("p @ p", "p")])
def test_facts_do_not_enter_second_derivatives(text: str, name: str) -> None:
    plain, simplex = hs.parse(text, "p:n"), hs.parse(text, "p:n:simplex")
    p = np.array([0.2, 0.5, 0.3])
    for operator in (hs.gradient, hs.hessian):
        np.testing.assert_allclose(
            operator(simplex, name).evaluate(p=p), operator(plain, name).evaluate(p=p), rtol=1e-12
        )


def test_mixed_derivatives_of_a_shown_fact() -> None:
    f = hs.parse("sum(y**2*(X @ w)**2)", "X:m,n y:m:pm1 w:n")
    mixed = hs.jacobian(hs.gradient(f, "w"), "y")
    X, y, w = np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.2]]), np.array([1.0, -1.0, 1.0]), np.array([0.3, -0.8])
    np.testing.assert_allclose(mixed.evaluate(X=X, y=y, w=w), 4 * X.T * (y * (X @ w)), rtol=1e-12)


@pytest.mark.parametrize("name", ["A", "b", "x"])
def test_one_by_one_is_no_special_case(name: str) -> None:
    f = hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m")
    values = {"A": np.array([[2.0]]), "x": np.array([3.0]), "b": np.array([1.0])}
    expected = {"A": np.array([[30.0]]), "x": np.array([20.0]), "b": np.array([-10.0])}
    np.testing.assert_allclose(hs.gradient(f, name).evaluate(**values), expected[name])
