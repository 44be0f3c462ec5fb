"""Looking at a pair of expressions at many points: simple ones first, of several sizes, and on both sides of kinks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import chain, islice, pairwise
from random import Random

from hesse.checking.comparison import SAME, Pair, Sight
from hesse.checking.numbers import MAX_MARGINS, entries_at
from hesse.checking.points import EIGHTHS, INTEGERS, SCALES, STYLES, SUMS_TO_ONE, Exact, Point, Sampler
from hesse.checking.regions import Regions
from hesse.core.deadline import OutOfTimeError
from hesse.core.nodes import Node
from hesse.core.tensor import Tensor
from hesse.verify.sampling import Sizes

FURTHER = (INTEGERS, EIGHTHS, INTEGERS, STYLES[5], STYLES[6])
"""What is tried at the second setting of the sizes."""
ENOUGH = 3
ATTEMPTS = 40
MAX_SETTINGS = 8
EXTRA = 8
MAX_ACROSS = 16
"""How many further points an explanation must hold at, on pieces of which few were seen."""
MAX_CLOSER = 12
"""At how many points at which the derivative is zero in floats it is looked at more closely."""
TRUSTED = 4
"""How many points must agree for each at which floats differ, as rounding may explain."""
TIME_ACROSS = 0.5
"""For how many seconds they are sought."""
PRECISE = 3
"""How many points are compared to hundreds of digits."""
_SHIFTS = tuple(Fraction(sign * size) for size in (1, 3, 10, 30, 100, 10**3, 10**4, 10**6) for sign in (1, -1))
_GRAIN = Fraction(1, 2**18)
_FINE = Fraction(1, 2**44)
_SHORT = range(3, 30, 3)
CLOSE = Fraction(1, 128)
_STEPS = tuple(Fraction(1, 2**k) for k in (7, 12, 17, 22, 27, 32, 37, 42))
CONVEX = frozenset({"sym", "spd", "pos", "simplex", SUMS_TO_ONE})
"""Attributes that every point between two points has when these have it."""


@dataclass
class Survey:
    """What was seen: the points that agree, the first that differs, and the first at which the answer has no value."""

    agreeing: list[Sight] = field(default_factory=list)
    different: Sight | None = None
    without: Sight | None = None
    isolated: Sight | None = None
    misshapen: Sight | None = None
    rough: int = 0
    """At how many points floats differ, as rounding on the way may explain."""
    looked: int = 0
    outside: int = 0
    late: bool = False
    """Whether the time was up within a step."""
    obstacle: str = ""
    """The limit beyond which the answer is, where it was not evaluated."""

    @property
    def agrees(self) -> bool:
        """Whether no difference was found, at one point or more where not all sizes are 1."""
        return self.solid and not self.parts

    @property
    def parts(self) -> bool:
        """Whether the answer was seen to part from the derivative: in value, in shape or in having one."""
        return bool(self.different or self.without or self.misshapen)

    @property
    def solid(self) -> bool:
        """Whether a point agrees that says something: where all sizes are 1, very different things are equal."""
        return any(set(sight.point.sizes.values()) != {1} for sight in self.telling)

    @property
    def telling(self) -> list[Sight]:
        """The points that agree at which the derivative is not zero."""
        return [sight for sight in self.agreeing if not sight.idle]

    @property
    def doubtful(self) -> bool:
        """Whether floats differ at so many points that rounding, which may explain each, does not explain them all."""
        return len(self.agreeing) <= TRUSTED * self.rough

    @property
    def outside_only(self) -> bool:
        """Whether the function or its derivative had no value at any of the points."""
        return 0 < self.looked == self.outside

    @property
    def digits(self) -> int:
        """To how many digits the points agree."""
        return min((sight.digits for sight in self.agreeing), default=0)


class Surveyor:
    """Looks at a pair until it differs, or the points are used up, or the time is."""

    def __init__(self, pair: Pair, sampler: Sampler, deadline: float) -> None:
        self.pair = pair
        self.sampler = sampler
        self.deadline = deadline
        self.found = Survey()
        self._closer = 0

    def survey(self) -> Survey:
        """What was seen."""
        with self._in_time():
            for point in self._points():
                self._look(point)
                if self._over():
                    break
            for point in () if self._over() else self._beyond_kinks():
                self._look(point, closely=True)
                if self._over():
                    break
            if not self._over():
                self._refine()
        return self.found

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Ends with what was seen where a step takes too long."""
        try:
            yield
        except OutOfTimeError:
            self.found.late = True

    @cached_property
    def across(self) -> list[Point]:
        """Points on both sides of the kinks, at all of which an explanation of the difference that was seen must hold,
        and first the one at which it was seen."""
        points: list[Point] = []
        with self._in_time():
            points += self._across()
        return points

    def _across(self) -> Iterator[Point]:
        if self.found.different is None:
            return
        yield self.found.different.point
        seen = [self.found.different.point, *(sight.point for sight in self.found.agreeing)]
        points: list[Point] = []
        for margin in self.pair.kinks.margins[:MAX_MARGINS]:
            sides = self._sides(margin, seen)
            points += sides.values()
            if len(sides) == 1:
                other = self._other_side(margin, seen[0], next(iter(sides)))
                points += [] if other is None else [other]
        yield from points
        if self.pair.kinks.margins:
            # Two sides of each kink are not all pieces: with |x| < 1 there are points on either side of zero.
            due = min(self.deadline, time.monotonic() + TIME_ACROSS)
            regions = Regions(self.pair.kinks, self.sampler, due)
            yield from islice(regions.points([*seen, *points]), MAX_ACROSS)

    def extended(self) -> Survey:
        """What is seen at more points: small and large ones, those at which the variables differ in size and sign, for
        values may jump, and those close to where functions may be steep."""
        with self._in_time():
            for point in self._further():
                self._look(point)
                if self._over():
                    return self.found
            for point in self._on_pieces():
                self._look(point, closely=True)
                if self._over():
                    break
        return self.found

    def plainer(self) -> Sight | None:
        """A difference that floats show beside the values that were seen, at one of the further points."""
        seen = self.found.different
        size = 0.0 if seen is None or seen.expected is None else max(map(abs, seen.expected.entries), default=0.0)
        with self._in_time():
            for point in self._further():
                sight = self.pair.look(point)
                if sight.kind == "differs" and not sight.faint and sight.largest_gap > SAME * size:
                    return self._shorter(sight)
                if time.monotonic() > self.deadline:
                    break
        return None

    def _shorter(self, sight: Sight) -> Sight:
        """The same at a point nearby with fewer digits, where the entries are free."""
        if not all(map(self._free, sight.point.values)):
            return sight
        for bits in _SHORT:
            point = sight.point
            for name, value in point.values.items():
                entries = [Fraction(round(entry * 2**bits), 2**bits) for entry in value.entries]
                point = point.moved(name, Tensor(value.shape, entries))
            short = self.pair.look(point)
            if short.kind == "differs" and not short.faint:
                return short
        return sight

    def _further(self) -> Iterator[Point]:
        settings = self.sampler.settings(MAX_SETTINGS)
        sized = (self.sampler.draw(each, EIGHTHS, f"{self.sampler.seed} sized") for each in settings[2:])
        settings = settings[:2]
        scaled = self.sampler.draws(settings[0], 3, SCALES) if settings else iter(())
        mixed = self._mixed(settings, range(ATTEMPTS, ATTEMPTS + EXTRA))
        yield from chain(scaled, sized, mixed, self._close_to_centres())

    def _look(self, point: Point, *, closely: bool = False) -> None:
        """Note what a point shows; on a piece of its own, and where floats underflow, even a difference that floats do
        not show is one."""
        sight = self.pair.look(point)
        if sight.kind == "agrees" and sight.idle and self._closer < MAX_CLOSER:
            self._closer += 1
            closely = True
        left = self.pair.by_difference(sight) if closely and sight.kind == "agrees" else None
        self._note(point, left or sight)

    def _over(self) -> bool:
        found = self.found
        decided = found.different is not None or found.misshapen is not None
        return decided or (time.monotonic() > self.deadline and len(found.agreeing) >= 1)

    def _note(self, point: Point, sight: Sight) -> None:
        found = self.found
        found.looked += 1
        found.outside += sight.kind == "outside" and not sight.obstacle
        found.obstacle = found.obstacle or sight.obstacle
        match sight.kind:
            case "agrees":
                found.agreeing.append(sight)
            case "differs":
                found.different = sight
            case "misshapen":
                found.misshapen = sight
            case "no value" if self.pair.look(self.sampler.nearby(point)).kind == "no value":
                found.without = found.without or sight
            case "no value":
                found.isolated = found.isolated or sight
            case "rough":
                found.rough += not sight.obstacle

    def _points(self) -> Iterator[Point]:
        settings = self.sampler.settings(2)
        unit = self.sampler.unit()
        for number, setting in enumerate(settings):
            yield from self.sampler.draws(setting, number, STYLES if number == 0 else FURTHER)
        if unit is not None:
            yield from self.sampler.draws(unit, 2, (INTEGERS, EIGHTHS, INTEGERS))
        for point in self._mixed(settings, range(ATTEMPTS)):
            # Further points while too few were of use: the domain may be small.
            if len(self.found.agreeing) >= ENOUGH or time.monotonic() > self.deadline:
                return
            yield point

    def _mixed(self, settings: list[Sizes], attempts: range) -> Iterator[Point]:
        """Points whose variables differ in style, so that x > y comes about."""
        variables = self.sampler.declarations.variables
        for attempt in attempts:
            styles = Random(f"styles {attempt}")
            for setting in settings:
                label = f"{self.sampler.seed} more {attempt}"
                point = self.sampler.draw(setting, styles.choice(STYLES), label)
                for name in variables:
                    other = self.sampler.draw(setting, styles.choice(STYLES), f"{label} {name}")
                    point = point.moved(name, other.values[name])
                yield point

    def _beyond_kinks(self) -> Iterator[Point]:
        """Points on those sides of the kinks on which there was none, and near the kinks on either side."""
        seen = [sight.point for sight in self.found.agreeing]
        for margin in self.pair.kinks.margins[:MAX_MARGINS]:
            sides = self._sides(margin, seen)
            if sides.keys() == {True, False}:
                yield from self._pieces(sides[True], sides[False])
                continue
            for base in seen[:2]:
                other = self._other_side(margin, base, next(iter(sides), True))
                if other is not None:
                    yield other
                    yield from self._pieces(base, other)
                    break

    def _close_to_centres(self) -> Iterator[Point]:
        """Points on either side of where an argument of a function, or what a kink depends on, changes its sign."""
        seen = [sight.point for sight in self.found.agreeing]
        for margin in (*self.pair.kinks.centres[:MAX_MARGINS], *self.pair.kinks.margins[:MAX_MARGINS]):
            sides = self._sides(margin, seen)
            one, other = sides.get(True), sides.get(False)
            if seen and (one is None or other is None or one.sizes != other.sizes):
                one = seen[0]
                side = next((entry > 0 for entry in entries_at(margin, one)), True)
                other = self._other_side(margin, one, side)
            if one is None or other is None or not self._connected(one, other):
                continue
            share = self._crossing(margin, one, other, _FINE)
            if share is not None:
                shares = (share + sign * step for step in _STEPS for sign in (-1, 1))
                yield from (_between(one, other, each) for each in shares if 0 < each < 1)

    def _on_pieces(self) -> Iterator[Point]:
        """Points on the pieces of which none was seen."""
        regions = Regions(self.pair.kinks, self.sampler, self.deadline)
        yield from regions.points([sight.point for sight in self.found.agreeing])

    def _sides(self, margin: Node, points: list[Point]) -> dict[bool, Point]:
        """A point with a positive entry of the margin, and one with a negative entry."""
        found: dict[bool, Point] = {}
        for point in points:
            for entry in entries_at(margin, point):
                found.setdefault(entry > 0, point)
            if len(found) == 2:
                break
        return found

    def _other_side(self, margin: Node, base: Point, side: bool) -> Point | None:
        """A point at which some entry of the margin has the other sign: one variable is shifted until it does."""
        for shift in _SHIFTS:
            for name, value in base.values.items():
                if time.monotonic() > self.deadline:
                    return None
                if not self._free(name):
                    continue
                moved = base.moved(name, Tensor(value.shape, [entry + shift for entry in value.entries]))
                if self._admits(name, moved) and any((entry > 0) != side for entry in entries_at(margin, moved)):
                    return moved
        return None

    def _free(self, name: str) -> bool:
        """Whether all entries may be shifted alike."""
        entry = self.sampler.declarations.variables[name]
        return entry.index is None and not entry.attributes - {"sym", "pos"}

    def _admits(self, name: str, point: Point) -> bool:
        """Whether what was shifted is still positive, where it must be."""
        positive = "pos" in self.sampler.declarations.variables[name].attributes
        return not positive or all(entry > 0 for entry in point.values[name].entries)

    def _connected(self, one: Point, other: Point) -> bool:
        """Whether what is declared holds all the way from one point to the other."""
        return one.sizes == other.sizes and all(
            one.values[name].entries == other.values[name].entries or entry.attributes <= CONVEX
            for name, entry in self.sampler.declarations.variables.items()
        )

    def _pieces(self, one: Point, other: Point) -> Iterator[Point]:
        """Points between the kinks on the way from one point to the other, where there is a way: one on each piece,
        and one close to each kink on either side."""
        if not self._connected(one, other):
            return
        margins = self.pair.kinks.margins[:MAX_MARGINS]
        kinks = sorted({kink for margin in margins if (kink := self._crossing(margin, one, other)) is not None})
        ends = [Fraction(0), *kinks, Fraction(1)]
        shares = [(low + high) / 2 for low, high in pairwise(ends) if high - low > 2 * _GRAIN]
        shares += [kink + step for kink in kinks for step in (-CLOSE, CLOSE) if 0 < kink + step < 1]
        yield from (_between(one, other, share) for share in dict.fromkeys(shares))

    def _crossing(self, margin: Node, one: Point, other: Point, grain: Fraction = _GRAIN) -> Fraction | None:
        """How much of the way is behind where the margin changes a sign, or None."""
        start = [entry > 0 for entry in entries_at(margin, one)]
        if time.monotonic() > self.deadline or start == [entry > 0 for entry in entries_at(margin, other)]:
            return None
        low, high = Fraction(0), Fraction(1)
        while high - low > grain:
            middle = (low + high) / 2
            same = [entry > 0 for entry in entries_at(margin, _between(one, other, middle))] == start
            low, high = (middle, high) if same else (low, middle)
        return low

    def _refine(self) -> None:
        """The simplest points again, to hundreds of digits: a difference of 1e-200 is one."""
        for sight in self.found.agreeing[:PRECISE]:
            if time.monotonic() > self.deadline:
                return
            left = self.pair.by_difference(sight)
            if left is not None:
                self.found.different = left
                return
            proof = self.pair.refined(sight.point)
            if proof.place is not None:
                self.found.different = Sight(
                    "differs", sight.point, sight.expected, sight.got, proof.place, proof=proof
                )
                return


def _between(one: Point, other: Point, share: Fraction) -> Point:
    """The point with that share of the way behind it; index arrays stay."""
    values: dict[str, Exact] = {}
    for name, value in one.values.items():
        pairs = zip(value.entries, other.values[name].entries, strict=True)
        mixed = Tensor(value.shape, [a + share * (b - a) for a, b in pairs])
        values[name] = value if name in one.indices else mixed
    return Point(one.sizes, values, one.functions, one.style, one.indices)
