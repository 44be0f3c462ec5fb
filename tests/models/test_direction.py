"""Directions: the certified interval against a root finder, zero slopes, domains, proofs without end."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

import hesse as hs

LECTURE = "x1^2 + exp(x1*x2) + 2*log(x2)"
PEANO = "(x2 - x1^2)*(x2 - 3*x1^2)"
ROSENBROCK = "(1 - x1)^2 + 100*(x2 - x1^2)^2"
mp = mpmath.mp.clone()
mp.dps = 50

Function = Callable[..., Any]
EXACT: dict[str, Function] = {
    LECTURE: lambda x1, x2: x1**2 + mp.exp(x1 * x2) + 2 * mp.log(x2),
    PEANO: lambda x1, x2: (x2 - x1**2) * (x2 - 3 * x1**2),
    ROSENBROCK: lambda x1, x2: (1 - x1) ** 2 + 100 * (x2 - x1**2) ** 2,
    "x1^2 + x2^2": lambda x1, x2: x1**2 + x2**2,
    "x1^2 - x2^2": lambda x1, x2: x1**2 - x2**2,
    "sin(x1) + cos(x2)": lambda x1, x2: mp.sin(x1) + mp.cos(x2),
    "x1*exp(-x1^2 - x2^2)": lambda x1, x2: x1 * mp.exp(-(x1**2) - x2**2),
    "log(x1) - x2": lambda x1, x2: mp.log(x1) - x2,
    "sqrt(x1)*x2": lambda x1, x2: mp.sqrt(x1) * x2,
    "x1/x2": lambda x1, x2: x1 / x2,
    "tanh(x1 - x2) + x1*x2": lambda x1, x2: mp.tanh(x1 - x2) + x1 * x2,
    "log(1 + exp(x1)) - x2^2": lambda x1, x2: mp.log(1 + mp.exp(x1)) - x2**2,
    "abs(x1) + x2": lambda x1, x2: abs(x1) + x2,
    "relu(x1)*x2 - x1": lambda x1, x2: max(x1, 0) * x2 - x1,
    "x1^4 - 3*x1^2 + x2": lambda x1, x2: x1**4 - 3 * x1**2 + x2,
    "cosh(x1) - x2^3": lambda x1, x2: mp.cosh(x1) - x2**3,
}

CASES: list[tuple[str, tuple[str, str], tuple[str, str]]] = [
    (LECTURE, ("1", "2"), ("1", "-1")),
    (LECTURE, ("1", "2"), ("-1", "1")),
    (LECTURE, ("1", "2"), ("-1", "2")),
    (LECTURE, ("1", "2"), ("0", "-1")),
    (LECTURE, ("1", "2"), ("-2", "-1")),
    (LECTURE, ("1.1", "1.7"), ("0.3", "-0.7")),
    (LECTURE, ("0.5", "0.5"), ("-1", "0")),
    (LECTURE, ("-1", "1"), ("1", "0")),
    (LECTURE, ("-1", "1"), ("1", "1")),
    (LECTURE, ("-0.5", "3"), ("-1", "-1")),
    (PEANO, ("0", "0"), ("1", "1")),
    (PEANO, ("0", "0"), ("1", "3")),
    (PEANO, ("0", "0"), ("2", "-1")),
    (PEANO, ("1", "2"), ("1", "0")),
    (PEANO, ("1", "2"), ("0", "1")),
    (PEANO, ("1", "2"), ("-1", "-1")),
    (ROSENBROCK, ("-1.2", "1"), ("1", "0")),
    (ROSENBROCK, ("-1.2", "1"), ("0", "1")),
    (ROSENBROCK, ("-1.2", "1"), ("2", "1")),
    (ROSENBROCK, ("0", "0"), ("1", "1")),
    (ROSENBROCK, ("1", "1"), ("1", "2")),
    ("x1^2 + x2^2", ("1", "1"), ("-1", "-1")),
    ("x1^2 + x2^2", ("1", "1"), ("-1", "0.5")),
    ("x1^2 + x2^2", ("3", "-4"), ("-1", "1")),
    ("x1^2 - x2^2", ("1", "1"), ("1", "2")),
    ("x1^2 - x2^2", ("2", "1"), ("-1", "0")),
    ("x1^2 - x2^2", ("0", "0"), ("1", "2")),
    ("sin(x1) + cos(x2)", ("0", "0"), ("1", "0")),
    ("sin(x1) + cos(x2)", ("0", "1"), ("1", "1")),
    ("sin(x1) + cos(x2)", ("2", "1"), ("-1", "2")),
    ("sin(x1) + cos(x2)", ("1.5", "0"), ("1", "1")),
    ("sin(x1) + cos(x2)", ("0", "0"), ("2", "3")),
    ("x1*exp(-x1^2 - x2^2)", ("0.1", "0"), ("1", "0")),
    ("x1*exp(-x1^2 - x2^2)", ("0.5", "0.5"), ("1", "-1")),
    ("x1*exp(-x1^2 - x2^2)", ("-1", "0.5"), ("1", "0.1")),
    ("x1*exp(-x1^2 - x2^2)", ("1", "1"), ("-1", "-1")),
    ("log(x1) - x2", ("1", "0"), ("1", "0.5")),
    ("log(x1) - x2", ("1", "0"), ("-1", "-2")),
    ("log(x1) - x2", ("2", "0"), ("-1", "-1")),
    ("log(x1) - x2", ("3", "1"), ("2", "0.1")),
    ("sqrt(x1)*x2", ("1", "1"), ("-1", "1")),
    ("sqrt(x1)*x2", ("1", "-1"), ("2", "1")),
    ("sqrt(x1)*x2", ("4", "1"), ("-1", "0.5")),
    ("x1/x2", ("1", "2"), ("1", "-1")),
    ("x1/x2", ("1", "2"), ("-1", "1")),
    ("x1/x2", ("-1", "1"), ("1", "-0.25")),
    ("tanh(x1 - x2) + x1*x2", ("0", "0"), ("1", "-1")),
    ("tanh(x1 - x2) + x1*x2", ("1", "0.5"), ("-1", "1")),
    ("tanh(x1 - x2) + x1*x2", ("0.3", "-0.2"), ("1", "-2")),
    ("log(1 + exp(x1)) - x2^2", ("0", "1"), ("1", "1")),
    ("log(1 + exp(x1)) - x2^2", ("0", "0"), ("1", "0.5")),
    ("log(1 + exp(x1)) - x2^2", ("-3", "0.1"), ("2", "1")),
    ("abs(x1) + x2", ("1", "0"), ("-1", "0.5")),
    ("abs(x1) + x2", ("2", "1"), ("-1", "-0.1")),
    ("relu(x1)*x2 - x1", ("1", "2"), ("-1", "0.3")),
    ("relu(x1)*x2 - x1", ("-1", "2"), ("1", "0.3")),
    ("x1^4 - 3*x1^2 + x2", ("0", "0"), ("1", "1")),
    ("x1^4 - 3*x1^2 + x2", ("1.3", "0"), ("-1", "0")),
    ("x1^4 - 3*x1^2 + x2", ("2", "0"), ("-1", "0.1")),
    ("cosh(x1) - x2^3", ("0", "1"), ("1", "1")),
    ("cosh(x1) - x2^3", ("0", "0"), ("1", "0.5")),
    ("cosh(x1) - x2^3", ("1", "-1"), ("-1", "0.5")),
    ("cosh(x1) - x2^3", ("2", "1"), ("-1", "-0.5")),
]  # fmt: skip


def _difference(text: str, at: tuple[str, str], along: tuple[str, str], t: Any) -> Any:
    """f(x + t d) - f(x) at 50 digits; None outside of the domain."""
    start = [mp.mpf(Fraction(x).numerator) / Fraction(x).denominator for x in at]
    step = [mp.mpf(Fraction(x).numerator) / Fraction(x).denominator for x in along]
    moved = [x + t * d for x, d in zip(start, step, strict=True)]
    try:
        value, base = EXACT[text](*moved), EXACT[text](*start)
    except (ValueError, ZeroDivisionError):
        return None
    if not isinstance(value, mp.mpf) or not mp.isfinite(value):
        return None
    return value - base


def _end(text: str, at: tuple[str, str], along: tuple[str, str], reach: float) -> float:
    """The first t at which the sign that small t have is lost, by a fine grid and bisection; inf up to the reach."""
    sign = mp.sign(_difference(text, at, along, mp.mpf(10) ** -6))
    low = mp.mpf(10) ** -6
    count = 4000
    for k in range(1, count + 1):
        high = mp.mpf(reach) * k / count
        value = _difference(text, at, along, high)
        if value is None or mp.sign(value) != sign:
            break
        low = high
    else:
        return math.inf
    for _ in range(160):
        middle = (low + high) / 2
        value = _difference(text, at, along, middle)
        if value is not None and mp.sign(value) == sign:
            low = middle
        else:
            high = middle
    return float(low)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]} {case[2]}")
def test_the_end_is_where_a_root_finder_finds_it(case: tuple[str, tuple[str, str], tuple[str, str]]) -> None:
    text, at, along = case
    d = hs.direction(hs.parse(text), at=list(at), along=list(along))
    sign = mp.sign(_difference(text, at, along, mp.mpf(10) ** -6))
    assert d.trend == ("increases" if sign > 0 else "decreases")
    reach = 100 / max(abs(Fraction(x)) for x in along)
    low, high = d.until
    # Look closely near the answer, so that the grid does not step over a root.
    end = _end(text, at, along, min(float(reach), 1.5 * high + 0.1))
    if math.isinf(end):
        assert low >= float(reach) or math.isinf(low)
    else:
        assert low <= end * (1 + 1e-12) and end * (1 - 1e-12) <= high
        assert high - low <= 1e-9 * high
    stop, _ = d.monotone.low, d.monotone.high
    assert stop <= low * (1 + 1e-9)


def test_slopes_are_exactly_zero_only_when_it_is_proved() -> None:
    f = hs.parse(LECTURE)
    d = hs.direction(f, at=[1, 2], along=[1, -2])
    assert d.slope == 0 and d.slope_bounds == (0, 0) and d.model_trend == "constant" and d.trend == "decreases"
    assert d.curvature == pytest.approx(-4 * math.exp(2), rel=1e-15)
    # The float direction that is orthogonal to the gradient at (1.1, 1.7): the slope is tiny and not zero.
    g = hs.gradient(f).evaluate(x1=1.1, x2=1.7)
    near = hs.direction(f, at=[1.1, 1.7], along=[float(g[1]), -float(g[0])])
    assert near.coefficients[0].sign in (1, -1) and 0 < abs(near.slope) < 1e-13
    assert near.slope_bounds[0] * near.slope_bounds[1] > 0
    assert near.model_trend != "constant"


def test_decimals_are_exact_and_floats_are_binary() -> None:
    f = hs.parse("(x - 0.1)^2", "x:")
    assert hs.direction(f, at="0.1", along=[1]).slope == 0
    binary = hs.direction(f, at=0.1, along=[1])
    assert binary.slope != 0 and abs(binary.slope) < 1e-16


def test_a_slope_below_every_working_precision_is_undecided() -> None:
    f = hs.parse("x*(exp(a) - exp(b))", "x: a: b:")
    d = hs.direction(f, at={"x": 0, "a": 1, "b": Fraction(1) + Fraction(1, 10**700)}, along=[1], wrt="x")
    assert d.trend == "undecided" and d.until == (0.0, math.inf)
    assert "not proved" in d.comparison or "certain" in d.comparison


@pytest.mark.parametrize(
    ("text", "at", "along", "order", "trend"),
    [
        (PEANO, [0, 0], [1, 0], 4, "increases"),
        (PEANO, [0, 0], [0, 1], 2, "increases"),
        (PEANO, [0, 0], [-3, 7], 2, "increases"),
        ("x1^3 + x2^4", [0, 0], [1, 0], 3, "increases"),
        ("x1^3 + x2^4", [0, 0], [-1, 0], 3, "decreases"),
        ("x1^3 + x2^4", [0, 0], [0, -1], 4, "increases"),
        ("cos(x1) + x1^2/2 + x2", [0, 0], [1, 0], 4, "increases"),
        ("exp(x1) - x1 - 1", [0], [1], 2, "increases"),
        ("tanh(x1) - x1", [0], [1], 3, "decreases"),
    ],
)
def test_the_first_order_that_does_not_vanish_decides(text: str, at: Any, along: Any, order: int, trend: str) -> None:
    d = hs.direction(hs.parse(text), at=at, along=along)
    assert (d.order, d.trend) == (order, trend)
    assert d.vanishing == tuple(range(1, order))
    assert d.model_trend == "constant"


def test_peano_is_a_minimum_along_lines_and_not_along_a_parabola() -> None:
    f = hs.parse(PEANO)
    for along in ([1, 0], [0, 1], [1, 1], [-1, 2], [3, -1]):
        assert hs.direction(f, at=[0, 0], along=along).trend == "increases"
    assert f.evaluate(x1=0.1, x2=0.02) < 0


@pytest.mark.parametrize(
    ("text", "at", "along"),
    [
        ("x1 - x2", [1, 2], [1, 1]),
        ("exp(x1*x2)", [2, 0], [1, 0]),
        ("log(x1 - x2)", [2, 1], [3, 3]),
        ("sin(x1)^2 + x2 - x2", [1, 1], [0, 1]),
    ],
)
def test_constant_along_the_line(text: str, at: Any, along: Any) -> None:
    d = hs.direction(hs.parse(text), at=at, along=along)
    assert d.trend == "constant" and d.until == (math.inf, math.inf)


@pytest.mark.parametrize(
    ("text", "at", "along"),
    [
        ("x1^2 + x2^2", [1, 1], [1, 1]),
        ("exp(x1) + x2", [0, 0], [1, 1]),
        ("x1 + x1^3", [0], [1]),
        ("x1^2 + x2^2", [0, 0], [1, -1]),
        ("log(1 + exp(x1))", [0], [1]),
        ("x1^4 + x1^2", [1], [2]),
    ],
)
def test_without_end_when_it_is_proved(text: str, at: Any, along: Any) -> None:
    assert hs.direction(hs.parse(text), at=at, along=along).until[0] == math.inf


def test_the_domain_ends_the_interval() -> None:
    d = hs.direction(hs.parse(LECTURE), at=[1, 2], along=[1, -2])
    assert d.until[0] <= 1 <= d.until[1] and d.until[1] - d.until[0] < 1e-12
    assert d.lasting.ends == "domain"
    pole = hs.direction(hs.parse("1/x", "x:"), at=1, along=[-1])
    assert pole.trend == "increases" and pole.lasting.ends == "domain" and pole.until[1] == 1


def test_what_cannot_be_decided_is_not_claimed() -> None:
    # cos comes back to its value at 2 pi and does not cross it.
    d = hs.direction(hs.parse("cos(x)", "x:"), at=0, along=[1])
    assert d.trend == "decreases"
    assert d.until[0] <= 2 * math.pi < d.until[1] == math.inf
    assert d.until[0] > 6.28318


def test_a_hundred_variables() -> None:
    draw = np.random.default_rng(3)
    at = {
        "X": draw.standard_normal((60, 100)),
        "y": np.sign(draw.standard_normal(60)),
        "w": 0.1 * draw.standard_normal(100),
    }
    f = hs.parse("mean(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n")
    slope = hs.gradient(f, "w").evaluate(**at)
    d = hs.direction(f, at=at, along=-slope, wrt="w")
    assert d.trend == d.model_trend == "decreases"
    assert d.slope == pytest.approx(-slope @ slope, rel=1e-12)
    assert d.curvature == pytest.approx(slope @ hs.hessian(f, "w").evaluate(**at) @ slope, rel=1e-11)
    low, high = d.until

    def moved(t: float) -> float:
        return float(f.evaluate(**{**at, "w": at["w"] - t * slope}) - f.evaluate(**at))

    if math.isfinite(high):
        assert moved(low * 0.999) < 0 < moved(high * 1.001)
    assert all(moved(t) < 0 for t in np.linspace(1e-6, min(0.9999 * low, 1e6), 50))


def test_several_directions_and_their_summary() -> None:
    found = hs.direction(hs.parse(LECTURE), at={"x1": 1, "x2": 2}, along={"d1": [1, -1], "d2": [-1, 1], "d3": [1, -2]})
    assert list(found) == ["d1", "d2", "d3"]
    assert [d.trend for d in found.values()] == ["increases", "decreases", "decreases"]
    assert [d.model_trend for d in found.values()] == ["increases", "decreases", "constant"]
    assert found["d1"].slope == pytest.approx(1 + math.exp(2), rel=1e-15)
    text = str(found)
    for words in ("0 exactly (proved)", "the domain ends by t = 1", "certified"):
        assert words in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"at": [1, 2], "along": [1]}, "1 entries"),
        ({"at": [1, 2], "along": [0, 0]}, "zero"),
        ({"at": [1, 2], "along": {}}, "no direction"),
        ({"at": [1, -2], "along": [1, 1]}, "x2 > 0"),
        ({"at": [1, 2], "along": ["a", 1]}, "not a finite number"),
    ],
)
def test_what_cannot_be_used_is_said(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(hs.ArgumentError, match=words):
        hs.direction(hs.parse(LECTURE), **arguments)


def test_vector_functions_and_undefined_functions_are_refused() -> None:
    with pytest.raises(hs.ArgumentError, match="scalar"):
        hs.direction(hs.parse("[x1, x2]"), at=[1, 2], along=[1, 1])
    with pytest.raises(hs.ArgumentError, match="undefined"):
        hs.direction(hs.parse("u(x)", "u:n-> x:n"), at=[1, 2], along=[1, 1])


@pytest.mark.parametrize(
    ("text", "at", "along", "end"),
    [
        ("x - 10*(x > 0.5)", 0, 1, 0.5),
        ("x - 10*where(x > 0.5, 1, 0)", 0, 1, 0.5),
        ("exp(x) - 10*(x >= 0.5)", 0, 1, 0.5),
        ("sign(x)", -1, 1, 1),
        ("where(x > 3, 1, 0)", 0, 1, 3),
        ("sign(sin(x))", 1, 1, math.pi - 1),
        ("log(sign(x) + 0.5)", 1, -1, 1),
    ],
)
def test_a_jump_ends_the_interval(text: str, at: float, along: float, end: float) -> None:
    low, high = hs.direction(hs.parse(text, "x:"), at=at, along=along).until
    assert low <= end <= high
    assert high - low < 1e-9


def test_a_constant_between_jumps_is_not_constant_forever() -> None:
    found = hs.direction(hs.parse("sign(x1)*sign(x2)"), at=[1, 1], along=[-1, -1])
    assert found.trend == "constant"
    assert found.until[0] <= 1


@pytest.mark.parametrize(
    "text", ["abs(x)", "relu(x)", "maximum(x, 0) + x", "where(x > 0, 0, 1) + x", "clip(x, 0, 1)", "norm([x, 2*x])"]
)
def test_at_a_kink_or_a_jump_there_is_no_slope(text: str) -> None:
    with pytest.raises(hs.ArgumentError, match="kink or a jump"):
        print(hs.direction(hs.parse(text, "x:"), at=0, along=1))


def test_numbers_beyond_the_floats() -> None:
    small = hs.direction(hs.parse("exp(-exp(x))", "x:"), at=7, along=1)
    assert small.slope < 0 < small.curvature
    assert "slope = between -" in str(small)
    assert "slope = between -inf and -1.8e+308" in str(hs.direction(hs.parse("exp(x)", "x:"), at=1000, along=-1))
    fast = hs.direction(hs.parse("sin(x)", "x:"), at=1, along="1e300")
    assert fast.trend == "increases"
    assert fast.until[0] < 1.15e-300
