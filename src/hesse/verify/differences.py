"""Derivatives by differences of values, with an honest estimate of their error.

The central difference of order k along directions d1, ..., dk is the sum over all signs s of
s1 ... sk f(x + s1 h d1 + ... + sk h dk), divided by (2 h)^k. Its error is a series in h^2, so two steps of Richardson's
extrapolation remove the first two terms, and the last change that the extrapolation makes bounds what is left.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

Values = list[float]
Curve = Callable[[Sequence[Sequence[float]]], list[Values]]
"""The entries of a function at points displaced by t1 d1 + t2 d2 + ..., for several t."""
STEPS = {1: (2.0**-6, 2.0**-9, 2.0**-12), 2: (2.0**-4, 2.0**-6, 2.0**-8), 3: (2.0**-3, 2.0**-4, 2.0**-6)}
COARSE_STEPS = (2.0**-2, 2.0**-3, 2.0**-4)
"""Steps to try for each order, relative to the size of the variables: of higher orders, rounding leaves less."""
_LEVELS = 3
_ROUNDING = 8 * sys.float_info.epsilon


@dataclass(frozen=True, slots=True)
class Difference:
    """The derivative of each entry, a bound on its error, and whether there is a kink nearby."""

    values: Values
    errors: Values
    kinked: bool

    @property
    def finite(self) -> bool:
        """Whether the function has values at all the points used."""
        return all(map(math.isfinite, self.values)) and all(map(math.isfinite, self.errors))

    def times(self, factor: float) -> Difference:
        """The derivative along a direction that is longer by the factor."""
        if factor == 1:
            return self
        values, errors = ([factor * entry for entry in entries] for entries in (self.values, self.errors))
        return Difference(values, errors, self.kinked)


def evaluations(order: int) -> int:
    """How often `difference` evaluates the function."""
    return _LEVELS << order


def difference(curve: Curve, order: int, step: float, center: Values) -> Difference:
    """The mixed derivative of that order at 0, one direction for each parameter of the curve."""
    return estimate(curve(displacements(order, step)), order, step, center)


def displacements(order: int, step: float) -> list[list[float]]:
    """Where the function is evaluated: the corners of three cubes, each half as wide as the one before."""
    corners = list(product((1, -1), repeat=order))
    return [[sign * step / 2**level for sign in corner] for level in range(_LEVELS) for corner in corners]


def estimate(values: Sequence[Values], order: int, step: float, center: Values) -> Difference:
    """The mixed derivative, from the function's entries at the displacements."""
    signs = [math.prod(corner) for corner in product((1, -1), repeat=order)]
    count = len(signs)
    rings = [list(zip(signs, values[level * count : (level + 1) * count], strict=True)) for level in range(_LEVELS)]
    first, second, third = (
        [entry / (2 * step / 2**level) ** order for entry in _signed_sum(ring)] for level, ring in enumerate(rings)
    )
    coarse = _extrapolated(first, second, 4)
    fine = _extrapolated(second, third, 4)
    found = _extrapolated(coarse, fine, 16)
    noise = _ROUNDING * 2**order / (step / 2) ** order
    largest = [max(map(abs, entries)) for entries in zip(*(entries for _, entries in rings[2]), strict=True)]
    errors = [abs(a - b) + noise * top for a, b, top in zip(found, fine, largest, strict=True)]
    kinked = order == 1 and _kinked([[entries for _, entries in ring] for ring in rings], center, errors, step)
    return Difference(found, errors, kinked)


def jump(curve: Curve, order: int, step: float, place: int) -> float:
    """How much the derivative of an entry differs on the two sides of 0; 0 where it does less so four times as near.

    Differences around 0 are then the mean of both sides, whichever side a formula takes.
    """
    gaps = []
    for distance in (4 * step, step):
        up, down = (_beside(curve, order, step / 8, side * distance) for side in (1, -1))
        gaps.append(abs(up[place] - down[place]))
    far, near = gaps
    return near if near > 0.5 * far else 0.0


def _beside(curve: Curve, order: int, step: float, distance: float) -> Values:
    def moved(points: Sequence[Sequence[float]]) -> list[Values]:
        return curve([[parameter + distance for parameter in point] for point in points])

    return difference(moved, order, step, moved([[0.0] * order])[0]).values


def _signed_sum(ring: list[tuple[int, Values]]) -> Values:
    return [math.fsum(column) if all(map(math.isfinite, column)) else math.nan for column in _columns(ring)]


def _columns(ring: list[tuple[int, Values]]) -> list[Values]:
    signed = ([sign * entry for entry in entries] for sign, entries in ring)
    return [list(column) for column in zip(*signed, strict=True)]


def _extrapolated(coarse: Values, fine: Values, factor: int) -> Values:
    """Two estimates with the error term that shrinks by `factor` removed."""
    return [b + (b - a) / (factor - 1) for a, b in zip(coarse, fine, strict=True)]


def _kinked(rings: list[list[Values]], center: Values, errors: Values, step: float) -> bool:
    """Whether the second difference of some entry shrinks like h rather than like h^2: then the slopes on both sides
    differ, which central differences alone do not see when the kink is at the point itself."""
    wide, narrow = (
        [abs(up - 2 * middle + down) for up, middle, down in zip(ring[0], center, ring[1], strict=True)]
        for ring in (rings[0], rings[2])
    )
    pairs = zip(wide, narrow, errors, strict=True)
    return any(near > 0.15 * far and near > 100 * step * error for far, near, error in pairs)
