"""Are two expressions the same function? Answered by their values at a few points."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from random import Random

from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.core.tensor import positions
from hesse.errors import ShapeError
from hesse.verify.arithmetic import Numbers
from hesse.verify.campaign import LARGE, Finding, Search
from hesse.verify.compare import TINY
from hesse.verify.reference import Environment, Program, Value, largest
from hesse.verify.sampling import SPREADS
from hesse.verify.verdict import Counterexample, Verification, digits

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
    question = _Question(a, b)
    return Search(declarations, question.look, question.affordable, extras=range(SPREADS)).verdict()


class _Question:
    """Two trees, and the number of points looked at."""

    def __init__(self, a: Syntax, b: Syntax) -> None:
        self._trees = a, b
        self._programs: tuple[Program, Program] | None = None
        self._spent = 0

    def affordable(self, times: int) -> bool:
        """Whether less than so many times the budget was spent."""
        return self._spent < times * BUDGET

    def look(self, environment: Environment) -> Finding:
        """What the point shows. Raises ShapeError where the first expression's shapes do not fit."""
        if self._programs is None:
            self._programs = Program(self._trees[0]), Program(self._trees[1])
        setting, values = tuple(environment.sizes.items()), environment.values
        first = self._programs[0].run(environment)
        a: Numbers = first[-1]
        self._spent += 2 * self._programs[0].cost(first, range(len(first)))
        try:
            second = self._programs[1].run(environment)
        except ShapeError:
            return Finding("differs", counterexample=Counterexample(setting, values, a.shape, None), final=True)
        b: Numbers = second[-1]
        if a.shape != b.shape:
            return Finding("differs", counterexample=Counterexample(setting, values, a.shape, b.shape), final=True)
        finding = _compared(environment, a, b, largest((*first, *second)))
        return self._confirmed(environment, (first, second), finding) if finding.kind == "differs" else finding

    def _confirmed(self, environment: Environment, runs: Sequence[Sequence[Value]], finding: Finding) -> Finding:
        """The difference, if it is well above what rounding changes in both values."""
        assert self._programs is not None
        found, random, noise = finding.counterexample, Random("noise"), 0.0
        assert found is not None
        assert found.entry is not None
        for program, values in zip(self._programs, runs, strict=True):
            exact = values[-1][found.entry]
            again = [program.jittered(values, environment, random)[found.entry] for _ in range(4)]
            noise += max(abs(value - exact) for value in again)
        assert isinstance(found.expected, float)
        assert isinstance(found.got, float)
        return finding if abs(found.expected - found.got) > 50 * noise else Finding("rough")


def _compared(environment: Environment, a: Numbers, b: Numbers, top: float) -> Finding:
    if not a.entries:
        return Finding("no point")
    if not all(map(math.isfinite, a.entries)):
        return Finding("outside")
    missing = next((place for place in positions(b.shape) if not math.isfinite(b[place])), None)
    if missing is not None:
        return Finding("no value", counterexample=_counterexample(environment, a, b, missing))
    noise = _ROUNDING * top
    gaps = {place: abs(a[place] - b[place]) for place in positions(a.shape)}
    sizes = {place: max(abs(a[place]), abs(b[place])) for place in positions(a.shape)}
    place = max(gaps, key=lambda place: gaps[place])
    if gaps[place] > DIFFERENT * sizes[place] and gaps[place] > 1000 * noise:
        return Finding("differs", counterexample=_counterexample(environment, a, b, place))
    size = max(sizes.values())
    if any(gaps[place] > SAME * sizes[place] + noise for place in gaps) or 0 < size < TINY * top:
        return Finding("rough")
    if size <= 1000 * noise:
        return Finding("vanishes" if top < LARGE else "rough", 15)
    return Finding("agrees", digits(gaps[place], size))


def _counterexample(environment: Environment, a: Numbers, b: Numbers, place: tuple[int, ...]) -> Counterexample:
    return Counterexample(tuple(environment.sizes.items()), environment.values, a[place], b[place], place)
