"""Definitions, shared and deep trees, and what can be asked of the steps of a tree."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import numpy as np
import pytest

from hesse.core.syntax import Syntax
from hesse.verify.magnitudes import deviation
from hesse.verify.reference import Environment, Program, evaluate

from .trees import Tree, array, fn, lift, names, stacked, tensor, where_names

N: dict[str, Any] = {
    "A": np.array([[0.3, -1.2], [0.7, 0.4], [-0.9, 1.1]]),
    "x": np.array([0.8, -0.3]),
    "b": np.array([0.2, -0.6, 1.4]),
    "w": np.array([0.5, 1.5, 0.9, 1.1]),
    "c": np.float64(-1.7),
}
POINT = Environment({"m": 3, "n": 2}, {name: tensor(value) for name, value in N.items()})
A, b, c, i, n, w, x = names("A b c i n w x")


def _chain(length: int) -> tuple[Syntax, float]:
    """s = s*s + s, kept in range, with its value."""
    s, value = c / 2, -0.85
    for _ in range(length):
        s, value = (s * s + s) / 2, (value * value + value) / 2
    return s.syntax, value


def test_shared_subtrees_are_steps_once() -> None:
    tree, value = _chain(60)
    program = Program(tree)
    assert len(program.steps) < 60 * 3 + 5
    assert program.run(POINT)[-1].item == pytest.approx(value, rel=1e-12)


def test_deep_trees_do_not_recurse() -> None:
    tree, value = _chain(5000)
    assert evaluate(tree, POINT).item == pytest.approx(value, abs=1e-12)
    bindings = [("s", c / 2)] + [("s", (names("s")[0] ** 2 + names("s")[0]) / 2)] * 2000
    assert evaluate(where_names(bindings, names("s")[0]).syntax, POINT).item == pytest.approx(
        _chain(2000)[1], abs=1e-12
    )
    nested = c
    for _ in range(2000):
        nested = where_names([("s", nested + 1)], names("s")[0] * 0.5)
    assert evaluate(nested.syntax, POINT).item == pytest.approx(1.0)


def test_definitions_bind_in_order() -> None:
    r, q = names("r q")
    value = where_names([("r", A @ x - b), ("q", r * 2), ("r", q + r)], fn("sum", r) + q[0])
    residual = N["A"] @ N["x"] - N["b"]
    assert evaluate(value.syntax, POINT).item == pytest.approx((3 * residual).sum() + 2 * residual[0])


def test_shared_subtree_under_two_bindings_of_a_name() -> None:
    r = names("r")[0]
    square = r * r + c
    value = where_names([("r", c + 5), ("p", square), ("r", c + 7), ("q", square)], stacked(*names("p q"), square))
    expected = [3.3**2 - 1.7, 5.3**2 - 1.7, 5.3**2 - 1.7]
    assert evaluate(value.syntax, POINT).entries == pytest.approx(expected)


def test_shared_subtree_inside_and_outside_definitions() -> None:
    square = c * c
    inner = where_names([("c", lift(3))], square)
    value = stacked(
        square, inner, square, where_names([("c", inner), ("t", square), ("c", lift(0))], names("t")[0] + c)
    )
    assert evaluate(value.syntax, POINT).entries == pytest.approx([2.89, 9, 2.89, 81])


def test_definitions_inside_of_definitions_read_names_that_are_bound_again() -> None:
    r = names("r")[0]
    inner = where_names([("s", r * r), ("s", names("s")[0] + 1)], names("s")[0])
    value = where_names([("r", c + 5), ("p", inner), ("r", c + 7)], stacked(names("p")[0], inner))
    assert evaluate(value.syntax, POINT).entries == pytest.approx([3.3**2 + 1, 5.3**2 + 1])


def test_a_definition_hides_a_variable_and_an_unused_one_changes_nothing() -> None:
    value = where_names([("x", x * 2), ("unused", b + b)], x)
    np.testing.assert_allclose(array(evaluate(value.syntax, POINT)), 2 * N["x"])
    value = where_names([("y", x), ("unused", b + b)], names("y")[0])
    np.testing.assert_allclose(array(evaluate(value.syntax, POINT)), N["x"])


def test_rerun_changes_what_depends_on_the_name() -> None:
    tree = fn("sum", fn("exp", A @ x)) + fn("sum", fn("log", w)) * c
    program = Program(tree.syntax)
    values = program.run(POINT)
    places = program.dependents({"x"})
    moved = POINT.with_values({"x": tensor([0.3, -0.2])})
    assert program.rerun(values, places, moved).item == program.run(moved)[-1].item
    assert len(places) == 6  # x, A @ x, exp, sum, the sum of both, the value


def test_jitter_shows_what_is_rounding() -> None:
    """1 - t**2 for a saturated t is noise, x @ x is not; positions and sizes stay exact."""
    point = Environment({"n": 3}, {"x": tensor([20.0, 0.5, 19.0]), "i": tensor(np.array([2, 0]))})
    saturated = (1 - fn("tanh", x[i + 0]) ** 2) + 0 * fn("sum", fn("ones", n - 1))
    noise, exact = _noise(saturated, point)
    assert noise > 0.5 * exact
    noise, exact = _noise(x[n - 3 :] @ x, point)
    assert 0 < noise < 1e-14 * exact


def _noise(tree: Tree, point: Environment) -> tuple[float, float]:
    program = Program(tree.syntax)
    values = program.run(point)
    exact = values[-1].entries[-1]
    runs = [program.jittered(values, point, Random(seed)).entries[-1] for seed in range(5)]
    return deviation(runs, exact), abs(exact)


def test_deviation_of_a_run_without_a_value_is_infinite() -> None:
    assert deviation([1.0, 2.0], 1.5) == 0.5
    assert deviation([1.0, math.nan], 1.0) == math.inf
