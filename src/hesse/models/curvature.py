"""The curvature at a point: certified eigenvalues of the Hessian, its definiteness, the kind of the point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from hesse.enclosure.arithmetic import Undefined
from hesse.enclosure.balls import above, below, working
from hesse.enclosure.boxes import Setting
from hesse.enclosure.eigenvalues import enclosed_eigenvalues
from hesse.enclosure.elimination import Singular
from hesse.enclosure.intervals import Intervals
from hesse.enclosure.rows import NotSmooth
from hesse.errors import ArgumentError, LimitError
from hesse.models.lines import Line
from hesse.models.place import Place, place
from hesse.models.polynomial import taylor_coefficients
from hesse.models.requirements import requirements
from hesse.service.expression import Expr

Definiteness = Literal["positive definite", "negative definite", "indefinite", "undecided"]
MAX_ENTRIES = 40


@dataclass(frozen=True, slots=True)
class Curvature:
    """Eigenvalues of the Hessian at a point, each with certified bounds, in ascending order, and what they say.

    `stationary` is whether the gradient is proved to vanish (True), proved not to (False), or undecided (None).
    """

    eigenvalues: tuple[float, ...]
    bounds: tuple[tuple[float, float], ...]
    definiteness: Definiteness
    stationary: bool | None

    @property
    def kind(self) -> str:
        """The kind of the point: a strict local minimum or maximum, a saddle point, not stationary, or undecided."""
        if self.stationary is False:
            return "not stationary"
        if self.stationary is None or self.definiteness == "undecided":
            return "undecided"
        kinds = {"positive definite": "strict local minimum", "negative definite": "strict local maximum"}
        return kinds.get(self.definiteness, "saddle point")

    def __str__(self) -> str:
        numbers = ", ".join(f"{value:.6g}" for value in self.eigenvalues)
        proved = self.definiteness if self.definiteness == "undecided" else f"{self.definiteness} (certified)"
        return f"eigenvalues {numbers}: {proved}; {self.kind}"


def curvature(f: Expr, at: Any, wrt: str | Sequence[str] | None = None) -> Curvature:
    """The certified eigenvalues of the Hessian of a scalar function at a point, and the kind of the point.

    >>> import hesse as hs
    >>> hs.curvature(hs.parse("x1^2 - x2^2"), at=[0, 0]).kind
    'saddle point'
    """
    if not isinstance(f, Expr) or f.shape:
        raise ArgumentError("the curvature at a point belongs to a scalar function", hint="take an entry, f[i]")
    where = place(f, at, wrt)
    if where.count > MAX_ENTRIES:
        raise LimitError(f"the Hessian has {where.count} rows, the limit here is {MAX_ENTRIES}")
    setting = Setting(where.values, where.sizes, where.tables, where.moving)
    requirements(f).at_point(setting)
    try:
        (series,) = taylor_coefficients(f.node, setting, 2, 100)
    except (NotSmooth, Undefined, Singular):
        raise ArgumentError("there is no second derivative at the point") from None
    with working(100):
        found = dict(zip(series.space.exponents, series.coefficients, strict=True))
        count = where.count
        low, high = np.zeros((count, count)), np.zeros((count, count))
        for i in range(count):
            for j in range(count):
                key = tuple((k == i) + (k == j) for k in range(count))
                entry = found[key] * (2 if i == j else 1)
                low[i, j], high[i, j] = below(entry), above(entry)
        slopes = [found[tuple(int(k == i) for k in range(count))] for i in range(count)]
    numbers, bounds = enclosed_eigenvalues(Intervals(low, high))
    return Curvature(numbers, bounds, _definiteness(bounds), _stationary(f, where, slopes))


def _definiteness(bounds: Sequence[tuple[float, float]]) -> Definiteness:
    if all(low > 0 for low, _ in bounds):
        return "positive definite"
    if all(high < 0 for _, high in bounds):
        return "negative definite"
    if any(low > 0 for low, _ in bounds) and any(high < 0 for _, high in bounds):
        return "indefinite"
    return "undecided"


def _stationary(f: Expr, where: Place, slopes: Sequence[Any]) -> bool | None:
    if any(slope > 0 or slope < 0 for slope in slopes):
        return False
    for k, slope in enumerate(slopes):
        if slope == 0:
            continue
        along = [Fraction(int(j == k)) for j in range(where.count)]
        if not Line(f.node, where, along).derivative_is_zero(1):
            return None
    return True
