"""The answer and the true derivative at points: in floats by the plain evaluator, and in balls where they part."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Literal, TypeAlias

from hesse.checking.domains import WrittenParts
from hesse.checking.expansion import expanded
from hesse.checking.numbers import Kinks, difference
from hesse.checking.points import Point
from hesse.checking.verdict import Counterexample
from hesse.checking.verdict import wide as _wide
from hesse.core.deadline import OutOfTimeError
from hesse.core.nodes import Node
from hesse.core.syntax import Syntax
from hesse.core.tensor import Tensor, positions
from hesse.enclosure import apart
from hesse.errors import HesseError, LimitError, ShapeError
from hesse.notation.back import to_syntax
from hesse.simplify.engine import simplify
from hesse.verify.magnitudes import deviation, largest, overflows, smallest
from hesse.verify.reference import Program, Value

Kind: TypeAlias = Literal["agrees", "differs", "rough", "no value", "outside", "misshapen"]
SAME = 1e-10
"""Relative difference up to which two floats are the same."""
DIFFERENT = 1e-6
"""Relative difference from which two floats are different when balls cannot tell."""
LARGE = 1e300
NEGLIGIBLE = sys.float_info.min
"""Smaller floats have few digits, or none."""
OVERFLOWING = 1e60
UNDERFLOWING = 1e-305
OVERFLOW = "numbers on the way to its value are beyond the range of floats, and of balls"
MAX_BEYOND = 12
"""At how many points at which floats overflow balls are asked."""
_RUNS = 3
_RUNS_OF_DIFFERENCE = 8


@dataclass(frozen=True, slots=True)
class Sight:
    """What one point showed; `place` is the entry with the largest difference, `obstacle` the limit beyond which
    the answer is, `gap` the difference where it is known by itself."""

    kind: Kind
    point: Point
    expected: Tensor[float] | None = None
    got: Tensor[float] | None = None
    place: tuple[int, ...] | None = None
    digits: int = 0
    proof: apart.Enclosures | None = None
    obstacle: str = ""
    gap: float | None = None

    @property
    def idle(self) -> bool:
        """Whether the derivative is zero here, perhaps by underflow: agreement at such points says little."""
        return self.expected is None or all(abs(entry) < NEGLIGIBLE for entry in self.expected.entries)

    @property
    def faint(self) -> bool:
        """Whether the difference is one that floats do not show."""
        if self.expected is None or self.got is None or self.expected.shape != self.got.shape:
            return False
        return all(_gap(a, b) <= SAME for a, b in zip(self.expected.entries, self.got.entries, strict=True))

    @property
    def largest_gap(self) -> float:
        """The largest difference of two entries in floats."""
        if self.expected is None or self.got is None:
            return 0.0
        return max((abs(a - b) for a, b in zip(self.expected.entries, self.got.entries, strict=False)), default=0.0)

    @property
    def counterexample(self) -> Counterexample:
        """The point, the entry and both values."""
        assert self.expected is not None and self.got is not None
        place = self.place if self.place is not None else ()
        expected, got = _finite(self.expected[place]), _finite(self.got[place])
        if self.proof is None or self.proof.place is None:
            return Counterexample(self.point.values, self.point.sizes, place, expected, got, difference=self.gap)
        proof = self.proof
        return Counterexample(
            self.point.values,
            self.point.sizes,
            place,
            _middle(proof.expected),
            _middle(proof.got),
            True,
            proof.expected,
            proof.got,
            proof.difference,
            proof.spelled,
        )


class Pair:
    """Two expressions of the same shape, to be looked at point by point; the function says where they matter."""

    def __init__(
        self,
        function: Syntax,
        expected: tuple[Syntax, Node],
        got: tuple[Syntax, Node],
        kinks: Kinks,
        parts: WrittenParts,
    ) -> None:
        self._function = function
        self._expected, self.expected_node = expected
        self._got, self.got_node = got
        self.kinks = kinks
        self._parts = parts
        self._beyond = 0

    @cached_property
    def _programs(self) -> tuple[Program, Program, Program]:
        return Program(self._function), Program(self._expected), Program(self._got)

    def look(self, point: Point) -> Sight:
        """What the point shows."""
        function, expected, got = self._programs
        try:
            if not self.kinks.clear(point):
                return Sight("outside", point)
            for program in (function, expected):
                one = program.run(point.environment)
                if not _all_finite(one[-1]):
                    return self._beyond_floats(point, one)
        except OutOfTimeError:
            raise
        except HesseError:
            return Sight("outside", point)
        try:
            other = got.run(point.environment)
        except ShapeError:
            return Sight("misshapen", point, one[-1])
        except OutOfTimeError:
            raise
        except LimitError as error:
            return Sight("outside", point, obstacle=error.message)
        except HesseError:
            return Sight("outside", point)
        return self._judged(point, one, other)

    def _beyond_floats(self, point: Point, values: Sequence[Value]) -> Sight:
        """Where floats overflow, and say nothing: a difference that balls prove."""
        proof = None
        if self._beyond < MAX_BEYOND and (overflows(values) or largest(values) > LARGE):
            self._beyond += 1
            proof = apart.compared(self.expected_node, self.got_node, point.exact)
        if proof is None or proof.place is None:
            return Sight("outside", point)
        unknown = self._programs[1].run(point.environment)[-1].map(lambda entry: math.nan)
        return Sight("differs", point, unknown, unknown, proof.place, proof=self._narrowed(proof, point))

    def _judged(self, point: Point, one: Sequence[Value], other: Sequence[Value]) -> Sight:
        a: Tensor[float] = one[-1]
        b: Tensor[float] = other[-1]
        if a.shape != b.shape:
            return Sight("misshapen", point, a, b)
        if not a.entries:
            return Sight("outside", point)
        if not _all_finite(b):
            return self._without_value(point, a, other)
        gaps = {place: _gap(a[place], b[place]) for place in positions(a.shape)}
        worst = next((place for place in gaps if gaps[place] > DIFFERENT), max(gaps, key=gaps.__getitem__))
        if gaps[worst] <= SAME:
            digits = apart.FLOAT_DIGITS if gaps[worst] == 0 else math.floor(-math.log10(gaps[worst]))
            return Sight("agrees", point, a, b, digits=min(apart.FLOAT_DIGITS, digits))
        proof = apart.compared(self.expected_node, self.got_node, point.exact, apart.PRECISIONS[:2])
        if proof.place is not None:
            place = worst if gaps[worst] > DIFFERENT else proof.place
            return Sight("differs", point, a, b, place, proof=self._narrowed(self._about(proof, place, point), point))
        if proof.known and not proof.undefined:
            return Sight("agrees", point, a, b, digits=proof.digits)
        return self._in_floats(point, one, other, worst)

    def _about(self, proof: apart.Enclosures, place: tuple[int, ...], point: Point) -> apart.Enclosures | None:
        """The proof, if it is about that entry."""
        return proof if proof.place == place else apart.at(self.expected_node, self.got_node, point.exact, place)

    def _narrowed(self, proof: apart.Enclosures | None, point: Point) -> apart.Enclosures | None:
        """The proof with both values known to the digits that are printed, if the precisions that are tried do."""
        for precision in apart.PRECISIONS[1:]:
            if proof is None or proof.place is None or not (_wide(proof.expected) or _wide(proof.got)):
                return proof
            proof = apart.at(self.expected_node, self.got_node, point.exact, proof.place, precision) or proof
        return proof

    def _in_floats(self, point: Point, one: Sequence[Value], other: Sequence[Value], worst: tuple[int, ...]) -> Sight:
        """The verdict of floats where balls say nothing: a difference must stand out of the rounding."""
        a, b = one[-1], other[-1]
        gap, size = abs(a[worst] - b[worst]), max(abs(a[worst]), abs(b[worst]))
        _, expected, got = self._programs
        random, noise = Random("noise"), 0.0
        for program, values in ((expected, one), (got, other)):
            runs = [program.jittered(values, point.environment, random)[worst] for _ in range(_RUNS)]
            noise += deviation(runs, values[-1][worst])
        return Sight("differs" if gap > max(DIFFERENT * size, 100 * noise) else "rough", point, a, b, worst)

    def _without_value(self, point: Point, a: Tensor[float], other: Sequence[Value]) -> Sight:
        """The answer has no value here in floats, which may be no more than an overflow."""
        b: Tensor[float] = other[-1]
        place = next(place for place in positions(b.shape) if not abs(b[place]) < LARGE)
        if self._parts.undefined(point):
            return Sight("no value", point, a, b, place)
        proof = apart.compared(self.expected_node, self.got_node, point.exact, apart.PRECISIONS[:2])
        if proof.known and not proof.undefined:
            kind: Kind = "agrees" if proof.place is None else "differs"
            return Sight(kind, point, a, b, proof.place, proof.digits, self._narrowed(proof, point))
        # A pole is certified as one; where balls say nothing, an infinity may be no more than an overflow.
        if not proof.undefined and (largest(other) > OVERFLOWING or overflows(other)):
            return Sight("rough", point, a, b, place, obstacle=OVERFLOW)
        return Sight("no value", point, a, b, place)

    @cached_property
    def _difference(self) -> tuple[Node, Program] | None:
        """The answer less the truth as an expression, in which what the two have in common has cancelled."""
        try:
            node = simplify(expanded(difference(self.got_node, self.expected_node)))
            return node, Program(to_syntax(node))
        except HesseError:
            return None

    def by_difference(self, sight: Sight) -> Sight | None:
        """That the two differ at a point at which floats agree, by what is left of the difference."""
        if self._difference is None or sight.expected is None or sight.got is None:
            return None
        node, program = self._difference
        point = sight.point
        proof = apart.by_difference(self.expected_node, self.got_node, node, point.exact)
        if proof.place is not None:
            return replace(sight, kind="differs", place=proof.place, proof=proof)
        if proof.known:
            return None
        # Without balls, what is left must stand out of its own rounding, which is never quite nothing.
        try:
            values = program.run(point.environment)
            random = Random("noise")
            runs = [program.jittered(values, point.environment, random) for _ in range(_RUNS_OF_DIFFERENCE)]
        except OutOfTimeError:
            raise
        except HesseError:
            return None
        left: Tensor[float] = values[-1]
        if smallest(values) < UNDERFLOWING:
            # There rounding is not relative.
            return None
        for place in positions(left.shape):
            noise = deviation([run[place] for run in runs], left[place])
            if 0 < 100 * noise < abs(left[place]) < LARGE:
                return replace(sight, kind="differs", place=place, gap=left[place])
        return None

    def refined(self, point: Point) -> apart.Enclosures:
        """Both at the point, to hundreds of digits."""
        return apart.compared(self.expected_node, self.got_node, point.exact)


def _all_finite(value: Tensor[float]) -> bool:
    return all(abs(entry) < LARGE for entry in value.entries)


def _middle(bounds: tuple[float, float] | None) -> float | None:
    """A float within the bounds."""
    return None if bounds is None else _finite(bounds[0] + (bounds[1] - bounds[0]) / 2)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _gap(a: float, b: float) -> float:
    return 0.0 if a == b else abs(a - b) / max(abs(a), abs(b))
