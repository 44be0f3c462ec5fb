"""Every structure against its dense array: products, transposes, solutions, determinants, forms of SciPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import scipy.sparse as sp

import hesse as hs
from hesse.structured.banded import Banded
from hesse.structured.base import Structured
from hesse.structured.blocks import BlockDiagonal
from hesse.structured.dense import Dense
from hesse.structured.diagonal import Diagonal
from hesse.structured.kronecker import Kronecker
from hesse.structured.low_rank import LowRank
from hesse.structured.sparse import Sparse
from hesse.structured.summed import Summed

OFFSETS = ([-1, 0, 1], [0, 2], [-2, -1, 0, 1], [-2, 0, 1])


def square(n: int) -> Iterator[Structured]:
    """Square matrices of all kinds from blocks of size n."""
    rng = np.random.default_rng(n)
    yield Diagonal(rng.normal(size=n))
    yield Diagonal(-1.5, n)
    yield Dense(rng.normal(size=(n, n)))
    half = rng.normal(size=(n, n))
    yield Dense(half + half.T, symmetric=True)
    yield Dense(half @ half.T + np.eye(n), symmetric=True)
    for offsets in OFFSETS:
        bands = {k: rng.normal(size=max(0, n - abs(k))) for k in offsets}
        bands[0] += 3
        yield Banded(bands, (n, n))
    for width in (1, 2, 3):
        for shift in (6.0, 0.3):
            symmetric = {k: rng.normal(size=max(0, n - k)) for k in range(width + 1)}
            symmetric[0] += shift
            yield Banded({**symmetric, **{-k: band for k, band in symmetric.items()}}, (n, n), symmetric=True)
    yield Sparse.from_scipy(sp.random_array((n, n), density=0.4, rng=rng) + 3 * sp.eye_array(n))
    for axes in ((0, 0), (1, 1), (0, 1), (1, 0)):
        outputs, inputs = ((3, n) if axis == 0 else (n, 3) for axis in axes)
        yield BlockDiagonal(rng.normal(size=(3, n, n)), outputs, inputs, axes)
    other = Dense(rng.normal(size=(3, 3)))
    yield Kronecker(((other, Dense(rng.normal(size=(n, n)))),))
    yield Kronecker(((Diagonal(1.0, 3), Dense(half @ half.T + np.eye(n), symmetric=True)),), symmetric=True)
    yield Kronecker(((Dense(half), other),))
    yield Kronecker(((other, Dense(half)), (Diagonal(1.0, 3), Banded({0: rng.normal(size=n)}, (n, n)))))
    yield Kronecker(((other, Dense(half)), (Dense(rng.normal(size=(3, 3))), Dense(rng.normal(size=(n, n))))))
    thin = Dense(half[:, :1] @ half[:, :1].T, symmetric=True)
    ridge = (Diagonal(0.5, 3), Diagonal(1.0, n))
    yield Kronecker(((Dense(np.ones((3, 3)), symmetric=True), thin), ridge), symmetric=True)
    yield Kronecker(((other, Diagonal(1.0, n)), (Diagonal(1.0, 3), Dense(half))))
    yield Kronecker(((other, Dense(half)), (Dense(np.ones((3, 3))), thin), ridge))
    columns = rng.normal(size=(n, 2)), rng.normal(size=(n, 2))
    yield LowRank(Diagonal(rng.normal(size=n)), *columns)
    yield LowRank(Banded({0: 2 + rng.random(n), 1: rng.normal(size=n - 1)}, (n, n)), *columns)
    yield Summed((Diagonal(rng.normal(size=n)), Dense(rng.normal(size=(n, n)))))


def oblong() -> Iterator[Structured]:
    """Matrices with different numbers of rows and columns."""
    rng = np.random.default_rng(0)
    yield Banded({-1: rng.normal(size=3), 0: rng.normal(size=3)}, (4, 3))
    yield Banded({-1: rng.normal(size=2), 1: rng.normal(size=3)}, (3, 5))
    yield Dense(rng.normal(size=(3, 5)))
    yield LowRank(None, rng.normal(size=(3, 2)), rng.normal(size=(5, 2)))
    yield BlockDiagonal(rng.normal(size=(3, 4, 2)), (4, 3), (3, 2), (1, 0))
    yield Kronecker(((Dense(rng.normal(size=(3, 2))), Dense(rng.normal(size=(4, 5)))),))
    yield Sparse.from_scipy(sp.random_array((3, 6), density=0.5, rng=rng))


SQUARE = [pytest.param(matrix, id=f"{matrix.kind}-{k}-{n}") for n in (1, 2, 5) for k, matrix in enumerate(square(n))]
ALL = [*SQUARE, *(pytest.param(matrix, id=f"{matrix.kind}-{k}-oblong") for k, matrix in enumerate(oblong()))]


@pytest.mark.parametrize("matrix", ALL)
def test_products_and_forms(matrix: Structured) -> None:
    rng = np.random.default_rng(1)
    dense = matrix.todense()
    rows, columns = matrix.shape
    x, y = rng.normal(size=(columns, 3)), rng.normal(size=(rows, 2))
    assert dense.shape == matrix.shape and dense.dtype == matrix.dtype and matrix.dense_bytes == dense.nbytes
    assert np.allclose(matrix @ x, dense @ x) and np.allclose(matrix @ x[:, 0], dense @ x[:, 0])
    assert np.allclose(y.T @ matrix, y.T @ dense) and np.allclose(y[:, 0] @ matrix, y[:, 0] @ dense)
    assert np.allclose(matrix.T.todense(), dense.T) and np.allclose(matrix.tosparse().toarray(), dense)
    assert np.allclose(matrix.diagonal(), dense.diagonal()) and np.allclose(np.asarray(matrix), dense)
    assert matrix.norm_bound >= np.abs(dense).sum(axis=0).max() * (1 - 1e-14)
    operator = matrix.aslinearoperator()
    assert np.allclose(operator @ x, dense @ x) and np.allclose(operator.T @ y, dense.T @ y)
    assert not matrix.symmetric or np.allclose(dense, dense.T)


@pytest.mark.parametrize("matrix", SQUARE)
def test_solutions_and_determinants(matrix: Structured) -> None:
    dense = matrix.todense()
    right = np.random.default_rng(2).normal(size=(len(dense), 2))
    assert np.allclose(dense @ matrix.solve(right), right)
    assert np.allclose(dense @ matrix.solve(right[:, 0]), right[:, 0])
    assert np.allclose(dense.T @ matrix.factorisation.solve_transposed(right), right)
    assert np.allclose(matrix.slogdet(), np.linalg.slogdet(dense))
    if matrix.slogdet()[0] > 0:
        assert np.isclose(matrix.logdet(), np.linalg.slogdet(dense)[1])
    else:
        with pytest.raises(hs.ArgumentError, match="slogdet"):
            matrix.logdet()


@pytest.mark.parametrize("matrix", ALL)
def test_what_does_not_fit_is_refused(matrix: Structured) -> None:
    rows, columns = matrix.shape
    for wrong in (np.ones(columns + 1), np.ones((columns + 1, 2)), 3.0, np.ones((columns, 1, 1))):
        with pytest.raises(hs.ShapeError, match=f"{rows} × {columns}"):
            matrix @ wrong
    with pytest.raises(hs.ArgumentError, match="real numbers"):
        matrix @ np.array(["a"] * columns)
    if rows != columns:
        with pytest.raises(hs.ShapeError, match="not square"):
            matrix.solve(np.ones(rows))
    with pytest.raises(hs.LimitError, match="limit is 7 bytes"):
        matrix.todense(limit=7)


def test_the_arrays_cannot_be_written_to() -> None:
    entries = np.ones(3)
    matrix = Diagonal(entries)
    with pytest.raises(ValueError, match="read-only"):
        matrix.entries[0] = 2
    dense = matrix.todense()
    dense[0, 0] = 5
    assert matrix.todense()[0, 0] == 1


def singular(n: int) -> Iterator[Structured]:
    """Matrices that are singular, up to rounding."""
    rng = np.random.default_rng(n)
    ends = np.r_[1.0, 2 * np.ones(n - 2), 1.0]
    weights = rng.random(n - 1)
    yield Banded({0: ends, 1: -np.ones(n - 1), -1: -np.ones(n - 1)}, (n, n), symmetric=True)
    main = np.r_[weights, 0] + np.r_[0, weights]
    yield Banded({0: main, 1: -weights, -1: -weights}, (n, n), symmetric=True)
    yield Banded({0: main, 1: -weights, -1: -weights, 2: np.zeros(n - 2)}, (n, n))
    middle = np.diff(np.eye(n), 2, axis=0)
    second = middle.T @ middle
    yield Banded({k: second.diagonal(k).copy() for k in range(-2, 3)}, (n, n), symmetric=True)
    ring = sp.diags_array([2.0] * n) - sp.eye_array(n, k=1) - sp.eye_array(n, k=-1)
    yield Sparse.from_scipy(ring - sp.eye_array(n, k=n - 1) - sp.eye_array(n, k=1 - n))
    yield Sparse.from_scipy(sp.eye_array(n, k=1))
    p = rng.random(n)
    p /= p.sum()
    yield LowRank(Diagonal(p), -p[:, None], p[:, None], symmetric=True)
    yield LowRank(None, p[:, None], p[:, None])
    tall = rng.normal(size=(n, n - 1))
    yield Dense(tall @ tall.T, symmetric=True)
    yield Dense(tall @ rng.normal(size=(n - 1, n)))
    yield Diagonal(np.r_[np.ones(n - 1), 0.0])
    yield BlockDiagonal(np.stack([np.eye(n), tall @ tall.T]), (2, n), (2, n), (0, 0), symmetric=True)
    yield Kronecker(((Diagonal(1.0, 3), Dense(tall @ tall.T, symmetric=True)),))
    yield Kronecker(((Dense(rng.normal(size=(2, 3))), Dense(rng.normal(size=(3, 2)))),))
    # A X + X A is zero for some X where two eigenvalues of A add up to zero.
    basis = rng.normal(size=(n, n)) + 3 * np.eye(n)
    opposite = basis @ np.diag(np.r_[1.0, -1.0, 2 + rng.random(n - 2)]) @ np.linalg.inv(basis)
    if n < 20:
        yield Kronecker(((Dense(opposite), Diagonal(1.0, n)), (Diagonal(1.0, n), Dense(opposite.T))))
    half = Dense(np.ones((n, n)), symmetric=True)
    yield Kronecker(((Dense(np.ones((2, 2)), symmetric=True), half), (Diagonal(-2.0 * n, 2), Diagonal(1.0, n))))


@pytest.mark.parametrize(
    "matrix", [pytest.param(m, id=f"{m.kind}-{k}-{n}") for n in (3, 10, 101) for k, m in enumerate(singular(n))]
)
def test_singular_matrices_have_no_solution(matrix: Structured) -> None:
    for _ in range(2):
        with pytest.raises(hs.SingularMatrixError):
            matrix.solve(np.ones(matrix.shape[0]))
    with pytest.raises(hs.SingularMatrixError):
        matrix.logdet()


def test_a_long_chain_of_bad_condition_is_solved() -> None:
    n = 100_000
    chain = Banded({0: np.full(n, 2.0), 1: -np.ones(n - 1), -1: -np.ones(n - 1)}, (n, n), symmetric=True)
    expected = np.arange(n) * np.arange(n, 0, -1) / 2
    x = chain.solve(chain @ expected)
    assert np.abs(x - expected).max() < 1e-6 * expected.max()


def test_products_that_cancel_leave_the_base() -> None:
    u, v = np.full((3, 1), 1e9), np.full((3, 1), 3e9)
    matrix = LowRank(Diagonal([1.0, 2, 4]), np.hstack([u, u]), np.hstack([v, -v]))
    assert np.allclose(matrix.solve([1, 2, 4]), 1)


def test_nothing_is_solved_with_what_is_not_finite() -> None:
    for matrix in (Diagonal([1.0, np.nan]), Dense(np.full((2, 2), np.inf)), Banded({0: np.array([1, np.nan])}, (2, 2))):
        with pytest.raises(hs.ArgumentError, match="not finite"):
            matrix.solve([1.0, 2.0])
