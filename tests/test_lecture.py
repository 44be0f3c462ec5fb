"""The list of the section notes: definitions, the two problems, the layer, the rules for gradients and Jacobians."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hesse as hs

PROBLEM = "x1^2 + exp(x1*x2) + 2*log(x2)"
FUNCTIONS = "u:n-> v:n-> f:n->m g:n->m h:m->k l:m-> x:n"


def test_gradient_and_hessian_of_the_paraboloid() -> None:
    f = hs.parse("x1^2 + x2^2")
    assert str(hs.gradient(f)) == "[2*x1, 2*x2]"
    assert str(hs.hessian(f)) == "[[2, 0], [0, 2]]"
    assert hs.gradient(f).unicode() == "[2 x₁, 2 x₂]"


def test_problem_a_gradient_and_hessian() -> None:
    f = hs.parse(PROBLEM)
    assert f.conditions == ("x2 > 0",)
    assert [str(entry) for entry in hs.gradient(f).components()] == ["2*x1 + x2*exp(x1*x2)", "x1*exp(x1*x2) + 2/x2"]
    rows = hs.hessian(f).components().nested()
    assert [[str(entry) for entry in row] for row in rows] == [
        ["x2**2*exp(x1*x2) + 2", "x1*x2*exp(x1*x2) + exp(x1*x2)"],
        ["x1*x2*exp(x1*x2) + exp(x1*x2)", "x1**2*exp(x1*x2) - 2/x2**2"],
    ]
    assert hs.hessian(f).verification.ok


def test_problem_b_the_jacobian_of_the_gradient_is_the_hessian() -> None:
    f = hs.parse(PROBLEM)
    jacobian = hs.jacobian(hs.gradient(f))
    assert jacobian.node is hs.hessian(f).node
    assert jacobian == hs.hessian(f)
    assert str(jacobian) == str(hs.hessian(f))


def test_the_jacobian_of_a_linear_map() -> None:
    g = hs.parse("W @ x", "W:m,n x:n")
    jacobian = hs.jacobian(g, "x")
    assert (str(jacobian), jacobian.shape) == ("W", ("m", "n"))
    rows = jacobian.components(m=2, n=3)
    assert [str(entry) for entry in rows[1]] == ["W[1, 0]", "W[1, 1]", "W[1, 2]"]


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("tanh", "diag(1 - tanh(W @ x + b)**2) @ W"),
        ("sigmoid", "s = sigmoid(W @ x + b); diag(s*(1 - s)) @ W"),
        ("relu", "diag(step(W @ x + b)) @ W"),
        ("phi", "diag(diff(phi)(W @ x + b)) @ W"),
    ],
)
def test_the_jacobian_of_a_layer(activation: str, expected: str) -> None:
    g = hs.parse(f"{activation}(W @ x + b)", "W:m,n x:n b:m phi:->")
    jacobian = hs.jacobian(g, "x")
    assert str(jacobian) == expected
    assert jacobian.shape == ("m", "n")
    assert jacobian.verification.ok


def test_the_layer_with_relu_says_where_it_holds() -> None:
    jacobian = hs.jacobian(hs.parse("relu(W @ x + b)", "W:m,n x:n b:m"), "x")
    assert jacobian.conditions == ("every entry of W @ x + b != 0",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", "zeros(n)"),
        ("3*u(x) + 2*v(x)", "3*grad(u)(x) + 2*grad(v)(x)"),
        ("u(x)*v(x)", "v(x)*grad(u)(x) + u(x)*grad(v)(x)"),
        ("f(x) @ g(x)", "jac(f)(x).T @ g(x) + jac(g)(x).T @ f(x)"),
        ("l(g(x))", "jac(g)(x).T @ grad(l)(g(x))"),
    ],
)
def test_rules_for_gradients(text: str, expected: str) -> None:
    gradient = hs.gradient(hs.parse(text, FUNCTIONS), "x")
    assert str(gradient) == expected
    assert gradient.shape == ("n",)
    assert gradient.verification.ok


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zeros(m) + 7", "zeros(m, n)"),
        ("3*f(x) - 2*g(x)", "3*jac(f)(x) - 2*jac(g)(x)"),
        ("h(g(x))", "jac(h)(g(x)) @ jac(g)(x)"),
    ],
)
def test_rules_for_jacobians(text: str, expected: str) -> None:
    jacobian = hs.jacobian(hs.parse(text, FUNCTIONS), "x")
    assert str(jacobian) == expected
    assert jacobian.shape[1] == "n"
    assert jacobian.verification.ok


@pytest.mark.parametrize("declarations", ["x:n c:m", "x:n c:m W:m,n"])
def test_the_jacobian_of_a_constant_is_m_by_n(declarations: str) -> None:
    assert hs.jacobian(hs.parse("c", declarations), "x").shape == ("m", "n")


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["derive", PROBLEM], ["2 x₁ + x₂ exp(x₁ x₂)", "x₁ exp(x₁ x₂) + 2/x₂"]),
        (["gradient", "x1^2 + x2^2", "--format", "text"], ["[2*x1, 2*x2]"]),
        (["hessian", "x1^2 + x2^2", "--format", "text"], ["[[2, 0], [0, 2]]"]),
        (["jacobian", "W @ x", "W:m,n x:n", "--wrt", "x", "--format", "text"], ["W"]),
        (
            ["jacobian", "phi(W @ x + b)", "W:m,n x:n b:m phi:->", "--wrt", "x", "--format", "text"],
            ["diag(diff(phi)(W @ x + b)) @ W"],
        ),
        (
            ["gradient", "f(x) @ g(x)", FUNCTIONS, "--wrt", "x", "--format", "text"],
            ["jac(f)(x).T @ g(x) + jac(g)(x).T @ f(x)"],
        ),
        (["jacobian", "h(g(x))", FUNCTIONS, "--wrt", "x", "--format", "text"], ["jac(h)(g(x)) @ jac(g)(x)"]),
    ],
)
def test_the_command_line_says_the_same(arguments: list[str], lines: list[str]) -> None:
    command = [sys.executable, "-m", "hesse", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    for line in lines:
        assert line in done.stdout
