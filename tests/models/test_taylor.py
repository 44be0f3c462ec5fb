"""The model as numbers and as an expression."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import hesse as hs

from .functions import MOVING, SMOOTH, Case

LECTURE = "x1^2 + exp(x1*x2) + 2*log(x2)"


def test_the_numbers_of_the_lecture() -> None:
    m = hs.taylor(hs.parse(LECTURE), at={"x1": 1, "x2": 2}, order=2)
    e2 = math.exp(2)
    assert m.value == pytest.approx(1 + e2 + 2 * math.log(2), rel=1e-15)
    assert m.gradient == pytest.approx([2 + 2 * e2, e2 + 1], rel=1e-15)
    assert m.hessian == pytest.approx(np.array([[4 * e2 + 2, 3 * e2], [3 * e2, e2 - 0.5]]), rel=1e-15)
    step = np.array([0.1, -0.1])
    assert m([0.1, -0.1]) == pytest.approx(m.value + m.gradient @ step + step @ m.hessian @ step / 2, rel=1e-14)


@pytest.mark.parametrize("case", SMOOTH, ids=[case[0] for case in SMOOTH])
def test_derivatives_agree_with_the_closed_forms(case: Case) -> None:
    f = hs.parse(case[0], case[1])
    wrt = MOVING.get(case[1])
    model = hs.taylor(f, at=case[2], order=3, wrt=wrt)
    floats = {name: np.array(value, dtype=float) for name, value in case[2].items()}
    assert model.value == pytest.approx(f.evaluate(**floats), rel=1e-13)
    assert np.allclose(model.gradient, hs.gradient(f, wrt).evaluate(**floats), rtol=1e-11, atol=1e-12)
    assert np.allclose(model.hessian, hs.hessian(f, wrt).evaluate(**floats), rtol=1e-10, atol=1e-11)
    third = hs.derivative(f, wrt, order=3).evaluate(**floats)
    assert np.allclose(model.derivative(3), third, rtol=1e-9, atol=1e-9)


def test_a_vector_function_has_a_linear_model() -> None:
    m = hs.taylor(hs.parse("[x1*x2, x1 + sin(x2), x2**3]"), at=[1, 2], order=1)
    assert m.value.shape == (3,) and m.jacobian.shape == (3, 2) and m.hessian.shape == (3, 2, 2)
    step = np.array([0.3, -0.2])
    assert m(step) == pytest.approx(m.value + m.jacobian @ step)
    with pytest.raises(hs.ArgumentError, match="jacobian"):
        m.gradient  # noqa: B018


def test_a_matrix_variable_keeps_its_shape() -> None:
    x = np.array([[1.0, 2.0, 0.5], [0.0, 1.0, 3.0]])
    f = hs.parse("sum(X**3)", "X:m,n")
    m = hs.taylor(f, at={"X": x}, order=2)
    assert m.gradient == pytest.approx(3 * x**2)
    assert m.hessian.shape == (2, 3, 2, 3)
    step = 0.1 * np.arange(6)
    assert m(step) == pytest.approx(
        np.sum(x**3) + np.sum(3 * x**2 * step.reshape(2, 3)) + np.sum(3 * x * step.reshape(2, 3) ** 2)
    )


@pytest.mark.parametrize("order", range(8))
def test_one_variable_of_any_order(order: int) -> None:
    m = hs.taylor(hs.parse("sin(x)", "x:"), at=0, order=order)
    series = sum((-1) ** (k // 2) * 0.3**k / math.factorial(k) for k in range(1, order + 1, 2))
    assert m(0.3) == pytest.approx(series, abs=1e-16)


def test_along_a_line() -> None:
    f = hs.parse(LECTURE)
    m = hs.taylor(f, at={"x1": 1, "x2": 2}, order=4, along=[1, -1])
    whole = hs.taylor(f, at={"x1": 1, "x2": 2}, order=4)
    assert m(0.1) == pytest.approx(whole([0.1, -0.1]), rel=1e-14)
    assert m.gradient == pytest.approx(whole.gradient @ [1, -1])
    assert m.remainder("0.1").upper <= whole.remainder("0.1").upper


@pytest.mark.parametrize(
    ("text", "declarations", "wrt"),
    [
        (LECTURE, "", None),
        ("norm(A @ x - b)**2", "A:m,n x:n b:m", "x"),
        ("tanh(W @ x + b)", "W:m,n x:n b:m", "W"),
        ("logsumexp(A @ x)", "A:m,n x:n", "x"),
        ("log(x)", "x:", None),
        ("u(x)", "u:n-> x:n", None),
    ],
)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_expression_is_the_model(text: str, declarations: str, wrt: str | None, order: int) -> None:
    f = hs.parse(text, declarations)
    expression = hs.taylor(f, order=order, wrt=wrt).expression
    assert hs.parse(str(expression), expression.declarations) == expression
    if f._declarations.functions:
        return
    draw = np.random.default_rng(order)
    sizes = {"m": 3, "n": 2}
    at = {name: draw.uniform(0.5, 1.5, tuple(sizes.get(s, s) for s in shape)) for name, shape in f.variables.items()}
    numbers = hs.taylor(f, at=at, order=order, wrt=wrt)
    steps = {}
    flat: list[float] = []
    for name, shape in expression.variables.items():
        if name not in f.variables:
            steps[name] = draw.uniform(-0.1, 0.1, tuple(sizes.get(s, s) for s in shape))
            flat += np.ravel(steps[name]).tolist()
    if not flat:
        flat = [0.0] * np.size(numbers.jacobian if f.shape == () else at[wrt or "x"])
    assert np.allclose(expression.evaluate(**at, **steps), numbers(flat), rtol=1e-12)


def test_around_a_point_is_the_same_polynomial() -> None:
    f = hs.parse("x*exp(x)", "x:")
    around = hs.taylor(f, order=3).around
    assert set(around.variables) == {"x", "a"}
    m = hs.taylor(f, at=0.5, order=3)
    assert around.evaluate(x=0.7, a=0.5) == pytest.approx(m(0.2), rel=1e-13)


def test_numbers_are_exact() -> None:
    f = hs.parse("x**2 - 0.01", "x:")
    for exact in ("0.1", Decimal("0.1"), Fraction(1, 10)):
        assert abs(hs.taylor(f, at=exact).value) < 1e-30
    assert hs.taylor(f, at=0.1).value == pytest.approx(float(Fraction(0.1) ** 2 - Fraction(1, 100)), rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"at": {"x1": 1}}, "x2 must have a value"),
        ({"at": {"x1": 1, "x2": 1, "z": 1}}, "not a declared variable"),
        ({"at": [1]}, "one value for each"),
        ({"at": {"x1": 1, "x2": "two"}}, "not a finite number"),
        ({"at": {"x1": 1, "x2": math.inf}}, "not a finite number"),
        ({"at": [1, 2], "order": -1}, "order"),
        ({"at": [1, 2], "order": 2.0}, "order"),
        ({"at": [1, 2], "along": [0, 0]}, "zero"),
        ({"at": [1, 2], "along": [1]}, "1 entries"),
        ({"along": [1, 1]}, "needs a point"),
    ],
)
def test_what_cannot_be_used_is_said(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(hs.ArgumentError, match=words):
        hs.taylor(hs.parse(LECTURE), **arguments)  # type: ignore[arg-type]


def test_a_step_of_another_length_is_refused() -> None:
    m = hs.taylor(hs.parse(LECTURE), at=[1, 2])
    with pytest.raises(hs.ArgumentError, match="3 entries"):
        m([1, 2, 3])
    for radius in (0, -1, math.nan, "a"):
        with pytest.raises(hs.ArgumentError):
            m.remainder(radius)  # type: ignore[arg-type]
    with pytest.raises(hs.ArgumentError, match="norm"):
        m.remainder(1, norm="1")  # type: ignore[arg-type]


def test_models_and_directions_show_themselves_in_notebooks() -> None:
    f = hs.parse("x1^2 + exp(x2)")
    model = hs.taylor(f, at={"x1": 1, "x2": 2})
    assert model._repr_latex_() == rf"$\displaystyle f(x + \varepsilon) \approx {model.expression.latex()}$"
    found = hs.direction(f, at=[1, 2], along={"up": [0, 1], "down": [0, -1]})
    assert repr(found) == str(found) and "f(x + t up) > f(x)" in found._repr_markdown_()
