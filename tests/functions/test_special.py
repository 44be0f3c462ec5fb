"""Special functions: SciPy for values, JAX for gradients and Hessians, models of statistics that use them."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special as jsp
import numpy as np
import pytest
import scipy.special  # type: ignore[import-untyped]

import hesse as hs
from hesse.core.nodes import Elementwise
from hesse.functions import FUNCTIONS


def reference(name: str) -> Any:
    row = FUNCTIONS[name]
    assert isinstance(row, Elementwise)
    return row.reference


POSITIVE = [1e-3, 0.07, 0.5, 1.0, 1.4616, 2.0, 3.7, 11.99, 12.0, 25.5, 170.3, 1e6]


@pytest.mark.parametrize("x", POSITIVE)
def test_digamma_and_polygamma_against_scipy(x: float) -> None:
    assert reference("digamma")(x) == pytest.approx(scipy.special.digamma(x), rel=1e-13, abs=1e-14)
    for k in (1, 2, 3, 4, 7, 12):
        assert reference("polygamma")(k, x) == pytest.approx(float(scipy.special.polygamma(k, x)), rel=1e-12)


@pytest.mark.parametrize("x", [1e16, 1e60, 1e160, 1e300])
def test_digamma_and_polygamma_far_out(x: float) -> None:
    """Where powers of x overflow and those of 1/x vanish."""
    assert reference("digamma")(x) == pytest.approx(scipy.special.digamma(x), rel=1e-14)
    for k in (1, 2, 5):
        assert reference("polygamma")(k, x) == pytest.approx(float(scipy.special.polygamma(k, x)), rel=1e-12, abs=0)


def test_known_values() -> None:
    assert reference("digamma")(1.0) == pytest.approx(-0.57721566490153286, rel=1e-14)
    assert reference("polygamma")(1, 1.0) == pytest.approx(math.pi**2 / 6, rel=1e-15)
    assert reference("polygamma")(1, 0.5) == pytest.approx(math.pi**2 / 2, rel=1e-15)
    assert reference("polygamma")(2, 1.0) == pytest.approx(-2 * 1.2020569031595943, rel=1e-15)


@pytest.mark.parametrize("x", [-40.0, -9.0, -3.0, -0.4, 0.0, 0.7, 5.0, 800.0])
def test_gelu_keeps_its_digits_in_the_tail(x: float) -> None:
    expected = x * scipy.special.ndtr(x)
    assert reference("gelu")(x) == pytest.approx(expected, rel=1e-12, abs=0)
    assert hs.parse("gelu(x)", "x:").evaluate(x=x) == pytest.approx(expected, rel=1e-12, abs=0)


CASES = [
    ("sum(gelu(W @ x)**2)", "W:m,n x:n", "x", lambda W, x: jnp.sum(jax.nn.gelu(W @ x, approximate=False) ** 2)),
    ("sum(erf(x)*x)", "x:n", "x", lambda x: jnp.sum(jsp.erf(x) * x)),
    ("sum(gammaln(exp(x)))", "x:n", "x", lambda x: jnp.sum(jsp.gammaln(jnp.exp(x)))),
    ("sum(digamma(1 + x**2))", "x:n", "x", lambda x: jnp.sum(jsp.digamma(1 + x**2))),
    ("sum(polygamma(1, 1 + x**2))", "x:n", "x", lambda x: jnp.sum(jsp.polygamma(1, 1 + x**2))),
    ("sum(clip(x, -1/2, 1/2)**2)", "x:n", "x", lambda x: jnp.sum(jnp.clip(x, -0.5, 0.5) ** 2)),
    ("gammaln(sum(a)) - sum(gammaln(a)) + sum((a - 1)*log(p))", "a:n:pos p:n:simplex", "a",
     lambda a, p: jsp.gammaln(jnp.sum(a)) - jnp.sum(jsp.gammaln(a)) + jnp.sum((a - 1) * jnp.log(p))),
    ("sum(y*(X @ w) - exp(X @ w) - gammaln(y + 1))", "X:m,n y:m:pos w:n", "w",
     lambda X, y, w: jnp.sum(y * (X @ w) - jnp.exp(X @ w) - jsp.gammaln(y + 1))),
    ("gammaln((v + 1)/2) - gammaln(v/2) - log(v)/2 - (v + 1)/2*log(1 + x**2/v)", "v::pos x:", "v",
     lambda v, x: jsp.gammaln((v + 1) / 2) - jsp.gammaln(v / 2) - jnp.log(v) / 2
     - (v + 1) / 2 * jnp.log(1 + x**2 / v)),
    ("-logdet(S)/2 - (x - mu) @ inv(S) @ (x - mu)/2", "S:n,n:spd x:n mu:n", "mu",
     lambda S, x, mu: -jnp.linalg.slogdet(S)[1] / 2 - (x - mu) @ jnp.linalg.solve(S, x - mu) / 2),
    ("-logdet(S)/2 - (x - mu) @ inv(S) @ (x - mu)/2", "S:n,n:spd x:n mu:n", "S",
     lambda S, x, mu: -jnp.linalg.slogdet(S)[1] / 2 - (x - mu) @ jnp.linalg.solve(S, x - mu) / 2),
    ("logdet(P)/2 - (x - mu) @ P @ (x - mu)/2", "P:n,n:spd x:n mu:n", "P",
     lambda P, x, mu: jnp.linalg.slogdet(P)[1] / 2 - (x - mu) @ P @ (x - mu) / 2),
    ("-sum(p*log(p))", "p:n:pos", "p", lambda p: -jnp.sum(p * jnp.log(p))),
    ("sum(p*log(p/q))", "p:n:pos q:n:pos", "p", lambda p, q: jnp.sum(p * jnp.log(p / q))),
    ("sum(p*log(p/q))", "p:n:pos q:n:pos", "q", lambda p, q: jnp.sum(p * jnp.log(p / q))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "declarations", "wrt", "function"), CASES)
def test_models_by_jax(text: str, declarations: str, wrt: str, function: Any) -> None:
    f = hs.parse(text, declarations)
    random = np.random.default_rng(8)
    values = {}
    for name, shape in f.variables.items():
        value = random.uniform(0.2, 1.4, [{"m": 2, "n": 3}[str(size)] for size in shape])
        values[name] = value + value.T + 2 * np.eye(3) if len(shape) == 2 and shape[0] == shape[1] else value

    def of(value: Any) -> Any:
        return function(**{**values, wrt: value})

    np.testing.assert_allclose(f.evaluate(**values), of(values[wrt]), rtol=1e-11)
    for derive, oracle in ((hs.gradient, jax.grad(of)), (hs.hessian, jax.hessian(of))):
        result = derive(f, wrt)
        assert result.verification.status == "verified"
        np.testing.assert_allclose(result.evaluate(**values), oracle(values[wrt]), rtol=1e-8, atol=1e-9)
        assert hs.parse(str(result), result.declarations) == result


def test_results_read_as_in_books() -> None:
    assert str(hs.gradient(hs.parse("sum(gammaln(a))", "a:n:pos"))) == "digamma(a)"
    assert str(hs.hessian(hs.parse("sum(gammaln(a))", "a:n:pos"))) == "diag(polygamma(1, a))"
    assert str(hs.gradient(hs.parse("erf(x)", "x:"))) == "2*exp(-x**2)/sqrt(pi)"


@pytest.mark.parametrize("text", ["polygamma(x, x)", "polygamma(-1, x)", "polygamma(1/2, x)", "polygamma(1000, x)"])
def test_orders_that_are_refused(text: str) -> None:
    with pytest.raises(hs.HesseError, match="polygamma"):
        hs.parse(text, "x:")


def test_programs_import_scipy_only_where_they_need_it() -> None:
    assert "scipy" not in hs.parse("sum(exp(x))", "x:n").source()
    source = hs.parse("sum(gammaln(x))", "x:n").source()
    assert "from scipy import special" in source and "special.gammaln(x)" in source
    assert hs.parse("special*erf(x)", "x: special:").evaluate(x=0.5, special=2.0) == pytest.approx(2 * math.erf(0.5))
