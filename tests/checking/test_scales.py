"""Points of all scales and of odd denominators, and assumptions that a counterexample refutes."""

from __future__ import annotations

import pytest

import hesse as hs


@pytest.mark.parametrize(
    ("function", "declarations", "answer"),
    [
        ("abs(x - 1000)", "x:", "-1"),
        ("sum(where(abs(r) <= 100, r**2/2, 100*abs(r) - 5000))", "r:n", "r"),
        ("sigmoid(2000*x)", "x:", "1000*sigmoid(2000*x)*(1 - sigmoid(2000*x))"),
        ("x1*x2", "x1: x2:", "[x2 + relu(x1 - 777), x1]"),
    ],
)
def test_no_assumption_that_a_point_refutes(function: str, declarations: str, answer: str) -> None:
    found = hs.check(hs.parse(function, declarations), answer)
    assert found.verdict == "different" and found.counterexample.certified


@pytest.mark.parametrize(
    ("function", "declarations", "answer"),
    [
        ("tanh(1000*x)", "x:", "1 - tanh(1000*x)**2"),
        ("tanh(1000*x)", "x:", "0"),
        ("tanh(1000*x)", "x:", "-1000*(1 - tanh(1000*x)**2)"),
        ("tanh(100000*(x - 1/3))", "x:", "0"),
        ("tanh(100000*(sum(x) - 41/3))", "x:n", "zeros(n)"),
    ],
)
def test_steps_are_found_where_nearly_all_points_are_flat(function: str, declarations: str, answer: str) -> None:
    assert hs.check(hs.parse(function, declarations), answer).verdict == "different"


@pytest.mark.parametrize(
    ("function", "answer"),
    [("cos(64*pi*x)", "-sin(64*pi*x)"), ("cos(64*pi*x)", "0"), ("x**2", "2*x + sin(64*pi*x)")],
)
def test_points_are_not_all_binary_fractions(function: str, answer: str) -> None:
    assert hs.check(hs.parse(function, "x:"), answer).verdict == "different"


def test_right_answers_to_steep_functions_stay_right() -> None:
    assert hs.check(hs.parse("tanh(1000*x)", "x:"), "1000*(1 - tanh(1000*x)**2)").verdict == "equal (proved)"
    assert hs.check(hs.parse("tanh(1000*x)", "x:"), "1000/cosh(1000*x)**2").right


def test_a_function_without_values_is_undecided() -> None:
    found = hs.check(hs.parse("log(-x**2)", "x:"), "2/x")
    assert found.verdict == "undecided" and "have a value" in found.diagnosis
