"""Every function's enclosure contains the function, and an audit that would notice if it did not."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from flint import arb

import hesse as hs
from hesse.core.nodes import Elementwise
from hesse.core.tensor import Tensor
from hesse.enclosure.arithmetic import Undefined
from hesse.enclosure.balls import above, below, working
from hesse.enclosure.boxes import Box, Setting, as_model, models_over
from hesse.enclosure.eigenvalues import largest_eigenvalue, positive_semidefinite, sandwich, smallest_eigenvalue
from hesse.enclosure.intervals import Intervals
from hesse.enclosure.polynomials import polynomial_range, space
from hesse.enclosure.rows import ENCLOSURES
from hesse.functions import FUNCTIONS

from .audit import ORACLE, Audit, audit, floats_exp, mpmath_exp

COMPOSED = {"maximum", "minimum", "where", "power", "clip", "polygamma", "sqrt", "<", "<=", ">", ">=", "==", "!="}


def test_every_elementwise_row_is_enclosed() -> None:
    rows = {row.name for row in FUNCTIONS.values() if isinstance(row, Elementwise)}
    assert rows <= ENCLOSURES.keys() | COMPOSED
    assert ENCLOSURES.keys() == ORACLE.keys()


def test_no_bound_excludes_a_value() -> None:
    found = audit(seed=1, pairs=20_000)
    assert not found.violations
    assert found.tallies["contained"] > 80_000
    assert found.tallies["series contained"] > 20_000


def test_floats_without_outward_rounding_are_caught() -> None:
    found = Audit()
    draw = random.Random(2)
    for _ in range(200):
        point = draw.uniform(-3, 3)
        found.look("exp", (point, point), [point], floats_exp)
    assert found.violations


def test_intervals_that_are_not_rigorous_are_caught() -> None:
    found = Audit()
    draw = random.Random(3)
    for _ in range(20_000):
        point = draw.randrange(-(2**20), 2**20) / 2 ** draw.randrange(10, 24)
        found.look("exp", (point, point), [point], mpmath_exp)
    assert found.violations


def test_shrunken_bounds_are_caught() -> None:
    found = Audit()
    for name in sorted(ENCLOSURES):
        bounds = ENCLOSURES[name].bounds

        def shrunken(low: float, high: float, bounds: object = bounds) -> tuple[float, float]:
            first, last = bounds(low, high)  # type: ignore[operator]
            return first + 1e-9 * (last - first), last

        found.look(name, (0.3, 0.7), [0.3, 0.7, 0.5], shrunken)
    # Every function but the constant sign and step takes its least value at an end.
    assert len(found.violations) == len(ENCLOSURES) - 2


@pytest.mark.parametrize("seed", range(30))
def test_interval_arrays_contain_exact_results(seed: int) -> None:
    draw = random.Random(seed)

    def number() -> Fraction:
        return Fraction(draw.choice((-1, 1)) * 10 ** draw.uniform(-6, 6))

    ends = [sorted((number(), number())) for _ in range(2)]
    first, second = (
        Intervals(np.array([float(low)]), np.array([float(high)])) for low, high in ends
    )  # fmt: skip
    for shares in product((0, 0.25, 0.5, 1), repeat=2):
        a, b = (
            Fraction(float(low)) + Fraction(share) * (Fraction(float(high)) - Fraction(float(low)))
            for (low, high), share in zip(ends, shares, strict=True)
        )
        results = {
            "sum": (first + second, a + b),
            "product": (first.times(second), a * b),
            "square": (first.power(Fraction(2)), a**2),
            "cube": (first.power(Fraction(3)), a**3),
            "inverse": (first.power(Fraction(-1)), 1 / a if a else None),
            "scaled": (first.scaled(Fraction(1, 3)), a / 3),
        }
        for name, (interval, value) in results.items():
            if value is None:
                continue
            assert interval.low[0] == -np.inf or Fraction(interval.low[0]) <= value, name
            assert interval.high[0] == np.inf or value <= Fraction(interval.high[0]), name


@pytest.mark.parametrize(("count", "degree"), [(1, 12), (2, 6), (3, 4)])
def test_polynomial_ranges_contain_values_and_are_sharp(count: int, degree: int) -> None:
    draw = random.Random(count)
    of = space(count, degree)
    for _ in range(20):
        coefficients = [arb(draw.uniform(-1, 1)) for _ in of.exponents]
        low, high = polynomial_range(of, coefficients)
        seen = []
        for _ in range(300):
            point = [draw.choice((-1.0, 1.0, draw.uniform(-1, 1))) for _ in range(count)]
            terms = [
                float(c.mid()) * np.prod([u**e for u, e in zip(point, exponents, strict=True)])
                for exponents, c in zip(of.exponents, coefficients, strict=True)
            ]
            seen.append(float(np.sum(terms)))
        assert low <= min(seen) + 1e-12 and max(seen) <= high + 1e-12
        largest = max(abs(min(seen)), abs(max(seen)))
        assert max(-low, high) <= 1.15 * largest


FORMULAS = (
    ("x1**2 + exp(x1*x2) + 2*log(x2)", "", (1.0, 2.0)),
    ("sin(x1)*cos(x2)/(2 + x1*x2)", "", (0.3, -0.4)),
    ("tanh(x1 - x2) + sigmoid(3*x1) + softplus(x2)", "", (0.5, 0.2)),
    ("sqrt(1 + x1**2)*arctan(x2) + x1**-2", "", (1.5, 0.7)),
    ("maximum(x1, x2)**2 + abs(x1 - 0.1) + relu(x2)", "", (0.1, 0.1)),
    ("where(x1 > x2, x1, x2**2) + cosh(x1)", "", (0.2, 0.1)),
)


@pytest.mark.parametrize(("text", "declarations", "center"), FORMULAS)
@pytest.mark.parametrize("radius", [Fraction(1, 2), Fraction(1, 20)])
def test_taylor_models_contain_the_function(
    text: str, declarations: str, center: tuple[float, float], radius: Fraction
) -> None:
    f = hs.parse(text, declarations)
    values = {f"x{k + 1}": Tensor((), [Fraction(c)]) for k, c in enumerate(center)}
    setting = Setting(values, {}, {}, ("x1", "x2"))
    of = space(2, 5)
    with working():
        (found,) = models_over([f.node], setting, Box.around(2, radius), of)
        model = as_model(found.item, of)
        for steps in product((-1, -0.5, 0, 0.3, 1), repeat=2):
            (value,) = models_over(
                [f.node], setting, Box(tuple(radius * Fraction(s) for s in steps), (Fraction(0),) * 2), of
            )
            predicted = model.rest
            for exponents, coefficient in zip(of.exponents, model.coefficients, strict=True):
                predicted += coefficient * arb(steps[0] ** exponents[0] * steps[1] ** exponents[1])
            assert predicted.overlaps(arb(value.item))


def test_a_region_that_leaves_the_domain_is_said_to() -> None:
    f = hs.parse("log(x)", "x:")
    setting = Setting({"x": Tensor((), [Fraction(1)])}, {}, {}, ("x",))
    with working(), pytest.raises(Undefined, match="log"):
        models_over([f.node], setting, Box.around(1, Fraction(2)), space(1, 4))


@pytest.mark.parametrize("size", [1, 2, 5, 40])
def test_eigenvalue_bounds_hold_and_are_close(size: int) -> None:
    draw = np.random.default_rng(size)
    for spread in (0.0, 1e-9, 1e-3):
        a = draw.standard_normal((size, size))
        matrix = a + a.T
        low, high = matrix - spread, matrix + spread
        top, bottom = largest_eigenvalue(Intervals(low, high)), smallest_eigenvalue(Intervals(low, high))
        for _ in range(5):
            noise = draw.uniform(-spread, spread, (size, size)) if spread else np.zeros((size, size))
            values = np.linalg.eigvalsh(matrix + (noise + noise.T) / 2)
            assert values[-1] <= top + 1e-12 * abs(top) and bottom - 1e-12 * abs(bottom) <= values[0]
        exact = np.linalg.eigvalsh(matrix)
        assert top - exact[-1] <= 1e-9 * max(1, abs(exact[-1])) + 1.01 * size * spread


def test_an_indefinite_matrix_is_never_proved_semidefinite() -> None:
    draw = np.random.default_rng(0)
    for _ in range(200):
        a = draw.standard_normal((4, 3))
        singular = a @ a.T
        assert not positive_semidefinite(singular - 1e-9 * np.eye(4))
        assert positive_semidefinite(singular + 1e-9 * np.eye(4))


def test_a_sandwich_contains_the_product() -> None:
    draw = np.random.default_rng(0)
    rows, weights = draw.standard_normal((7, 3)), draw.uniform(0, 1, 7)
    found = sandwich(Intervals.of(rows), Intervals.of(weights))
    exact = [
        [
            sum(Fraction(w) * Fraction(r[i]) * Fraction(r[j]) for w, r in zip(weights, rows, strict=True))
            for j in range(3)
        ]
        for i in range(3)
    ]
    for i, j in product(range(3), repeat=2):
        assert Fraction(found.low[i, j]) <= exact[i][j] <= Fraction(found.high[i, j])
        assert found.high[i, j] - found.low[i, j] < 1e-12


def test_floats_bound_balls_from_outside() -> None:
    with working():
        third = arb(1) / 3
        assert arb(below(third)) < third < arb(above(third))
        assert below(arb.nan()) == -np.inf and above(arb.nan()) == np.inf
