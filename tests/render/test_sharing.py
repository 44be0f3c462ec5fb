"""Repeated parts are named where that reads better, and graphs whose text would explode stay small."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from hesse.core.declarations import Declarations
from hesse.core.syntax import Binary, Name, Negative, Running, Syntax, call, number
from hesse.errors import LimitError
from hesse.frontends.text import parse_declarations, parse_text
from hesse.render.latex import to_latex
from hesse.render.sharing import share
from hesse.render.text import to_text
from hesse.render.unicode import to_unicode

D = parse_declarations("A:m,n x:n b:m X:m,n y:m w:n S:n,n c: d:")


def shared(text: str, declarations: Declarations = D, long: int = 12) -> str:
    return to_text(share(parse_text(text, declarations)[0], declarations, long=long), declarations)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # a residual, and what is short enough to be read twice
        ("(2*A @ x - 3*b)/norm(2*A @ x - 3*b)", "r = 2*A @ x - 3*b; r/norm(r)"),
        ("(A @ x - b)/norm(A @ x - b)", "(A @ x - b)/norm(A @ x - b)"),
        ("(A @ x - b)*(A @ x - b)*(A @ x - b)", "r = A @ x - b; r*r*r"),
        # by kind: an elementwise function, a softmax, a scalar, a matrix
        ("sigmoid(X @ w)*(1 - sigmoid(X @ w))", "s = sigmoid(X @ w); s*(1 - s)"),
        ("diag(softmax(S @ x)) - outer(softmax(S @ x), softmax(S @ x))", "p = softmax(S @ x); diag(p) - outer(p, p)"),
        ("(x @ S @ x + 1)**2*exp(x @ S @ x + 1)", "t = x @ S @ x + 1; t**2*exp(t)"),
        ("trace((S.T @ S + eye(n)) @ inv(S.T @ S + eye(n)))", "R = S.T @ S + eye(n); trace(R @ inv(R))"),
        # the sign stays outside; the largest repeated part is named, and parts of it only when they occur elsewhere
        ("sin(-(A @ x + b))*cos(-(A @ x + b))*(A @ x + b)", "r = A @ x + b; sin(-r)*cos(-r)*r"),
        ("sin(exp(A @ x + b))*cos(exp(A @ x + b))", "s = exp(A @ x + b); sin(s)*cos(s)"),
        (
            "sin(exp(A @ x + b) + b)*cos(exp(A @ x + b) + b)*exp(A @ x + b)",
            "s = exp(A @ x + b); sin(s + b)*cos(s + b)*s",
        ),
        # the user's names are kept, and used
        ("r = A @ x - b; sum(r**2)", "r = A @ x - b; sum(r**2)"),
        ("q = A @ x - b; sum(q*(A @ x - b))", "q = A @ x - b; sum(q*q)"),
        ("q = A @ x; (c*q - 2*b*d*d)*exp(c*q - 2*b*d*d)", "q = A @ x; r = c*q - 2*b*d*d; r*exp(r)"),
        ("r = c + 1; (2*A @ x - 3*b)*exp(2*A @ x - 3*b)*r", "r = c + 1; t = 2*A @ x - 3*b; t*exp(t)*r"),
        # a name bound twice, and a running index, forbid it
        ("q = c + d*c*d*c; q = q*q; q*(c + d*c*d*c)", "q = c + d*c*d*c; q = q*q; q*(c + d*c*d*c)"),
        ("sum(i, exp(x[i]*w[i])*sin(exp(x[i]*w[i])))", "sum(i, exp(x[i]*w[i])*sin(exp(x[i]*w[i])))"),
        # indices and sizes are not values
        ("x[n-1:] @ ones(2*n-1)[n-1:]*ones(2*n-1)[0]", "(x[n-1:] @ ones(2*n - 1)[n-1:])*ones(2*n - 1)[0]"),
    ],
)
def test_shared_text(source: str, expected: str) -> None:
    assert shared(source) == expected


def test_fresh_names_avoid_every_name_there_is() -> None:
    declarations = parse_declarations("r:n t:r2 u:n v:n z:n q:n s: w:n x:n r1:n")
    text = shared("(x + u*v*z*q + r*w)*exp(x + u*v*z*q + r*w)*(r1*s)", declarations)
    assert text == "r3 = x + u*v*z*q + r*w; r3*exp(r3)*r1*s"


def doubled(steps: int) -> Syntax:
    tree: Syntax = Name("c")
    for _ in range(steps):
        tree = Binary("+", Binary("*", tree, tree), tree)
    return tree


@pytest.mark.parametrize("render", [to_text, to_unicode, to_latex])
def test_exponential_graph_stays_small(render: Callable[[Syntax, Declarations], str]) -> None:
    start = time.perf_counter()
    sizes = [len(render(doubled(steps), D)) for steps in (60, 120, 240)]
    assert time.perf_counter() - start < 60  # a guard against hanging
    assert sizes[0] < 4_000
    assert sizes[2] - sizes[1] < 2.5 * (sizes[1] - sizes[0])


def test_equal_structure_counts_as_the_same_object() -> None:
    text = "(2*A @ x - 3*b)*exp(2*A @ x - 3*b)"
    tree, _ = parse_text(text, D)
    twin, _ = parse_text(text, D)
    assert isinstance(tree, Binary)
    assert isinstance(twin, Binary)
    mixed = Binary("*", tree.left, twin.right)
    assert to_text(share(mixed, D), D) == "r = 2*A @ x - 3*b; r*exp(r)"


def test_explosion_that_cannot_be_named_is_refused() -> None:
    tree: Syntax = Name("i")
    for _ in range(60):
        tree = Binary("*", tree, tree)
    with pytest.raises(LimitError):
        to_text(Running("sum", "i", tree), D)


@pytest.mark.parametrize("render", [to_text, to_unicode, to_latex])
def test_long_and_deep_trees(render: Callable[[Syntax, Declarations], str]) -> None:
    chain: Syntax = Name("c")
    for k in range(5_000):
        chain = Binary("+", chain, Binary("*", number(k), Name("d")))
    nested: Syntax = Name("c")
    right: Syntax = Name("c")
    for k in range(5_000):
        nested = Negative(call("sin", nested)) if k % 2 else Binary("**", nested, number(2))
        right = Binary("@", Name("S"), right) if k else Name("x")
    product: Syntax = Name("x")
    for _ in range(5_000):
        product = Binary("*", product, Name("w"))
    start = time.perf_counter()
    assert render(chain, D).count("d") >= 5_000
    assert render(nested, D).count("(") >= 2_500
    assert render(right, D).count("S") == 4_999
    assert render(product, D).count("w") == 5_000
    assert time.perf_counter() - start < 60  # a guard against hanging
