"""Proofs of equality: what is proved is true, and near misses are not proved."""

from __future__ import annotations

import pytest

import hesse as hs
from hesse.checking.proof import proved_equal

from .cases import cases


def proved(one: str, other: str, declarations: str) -> bool:
    """Whether the two texts are proved equal."""
    a, b = (hs.parse(text, declarations) for text in (one, other))
    return proved_equal(a.elaboration.root, b.elaboration.root)


@pytest.mark.parametrize(
    ("one", "other", "declarations"),
    [
        ("sin(3*x)", "3*sin(x) - 4*sin(x)**3", "x:"),
        ("cos(x + y)", "cos(x)*cos(y) - sin(x)*sin(y)", "x: y:"),
        ("1/cos(x)**2", "1 + tan(x)**2", "x:"),
        ("tanh(x/2)", "2*sigmoid(x) - 1", "x:"),
        ("1/(1 + exp(-x)) + 1/(1 + exp(x))", "1", "x:"),
        ("(x**3 - 1)/(x - 1)", "x**2 + x + 1", "x:"),
        ("1/(x + 1/(x + 1/x))", "(x**2 + 1)/(x**3 + 2*x)", "x:"),
        ("sqrt(x)*sqrt(x)", "x", "x:"),
        ("x/sqrt(x)", "sqrt(x)", "x:"),
        ("exp(2*log(x))", "x**2", "x:"),
        ("log(x*y)", "log(x) + log(y)", "x::pos y::pos"),
        ("abs(x)**2", "x**2", "x:"),
        ("abs(-2*x)", "2*abs(x)", "x:"),
        ("max(x, y) + min(x, y)", "x + y", "x: y:"),
        ("relu(x) - relu(-x)", "x", "x:"),
        ("where(x > y, 2, 1)", "1 + step(x - y)", "x: y:"),
        ("softmax(x)", "exp(x - logsumexp(x))", "x:n"),
        ("A.T @ (sigmoid(x) - 1)", "-A.T @ (1/(1 + exp(x)))", "A:m,n x:m"),
        ("A.T @ diag(1/cosh(x)**2) @ A", "A.T @ A - A.T @ diag(tanh(x)**2) @ A", "A:m,n x:m"),
        ("(A + B) @ (A - B)", "A @ A - A @ B + B @ A - B @ B", "A:n,n B:n,n"),
        ("norm(x + y)**2 - norm(x - y)**2", "4*(x @ y)", "x:n y:n"),
        ("inv(A.T) @ x", "x @ inv(A)", "A:n,n x:n"),
    ],
)
def test_what_is_proved(one: str, other: str, declarations: str) -> None:
    assert proved(one, other, declarations)


@pytest.mark.parametrize(
    ("one", "other", "declarations"),
    [
        ("sqrt(x**2)", "x", "x:"),
        ("(x**6)**(1/3)", "x**2 + 0*abs(x) + 1e-30", "x:"),
        ("(x**2)**(3/2)", "x**3", "x:"),
        ("log(x**2)/2", "log(x)", "x:"),
        ("exp(log(x**2)/2)", "x", "x:"),
        ("log(x*y)", "log(x) + log(y)", "x: y:"),
        ("abs(x)", "x", "x:"),
        ("abs(x*y)", "x*abs(y)", "x: y:"),
        ("sqrt(x*y)", "sqrt(x)*sqrt(y)*sign(x)", "x: y:"),
        ("sqrt((x + y)**2)", "x + y", "x: y:"),
        ("sin(2*x)", "2*sin(x)", "x:"),
        ("cos(x)", "sqrt(1 - sin(x)**2)", "x:"),
        ("where(x > 0, log(x), 0)", "log(x)", "x:"),
        ("where(x > 0, x, 0)", "x*step(-x)", "x:"),
        ("relu(x)", "x", "x:"),
        ("max(x, y)", "min(x, y)", "x: y:"),
        ("exp(x)", "exp(x) + 1e-200", "x:"),
        ("A @ B", "B @ A", "A:n,n B:n,n"),
        ("A @ x", "A.T @ x", "A:n,n x:n"),
        ("A.T @ sigmoid(x)", "A @ sigmoid(x)", "A:n,n x:n"),
        ("outer(x, sigmoid(y))", "outer(y, sigmoid(x))", "x:n y:n"),
        ("outer(sigmoid(x), sigmoid(y))", "outer(sigmoid(y), sigmoid(x))", "x:n y:n"),
        ("softmax(x, axis=0)", "softmax(x, axis=1)", "x:n,n"),
        ("norm(x)", "sum(abs(x))", "x:n"),
        ("inv(A.T)", "inv(A)", "A:n,n"),
        ("sum(x)/n", "sum(x)/m", "x:n A:m,n"),
    ],
)
def test_what_is_not_true_is_not_proved(one: str, other: str, declarations: str) -> None:
    assert not proved(one, other, declarations)


def test_no_wrong_answer_is_proved() -> None:
    for case in cases("wrong"):
        f = hs.parse(case.function, case.declarations)
        try:
            answer = hs.parse(case.answer, f.declarations)
        except hs.HesseError:
            continue
        order = 2 if case.kind == "hessian" else 1
        wrt = case.wrt if isinstance(case.wrt, str) else list(case.wrt)
        truth = hs.derivative(f, wrt, order=order)
        if truth._shape == answer._shape:
            assert not proved_equal(truth.node, answer.elaboration.root), str(case)
