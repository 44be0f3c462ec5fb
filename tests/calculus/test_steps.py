"""Recorded steps are true equations, and rules can be replaced at a site."""

from __future__ import annotations

import pytest

import hesse as hs
from hesse.calculus.differentiate import backward, derivative, forward, identity
from hesse.core.derivation import Step
from hesse.core.nodes import Derivative, Node, Variable
from hesse.core.rebuild import transform
from hesse.core.traverse import postorder
from hesse.service.expression import Expr
from hesse.service.result import Result

CASES = [
    ("x1*exp(x1*x2) + log(x2)", "x1: x2:", "x1"),
    ("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n", "w"),
    ("norm(A @ x - b)", "A:m,n x:n b:m", "x"),
    ("logsumexp(W @ softmax(x))", "W:m,n x:n", "x"),
    ("r = A @ x - b; sum(r**2)/2", "A:m,n x:n b:m", "x"),
    ("l(g(x))*x[0]", "l:m-> g:n->m x:n", "x"),
    ("trace(inv(X) @ A)", "X:n,n A:n,n", "X"),
]


def recorded(f: hs.Expr, name: str) -> tuple[list[Step], Variable, Node]:
    x = next(node for node in postorder(f.node) if isinstance(node, Variable) and node.name == name)
    steps: list[Step] = []
    result = backward(f.node, (x,), identity(f.node.shape), record=steps)[x]
    return steps, x, result


def carried_out(node: Node) -> Node:
    return transform(node, lambda n: derivative(n.node, n.variable) if isinstance(n, Derivative) else n)


@pytest.mark.parametrize(("text", "declarations", "name"), CASES)
def test_every_step_is_a_true_equation(text: str, declarations: str, name: str) -> None:
    f = hs.parse(text, declarations)
    steps, _, _ = recorded(f, name)
    assert len(steps) >= 2
    for step in steps:
        left = Expr(Result(carried_out(step.left)), f._declarations, step.left.shape)
        right = Expr(Result(carried_out(step.right)), f._declarations, step.right.shape)
        assert left == right, step.rule


@pytest.mark.parametrize(("text", "declarations", "name"), CASES)
def test_the_first_step_is_at_the_function_and_the_forward_sweep_agrees(
    text: str, declarations: str, name: str
) -> None:
    f = hs.parse(text, declarations)
    steps, x, result = recorded(f, name)
    assert steps[0].site is f.node
    pushed = forward(f.node, {x: identity(x.shape)})
    assert Expr(Result(pushed), f._declarations, pushed.shape) == Expr(Result(result), f._declarations, result.shape)
