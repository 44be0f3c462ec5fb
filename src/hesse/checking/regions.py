"""Points on every piece of the answer and of the derivative, also where a piece is narrow.

A function made of comparisons, absolute values, maxima, ... is one smooth formula wherever all of them come out in
the same way. The search goes along lines through points that are known: where what is compared changes its sign there
is another piece, and where it comes close to zero without a change, the minimum is sought, since a piece may begin
there: abs(x - 0.37) < 0.001 holds at none of a thousand points. Smooth functions are looked at where their arguments
are smallest: exp(-1e6*(x - 0.37)**2) is zero elsewhere.
"""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import islice, pairwise
from typing import TypeAlias

from hesse.checking.numbers import Kinks, Place
from hesse.checking.points import Direction, Point, Sampler

_REACH = tuple(0.01 * 3.0**k for k in range(30))
_GRID = (*(-step for step in reversed(_REACH)), 0.0, *_REACH)
"""Where a line is looked at first: from a hundredth to some 10**12."""
MAX_BASES = 12
MAX_LOOKS = 12_000
"""How often what is compared is looked at, so that the same points are found however fast the machine is."""
MAX_POINTS = 80
MAX_LINES = 24
MAX_EVENTS = 24
PER_PIECE = 2
SWEEPS = 5
HALVINGS = 70
_GOLDEN = (math.sqrt(5) - 1) / 2

Values: TypeAlias = list[float]
Look: TypeAlias = Callable[[Point | Place], Values]


@dataclass(frozen=True, slots=True)
class _Line:
    """The points of a line through a point, and what is compared there; the numbers are floats."""

    base: Point
    direction: Direction
    look: Look

    def __call__(self, share: float) -> Values | None:
        """The values there; None where what is declared does not hold, or there are none."""
        value = self.base.environment.values[self.direction.name]
        moved = self.direction.moved(value, share)
        if not self.direction.admits(moved):
            return None
        there = replace(self.base.environment, values={**self.base.environment.values, self.direction.name: moved})
        return self.look(Place(there, self.base.sizes, self.base.tables))

    def point(self, share: Fraction) -> Point | None:
        """The exact point; None where what is declared does not hold."""
        moved = self.direction.moved(self.base.values[self.direction.name], share)
        return self.base.moved(self.direction.name, moved) if self.direction.admits(moved) else None


class Regions:
    """The search for pieces, until the deadline."""

    def __init__(self, kinks: Kinks, sampler: Sampler, deadline: float) -> None:
        self._kinks = kinks
        self._sampler = sampler
        self._deadline = deadline
        self._seen: Counter[tuple[object, ...]] = Counter()
        self._looks = 0

    def points(self, seen: Sequence[Point]) -> Iterator[Point]:
        """Points on pieces on which there was none, or few."""
        for point in seen:
            self._seen[self._piece(point)] += 1
        for point in islice(self._candidates(seen), MAX_POINTS):
            yield point
            if self._over():
                return

    def _over(self) -> bool:
        return self._looks > MAX_LOOKS or time.monotonic() > self._deadline

    def _candidates(self, seen: Sequence[Point]) -> Iterator[Point]:
        starts = _one_of_each_size(seen)
        bases = deque(starts[:2])
        found: list[Point] = []
        for _ in range(MAX_BASES):
            if not bases or self._over():
                break
            for line in self._lines(bases.popleft()):
                if self._over():
                    return
                for point in self._along(line):
                    if self._new(point):
                        bases.append(point)
                        found.append(point)
                        yield point
        visited = [*seen, *found]
        for start in starts[:2]:
            for point in self._descents(start, visited):
                yield point
                yield from (each for line in self._lines(point) for each in self._along(line) if self._new(each))

    def _gaps(self, place: Point | Place) -> Values:
        self._looks += 1
        return self._kinks.gaps(place)

    def _arguments(self, place: Point | Place) -> Values:
        self._looks += 1
        return self._kinks.arguments(place)

    def _new(self, point: Point) -> bool:
        """Whether there were few points on the piece on which this one is; from now on there is one more."""
        piece = self._piece(point)
        self._seen[piece] += 1
        return self._seen[piece] <= PER_PIECE

    def _piece(self, point: Point) -> tuple[object, ...]:
        """How everything that is compared comes out at the point."""
        signs = tuple(entry > 0 for entry in self._kinks.gaps(point))
        return tuple(sorted(point.sizes.items())), signs

    def _lines(self, base: Point) -> list[_Line]:
        return [_Line(base, each, self._gaps) for each in self._sampler.directions(base)][:MAX_LINES]

    def _along(self, line: _Line) -> Iterator[Point]:
        """Points of the pieces of a line."""
        seen = [(share, values) for share in _GRID if (values := line(share)) is not None]
        events: set[float] = set()
        for place in range(len(seen[0][1]) if seen else 0):
            known = ((share, values[place]) for share, values in seen if place < len(values))
            column = [(share, value) for share, value in known if math.isfinite(value)]
            for event in _events(column, partial(_at, line, place)):
                events.add(event)
                if len(events) > MAX_EVENTS or self._over():
                    break
        if not events:
            return
        ends = sorted(events)
        spread = max(1.0, ends[-1] - ends[0])
        for low, high in pairwise([ends[0] - spread, *ends, ends[-1] + spread]):
            for share in _inside(low, high):
                point = line.point(share)
                if point is not None:
                    yield point

    def _descents(self, base: Point, seen: Sequence[Point]) -> Iterator[Point]:
        """Points at which what keeps its sign along all lines is closest to zero, or changes its sign after all."""
        looks: tuple[Look, Look] = (self._gaps, self._arguments)
        for look in looks:
            known = [look(point) for point in seen if point.sizes == base.sizes]
            for place in range(min(len(look(base)), MAX_EVENTS)):
                if len({values[place] > 0 for values in known if place < len(values)}) > 1:
                    continue
                if self._over():
                    return
                point = self._lowest(base, partial(_only, look, place))
                if point is not None:
                    yield point

    def _lowest(self, base: Point, look: Look) -> Point | None:
        """The point that a descent along one coordinate after the other comes to."""
        start = look(base)
        if not start or not math.isfinite(start[0]) or not start[0]:
            return None
        sign = math.copysign(1.0, start[0])
        point, height = base, abs(start[0])
        for _ in range(SWEEPS):
            before = height
            for direction in self._sampler.directions(base)[:MAX_LINES]:
                if self._over():
                    return None
                line = _Line(point, direction, look)
                share, low = _minimum(partial(_height, partial(_at, line, 0), sign))
                moved = line.point(Fraction(share)) if low < height else None
                if moved is not None:
                    point, height = moved, low
                if height <= 0:
                    return point
            if not height < 0.9 * before:
                break
        return point if height < abs(start[0]) else None


def _at(line: _Line, place: int, share: float) -> float:
    """One of the values at a place of a line; nan where there is none."""
    values = line(share)
    return math.nan if values is None or place >= len(values) else values[place]


def _height(at: Callable[[float], float], sign: float, share: float) -> float:
    """A value with another sign; infinite where there is none."""
    value = at(share)
    return math.inf if math.isnan(value) else sign * value


def _only(look: Look, place: int, there: Point | Place) -> Values:
    """One value, of several that are looked at."""
    return look(there)[place : place + 1]


def _one_of_each_size(seen: Sequence[Point]) -> list[Point]:
    """The points, those first whose sizes are new."""
    first: dict[tuple[tuple[str, int], ...], Point] = {}
    for point in seen:
        first.setdefault(tuple(sorted(point.sizes.items())), point)
    leading = list(first.values())
    return leading + [point for point in seen if all(point is not each for each in leading)]


def _events(column: Sequence[tuple[float, float]], at: Callable[[float], float]) -> Iterator[float]:
    """Where a function along a line, known at some places, changes its sign."""
    for (low, a), (high, b) in pairwise(column):
        if (a > 0) != (b > 0):
            yield _crossing(low, high, a > 0, at)
    for (low, a), (_, b), (high, c) in zip(column, column[1:], column[2:], strict=False):
        sign = math.copysign(1.0, b)
        if (a > 0) == (b > 0) == (c > 0) and sign * b <= min(sign * a, sign * c) and a != c:
            share, value = _golden(low, high, partial(_height, at, sign))
            if value <= 0:
                yield _crossing(low, share, a > 0, at)
                yield _crossing(share, high, value * sign > 0, at)


def _crossing(low: float, high: float, start: bool, at: Callable[[float], float]) -> float:
    """Where the sign changes between two places."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if (at(middle) > 0) == start else (low, middle)
    return high


def _golden(low: float, high: float, height: Callable[[float], float]) -> tuple[float, float]:
    """Where a function is lowest between two places, by golden sections; it ends early where it is negative."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    a, b = height(left), height(right)
    for _ in range(HALVINGS):
        if min(a, b) < 0:
            break
        if a <= b:
            high, right, b = right, left, a
            left = high - _GOLDEN * (high - low)
            a = height(left)
        else:
            low, left, a = left, right, b
            right = low + _GOLDEN * (high - low)
            b = height(right)
    return (left, a) if a <= b else (right, b)


def _minimum(height: Callable[[float], float]) -> tuple[float, float]:
    """The lowest place of a line: of the grid, and then between its neighbours."""
    heights = [height(share) for share in _GRID]
    best = min(range(len(_GRID)), key=heights.__getitem__)
    low, high = _GRID[max(best - 1, 0)], _GRID[min(best + 1, len(_GRID) - 1)]
    share, value = _golden(low, high, height)
    return (share, value) if value < heights[best] else (_GRID[best], heights[best])


def _inside(low: float, high: float) -> Iterator[Fraction]:
    """Simple numbers between two places: in the middle and close to either end."""
    if not low < high:
        return
    first, last = Fraction(low), Fraction(high)
    width = last - first
    for share in (Fraction(1, 2), Fraction(1, 16), Fraction(15, 16)):
        middle = first + share * width
        yield _simplest(middle - width / 32, middle + width / 32)


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """A number between two places whose denominator is as small as possible, by continued fractions."""
    whole = math.ceil(low)
    if whole <= high:
        return Fraction(min(max(0, whole), math.floor(high)))
    floor = math.floor(low)
    return floor + 1 / _simplest(1 / (high - floor), 1 / (low - floor))
