"""Arrays without entries: sums over nothing are zero, and what nothing has no value of is refused on every target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs

LOSS = hs.parse("sum(log(1 + exp(-y*(X @ w)))) + lam*w @ w", "X:m,n y:m w:n lam:")
RESIDUAL = "A:m,n x:n b:m"
SIZES = {"m": 0, "n": 3, "d": 2, "k": 3}
TARGETS = ("numpy", "numba", "jax", "torch")


def at_nothing(expression: hs.Expr, backend: str) -> Any:
    """The value where m is zero, and all entries are one."""
    values = {}
    for name, shape in expression.variables.items():
        sizes = tuple(SIZES[size] if isinstance(size, str) else size for size in shape)
        values[name] = np.ones(sizes) if sizes else 2.0
    return np.asarray(expression.compile(backend)(**values))


@pytest.mark.parametrize("backend", TARGETS)
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (LOSS, 6.0),
        (hs.gradient(LOSS, "w"), [4.0, 4.0, 4.0]),
        (hs.hessian(LOSS, "w"), 4 * np.eye(3)),
        (hs.gradient(LOSS, "X"), np.zeros((0, 3))),
        (hs.gradient(hs.parse("norm(A @ x - b)**2", RESIDUAL), "x"), np.zeros(3)),
        (hs.parse("prod(A @ x - b)", RESIDUAL), 1.0),
        (hs.parse("A @ x - b", RESIDUAL), np.zeros(0)),
        (hs.jacobian(hs.parse("A @ x - b", RESIDUAL), "x"), np.zeros((0, 3))),
        (hs.hessian(hs.parse("-sum(Y*log_softmax(X @ W, axis=1))", "X:m,d W:d,k Y:m,k"), "W"), np.zeros((2, 3, 2, 3))),
    ],
)
def test_sums_over_nothing(expression: hs.Expr, expected: Any, backend: str) -> None:
    found = at_nothing(expression, backend)
    assert found.shape == np.shape(expected)
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("backend", TARGETS)
@pytest.mark.parametrize(
    ("expression", "why"),
    [
        (hs.parse("mean((A @ x - b)**2)", RESIDUAL), "the expression divides by m"),
        (hs.gradient(hs.parse("sum((A @ x - b)**2)/m", RESIDUAL), "x"), "the expression divides by m"),
        (hs.parse("max(A @ x - b)", RESIDUAL), "there is no max of nothing"),
        (hs.gradient(hs.parse("logsumexp(A @ x - b)", RESIDUAL), "x"), "there is no softmax of nothing"),
        (hs.parse("var(A @ x - b)", RESIDUAL), "m = 0"),
        (hs.parse("(A @ x - b)[0]", RESIDUAL), "sizes are at least 1 where entries are picked"),
        (hs.parse("sum((b[1:] - b[:-1])**2) + sum(A @ x)", RESIDUAL), "m = 0"),
        (hs.parse("inv(A.T @ A) @ x + A.T @ b", "A:n,m x:m b:n"), "m = 0"),
    ],
)
def test_what_nothing_has_no_value_of_is_refused(expression: hs.Expr, why: str, backend: str) -> None:
    with pytest.raises(hs.ShapeError) as error:
        at_nothing(expression, backend)
    assert "m = 0" in str(error.value)
    assert why in str(error.value)


def test_the_same_function_goes_on_with_other_sizes() -> None:
    gradient = hs.gradient(LOSS, "w").compile()
    full = {"X": np.array([[1.0, -2.0]]), "y": np.ones(1), "w": np.array([0.5, 1.0]), "lam": 0.0}
    before = gradient(**full)
    empty = {**full, "X": np.zeros((0, 2)), "y": np.zeros(0)}
    assert np.array_equal(gradient(**empty), [0.0, 0.0])
    assert np.array_equal(gradient(**full), before)
    assert np.array_equal(hs.gradient(LOSS, "w").evaluate(**empty), [0.0, 0.0])
    out = np.full(2, 7.0)
    gradient.into(out)(**empty)
    assert np.array_equal(out, [0.0, 0.0])


def test_shapes_still_have_to_fit() -> None:
    with pytest.raises(hs.ShapeError, match="y has size 1"):
        LOSS.evaluate(X=np.zeros((0, 2)), y=[1.0], w=[1.0, 2.0], lam=1.0)
