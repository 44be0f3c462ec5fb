"""The certified remainder holds at every sampled point, and it is tight."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest

import hesse as hs

from .functions import MOVING, SMOOTH, Case

SAMPLES = 1500
TEXTS = [case[0] for case in SMOOTH]


def _values(case: Case, step: list[float]) -> dict[str, Any]:
    """The point moved by a step."""
    _, declarations, at = case
    name = MOVING.get(declarations)
    floats = {key: np.array(value, dtype=float) for key, value in at.items()}
    moving = [name] if name else list(floats)
    rest = list(step)
    for key in moving:
        count = floats[key].size
        floats[key] = floats[key] + np.reshape(rest[:count], floats[key].shape)
        del rest[:count]
    return floats


def _largest(case: Case, model: Any, radius: float, norm: str) -> float:
    """The largest difference at many steps of the region, corners among them."""
    draw = random.Random(0)
    count = len(model.gradient.ravel()) if hasattr(model.gradient, "ravel") else 1
    f = hs.parse(case[0], case[1])
    found = 0.0
    for k in range(SAMPLES):
        step = [draw.choice((-1.0, 1.0)) if k % 3 == 0 else draw.uniform(-1, 1) for _ in range(count)]
        if norm == "2":
            length = math.hypot(*step) or 1.0
            step = [x / length * (1.0 if k % 2 else draw.random()) for x in step]
        step = [x * radius for x in step]
        found = max(found, abs(float(f.evaluate(**_values(case, step))) - float(model(step))))
    return found


@pytest.mark.parametrize("case", SMOOTH, ids=TEXTS)
@pytest.mark.parametrize(("order", "radius"), [(1, "0.1"), (2, "0.1"), (2, "0.25"), (3, "0.05")])
def test_the_bound_holds_and_is_tight(case: Case, order: int, radius: str) -> None:
    f = hs.parse(case[0], case[1])
    model = hs.taylor(f, at=case[2], order=order, wrt=MOVING.get(case[1]))
    found = model.remainder(radius)
    assert found.certified, found.missing
    seen = _largest(case, model, float(radius), "inf")
    rounding = 1e-13 * (abs(model.value) + 1)
    assert seen <= found.upper + rounding
    assert found.sampled <= found.upper
    # The sampled difference is one that occurs: it is not above what a search finds by much, nor below.
    assert found.sampled >= 0.98 * seen - rounding
    assert found.upper <= 1.011 * found.sampled + rounding


@pytest.mark.parametrize("case", SMOOTH[:12], ids=TEXTS[:12])
def test_the_bound_in_the_euclidean_norm(case: Case) -> None:
    f = hs.parse(case[0], case[1])
    model = hs.taylor(f, at=case[2], order=1)
    found = model.remainder("0.1", norm="2")
    seen = _largest(case, model, 0.1, "2")
    rounding = 1e-13 * (abs(model.value) + 1)
    assert seen <= found.upper + rounding
    assert found.upper <= 1.1 * found.sampled + rounding
    assert found.upper <= model.remainder("0.1").upper * (1 + 1e-12) + rounding


def test_the_survey_s_figures_are_reached() -> None:
    f = hs.parse(TEXTS[0])
    at = {"x1": 1, "x2": 2}
    truth = {(1, "0.5"): 24.244728855365, (2, "0.5"): 13.897276719335, (1, "0.1"): 0.476232, (2, "0.1"): 0.0623340,
             (1, "0.01"): 0.00419511, (2, "0.01"): 5.61258e-5}  # fmt: skip
    for (order, radius), exact in truth.items():
        upper = hs.taylor(f, at=at, order=order).remainder(radius).upper
        assert exact * (1 - 1e-5) <= upper <= exact * 1.005


def test_a_radius_keeps_the_tolerance() -> None:
    model = hs.taylor(hs.parse(TEXTS[0]), at={"x1": 1, "x2": 2})
    radius = model.radius(tolerance="0.01")
    assert model.remainder(radius).upper <= 0.01
    assert radius.fails_at < 1.01 * radius
    assert model.remainder(radius.fails_at).sampled > 0.01
    assert hs.taylor(hs.parse("x1 + 2*x2"), at=[1, 2], order=1).radius(tolerance=1e-6) >= 1e6


def test_orders_are_better_and_better() -> None:
    errors = hs.taylor(hs.parse("exp(x)", "x:"), at=0, order=6).errors("0.5")
    assert [each.order for each in errors] == list(range(7))
    assert all(later.upper < earlier.upper / 2 for earlier, later in pairwise(errors))


@pytest.mark.parametrize(
    ("text", "at", "radius", "words"),
    [
        ("log(x)", 1, 2, "x > 0"),
        ("1/x", 1, 1, "x != 0"),
        ("x/x", 1, 2, "x != 0"),
        ("sqrt(x)", 1, 2, "x >= 0"),
        ("sqrt(x)**2", 1, 2, "x >= 0"),
        ("tan(x)", 0, 2, "cos"),
    ],
)
def test_where_nothing_is_proved_the_answer_says_what_is_missing(text: str, at: Any, radius: Any, words: str) -> None:
    found = hs.taylor(hs.parse(text, "x:"), at=at).remainder(radius)
    assert not found.certified and found.upper == math.inf
    assert words in found.missing


def test_kinks_inside_the_region_are_bounded() -> None:
    found = hs.taylor(hs.parse("abs(x) + x**2", "x:"), at=1).remainder(2)
    # |x| at x = -1 is 1, the model's -1: they differ by 2.
    assert 2 <= found.upper <= 2.03
    assert hs.taylor(hs.parse("relu(x1 - x2)"), at=[1, 0]).remainder("0.25").upper < 1e-12


def test_a_kink_at_the_point_has_no_model() -> None:
    with pytest.raises(hs.ArgumentError, match="kink"):
        hs.taylor(hs.parse("abs(x)", "x:"), at=0).gradient  # noqa: B018


def test_a_point_outside_of_the_domain_is_refused() -> None:
    for text in ("log(x)", "x/x", "1/x"):
        with pytest.raises(hs.ArgumentError, match=r"not defined|no model"):
            hs.taylor(hs.parse(text, "x:"), at=0).value  # noqa: B018


@pytest.mark.parametrize("norm", ["2", "inf"])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_many_variables_through_structure(norm: str, order: int) -> None:
    draw = np.random.default_rng(1)
    at = {
        "X": draw.standard_normal((40, 17)),
        "y": np.sign(draw.standard_normal(40)),
        "w": 0.1 * draw.standard_normal(17),
    }
    for text in (
        "mean(log(1 + exp(-y*(X @ w))))",
        "norm(X @ w - y)**2 + 3*norm(w)**2",
        "logsumexp(X @ w) + sum(cos(w))",
    ):
        f = hs.parse(text, "X:m,n y:m w:n")
        model = hs.taylor(f, at=at, order=order, wrt="w")
        found = model.remainder(0.05, norm=norm)
        assert found.certified
        for _ in range(200):
            step = draw.standard_normal(17)
            step *= 0.05 / (np.linalg.norm(step) if norm == "2" else np.abs(step).max())
            difference = abs(f.evaluate(**{**at, "w": at["w"] + step}) - model(step))
            assert difference <= found.upper


def test_the_structured_bound_is_close_to_the_largest_eigenvalue() -> None:
    draw = np.random.default_rng(2)
    at = {
        "X": draw.standard_normal((200, 100)),
        "y": np.sign(draw.standard_normal(200)),
        "w": 0.1 * draw.standard_normal(100),
    }
    f = hs.parse("mean(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n")
    largest = np.linalg.eigvalsh(hs.hessian(f, "w").evaluate(**at))[-1]
    for radius, factor in ((0.001, 1.01), (0.01, 1.05), (0.1, 1.25)):
        bound = hs.taylor(f, at=at, order=1, wrt="w").remainder(radius, norm="2").upper / (radius**2 / 2)
        assert largest <= bound <= factor * largest


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize(
    "text",
    [
        "sum(abs(x))",
        "sum(step(x))",
        "sum(where(x > 0, x**2, 1 + x))",
        "sum(relu(x)*x)",
        "sum(maximum(x, 0)**2)",
        "sum(abs(x)**3)",
        "sum(((x + 1)**4)**0.25)",
        "norm(x)",
        "sum(clip(x, -1, 1))",
    ],
)
def test_kinks_of_many_variables_are_not_overlooked(text: str, order: int) -> None:
    draw = np.random.default_rng(3)
    f = hs.parse(text, "x:n")
    point = draw.standard_normal(9)
    model = hs.taylor(f, at=point, order=order)
    found = model.remainder(1.5)
    assert found.sampled <= found.upper
    for _ in range(100):
        step = draw.choice([-1.5, 1.5], 9)
        assert abs(f.evaluate(x=point + step) - model(step)) <= found.upper + 1e-12


def test_smooth_pieces_and_kinks_that_do_no_harm_keep_their_bounds() -> None:
    point = np.array([3.0, -4, 5, -6, 7, -8, 9])
    for text, order in (("sum(abs(x))", 2), ("sum(where(x > 0, x**2, 1 + x))", 2), ("sum(relu(x - 1)**2)", 1)):
        found = hs.taylor(hs.parse(text, "x:n"), at=point, order=order).remainder(1 if order == 2 else 4)
        assert found.certified, text
    assert not hs.taylor(hs.parse("sum(abs(x))", "x:n"), at=point).remainder(4).certified


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_rounding_of_the_coefficients_of_many_variables_is_bounded(order: int) -> None:
    # Cancellation: the floats of the model are wrong from the first digits on.
    point = [k / 8 for k in range(1, 9)]
    f = hs.parse("sqrt(1e16 + norm(x)**2) - 1e8", "x:n")
    model = hs.taylor(f, at=point, order=order)
    found = model.remainder("1e-4")
    with mpmath.workdps(60):
        value = mpmath.sqrt(10**16 + mpmath.mpf(sum(x * x for x in point))) - 10**8
        assert abs(value - model.value) <= found.upper


def test_polygamma_of_few_variables() -> None:
    found = hs.taylor(hs.parse("polygamma(2, x)", "x:"), at=2, order=2).remainder("0.5")
    with mpmath.workdps(40):
        half = mpmath.mpf(1) / 2
        model = sum(mpmath.polygamma(2 + k, 2) * (-half) ** k / mpmath.factorial(k) for k in range(3))
        assert abs(mpmath.polygamma(2, 2 - half) - model) <= found.upper <= 1.1 * found.sampled
