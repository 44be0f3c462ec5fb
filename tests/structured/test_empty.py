"""Structure kept where sizes are zero: what dense programs accept, and refuse; matrices without entries."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.structured.banded import Banded
from hesse.structured.base import Structured
from hesse.structured.blocks import BlockDiagonal
from hesse.structured.dense import Dense
from hesse.structured.diagonal import Diagonal
from hesse.structured.folded import Folded
from hesse.structured.kronecker import Kronecker
from hesse.structured.low_rank import LowRank
from hesse.structured.sparse import Sparse
from hesse.structured.summed import Summed
from tests.structured.test_loops import dense, values_of

LOGISTIC = hs.parse("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n")
RIDGE = hs.parse("norm(A @ x - b)**2 + c*norm(x)**2", "A:m,n x:n b:m c:")
CASES = [
    (hs.hessian(LOGISTIC, "w"), "dense"),
    (hs.hessian(hs.parse("sum(exp(x))", "x:n"), "x"), "diagonal"),
    (hs.hessian(hs.parse("sum(log(1 + X**2)*Y)", "X:m,n Y:m,n"), "X"), "diagonal"),
    (hs.hessian(RIDGE, "x"), "dense, low rank plus diagonal"),
    (hs.hessian(hs.parse("norm(x)", "x:n"), "x"), "low rank plus diagonal"),
    (hs.hessian(hs.parse("(a @ x)**2*(b @ x)", "x:n a:n b:n"), "x"), "low rank"),
    (hs.hessian(hs.parse("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k"), "U"), "a Kronecker product"),
    (hs.hessian(hs.parse("sum(W*(T - U @ V.T)**2)", "T:m,n U:m,k V:n,k W:m,n"), "U"), "block-diagonal"),
    (hs.hessian(hs.parse("norm(A @ X @ B)**2 + norm(X)**2", "A:m,n X:n,k B:k,p"), "X"), "a sum of Kronecker"),
    (hs.jacobian(hs.parse("outer(x, y)", "x:m y:n"), "x"), "sparse"),
    (hs.jacobian(hs.parse("A @ X @ B", "A:m,n X:n,k B:k,p"), "X"), "a Kronecker product"),
    (hs.hessian(hs.parse("sum((A @ x)**4)/m", "A:m,n x:n"), "x"), "dense"),
    (hs.hessian(hs.parse("sum((x[1:] - x[:-1])**4)*sum(y)", "x:n y:m"), "x"), "tridiagonal"),
    (hs.hessian(hs.parse("sum((c[i] - c[j])**4)*sum(y)", "c:n i:p:index(n) j:p:index(n) y:m"), "c"), "sparse"),
    (hs.hessian(hs.parse("-sum(Y*log_softmax(X @ W, axis=1))", "X:m,d W:d,k Y:m,k"), "W"), "dense"),
]  # fmt: skip


def with_zeros(expression: hs.Expr) -> Iterator[dict[str, int]]:
    """Sizes of which one or more are zero, the others distinct."""
    names = expression._declarations.size_names
    for zeros in product((True, False), repeat=len(names)):
        if any(zeros):
            yield {name: 0 if zero else 2 + k for k, (name, zero) in enumerate(zip(names, zeros, strict=True))}


def outcome(function: Any, values: dict[str, Any]) -> Any:
    """What it gives, or the message of its error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return function(**values)
    except hs.HesseError as error:
        return str(error)


@pytest.mark.parametrize(
    ("backend", "expression", "kind"),
    [*(("numpy", *case) for case in CASES), *(("numba", *CASES[k]) for k in (1, 3, 7, 9, 12))],
)
def test_what_dense_programs_accept_and_refuse(backend: str, expression: hs.Expr, kind: str) -> None:
    if backend == "numba":
        pytest.importorskip("numba")
    kept, plain = expression.compile(backend, structure="keep"), expression.compile(backend)
    assert kept.kind.startswith(kind)
    for sizes in with_zeros(expression):
        if sizes.get("n") == 0 and "i" in expression.variables:
            continue
        values = values_of(expression, sizes)
        expected, found = outcome(plain, values), outcome(kept, values)
        if isinstance(expected, str):
            assert found == expected
            continue
        assert isinstance(found, (Structured, Folded)), found
        assert found.todense().shape == expected.shape and np.allclose(found.todense(), expected)
        name = next(iter(values))
        fixed = kept.fix(**{name: values[name]})
        rest = {other: value for other, value in values.items() if other != name}
        assert np.allclose(dense(fixed(**rest)), expected)
        matrix = found.matrix if isinstance(found, Folded) else found
        behaves(matrix, np.asarray(expected).reshape(matrix.shape))


def behaves(matrix: Structured, array: Any) -> None:
    """Whether all that a matrix can do is right."""
    rows, columns = array.shape
    assert matrix.shape == array.shape
    assert np.allclose(matrix.todense(), array)
    for count in (0, 1, 2):
        x, y = np.ones((columns, count)), np.ones((count, rows))
        assert (matrix @ x).shape == (rows, count) and np.allclose(matrix @ x, array @ x)
        assert (y @ matrix).shape == (count, columns) and np.allclose(y @ matrix, y @ array)
    assert np.allclose(matrix @ np.ones(columns), array @ np.ones(columns))
    assert matrix.T.shape == (columns, rows) and np.allclose(matrix.T.todense(), array.T)
    assert np.allclose(matrix.diagonal(), np.diagonal(array))
    assert matrix.tosparse().shape == array.shape and np.allclose(matrix.tosparse().toarray(), array)
    assert np.allclose(matrix.aslinearoperator() @ np.ones(columns), array @ np.ones(columns))
    assert "dense" in repr(matrix)
    if rows != columns:
        with pytest.raises(hs.ShapeError, match="not square"):
            matrix.logdet()
    elif not rows:
        assert matrix.slogdet() == (1.0, 0.0) and matrix.logdet() == 0.0
        assert matrix.solve(np.zeros(0)).shape == (0,) and matrix.solve(np.zeros((0, 2))).shape == (0, 2)
    elif np.linalg.matrix_rank(array) < rows:
        for ask in (lambda: matrix.solve(np.ones(rows)), matrix.logdet):
            with pytest.raises(hs.SingularMatrixError):
                ask()
    else:
        assert np.allclose(array @ matrix.solve(np.ones(rows)), 1)
        assert matrix.solve(np.ones((rows, 0))).shape == (rows, 0)
        assert np.isclose(matrix.slogdet()[1], np.linalg.slogdet(array)[1])


def matrices() -> Iterator[Structured]:
    """Matrices of every kind without rows, without columns, and of rank 0."""
    none = np.zeros
    for rows, columns in ((0, 0), (0, 3), (3, 0)):
        yield Dense(none((rows, columns)))
        yield Banded({}, (rows, columns))
        yield LowRank(None, none((rows, 2)), none((columns, 2)))
        yield Kronecker(((Dense(none((rows, columns))), Dense(np.ones((2, 2)))),))
        yield Kronecker(((Dense(np.ones((2, 2))), Dense(none((rows, columns)))),))
        yield BlockDiagonal(none((2, rows, columns)), (2, rows), (2, columns), (0, 0))
        yield BlockDiagonal(none((2, rows, columns)), (rows, 2), (2, columns), (1, 0))
        yield Summed((Dense(none((rows, columns))), Banded({}, (rows, columns))))
    yield Diagonal(none(0))
    yield Diagonal(2.0, 0)
    yield BlockDiagonal(none((0, 2, 3)), (0, 2), (0, 3), (0, 0))
    yield Kronecker(((Diagonal(1.0, 0), Dense(np.ones((2, 2)))), (Diagonal(1.0, 0), Diagonal(1.0, 2))))
    yield Sparse.from_scipy(Dense(none((0, 0))).tosparse())
    yield LowRank(Diagonal(np.array([1.0, -2, 4])), none((3, 0)), none((3, 0)))
    yield LowRank(Diagonal(np.array([1.0, 0, 4])), none((3, 0)), none((3, 0)))
    yield LowRank(None, none((3, 0)), none((3, 0)))
    yield LowRank(Banded({0: np.array([1.0, 2]), 1: np.array([3.0])}, (2, 2)), none((2, 0)), none((2, 0)))
    yield Banded({}, (3, 3))


@pytest.mark.parametrize("matrix", [*matrices()], ids=repr)
def test_matrices_without_entries(matrix: Structured) -> None:
    behaves(matrix, matrix.todense())


def test_newton_steps_without_samples() -> None:
    w = np.array([1.0, -2.0, 3.0])
    empty = {"X": np.zeros((0, 3)), "y": np.zeros(0), "w": w}
    with pytest.raises(hs.SingularMatrixError):
        hs.newton_step(LOGISTIC, "w")(**empty)
    step = hs.newton_step(LOGISTIC + hs.parse("norm(w)**2/2", "w:n"), "w")
    assert np.allclose(step(**empty), -w)
    assert np.allclose(step.fix(X=empty["X"])(y=[], w=w), -w)
    each = hs.newton_step(hs.parse("sum(exp(x) - x*y)", "x:n y:n"), "x")
    assert each(x=[], y=[]).shape == (0,)
    rows = hs.newton_step(hs.parse("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k"), "U")
    with pytest.raises(hs.SingularMatrixError):
        rows(T=np.zeros((3, 0)), U=np.ones((3, 2)), V=np.zeros((0, 2)))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_buffers_and_joint_functions_without_entries(backend: str) -> None:
    if backend == "numba":
        pytest.importorskip("numba")
    f = hs.parse("sum(c*exp(x)) + (x @ x)/2", "x:n c:n")
    H = hs.hessian(f, "x")
    out = np.zeros(0)
    fill = H.compile(backend, structure="keep").into(out)
    for _ in range(2):
        assert fill(x=[], c=[]).shape == (0, 0)
    joint = hs.compile({"value": f, "gradient": hs.gradient(f, "x"), "hessian": H}, backend, structure="keep")
    for sizes in (0, 2, 0):
        found = joint(x=np.ones(sizes), c=np.ones(sizes))
        assert found["gradient"].shape == (sizes,) and found["hessian"].shape == (sizes, sizes)
        assert np.isclose(found["value"], sizes * (np.e + 0.5))
    mean = hs.parse("sum((A @ x)**2)/m", "A:m,n x:n")
    for part in (mean, hs.hessian(mean, "x")):
        with pytest.raises(hs.ShapeError, match="A makes the size m = 0: the expression divides by m"):
            hs.compile({"part": part}, backend, structure="keep")(A=np.zeros((0, 2)), x=[1.0, 2.0])
