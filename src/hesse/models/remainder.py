"""The certified remainder of a Taylor polynomial of few variables: a bound for a whole region, and the sampled truth.

The error f(x + e) - P(e) is enclosed by a Taylor model over the region's box; its polynomial is bounded by Bernstein
coefficients. Where that is not sharp, or nothing can be said, the box is divided.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from flint import arb

from hesse.core.nodes import Node
from hesse.enclosure.arithmetic import Undefined
from hesse.enclosure.balls import above, below, exact, magnitude, working
from hesse.enclosure.boxes import Box, Setting, as_model, models_over
from hesse.enclosure.domain import Requirements
from hesse.enclosure.elimination import Singular
from hesse.enclosure.polynomials import Space, polynomial_range, space
from hesse.models.polynomial import Polynomial

Norm = Literal["inf", "2"]
Step = tuple[Fraction, ...]
DEGREES = {1: 14, 2: 8, 3: 6, 4: 5, 5: 4, 6: 4}
MAX_BOXES = 400
SHARP = {"inf": 1.01, "2": 1.03}
"""The bound as a multiple of a difference that was seen, at which the search ends."""
GRID = {1: 33, 2: 9, 3: 5, 4: 3, 5: 3}
MAX_DOUBTFUL = 64
"""Boxes on which nothing can be said before the answer is that nothing can be proved."""


@dataclass(frozen=True)
class Remainder:
    """How far the model may be from the function in a region, certified, and how far it was seen to be.

    `upper` bounds |f(x + e) - model(e)| for all steps e of the region (for vector functions in each entry); it is inf
    when nothing is proved, and then `missing` says what. `sampled` is a difference that does occur, at `at`.
    """

    upper: float
    sampled: float
    at: tuple[float, ...]
    radius: float
    norm: str
    order: int
    missing: str = ""
    boxes: int = 1

    @property
    def certified(self) -> bool:
        """Whether there is a bound."""
        return math.isfinite(self.upper)

    @property
    def tightness(self) -> float:
        """The bound as a multiple of the sampled difference: 1 is perfect."""
        return self.upper / self.sampled if self.sampled else (1.0 if self.upper == 0 else math.inf)

    def __str__(self) -> str:
        region = f"|e|_{self.norm} <= {self.radius:g}"
        if not self.certified:
            return f"nothing is proved for {region}: {self.missing}"
        return f"|f(x + e) - model(e)| <= {self.upper:.6g} for all {region} (certified; sampled {self.sampled:.6g})"


class Search:
    """The bound of the error over a region, for all entries of the function."""

    def __init__(
        self,
        node: Node,
        setting: Setting,
        polynomials: Sequence[Polynomial],
        requirements: Requirements,
        order: int,
    ) -> None:
        self.node = node
        self.setting = setting
        self.polynomials = polynomials
        self.requirements = requirements
        self.order = order
        # Below this, the difference is the rounding of the coefficients.
        self.negligible = 2.0**-50 * max((abs(c) for p in polynomials for c in p.coefficients.values()), default=0.0)
        self.space = space(setting.count, max(DEGREES.get(setting.count, 3), order + 1))

    def bound(self, radius: Fraction, norm: Norm) -> Remainder:
        """The remainder for all steps up to the radius."""
        with working(length=self.space.degree + 2):
            return self._bound(radius, norm)

    def _bound(self, radius: Fraction, norm: Norm) -> Remainder:
        square = radius * radius
        sampled: float = 0.0
        at: Step = (Fraction(0),) * self.setting.count
        queue: list[tuple[float, int, Box]] = []
        tickets = itertools.count()
        doubtful, missing, boxes = 0, "", 0
        pending = [Box.around(self.setting.count, radius)]
        settled = 0.0
        while True:
            for box in pending:
                if norm == "2" and box.nearest_square() > square:
                    continue
                boxes += 1
                try:
                    upper, errors = self._over(box)
                except (Undefined, Singular) as error:
                    upper, errors = math.inf, []
                    missing = _reason(error, box)
                    doubtful += 1
                for each in errors:
                    value, step = self._seen(each, box, square if norm == "2" else None)
                    if value > sampled:
                        sampled, at = value, step
                heapq.heappush(queue, (-upper, next(tickets), box))
            worst, _, box = queue[0]
            found = max(-worst, settled)
            if found <= max(SHARP[norm] * sampled, self.negligible) or boxes >= MAX_BOXES:
                break
            if found == math.inf and doubtful >= MAX_DOUBTFUL:
                break
            if max(box.halves) * 2**20 < radius:
                break
            heapq.heappop(queue)
            pending = list(box.split())
        sampled = self.difference(at) if sampled else 0.0
        undone = "" if math.isfinite(found) else missing or "the bound is infinite"
        return Remainder(found, sampled, tuple(map(float, at)), float(radius), norm, self.order, undone, boxes)

    def _over(self, box: Box) -> tuple[float, list[Any]]:
        """The bound of the error on a box, and the error's model for each entry."""
        self.requirements.check(self.setting, box, self.space)
        (value,) = models_over([self.node], self.setting, box, self.space)
        errors = []
        upper = 0.0
        for entry, polynomial in zip(value.entries, self.polynomials, strict=True):
            error = as_model(entry, self.space) - polynomial.over(box, self.space)
            low, high = polynomial_range(self.space, error.coefficients)
            rest = above(magnitude(error.rest))
            upper = max(upper, math.nextafter(max(-low, high) + rest, math.inf))
            errors.append(error)
        if math.isnan(upper):
            upper = math.inf
        return upper, errors

    def _seen(self, error: Any, box: Box, square: Fraction | None) -> tuple[float, Step]:
        """About the largest difference on a grid in the box, and where it is."""
        points = _grid(self.setting.count)
        with np.errstate(all="ignore"):
            values = np.abs(_values(self.space, [float(c.mid()) for c in error.coefficients], points))
        values = np.where(np.isfinite(values), values, -1.0)
        if square is not None:
            offsets = np.array([float(offset) for offset in box.offsets])
            halves = np.array([float(half) for half in box.halves])
            values = np.where(((offsets + halves * points) ** 2).sum(1) <= 0.999999 * float(square), values, -1.0)
        best = int(np.argmax(values))
        if not values[best] > 0:
            return 0.0, ()
        pairs = zip(box.offsets, box.halves, points[best], strict=True)
        return float(values[best]), tuple(offset + half * Fraction(float(u)) for offset, half, u in pairs)

    def difference(self, step: Step) -> float:
        """The largest difference over the entries at an exact step, from below."""
        here = Box(step, (Fraction(0),) * len(step))
        (value,) = models_over([self.node], self.setting, here, self.space)
        found = 0.0
        for entry, polynomial in zip(value.entries, self.polynomials, strict=True):
            found = max(found, below(abs(arb(entry) - exact(polynomial.exactly(step)))))
        return found


def _reason(error: Exception, box: Box) -> str:
    text = str(error) or "a matrix is not proved to be invertible"
    where = ", ".join(f"[{float(o - h):.6g}, {float(o + h):.6g}]" for o, h in zip(box.offsets, box.halves, strict=True))
    return f"{text}, for steps in {where}" if len(box.offsets) <= 4 else text


def _grid(count: int) -> Any:
    """Points of the cube: a grid with the corners, or for many variables the diagonal corners and random ones."""
    size = GRID.get(count)
    if size is not None:
        axes = [np.linspace(-1, 1, size)] * count
        return np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], 1)
    random = np.random.default_rng(0)
    return np.concatenate([np.sign(random.standard_normal((128, count))), random.uniform(-1, 1, (128, count))])


def _values(of: Space, coefficients: Sequence[float], points: Any) -> Any:
    powers = [np.ones_like(points)]
    for _ in range(of.degree):
        powers.append(powers[-1] * points)
    total = np.zeros(len(points))
    for exponents, coefficient in zip(of.exponents, coefficients, strict=True):
        if coefficient:
            term = np.full(len(points), coefficient)
            for k, exponent in enumerate(exponents):
                if exponent:
                    term = term * powers[exponent][:, k]
            total += term
    return total
