"""The published list of forms that never give nan or overflow where the limit exists: docs/limits.md."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.codegen import TARGETS

from .support import as_array, compile_on

ZERO = [0.0, 0.25, 0.75]
FORMS: list[tuple[str, str, dict[str, Any], Any]] = [
    ("x*log(x)", "x:", {"x": 0.0}, 0),
    ("-sum(p*log(p))", "p:n", {"p": ZERO}, -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))),
    ("p @ log(p)", "p:n", {"p": ZERO}, 0.25 * np.log(0.25) + 0.75 * np.log(0.75)),
    ("2*p*log(p)", "p:n", {"p": ZERO}, [0, 0.5 * np.log(0.25), 1.5 * np.log(0.75)]),
    ("sum(p*log(p/q))", "p:n q:n", {"p": ZERO, "q": [0.5, 0.25, 0.25]}, 0.75 * np.log(3)),
    ("p*log(p/q)", "p:n q:n", {"p": ZERO, "q": [0.5, 0.25, 0.25]}, [0, 0, 0.75 * np.log(3)]),
    ("sum(p*(log(p) - log(q)))", "p:n q:n", {"p": ZERO, "q": [0.5, 0.25, 0.25]}, 0.75 * np.log(3)),
    ("w*p*log(2*p)", "w: p:n", {"w": 3.0, "p": [0.0, 0.5]}, [0, 0]),
    ("log(1 + exp(x))", "x:", {"x": 800.0}, 800),
    ("log(1 + exp(x))", "x:", {"x": -800.0}, 0),
    ("sigmoid(x)", "x:", {"x": 800.0}, 1),
    ("sigmoid(x)", "x:", {"x": -800.0}, 0),
    ("1/(1 + exp(-x))", "x:", {"x": -800.0}, 0),
    ("exp(x)/(1 + exp(x))", "x:", {"x": 800.0}, 1),
    ("log(sigmoid(x))", "x:", {"x": -800.0}, -800),
    ("log(1 - sigmoid(x))", "x:", {"x": 800.0}, -800),
    ("logsumexp(x)", "x:n", {"x": [800.0, -800.0]}, 800),
    ("log(sum(exp(x)))", "x:n", {"x": [-800.0, -801.0]}, -800 + np.log(1 + np.exp(-1))),
    ("softmax(x)", "x:n", {"x": [800.0, -800.0]}, [1, 0]),
    ("exp(x)/sum(exp(x))", "x:n", {"x": [900.0, 900.0]}, [0.5, 0.5]),
    ("log(softmax(x))", "x:n", {"x": [800.0, -800.0]}, [0, -1600]),
    ("log_softmax(x)", "x:n", {"x": [800.0, -800.0]}, [0, -1600]),
    ("prod(x)/x", "x:n", {"x": [2.0, 0.0, 3.0]}, [0, 6, 0]),
    ("norm(x)", "x:n", {"x": [0.0, 0.0]}, 0),
    ("sqrt(sum(x**2))", "x:n", {"x": [0.0, 0.0]}, 0),
    ("x/(1 + abs(x))", "x:", {"x": 1e300}, 1),
    ("tanh(x)", "x:", {"x": 800.0}, 1),
    ("gelu(x)", "x:", {"x": -800.0}, 0),
    ("logdet(A)", "A:n,n", {"A": (1e200 * np.eye(3)).tolist()}, 3 * np.log(1e200)),
]
GRADIENTS: list[tuple[str, str, dict[str, Any], Any]] = [
    ("log(1 + exp(x))", "x:", {"x": 800.0}, 1),
    ("log(1 + exp(x))", "x:", {"x": -800.0}, 0),
    ("logsumexp(x)", "x:n", {"x": [800.0, -800.0]}, [1, 0]),
    ("prod(x)", "x:n", {"x": [2.0, 0.0, 3.0]}, [0, 6, 0]),
    ("prod(x)", "x:n", {"x": [0.0, 0.0, 3.0]}, [0, 0, 0]),
    ("x/(1 + abs(x))", "x:", {"x": 0.0}, 1),
    ("abs(x)", "x:", {"x": 0.0}, 0),
    ("sum(x*log(x))", "x:n", {"x": [1.0, np.e]}, [1, 2]),
    ("norm(x)**2", "x:n", {"x": [0.0, 0.0]}, [0, 0]),
]


def evaluated(f: hs.Expr, values: dict[str, Any], target: str) -> Any:
    function = compile_on(f.program_tree, f._declarations, target, values)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return as_array(function(**values))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("text", "declarations", "values", "expected"), FORMS)
def test_values(text: str, declarations: str, values: dict[str, Any], expected: Any, target: str) -> None:
    actual = evaluated(hs.parse(text, declarations), values, target)
    np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("text", "declarations", "values", "expected"), GRADIENTS)
def test_gradients(text: str, declarations: str, values: dict[str, Any], expected: Any, target: str) -> None:
    actual = evaluated(hs.gradient(hs.parse(text, declarations)), values, target)
    np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-300)


def test_what_has_no_limit_stays_without_a_value() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.isnan(hs.parse("y*log(p)", "y: p:").evaluate(y=0.0, p=0.0))
        assert np.isnan(hs.parse("x*log(x)", "x:").evaluate(x=-1.0))
        assert np.isnan(hs.parse("w*log(w*p)", "w: p:").evaluate(w=0.0, p=0.0))
        assert np.isnan(hs.parse("x*log(x - 1)", "x:").evaluate(x=0.0))
    assert hs.parse("x*log(x)", "x:").conditions == ("x > 0",)


def test_programs_use_the_limit_only_there() -> None:
    assert "xlogy" in hs.parse("sum(p*log(p))", "p:n").source()
    assert "xlogy" not in hs.parse("sum(y*log(p))", "y:n p:n").source()
