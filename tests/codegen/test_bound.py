"""Programs for sizes that are known: the order of products, symmetric products, diagonals, blocks of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.codegen.bound import bound_plan
from hesse.codegen.rows import rows_of

from .support import written


def source(text: str, declarations: str, **sizes: int) -> str:
    """The statements of the program for the sizes."""
    code = hs.parse(text, declarations).compile().source_for(**sizes)
    return "\n".join(line.strip() for line in code.split('"""')[-1].strip().splitlines())


def values(declarations: dict[str, tuple[Any, ...]], sizes: dict[str, int], seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(size=[sizes[s] if isinstance(s, str) else s for s in shape])
        for name, shape in declarations.items()
    }


@pytest.mark.parametrize(
    ("text", "declarations", "sizes", "expected"),
    [
        ("P @ V.T @ V", "P:m,k V:n,k", {"m": 2000, "n": 2000, "k": 20}, "return P @ (V.T @ V)"),
        ("P @ (V.T @ V)", "P:m,k V:n,k", {"m": 1, "n": 300, "k": 300}, "return P @ V.T @ V"),
        ("2*(A @ B @ C @ D)/3", "A:m,n B:n,k C:k,m D:m,p", {"m": 9, "n": 900, "k": 900, "p": 5}, ""),
        ("P @ V.T @ V", "P:m,k V:n,k", {"m": 3, "n": 4, "k": 5}, "return P @ V.T @ V"),
        ("einsum('ij,jk,kl->il', A, B, C)", "A:m,n B:n,k C:k,p", {"m": 90, "n": 800, "k": 90, "p": 7}, ""),
        ("einsum('pi,pj,pk,pl->ijkl', X, Y, X, Y)", "X:m,n Y:m,k", {"m": 70, "n": 20, "k": 10}, ""),
        (
            "A.T @ diag(exp(v)) @ A",
            "A:m,n v:m",
            {"m": 400, "n": 90},
            "t1 = np.sqrt(np.exp(v))[:, None] * A\nreturn t1.T @ t1",
        ),
        ("(A + A.T) @ x", "A:n,n x:n", {"n": 200}, "return A @ x + A.T @ x"),
        ("(A + A.T) @ x", "A:n,n x:n", {"n": 20}, "return (A + A.T) @ x"),
        ("A.T @ diag(v) @ A", "A:m,n v:m", {"m": 400, "n": 90}, "return (A.T * v) @ A"),
        ("A.T @ diag(exp(v)) @ B", "A:m,n B:m,n v:m", {"m": 400, "n": 90}, "return (A.T * np.exp(v)) @ B"),
        (
            "A @ A.T + diag(v)",
            "A:n,k v:n",
            {"n": 200, "k": 3},
            "i = np.arange(n)\nout = A @ A.T\nout[i, i] += v\nreturn out",
        ),
        ("diag(v) - A @ A.T", "A:n,k v:n", {"n": 200, "k": 3}, "out = -(A @ A.T)\nout[i, i] += v"),
        ("A - diag(v)", "A:n,n v:n", {"n": 200}, "out = np.array(A)\nout[i, i] -= v"),
        ("diag(v) - outer(u, v)", "u:n v:n", {"n": 200}, "out = np.outer(-u, v)\nout[i, i] += v"),
        ("-X.T @ (y*tanh(X @ w))", "X:m,n y:m w:n", {"m": 90_000, "n": 9}, "for low in range(0, m,"),
        ("sum(log(1 + exp(X @ w)))/m + norm(w)**2", "X:m,n w:n", {"m": 90_000, "n": 9}, "for low in range(0, m,"),
        ("sum(softmax(X @ W, axis=1)*Y)", "X:m,n W:n,k Y:m,k", {"m": 90_000, "n": 9, "k": 4}, "for low in range(0, m,"),
        ("X.T @ (X @ w - mean(y))", "X:m,n w:n y:k", {"m": 90_000, "n": 9, "k": 2}, "for low in range(0, m,"),
        ("einsum('pi,pj,p->ij', X, X, y)", "X:m,n y:m", {"m": 90_000, "n": 9}, "for low in range(0, m,"),
        ("X.T @ (X @ w - mean(X @ w))", "X:m,n w:n", {"m": 90_000, "n": 9}, "return X.T @ ("),
        ("X @ w", "X:m,n w:n", {"m": 90_000, "n": 9}, "return X @ w"),
        ("norm(X @ w)", "X:m,n w:n", {"m": 90_000, "n": 9}, "return np.linalg.norm("),
        ("x[1:] @ x[:-1]", "x:n", {"n": 9_000_000}, "return x[:-1] @ x[1:]"),
    ],
)
def test_the_program_for_the_sizes(text: str, declarations: str, sizes: dict[str, int], expected: str) -> None:
    assert expected in source(text, declarations, **sizes)
    f = hs.parse(text, declarations)
    function = f.compile()
    small = {name: min(size, 5000 if name == "m" else 400) for name, size in sizes.items()}
    arguments = values(f.variables, small)
    plan = bound_plan(function.plan, sizes)
    expected_value = function.run(*arguments.values())
    actual = function.runner(plan)(*arguments.values())
    np.testing.assert_allclose(actual, expected_value, rtol=1e-10, atol=1e-10 * (1 + np.max(np.abs(expected_value))))


def test_a_joint_program_goes_through_the_data_once() -> None:
    f = hs.parse("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n")
    parts = {"value": f, "gradient": hs.gradient(f, "w"), "product": hs.hvp(f, "w", "v")}
    joint = hs.compile(parts)
    arguments = values({"X": ("m", "n"), "y": ("m",), "w": ("n",), "v": ("n",)}, {"m": 70_003, "n": 7})
    text = joint.source_for(m=70_003, n=7)
    assert text.count("for low in") == 1 and text.count("X_rows @ w") == 1 and "X @" not in text
    buffers = {"gradient": np.empty(7)}
    for results in (joint(**arguments), joint.into(buffers)(**arguments)):
        for name, part in parts.items():
            np.testing.assert_allclose(results[name], part.compile().run(**_own(part, arguments)), rtol=1e-9)


def test_sums_over_blocks_go_into_buffers() -> None:
    f = hs.parse("X.T @ (y*tanh(X @ w))", "X:m,n y:m w:n")
    arguments = values(f.variables, {"m": 70_003, "n": 7})
    out, again = np.full(7, np.nan), np.full(7, np.nan)
    assert f.compile().into(out)(**arguments) is out
    np.testing.assert_allclose(out, f.compile().run(**arguments), rtol=1e-10)
    hs.compile({"one": f, "other": f}).into({"one": out, "other": again})(**arguments)
    np.testing.assert_array_equal(out, again)


def _own(part: hs.Expr, arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in part.variables}


def test_what_is_read_row_by_row() -> None:
    plan = written("-X.T @ (y*tanh(X @ w))", "X:m,n y:m w:n").plan
    rows = rows_of(plan, "m")
    assert rows is not None and [term.shape for term in rows.sums] == [plan.roots[0].shape]
    assert rows_of(plan, "n") is None


def test_a_plan_can_be_looked_at() -> None:
    plan = written("A.T @ (A @ x - b)", "A:m,n x:n b:m").plan
    assert str(plan).splitlines() == [
        "%1 : n × m = transpose A", "%2 : m = @ A x", "%3 : m = - %2 b", "%4 : n = @ %1 %3", "result = %4",
    ]  # fmt: skip
    assert str(bound_plan(plan, {"m": 10**6, "n": 10})).splitlines()[-1].startswith("in blocks of ")
    assert bound_plan(plan, {"m": 50, "n": 10}) is plan


def test_sizes_that_only_an_undefined_function_has() -> None:
    """No variable says m: the program is the same for all sizes, and its values are right."""
    f = hs.parse('einsum("jj,lh,i->ijh", A, jac(g)(x), z)', "A:k,k x:n z:p g:n->m")
    rng = np.random.default_rng(3)
    A, x, z, B = rng.normal(size=(2, 2)), rng.normal(size=3), rng.normal(size=5), rng.normal(size=(4, 3))
    g = (lambda t: B @ np.sin(t), lambda t: B * np.cos(t))
    with pytest.raises(hs.HesseError):
        f.compile()(A=A, x=x, z=z, g=g[:1])
    result = f.compile()(A=A, x=x, z=z, g=g)
    np.testing.assert_allclose(result, np.einsum("jj,lh,i->ijh", A, B * np.cos(x), z))
