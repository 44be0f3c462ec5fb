"""Determinants, powers, linear systems: textbook results, JAX for gradients and Hessians, conditions, laws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import hesse as hs

SIZES = {"n": 3, "m": 2}


def drawn(shape: tuple[int | str, ...], sizes: Mapping[str, int], positive: bool = False) -> Any:
    """Random values; square matrices are far from singular, with a positive determinant."""
    numbers = [size if isinstance(size, int) else sizes[size] for size in shape]
    value = np.random.default_rng(len(numbers) + sum(numbers)).normal(size=numbers)
    if len(numbers) == 2 and numbers[0] == numbers[1]:
        value = value @ value.T + np.eye(numbers[0]) if positive else 0.3 * value + 2 * np.eye(numbers[0])
    return value


TEXTBOOK = [
    ("logdet(X)", "X:n,n", "X", "inv(X).T", "logdet"),
    ("log(det(X))", "X:n,n", "X", "inv(X).T", "logdet"),
    ("det(X)", "X:n,n", "X", "det(X)*inv(X).T", "det"),
    ("trace(inv(X) @ A)", "X:n,n A:n,n", "X", "-(inv(X) @ A @ inv(X)).T", "inv"),
    ("logdet(A + X @ X.T)", "A:n,n X:n,m", "X", "(inv(A + X @ X.T) + inv(A + X @ X.T).T) @ X", "logdet"),
    ("logdet(X.T @ X)", "X:n,m", "X", "2*X @ inv(X.T @ X)", "logdet"),
    ("x @ inv(S) @ x", "x:n S:n,n:spd", "x", "2*inv(S) @ x", "quadratic"),
    ("x @ inv(S) @ x", "x:n S:n,n:spd", "S", "-outer(inv(S) @ x, inv(S) @ x)", "quadratic"),
    ("x @ solve(A, b)", "x:n A:n,n b:n", "A", "-outer(inv(A).T @ x, inv(A) @ b)", "solve"),
    ("x @ solve(A, b)", "x:n A:n,n b:n", "b", "inv(A).T @ x", "solve"),
    ("sum(solve(A, B)**2)", "A:n,n B:n,m", "B", "2*inv(A).T @ inv(A) @ B", "solve"),
    ("trace(matpow(A, 3))", "A:n,n", "A", "3*matpow(A, 2).T", "matpow"),
    ("trace(matpow(A, 5))", "A:n,n", "A", "5*matpow(A, 4).T", "matpow"),
    ("trace(matpow(A, -1))", "A:n,n", "A", "-(inv(A) @ inv(A)).T", "matpow"),
    ("logdet(S)", "S:n,n:spd", "S", "inv(S)", "logdet"),
    ("trace(inv(A) @ A)", "A:n,n", "A", "zeros(n, n)", "trace"),
]


@pytest.mark.parametrize(("text", "declarations", "wrt", "expected", "topic"), TEXTBOOK)
def test_textbook_gradients(text: str, declarations: str, wrt: str, expected: str, topic: str) -> None:
    result = hs.gradient(hs.parse(text, declarations), wrt)
    assert result.verification.status == "verified"
    assert result == hs.parse(expected, declarations), str(result)
    assert hs.parse(str(result), result.declarations) == result


def test_the_differential_of_an_inverse() -> None:
    assert str(hs.jvp(hs.parse("inv(X)", "X:n,n"), "X", "V")) == "-inv(X) @ V @ inv(X)"


def _jax(text: str) -> Callable[..., Any]:
    names = {
        "logdet": lambda a: jnp.linalg.slogdet(a)[1],
        "det": jnp.linalg.det,
        "inv": jnp.linalg.inv,
        "solve": jnp.linalg.solve,
        "matpow": jnp.linalg.matrix_power,
        "trace": jnp.trace,
        "sum": jnp.sum,
        "log": jnp.log,
        "tanh": jnp.tanh,
    }
    return lambda **values: eval(text, {"__builtins__": {}}, {**names, **values})  # noqa: S307 - the test's own text


CASES = [
    *dict.fromkeys((text, declarations, wrt) for text, declarations, wrt, _, _ in TEXTBOOK),
    ("det(A @ X @ X.T + matpow(A, 2))", "A:n,n X:n,m", "X"),
    ("x @ matpow(A, 4) @ x", "A:n,n x:n", "A"),
    ("x @ matpow(A, -2) @ x", "A:n,n x:n", "A"),
    ("x @ matpow(tanh(A), 3) @ matpow(A, 2) @ x", "A:n,n x:n", "A"),
    ("logdet(A) * (x @ solve(A, x))", "A:n,n x:n", "A"),
]


@pytest.mark.parametrize("n", [3, 1])
@pytest.mark.parametrize(("text", "declarations", "wrt"), CASES)
def test_gradients_and_hessians_by_jax(text: str, declarations: str, wrt: str, n: int) -> None:
    f = hs.parse(text, declarations)
    sizes = {"n": n, "m": 1 if text == "logdet(X.T @ X)" and n == 1 else 2}
    values = {name: drawn(shape, sizes, "spd" in declarations) for name, shape in f.variables.items()}
    function = _jax(text)

    def of(value: Any) -> Any:
        return function(**{**values, wrt: value})

    np.testing.assert_allclose(f.evaluate(**values), of(values[wrt]), rtol=1e-10)
    np.testing.assert_allclose(hs.gradient(f, wrt).evaluate(**values), jax.grad(of)(values[wrt]), rtol=1e-8, atol=1e-9)
    second = hs.hessian(f, wrt)
    assert second.verification.status == "verified"
    np.testing.assert_allclose(second.evaluate(**values), jax.hessian(of)(values[wrt]), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(
    ("text", "declarations", "conditions"),
    [
        ("det(X)", "X:n,n", ()),
        ("logdet(X)", "X:n,n", ("det(X) > 0",)),
        ("log(det(X))", "X:n,n", ("det(X) > 0",)),
        ("logdet(S)", "S:n,n:spd", ()),
        ("log(det(S))", "S:n,n:spd", ()),
        ("logdet(eye(n) + X @ X.T)", "X:n,m", ()),
        ("logdet(S + 2*X.T @ X)", "S:n,n:spd X:m,n", ()),
        ("logdet(S - X.T @ X)", "S:n,n:spd X:m,n", ("det(S - X.T @ X) > 0",)),
        ("logdet(X @ X.T)", "X:n,m", ("det(X @ X.T) > 0",)),
        ("solve(A, b)", "A:n,n b:n", ("A is invertible",)),
        ("matpow(A, 3)", "A:n,n", ()),
        ("matpow(A, -3)", "A:n,n", ("A is invertible",)),
        ("inv(S)", "S:n,n:spd", ()),
    ],
)
def test_conditions(text: str, declarations: str, conditions: tuple[str, ...]) -> None:
    assert hs.parse(text, declarations).conditions == conditions


def test_conditions_of_derivatives() -> None:
    assert hs.gradient(hs.parse("det(X)", "X:n,n")).conditions == ("X is invertible",)
    assert hs.gradient(hs.parse("log(det(X))", "X:n,n")).conditions == ("det(X) > 0",)


def test_a_determinant_that_is_not_positive_has_no_logarithm() -> None:
    f = hs.parse("logdet(X)", "X:n,n")
    assert np.isnan(f.evaluate(X=[[0.0, 1.0], [1.0, 0.0]]))
    assert np.isnan(f.evaluate(X=[[1.0, 1.0], [1.0, 1.0]]))
    assert f.evaluate(X=1e200 * np.eye(3)) == pytest.approx(3 * np.log(1e200))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("matpow(A, 1000)", "the limit of 64"),
        ("matpow(A, 1/2)", "integer"),
        ("matpow(A, n)", "integer"),
        ("matpow(A, c)", "integer"),
        ("matpow(A)", "2 arguments"),
        ("matpow(B, 2)", "square"),
        ("det(B)", "square"),
        ("logdet(x)", "square"),
        ("solve(B, x)", "square"),
        ("solve(A, B.T)", "solve"),
        ("solve(A, c)", "vector or a matrix"),
        ("det(A, axis=0)", "no axis"),
    ],
)
def test_refusals(text: str, part: str) -> None:
    with pytest.raises(hs.HesseError) as caught:
        hs.parse(text, "A:n,n B:n,m x:n c:")
    assert part in str(caught.value)


def test_small_powers() -> None:
    for k, other in ((0, "eye(n)"), (1, "A"), (2, "A @ A"), (-1, "inv(A)"), (-2, "inv(A) @ inv(A)")):
        assert hs.parse(f"matpow(A, {k})", "A:n,n") == hs.parse(other, "A:n,n")


def test_components_are_cofactors() -> None:
    assert str(hs.parse("det(A)", "A:n,n").components(n=2)) == "A[0, 0]*A[1, 1] - A[0, 1]*A[1, 0]"
    value = drawn(("n", "n"), {"n": 3})
    entry = hs.parse(str(hs.parse("det(A)", "A:n,n").components(n=3)), "A:3,3")
    assert entry.evaluate(A=value) == pytest.approx(np.linalg.det(value))


def test_a_system_is_solved_and_not_inverted() -> None:
    source = hs.gradient(hs.parse("x @ solve(A, b)", "x:n A:n,n b:n"), "b").source()
    assert "np.linalg.solve(A.T, x)" in source and "np.linalg.inv" not in source
