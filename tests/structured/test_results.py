"""Results with their structure kept are their dense values: chosen expressions, published ones, random ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.verify.sampling import distinct_settings, sample, unit_settings
from tests.harness.cases import seeded
from tests.harness.structures import disagreements, examined
from tests.textbook.identity import identities

CHAIN = "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)"
LAPLACE = "roll({0},1,axis=0) + roll({0},-1,axis=0) + roll({0},1,axis=1) + roll({0},-1,axis=1) - 4*{0}"
BRUSSELATOR = (
    f"U = Y[0]; V = Y[1]; stack(B + U**2*V - (A + 1)*U + a*({LAPLACE.format('U')}), "
    f"A*U - U**2*V + a*({LAPLACE.format('V')}))"
)
FACTORS = "T:m,n U:m,k V:n,k"
PAIRS = "X:n,d i:p:index(n) j:p:index(n)"
TWO = "a Kronecker product, (dense, low rank for small m) ⊗ (dense, low rank for small p)"
HESSIANS = [
    (CHAIN, "x:n", "x", "tridiagonal"),
    ("sum((x[2:] - 2*x[1:-1] + x[:-2])**2)", "x:n", "x", "banded, of width 2"),
    ("sum(x[3:]*x[:-3]) + sum(exp(x))", "x:n", "x", "banded, of width 3"),
    ("sum(log(x)) + c*norm(x)**2", "x:n:pos c:", "x", "diagonal"),
    ("sum(X**3*Y)", "X:m,n Y:m,n", "X", "diagonal"),
    ("c*norm(x)**2", "x:n c:", "x", "diagonal"),
    ("logsumexp(x) - x @ y", "x:n y:n", "x", "low rank plus diagonal"),
    ("norm(x)", "x:n", "x", "low rank plus diagonal"),
    ("sum(x)**3 + sum(x**4)", "x:n", "x", "low rank plus diagonal"),
    ("(a @ x)**2*(b @ x)", "x:n a:n b:n", "x", "low rank"),
    ("(a @ x)**2 + sum((x[1:] - x[:-1])**4)", "x:n a:n", "x", "low rank plus tridiagonal"),
    ("norm(A @ x - b)**2 + c*norm(x)**2", "A:m,n x:n b:m c::pos", "x", "dense, low rank plus diagonal for small m"),
    ("sum(softplus(-y*(X @ w))) + c*w @ w", "X:m,n y:m w:n c:", "w", "dense, low rank plus diagonal for small m"),
    ("norm(T - U @ V.T)**2", FACTORS, "U", "a Kronecker product, identity ⊗ (dense, low rank for small n)"),
    ("norm(T - V @ U.T)**2", "T:n,m U:m,k V:n,k", "U", "a Kronecker product, identity ⊗ (dense, low rank for small n)"),
    ("norm(T - V @ U)**2", "T:n,m U:k,m V:n,k", "U", "a Kronecker product, (dense, low rank for small n) ⊗ identity"),
    ("sum(W*(T - U @ V.T)**2)", FACTORS + " W:m,n", "U", "block-diagonal"),
    ("sum(W*(T - V @ U)**2)", "T:n,m U:k,m V:n,k W:n,m", "U", "block-diagonal"),
    ("norm(A @ X @ B - C)**2", "A:m,n X:n,k B:k,p C:m,p", "X", TWO),
    ("trace(X.T @ A @ X @ B)", "X:n,k A:n,n B:k,k", "X", "a sum of Kronecker products, dense ⊗ dense + dense ⊗ dense"),
    ("sum((c[idx] - b)**2)", "c:n idx:p:index(n) b:p", "c", "diagonal"),
    ("sum((c[idx] - c[jdx])**4)", "c:n idx:p:index(n) jdx:p:index(n)", "c", "sparse"),
    ("sum(sqrt(1 + sum((X[i] - X[j])**2, axis=1)))", PAIRS, "X", "sparse"),
    ("sum((X[:,None,:] - X[None,:,:])**2)", "X:n,d", "X", "a Kronecker product, low rank plus diagonal ⊗ identity"),
    ("sum(1/(1 + sum((X[:,None,:] - X[None,:,:])**2, axis=2)))", "X:n,d", "X", "dense"),
    ("sum((u - roll(u, 1))**4) + sum(exp(u))", "u:n", "u", "sparse"),
    ("x @ A @ x", "A:n,n x:n", "x", "dense"),
    ("trace(X)", "X:n,n", "X", "diagonal"),
    ("sum(a*x)", "a:n x:n", "x", "diagonal"),
    ("x1**2*x2 + x1*x2", "x1: x2:", ["x1", "x2"], "dense"),
    ("sum(logsumexp(X, axis=1))", "X:m,n", "X", "block-diagonal"),
    ("sum(x[0]*x[1:])", "x:n", "x", "sparse"),
]  # fmt: skip
JACOBIANS = [
    ("tanh(x)", "x:n", "x", "diagonal"),
    ("x[1:] - x[:-1]", "x:n", "x", "tridiagonal"),
    ("x[::2]**3", "x:n", "x", "sparse"),
    ("x[::-1]**2", "x:n", "x", "sparse"),
    ("tanh(c[idx])", "c:n idx:p:index(n)", "c", "sparse"),
    ("outer(x, y)", "x:m y:n", "x", "sparse"),
    ("outer(x, y)", "x:m y:n", "y", "sparse"),
    ("X.T", "X:m,n", "X", "sparse"),
    ("reshape(X, (m*n,))", "X:m,n", "X", "sparse"),
    ("kron(A, B)", "A:m,n B:p,q", "A", "sparse"),
    (BRUSSELATOR, "Y:2,n,n A: B: a:", "Y", "sparse"),
    (LAPLACE.format("U") + " + U**2", "U:m,n", "U", "sparse"),
    ("softmax(X @ W, axis=1)", "X:m,n W:n,k", "X", "block-diagonal"),
    ("A @ X @ B", "A:m,n X:n,k B:k,p", "X", "a Kronecker product, dense ⊗ dense"),
    ("A @ X", "A:m,n X:n,k", "X", "a Kronecker product, dense ⊗ identity"),
    ("X @ B", "X:m,n B:n,k", "X", "a Kronecker product, identity ⊗ dense"),
    ("inv(X)", "X:n,n", "X", "a Kronecker product, dense ⊗ dense"),
    ("X @ X", "X:n,n", "X", "a sum of Kronecker products, identity ⊗ dense + dense ⊗ identity"),
    ("tanh(W @ x + b)", "W:m,n x:n b:m", "x", "dense"),
    ("U @ (V @ x)", "U:m,k V:k,n x:n", "x", "dense, low rank for small k"),
    ("x/norm(x)", "x:n", "x", "low rank plus diagonal"),
    ("concat(x**2, y*x[1:])", "x:n y:n-1", "x", "sparse"),
    ("W @ x", "W:m,n x:n", "W", "sparse"),
    ("b", "b:m x:n", "x", "sparse"),
    ("b", "b:n x:n", "x", "diagonal"),
    ("outer(b, b)", "b:m x:n", "x", "sparse"),
]  # fmt: skip


def values_of(result: hs.Expr) -> Iterator[dict[str, Any]]:
    """Points of several sizes, one with all sizes as small as may be."""
    declarations = result._declarations
    for sizes in [*list(distinct_settings(declarations))[:3], *list(unit_settings(declarations))[:1]]:
        point = sample(declarations, dict(sizes), 3, 0)
        yield {name: value.nested() for name, value in point.values.items()}


def agrees(result: hs.Expr) -> Counter[str]:
    """The structures that were compared. Raises AssertionError."""
    tally: Counter[str] = Counter()
    for values in values_of(result):
        assert list(disagreements(result, values, tally)) == []
    return tally


@pytest.mark.parametrize(
    ("operator", "text", "declarations", "wrt", "kind"),
    [*((hs.hessian, *row) for row in HESSIANS), *((hs.jacobian, *row) for row in JACOBIANS)],
)
def test_chosen_results(operator: Callable[..., hs.Expr], text: str, declarations: str, wrt: Any, kind: str) -> None:
    result = operator(hs.parse(text, declarations), wrt)
    assert result.compile(structure="keep").kind == kind
    assert agrees(result).total() >= 2


@pytest.mark.parametrize("block", range(4))
def test_published_formulas(block: int) -> None:
    """All derivatives of the textbook set that are linear maps."""
    chosen = [each for each in identities() if each.kind in ("hessian", "jacobian")]
    for identity in chosen[block::4]:
        agrees(getattr(hs, identity.kind)(hs.parse(identity.function, identity.declarations), identity.wrt))


@pytest.mark.parametrize("block", range(8))
def test_random_expressions(block: int) -> None:
    tally: Counter[str] = Counter()
    for number in range(15 * block, 15 * block + 15):
        case = seeded(20, number)
        assert list(examined(case, tally)) == [], case.line()
    assert tally.total() > 20


def test_what_is_no_linear_map_is_a_plain_array() -> None:
    f = hs.parse("sum(x**3)", "x:n")
    assert isinstance(hs.gradient(f, "x").compile(structure="keep")(x=[1, 2]), np.ndarray)
    assert f.compile(structure="keep")(x=[1, 2]) == 9
    assert isinstance(hs.hessian(hs.parse("x**2", "x:n"), "x").compile(structure="keep")(x=[1, 2]), np.ndarray)
    with pytest.raises(hs.ArgumentError, match="'dense' or 'keep'"):
        f.compile(structure="sparse")


def test_written_matrices_keep_their_structure_too() -> None:
    kept = hs.parse("diag(x) + outer(x, y)", "x:n y:n").compile(structure="keep")
    matrix = kept(x=[1.0, 2, 3], y=[1, 1, 2])
    assert kept.kind == "low rank plus diagonal"
    assert np.array_equal(matrix.todense(), np.diag([1.0, 2, 3]) + np.outer([1, 2, 3], [1, 1, 2]))
