"""Batches: the values at all points at once are those at each of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.errors import ArgumentError, MissingExtraError

RNG = np.random.default_rng(3)
CASES: list[tuple[str, str, list[str]]] = [
    ("x1**2 + exp(x1*x2)", "x1: x2:", ["x1", "x2"]),
    ("[x[0]**2*x[1], sin(x[1])]", "x:2", ["x"]),
    ("W2 @ tanh(W1 @ x + b1)", "W1:h,n x:n b1:h W2:o,h", ["x"]),
    ("softmax(A @ x)", "A:m,n x:n", ["x"]),
    ("sum(x[1:]*x[:-1]**2) + logsumexp(x)", "x:n", ["x"]),
    ("A @ X @ x + sum(X**2)*ones(m)", "A:m,n X:n,n x:n", ["X", "x"]),
    ("x*c", "x:n c:", ["c"]),
    ("x[idx]*y", "x:n y:p idx:p:index(n)", ["x", "y"]),
    ("sum(x)", "x:n N:", ["x"]),
]
SIZES = {"n": 3, "m": 4, "h": 5, "o": 2, "p": 6}


def values(f: hs.Expr, names: list[str], count: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, shape in f.variables.items():
        sizes = [SIZES[size] if isinstance(size, str) else size for size in shape]
        found[name] = RNG.normal(size=[count, *sizes] if name in names else sizes)
        if name == "idx":
            found[name] = RNG.integers(0, SIZES["n"], size=sizes)
    return found


@pytest.mark.parametrize("backend", ["numpy", "jax", "torch", "numba"])
@pytest.mark.parametrize(("text", "declarations", "names"), CASES)
def test_each_point_has_its_value(text: str, declarations: str, names: list[str], backend: str) -> None:
    f = hs.parse(text, declarations)
    parts = {"value": f, "jacobian": hs.jacobian(f, names if len(names) > 1 and not f.shape else names[0])}
    if backend not in ("numpy", "jax") and len(names) > 1 and f.shape:
        del parts["jacobian"]
    try:
        many = hs.compile(parts, backend, batch=names)
    except MissingExtraError as error:
        pytest.skip(str(error))
    for count in (1, 4):
        arguments = values(f, names, count)
        results = many(**arguments)
        for k in range(count):
            point = {name: value[k] if name in names else value for name, value in arguments.items()}
            for name, part in parts.items():
                np.testing.assert_allclose(results[name][k], part.evaluate(**point), rtol=1e-11, atol=1e-11)


def test_a_result_without_the_variable_is_repeated() -> None:
    many = hs.compile({"a": hs.parse("sum(x)", "x:n"), "b": hs.parse("A @ A", "A:k,k")}, batch="x")
    results = many(x=np.ones((5, 2)), A=np.eye(3))
    assert results["a"].tolist() == [2.0] * 5 and results["b"].shape == (5, 3, 3)


def test_points_that_do_not_fit() -> None:
    many = hs.compile({"f": hs.parse("x @ y", "x:n y:n")}, batch=["x", "y"])
    with pytest.raises(hs.ShapeError, match="y has size 3 along axis 0, but x fixes N = 2"):
        many(x=np.ones((2, 4)), y=np.ones((3, 4)))
    with pytest.raises(hs.ShapeError, match="x is declared a matrix"):
        many(x=np.ones(4), y=np.ones((3, 4)))


@pytest.mark.parametrize("batch", ["q", [], 3, ["x", "q"], [1]])
def test_what_is_no_batch(batch: Any) -> None:
    with pytest.raises(ArgumentError, match="batch"):
        hs.compile({"f": hs.parse("x @ x", "x:n")}, batch=batch)


def test_functions_of_whole_matrices_have_none() -> None:
    with pytest.raises(ArgumentError, match="the argument of inv, a function of whole matrices, depends on the point"):
        hs.compile({"f": hs.parse("inv(A) @ b", "A:n,n b:n")}, batch="A")
