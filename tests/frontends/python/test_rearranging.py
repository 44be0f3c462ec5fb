"""Reshaping, joining, rotating and masking as NumPy does it."""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.functions import FUNCTIONS
from tests.frontends.python.test_meaning import SIZES, draw

CASES: dict[str, tuple[str, Callable[..., Any], str]] = {
    "flattened": ("reshape", lambda A: A.reshape(-1) * A.ravel() + A.flatten(), "A:m,n"),
    "flattened by columns": ("reshape", lambda A: np.ravel(A, order="F"), "A:m,n"),
    "reshaped": ("reshape", lambda x: x.reshape(2, 3).T @ x[:2] + np.reshape(x, (3, 2))[:, 0], "x:6"),
    "reshaped to pairs": ("reshape", lambda x: np.reshape(x, (-1, 2)).sum(axis=0), "x:2*n"),
    "joined": ("concat", lambda x, y: np.concatenate([x, y]) + np.hstack((x, y)), "x:n y:m"),
    "joined matrices": ("concat", lambda A, B: np.concatenate([A, B], axis=1) @ np.ones(5), "A:3,2 B:3,3"),
    "a row more": ("concat", lambda A, x: np.vstack([A, x]), "A:m,n x:n"),
    "a column more": ("concat", lambda A, y: np.column_stack([A, y]), "A:m,n y:m"),
    "an intercept": (
        "concat",
        lambda X, w: np.column_stack([X, np.ones(X.shape[0], like=X) if hs_traced(X) else np.ones(len(X))]) @ w,
        "X:m,n w:n+1",
    ),
    "kron": ("kron", lambda A, B: np.kron(A, B), "A:m,n B:k,k"),
    "rolled": ("roll", lambda x: np.roll(x, 1) @ x + np.roll(x, -2).sum(), "x:n"),
    "rolled rows": ("roll", lambda A: np.roll(A, 1, axis=0) + np.roll(A, -1, axis=1), "A:m,n"),
    "tiled": ("concat", lambda x: np.tile(x, 3), "x:n"),
    "repeated": ("reshape", lambda x: np.repeat(x, 3), "x:n"),
    "sums so far": ("cumsum", lambda x: np.cumsum(x) + x.cumsum(), "x:n"),
    "sums so far of rows": ("cumsum", lambda A: np.cumsum(A, axis=0) + A.cumsum(1), "A:m,n"),
    "sums so far in C order": ("cumsum", lambda A: np.cumsum(A), "A:m,n"),
    "triangles by diagonals": ("tril", lambda A: np.tril(A, 1) + np.triu(A, -A.shape[0]), "A:m,n"),
    "diagonals by sizes": ("triu", lambda A: np.triu(A, A.shape[1] - 2) @ np.tril(A, k=-1).T, "A:m,n"),
    "triangles": ("tril", lambda A: np.tril(A) - np.triu(A), "A:n,n"),
}


def hs_traced(value: Any) -> bool:
    """Whether the function is being read."""
    return not isinstance(value, np.ndarray)


@pytest.mark.parametrize("name", CASES)
def test_values_are_numpys(name: str) -> None:
    row, function, declarations = CASES[name]
    if row not in FUNCTIONS:
        with pytest.raises(hs.TraceError, match="not in the vocabulary"):
            hs.from_function(function, declarations)
        return
    expression = hs.from_function(function, declarations)
    assert hs.parse(str(expression), expression.declarations) == expression
    for sizes in SIZES:
        values = draw(declarations, sizes, zlib.crc32(name.encode()))
        arguments = [np.copy(values[parameter]) for parameter in inspect.signature(function).parameters]
        expected = np.asarray(function(*arguments))
        found = np.asarray(expression.evaluate(**values))
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)
