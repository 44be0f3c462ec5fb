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


@pytest.mark.parametrize(
    ("function", "declarations", "answer", "told"),
    [
        (
            "exp(x)",
            "x:",
            "e^x + 1e-900*x",
            "is 0.1353352832366127 - 2e-900, it should be 0.1353352832366127",
        ),
        ("sum(exp(x))", "x:n", "exp(x)*(1 + 1e-500*erf(x))", "- 4.9786e-502, it should be"),
        ("sum(sin(x))", "x:n", "cos(x) + exp(-exp(10))*x", "- 3.19573e-9566, it should be"),
        ("exp(-1000 - x**2)", "x:", "-x*exp(-1000 - x**2)", "is 1.85939e-436, it should be 3.71878e-436 (certified)"),
        ("0*x + 3", "x:", "1e-200*1e-200*x", "is -2e-400, it should be 0"),
        ("1e-300*x**2", "x:", "0", "is 0, it should be -4e-300 (certified)"),
        ("u(x)", "u:n-> x:n", "grad(u)(x) + 1e-30*x", "- 3e-30, it should be"),
    ],
)
def test_tiny_differences_are_differences(function: str, declarations: str, answer: str, told: str) -> None:
    found = hs.check(hs.parse(function, declarations), answer, wrt="x")
    assert found.verdict == "different" and told in str(found)


@pytest.mark.parametrize(
    ("function", "declarations", "answer"),
    [
        ("1e-300*prod(x)", "x:n:pos", "1e-300*exp(sum(log(x)))/x"),
        ("exp(-700 - x**2)", "x:", "-2*x*exp(-700)/exp(x**2)"),
        ("u(3*x + 1)/3", "u:n-> x:n", "grad(u)(1 + x + x + x)"),
        ("sum(log(1 + exp(x)))", "x:n", "1 - 1/(1 + exp(x))"),
    ],
)
def test_tiny_values_are_values(function: str, declarations: str, answer: str) -> None:
    assert hs.check(hs.parse(function, declarations), answer, wrt="x").right


@pytest.mark.parametrize("answer", ["2*A.T @ (A @ x - b)*where(m == n, 0, 1)", "A.T @ (A @ x - b)*min(m, 2)"])
def test_factors_that_are_zero_at_some_sizes_are_no_defect(answer: str) -> None:
    assert hs.check(hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m"), answer, "x").verdict == "different"
