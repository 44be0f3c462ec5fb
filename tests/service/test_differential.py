"""Differentials against differences along changes of all variables, and against the formulas of books."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs

BOOK = [
    ("trace(A @ X)", "A:n,m X:m,n", "X", "df = trace(A @ dX)"),
    ("A @ X", "A:m,n X:n,k", None, "dF = A @ dX + dA @ X"),
    ("inv(X)", "X:n,n", None, "dF = -inv(X) @ dX @ inv(X)"),
    ("logdet(X)", "X:n,n", None, "df = trace(inv(X) @ dX)"),
    ("det(X)", "X:n,n", None, "df = trace(inv(X) @ dX)*det(X)"),
    ("trace(inv(X))", "X:n,n", None, "df = -trace(inv(X) @ inv(X) @ dX)"),
    ("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k", "U", "df = -2*trace(V.T @ (T - U @ V.T).T @ dU)"),
    ("x @ A @ x", "x:n A:n,n", "A", "df = x @ dA @ x"),
    ("A @ x - b", "A:m,n x:n b:m", "x", "dg = A @ dx"),
    ("x1*x2", "x1: x2:", None, "df = x1*dx2 + x2*dx1"),
    ("softmax(x)", "x:n", None, "p = softmax(x); dg = dx*p - (dx @ p)*p"),
]


@pytest.mark.parametrize(("text", "declarations", "wrt", "expected"), BOOK)
def test_formulas_of_books(text: str, declarations: str, wrt: Any, expected: str) -> None:
    found = hs.differential(hs.parse(text, declarations), wrt)
    assert str(found) == expected
    assert found.expression.verification.ok


def test_joint_changes() -> None:
    """The change of f for small changes of all variables at once."""
    rng = np.random.default_rng(3)
    f = hs.parse("norm(T - U @ V.T)**2 + sum(exp(c*T))", "T:m,n U:m,k V:n,k c:")
    at = {"T": rng.normal(size=(4, 3)), "U": rng.normal(size=(4, 2)), "V": rng.normal(size=(3, 2)), "c": 0.3}
    change = {name: rng.normal(size=np.shape(value)) for name, value in at.items()}
    found = hs.differential(f).expression.evaluate(**at, **{f"d{name}": value for name, value in change.items()})
    h = 1e-5
    ahead, behind = (
        f.evaluate(**{name: value + sign * h * change[name] for name, value in at.items()}) for sign in (1, -1)
    )
    assert np.isclose(found, (ahead - behind) / (2 * h), rtol=1e-8)


def test_spellings() -> None:
    found = hs.differential(hs.parse("sum(exp(theta*x1))", "theta:n x1:"))
    assert found.unicode() == "df = exp(x₁ θ)ᵀ (dx₁ θ + x₁ dθ)"
    assert "\\mathrm{d}x_{1} \\, \\theta + x_{1} \\, \\mathrm{d}\\theta" in found.latex()
    assert found.latex().startswith("\\mathrm{d}f = ")


def test_names_in_use_are_avoided() -> None:
    found = hs.differential(hs.parse("x*dx + f", "x: dx: f:"), "x")
    assert str(found) == "dh = dx*dx_"


def test_questions() -> None:
    with pytest.raises(hs.ArgumentError, match="twice"):
        hs.differential(hs.parse("x1*x2", "x1: x2:"), ["x1", "x1"])
    with pytest.raises(hs.ArgumentError, match="not a declared variable"):
        hs.differential(hs.parse("x1*x2", "x1: x2:"), "y")
    with pytest.raises(hs.ArgumentError, match="no variable"):
        hs.differential(hs.parse("2"))
