"""Five probes of the core's shape: bands, matrix functions, gathers, another interpreter, mutation of a rule."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

import hesse as hs
from hesse.calculus.differentiate import derivative
from hesse.calculus.rules import PRODUCT, drop
from hesse.core.interpret import interpret
from hesse.core.nodes import Affine, Call, Contract, Elementwise, Node, Operation, Sum, Table, Variable
from hesse.core.tensor import Tensor
from hesse.core.traverse import postorder


def variable_of(f: hs.Expr, name: str) -> Variable:
    return next(node for node in postorder(f.node) if isinstance(node, Variable) and node.name == name)


# (a) A chain: the Hessian is tridiagonal by construction, for symbolic n.


def test_the_hessian_of_a_chain_is_tridiagonal_by_construction() -> None:
    f = hs.parse("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", "x:n")
    hessian = hs.hessian(f, "x")
    assert isinstance(hessian.node, Sum)
    for _, term in hessian.node.terms:
        assert isinstance(term, Contract)
        row, column = term.out
        assert isinstance(row, Affine) and isinstance(column, Affine)
        assert row.label == column.label
        assert abs((row.offset - column.offset).as_int() or 0) <= 1
    assert "tridiagonal" in hessian.structure

    x = np.array([0.3, -1.2, 0.7, 1.1, -0.4])
    expected = np.zeros((5, 5))
    for i in range(4):
        expected[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        expected[i + 1, i + 1] += 200
        expected[i, i + 1] = expected[i + 1, i] = -400 * x[i]
    np.testing.assert_allclose(hessian.evaluate(x=x), expected, rtol=1e-12)


# (b) The inverse: a four-axis derivative, and the product that people want to read.


def test_the_derivative_of_the_inverse() -> None:
    f = hs.parse("inv(X)", "X:n,n")
    jacobian = hs.jacobian(f, "X")
    assert jacobian.shape == ("n", "n", "n", "n")
    X = np.array([[2.0, 0.3, -0.4], [0.1, 1.5, 0.2], [0.7, -0.6, 1.8]])
    inverse = np.linalg.inv(X)
    expected = -np.einsum("ik,lj->ijkl", inverse, inverse)
    np.testing.assert_allclose(jacobian.evaluate(X=X), expected, rtol=1e-12)
    assert str(hs.jvp(f, "X", "V")) == "-inv(X) @ V @ inv(X)"


# (c) A gather and its adjoint, the scatter, are the same index with the sides exchanged.


def test_the_adjoint_of_a_gather_is_a_scatter() -> None:
    f = hs.parse("sum(w*c[idx]**2)", "c:n idx:p:index(n) w:p")
    gradient = hs.gradient(f, "c")
    tables = [axis for node in postorder(gradient.node) if isinstance(node, Contract) for axis in node.out]
    assert any(isinstance(axis, Table) for axis in tables)
    c, w, idx = np.array([1.0, -2.0, 0.5, 3.0]), np.array([0.3, 1.1, -0.7]), np.array([2, 0, 2])
    expected = np.zeros(4)
    np.add.at(expected, idx, 2 * w * c[idx])
    np.testing.assert_allclose(gradient.evaluate(c=c, w=w, idx=idx), expected, rtol=1e-12)


# (d) Another interpreter over the same graph: intervals, in toy arithmetic without directed rounding.


@dataclass(frozen=True)
class Interval:
    low: float
    high: float


_DECREASING = {"exp": False, "tanh": False, "sigmoid": False, "softplus": False, "log": False, "relu": False}


class Intervals:
    """Interval arithmetic for increasing functions."""

    def __init__(self, boxes: dict[str, Tensor[Interval]]) -> None:
        self.boxes = boxes

    def variable(self, node: Variable, shape: tuple[int, ...]) -> Tensor[Interval]:
        return self.boxes[node.name]

    def constant(self, name: str) -> Interval:
        value = math.pi if name == "pi" else math.e
        return Interval(value, value)

    def combine(self, terms: Sequence[tuple[Fraction, Interval]]) -> Interval:
        ends = [sorted((float(c) * entry.low, float(c) * entry.high)) for c, entry in terms]
        return Interval(sum(low for low, _ in ends), sum(high for _, high in ends))

    def multiply(self, factors: Sequence[Interval]) -> Interval:
        result = Interval(1.0, 1.0)
        for factor in factors:
            ends = [a * b for a in (result.low, result.high) for b in (factor.low, factor.high)]
            result = Interval(min(ends), max(ends))
        return result

    def power(self, base: Interval, exponent: Fraction) -> Interval:
        ends = [base.low ** float(exponent), base.high ** float(exponent)]
        crosses = exponent % 2 == 0 and base.low < 0 < base.high
        return Interval(0.0 if crosses else min(ends), max(ends))

    def apply(self, row: Elementwise, arguments: Sequence[Interval]) -> Interval:
        (argument,) = arguments
        assert not _DECREASING[row.name]
        return Interval(row.reference(argument.low), row.reference(argument.high))

    def operate(
        self, node: Operation, arguments: Sequence[Tensor[Interval]], shape: tuple[int, ...]
    ) -> Tensor[Interval]:
        raise NotImplementedError

    def call(self, node: Call, argument: Tensor[Interval], shape: tuple[int, ...]) -> Tensor[Interval]:
        raise NotImplementedError


def test_an_interval_interpreter_encloses_the_hessian() -> None:
    generator = random.Random(7)
    f = hs.parse("sum(log(1 + exp(-y*(X @ w)))) + norm(w)**2", "X:m,n y:m w:n")
    hessian = hs.hessian(f, "w")
    shapes = {"X": (3, 2), "y": (3,), "w": (2,)}
    centre = {name: Tensor.build(shape, lambda _: generator.uniform(-1, 1)) for name, shape in shapes.items()}
    boxes = {name: value.map(lambda x: Interval(x - 0.05, x + 0.05)) for name, value in centre.items()}
    enclosure = interpret(hessian.node, Intervals(boxes), {"m": 3, "n": 2})
    for _ in range(20):
        point = {
            name: value.map(lambda x: x + generator.uniform(-0.05, 0.05)).nested() for name, value in centre.items()
        }
        value = hessian.evaluate(**point)
        for place, entry in zip(np.ndindex(2, 2), enclosure.entries, strict=True):
            assert entry.low <= value[place] <= entry.high
    assert max(entry.high - entry.low for entry in enclosure.entries) < 2.0


# (e) A mutation: one term of one product rule dropped changes the result accordingly.


def test_an_override_drops_one_term_of_the_product_rule() -> None:
    f = hs.parse("x1*exp(x1*x2)", "x1: x2:")
    x1 = variable_of(f, "x1")
    site: Node = f.node
    assert isinstance(site, Contract)
    right = derivative(site, x1)
    wrong = derivative(site, x1, overrides={(site, PRODUCT.id): drop(0)})
    assert right is hs.parse("exp(x1*x2) + x1*x2*exp(x1*x2)", "x1: x2:").node
    assert wrong is hs.parse("x1*x2*exp(x1*x2)", "x1: x2:").node
    elsewhere = derivative(site, x1, overrides={(variable_of(f, "x2"), PRODUCT.id): drop(0)})
    assert elsewhere is right


@pytest.mark.parametrize("term", [0, 1])
def test_an_override_reaches_one_site_only(term: int) -> None:
    f = hs.parse("x1*x2 + x1*x3", "x1: x2: x3:")
    assert isinstance(f.node, Sum)
    site = f.node.terms[term][1]
    mutated = derivative(f.node, variable_of(f, "x1"), overrides={(site, PRODUCT.id): drop(0)})
    expected = "x3" if term == 0 else "x2"
    assert mutated is hs.parse(expected, "x1: x2: x3:").node
