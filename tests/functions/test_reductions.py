"""Products, extreme entries, variances, log-softmax: JAX for gradients and Hessians, zeros and ties, conditions."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import hesse as hs

CASES = [
    ("prod({})", lambda x, axis: jnp.prod(x, axis)),
    ("max({})", lambda x, axis: jnp.max(x, axis)),
    ("min({})", lambda x, axis: jnp.min(x, axis)),
    ("var({})", lambda x, axis: jnp.var(x, axis)),
    ("log_softmax({})", lambda x, axis: jax.nn.log_softmax(x, axis)),
    ("softmax({})", lambda x, axis: jax.nn.softmax(x, axis)),
]


@pytest.mark.parametrize(("text", "function"), CASES, ids=[text for text, _ in CASES])
@pytest.mark.parametrize(
    ("shape", "axis"), [((4,), None), ((1,), None), ((2, 3), None), ((2, 3), 0), ((2, 3), -1), ((3, 1), 1)]
)
def test_derivatives_by_jax(text: str, function: Any, shape: tuple[int, ...], axis: int | None) -> None:
    """Of a nonlinear function, so that the second derivative sees the first."""
    argument = "X" if axis is None else f"X, axis={axis}"
    f = hs.parse(f"sum({text.format(argument)}**2)", "X:m,n" if len(shape) == 2 else "X:n")
    value = np.random.default_rng(3).uniform(0.5, 2.0, shape) * np.where(np.arange(np.prod(shape)) % 2, 1, -1).reshape(
        shape
    )

    def of(x: Any) -> Any:
        return jnp.sum(function(x, axis) ** 2)

    np.testing.assert_allclose(f.evaluate(X=value), of(value), rtol=1e-12)
    np.testing.assert_allclose(hs.gradient(f, "X").evaluate(X=value), jax.grad(of)(value), rtol=1e-9, atol=1e-12)
    second = hs.hessian(f, "X")
    assert second.verification.status == "verified"
    np.testing.assert_allclose(second.evaluate(X=value), jax.hessian(of)(value), rtol=1e-9, atol=1e-11)
    assert hs.parse(str(f), f.declarations) == f


@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_the_gradient_of_a_product_where_entries_are_zero(zeros: int) -> None:
    value = np.array([1.5, -2.0, 0.5, 3.0])
    value[:zeros] = 0
    expected = [np.prod(np.delete(value, k)) for k in range(4)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(hs.gradient(hs.parse("prod(x)", "x:n")).evaluate(x=value), expected)
        np.testing.assert_allclose(hs.parse("prod(x)/x", "x:n").evaluate(x=value), expected)
        rows = hs.parse("prod(X, axis=1)", "X:m,n")
        slopes = hs.vjp(rows, "X", "u").evaluate(X=[value, value + 1], u=[1.0, 2.0])
    np.testing.assert_allclose(slopes[0], expected)
    assert np.prod(np.delete(value + 1, 2)) * 2 == pytest.approx(slopes[1][2])


def test_the_second_derivative_of_a_product_says_where_it_holds() -> None:
    f = hs.parse("prod(x)", "x:n")
    assert hs.gradient(f).conditions == ()
    assert hs.hessian(f).conditions == ("every entry of x != 0",)
    assert hs.hvp(f).conditions == ("every entry of x != 0",)


def test_ties_share() -> None:
    """Where the largest entry is attained twice there is no derivative; the value is the one the table states."""
    slopes = hs.gradient(hs.parse("max(x)", "x:n"))
    assert slopes.conditions == ("max(x) is attained once",)
    np.testing.assert_allclose(slopes.evaluate(x=[1.0, 3.0, 3.0]), [0, 0.5, 0.5])
    rows = hs.jacobian(hs.parse("max(X, axis=1)", "X:m,n"))
    assert rows.conditions == ("every entry of max(X, axis=1) is attained once",)
    smallest = hs.gradient(hs.parse("min(x)", "x:n"))
    np.testing.assert_allclose(smallest.evaluate(x=[1.0, 3.0, 3.0]), [1, 0, 0])


def test_two_arguments_are_compared_entry_by_entry() -> None:
    assert hs.parse("max(x, 0)", "x:n") == hs.parse("maximum(x, 0)", "x:n")
    assert hs.parse("max(x)", "x:n").shape == ()


def test_what_is_written_out_is_recognised() -> None:
    assert str(hs.gradient(hs.parse("y @ log(softmax(z))", "y:n z:n"), "z")) == "y - sum(y)*softmax(z)"
    f = hs.parse("log(softmax(z))", "z:n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(f.evaluate(z=[800.0, -800.0]), [0, -1600])
