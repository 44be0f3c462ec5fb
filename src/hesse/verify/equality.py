"""Are two expressions the same function? Answered by their values at a few points."""

from __future__ import annotations

import math
import sys

from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.core.tensor import positions
from hesse.errors import ShapeError
from hesse.verify.arithmetic import Numbers
from hesse.verify.campaign import LARGE, Finding, Search
from hesse.verify.compare import TINY
from hesse.verify.reference import Environment, Program, largest
from hesse.verify.sampling import SPREADS
from hesse.verify.verdict import Counterexample, Verification, digits

SAME = 1e-9
"""Relative difference up to which two values are the same."""
DIFFERENT = 1e-6
"""Relative difference from which they are different."""
_ROUNDING = 64 * sys.float_info.epsilon
_SHIFT = 1e-9


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
        self._points = 0

    def affordable(self) -> bool:
        """Points are cheap."""
        return self._points < 100

    def look(self, environment: Environment) -> Finding:
        """What the point shows. Raises ShapeError where the first expression's shapes do not fit."""
        self._points += 1
        if self._programs is None:
            self._programs = Program(self._trees[0]), Program(self._trees[1])
        setting, values = tuple(environment.sizes.items()), environment.values
        first = self._programs[0].run(environment)
        a: Numbers = first[-1]
        try:
            second = self._programs[1].run(environment)
        except ShapeError:
            return Finding("differs", counterexample=Counterexample(setting, values, a.shape, None), final=True)
        b: Numbers = second[-1]
        if a.shape != b.shape:
            return Finding("differs", counterexample=Counterexample(setting, values, a.shape, b.shape), final=True)
        finding = _compared(environment, a, b, largest((*first, *second)))
        return self._confirmed(environment, finding) if finding.kind == "differs" else finding

    def _confirmed(self, environment: Environment, finding: Finding) -> Finding:
        """The difference, if a tiny step leaves it as it is: that of ill-conditioned formulas would change."""
        assert self._programs is not None
        found = finding.counterexample
        assert found is not None
        assert found.entry is not None
        moved = environment.with_values({name: _shifted(value) for name, value in environment.values.items()})
        a, b = (program.run(moved)[-1][found.entry] for program in self._programs)
        assert isinstance(found.expected, float)
        assert isinstance(found.got, float)
        gap = found.expected - found.got
        return finding if abs(a - b - gap) <= 0.01 * abs(gap) else Finding("rough")


def _shifted(value: Numbers) -> Numbers:
    return value.map(lambda entry: entry if isinstance(entry, int) else entry * (1 + _SHIFT))


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
