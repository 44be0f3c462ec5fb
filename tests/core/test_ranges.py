"""Ranges of values against values: every operation, and every row that gives bounds."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from fractions import Fraction

import pytest

from hesse.core.nodes import Elementwise, Operator
from hesse.core.ranges import ANY, JUST_ZERO, POSITIVE, UNIT, Range, largest, smallest
from hesse.functions import FUNCTIONS

ENDS = [None, Fraction(-2), Fraction(-1, 2), Fraction(0), Fraction(1, 2), Fraction(3)]
RANGES = [
    Range(low, high, above and low is not None, below and high is not None)
    for low, high in itertools.product(ENDS, ENDS)
    for above, below in itertools.product((False, True), repeat=2)
    if low is None or high is None or low < high
]
ROWS = [row for row in FUNCTIONS.values() if isinstance(row, (Elementwise, Operator)) and row.bounds is not None]


def inside(values: Range, x: float) -> bool:
    low, high = values.low, values.high
    over = low is None or x > low or (x == low and not values.above)
    return over and (high is None or x < high or (x == high and not values.below))


def members(values: Range) -> Iterator[Fraction]:
    candidates = [Fraction(k, 4) for k in range(-20, 21)] + [Fraction(-1000), Fraction(1000), Fraction(1, 1000)]
    return (x for x in candidates if inside(values, x))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(40))
def test_sums_products_and_hulls_hold_all_values(seed: int) -> None:
    generator = random.Random(seed)
    for _ in range(20):
        a, b = generator.choice(RANGES), generator.choice(RANGES)
        for x, y in itertools.product(itertools.islice(members(a), 12), itertools.islice(members(b), 12)):
            assert inside(a + b, x + y) and inside(a * b, x * y) and inside(-a, -x)  # type: ignore[arg-type]
            assert inside(a.hull(b), x) and inside(a.hull(b), y)  # type: ignore[arg-type]
            assert inside(largest(a, b), max(x, y)) and inside(smallest(a, b), min(x, y))  # type: ignore[arg-type]
            assert inside(a.magnitude(), abs(x))  # type: ignore[arg-type]


@pytest.mark.parametrize("exponent", [Fraction(k, d) for k in (-4, -3, -2, -1, 1, 2, 3, 4) for d in (1, 2, 3)])
def test_powers_hold_all_values(exponent: Fraction) -> None:
    for values in RANGES:
        raised = values.power(exponent)
        for x in members(values):
            if (x == 0 and exponent < 0) or (x < 0 and exponent.denominator != 1):
                continue
            result = x ** int(exponent) if exponent.denominator == 1 else float(x) ** float(exponent)
            loose = exponent.denominator != 1 and any(
                bound is not None and math.isclose(result, bound) for bound in (raised.low, raised.high)
            )
            assert loose or inside(raised, result), (values, exponent, x)  # type: ignore[arg-type]


def test_bounds_are_tight_where_signs_need_it() -> None:
    assert (UNIT * UNIT) == UNIT
    assert (POSITIVE * POSITIVE).positive and (POSITIVE + UNIT).positive
    assert not (POSITIVE * Range(Fraction(0))).positive and (POSITIVE * Range(Fraction(0))).nonnegative
    assert Range(Fraction(-1), Fraction(1)).power(Fraction(2)) == UNIT
    assert ANY.power(Fraction(-2)).positive and (ANY * JUST_ZERO) == JUST_ZERO


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_rows_keep_their_bounds(row: Elementwise | Operator) -> None:
    """For arguments on both sides of zero, and on either."""
    generator = random.Random(f"bounds {row.name}")
    for argument in (ANY, POSITIVE, -POSITIVE, Range(Fraction(0)), -Range(Fraction(0)), UNIT):
        for _ in range(60):
            arity = row.arity if isinstance(row, Elementwise) else generator.choice((1, 2, 3))
            points = [x for x in (generator.uniform(-3, 3), 0.0, 1.0, -1.0) if inside(argument, x)]
            if not points:
                continue
            entries = [generator.choice(points) for _ in range(arity)]
            assert row.bounds is not None
            try:
                value = row.reference(*entries) if isinstance(row, Elementwise) else row.reference(entries)
            except (ValueError, ZeroDivisionError, OverflowError):
                continue
            bounds = row.bounds(*[argument] * arity) if isinstance(row, Elementwise) else row.bounds(argument)
            if row.name == "power" and entries[0] <= 0:
                continue
            for each in value if isinstance(value, list) else [value]:
                assert inside(bounds, each), (argument, entries, each)
