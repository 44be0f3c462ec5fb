"""Expressions written in SymPy: values agree with SymPy's, and they read back to an equal expression."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

import numpy as np
import pytest
import sympy as sp

import hesse as hs
from tests.harness.cases import points, seeded
from tests.harness.laws import numpy_value

from .sympy_values import value

NAMES = "A:m,n B:k,n S:n,n x:n y:n b:m a: c: p::pos z:4"
SIZES = {"n": 3, "m": 4, "k": 2}

WRITTEN = [
    "norm(A @ x - b)**2", "x @ S @ y", "A.T @ (A @ x - b)", "x @ S", "outer(x, y)", "diag(x) @ S", "inv(S) @ x",
    "trace(S @ S)", "det(S)", "matpow(S, 4)", "solve(S, x)", "sum(log(1 + exp(x)))", "sum(x*y)", "mean(A)",
    "mean(A, axis=0)", "sum(A, axis=1)", "sum(exp(A))", "softmax(x)", "softmax(A, axis=1)", "softmax(A, axis=0)",
    "log_softmax(x)", "logsumexp(A @ x)", "logsumexp(A, axis=0)", "norm(A)", "norm(A, axis=1)", "norm1(x - y)",
    "prod(x)", "var(x)", "x[0]",
    "x[-1]", "x[1:]", "z[::2]", "A[0]", "A[:, 1]", "A[1:, :-1]", "A[0, 1]", "eye(n)[1:].T @ x[1:]",
    "eye(n) + S", "x + 1", "2*x - 3*y", "A + x", "S*2 + ones(n, n)", "x/y", "x**y", "x**2",
    "sigmoid(x)*(1 - sigmoid(x))",
    "where(x > 0, x, 0)", "maximum(x, 1/2)", "maximum(a, c)", "where(a > c, a, c)", "[a, c, a*c]", "[[a, c], [1, 2]]",
    "[x, y]", "sqrt(p)/c", "abs(a)", "step(a) + relu(a - c)", "silu(x) + softplus(x)", "r = A @ x - b; r @ r",
    "sum(i, x[i]*y[i])", "sum(i, x[i+1]*x[i])", "sum(i, j, S[i, j]*x[i])", "mean(i, x[i]**2)", "sum(i, S[i]*y[i])",
    "n*a + m", "tanh(A @ x)", "(x @ y)*S", "x.T + y", "e**a + pi*c",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_values_and_the_way_back(text: str) -> None:
    f = hs.parse(text, NAMES)
    expr = f.to_sympy()
    assert hs.from_sympy(expr, f.declarations) == f
    random = np.random.default_rng(11)
    shapes = {name: tuple(SIZES.get(str(s), s) for s in shape) for name, shape in f.variables.items()}
    values = {name: random.uniform(0.3, 1.4, shape) for name, shape in shapes.items()}
    wanted = np.asarray(f.evaluate(**values))
    assert np.allclose(np.reshape(value(expr, SIZES, values), wanted.shape), wanted)
    table = f.to_sympy(**SIZES)
    assert np.allclose(np.reshape(value(table, SIZES, values), wanted.shape), wanted)


@pytest.mark.parametrize(
    ("text", "declarations", "written"),
    [
        ("A.T @ (A @ x - b)", "A:m,n x:n b:m", "A.T*(A*x - b)"),
        ("x @ S @ x", "x:n S:n,n", "(x.T*S*x)[0, 0]"),
        ("sum(x**2)", "x:n", "Sum(x[i, 0]**2, (i, 0, n - 1))"),
        ("sum(i, i_*x[i])", "x:n i_:", "Sum(i_*x[i, 0], (i, 0, n - 1))"),
        ("exp(x)", "x:n", "Lambda(_d, exp(_d)).(x)"),
        ("log(p)", "p::pos", "log(p)"),
        ("c**(1/2) + 1/3", "c:", "sqrt(c) + 1/3"),
    ],
)
def test_what_is_written(text: str, declarations: str, written: str) -> None:
    assert str(hs.parse(text, declarations).to_sympy()) == written


def test_results_are_written_with_their_own_symbols() -> None:
    n = sp.Symbol("n")
    x, S = sp.MatrixSymbol("x", n, 1), sp.MatrixSymbol("S", n, n)
    gradient = hs.gradient(hs.parse("x @ S @ x", "x:n S:n,n"), "x")
    assert gradient.to_sympy() == (S + S.T) * x
    assert hs.parse("a*p", "a: p::pos").to_sympy() == sp.Symbol("a") * sp.Symbol("p", positive=True)


def test_everything_has_entries() -> None:
    softmax = hs.parse("softmax(x)", "x:n").to_sympy(n=2)
    x = sp.MatrixSymbol("x", 2, 1)
    weights = [sp.exp(x[k, 0]) for k in range(2)]
    assert softmax == sp.ImmutableMatrix([w / (weights[0] + weights[1]) for w in weights])
    hessian = hs.hessian(hs.parse("sum(exp(X))", "X:n,n"), "X").to_sympy(n=2)
    assert hessian.shape == (2, 2, 2, 2)
    assert hessian[0, 1, 0, 1] == sp.exp(sp.MatrixSymbol("X", 2, 2)[0, 1])
    assert hessian[0, 1, 1, 0] == 0
    assert hs.parse("T", "T:2,2,2").to_sympy().shape == (2, 2, 2)
    assert hs.parse("x @ x", "x:1").to_sympy() is not None


@pytest.mark.parametrize(
    ("text", "declarations", "part"),
    [
        ("max(x)", "x:n", "`max`"),
        ("maximum(x, y)", "x:n y:n", "two arrays"),
        ("x[::-1]", "x:n", "backwards"),
        ("x[::2]", "x:n", "the step 2"),
        ("x[idx]", "x:n idx:p:index(n)", "index array"),
        ("u(x)", "u:n-> x:n", "`u` of a vector"),
        ("softmax(A)*0 + A", "A:n,n", ""),
        ("einsum('ij,jk,k->ik', A, A, x)", "A:n,n x:n", ""),
    ],
)
def test_what_has_no_form_is_named(text: str, declarations: str, part: str) -> None:
    f = hs.parse(text, declarations)
    if not part:
        assert hs.from_sympy(f.to_sympy(), f.declarations) == f
        return
    with pytest.raises(hs.ArgumentError) as caught:
        f.to_sympy()
    assert part in str(caught.value)
    assert "to_sympy(n=3)" in str(caught.value)


def test_arrays_with_more_axes_have_no_symbolic_form() -> None:
    hessian = hs.hessian(hs.parse("sum(exp(X))", "X:m,n"), "X")
    with pytest.raises(hs.ArgumentError, match="SymPy has no form"):
        hessian.to_sympy()
    with pytest.raises(hs.ArgumentError, match="size of m"):
        hessian.to_sympy(n=3)


@pytest.mark.parametrize("block", range(4))
def test_random_expressions(block: int) -> None:
    """Those of the harness that SymPy has a form for: values, the way back, and tables of entries."""
    tallies: Counter[str] = Counter()
    for number in count(1000 * block):
        if tallies["refused"] + tallies["compared"] + tallies["not evaluated by SymPy"] >= 25:
            break
        case = seeded(77, number)
        try:
            f = hs.parse(case.text, str(case.declarations))
            at = next(points(case))[0]
            with np.errstate(all="ignore"):
                wanted = numpy_value(f, at)
        except (hs.HesseError, StopIteration):
            continue
        if not np.isfinite(wanted).all():
            continue
        try:
            expr = f.to_sympy()
        except hs.ArgumentError:
            tallies["refused"] += 1
            continue
        back = hs.from_sympy(expr, f.declarations)
        if back != f:
            # log(1 + exp(x)) overflows where softplus(x) does not; a constant zero is equal to nothing for `==`; and a
            # matrix with one column comes back as a vector.
            tallies["equal in values only"] += 1
            with np.errstate(all="ignore"):
                assert np.allclose(np.reshape(numpy_value(back, at), wanted.shape), wanted, 1e-7, 1e-9), case.text
        got = _evaluated(expr, at)
        tallies["compared" if got is not None else "not evaluated by SymPy"] += 1
        if got is not None:
            assert np.allclose(np.reshape(got, wanted.shape), wanted, 1e-7, 1e-9), (case.text, expr)
    assert tallies["compared"] >= 8
    assert tallies["equal in values only"] <= 2


def _evaluated(expr: Any, at: Any) -> Any:
    """The value by SymPy; None where it fails at explicit matrices, and for undefined functions."""
    if at.functions:
        return None
    try:
        return value(expr, at.sizes, at.values)
    except (TypeError, AttributeError, RecursionError, NotImplementedError, ValueError):
        return None
