"""Newton steps against the dense solution, and what they say of how they were made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs

RNG = np.random.default_rng(5)


def arrays(**shapes: tuple[int, ...]) -> dict[str, Any]:
    """Random arrays of these shapes."""
    return {name: RNG.normal(size=shape) for name, shape in shapes.items()}


def dense_step(f: hs.Expr, wrt: Any, values: dict[str, Any]) -> Any:
    """-H⁻¹ g by the dense Hessian."""
    g = np.asarray(hs.gradient(f, wrt).evaluate(**values))
    H = np.asarray(hs.hessian(f, wrt).evaluate(**values)).reshape(g.size, g.size)
    return -np.linalg.solve(H, g.reshape(-1)).reshape(g.shape)


FACTORS = "T:m,n U:m,k V:n,k"
DENSE = "Cholesky, or LU where it is not positive definite"
WOODBURY = "the formula of Woodbury over division by the diagonal"
RIDGE = f"{DENSE}; for small m, {WOODBURY}"
ROWS, COLUMNS = "one k × k system for all rows", "one k × k system for all columns"
EACH, PRODUCT = "m systems, k × k each", "A:m,n X:n,k B:k,p C:m,p"
SYLVESTER = "the equation of Sylvester, n × n and k × k"
TURNED = "T:n,m U:k,m V:n,k"
STEPS = [
    ("norm(T - U @ V.T)**2", FACTORS, "U", ROWS, dict(T=(5, 7), U=(5, 3), V=(7, 3))),
    ("norm(T - U @ V.T)**2", FACTORS, "V", ROWS, dict(T=(7, 5), U=(7, 3), V=(5, 3))),
    ("norm(T - U @ V.T)**2", FACTORS, "U", ROWS, dict(T=(1, 1), U=(1, 1), V=(1, 1))),
    ("norm(T - V @ U)**2", TURNED, "U", COLUMNS, dict(T=(7, 5), U=(3, 5), V=(7, 3))),
    ("sum(W**2*(T - U @ V.T)**2)", f"{FACTORS} W:m,n", "U", EACH, dict(T=(5, 7), U=(5, 3), V=(7, 3), W=(5, 7))),
    ("sum(W**2*(T - V @ U)**2)", f"{TURNED} W:n,m", "U", EACH, dict(T=(7, 5), U=(3, 5), V=(7, 3), W=(7, 5))),
    ("norm(A @ X @ B - C)**2", PRODUCT, "X", "systems n × n and k × k", dict(A=(7, 3), X=(3, 2), B=(2, 5), C=(7, 5))),
    ("norm(A @ X @ B - C)**2 + norm(X)**2/9", PRODUCT, "X", SYLVESTER, dict(A=(2, 6), X=(6, 5), B=(5, 3), C=(2, 3))),
    ("sum(exp(x) - x*y)", "x:n y:n", "x", "division by the diagonal", dict(x=(6,), y=(6,))),
    ("sum(exp(X) - X*Y)", "X:m,n Y:m,n", "X", "division by the diagonal", dict(X=(6, 2), Y=(6, 2))),
    ("sum((x[1:] - x[:-1]**2)**2) + sum(exp(x))", "x:n", "x", "tridiagonal elimination", dict(x=(9,))),
    ("sum((x[1:] - x[:-1]**2)**2) + sum(exp(x))", "x:n", "x", "tridiagonal elimination", dict(x=(2,))),
    ("sum((x[2:] - 2*x[1:-1] + x[:-2])**2) + sum(exp(x))", "x:n", "x", "banded elimination", dict(x=(9,))),
    ("sum((u - roll(u, 1))**2) + sum(exp(u))", "u:n", "u", "sparse elimination", dict(u=(8,))),
    ("sum((u - roll(u, 1))**2) + sum(exp(u))", "u:n", "u", "sparse elimination", dict(u=(1,))),
    ("logsumexp(x) - x @ y + norm(x)**2/8", "x:n y:n", "x", WOODBURY, dict(x=(7,), y=(7,))),
    ("norm(A @ x - b)**2 + norm(x)**2/8", "A:m,n x:n b:m", "x", RIDGE, dict(A=(3, 9), x=(9,), b=(3,))),
    ("norm(A @ x - b)**2 + norm(x)**2/8", "A:m,n x:n b:m", "x", RIDGE, dict(A=(9, 4), x=(4,), b=(9,))),
    ("sum(softplus(A @ x)) + x @ x/2 + (x @ x)**2", "A:m,n x:n", "x", RIDGE, dict(A=(3, 9), x=(9,))),
    ("sum(sin(A @ x)) + x @ B @ x", "A:m,n x:n B:n,n", "x", DENSE, dict(A=(5, 4), x=(4,), B=(4, 4))),
    ("x1**2 + x1*x2 + x2**4", "x1: x2:", ["x1", "x2"], DENSE, dict(x1=(), x2=())),
]  # fmt: skip


@pytest.mark.parametrize(("text", "declarations", "wrt", "method", "shapes"), STEPS)
def test_the_step_is_that_of_the_dense_system(
    text: str, declarations: str, wrt: Any, method: str, shapes: dict[str, tuple[int, ...]]
) -> None:
    f = hs.parse(text, declarations)
    step = hs.newton_step(f, wrt)
    assert step.method == method
    for _ in range(2):
        values = arrays(**shapes)
        found = step(**values)
        expected = dense_step(f, wrt, values)
        assert found.shape == expected.shape
        assert np.allclose(found, expected, rtol=1e-8, atol=1e-9)


def test_a_scalar() -> None:
    step = hs.newton_step(hs.parse("x**2 - 4*x", "x:"))
    assert step(x=0.5) == 1.5
    assert "scalar" in step.reason and "second derivative" in step.method
    with pytest.raises(hs.SingularMatrixError, match="zero"):
        hs.newton_step(hs.parse("x**3", "x:"))(x=0.0)


SINGULAR = [
    ("logsumexp(x)", "x:n", dict(x=(5,))),
    ("sum((x[1:] - x[:-1])**2)", "x:n", dict(x=(6,))),
    ("sum((u - roll(u, 1))**2)", "u:n", dict(u=(6,))),
    ("sum(x)**2", "x:n", dict(x=(5,))),
    ("norm(A @ x)**2", "A:m,n x:n", dict(A=(3, 5), x=(5,))),
    ("norm(T - U @ V.T)**2", FACTORS, dict(T=(4, 2), U=(4, 3), V=(2, 3))),
    ("sum(a*x)", "a:n x:n", dict(a=(4,), x=(4,))),
    ("norm(x)", "x:n", dict(x=(4,))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "declarations", "shapes"), SINGULAR)
def test_a_singular_hessian_is_an_error(text: str, declarations: str, shapes: dict[str, tuple[int, ...]]) -> None:
    wrt = next(name for name in ("U", "x", "u") if name in shapes)
    step = hs.newton_step(hs.parse(text, declarations), wrt)
    for _ in range(3):
        with pytest.raises(hs.SingularMatrixError, match="singular"):
            step(**arrays(**shapes))


def test_an_indefinite_hessian_gives_the_stationary_point_of_the_model() -> None:
    step = hs.newton_step(hs.parse("x1**2 - x2**2 + x1*x2", "x1: x2:"))
    assert np.allclose(step(x1=3.0, x2=-2.0), [-3, 2])


def test_newton_reaches_the_minimum_of_a_long_chain() -> None:
    f = hs.parse("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", "x:n")
    x = 1 + 0.01 * np.cos(np.arange(5000.0))
    step = hs.newton_step(f, "x")
    for _ in range(12):
        x = x + step(x=x)
    assert np.allclose(x, 1, atol=1e-12)


def test_fixed_values_keep_the_factorisation() -> None:
    f = hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m")
    values = arrays(A=(7, 4), x=(4,), b=(7,))
    step = hs.newton_step(f, "x")
    fixed = step.fix(A=values["A"])
    assert np.allclose(fixed(x=values["x"], b=values["b"]), step(**values))
    with pytest.raises(hs.ArgumentError, match="A is fixed"):
        fixed(**values)
    with pytest.raises(hs.ArgumentError, match="no variable q"):
        step.fix(q=1)
    held = values["A"].copy()
    values["A"][:] = 0
    assert np.allclose(fixed(x=values["x"], b=values["b"]), dense_step(f, "x", {**values, "A": held}))


def test_what_has_no_step_is_refused() -> None:
    with pytest.raises(hs.ArgumentError, match="scalar expression"):
        hs.newton_step(hs.parse("A @ x", "A:m,n x:n"), "x")
    with pytest.raises(hs.ArgumentError, match="expression is needed"):
        hs.newton_step("x**2")  # type: ignore[arg-type]
    step = hs.newton_step(hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m"), "x")
    with pytest.raises(hs.ShapeError, match="b has size 4, but A fixes m = 3"):
        step(A=np.ones((3, 2)), x=np.ones(2), b=np.ones(4))
    with pytest.raises(hs.ArgumentError, match="b must be given"):
        step(A=np.ones((3, 2)), x=np.ones(2))
    with pytest.raises(hs.ArgumentError, match="no variable c"):
        step(A=np.ones((3, 2)), x=np.ones(2), b=np.ones(3), c=1)
    with pytest.raises(hs.ArgumentError, match="not finite"):
        step(A=np.full((3, 2), np.nan), x=np.ones(2), b=np.ones(3))
