"""The order of a norm: NumPy's meaning for vectors and along an axis, or an error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs

DECLARATIONS = "x:n A:m,n p:"


def numpy_norm(value: Any, order: Any = None, **options: Any) -> Any:
    return np.linalg.norm(value, order, **options)


@pytest.mark.parametrize(
    "text",
    [
        "norm(x, 1)", "norm(x, 2)", "norm(x, inf)", "norm(x, 3)", "norm(x, 1.5)", "norm(x, 3/2)", "norm(A @ x, 4)",
        "norm(A, 'fro')", "norm(A, 1, axis=1)", "norm(A, 2, axis=0)", "norm(A, inf, axis=0)", "norm(A, 3, axis=-1)",
        "norm(A, 3, axis=1, keepdims=True)", "2*norm(x, inf)**2",
    ],
)  # fmt: skip
def test_numpy_agrees(text: str) -> None:
    f = hs.parse(text, DECLARATIONS)
    values: dict[str, Any] = {"x": np.array([1.0, -2.0, 0.5]), "A": np.array([[1.0, 3.0, -1.0], [-2.0, 0.3, 1.0]])}
    expected = eval(text, {"__builtins__": {}}, {**values, "norm": numpy_norm, "inf": np.inf})  # noqa: S307
    np.testing.assert_allclose(f.evaluate(**values, p=1.0), expected, rtol=1e-12)
    assert hs.derivative(f, "A" if "A, " in text else "x").verification.status == "verified"
    assert hs.parse(str(f), f.declarations) == f


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("norm(A, 2)", "spectral"),
        ("norm(A, 1)", "operator norm"),
        ("norm(A, inf)", "operator norm"),
        ("norm(x, 1/2)", "not the order"),
        ("norm(x, -1)", "not the order"),
        ("norm(x, 'nuc')", "not the order"),
        ("norm(x, 'fro')", "not the order"),
    ],
)
def test_what_is_refused(text: str, part: str) -> None:
    with pytest.raises(hs.HesseError) as caught:
        hs.parse(text, DECLARATIONS)
    assert part in str(caught.value)


def test_a_declared_name_is_no_order() -> None:
    with pytest.raises(hs.HesseError):
        hs.parse("norm(x, inf)", "x:n inf:")
