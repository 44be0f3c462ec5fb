"""Surfaces in space: cells cut off at the limits, shaded, and what of other things they hide from the viewer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from hesse.pictures.scenes import Field

Array: TypeAlias = Any
LIGHT = np.array([-0.45, -0.55, 0.7])
HEIGHT = 0.75
"""The height of the box in which a surface is drawn, as a share of its width."""
STEPS, START = 48, 0.02
"""Points on the way from a thing to the viewer at which it is asked whether the surface is crossed, and the first."""
TOUCHES = 4e-3
"""A crossing that is no deeper than this share of the height is a touch."""


@dataclass(frozen=True)
class Box:
    """The part of space that is drawn: two ends for each coordinate."""

    low: Array
    high: Array

    @property
    def sides(self) -> Array:
        """The lengths in the units of the picture's box, whose width is one."""
        return (self.high - self.low) / np.array([1.0, 1.0, HEIGHT])


def cells(field: Field, box: Box) -> list[Array]:
    """The cells of a field that have values, as polygons, cut off at the sides of the box."""
    across, up = np.meshgrid(field.x, field.y)
    points = np.stack([across, up, field.values], axis=-1)
    corners = np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], axis=2).reshape(-1, 4, 3)
    corners = corners[np.isfinite(corners[:, :, 2]).all(axis=1)]
    inside = ((corners >= box.low) & (corners <= box.high)).all(axis=(1, 2))
    outside = ((corners < box.low).all(axis=1) | (corners > box.high).all(axis=1)).any(axis=1)
    found = list(corners[inside])
    for cell in [*corners[~inside & ~outside], *field.rim]:
        polygon = cell
        for axis in range(3):
            polygon = _clipped(_clipped(polygon, axis, box.low[axis], 1), axis, box.high[axis], -1)
        if len(polygon) >= 3:
            found.append(polygon)
    return found


def _clipped(polygon: Array, axis: int, bound: float, side: int) -> Array:
    """The part of a polygon on one side of a bound (Sutherland and Hodgman, 1974)."""
    kept: list[Array] = []
    for current, following in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        a, b = side * (current[axis] - bound), side * (following[axis] - bound)
        if a >= 0:
            kept.append(current)
        if (a < 0) != (b < 0):
            kept.append(current + (following - current) * (a / (a - b)))
    return np.array(kept) if kept else np.zeros((0, 3))


def light_on(polygons: Sequence[Array], box: Box) -> Array:
    """How bright each polygon is under light from the side, from 0 to 1."""
    corners = np.array([polygon[:3] for polygon in polygons]) / box.sides
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(length > 0, normals / np.where(length > 0, length, 1), [0.0, 0.0, 1.0])
    brightness: Array = np.abs(normals @ (LIGHT / np.linalg.norm(LIGHT)))
    return brightness


def towards_viewer(view: tuple[float, float], box: Box) -> Array:
    """The step towards the viewer that is as long as the box is wide, in the units of the axes."""
    elevation, azimuth = (math.radians(angle) for angle in view)
    unit = np.array([
        math.cos(elevation) * math.cos(azimuth), math.cos(elevation) * math.sin(azimuth), math.sin(elevation)
    ])  # fmt: skip
    step: Array = unit * box.sides
    return step


def hidden(points: Array, field: Field, box: Box, view: tuple[float, float]) -> Array:
    """Which of the points a surface hides: those from which the way to the viewer crosses it."""
    way = np.linspace(START, 1.8, STEPS)
    places = points[:, None, :] + way[None, :, None] * towards_viewer(view, box)
    above = places[:, :, 2] - _height(field, places[:, :, 0], places[:, :, 1])
    depth = TOUCHES * (box.high[2] - box.low[2])
    inside = (places[:, :, 2] <= box.high[2]) & (places[:, :, 2] >= box.low[2])
    with np.errstate(invalid="ignore"):
        over, under = ((above > depth) & inside).any(axis=1), ((above < -depth) & inside).any(axis=1)
    found: Array = over & under
    return found


def _height(field: Field, x: Array, y: Array) -> Array:
    """The surface at points, by interpolation within cells; nan beside it."""
    i = (x - field.x[0]) / (field.x[1] - field.x[0])
    j = (y - field.y[0]) / (field.y[1] - field.y[0])
    outside = ~((i >= 0) & (i <= len(field.x) - 1) & (j >= 0) & (j <= len(field.y) - 1))
    i0 = np.clip(np.floor(i).astype(int), 0, len(field.x) - 2)
    j0 = np.clip(np.floor(j).astype(int), 0, len(field.y) - 2)
    u, v = i - i0, j - j0
    z = field.values
    with np.errstate(invalid="ignore"):
        found = (1 - v) * ((1 - u) * z[j0, i0] + u * z[j0, i0 + 1]) + v * (
            (1 - u) * z[j0 + 1, i0] + u * z[j0 + 1, i0 + 1]
        )
    return np.where(outside, np.nan, found)


def mesh(field: Field, every: int, box: Box) -> Array:
    """Pieces of every so many grid lines of the surface, inside of the box: two ends for each."""
    across, up = np.meshgrid(field.x, field.y)
    points = np.stack([across, up, field.values], axis=-1)
    rows = np.stack([points[::every, :-1], points[::every, 1:]], axis=2).reshape(-1, 2, 3)
    columns = np.stack([points[:-1, ::every], points[1:, ::every]], axis=2).reshape(-1, 2, 3)
    pieces = np.concatenate([rows, columns])
    z = pieces[:, :, 2]
    return pieces[(np.isfinite(z) & (z >= box.low[2]) & (z <= box.high[2])).all(axis=1)]


def outline(field: Field, box: Box) -> Array:
    """Pieces of the border of a field, inside of the box."""
    across, up = np.meshgrid(field.x, field.y)
    points = np.stack([across, up, field.values], axis=-1)
    ring = np.concatenate([points[0], points[1:, -1], points[-1, -2::-1], points[-2::-1, 0]])
    pieces = np.stack([ring[:-1], ring[1:]], axis=1)
    return pieces[((pieces >= box.low) & (pieces <= box.high)).all(axis=(1, 2))]


def best_view(
    point: Array, slopes: tuple[float, float], field: Field, box: Box, views: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """The view, of several, from which the tangent plane is seen best: the first, unless another is much better."""
    # In the units of the box, in which all is seen.
    normal = np.array([-slopes[0] * box.sides[0], -slopes[1] * box.sides[1], box.sides[2]]) / box.sides[2]
    normal /= np.linalg.norm(normal)
    step = 0.12 * (box.high - box.low)
    around = np.array([
        (point[0] + u * step[0], point[1] + v * step[1], point[2] + slopes[0] * u * step[0] + slopes[1] * v * step[1])
        for u in (-1, 0, 1) for v in (-1, 0, 1)
    ])  # fmt: skip
    scores = []
    for view in views:
        towards = towards_viewer(view, box) / box.sides
        scores.append(float(normal @ towards) - 0.5 * float(hidden(around, field, box, view).mean()))
    best = int(np.argmax(scores))
    return views[0] if scores[0] > scores[best] - 0.15 else views[best]
