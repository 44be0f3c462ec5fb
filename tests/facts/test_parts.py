"""The parts of structured results put together again give the result, for all sizes that are tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.service.parts import bands, blocks, diagonal, kronecker, low_rank, vectorised
from hesse.verify.sampling import distinct_settings, sample, unit_settings

CHAINS = [
    ("sum((x[1:] - x[:-1])**4)", "x:n", {-1, 0, 1}),
    ("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", "x:n", {-1, 0, 1}),
    ("sum((x[2:] - 2*x[1:-1] + x[:-2])**2)", "x:n", {-2, -1, 0, 1, 2}),
    ("sum((x[2:] - a*x[1:-1] - b*x[:-2])**2)/s**2", "x:n a: b: s:", {-2, -1, 0, 1, 2}),
    ("sum(x[3:]*x[:-3]) + sum(exp(x))", "x:n", {-3, 0, 3}),
    ("sum(x[::2]**3) + x[0]*x[1]", "x:n", {-1, 0, 1}),
]  # fmt: skip


def values_of(*parts: Any) -> Iterator[list[Any]]:
    """The values of expressions with the same declarations at several points."""
    declarations = parts[0]._declarations
    for sizes in [*list(distinct_settings(declarations))[:3], *list(unit_settings(declarations))[:1]]:
        point = sample(declarations, dict(sizes), 3, 0)
        values = {name: value.nested() for name, value in point.values.items()}
        yield [np.asarray(part.evaluate(**values)) for part in parts]


@pytest.mark.parametrize(("text", "declarations", "offsets"), CHAINS)
def test_bands(text: str, declarations: str, offsets: set[int]) -> None:
    result = hs.hessian(hs.parse(text, declarations), "x")
    found = bands(result)
    assert found is not None and set(found) == offsets
    for whole, *diagonals in values_of(result, *found.values()):
        built = sum(np.diag(v, k) for k, v in zip(found, diagonals, strict=True) if len(v))
        assert np.allclose(built, whole, atol=1e-12)


def test_bands_of_a_chain_are_short_for_symbolic_sizes() -> None:
    found = bands(hs.hessian(hs.parse("sum((x[1:] - x[:-1])**4)", "x:n"), "x"))
    assert found is not None
    assert str(found[1]) == str(found[-1]) == "-12*(x[1:] - x[:-1])**2"
    assert found[0].shape == ("n",) and found[1].shape == ("n-1",)


@pytest.mark.parametrize("text", ["tanh(X)", "X**3 + exp(X)", "2*X"])
def test_diagonals(text: str) -> None:
    result = hs.derivative(hs.parse(text, "X:m,n"), "X")
    found = diagonal(result)
    assert found is not None and found.shape == ("m", "n")
    for whole, entries in values_of(result, found):
        built = np.einsum("ik,jl,ij->ijkl", np.eye(len(entries)), np.eye(len(entries.T)), entries)
        assert np.allclose(built, whole)


@pytest.mark.parametrize("axis", [0, 1])
def test_blocks(axis: int) -> None:
    result = hs.derivative(hs.parse(f"softmax(X, axis={1 - axis})", "X:m,n"), "X")
    found = blocks(result)
    assert found is not None and found[0] == axis
    pattern = "ik,ijl->ijkl" if axis == 0 else "jl,jik->ijkl"
    for whole, entries in values_of(result, found[1]):
        assert np.allclose(np.einsum(pattern, np.eye(len(entries)), entries), whole)


@pytest.mark.parametrize(
    ("text", "declarations", "count"),
    [
        ("A @ X @ B", "A:m,n X:n,k B:k,p", 1),
        ("inv(X)", "X:n,n", 1),
        ("A @ X @ B + 3*A @ X @ C", "A:m,n X:n,k B:k,p C:k,p", 1),
        ("X @ X", "X:n,n", 2),
    ],
)
def test_kronecker_factors(text: str, declarations: str, count: int) -> None:
    result = hs.derivative(hs.parse(text, declarations), "X")
    found = kronecker(result)
    assert found is not None and len(found) == count
    for whole, *factors in values_of(result, *[factor for pair in found for factor in pair]):
        left, right = factors[::2], factors[1::2]
        assert np.allclose(sum(np.einsum("ik,jl->ijkl", a, b) for a, b in zip(left, right, strict=True)), whole)
        rows = whole.reshape(whole.shape[0] * whole.shape[1], -1)
        columns = whole.transpose(1, 0, 3, 2).reshape(rows.shape)
        assert np.allclose(sum(np.kron(a, b) for a, b in zip(left, right, strict=True)), rows)
        assert np.allclose(sum(np.kron(b, a) for a, b in zip(left, right, strict=True)), columns)


@pytest.mark.parametrize("text", ["logsumexp(x)", "norm(x)", "sqrt(1 + x @ x)", "(a @ x)**2*(b @ x)", "(x @ x)**2"])
def test_low_rank(text: str) -> None:
    result = hs.hessian(hs.parse(text, "x:n a:n b:n"), "x")
    found = low_rank(result)
    assert found is not None
    main = [] if found.diagonal is None else [found.diagonal]
    for whole, *parts in values_of(result, *[each for pair in found.pairs for each in pair], *main):
        built = sum(np.outer(parts[2 * k], parts[2 * k + 1]) for k in range(len(found.pairs)))
        assert np.allclose(built + (np.diag(parts[-1]) if main else 0), whole)


def test_no_parts_where_there_are_none() -> None:
    dense = hs.hessian(hs.parse("x @ A @ x", "A:n,n x:n"), "x")
    assert bands(dense) is diagonal(dense) is blocks(dense) is kronecker(dense) is low_rank(dense) is None
    transposition = hs.derivative(hs.parse("X.T", "X:m,n"), "X")
    assert kronecker(transposition) is None


VECTORISED = [
    ("A @ X @ B", "A:m,n X:n,k B:k,p", 1, "dvec(F)/dvec(X) = kron(B.T, A)"),
    ("inv(X)", "X:n,n", 1, "dvec(F)/dvec(X) = -kron(inv(X).T, inv(X))"),
    ("X @ A - 3*B @ X", "X:n,n A:n,n B:n,n", 1, "dvec(F)/dvec(X) = kron(A.T, eye(n)) - 3*kron(eye(n), B)"),
    ("trace(X.T @ A @ X @ B)", "X:n,k A:n,n B:k,k", 2, "d2f/dvec(X) dvec(X) = kron(B.T, A) + kron(B, A.T)"),
    ("norm(T - X @ V.T)**2", "T:m,n X:m,k V:n,k", 2, "d2f/dvec(X) dvec(X) = 2*kron(V.T @ V, eye(m))"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "declarations", "order", "expected"), VECTORISED)
def test_columns_stacked(text: str, declarations: str, order: int, expected: str) -> None:
    """The formula evaluated by NumPy is the matrix of the map between stacked columns."""
    result = hs.derivative(hs.parse(text, declarations), "X", order=order)
    found = vectorised(result)
    assert found is not None and f"{found.left('text')} = {found.right('text')}" == expected
    point = sample(result._declarations, {"m": 4, "n": 3, "k": 2, "p": 5}, 1, 0)
    values = {name: np.array(value.nested()) for name, value in point.values.items()}
    names = {**values, "kron": np.kron, "eye": np.eye, "inv": np.linalg.inv, "m": 4, "n": 3, "k": 2}
    whole = result.evaluate(**values)
    columns = np.transpose(whole, (1, 0, 3, 2)).reshape(whole.shape[0] * whole.shape[1], -1)
    assert np.allclose(eval(found.right("text"), names), columns)  # noqa: S307


def test_a_large_array_is_refused_with_its_size() -> None:
    result = hs.derivative(hs.parse("A @ X @ B", "A:m,n X:n,k B:k,p"), "X")
    assert result.bytes(m=100, n=200, k=300, p=400) == 8 * 100 * 400 * 200 * 300
    large = {"A": np.ones((200, 200)), "X": np.ones((200, 200)), "B": np.ones((200, 200))}
    with pytest.raises(hs.LimitError, match=r"200 × 200 × 200 × 200, 11.9 GiB as a dense array; the limit is 1 GiB"):
        result.evaluate(**large)
    with pytest.raises(hs.ArgumentError, match="size of k, p"):
        result.bytes(m=1, n=2)
    assert result.evaluate(A=np.ones((2, 3)), X=np.ones((3, 2)), B=np.ones((2, 1))).shape == (2, 1, 3, 2)
