"""A claim compared with differences at one point."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Literal, TypeAlias

from hesse.verify.claim import Direction, Site
from hesse.verify.differences import COARSE_STEPS, STEPS, Difference, Values, displacements, estimate, evaluations, jump
from hesse.verify.verdict import digits

Kind: TypeAlias = Literal["agrees", "vanishes", "differs", "rough", "no value", "outside"]
Directions: TypeAlias = tuple[Direction, ...]

AGREEMENT = 1e-6
"""Relative difference up to which two values are the same."""
DISAGREEMENT = 1e-4
"""Relative difference from which they can be different: between the two nothing is said."""
NOISE = 1e-10
"""What of the function's size is rounding in its differences, for order 1; tenfold for each order more."""

TINY = 1e-20
"""What of the function's size is too small to be the rounding of a zero."""
LOST = 1e-14
"""What of the largest entry of the derivative may be lost in an entry that does not move at all: 1 + 1e-18 is 1."""
RESIDUE = 1e-14
"""What of the largest entry is too large for that."""


@dataclass(frozen=True)
class Comparison:
    """What was found at a point: `digits` for an agreement, the rest for a difference. "vanishes": an agreement that
    shows no more than that the derivative is too small to be seen; "rough": differences are not accurate there;
    "outside": the point does not meet a condition of the result."""

    kind: Kind
    digits: int = 0
    entry: tuple[int, ...] | None = None
    expected: float = math.nan
    got: float = math.nan
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class _Pair:
    """The derivative along some directions by differences, and the same from the result."""

    directions: Directions
    difference: Difference
    got: Values

    def gap(self, place: int) -> float:
        return self.difference.values[place] - self.got[place]

    def size(self, place: int) -> float:
        return max(abs(self.difference.values[place]), abs(self.got[place]))

    def unseen(self, place: int, largest: float) -> bool:
        """Whether the function's entry stood still to the last digit, and the gap may have been lost in it."""
        return self.difference.values[place] == 0 and abs(self.gap(place)) <= LOST * largest

    @property
    def sizes(self) -> Values:
        return [self.size(place) for place in range(len(self.got))]


def compare(site: Site, result: Values, budget: int) -> Comparison:
    """Compares every entry where the budget allows it, else along random directions."""
    if not all(map(math.isfinite, result)):
        place = next(k for k, entry in enumerate(result) if not math.isfinite(entry))
        return _without_value(site, result[place])
    if not site.moves and not any(result):
        return Comparison("agrees", 15, everywhere=True)
    if 0 < max(map(abs, result)) < TINY * max(map(abs, site.center)):
        return Comparison("rough")
    everywhere = site.claim.free < 2 and _cost(site, site.count**site.claim.free) <= budget
    random = Random("directions")
    directions = site.units() if everywhere else site.projections(1 if _cost(site, 2) > budget else 2, random)
    for step in _steps(site):
        pairs = _pairs(site, result, directions, step)
        if pairs is not None:
            return _judged(site, result, pairs, step, everywhere)
    return Comparison("rough")


def _cost(site: Site, directions: int) -> int:
    return directions * evaluations(site.claim.order) * site.cost


def _steps(site: Site) -> tuple[float, ...]:
    return tuple(step * site.scale for step in STEPS.get(site.claim.order, COARSE_STEPS))


def _without_value(site: Site, got: float) -> Comparison:
    """The result is not finite: that counts only where the function is smooth, and no condition is broken."""
    if site.singular:
        return Comparison("outside", got=got)
    directions = site.projections(1, Random("directions"))
    for step in _steps(site):
        found = _difference(site, directions[0], step)
        if found.finite and not found.kinked:
            return Comparison("no value", got=got)
    return Comparison("rough")


def _difference(site: Site, directions: Directions, step: float) -> Difference:
    return _differences(site, [directions], step)[0]


def _differences(site: Site, directions: Sequence[Directions], step: float) -> list[Difference]:
    """The derivatives along each of the directions."""
    order = site.claim.order
    points = displacements(order, step)
    values = site.curves(directions, points)
    found = []
    for place, one in enumerate(directions):
        own = values[place * len(points) : (place + 1) * len(points)]
        found.append(estimate(own, order, step, site.center).times(site.length(one)))
    return found


def _pairs(site: Site, result: Values, directions: Sequence[Directions], step: float) -> list[_Pair] | None:
    """The comparison along each of the directions; None where differences with this step are not accurate."""
    pairs: list[_Pair] = []
    # The first one shows most often whether the step is any good.
    for together in (directions[:1], directions[1:]):
        for one, found in zip(together, _differences(site, together, step), strict=True):
            if not found.finite or found.kinked:
                return None
            pairs.append(_Pair(one, found, site.along(result, one)))
    # The result must not loosen this: a huge wrong one would let differences pass that oscillate between the points.
    largest = max((abs(value) for pair in pairs for value in pair.difference.values), default=0.0)
    allowed = AGREEMENT * max(largest, _floor(site))
    if any(error > allowed for pair in pairs for error in pair.difference.errors):
        return None
    return pairs


def _floor(site: Site) -> float:
    """The size below which a derivative is taken for rounding of the function's own size, over AGREEMENT."""
    noise: float = NOISE / AGREEMENT * 10 ** (site.claim.order - 1)
    return noise * max(map(abs, site.center), default=0.0)


def _judged(site: Site, result: Values, pairs: Sequence[_Pair], step: float, everywhere: bool) -> Comparison:
    largest = max((abs(value) for pair in pairs for value in pair.difference.values), default=0.0)
    suspects = [
        (pair, place)
        for pair in pairs
        for place in range(len(pair.got))
        if not _agrees(pair, place) and not pair.unseen(place, largest)
    ]
    if not suspects:
        return Comparison(_agreement(site, pairs), _digits(site, pairs), everywhere=everywhere)
    pair, place = max(suspects, key=lambda suspect: abs(suspect[0].gap(suspect[1])))
    if not _confirmed(site, result, pair, place, step):
        return Comparison("rough")
    if not everywhere and site.claim.free:
        pair, place = _located(site, result, step) or (pair, place)
    return Comparison(
        "differs",
        entry=site.entry(place, pair.directions),
        expected=pair.difference.values[place],
        got=pair.got[place],
        everywhere=everywhere,
    )


def _agreement(site: Site, pairs: Sequence[_Pair]) -> Kind:
    """Whether what agrees can be told from zero. A value that is far below rounding, or was, is none to agree on."""
    largest = max((size for pair in pairs for size in pair.sizes), default=0.0)
    if largest > 1000 * max((error for pair in pairs for error in pair.difference.errors), default=0.0):
        return "agrees"
    got = max((abs(entry) for pair in pairs for entry in pair.got), default=0.0)
    return "vanishes" if got <= RESIDUE * site.largest and site.smallest > TINY else "rough"


def _agrees(pair: _Pair, place: int) -> bool:
    return abs(pair.gap(place)) <= AGREEMENT * pair.size(place) + 20 * pair.difference.errors[place]


def _differs(pair: _Pair, place: int) -> bool:
    gap = abs(pair.gap(place))
    return gap > DISAGREEMENT * pair.size(place) and gap > 50 * pair.difference.errors[place]


def _confirmed(site: Site, result: Values, pair: _Pair, place: int, step: float) -> bool:
    """Whether another step finds the very same gap: rounding would change it."""
    if not _differs(pair, place) or pair.unseen(place, site.largest) or site.overflows:
        return False
    if pair.size(place) < sys.float_info.epsilon * site.largest:
        return False
    if not abs(pair.gap(place)) > 50 * _noise(site, pair, place, step):
        return False
    again = _pairs(site, result, [pair.directions], step * 0.4)
    if again is None or not _differs(again[0], place):
        return False
    if site.claim.order > 1 and _jumps(site, pair, place, step):
        return False
    return abs(again[0].gap(place) - pair.gap(place)) <= 0.01 * abs(pair.gap(place))


def _jumps(site: Site, pair: _Pair, place: int, step: float) -> bool:
    """Whether the gap is that of a jump at the point: of higher orders, a difference around it does not show one."""
    found = jump(partial(site.curve, pair.directions), site.claim.order, step, place)
    return site.length(pair.directions) * found > 0.5 * abs(pair.gap(place))


def _noise(site: Site, pair: _Pair, place: int, step: float) -> float:
    """What rounding may change, in the difference and in the result. It is looked at only where the two differ."""
    function, result = site.noise(pair.directions)
    magnified = site.length(pair.directions) * (4 / step) ** site.claim.order
    return function[place] * magnified + result[place]


_LOCATING = 3_000_000


def _located(site: Site, result: Values, step: float) -> tuple[_Pair, int] | None:
    """The first single entry that differs, when looking at all of them is affordable."""
    if _cost(site, site.count**site.claim.free) > _LOCATING:
        return None
    for directions in site.units():
        for pair in _pairs(site, result, [directions], step) or ():
            for place in range(len(pair.got)):
                if _differs(pair, place):
                    return pair, place
    return None


def _digits(site: Site, pairs: Sequence[_Pair]) -> int:
    """The decimal digits in which the two agree, relative to the largest entry."""
    largest = max((size for pair in pairs for size in pair.sizes), default=0.0)
    scale = max(largest, _floor(site)) or 1.0
    gap = max((abs(pair.gap(place)) for pair in pairs for place in range(len(pair.got))), default=0.0)
    return digits(gap, scale)
