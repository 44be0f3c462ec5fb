"""Running sums: read as whole arrays, with the range that the sizes of the axes give."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.core.tensor import Tensor
from hesse.verify.reference import Environment, evaluate

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize(
    ("text", "declarations", "whole"),
    [
        ("sum(i, log(1 + exp(-y[i]*(X[i] @ w))))", "X:m,n y:m w:n", "sum(log(1 + exp(-y*(X @ w))))"),
        ("sum(i, j, A[i, j]*x[i]*x[j])", "A:n,n x:n", "x @ A @ x"),
        ("sum(i, sum(j, A[i, j]*x[i]*x[j]))", "A:n,n x:n", "x @ A @ x"),
        ("sum(i, x[i+1]*x[i])", "x:n", "x[1:] @ x[:-1]"),
        ("sum(i, (x[i+1] - x[i] - d[i])**2)", "x:n d:n-1", "norm(x[1:] - x[:-1] - d)**2"),
        ("sum(i=1:n-1, x[i-1]*x[i+1])", "x:n", "x[:-2] @ x[2:]"),
        ("sum(i=1:, x[i-1]*y[i])", "x:n y:n", "x[:-1] @ y[1:]"),
        ("sum(i=:n-1, x[i])", "x:n", "sum(x[:-1])"),
        ("sum(i, x[n-1-i]*y[i])", "x:n y:n", "x[::-1] @ y"),
        ("sum(i, x[2*i])", "x:n", "sum(x[::2])"),
        ("sum(i, A[i, i])", "A:n,n", "trace(A)"),
        ("sum(i, eye(n)[i]*x[i])", "x:n", "x"),
        ("sum(i, eye(n)[i, 0]*x[i])", "x:n", "x[0]"),
        ("sum(i, X[i]*y[i])", "X:m,n y:m", "X.T @ y"),
        ("sum(i, outer(X[i], X[i]))", "X:m,n", "X.T @ X"),
        ("sum(i, norm(X[i] - w)**2)", "X:m,n w:n", "norm(X - w)**2"),
        ("sum(i, norm(X[i] - w))", "X:m,n w:n", "sum(norm(X - w, axis=1))"),
        ("sum(i, softmax(X[i] + b)[0])", "X:m,n b:n", "sum(softmax(X + b, axis=1)[:, 0])"),
        ("sum(i, logsumexp(outer(X[i], v)))", "X:m,n v:k", "sum(i, logsumexp(logsumexp(outer(X[i], v), axis=1)))"),
        ("sum(i, (y[i] - b[idx[i]])**2)", "y:p b:n idx:p:index(n)", "norm(y - b[idx])**2"),
        ("sum(i, A[idx[i], jdx[i]])", "A:m,n idx:p:index(m) jdx:p:index(n)", "sum(i, A[idx][i, jdx[i]])"),
        ("sum(i, x[jdx[idx[i]]]*u[i])", "x:n u:p idx:p:index(k) jdx:k:index(n)", "x[jdx][idx] @ u"),
        (
            "sum(i, sum(j, v[i]*A[i, jdx[idx[j]]]*u[j]))",
            "A:m,n u:p v:m idx:p:index(k) jdx:k:index(n)",
            "v @ A[:, jdx][:, idx] @ u",
        ),
        ("sum(i, x[idx[i]+1]*u[i])", "x:n+1 u:p idx:p:index(n)", "x[1:][idx] @ u"),
        ("sum(i, x[n-1-idx[i]]*u[i])", "x:n u:p idx:p:index(n)", "x[::-1][idx] @ u"),
        ("sum(i, x[2*idx[i]]*u[i])", "x:2*n u:p idx:p:index(n)", "x[::2][idx] @ u"),
        (
            "sum(i, A[i, jdx[idx[i]+1]+1])",
            "A:p,n+1 idx:p:index(k) jdx:k+1:index(n)",
            "trace(A[:, 1:][:, jdx][:, 1:][:, idx])",
        ),
        ("sum(i, i*x[i])", "x:n", "x @ cumsum(ones(n)) - sum(x)"),
        ("sum(i=1:n, x[i]/i)", "x:n", "sum(x[1:]/cumsum(ones(n - 1)))"),
        ("sum(i, sum(j, (i - j)*A[i, j]))", "A:m,n", "cumsum(ones(m)) @ sum(A, axis=1) - sum(A @ cumsum(ones(n)))"),
        ("sum(i=2:n+2, i*x[i-2])", "x:n", "x @ cumsum(ones(n)) + sum(x)"),
        ("mean(i, x[i]**2)", "x:n", "mean(x**2)"),
        ("logsumexp(i, X[i])", "X:m,n", "logsumexp(X, axis=0)"),
        ("prod(i, x[i]**2)", "x:n", "prod(x)**2"),
        ("max(i, X[i] @ w)", "X:m,n w:n", "max(X @ w)"),
        ("min(i, j, A[i, j])", "A:m,n", "min(A)"),
        ("sum(i, norm(X[i], 3))", "X:m,n", "sum(norm(X, 3, axis=1))"),
        ("sum(i=0:n, c*x[0])", "x:n c:", "n*c*x[0]"),
        ("sum(i, phi(x[i]))", "x:n phi:->", "sum(phi(x))"),
        ("sum(i, where(x[i] > 0, x[i], y[0]))", "x:n y:n", "sum(where(x > 0, x, y[0]))"),
        ("c = sum(i, x[i])/n; sum(i, (x[i] - c)**2)", "x:n", "norm(x - mean(x))**2"),
    ],
)
def test_whole_array_form(text: str, declarations: str, whole: str) -> None:
    f, g = hs.parse(text, declarations), hs.parse(whole, declarations)
    assert f == g
    assert hs.parse(str(f), f.declarations) == f
    assert hs.parse(str(f), f.declarations).node is f.node
    name = next(name for name in f.variables if "dx" not in name)
    derivative = hs.derivative(f, name)
    assert derivative.verification.ok
    assert derivative == hs.derivative(g, name)
    # A product of squares, and the least of the least, have derivatives of another form.
    other = ";" in text or text.startswith(("prod", "min"))
    assert other or str(derivative) == str(hs.derivative(g, name))


def test_the_gradient_of_the_logistic_loss() -> None:
    f = hs.parse("sum(i, log(1 + exp(-y[i]*(X[i] @ w))))", "X:m,n y:m w:n")
    gradient = hs.gradient(f, "w")
    assert str(gradient) == "-X.T @ (y*sigmoid(-y*(X @ w)))"
    assert gradient.verification.ok
    assert "for" not in f.source()
    values = {"X": RANDOM.normal(size=(5, 3)), "y": RANDOM.normal(size=5), "w": RANDOM.normal(size=3)}
    loop = sum(math.log1p(math.exp(-values["y"][k] * (values["X"][k] @ values["w"]))) for k in range(5))
    assert np.isclose(f.evaluate(**values), loop)


def test_undeclared_arrays_are_inferred_and_the_index_is_none() -> None:
    f = hs.parse("sum(i, log(1 + exp(-y[i]*(X[i] @ w))))")
    assert f.declarations == "y:m X:m,n w:n"
    assert hs.parse("sum(i, j, A[i, j]*x[i]*x[j])").declarations == "A:n,n x:n"
    assert hs.parse("sum(i, x[i]*y[i])").declarations == "x:n y:n"


Plain = Callable[[dict[str, Any], int], float]
LOOPS: list[tuple[str, str, Plain]] = [
    ("sum(i, x[i+1]*x[i-1])", "x:n", lambda v, n: sum(v["x"][k + 1] * v["x"][k - 1] for k in range(1, n - 1))),
    ("sum(i, x[i+2]*y[i])", "x:n y:n", lambda v, n: sum(v["x"][k + 2] * v["y"][k] for k in range(n - 2))),
    ("sum(i=2:n, x[i]*x[n-1-i])", "x:n", lambda v, n: sum(v["x"][k] * v["x"][n - 1 - k] for k in range(2, n))),
    ("sum(i, x[2*i+1])", "x:n", lambda v, n: sum(v["x"][1::2])),
    ("mean(i, x[i+1] - x[i])", "x:n", lambda v, n: float(np.mean(np.diff(v["x"])))),
    ("sum(i, j=0:2, x[i]*y[j])", "x:n y:n", lambda v, n: v["x"].sum() * v["y"][:2].sum()),
]


@pytest.mark.parametrize(("text", "declarations", "loop"), LOOPS)
def test_values_are_those_of_a_loop(text: str, declarations: str, loop: Plain) -> None:
    f = hs.parse(text, declarations)
    for n in (3, 5, 6):
        values = {name: RANDOM.normal(size=n) for name in f.variables}
        plain = Environment({"n": n}, {name: Tensor((n,), list(value)) for name, value in values.items()})
        assert np.isclose(f.evaluate(**values), loop(values, n))
        assert np.isclose(evaluate(f.tree, plain).item, loop(values, n))


@pytest.mark.parametrize(
    ("text", "declarations", "conditions"),
    [
        ("sum(i, log(x[i]))", "x:n", ("every entry of x > 0",)),
        ("sum(i, 1/(X[i] @ w))", "X:m,n w:n", ("every entry of X @ w != 0",)),
        ("sum(i, sum(j, sqrt(A[i, j])))", "A:m,n", ("every entry of A >= 0",)),
        ("sum(i, x[i+1]*x[i])", "x:n", ("n >= 2",)),
        ("sum(i, log(c)*x[i])", "x:n c:", ("c > 0",)),
        (
            "sum(i, log(x[i+1])) + sum(i, log(y[i]))",
            "x:n y:n",
            ("n >= 2", "every entry of x[1:] > 0", "every entry of y > 0"),
        ),
    ],
)
def test_conditions_hold_for_all_positions(text: str, declarations: str, conditions: tuple[str, ...]) -> None:
    assert hs.parse(text, declarations).conditions == conditions


def test_kinks_are_those_of_the_whole_array() -> None:
    gradient = hs.gradient(hs.parse("sum(i, abs(x[i] - y[i]))", "x:n y:n"), "x")
    assert str(gradient) == "sign(x - y)"
    assert gradient.conditions == ("every entry of x - y != 0",)


@pytest.mark.parametrize(
    ("text", "declarations", "parts", "marked"),
    [
        ("sum(i, x[i]*y[i])", "x:n y:m", ["sizes n and m", "give the range"], "i"),
        ("sum(i, x[i]*y[i])", "x:n y:n-1", ["sizes n and n-1"], "i"),
        ("sum(i, c)", "c:", ["no position depends on it", "sum(i=0:n"], "sum(i, c)"),
        ("sum(x, x[0])", "x:n", ["declared", "axis"], "sum(x, x[0])"),
        ("sum(n, x[n-1])", "x:n", ["declared"], "sum(n, x[n-1])"),
        ("r = x; sum(r, r[r])", "x:n", ["defined"], "sum(r, r[r])"),
        ("sum(i, x[i]) + i", "x:n", ["no value outside"], "i"),
        ("sum(i, sum(i, x[i]))", "x:n", ["runs already"], "sum(i, sum(i, x[i]))"),
        ("sum(i, i//2*x[i])", "x:n", ["a number that is rounded down depends on the running index `i`"], "i//2"),
        ("sum(i, j, x[i+j])", "x:n", ["one running index"], "i+j"),
        ("sum(i, x[i*i])", "x:n", ["one running index"], "i*i"),
        ("sum(i, j=0:i, x[j])", "x:n", ["rectangular"], "sum(i, j=0:i, x[j])"),
        ("sum(i=i:n, x[i])", "x:n", ["depends on itself"], "i"),
        ("sum(i=0:n+1, x[i])", "x:n", ["outside an axis of size n"], "i"),
        ("sum(i=0:n, x[i-1])", "x:n", ["at i = 0", "outside"], "i-1"),
        ("sum(i=3:2, x[i])", "x:n", ["empty"], "sum(i=3:2, x[i])"),
        ("sum(i=-1:n, x[i])", "x:n", ["counted from 0"], "sum(i=-1:n, x[i])"),
        ("sum(i=0, x[i])", "x:n", ["`i=` is not understood", "sum(i=0:n"], "i"),
        ("sum(i=0:n)", "x:n", ["behind a comma"], "i"),
        ("sum(i=0:n:2, x[i])", "x:n", ["start:stop"], "i=0:n:2,"),
        ("sum(i, inv(A*x[i])[0, 0])", "A:n,n x:n", ["inv", "no whole-array form"], "inv(A*x[i])"),
        ("sum(i, softmax(A*x[i])[0, 0])", "A:n,n x:n", ["softmax", "several axes"], "softmax(A*x[i])"),
        ("sum(i, u(X[i]))", "X:m,n u:n->", ["u, an undefined function"], "u(X[i])"),
        ("sum(i, x[i:i+2] @ y)", "x:n y:2", ["slice"], "i"),
        ("sum(i, sum(ones(i)))", "x:n", ["sizes of an array"], "i"),
        ("sum(i, x[-i])", "x:n", ["from the front"], "-i"),
        ("sum(i=0:2, x[-i])", "x:n", ["outside an axis"], "-i"),
    ],
)  # fmt: skip
def test_errors_show_the_place(text: str, declarations: str, parts: list[str], marked: str) -> None:
    with pytest.raises(hs.HesseError) as caught:
        hs.parse(text, declarations)
    error = caught.value
    assert error.span is not None
    for part in parts:
        assert part in str(error)
    assert text[error.span.start : error.span.end] == marked


def test_too_many_nested_sums_are_refused() -> None:
    text = "x[i0]"
    for k in range(60):
        text = f"sum(i{k}, {text})"
    with pytest.raises(hs.LimitError, match="nested"):
        hs.parse(text, "x:n")


def test_an_index_gives_way_to_a_declared_name() -> None:
    f, g = hs.parse("sum(i, x[i]**2)", "x:n"), hs.parse("i*j", "i: j:")
    total = f + g
    assert str(total) == "sum(i_, x[i_]**2) + i*j"
    assert str(hs.gradient(total, "x")) == "2*x"
    assert f.substitute(x=hs.parse("i*z", "i: z:n")) == hs.parse("i**2*norm(z)**2", "i: z:n")
    h = hs.parse("i = x @ x; i*x", "x:n")
    assert (f * h) == hs.parse("(x @ x)**2*x", "x:n")


def test_max_runs_over_an_index_only_where_it_is_one() -> None:
    assert str(hs.parse("max(i, x[i])", "x:n")) == "max(i, x[i])"
    assert hs.parse("max(i, x[i])", "x:n").latex() == r"\max_{i=1,\ldots,n}(x_{i})"
    assert str(hs.parse("max(i, x[0])", "x:n i:")) == "maximum(i, x[0])"
    assert str(hs.parse("max(a, b)", "a: b:")) == "maximum(a, b)"


def test_sizes_of_one() -> None:
    for text, value in (("sum(i, x[i]**2)", 9.0), ("sum(i, j, A[i, j]*x[j])", 6.0), ("mean(i, x[i])", 3.0)):
        assert hs.parse(text, "A:1,1 x:1").evaluate(A=[[2.0]], x=[3.0]) == value
        assert hs.parse(text, "A:n,n x:n").evaluate(A=[[2.0]], x=[3.0]) == value


FUZZ = ("sum(", "i", "j", "=", "0", ":", "n", ",", "x[", "]", ")", "+", "*", "-1", "mean(", "max(", "y", "1")


@pytest.mark.parametrize("seed", range(4))
def test_no_text_makes_it_fail_otherwise_than_by_an_error(seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(400):
        text = "sum(i" + "".join(random.choice(FUZZ, size=int(random.integers(2, 14))))
        try:
            f = hs.parse(text + ")", "x:n y:n")
        except hs.HesseError:
            continue
        assert hs.parse(str(f), f.declarations) == f


def test_nested_sums_print_in_one() -> None:
    for first, second in itertools.product(("i", "i=0:m", "i=1:"), ("j", "j=:n-1")):
        f = hs.parse(f"sum({first}, {second}, A[i, j])", "A:m,n")
        assert str(f) == f"sum({first}, {second}, A[i, j])"
        assert hs.parse(str(f), f.declarations) == f


@pytest.mark.parametrize("text", ["x[idx[0]+1]", "x[idx[0]-1]", "x[-idx[0]-1]", "sum(i, x[idx[i]+i])"])
def test_positions_that_may_leave_the_axis_are_refused(text: str) -> None:
    with pytest.raises(hs.ShapeError, match="the entries of `idx` run from 0 to n-1"):
        hs.parse(text, "x:n idx:p:index(n)").node  # noqa: B018


@pytest.mark.parametrize("text", ["x[idx[0]*idx[1]]", "x[0*idx[0]]", "x[idx[0]//2]", "x[y[0]+1]", "x[idx[0]+idx[1]]"])
def test_positions_that_are_no_line_in_an_entry_are_refused(text: str) -> None:
    with pytest.raises(hs.ParseError, match="a size is needed here"):
        hs.parse(text, "x:n y:n idx:p:index(n)").node  # noqa: B018
