"""Parameters are matched to declared names: by name where they agree, else by position, else an error."""

from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import hesse as hs


def keyword_only(x: Any, *, A: Any, scale: float = 2.0) -> Any:
    return scale * (A @ x)


class Model:
    def loss(self, w: Any, X: Any) -> Any:
        return np.sum((X @ w) ** 2)


MATCHED: list[tuple[Callable[..., Any], str, str]] = [
    (lambda y, x: x - 2 * y, "x:n y:n", "x - 2*y"),
    (lambda a, b: a - 2 * b, "x:n y:n", "x - 2*y"),
    (lambda w, t: w - t, "w:n y:n", "w - y"),
    (lambda *arrays: arrays[0] - 2 * arrays[1], "x:n y:n", "x - 2*y"),
    (lambda x, **rest: x - 2 * rest["y"], "x:n y:n", "x - 2*y"),
    (lambda x, k=3: k * x, "x:n", "3*x"),
    (lambda x, k=3: k * x, "x:n k:", "k*x"),
    (lambda x, n: n * x, "x:n", "n*x"),
    (keyword_only, "A:m,n x:n", "2*(A @ x)"),
    (functools.partial(keyword_only, scale=5), "A:m,n x:n", "5*(A @ x)"),
    (functools.partial(lambda k, x: k * x, 4), "x:n", "4*x"),
    (Model().loss, "w:n X:m,n", "sum((X @ w)**2)"),
    (lambda u, x: u(x) + u(2 * x), "u:n-> x:n", "u(x) + u(2*x)"),
    (lambda idx, x: x[idx] ** 2, "x:n idx:p:index(n)", "x[idx]**2"),
    (np.exp, "x:n", "exp(x)"),
    (np.linalg.norm, "x:n", "norm(x)"),
    (functools.lru_cache(maxsize=None)(lambda: 1), "", "1"),
]


@pytest.mark.parametrize(("function", "declarations", "text"), MATCHED)
def test_parameters_are_matched(function: Callable[..., Any], declarations: str, text: str) -> None:
    assert hs.from_function(function, declarations) == hs.parse(text, declarations)


@pytest.mark.parametrize(
    ("function", "declarations"),
    [
        (lambda x: x, "x:n y:n"),
        (lambda x, y: x, "x:n"),
        (lambda: 1, "x:n"),
        (lambda x, a, b: x, "x:n y:n z:n"),
        (lambda a, *, b: a, "x:n y:n"),
        (lambda x, y: x, ""),
    ],
)
def test_a_mismatch_names_both(function: Callable[..., Any], declarations: str) -> None:
    with pytest.raises(hs.ArgumentError, match=r"the function has the parameters .*, and declared are .*"):
        hs.from_function(function, declarations)


def test_readings_say_what_was_decided() -> None:
    f = hs.from_function(lambda a, k=0.1: k * np.pi * a, "x:n")
    assert f.readings[0].startswith("read from the Python function <lambda> (test_parameters.py, line ")
    assert f.readings[1:] == (
        "the parameter k keeps its default 0.1",
        "parameters by position: a is x",
        "0.3141592653589793 stands for this decimal; a fraction that is meant is written as Fraction(1, 3)",
    )


def test_numbers_are_exact() -> None:
    f = hs.from_function(lambda x: 0.1 * x, "x:")
    assert f.node is hs.parse("0.1*x", "x:").node
    assert len(f.readings) == 1
    g = hs.from_function(lambda x: Fraction(1, 10) * x, "x:")
    assert g.node is hs.parse("0.1*x", "x:").node
    h = hs.from_function(lambda x: np.float32(0.1) * x, "x:")
    assert h.node is (hs.parse("x", "x:") * Fraction("0.10000000149011612")).node
    assert hs.from_function(lambda x: np.pi * x + 2 * np.e + np.log(2 * np.pi) / 2, "x:").node is (
        hs.parse("pi*x + 2*e + log(2*pi)/2", "x:").node
    )


def test_sizes_are_sizes() -> None:
    f = hs.from_function(lambda X: np.sum(X) / X.shape[0] / X.shape[1] + (X.size - X.shape[0] * X.shape[1]), "X:m,n")
    assert f.node is hs.parse("mean(X)", "X:m,n").node
    g = hs.from_function(lambda x: x[: x.shape[0] - 1] * (2 * x.shape[0] // 2), "x:n")
    assert g.node is hs.parse("n*x[:n-1]", "x:n").node
    h = hs.from_function(lambda x, y: x + y if x.shape == y.shape and x.shape[0] > 0 else x, "x:n y:n")
    assert h.node is hs.parse("x + y", "x:n y:n").node


def test_shared_values_are_evaluated_once() -> None:
    def tower(x: Any) -> Any:
        for _ in range(60):
            x = x * x + x
        return x

    f = hs.from_function(tower, "x:")
    assert f.evaluate(x=0.0) == 0.0
    assert len(str(f)) < 5000
