"""Axes of size one: `x[:, None]`, `x[None, :]`, `keepdims=True`, with NumPy's meaning or an error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs

DECLARATIONS = "X:m,n v:m w:n eps::pos"
TEXTS = [
    "X*v[:, None]",
    "X + w[None, :]",
    "X + v[:, None]*w[None, :]",
    "v[None]",
    "X[:, None, :]",
    "X[1:, None, :]",
    "sum(X, axis=1, keepdims=False)",
    "X - mean(X, axis=0, keepdims=True)",
    "X - mean(X, keepdims=True, axis=-1)",
    "X - max(X, axis=1, keepdims=True)",
    "X/sqrt(mean(X**2, axis=1, keepdims=True) + eps)",
    "(X - mean(X, axis=1, keepdims=True))/sqrt(var(X, axis=1, keepdims=True) + eps)",
    "exp(X)/sum(exp(X), axis=1, keepdims=True)",
]


@pytest.mark.parametrize("sizes", [(2, 3), (1, 1), (3, 1)])
@pytest.mark.parametrize("text", TEXTS)
def test_numpy_agrees(text: str, sizes: tuple[int, int]) -> None:
    m, n = sizes
    if "1:" in text and m == 1:
        return
    f = hs.parse(text, DECLARATIONS)
    random = np.random.default_rng(4)
    values: dict[str, Any] = {
        "X": random.normal(size=sizes), "v": random.normal(size=m), "w": random.normal(size=n), "eps": 0.1,
    }  # fmt: skip
    functions = {name: getattr(np, name) for name in ("sum", "mean", "max", "sqrt", "var", "exp")}
    expected = eval(text, {"__builtins__": {}}, {**functions, **values})  # noqa: S307 - the test's own text
    got = f.evaluate(**values)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("text", TEXTS)
def test_it_reads_back_and_differentiates(text: str) -> None:
    f = hs.parse(text, DECLARATIONS)
    assert hs.parse(str(f), f.declarations).node is f.node
    assert hs.vjp(f, "X", "U").verification.status == "verified"


def test_new_axes_are_printed_as_they_are_written() -> None:
    assert str(hs.parse("X*v[:, None]", DECLARATIONS)) == "X*v[:, None]"
    assert str(hs.parse("X - mean(X, axis=1, keepdims=True)", DECLARATIONS)) == "X - mean(X, axis=1)[:, None]"


def test_rows_of_softmax_and_norms_read_well() -> None:
    rows = hs.parse("exp(X)/sum(exp(X), axis=1, keepdims=True)", DECLARATIONS)
    assert rows == hs.parse("softmax(X, axis=1)", DECLARATIONS)
    norm = hs.vjp(hs.parse("X/sqrt(mean(X**2, axis=1, keepdims=True) + eps)", DECLARATIONS), "X", "U")
    assert str(norm) == "r = mean(X**2, axis=1) + eps; diag(1/sqrt(r)) @ U - diag(mean(X*U, axis=1)/r**(3/2)) @ X"


@pytest.mark.parametrize(
    "text",
    [
        "X[:, None]", "v[:, None, None]", "v[1:None]", "None", "x[None + 1]", "mean(X, keepdims=True)",
        "mean(v, axis=-1, keepdims=True)", "mean(X, axis=-2, keepdims=True)", "softmax(X, axis=1, keepdims=True)",
        "mean(X, axis=1, keepdims=1)", "mean(X, axis=1, ddof=1)", "exp(X, keepdims=True)",
    ],
)  # fmt: skip
def test_what_is_refused(text: str) -> None:
    with pytest.raises(hs.HesseError):
        hs.parse(text, DECLARATIONS)
