"""Large values in memory that has become free: which statements are written, and that no value in use is lost."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.codegen import python
from hesse.codegen.reuse import reused
from hesse.codegen.terms import Term, Terms
from hesse.core.sizes import Size

SHAPE = (Size.of("m"), Size.of("n"))
ROW = (Size.of("m"), Size.of(1))


class Body:
    """Terms by name and the statements that bind them, for arguments x, y (m × n) and v (m × 1)."""

    def __init__(self) -> None:
        self.terms = Terms()
        self.names: dict[str, Term] = {}
        self.lines: list[str] = []
        self.x, self.y = (self.terms.variable(name, SHAPE) for name in "xy")
        self.v = self.terms.variable("v", ROW)

    def make(self, head: str, *arguments: Term, shape: tuple[Size, ...] = SHAPE) -> Term:
        """A term."""
        return self.terms.make(head, arguments, (), shape)

    def bind(self, name: str, term: Term, text: str) -> Term:
        """A statement that gives the term a name."""
        self.names[name] = term
        self.lines.append(f"{name} = {text}")
        return term

    def written(self, *values: str) -> list[str]:
        """The statements with memory taken, before expressions of these values."""
        body = reused(
            python.parse("\n".join(self.lines)), [python.parse_expression(value) for value in values], self.names
        )
        return [ast.unparse(statement) for statement in body]


def test_an_operand_that_is_not_needed_again_is_taken() -> None:
    body = Body()
    a = body.bind("a", body.make("exp", body.x), "np.exp(x)")
    body.bind("b", body.make("*", a, body.v), "a * v")
    assert body.written("np.sum(b)") == ["a = np.exp(x)", "b = np.multiply(a, v, out=a)"]
    assert body.written("np.sum(b)", "np.sum(a)") == body.lines


def test_an_operand_that_something_else_looks_into_stays() -> None:
    body = Body()
    a = body.bind("a", body.make("exp", body.x), "np.exp(x)")
    body.bind("t", body.make("transpose", a, shape=SHAPE[::-1]), "a.T")
    body.bind("b", body.make("*", a, body.v), "a * v")
    assert body.written("b @ t") == body.lines
    assert body.written("np.sum(b)")[-1] == "b = np.multiply(a, v, out=a)"


def test_arguments_stay() -> None:
    body = Body()
    body.bind("a", body.make("*", body.x, body.v), "x * v")
    body.bind("b", body.make("*", body.v, body.y), "v * y")
    assert body.written("a @ b") == body.lines


def test_nested_operations_are_done_one_after_the_other() -> None:
    body = Body()
    inner = body.make("-", body.make("*", body.x, body.y), body.v)
    body.bind("a", body.make("exp", inner), "np.exp(x * y - v)")
    assert body.written("a") == ["a = x * y", "a -= v", "a = np.exp(a, out=a)"]


def test_on_the_right_hand_side() -> None:
    body = Body()
    body.bind("a", body.make("-", body.v, body.make("exp", body.x)), "v - np.exp(x)")
    b = body.bind("b", body.make("sin", body.x), "np.sin(x)")
    body.bind("c", body.make("/", body.v, b), "v / b")
    assert body.written("a @ c") == [
        "a = np.exp(x)", "a = np.subtract(v, a, out=a)", "b = np.sin(x)", "c = np.divide(v, b, out=b)"
    ]  # fmt: skip


def test_an_operand_that_the_same_statement_needs_later_stays() -> None:
    body = Body()
    a = body.bind("a", body.make("exp", body.x), "np.exp(x)")
    body.bind("b", body.make("+", body.make("*", a, body.v), a), "a * v + a")
    assert body.written("b") == ["a = np.exp(x)", "b = a * v", "b += a"]


def test_an_operand_of_another_shape_stays() -> None:
    body = Body()
    a = body.bind("a", body.make("exp", body.v, shape=ROW), "np.exp(v)")
    body.bind("b", body.make("*", a, body.x), "a * x")
    assert body.written("b") == body.lines


CASES = [
    ("R = X[:,None,:] - C; E = exp(-R**2); sum(E*R + E) + sum((E*R)**2)", "X:N,d C:K,d"),
    ("R = tanh(X[:,None,:]*C); sum(R*(1 - R)*(2 + R)/(3 - R)) + sum(R**3)", "X:N,d C:K,d"),
    ("R = X[:,None,:] - C; S = sqrt(1 + R**2); sum(log(S) - R/S + S*exp(-S)) + sum(cos(R)*S)", "X:N,d C:K,d"),
    ("Z = X @ C.T; sum(exp(Z - max(Z))*Z + sin(Z)*cos(Z)/(2 + Z**2))", "X:N,d C:K,d"),
    ("Z = X @ C.T; sum(log(1 + exp(Z)) - y[:,None]*Z) + sum(softmax(Z, axis=1)*Z)", "X:N,d C:K,d y:N"),
]


@pytest.mark.parametrize(("text", "declarations"), CASES)
def test_values_are_those_of_the_plain_program(text: str, declarations: str) -> None:
    f = hs.parse(text, declarations)
    joint = hs.compile({"value": f, "gradient": hs.gradient(f, "C")})
    rng = np.random.default_rng(5)
    sizes = {"N": 9001, "d": 6, "K": 7}
    values: dict[str, Any] = {
        name: rng.normal(size=[sizes[str(size)] for size in shape]) for name, shape in f.variables.items()
    }
    copies = {name: value.copy() for name, value in values.items()}
    wanted = joint.run(*values.values())
    for name, value in joint(**values).items():
        np.testing.assert_allclose(value, wanted[name], rtol=1e-9, atol=1e-9)
    for name, value in values.items():
        np.testing.assert_array_equal(value, copies[name])
