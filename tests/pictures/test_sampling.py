"""Many values at once: the same as one by one, with nothing where there is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.pictures.sampling import Values

X = [[0.3, -1.2], [2.0, 0.7], [-0.4, 1.1]]
CASES: dict[str, tuple[str, str, Mapping[str, Any], list[str], bool]] = {
    "scalars": ("x1^2 + exp(x1*x2) + 2*log(x2)", "", {"x1": 1.0, "x2": 2.0}, ["x1", "x2"], True),
    "one of two": ("x1^2 + exp(x1*x2)", "", {"x1": 1.0, "x2": 2.0}, ["x2"], True),
    "vector": ("norm(x) + max(x) + logsumexp(x) + x[1:] @ x[:-1]", "x:n", {"x": [1.0, -2.0, 0.5, 3.0]}, ["x"], True),
    "n = 1": ("norm(x)**2 + sum(softmax(x))", "x:n", {"x": [0.7]}, ["x"], True),
    "data": ("norm(A @ x - b)**2", "A:m,n x:n b:m", {"A": X, "x": [1.0, 2.0], "b": [1.0, 0.0, -1.0]}, ["x"], True),
    "matrix": ("sum(log(1 + exp(-y*(A @ w))))", "A:m,n y:m w:n",
               {"A": X, "y": [1.0, -1.0, 1.0], "w": [0.2, -0.1]}, ["A"], True),
    "two arrays": ("x @ A @ x", "x:n A:n,n", {"x": [1.0, 2.0], "A": [[1.0, 2.0], [0.5, -1.0]]}, ["x", "A"], True),
    "branches": ("where(x1 > x2, x1^2, abs(x2)) + clip(x1, 0, 1) + step(x2)", "", {"x1": 1.0, "x2": 0.5},
                 ["x1", "x2"], True),
    "special": ("gammaln(x2^2 + 1) + polygamma(2, x1^2 + 1) + erf(x1)", "", {"x1": 1.0, "x2": 0.5}, ["x1", "x2"], True),
    "determinant": ("logdet(A + s*B)", "A:n,n B:n,n s:",
                    {"A": [[2.0, 1.0], [1.0, 3.0]], "B": [[1.0, 0.5], [0.0, 1.0]], "s": 1.0}, ["s"], False),
    "several outputs": ("[x1^2 - x2^2, 2*x1*x2, log(x1)]", "", {"x1": 1.0, "x2": 2.0}, ["x1", "x2"], True),
    "constant": ("0*x1 + 0*x2 + 3", "", {"x1": 1.0, "x2": 2.0}, ["x1", "x2"], True),
    "sizes": ("n*s + sum(x)", "x:n s:", {"x": [1.0, 2.0, 4.0], "s": 1.0}, ["s"], True),
    "gather": ("sum(x[idx]**2)", "x:n idx:p:index(n)", {"x": [1.0, 2.0, 4.0], "idx": [2, 0]}, ["x"], True),
    "a name that is taken": ("points*k", "points: k:", {"points": 1.0, "k": 2.0}, ["k"], True),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values_are_those_of_the_function(name: str) -> None:
    text, declarations, at, moving, vectorised = CASES[name]
    f = hs.parse(text, declarations) if declarations else hs.parse(text)
    fixed = {key: np.array(value) for key, value in at.items()}
    random = np.random.default_rng(5)
    points = {key: fixed[key] + random.normal(size=(37, *fixed[key].shape)) for key in moving}
    values = Values(f, fixed, moving)
    assert values.vectorised is vectorised
    found = values.at(points)
    with np.errstate(all="ignore"):
        one_by_one = [f.evaluate(**{**at, **{key: points[key][k] for key in moving}}) for k in range(37)]
    expected = np.array(one_by_one, float)
    expected[~np.isfinite(expected)] = np.nan
    if name == "several outputs":
        # Where an entry has no value, the function is not defined.
        expected[np.isnan(expected).any(axis=1)] = np.nan
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "x", "defined"),
    [
        ("x/x", [-1, 0, 2], [True, False, True]),
        ("log(x) - log(x)", [-1, 0, 2], [False, False, True]),
        ("sqrt(x)**2", [-1, 0, 2], [False, True, True]),
        ("arcsin(x)*0", [-1.5, 1, 0.5], [False, True, True]),
        ("det(inv([[x, 1], [1, x]]))*0 + 1", [1, 2, -1], [False, True, False]),
    ],
)
def test_what_simplification_removes_is_not_forgotten(text: str, x: list[float], defined: list[bool]) -> None:
    values = Values(hs.parse(text, "x:"), {"x": np.array(1.0)}, ["x"])
    assert np.isfinite(values.at({"x": np.array(x, float)})).tolist() == defined


def test_progress_is_told_to_its_end() -> None:
    told: list[float] = []
    values = Values(hs.parse("logdet([[x, 0], [0, x]])", "x:"), {"x": np.array(1.0)}, ["x"])
    values.at({"x": np.linspace(1, 2, 1000)}, told.append)
    assert told == sorted(told) and told[-1] == 1 and len(told) == 4


def test_long_arrays_come_in_blocks() -> None:
    told: list[float] = []
    random = np.random.default_rng(0)
    f = hs.parse("sum((A @ x)**2)", "A:m,n x:n")
    a = random.normal(size=(300, 100))
    values = Values(f, {"A": a, "x": np.ones(100)}, ["x"])
    points = random.normal(size=(300, 100))
    found = values.at({"x": points}, told.append)
    assert len(told) > 1
    np.testing.assert_allclose(found, ((points @ a.T) ** 2).sum(axis=1), rtol=1e-10)
