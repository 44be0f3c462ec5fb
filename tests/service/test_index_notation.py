"""Index notation says the same as the closed form: read back for every entry, it has the entry's value."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.verify.sampling import distinct_settings, sample, unit_settings

CASES = [
    ("norm(A @ x - b)**2", "A:m,n x:n b:m", "x", 1),
    ("norm(A @ x - b)**2", "A:m,n x:n b:m", "x", 2),
    ("norm(A @ x - b)", "A:m,n x:n b:m", "x", 2),
    ("sum(log(1 + exp(-y*(X @ w))))", "X:m,n w:n y:m:pm1", "w", 2),
    ("logsumexp(A @ x)", "A:m,n x:n", "x", 2),
    ("softmax(x)", "x:n", "x", 1),
    ("softmax(X, axis=1)", "X:m,n", "X", 1),
    ("sum((x[1:] - x[:-1])**4)", "x:n", "x", 2),
    ("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", "x:n", "x", 1),
    ("mean(x[::2]**3)", "x:n", "x", 1),
    ("x[::-1]*x", "x:n", "x", 1),
    ("x[0]*x[1]**2 + x[-1]", "x:n", "x", 2),
    ("sum(x[idx]**3)", "x:n idx:p:index(n)", "x", 2),
    ("inv(X)", "X:n,n", "X", 1),
    ("A @ X @ B", "A:m,n X:n,k B:k,p", "X", 1),
    ("trace(X.T @ A @ X @ B)", "X:n,k A:n,n B:k,k", "X", 2),
    ("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k", "U", 2),
    ("tanh(W @ x + b)", "W:m,n x:n b:m", "x", 2),
    ("where(x > 0, x**2, exp(x))*maximum(x, c)", "x:n c:", "x", 1),
    ("sum(x)**3/n", "x:n", "x", 3),
    ("sum(x**p)", "x:n p:", "x", 1),
    ("e*i*sum(x)*pi", "i: x:n", "x", 1),
]  # fmt: skip


def filled(text: str, indices: tuple[str, ...], position: tuple[int, ...]) -> str:
    """The text with its free indices replaced by numbers."""
    for index, place in zip(indices, position, strict=True):
        text = re.sub(rf"\b{index}\b", str(place), text)
    return text


def wrong_entries(result: Any) -> list[tuple[int, ...]]:
    """The entries for which the index notation has another value than the array."""
    declarations = result._declarations
    found = result.indexed()
    wrong = []
    for sizes in [*list(distinct_settings(declarations))[:1], *list(unit_settings(declarations))[:1]]:
        point = sample(declarations, dict(sizes), 1, 0)
        values = {name: value.nested() for name, value in point.values.items()}
        array = np.asarray(result.evaluate(**values))
        for position in np.ndindex(array.shape):
            entry = hs.parse(filled(found.right("text"), found.form.free, position), result.declarations)
            if not np.isclose(float(entry.evaluate(**values)), array[position], 1e-9, 1e-12):
                wrong.append(position)
    return wrong


@pytest.mark.parametrize(("text", "declarations", "wrt", "order"), CASES)
def test_every_entry_reads_back(text: str, declarations: str, wrt: str, order: int) -> None:
    result = hs.derivative(hs.parse(text, declarations), wrt, order=order)
    assert wrong_entries(result) == []


def test_a_wrong_entry_is_seen() -> None:
    """The comparison itself can fail: another function's index notation is not taken for this one's."""
    one = hs.gradient(hs.parse("sum(x**2)", "x:n"), "x")
    other = hs.gradient(hs.parse("sum(x**3)", "x:n"), "x")
    one.indexed = other.indexed  # type: ignore[method-assign]
    assert wrong_entries(one)


def test_the_notations() -> None:
    gradient = hs.gradient(hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m"), "x")
    assert gradient.index_notation("unicode") == "∂f/∂xₖ = 2 ∑ᵢ Aᵢₖ (∑ⱼ Aᵢⱼ xⱼ − bᵢ)"
    assert gradient.index_notation("latex").startswith(r"\frac{\partial f}{\partial x_{k}} = 2 \sum_{i=1}^{m} A_{ik}")
    inverse = hs.derivative(hs.parse("inv(X)", "X:n,n"), "X")
    assert inverse.index_notation() == "dF[i, j]/dX[k, l] = -inv(X)[i, k]*inv(X)[l, j]"
    softmax = hs.jacobian(hs.parse("softmax(x)", "x:n"), "x")
    assert softmax.index_notation("unicode") == "∂gᵢ/∂xₖ = δᵢₖ softmax(x)ᵢ − softmax(x)ᵢ softmax(x)ₖ"


def test_names_in_use_are_no_indices() -> None:
    gradient = hs.gradient(hs.parse("sum(i*x**2) + k + f", "i: k: f: x:n"), "x")
    assert gradient.index_notation() == "dh/dx[l] = 2*i*x[l]"


def test_what_has_no_index_notation() -> None:
    with pytest.raises(hs.ArgumentError, match="no common index"):
        hs.gradient(hs.parse("x1*x2", "x1: x2:")).index_notation()
    with pytest.raises(hs.ArgumentError, match="'latex'"):
        hs.gradient(hs.parse("sum(x)", "x:n")).index_notation("tex")
    doubled = hs.parse(
        "; ".join(f"t{k} = sin(t{k - 1})*t{k - 1}" for k in range(1, 20)).replace("t0", "x") + "; sum(t19)", "x:n"
    )
    with pytest.raises(hs.LimitError, match="too long"):
        hs.gradient(doubled, "x").index_notation()
