"""JAX functions are read as what they compute: the expression that a text gives, with JAX's values and gradients."""

from __future__ import annotations

import inspect
import zlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import hesse as hs
from hesse.frontends.text import parse_declarations
from hesse.service import functions
from tests.frontends.jaxpr.jax_cases import CASES
from tests.frontends.python.test_meaning import draw

SIZES = ({"n": 4, "m": 3, "k": 2, "p": 5}, {"n": 5, "m": 2, "k": 7, "p": 1})


def values_for(declarations: str, sizes: dict[str, int], name: str) -> dict[str, Any]:
    values = draw(declarations, sizes, zlib.crc32(name.encode()))
    for entry in parse_declarations(declarations).variables.values():
        if entry.index is not None:
            values[entry.name] = np.arange(entry.shape[0].evaluate(sizes)) % entry.index.evaluate(sizes)
    return values


@pytest.mark.parametrize("name", CASES)
def test_text_and_jax_agree(name: str) -> None:
    function, declarations, text = CASES[name]
    expression = hs.from_jax(function, declarations)
    assert expression == hs.parse(text, declarations)
    assert expression * 1.0009765625 != hs.parse(text, declarations)


@pytest.mark.parametrize("name", CASES)
def test_values_are_jaxs(name: str) -> None:
    function, declarations, _ = CASES[name]
    expression = hs.from_jax(function, declarations)
    for sizes in SIZES:
        values = values_for(declarations, sizes, name)
        with jax.enable_x64(True):
            expected = np.asarray(function(*(values[each] for each in inspect.signature(function).parameters)))
        np.testing.assert_allclose(expression.evaluate(**values), expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(
    "name", ["logistic", "least squares", "logsumexp", "Rosenbrock", "Gaussian mixture", "norm of"]
)
def test_gradients_are_jaxs(name: str) -> None:
    cases = {**CASES, "norm of": (lambda x, A: jnp.linalg.norm(A @ jax.nn.softmax(x)), "x:n A:m,n", "")}
    function, declarations, _ = cases[name]
    names = list(inspect.signature(function).parameters)
    values = values_for(declarations, SIZES[0], name)
    gradient = hs.gradient(hs.from_jax(function, declarations), names[0]).evaluate(**values)
    with jax.enable_x64(True):
        expected = np.asarray(jax.grad(function)(*(values[each] for each in names)))
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-12)


def branch(x: Any) -> Any:
    if x[0] > 0:
        return x[0]
    return x[1]


def two(x: Any) -> Any:
    return x, 2 * x


REFUSED: list[tuple[Any, str, str]] = [
    (branch, "x:2", "depends on a value .*test_jax.py, line"),
    (lambda x: float(x[0]) * x, "x:2", "depends on a value"),
    (lambda x: x * jax.lax.stop_gradient(x), "x:n", "stop_gradient"),
    (lambda x: jax.lax.stop_gradient(x), "x:n", "stop_gradient"),
    (lambda x: jnp.sort(x) * x, "x:n", "`sort` is not in the vocabulary .*test_jax.py, line"),
    (lambda x: x * jnp.argmax(x), "x:n", "`argmax` is not in the vocabulary"),
    (lambda x: jnp.floor(x), "x:n", "`floor` is not in the vocabulary"),
    (lambda x: x.at[0].set(1.0), "x:n", "`scatter` is not in the vocabulary"),
    (lambda x: jax.lax.while_loop(lambda s: s[0] < 9, lambda s: 2 * s, x), "x:n", "`while` is not in"),
    (lambda x: jax.lax.cond(x[0] > 0, lambda: x, lambda: -x), "x:n", "`cond` is not in"),
    (lambda x: x + jax.random.normal(jax.random.key(0), x.shape), "x:3", "is not in the vocabulary"),
    (lambda x: jnp.fft.fft(x), "x:4", "is not in the vocabulary|complex"),
    (lambda x: x + 1j, "x:n", "complex|no real number"),
    (lambda x: jnp.sum(x) if x.shape[0] > 4 else x[0], "x:n", "cannot decide about a symbolic size"),
    (lambda x: jnp.roll(x, 1), "x:n", "not a polynomial|symbolic size"),
    (lambda x: x @ jnp.sin(jnp.arange(100.0)), "x:100", "positions|100 entries"),
    (lambda x: x @ jnp.asarray(np.linspace(0, 1, 100)), "x:100", "100 entries; the limit for literals is 64"),
    (lambda x: jnp.where(x > 0, x, jnp.inf), "x:n", "finite"),
    (lambda x: jnp.sum(jnp.arange(x.shape[0]) * x), "x:n", "positions"),
    (lambda x: jnp.tril(jnp.outer(x, x), 1) @ x, "x:n", "mask of positions"),
    (lambda x, y: x[y.astype(int)], "x:n y:n", "real numbers to integers"),
]


@pytest.mark.parametrize(("function", "declarations", "message"), REFUSED)
def test_refusals(function: Any, declarations: str, message: str) -> None:
    with pytest.raises(hs.TraceError, match=message):
        hs.from_jax(function, declarations)


@pytest.mark.parametrize(
    ("function", "declarations", "message"),
    [
        (two, "x:n", "returns 2 arrays"),
        (lambda x, y: x, "x:n", "the parameters x, y"),
        (lambda u, x: u(x), "u:n-> x:n", "cannot take `u`"),
        ("x", "x:n", "a function is needed"),
    ],
)
def test_arguments_are_checked(function: Any, declarations: str, message: str) -> None:
    with pytest.raises(hs.ArgumentError, match=message):
        hs.from_jax(function, declarations)


def test_errors_of_the_user_pass() -> None:
    def mine(x: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        hs.from_jax(mine, "x:n")


def test_what_is_not_needed_is_not_refused() -> None:
    assert hs.from_jax(lambda x: (jnp.sort(x), 2 * x)[1], "x:n") == hs.parse("2*x", "x:n")


def test_from_function_knows_jitted_functions() -> None:
    f = hs.from_function(jax.jit(lambda x: jnp.exp(x)), "x:n")
    assert f == hs.parse("exp(x)", "x:n")
    assert f.readings[0].startswith("read from the JAX function <lambda> (test_jax.py, line ")


def test_a_function_of_jax_on_traced_values_says_what_to_call() -> None:
    with pytest.raises(hs.TraceError, match="from_jax"):
        hs.from_function(lambda x: jnp.exp(x), "x:n")


def test_without_jax_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "find_spec", lambda name: None)
    with pytest.raises(hs.MissingExtraError, match=r"hesse\[jax\]"):
        hs.from_jax(lambda x: x, "x:n")


def test_sizes_that_were_assumed_are_conditions() -> None:
    f = hs.from_jax(lambda x: x[3:] - x[:-3], "x:n")
    assert str(f) == "x[3:] - x[:-3]"
    assert "n >= 4" in f.conditions
    assert "n >= 4" in hs.jacobian(f, "x").conditions
