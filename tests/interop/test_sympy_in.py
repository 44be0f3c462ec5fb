"""SymPy expressions read: what they become, that values agree with SymPy's, and what is refused."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import sympy as sp
from sympy import MatrixSymbol, Rational, Symbol, symbols

import hesse as hs

from .sympy_values import value

n, m = symbols("n m")
i, j = symbols("i j")
a, c = symbols("a c")
p = Symbol("p", positive=True)
x, y, b = MatrixSymbol("x", n, 1), MatrixSymbol("y", n, 1), MatrixSymbol("b", m, 1)
A, S, r = MatrixSymbol("A", m, n), MatrixSymbol("S", n, n), MatrixSymbol("r", 1, n)
o, z = MatrixSymbol("o", 1, 1), MatrixSymbol("z", 5, 1)
d = sp.Dummy("d")
u = sp.Function("u")
v = sp.IndexedBase("v", shape=(n,))
SIZES = {"n": 3, "m": 4}

READ: list[tuple[Any, str, str]] = [
    # Scalars
    (a / c - 2 * a * c**2, "a/c - 2*a*c**2", "a: c:"),
    (sp.sqrt(a) + a ** Rational(3, 2), "sqrt(a) + a**(3/2)", "a:"),
    (a ** Rational(-3, 2), "a**(-3/2)", "a:"),
    (2**a + sp.exp(a * c) + sp.E + sp.pi, "2**a + exp(a*c) + e + pi", "a: c:"),
    (sp.Float("0.1") * a, "0.1*a", "a:"),
    (Rational(1, 3) - a, "1/3 - a", "a:"),
    (sp.log(p) + sp.asin(a / 9), "log(p) + arcsin(a/9)", "p::pos a:"),
    (sp.Abs(a) + sp.sign(c) + sp.Max(a, c, 1), "abs(a) + sign(c) + maximum(maximum(a, c), 1)", "a: c:"),
    (sp.Heaviside(a), "where(a > 0, 1, where(a < 0, 0, 1/2))", "a:"),
    (sp.Heaviside(a, 0) + sp.Heaviside(c, 1), "step(a) + (c >= 0)", "a: c:"),
    (sp.Piecewise((a, a > c), (c, a < -1), (0, True)), "where(a > c, a, where(a < -1, c, 0))", "a: c:"),
    (sp.Piecewise((a, (a > 0) & (c > 0)), (c, (a > 2) | (c > 2)), (1, True)),
     "where((a > 0)*(c > 0), a, where(maximum(a > 2, c > 2), c, 1))", "a: c:"),
    (u(a**2).diff(a), "2*a*diff(u)(a**2)", "u:-> a:"),
    (u(a).diff(a, 2), "diff(u, 2)(a)", "u:-> a:"),
    # Products of matrices; columns are vectors
    ((x.T * S * x)[0, 0], "x @ S @ x", "S:n,n x:n"),
    (x.T * S * y, "x @ S @ y", "S:n,n x:n y:n"),
    (A * x - b, "A @ x - b", "A:m,n x:n b:m"),
    ((A * x - b).T * (A * x - b), "norm(A @ x - b)**2", "A:m,n x:n b:m"),
    (x * y.T, "outer(x, y)", "x:n y:n"),
    (x.T, "[x]", "x:n"),
    (r * x, "r[0] @ x", "r:1,n x:n"),
    (r.T, "r[0]", "r:1,n"),
    (o[0, 0] * a, "o[0]*a", "o:1 a:"),
    (sp.Trace(S * S.T) * S.I * x, "trace(S @ S.T)*inv(S) @ x", "S:n,n x:n"),
    (S**2 + S**3 + S**4, "S @ S + S @ S @ S + matpow(S, 4)", "S:n,n"),
    (sp.log(sp.Determinant(S)), "log(det(S))", "S:n,n"),
    (sp.hadamard_product(x, y), "x*y", "x:n y:n"),
    (sp.HadamardPower(x, Rational(1, 2)), "x**(1/2)", "x:n"),
    (sp.Identity(n) + S, "eye(n) + S", "S:n,n"),
    (sp.OneMatrix(1, n) * x, "sum(x)", "x:n"),
    (x + sp.OneMatrix(n, 1), "x + ones(n)", "x:n"),
    (sp.diagonalize_vector(x) * y, "diag(x) @ y", "x:n y:n"),
    (sp.DiagonalOf(S), "diagpart(S)", "S:n,n"),
    (sp.DiagonalMatrix(S), "diag(diagpart(S))", "S:n,n"),
    (x.applyfunc(sp.Lambda(d, 1 / (1 + sp.exp(-d)))), "1/(1 + exp(-x))", "x:n"),
    (S.applyfunc(sp.tanh) * x, "tanh(S) @ x", "S:n,n x:n"),
    (sp.Matrix([a, c**2]), "[a, c**2]", "a: c:"),
    (sp.Matrix([[a, c], [1, 2]]), "[[a, c], [1, 2]]", "a: c:"),
    (sp.Matrix([[1, 2, 3], [3, 4, 5]]) * MatrixSymbol("w", 3, 1), "[[1, 2, 3], [3, 4, 5]] @ w", "w:3"),
    # Entries and parts
    (A[0, 1] + x[n - 1, 0], "A[0, 1] + x[-1]", "A:m,n x:n"),
    (A[1:, :] * x, "A[1:] @ x", "A:m,n x:n"),
    (A[0, :], "[A[0]]", "A:m,n"),
    (A[:, 0], "A[:, 0]", "A:m,n"),
    (x[1:n, :], "x[1:]", "x:n"),
    (z[::2, :], "z[:4:2]", "z:5"),
    # Sums
    (sp.Sum(sp.log(1 + sp.exp(x[i, 0] * y[i, 0])), (i, 0, n - 1)), "sum(log(1 + exp(x*y)))", "x:n y:n"),
    (sp.Sum(A[i, j] * b[i, 0] * x[j, 0], (i, 0, m - 1), (j, 0, n - 1)), "b @ A @ x", "A:m,n b:m x:n"),
    (sp.Sum(x[i + 1, 0] * x[i, 0], (i, 0, n - 2)), "x[1:] @ x[:-1]", "x:n"),
    (sp.Sum(v[i] ** 2, (i, 0, n - 1)), "v @ v", "v:n"),
    (sp.Product(x[i, 0], (i, 0, n - 1)), "prod(x)", "x:n"),
    (n * a + sp.Trace(x.T * x), "n*a + x @ x", "a: x:n"),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "text", "declarations"), READ, ids=[text for _, text, _ in READ])
def test_what_is_read(expr: Any, text: str, declarations: str) -> None:
    f, expected = hs.from_sympy(expr), hs.parse(text, declarations)
    assert f == expected
    assert sorted(f.declarations.split()) == sorted(declarations.split())
    assert hs.parse(str(f), f.declarations) == f


@pytest.mark.parametrize("expr", [expr for expr, text, _ in READ if "u" not in {*text}], ids=str)
def test_values_are_those_of_sympy(expr: Any) -> None:
    if isinstance(expr, (sp.DiagonalOf, sp.DiagonalMatrix)) or expr.has(sp.IndexedBase):
        pytest.skip("SymPy does not evaluate it for explicit arrays")
    f = hs.from_sympy(expr)
    random = np.random.default_rng(3)
    for sizes in (SIZES, {"n": 5, "m": 2}):
        shapes = {name: tuple(sizes.get(str(s), s) for s in shape) for name, shape in f.variables.items()}
        values = {name: random.uniform(0.3, 1.4, shape) for name, shape in shapes.items()}
        if "S" in values:
            values["S"] += 5 * np.eye(sizes["n"])
        got = np.asarray(f.evaluate(**values))
        assert np.allclose(got, np.reshape(value(expr, sizes, values), got.shape))


def test_gradients_of_what_is_read() -> None:
    f = hs.from_sympy((x.T * S * x)[0, 0])
    gradient = hs.gradient(f, "x")
    assert str(gradient) == "(S + S.T) @ x"
    assert gradient.verification.ok
    assert "`x` is n × 1: read as a vector of n entries" in f.readings


def test_declarations_say_more() -> None:
    f = hs.from_sympy((x.T * S * x)[0, 0], "S:n,n:sym")
    assert f.declarations == "S:n,n:sym x:n"
    assert str(hs.gradient(f, "x")) == "2*S @ x"
    assert hs.from_sympy(A * x, "x:n,1").declarations == "x:n,1 A:m,n"
    assert hs.from_sympy(sp.Sum(sp.IndexedBase("q")[i], (i, 0, n - 1)), "q:n") == hs.parse("sum(q)", "q:n")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (sp.Float("0.1"), "0.1"),
        (sp.Float(1) / 3, "0.3333333333333333"),
        (sp.Float(2.5), "2.5"),
        (sp.Float(0.5, 40), "0.5"),
        (Rational(-7, 3), "-7/3"),
    ],
)
def test_numbers_are_exact(number: Any, text: str) -> None:
    assert hs.from_sympy(number) == hs.parse(text)


@pytest.mark.parametrize(
    ("expr", "declarations", "parts"),
    [
        (sp.I * a, "", ["ImaginaryUnit"]),
        (a + sp.oo, "", ["Infinity"]),
        (sp.nan, "", ["NaN"]),
        (sp.Integral(a, a), "", ["Integral"]),
        (sp.Derivative(a**2, a), "", ["derivative", "carry it out"]),
        (sp.Piecewise((a, a > 0)), "", ["otherwise", "True"]),
        (S**n, "", ["power n", "integer"]),
        (sp.BlockMatrix([[S, x]]), "", ["BlockMatrix"]),
        (sp.Poly(a**2 + 1, a), "", ["Poly"]),
        (Symbol("a") * Symbol("a", positive=True), "", ["two different symbols", "`a`"]),
        (Symbol("exp"), "", ["`exp`"]),
        (Symbol("x'"), "", ["word"]),
        (Symbol("k", imaginary=True), "", ["`k`", "no real"]),
        (sp.E * Symbol("e"), "", ["constant e", "rename"]),
        (A * x, "x:k", ["`x:k`", "n × 1"]),
        (sp.Sum(v[i] ** 2, (i, 1, n)), "", ["outside an axis of size n"]),
        (sp.Sum(sp.IndexedBase("q")[i], (i, 0, n - 1)), "", ["`q`", "declare it"]),
        (sp.floor(a), "", ["floor"]),
        (u(a, c), "", ["2 arguments"]),
        (sp.LambertW(a), "", ["LambertW"]),
        ("x + 1", "", ["str"]),
        (None, "", ["NoneType"]),
    ],
    ids=str,
)
def test_refusals(expr: Any, declarations: str, parts: list[str]) -> None:
    with pytest.raises(hs.HesseError) as caught:
        hs.from_sympy(expr, declarations)
    for part in parts:
        assert part in str(caught.value)


def test_declarations_are_text() -> None:
    with pytest.raises(hs.ArgumentError, match="text"):
        hs.from_sympy(a, {"a": ()})  # type: ignore[arg-type]


def test_without_sympy(monkeypatch: pytest.MonkeyPatch) -> None:
    f = hs.parse("x @ x", "x:n")
    monkeypatch.setitem(sys.modules, "sympy", None)
    for action in (f.to_sympy, lambda: hs.from_sympy(a)):
        with pytest.raises(hs.MissingExtraError, match=r"hesse\[sympy\]"):
            action()


def test_long_chains() -> None:
    def chain(length: int) -> Any:
        expr: Any = a
        for k in range(length):
            expr = sp.Add(sp.Mul(expr, c, evaluate=False), k, evaluate=False)
        return expr

    assert hs.from_sympy(chain(60)).evaluate(a=1.0, c=0.5) == pytest.approx(float(chain(60).subs({a: 1, c: 0.5})))
    with pytest.raises(hs.LimitError, match="too deeply"):
        hs.from_sympy(chain(3000))
