"""A function on a line or a plane through a point: values at parameters in place of all variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from hesse.pictures.curves import narrowed
from hesse.pictures.limits import robust
from hesse.pictures.naming import Entry, Place
from hesse.pictures.sampling import Values, silent
from hesse.pictures.scenes import Field

Array: TypeAlias = Any
BROKEN = 0.15
"""A difference of neighbours, as a share of the height, from which on it is asked whether the function jumps."""
RIM = 40
"""Halvings of an edge on which the domain ends."""
ROUNDS = 4
"""Rounds of six halvings in which an edge must keep its difference to count as a jump."""


class Slice:
    """The values of f where some entries take given positions, or move along a direction, and the others stay."""

    def __init__(self, place: Place, entries: Sequence[Entry]) -> None:
        self.place = place
        self.entries = tuple(entries)
        moving = tuple(dict.fromkeys(name for name, _ in entries))
        self._fixed = {name: np.array(value) for name, value in place.floats.items()}
        self._moving = moving
        self._values = Values(place.f, self._fixed, moving)

    def at(self, positions: Sequence[Array], progress: Callable[[float], None] = silent) -> Array:
        """The values where each entry takes its position, one after the other along a first axis."""
        count = len(positions[0])
        points = {name: np.tile(self._fixed[name].reshape(-1), (count, 1)) for name in self._moving}
        for (name, k), places in zip(self.entries, positions, strict=True):
            points[name][:, k] = places
        shaped = {name: value.reshape(count, *self._fixed[name].shape) for name, value in points.items()}
        return self._values.at(shaped, progress)

    def centers(self) -> list[float]:
        """Where the entries are at the point."""
        return [float(self._fixed[name].reshape(-1)[k]) for name, k in self.entries]

    def along(self, step: Sequence[float]) -> Callable[[Array], Array]:
        """t -> f(x + t step)."""
        centers = self.centers()
        return lambda t: self.at([c + np.asarray(t) * s for c, s in zip(centers, step, strict=True)])


def on_grid(plane: Slice, x: Array, y: Array, progress: Callable[[float], None] = silent) -> tuple[Field, Array]:
    """The values on a grid, nan also at edges that jump, with the rim of the domain; and where there are values."""
    across, up = np.meshgrid(x, y)
    found = plane.at([across.ravel(), up.ravel()], progress)
    values = found.reshape(len(y), len(x))
    defined = np.isfinite(values)
    border = rim(plane, x, y, values)
    _break(plane, x, y, values, axis=1)
    _break(plane, x, y, values, axis=0)
    return Field(x, y, values, border), defined


def rim(plane: Slice, x: Array, y: Array, values: Array) -> tuple[Array, ...]:
    """The parts of cells, at the end of the domain, in which there are values: polygons of points (x, y, value)."""
    defined = np.isfinite(values)
    ends = {**_ends(plane, x, y, values, axis=0), **_ends(plane, x, y, values, axis=1)}
    if not ends:
        return ()
    count = sum(
        part.astype(int) for part in (defined[:-1, :-1], defined[:-1, 1:], defined[1:, 1:], defined[1:, :-1])
    )  # fmt: skip
    found = []
    for j, i in zip(*np.nonzero((count > 0) & (count < 4)), strict=True):
        corners = [(j, i), (j, i + 1), (j + 1, i + 1), (j + 1, i)]
        edges = [(j, i, 1), (j, i + 1, 0), (j + 1, i, 1), (j, i, 0)]
        polygon = []
        for (row, column), edge in zip(corners, edges, strict=True):
            if defined[row, column]:
                polygon.append((x[column], y[row], values[row, column]))
            if edge in ends:
                polygon.append(ends[edge])
        if len(polygon) >= 3:
            found.append(np.array(polygon))
    return tuple(found)


def _ends(plane: Slice, x: Array, y: Array, values: Array, axis: int) -> dict[tuple[int, int, int], Any]:
    """Where the domain ends on the edges of the grid along an axis, with the last value: by row, column and axis."""
    first, second = (values[:, :-1], values[:, 1:]) if axis else (values[:-1], values[1:])
    j, i = np.nonzero(np.isfinite(first) != np.isfinite(second))
    if not len(j):
        return {}
    a, b = (x[i], x[i + 1]) if axis else (y[j], y[j + 1])
    other = y[j] if axis else x[i]
    a, b, ya, yb = narrowed(
        lambda t: plane.at([t, other] if axis else [other, t]), a, b, first[j, i], second[j, i], halvings=RIM
    )
    from_first = np.isfinite(ya)
    last, value = np.where(from_first, a, b), np.where(from_first, ya, yb)
    places = np.stack([last, other, value] if axis else [other, last, value], axis=1)
    return {(int(row), int(column), axis): tuple(place) for row, column, place in zip(j, i, places, strict=True)}


def _break(plane: Slice, x: Array, y: Array, values: Array, axis: int) -> None:
    """Take away the larger of two neighbours between which the function jumps, so that nothing is drawn across."""
    low, high = robust(values)
    height = high - low
    first, second = (values[:, :-1], values[:, 1:]) if axis else (values[:-1], values[1:])
    j, i = np.nonzero(np.abs(second - first) > BROKEN * height)
    if not len(j):
        return
    a, b = (x[i], x[i + 1]) if axis else (y[j], y[j + 1])
    ya, yb = first[j, i], second[j, i]
    for _ in range(ROUNDS):
        other = y[j] if axis else x[i]

        def line(t: Array, other: Array = other) -> Array:
            return plane.at([t, other] if axis else [other, t])

        with np.errstate(all="ignore"):
            a, b, ya, yb = narrowed(line, a, b, ya, yb, halvings=6)
        jumps = ~(np.abs(yb - ya) <= BROKEN * height / 3)
        a, b, ya, yb, j, i = (each[jumps] for each in (a, b, ya, yb, j, i))
        if not len(j):
            return
    middle = (low + high) / 2
    second_larger = np.abs(second[j, i] - middle) > np.abs(first[j, i] - middle)
    values[j + (0 if axis else 1) * second_larger, i + (1 if axis else 0) * second_larger] = np.nan
