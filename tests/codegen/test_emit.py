"""The source: golden files, names, sizes, sharing, and expressions too long or too deep for one line."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hesse.codegen import TARGETS, compile_function, emit
from hesse.codegen.target import Target
from hesse.core.syntax import Binary, Definitions, Name, Stack, Syntax, call, number
from hesse.errors import ArgumentError, DeclarationError, HesseError, LimitError, ShapeError, UnknownNameError
from hesse.frontends.text import parse_declarations

from .support import DISTINCT, body, point, read, reference

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "logistic_gradient": ("-X.T @ (y*sigmoid(-y*(X @ w)))", "X:m,n y:m:pm1 w:n"),
    "logistic_hessian": ("z = y*(X @ w); s = sigmoid(z); X.T @ diag(y**2*s*(1 - s)) @ X", "X:m,n y:m w:n"),
    "least_squares_gradient": ("2*A.T @ (A @ x - b)", "A:m,n x:n b:m"),
    "ridge_solution": ("inv(X.T @ X + lam*eye(n)) @ X.T @ y", "X:m,n y:m lam:"),
    "layer_jacobian": ("diag(1 - tanh(W @ x + b)**2) @ W", "W:m,n x:n b:m"),
    "softmax_jacobian": ("p = softmax(z); diag(p) - outer(p, p)", "z:n"),
    "softmax_regression_hessian": ("p = softmax(A @ x); A.T @ (diag(p) - outer(p, p)) @ A", "A:m,n x:n"),
    "rosenbrock_gradient": (
        "eye(n)[:-1].T @ (400*x[:-1]*(x[:-1]**2 - x[1:]) + 2*x[:-1] - 2) + 200*eye(n)[1:].T @ (x[1:] - x[:-1]**2)",
        "x:n",
    ),
    "smoothing_hessian": ("D = eye(n)[1:] - eye(n)[:-1]; D.T @ diag(w) @ D + 2*diag(a)", "w:n-1 a:n"),
    "scatter_gradient": ("3*eye(n)[idx].T @ x[idx]**2", "x:n idx:p:index(n)"),
    "multinomial_loss": ("sum(logsumexp(X @ W, axis=1)) - sum(Y*(X @ W))", "X:m,n W:n,k Y:m,k"),
}

FULL = "return np.full(m, np.float64(n))"


@pytest.mark.parametrize("name", CASES)
def test_golden_source(name: str) -> None:
    tree, declared = read(*CASES[name])
    assert emit(tree, declared, name=name) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_golden_source_stands_alone(name: str) -> None:
    tree, declared = read(*CASES[name])
    values = point(declared, DISTINCT)
    namespace: dict[str, object] = {}
    exec((GOLDEN / f"{name}.txt").read_text(encoding="utf-8"), namespace)
    arguments = {key: np.array(value) for key, value in values.items()}
    actual = namespace[name](**arguments)  # type: ignore[operator]
    np.testing.assert_allclose(actual, np.array(reference(tree, values, DISTINCT).nested()), rtol=1e-9, atol=1e-9)


def test_the_source_is_the_same_in_every_process() -> None:
    script = (
        "from hesse.codegen import emit\n"
        "from hesse.frontends.text import parse_declarations, parse_text\n"
        f"for text, declarations in {list(CASES.values())!r}:\n"
        "    declared = parse_declarations(declarations)\n"
        "    print(emit(parse_text(text, declared)[0], declared))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(outputs) == 1 and "def f" in outputs.pop()


@pytest.mark.parametrize(
    ("text", "declarations", "expected"),
    [
        ("A.T @ diag(d) @ A", "A:m,n d:m", "return (A.T * d) @ A"),
        ("A @ B @ x", "A:m,n B:n,k x:k", "return A @ (B @ x)"),
        ("(S - outer(p, q)) @ v", "S:n,n p:n q:n v:n", "return S @ v - p * (q @ v)"),
        ("sum(x)*ones(n)", "x:n", "n = x.shape[0]\nreturn np.full(n, np.sum(x))"),
        ("x.T @ y", "x:n y:n", "return x @ y"),
        ("ones((m, n))", "A:m,n", "m, n = A.shape\nreturn np.ones((m, n))"),
        ("sum(x)/n", "x:n-1 c:", "n = x.shape[0] + 1\nreturn np.sum(x) / n"),
        ("n*ones(m)", "x:2*n+1 A:m*n,2", f"n = (x.shape[0] - 1) // 2\nm = A.shape[0] // n\n{FULL}"),
        ("exp(A @ x) + (A @ x)*b", "A:m,n x:n b:m", "Ax = A @ x\nreturn np.exp(Ax) + Ax * b"),
        ("r = A @ x; r = r*r; sum(r)", "A:m,n x:n", "r = A @ x\nr_2 = r * r\nreturn np.sum(r_2)"),
        ("x**2 + x**0.5 + 1/3 - 0.25*x", "x:n", "return x**2 + np.sqrt(x) + 1 / 3 - 0.25 * x"),
        ("A.T + B.T.T", "A:m,n B:n,m", "return A.T + B"),
        ("eye(n)[1:] @ M", "M:n,k", "return M[1:]"),
        ("M @ eye(n)[idx].T", "M:k,n idx:p:index(n)", "return M[:, idx]"),
        ("eye(n)[2]", "x:n", "n = x.shape[0]\nout = np.zeros(n)\nout[2] = 1\nreturn out"),
        ("einsum('ij,jk->ik', A, B)", "A:m,n B:n,k", "return np.einsum('ij,jk->ik', A, B, optimize=True)"),
        ("outer(x, y) @ z", "x:m y:n z:n", "return x * (y @ z)"),
        ("(x > 0)*y - step(x)", "x:n y:n", "t1 = x > 0\nreturn t1 * y - np.where(t1, 1.0, 0.0)"),
    ],
)
def test_reads_as_a_person_would_write_it(text: str, declarations: str, expected: str) -> None:
    assert body(text, declarations) == expected


def test_equal_subexpressions_are_computed_once() -> None:
    tree, declared = read("exp(sin(x) + c)*y + exp(sin(x) + c)", "x:n y:n c:")
    assert emit(tree, declared).count("np.exp") == emit(tree, declared).count("np.sin") == 1


def test_a_definition_dissolves_where_its_matrix_need_not_exist() -> None:
    assert body("D = diag(d); A.T @ D @ A", "A:m,n d:m") == "return (A.T * d) @ A"


@pytest.mark.parametrize("pair", ["as", "if", "in", "np"])
def test_a_telling_name_is_no_keyword(pair: str) -> None:
    a, b = pair[0], pair[1]
    tree, declared = read(f"exp({a} @ {b}) + {a} @ {b}", f"{a}:q {b}:q")
    assert compile_function(tree, declared)(**{a: [1.0], b: [2.0]}) == pytest.approx(np.exp(2) + 2)


def test_no_name_is_taken_for_a_bracket() -> None:
    tree, declared = read("a@(grouped__*a) + u(a) + grouped__", "a:n grouped__: u:n->")
    assert compile_function(tree, declared)(a=[2.0], grouped__=3.0, u=lambda a: 10.0) == 25.0
    tree, declared = read("grouped__(a) + 1", "a:n grouped__:n->")
    assert compile_function(tree, declared)(a=[2.0], grouped__=lambda a: 10.0) == 11.0


def test_names_that_python_forbids_are_written_with_an_underscore() -> None:
    source = emit(*read("lambda*np + softmax(softmax_)", "lambda: np: softmax_:n"))
    assert "def f(lambda_, np_, softmax_):" in source
    assert "lambda_ (lambda): a scalar" in source


@pytest.mark.parametrize(
    ("text", "declarations", "kind", "message"),
    [
        ("n*x", "x:n*m", DeclarationError, "the size n is used, but no variable fixes it"),
        ("n*x", "x:n**2", DeclarationError, "the size n is used, but no variable fixes it"),
        ("q + 1", "x:n", UnknownNameError, "q"),
    ],
)
def test_errors(text: str, declarations: str, kind: type[HesseError], message: str) -> None:
    with pytest.raises(kind, match=message):
        emit(*read(text, declarations))


def test_errors_of_trees() -> None:
    declared = parse_declarations("x:n A:m,n")
    with pytest.raises(LimitError, match="floating point"):
        emit(number(10**400), declared)
    with pytest.raises(UnknownNameError, match="no function frobnicate"):
        emit(call("frobnicate", Name("x")), declared)
    with pytest.raises(ShapeError):
        emit(Binary("@", Name("x"), Name("A")), declared)
    with pytest.raises(ArgumentError, match="cannot be the name"):
        emit(Name("x"), declared, name="np")


def test_a_target_without_a_function_says_so() -> None:
    poor = Target(name="poor", imports=(), expressions={"number": TARGETS["numpy"].expressions["number"]})
    with pytest.raises(ArgumentError, match="the target poor cannot express exp"):
        emit(call("exp", number(1)), parse_declarations("x:n"), poor)


def deep_trees() -> dict[str, Syntax]:
    x: Syntax = Name("x")
    total, nested, doubled = x, x, x
    for k in range(5000):
        total = Binary("+", total, Binary("*", number(k), call("sin", Binary("*", number(k), x))))
    for _ in range(2000):
        nested = call("sin", Binary("+", nested, number(1)))
    for _ in range(300):
        doubled = Binary("/", Binary("+", doubled, doubled), number(2))
    names = [f"a{k}" for k in range(2000)]
    steps = zip(["x", *names], names, strict=False)
    chained = tuple((name, Binary("+", Name(before), number(1))) for before, name in steps)
    wide = Stack(tuple(call("sin", Binary("*", number(k), call("sum", x))) for k in range(1000)))
    chain = Definitions(chained, Name(names[-1]))
    return {"sum": total, "nest": nested, "doubling": doubled, "chain": chain, "wide": wide}


@pytest.mark.parametrize(("name", "tree"), deep_trees().items())
def test_long_and_deep_expressions(name: str, tree: Syntax) -> None:
    declared = parse_declarations("x:n")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(300)
    try:
        function = compile_function(tree, declared)
    finally:
        sys.setrecursionlimit(limit)
    ast.parse(function.source)
    if name != "wide":
        assert max(map(len, function.source.splitlines())) < 120
    x = np.array([0.3, 1.7])
    nested = x
    for _ in range(2000):
        nested = np.sin(nested + 1)
    expected = {
        "sum": x + sum(k * np.sin(k * x) for k in range(5000)),
        "nest": nested,
        "doubling": x,
        "chain": x + 2000,
        "wide": np.sin(np.arange(1000) * 2.0),
    }[name]
    np.testing.assert_allclose(function(x=x), expected, rtol=1e-9, atol=1e-9)


def test_a_doubling_product_of_matrices_stays_small() -> None:
    matrix: Syntax = call("diag", Name("x"))
    for _ in range(60):
        matrix = Binary("+", Binary("@", matrix, matrix), call("outer", Name("x"), Name("x")))
    function = compile_function(Binary("@", matrix, Name("x")), parse_declarations("x:n"))
    x = np.array([0.01, 0.02, -0.03])
    expected = np.diag(x)
    for _ in range(60):
        expected = expected @ expected + np.outer(x, x)
    np.testing.assert_allclose(function(x=x), expected @ x, rtol=1e-12)
    assert len(function.source.splitlines()) < 400
