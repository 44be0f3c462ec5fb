"""The LaTeX that hesse writes, it reads: rows of the tables, textbook results, names, brackets."""

from __future__ import annotations

from itertools import product

import pytest

import hesse as hs
from hesse.core.declarations import Declarations
from hesse.core.function import Construction
from hesse.core.nodes import Elementwise, Operator
from hesse.core.syntax import Binary, Call, Name, Syntax, Tuple, call, number
from hesse.functions import FUNCTIONS
from hesse.render.text import to_text
from tests.test_textbook import CASES

DECLARED = "a: b: x:n y:n A:n,n B:n,n T:n,n,n"
NAMES = {0: ("a", "b"), 1: ("x", "y"), 2: ("A", "B"), 3: ("T",)}


def read_back(f: hs.Expr) -> hs.Expr:
    """The expression that the LaTeX of an expression means."""
    return hs.parse(f.latex(), f.declarations, notation="latex")


def calls(name: str) -> list[Syntax]:
    """Calls of a function with arguments of all ranks that it takes."""
    row = FUNCTIONS[name]
    if name == "polygamma":
        return [call(name, number(2), Name(argument)) for argument in ("a", "x", "A")]
    if isinstance(row, Construction) and row.sizes:
        return [call(name, Name("n")), call(name, Name("n"), number(3))][: 1 if name == "eye" else 2]
    arity = row.arity if isinstance(row, Elementwise) else 1
    if name in ("matpow", "solve"):
        return [call(name, Name("A"), number(3) if name == "matpow" else Name(right)) for right in ("x", "B")]
    if name == "reshape":
        n = Name("n")
        return [call(name, Name("x"), Tuple((n, number(1)))), call(name, Name("A"), Binary("*", n, n))]
    if isinstance(row, Construction):
        arity = row.arity or 2
    last = [number(1)] if isinstance(row, Construction) and row.extra == "shift" else []
    found: list[Syntax] = []
    for ranks in product(range(4), repeat=arity):
        if len({rank for rank in ranks if rank}) < 2:
            seen: dict[int, int] = {}
            arguments = []
            for rank in ranks:
                place = seen[rank] = seen.get(rank, -1) + 1
                arguments.append(Name(NAMES[rank][place % len(NAMES[rank])]))
            axes = [None, *range(ranks[0])] if _takes_axis(name) else [None]
            found += [Call(name, (*arguments, *last), axis) for axis in axes]
    return found


def _takes_axis(name: str) -> bool:
    row = FUNCTIONS[name]
    return row.takes_axis if isinstance(row, Construction) else isinstance(row, Operator) and row.kind != "matrix"


@pytest.mark.parametrize(
    "name", [name for name in FUNCTIONS if name.isidentifier() and name not in ("einsum", "power")]
)
def test_every_function(name: str) -> None:
    """Also those that are added later."""
    count = 0
    for tree in calls(name):
        try:
            f = hs.parse(to_text(tree, Declarations()), DECLARED)
        except hs.HesseError:
            continue
        count += 1
        assert read_back(f) == f, f.latex()
    if not count:
        pytest.skip("it takes more than plain arrays")


@pytest.mark.parametrize(("source", "declarations", "wrt"), [row[:3] for row in CASES], ids=[row[0] for row in CASES])
def test_textbook_results(source: str, declarations: str, wrt: str) -> None:
    f = hs.parse(source, declarations)
    results = [f, hs.gradient(f, wrt), hs.hessian(f, wrt)] if f.shape == () else [f, hs.jacobian(f, wrt)]
    for result in results:
        assert read_back(result) == result, result.latex()
        bold = hs.parse(result.latex(vectors="bold"), result.declarations, notation="latex")
        assert bold == result, result.latex(vectors="bold")


WRITTEN = [
    ("x1*x[0] + x2", "x:3 x1: x2:"),
    ("lam*λ", "lam: λ:"),
    ("alpha + beta_1 + W_out[0, 0] + x_max_1", "alpha: beta_1: W_out:m,n x_max_1:"),
    ("loss*a", "loss: a:"),
    ("x1 + x_1", "x1: x_1:"),
    ("sigma*sigmoid(x)", "sigma: x:"),
    ("sigmoid(x)*e", "x: e:"),
    ("pi*e", "x:"),
    ("I @ x", "I:n,n x:n"),
    ("delta[0]*einsum('ij,i->ij', eye(n), delta)", "delta:n"),
    ("einsum('ik,kj->ij', A, B)", "A:m,n B:n,k"),
    ("einsum('ij,k->ijk', eye(n), x)", "x:n"),
    ("x == y", "x: y:"),
    ("(x > 0)*x", "x:n"),
    ("where(A > x, A, 2)", "A:m,n x:n"),
    ("minimum(A, x) + x", "A:m,n x:n"),
    ("1/A + A/B", "A:m,n B:m,n"),
    ("eye(n)[-1, 0]*x + eye(n)[n-1, 1]*x", "x:n"),
    ("where(x > y, A, x)", "A:m,n x:n y:n"),
    ("A + sum(i, B[i])", "A:m,n B:m,n x:n"),
    ("A/(B + x)", "A:1,n B:1,n x:n"),
    ("kron(A, [[a]]) + x", "A:1,n a: x:n"),
    ("einsum('ji,k->ijk', A, abs(x))", "A:m,n x:n"),
    ("einsum('il,j->ijl', A == B, x)", "A:m,n B:m,n x:n"),
    (
        "einsum('ai,bj,ck,dl,eu,fv->adbecf', A, B, C, D, E, F)",
        "A:n,n B:n,n C:n,n D:n,n E:n,n F:n,n i: j: k: l: r: s: t: u: v: a: e: h:",
    ),
    ("-(a/b)/c", "a: b: c:"),
    ("[[x]]*A", "x:n A:m,n"),
    ("(A*B)[None] + A[None]", "A:m,n B:m,n"),
    ("t = concat(x, [a]); t1 = 1/t; (t[0]**2 + t1[0])*t1/t", "x:n a:"),
    ("(a + b)**(a/b)", "a: b:"),
    ("2**x + 3*2**y", "x:n y:n"),
    ("abs(x)[0] + abs(x[0])", "x:n"),
    ("A[0, 1] + A[1:, -1] @ A[:-1, 0] + sum(A[::-1])", "A:n,n"),
    ("A[11, 2]", "A:20,30"),
    ("x[1::2] @ y[n-1:]", "x:2 y:n"),
    ("X[idx] @ w", "X:m,n idx:p:index(m) w:n"),
    ("[[a, b]]", "a: b:"),
    ("[[a], [b]]", "a: b:"),
    ("[[a, b], [b, a]] @ [a, b]", "a: b:"),
    ("[x, y]", "x:n y:n"),
    ("[x, y].T", "x:n y:n"),
    ("[A, B]", "A:m,n B:m,n"),
    ("zeros(n - 1, m + 2)", "x:n y:m"),
    ("(n//2)*x + x/(n//2)", "x: y:n"),
    ("grad(u)(x) @ hess(u)(x) @ x + u(x)", "u:n-> x:n"),
    ("jac(g)(x).T @ g(x)", "g:n->m x:n"),
    ("diff(phi)(x) + diff(phi, 2)(x) + diff(phi, 5)(x)", "phi:-> x:n"),
    ("u1(x)", "u1:n-> x:n"),
    ("sum(i, log(1 + exp(-y[i]*(X[i] @ w))))", "X:m,n y:m w:n"),
    ("sum(i, (x[i+1] - x[i])**2)", "x:n"),
    ("sum(i=1:n-1, x[i-1])", "x:n"),
    ("mean(i, x[i]**2) + max(i, x[i])", "x:n"),
    ("prod(i, x[i] + 1)*sum(x)", "x:n"),
    ("r = A @ x - b; s = sigmoid(r); r @ s", "A:m,n x:n b:m"),
    ("x.T @ A.T @ x + (x @ A) @ x", "A:n,n x:n"),
    ("(A @ B).T @ (A*C)", "A:m,n B:n,n C:m,n"),
    ("sum(x)**2 + norm(x)**-3", "x:n"),
    ("1e-9*x + 2.5e20*x + x/3", "x:"),
    ("log(x)**2 + sin(x)**-1", "x:"),
    ("(-x)**2 - -x", "x:"),
    ("outer(x, y) @ y - (x @ y)*x", "x:n y:n"),
]


@pytest.mark.parametrize(("source", "declarations"), WRITTEN, ids=[row[0] for row in WRITTEN])
def test_written_forms(source: str, declarations: str) -> None:
    f = hs.parse(source, declarations)
    assert read_back(f) == f, f.latex()
