"""Functions that keep structure: what they take and refuse, and what they keep between calls."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.structured.base import Structured
from hesse.structured.folded import Folded

CHAIN = hs.hessian(hs.parse("sum((x[1:] - a*x[:-1]**2)**2) + sum(x**2)", "x:n a:"), "x")
GATHER = hs.hessian(hs.parse("sum((c[i] - c[j])**4)", "c:n i:p:index(n) j:p:index(n)"), "c")


def test_arguments_of_all_kinds_give_the_same() -> None:
    kept = CHAIN.compile(structure="keep")
    x = np.arange(5.0)
    expected = CHAIN.evaluate(x=x, a=2)
    frozen = x.copy()
    frozen.flags.writeable = False
    for given in (x, [0, 1, 2, 3, 4], x.astype(int), np.repeat(x, 2)[::2], frozen, x.astype(np.float32)):
        assert np.array_equal(kept(x=given, a=2).todense(), expected)


def test_what_does_not_fit_is_refused_even_where_nothing_depends_on_it() -> None:
    constant = hs.hessian(hs.parse("sum((x[1:] - x[:-1])**2) + sum(y*x)", "x:n y:n"), "x").compile(structure="keep")
    assert constant.depends_on == ()
    assert constant(x=[1, 2, 3], y=[0, 0, 0]) is constant(x=[4, 5, 6], y=[1, 1, 1])
    for _ in range(2):
        with pytest.raises(hs.ShapeError, match="y has size 2"):
            constant(x=[1, 2, 3], y=[0, 0])
        with pytest.raises(hs.ArgumentError, match="y must be given"):
            constant(x=[1, 2, 3])
        with pytest.raises(hs.ArgumentError, match="no variable z"):
            constant(x=[1, 2, 3], y=[0, 0, 0], z=1)
        with pytest.raises(hs.ArgumentError, match="numbers"):
            constant(x=[1, 2, 3], y=["a", "b", "c"])
    with pytest.raises(hs.HesseError):
        constant(x=[[1], [2, 3]], y=[1, 2])
    with pytest.raises(hs.ShapeError, match="leaves its axis"):
        constant(x=[], y=[])


def test_other_index_arrays_give_other_patterns() -> None:
    kept = GATHER.compile(structure="keep")
    c = np.array([1.0, 3, -2, 0.5])
    pairs = [([0, 1], [2, 3]), ([0, 1], [3, 2]), ([0, 0], [1, 1]), ([2, 2], [2, 2]), ([0, 1], [2, 3])]
    for i, j in pairs:
        matrix = kept(c=c, i=i, j=j)
        assert matrix.kind == "sparse"
        assert np.allclose(matrix.todense(), GATHER.evaluate(c=c, i=i, j=j))
    with pytest.raises(hs.ArgumentError, match="between 0 and n - 1 = 3"):
        kept(c=c, i=[0, 4], j=[1, 1])
    with pytest.raises(hs.ArgumentError, match="between 0 and n - 1 = 3"):
        kept(c=c, i=[0, -1], j=[1, 1])


def test_results_of_different_calls_share_no_memory_that_changes() -> None:
    kept = CHAIN.compile(structure="keep")
    x = np.arange(4.0)
    first = kept(x=x, a=1)
    before = first.todense()
    kept(x=x + 5, a=2)
    x[:] = 9
    assert np.array_equal(first.todense(), before)
    own = hs.parse("diag(x)", "x:n").compile(structure="keep")
    matrix = own(x=x)
    x[:] = 0
    assert (matrix.diagonal() == 9).all()


def test_fixed_values() -> None:
    f = hs.parse("x @ A @ x + sum(c*x**3)", "x:n A:n,n c:n")
    kept = hs.hessian(f, "x").compile(structure="keep")
    rng = np.random.default_rng(0)
    values = dict(x=rng.normal(size=4), A=rng.normal(size=(4, 4)), c=rng.normal(size=4))
    fixed = kept.fix(A=values["A"]).fix(c=values["c"])
    assert np.allclose(fixed(x=values["x"]).todense(), kept(**values).todense())
    assert set(fixed.fixed) == {"A", "c"} and not kept.fixed
    with pytest.raises(hs.ShapeError):
        fixed(x=np.ones(3))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_what_is_not_fixed_is_checked_at_every_call(backend: str) -> None:
    if backend == "numba":
        pytest.importorskip("numba")
    fixed = CHAIN.compile(backend, structure="keep").fix(a=2)
    x, longer = np.arange(5.0), np.arange(6.0)
    for given in (x, x + 1, [4, 3, 2, 1, 0], longer, x, longer[::2], x.astype(np.float32)):
        assert np.allclose(fixed(x=given).todense(), CHAIN.evaluate(x=given, a=2))
        with pytest.raises(hs.ShapeError):
            fixed(x=np.ones((2, 3)))
        with pytest.raises(hs.ShapeError):
            fixed(x=1.0)
        with pytest.raises(hs.ArgumentError, match="must consist of numbers"):
            fixed(x=["1", "2"])
        with pytest.raises(hs.ArgumentError, match="a is fixed"):
            fixed(x=x, a=3)
        with pytest.raises(hs.ArgumentError, match="x must be given"):
            fixed()
        with pytest.raises(hs.ArgumentError, match="no variable z"):
            fixed(x=x, z=x)
        with pytest.raises(hs.ArgumentError, match="no variable z"):
            fixed(z=x)
    assert np.array_equal(fixed.fix(x=x)().todense(), fixed(x=x).todense())


def test_sizes_that_fixed_values_tell_too() -> None:
    product = hs.hessian(hs.parse("sum((y*x)**4)", "x:n y:n"), "x").compile(structure="keep").fix(y=[1.0, 2.0, 3.0])
    product(x=[1, 2, 3])
    with pytest.raises(hs.ShapeError, match="n"):
        product(x=[1, 2])
    assert np.array_equal(product(x=[1, 1, 1]).diagonal(), [12, 192, 972])


def test_a_buffer_never_is_an_argument_also_where_others_are_fixed() -> None:
    pytest.importorskip("numba")
    squares = hs.hessian(hs.parse("sum(c*x**4)", "x:n c:"), "x")
    for backend in ("numpy", "numba"):
        out = np.ones(3)
        filled = squares.compile(backend, structure="keep").fix(c=1.0).into(out)
        for _ in range(3):
            assert np.array_equal(filled(x=[1.0, 2.0, 3.0]).diagonal(), [12, 48, 108])
            with pytest.raises(hs.ArgumentError, match="shares memory"):
                filled(x=out)


def test_index_arrays_are_looked_at_where_others_are_fixed() -> None:
    fixed = GATHER.compile(structure="keep").fix(c=[1.0, 2.0, 4.0])
    for _ in range(2):
        assert fixed(i=[0, 1], j=[1, 2]).shape == (3, 3)
        with pytest.raises(hs.ArgumentError, match="between 0 and"):
            fixed(i=[0, 3], j=[1, 2])


def test_many_threads_and_sizes_at_once() -> None:
    kept = GATHER.compile(structure="keep")
    chain = CHAIN.compile(structure="keep")

    def work(seed: int) -> bool:
        rng = np.random.default_rng(seed)
        n, p = int(rng.integers(2, 40)), int(rng.integers(1, 9))
        values: dict[str, Any] = dict(c=rng.normal(size=n), i=rng.integers(0, n, p), j=rng.integers(0, n, p))
        matrix = kept(**values)
        x = rng.normal(size=n)
        right = np.allclose(matrix.todense(), GATHER.compile()(**values))
        return right and np.allclose(chain(x=x, a=0.5).todense(), CHAIN.compile()(x=x, a=0.5))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))


def test_arguments_are_let_go_of() -> None:
    kept = GATHER.compile(structure="keep")
    c = np.arange(5.0)
    held = weakref.ref(c)
    kept(c=c, i=[0], j=[1])
    del c
    gc.collect()
    assert held() is None


def test_maps_of_matrices() -> None:
    f = hs.parse("sum(W*(T - U @ V.T)**2)", "T:m,n U:m,k V:n,k W:m,n")
    rng = np.random.default_rng(0)
    values = dict(T=rng.normal(size=(4, 5)), U=rng.normal(size=(4, 3)), V=rng.normal(size=(5, 3)), W=rng.random((4, 5)))
    kept = hs.hessian(f, "U").compile(structure="keep")(**values)
    dense = hs.hessian(f, "U").evaluate(**values)
    assert isinstance(kept, Folded) and kept.shape == dense.shape == (4, 3, 4, 3) and kept.ndim == 4
    step = rng.normal(size=(4, 3))
    assert np.allclose(kept @ step, np.einsum("ijkl,kl->ij", dense, step))
    assert np.allclose(step @ kept, np.einsum("ij,ijkl->kl", step, dense))
    assert np.allclose(kept.matrix.todense(), dense.reshape(12, 12))
    assert np.allclose(kept.matrix @ step.reshape(-1), (kept @ step).reshape(-1))
    assert np.allclose(kept @ kept.solve(step), step)
    assert np.isclose(kept.logdet(), np.linalg.slogdet(dense.reshape(12, 12))[1])
    assert np.allclose(kept.diagonal(), np.einsum("ijij->ij", dense))
    assert np.allclose(kept.aslinearoperator() @ step.reshape(-1), (kept @ step).reshape(-1))
    for wrong in (step.T, step.reshape(-1), step[None]):
        with pytest.raises(hs.ShapeError, match=r"shape \(4, 3\) is needed.*\n.*C order"):
            kept @ wrong
    with pytest.raises(hs.LimitError, match=r"4 × 3 × 4 × 3, 1\.12 KiB"):
        kept.todense(limit=1000)


def test_large_results_are_operators_where_no_dense_array_would_fit() -> None:
    m, k = 3000, 40
    kept = hs.hessian(hs.parse("norm(T - U @ V.T)**2/2", "T:m,n U:m,k V:n,k"), "U").compile(structure="keep")
    rng = np.random.default_rng(0)
    V, step = rng.normal(size=(50, k)), rng.normal(size=(m, k))
    hessian = kept(T=np.zeros((m, 50)), U=step, V=V)
    assert hessian.dense_bytes == 8 * (m * k) ** 2 and hessian.nbytes < 20_000
    assert np.allclose(hessian @ step, step @ (V.T @ V))
    with pytest.raises(hs.LimitError, match="107 GiB"):
        hessian.todense()


def test_saturated_values_stay_finite() -> None:
    for text, at in [("logsumexp(x)", [800.0, -800, 0]), ("sum(log(1 + exp(x)))", [800.0, -800, 0])]:
        result = hs.hessian(hs.parse(text, "x:n"), "x")
        matrix = result.compile(structure="keep")(x=at)
        assert isinstance(matrix, Structured)
        assert np.isfinite(matrix.todense()).all()
        assert np.allclose(matrix.todense(), result.evaluate(x=at))


def test_declared_symmetry_that_does_not_hold_is_not_built_upon() -> None:
    kept = hs.hessian(hs.parse("x @ S @ x", "S:n,n:sym x:n"), "x").compile(structure="keep")
    S = np.array([[2.0, 5], [0, 3]])
    matrix = kept(S=S, x=[0, 0])
    assert np.allclose(matrix @ [1, 2], 2 * S @ [1, 2]) and np.allclose([1, 2] @ matrix, [1, 2] @ (2 * S))
    assert np.allclose(matrix.solve([1, 2]), np.linalg.solve(2 * S, [1, 2]))


def test_what_no_structure_can_do_is_an_error_that_says_so() -> None:
    matrix = CHAIN.compile(structure="keep")(x=[1, 2, 3], a=1)
    with pytest.raises(hs.ArgumentError, match="two structures"):
        matrix @ matrix
    for wrong in (1j * np.ones(3), [[1], [2, 3]], [None, 1, 2], "abc"):
        with pytest.raises(hs.ArgumentError, match="numbers"):
            matrix @ wrong
        with pytest.raises(hs.ArgumentError, match="numbers"):
            matrix.solve(wrong)
    wide = hs.jacobian(hs.parse("A @ X @ B", "A:m,n X:n,k B:k,p"), "X").compile(structure="keep")
    square = np.ones((150, 150))
    with pytest.raises(hs.LimitError, match="506250000 entries"):
        wide(A=square, X=square, B=square).tosparse()


def test_scipy_takes_them_as_operators() -> None:
    from scipy.sparse.linalg import aslinearoperator, cg, eigsh

    matrix = hs.hessian(hs.parse("sum((x[1:] - x[:-1])**2) + sum(x**2)", "x:n"), "x").compile(structure="keep")(
        x=np.zeros(30)
    )
    b = np.cos(np.arange(30))
    for operator in (matrix, matrix.aslinearoperator()):
        x, status = cg(aslinearoperator(operator), b, rtol=1e-12)
        assert status == 0 and np.allclose(x, matrix.solve(b))
    assert np.isclose(eigsh(aslinearoperator(matrix), 1)[0][0], np.linalg.eigvalsh(matrix.todense())[-1])


def test_values_far_from_the_origin_keep_their_digits() -> None:
    """Differences of large numbers are taken before they are multiplied."""
    texts = [
        ("sum(sqrt(1 + sum((X[i] - X[j])**2, axis=1)))", "X:n,d i:p:index(n) j:p:index(n)", "X"),
        ("norm(A @ X - B)**2 + norm(X)**2", "A:m,n X:n,d B:m,d", "X"),
        ("sum(norm(X - Y, axis=0))", "X:n,d Y:n,d", "X"),
    ]
    rng = np.random.default_rng(3)
    for text, declarations, wrt in texts:
        result = hs.hessian(hs.parse(text, declarations), wrt)
        near = dict(X=rng.normal(size=(5, 2)), Y=rng.normal(size=(5, 2)), A=rng.normal(size=(3, 5)), B=np.ones((3, 2)))
        near.update(i=np.array([0, 1, 2, 3]), j=np.array([4, 3, 1, 0]))
        far = {**near, "X": near["X"] + 2.0**20, "Y": near["Y"] + 2.0**20}
        far["X"][:], far["Y"][:] = (np.round(far[name] * 2**20) / 2**20 for name in "XY")
        near["X"], near["Y"] = far["X"] - 2.0**20, far["Y"] - 2.0**20
        kept = result.compile(structure="keep")
        values = [{name: at[name] for name in result.variables} for at in (near, far)]
        assert kept.kind != "dense"
        assert np.allclose(kept(**values[0]).todense(), kept(**values[1]).todense(), rtol=1e-9, atol=1e-9)


def test_a_size_that_no_variable_fixes_is_named() -> None:
    kept = hs.jacobian(hs.parse("jac(g)(x/x)", "x:n g:n->m"), "x").compile(structure="keep")
    with pytest.raises(hs.DeclarationError, match="size m is used, but no variable fixes it"):
        kept(x=np.ones(3), g=(np.sin, np.cos, np.sin))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_numbers_in_overlapping_windows(backend: str) -> None:
    """The diagonal is 12 x**2 - 4 x' + 2 up to the last entry, and 7 from the second on; small sizes have no inside."""
    if backend == "numba":
        pytest.importorskip("numba")
    f = hs.parse(
        "sum((x[1:] - x[:-1]**2)**2 + (3 - x[:-1])**2) + 5/2*sum(x[1:]**2) + sum(sin(x[2:]) + x[2:]**2)", "x:n"
    )
    H = hs.hessian(f, "x")
    kept = H.compile(backend, structure="keep")
    for n in (3, 4, 9):
        x = np.random.default_rng(n).normal(size=n)
        for _ in range(2):
            np.testing.assert_allclose(kept(x=x).todense(), H.evaluate(x=x), rtol=1e-13, atol=1e-13)
        filled = kept.into({0: np.full(n, np.nan), -1: np.full(n - 1, np.nan)})
        for y in (x, x + 1):
            np.testing.assert_allclose(filled(x=y).todense(), H.evaluate(x=y), rtol=1e-13, atol=1e-13)
