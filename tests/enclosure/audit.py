"""The containment audit: random functions and intervals against values at 300 bits.

A violation is definite: the value at a point of the interval, itself enclosed, lies outside of the bounds. What cannot
be decided is counted apart. `mpmath_exp` and `floats_exp` are negative controls, which the audit must catch.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import flint
import mpmath
from flint import arb, arb_series

from hesse.enclosure.balls import hull, working
from hesse.enclosure.rows import ENCLOSURES, NotSmooth

PRECISION = 300
POSITIVE = frozenset({"log", "gammaln", "digamma"})
Bounds = Callable[[float, float], tuple[float, float]]


def _kinked(left: Callable[[arb], arb], right: Callable[[arb], arb]) -> Callable[[arb], arb]:
    return lambda x: right(x) if x > 0 else left(x)


ORACLE: dict[str, Callable[[arb], arb]] = {
    "exp": lambda x: x.exp(),
    "expm1": lambda x: x.exp() - 1,
    "log": lambda x: x.log(),
    "log1p": lambda x: (1 + x).log(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "tan": lambda x: x.sin() / x.cos(),
    "arcsin": lambda x: x.asin(),
    "arccos": lambda x: x.acos(),
    "arctan": lambda x: x.atan(),
    "sinh": lambda x: (x.exp() - (-x).exp()) / 2,
    "cosh": lambda x: (x.exp() + (-x).exp()) / 2,
    "tanh": lambda x: (x.exp() - (-x).exp()) / (x.exp() + (-x).exp()),
    "sigmoid": lambda x: x.exp() / (1 + x.exp()),
    "softplus": lambda x: (1 + x.exp()).log(),
    "silu": lambda x: x * x.exp() / (1 + x.exp()),
    "abs": _kinked(lambda x: -x, lambda x: x),
    "sign": _kinked(lambda x: arb(-1) if x < 0 else arb(0), lambda x: arb(1)),
    "relu": _kinked(lambda x: arb(0), lambda x: x),
    "step": _kinked(lambda x: arb(0), lambda x: arb(1)),
    "erf": lambda x: x.erf(),
    "gelu": lambda x: x * (1 + (x / arb(2).sqrt()).erf()) / 2,
    "gammaln": lambda x: x.gamma().log(),
    "digamma": lambda x: x.digamma(),
}


@dataclass
class Audit:
    """What an audit found."""

    tallies: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def look(self, name: str, interval: tuple[float, float], points: list[float], bounds: Bounds) -> None:
        """Compare the bounds over an interval with values at points of it."""
        flint.ctx.prec = 80
        low, high = bounds(*interval)
        flint.ctx.prec = PRECISION
        for point in points:
            value = ORACLE[name](arb(point))
            if not value.is_finite():
                self.tallies["undecided"] += 1
            elif value < arb(low) or value > arb(high):
                self.tallies["violation"] += 1
                self.violations.append(f"{name} of {interval}: {value} at {point!r} is outside of [{low!r}, {high!r}]")
            else:
                inside = value >= arb(low) and value <= arb(high)
                self.tallies["contained" if inside else "undecided"] += 1

    def series(self, name: str, interval: tuple[float, float], point: float, length: int = 6) -> None:
        """Compare the coefficients over a ball with those at a point of it."""
        function = ENCLOSURES[name].series
        try:
            with working(length=length):
                wide = function(arb_series([hull(*interval), arb(1)]))
            with working(PRECISION, length):
                narrow = function(arb_series([arb(point), arb(1)]))
        except NotSmooth:
            self.tallies["kink"] += 1
            return
        for k, (outer, inner) in enumerate(
            zip(_coefficients(wide, length), _coefficients(narrow, length), strict=True)
        ):
            if not outer.is_finite() or not inner.is_finite():
                self.tallies["series undecided"] += 1
            elif outer.overlaps(inner):
                self.tallies["series contained"] += 1
            else:
                self.tallies["violation"] += 1
                self.violations.append(f"coefficient {k} of {name} over {interval}: {inner} at {point!r}, not {outer}")


def _coefficients(series: Any, length: int) -> list[arb]:
    found = [series] if isinstance(series, arb) else list(series.coeffs())
    return (found + [arb(0)] * length)[:length]


def intervals(seed: int) -> Iterator[tuple[str, tuple[float, float], list[float]]]:
    """Functions with intervals of all sizes and places, and points of each: its ends and some inside."""
    draw = random.Random(seed)
    names = sorted(ENCLOSURES)
    while True:
        name = draw.choice(names)
        center = draw.choice((-1, 1)) * 10 ** draw.uniform(-4, 2.6)
        width = abs(center) * 10 ** draw.uniform(-12, 1) if draw.random() < 0.7 else 10 ** draw.uniform(-6, 2)
        low, high = center - width * draw.random(), center + width * draw.random()
        if name in POSITIVE:
            low = max(low, 10 ** draw.uniform(-8, 0))
            high = max(low, high)
        elif name == "log1p":
            low = max(low, -1 + 10 ** draw.uniform(-8, 0))
            high = max(low, high)
        elif name in ("arcsin", "arccos"):
            low, high = sorted((math.sin(low), math.sin(high)))
        yield name, (low, high), [low, high, *(min(max(draw.uniform(low, high), low), high) for _ in range(3))]


def audit(seed: int, pairs: int) -> Audit:
    """The audit of so many pairs of a function and an interval."""
    found = Audit()
    before = flint.ctx.prec
    try:
        for _, (name, interval, points) in zip(range(pairs), intervals(seed), strict=False):
            found.look(name, interval, points, ENCLOSURES[name].bounds)
            if interval[1] - interval[0] < 0.5:
                found.series(name, interval, points[-1])
    finally:
        flint.ctx.prec = before
    return found


def mpmath_exp(low: float, high: float) -> tuple[float, float]:
    """exp by the intervals of mpmath, which leaves out the value at some points."""
    value = mpmath.iv.exp(mpmath.iv.mpf([low, high]))
    return float(value.a), float(value.b)


def floats_exp(low: float, high: float) -> tuple[float, float]:
    """exp in floats without outward rounding."""
    return math.exp(low), math.exp(high)
