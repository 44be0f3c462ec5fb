"""Are two expressions the same function? Answered by their values at a few points."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from random import Random
from typing import Protocol

from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.core.tensor import positions
from hesse.errors import ShapeError
from hesse.verify.arithmetic import Numbers
from hesse.verify.campaign import LARGE, Finding, Search
from hesse.verify.compare import TINY
from hesse.verify.magnitudes import deviation, largest, smallest
from hesse.verify.reference import Environment, Program, Value
from hesse.verify.sampling import SPREADS, Sizes
from hesse.verify.verdict import Counterexample, Verification, digits

Place = tuple[int, ...]
BUDGET = 200_000
"""Entries computed, as in the verification of derivatives."""
SAME = 1e-9
"""Relative difference up to which two values are the same."""
DIFFERENT = 1e-6
"""Relative difference from which they are different."""
_ROUNDING = 64 * sys.float_info.epsilon


def verify_equal(a: Syntax, b: Syntax, declarations: Declarations) -> Verification:
    """Whether `b` has the value of `a`, at points where `a` has one; refuted by a point where the two differ. Whether
    `b` has values where `a` has none is the same question the other way round."""
    return verify_same(lambda: Program(a), lambda: Program(b), declarations)


class Steps(Protocol):
    """What a program offers: the values of its steps, the last of which is the result, and their rounding."""

    def run(self, environment: Environment) -> list[Value]:
        """The values of all steps at a point."""

    def cost(self, values: Sequence[Value], places: Iterable[int]) -> int:
        """About how many entries the steps at `places` handle."""

    def jittered(self, values: Sequence[Value], environment: Environment, random: Random) -> Numbers:
        """The result when every step is off by some rounding."""


def verify_same(
    a: Callable[[], Steps], b: Callable[[], Steps], declarations: Declarations, sizes: Sizes | None = None
) -> Verification:
    """The same question for two programs, for all sizes or for the given ones."""
    question = _Question(a, b)
    return Search(declarations, question.look, question.affordable, extras=range(SPREADS), sizes=sizes).verdict()


class _Question:
    """Two programs, and the work done on them."""

    def __init__(self, a: Callable[[], Steps], b: Callable[[], Steps]) -> None:
        self._makers = a, b
        self._spent = 0

    @cached_property
    def _programs(self) -> tuple[Steps, Steps]:
        a, b = self._makers
        return a(), b()

    def affordable(self, times: int) -> bool:
        """Whether less than so many times the budget was spent."""
        return self._spent < times * BUDGET

    def look(self, environment: Environment) -> Finding:
        """What the point shows. Raises ShapeError where the first expression's shapes do not fit."""
        first, second = self._programs
        left = first.run(environment)
        a: Numbers = left[-1]
        self._spent += 2 * first.cost(left, range(len(left)))
        try:
            right = second.run(environment)
        except ShapeError:
            return _differs(environment, a.shape, None)
        b: Numbers = right[-1]
        if a.shape != b.shape:
            return _differs(environment, a.shape, b.shape)
        if not a.entries:
            return Finding("no point")
        if not all(map(math.isfinite, a.entries)):
            return Finding("outside")
        missing = next((place for place in positions(b.shape) if not math.isfinite(b[place])), None)
        if missing is not None:
            return Finding("no value", counterexample=_counterexample(environment, a[missing], b[missing], missing))
        worst = max(positions(a.shape), key=lambda place: abs(a[place] - b[place]) / (_size(a, b, place) or 1))
        if abs(a[worst] - b[worst]) <= DIFFERENT * _size(a, b, worst):
            return _agreement(a, b, (*left, *right))
        if abs(a[worst] - b[worst]) <= 50 * self._noise(environment, (left, right), worst):
            return _agreement(a, b, (*left, *right))
        return Finding("differs", counterexample=_counterexample(environment, a[worst], b[worst], worst))

    def _noise(self, environment: Environment, runs: Sequence[Sequence[Value]], place: Place) -> float:
        """What rounding may change at a place, in both."""
        random, noise = Random("noise"), 0.0
        for program, values in zip(self._programs, runs, strict=True):
            again = [program.jittered(values, environment, random)[place] for _ in range(4)]
            noise += deviation(again, values[-1][place])
        return noise


def _size(a: Numbers, b: Numbers, place: Place) -> float:
    return max(abs(a[place]), abs(b[place]))


def _agreement(a: Numbers, b: Numbers, values: Sequence[Value]) -> Finding:
    """Agreement up to the rounding of the largest entry on the way, unless that is all there is to the values."""
    top = largest(values)
    noise = _ROUNDING * top
    sizes = [max(abs(x), abs(y)) for x, y in zip(a.entries, b.entries, strict=True)]
    gaps = [abs(x - y) for x, y in zip(a.entries, b.entries, strict=True)]
    if any(gap > SAME * size + noise for gap, size in zip(gaps, sizes, strict=True)):
        return Finding("rough")
    if max(sizes) > 1000 * noise:
        return Finding("agrees", digits(max(gaps), max(sizes)))
    return Finding("vanishes" if top < LARGE and smallest(values) > TINY else "rough", 15)


def _differs(environment: Environment, expected: Place, got: Place | None) -> Finding:
    counterexample = Counterexample(tuple(environment.sizes.items()), environment.values, expected, got)
    return Finding("differs", counterexample=counterexample, final=True)


def _counterexample(environment: Environment, expected: float, got: float, place: Place) -> Counterexample:
    return Counterexample(tuple(environment.sizes.items()), environment.values, expected, got, place)
