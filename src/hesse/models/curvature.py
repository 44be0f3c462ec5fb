"""The curvature at a point: certified eigenvalues of the Hessian, its definiteness, the kind of the point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from flint import arb, arb_mat

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

    A symmetric variable is varied among symmetric matrices.
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
        matrix = arb_mat(count, count, [_second(found, i, j, count) for i in range(count) for j in range(count)])
        slopes = [found[tuple(int(k == i) for k in range(count))] for i in range(count)]
        steps = _directions(f, where)
        if len(steps) < count:
            basis = arb_mat([[entry / _length(step) for entry in map(arb, step)] for step in steps])
            matrix = basis * matrix * basis.transpose()
            slopes = [sum((a * b for a, b in zip(step, slopes, strict=True) if a), arb(0)) for step in steps]
        size = len(steps)
        low, high = (np.reshape([side(entry) for entry in matrix.entries()], (size, size)) for side in (below, above))
    numbers, bounds = enclosed_eigenvalues(Intervals(low, high))
    return Curvature(numbers, bounds, _definiteness(bounds), _stationary(f, where, slopes, steps))


def _second(found: Mapping[Any, arb], i: int, j: int, count: int) -> arb:
    return found[tuple((k == i) + (k == j) for k in range(count))] * (2 if i == j else 1)


def _length(step: Sequence[int]) -> arb:
    return arb(sum(entry * entry for entry in step)).sqrt()


def _directions(f: Expr, where: Place) -> list[list[int]]:
    """Orthogonal directions that span what may vary: all, and for a symmetric matrix the symmetric matrices."""
    count = where.count
    attributes = f._declarations.variables[where.moving[0]].attributes
    if where.stacked or not attributes & {"sym", "spd"}:
        return [[int(k == j) for k in range(count)] for j in range(count)]
    size = where.shape[0]
    pairs = [(i, j) for i in range(size) for j in range(i, size)]
    return [[int(k in (i * size + j, j * size + i)) for k in range(count)] for i, j in pairs]


def _definiteness(bounds: Sequence[tuple[float, float]]) -> Definiteness:
    if all(low > 0 for low, _ in bounds):
        return "positive definite"
    if all(high < 0 for _, high in bounds):
        return "negative definite"
    if any(low > 0 for low, _ in bounds) and any(high < 0 for _, high in bounds):
        return "indefinite"
    return "undecided"


def _stationary(f: Expr, where: Place, slopes: Sequence[Any], steps: Sequence[Sequence[int]]) -> bool | None:
    if any(slope > 0 or slope < 0 for slope in slopes):
        return False
    for slope, step in zip(slopes, steps, strict=True):
        if slope == 0:
            continue
        if not Line(f.node, where, [Fraction(entry) for entry in step]).derivative_is_zero(1):
            return None
    return True
