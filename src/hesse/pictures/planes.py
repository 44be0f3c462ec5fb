"""Scenes over two coordinates: the surface with its tangent plane, and the contours with gradient and directions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from hesse.errors import ArgumentError
from hesse.pictures.limits import padded, robust, stretched, windows
from hesse.pictures.naming import Entry, Place, entry_formula, heading, needs
from hesse.pictures.reading import check_size, numbers, ranges_of, require_inside
from hesse.pictures.sampling import silent
from hesse.pictures.scenes import Arrows, Axis, ContourScene, Field, Ray, SurfaceScene
from hesse.pictures.slices import Slice, on_grid

Array: TypeAlias = Any
Ranges: TypeAlias = Sequence[tuple[float, float]] | None
SURFACE, CONTOUR = 61, 181
MAX_SURFACE, MAX_RESOLUTION = 301, 2001
"""Each cell of a surface is a polygon of its own, contours are lines."""
LEVELS = 14
SPREAD = 0.2
"""Levels are evenly spaced where the median lies so far from both ends of the values, as a share of their range, and
the middle half of them spreads as much."""
PLANE, CELLS = 0.45, 33
"""The tangent plane reaches over this share of the window, in both directions."""
ARROWS = 13


@dataclass(frozen=True)
class Jet:
    """What the models say of the function at the point: its slopes by the two axes, and on request its curvature.

    Where there is no derivative, `missing` says why.
    """

    slopes: tuple[float, float] | None
    curvature: Any = None
    missing: str = ""


@dataclass(frozen=True)
class Window:
    """Two axes, the values on a grid over them, and the value at the point."""

    plane: Slice
    axes: tuple[Axis, Axis]
    field: Field
    defined: Array
    point: tuple[float, float]
    value: float


def window(
    place: Place,
    chosen: Sequence[Entry],
    ranges: Ranges,
    resolution: int,
    progress: Callable[[float], None] = silent,
    *,
    equal: bool,
    finest: int = MAX_RESOLUTION,
    reach: Sequence[tuple[float, float]] = (),
) -> Window:
    """The window around the point, so large that what is within reach is in it.

    Raises ArgumentError for vector functions and for ranges that cannot be used.
    """
    if place.f.shape:
        raise ArgumentError(
            "a surface or contours need a function with one output, this one has several",
            hint="take an entry, such as f[0], or draw the Jacobian: plot jacobian",
        )
    if not isinstance(resolution, int) or isinstance(resolution, bool) or not 2 <= resolution <= finest:
        raise ArgumentError(f"the resolution is an integer from 2 to {finest}, not {resolution!r}")
    plane = Slice(place, chosen)
    centers = plane.centers()
    if ranges is None:
        found = stretched(windows(plane.at, centers, equal=equal), centers, reach, equal=equal)
    else:
        found = ranges_of(ranges, 2)
    axes = [
        Axis(place.spelled(*entry), entry_formula(place, entry), low, high)
        for entry, (low, high) in zip(chosen, found, strict=True)
    ]
    for axis, center in zip(axes, centers, strict=True):
        require_inside(axis.name, center, axis.low, axis.high)
    x, y = (np.linspace(axis.low, axis.high, resolution) for axis in axes)
    field, defined = on_grid(plane, x, y, progress)
    if not defined.any():
        raise ArgumentError(
            "the function is defined nowhere in the window: there is nothing to draw",
            hint="give other ranges" if not place.f.conditions else "it needs " + ", ".join(place.f.conditions),
        )
    check_size(field.values)
    value = float(plane.at([np.array([center]) for center in centers])[0])
    return Window(plane, (axes[0], axes[1]), field, defined, (centers[0], centers[1]), value)


def surface_scene(view: Window, jet: Jet, *, quadratic: bool = False, title: str = "") -> SurfaceScene:
    """The surface, the point on it, and its tangent plane."""
    a, b = view.point
    known = math.isfinite(view.value)
    point = (a, b, view.value) if known else None
    slopes = jet.slopes if known else None
    limits = padded(*robust(view.field.values, view.value))
    plane = None if slopes is None else _model(view, lambda u, v: view.value + slopes[0] * u + slopes[1] * v)
    bent = None
    if quadratic and slopes is not None and jet.curvature is not None:
        h = np.asarray(jet.curvature)
        bent = _model(
            view,
            lambda u, v: view.value + slopes[0] * u + slopes[1] * v
            + (h[0, 0] * u * u + 2 * h[0, 1] * u * v + h[1, 1] * v * v) / 2,
        )  # fmt: skip
    notes = (*_undefined(view), *([jet.missing] if jet.missing else []))
    place = view.plane.place
    return SurfaceScene(
        heading(place, view.plane.entries, title), view.axes, limits, view.field, point, slopes, plane, bent, notes
    )


def _model(view: Window, model: Callable[[Array, Array], Array]) -> Field:
    """A model over a part of the window around the point."""
    sides = []
    for axis, center in zip(view.axes, view.point, strict=True):
        half = PLANE / 2 * (axis.high - axis.low)
        sides.append(np.linspace(center - half, center + half, CELLS))
    u, v = np.meshgrid(sides[0] - view.point[0], sides[1] - view.point[1])
    return Field(sides[0], sides[1], model(u, v))


def _undefined(view: Window) -> tuple[str, ...]:
    if view.defined.all():
        return ()
    return (f"empty where f is undefined{needs(view.plane.place)}",)


def contour_scene(
    view: Window,
    jet: Jet,
    rays: Sequence[Ray] = (),
    *,
    levels: int | Sequence[float] | None = None,
    half_plane: bool | None = None,
    arrows: Callable[[Array, Array], Array] | None = None,
    title: str = "",
    notes: Sequence[str] = (),
) -> ContourScene:
    """The level sets, the gradient at the point, rays, and the half-plane in which the linear model rises.

    `arrows` gives the gradient at points of the window, for a field of arrows.
    """
    first, second = view.axes
    ratio = (first.high - first.low) / (second.high - second.low)
    half_plane = bool(rays) if half_plane is None else half_plane
    return ContourScene(
        heading(view.plane.place, view.plane.entries, title),
        view.axes,
        1 / 3 <= ratio <= 3,
        view.field,
        chosen_levels(view.field.values, levels),
        view.defined,
        view.point,
        view.value,
        jet.slopes,
        tuple(rays),
        half_plane and jet.slopes is not None and any(jet.slopes),
        None if arrows is None else _arrows(view, arrows),
        (*_undefined(view), *([jet.missing] if jet.missing else []), *notes),
    )


def chosen_levels(values: Array, levels: int | Sequence[float] | None) -> tuple[float, ...]:
    """The levels: as given, or about so many, at round numbers; closer together where most values are.

    Where the values spread evenly they are equally spaced. In a narrow valley equal spaces would leave the floor empty:
    there every level has about as many values above it as its neighbour.
    """
    finite = values[np.isfinite(values)]
    if levels is not None and not isinstance(levels, int):
        found = sorted(set(numbers(levels, "levels")))
        if not found:
            raise ArgumentError("there are no levels", hint="give values, or how many there are")
        return tuple(found)
    count = LEVELS if levels is None else levels
    if count < 1 or count > 200:
        raise ArgumentError(f"there are 1 to 200 levels, not {count}")
    low, high = robust(values)
    low, high = max(low, float(finite.min())), min(high, float(finite.max()))
    if not high > low:
        return (low,)
    middle = float(np.median(finite))
    first, third = np.quantile(finite, (0.25, 0.75))
    if SPREAD <= (middle - low) / (high - low) <= 1 - SPREAD and third - first > SPREAD * (high - low):
        return _round_levels(low, high, count)
    ranked = np.quantile(np.clip(finite, low, high), np.linspace(0, 1, count + 2)[1:-1])
    found = sorted({_short(float(level), low, high) for level in ranked})
    return tuple(level for level in found if low < level < high) or (middle,)


def _round_levels(low: float, high: float, count: int) -> tuple[float, ...]:
    raw = (high - low) / count
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next((k * unit for k in (1, 2, 2.5, 5, 10) if k * unit >= raw * 0.999), 10 * unit)
    first = math.ceil(low / step)
    found = [round(k * step, 12 - math.floor(math.log10(step))) for k in range(first, math.floor(high / step) + 1)]
    return tuple(level for level in found if low < level < high) or ((low + high) / 2,)


def _short(value: float, low: float, high: float) -> float:
    """The value with two significant digits, or more where all values are close to each other."""
    scale = max(abs(low), abs(high))
    digits = 2 + max(0, math.ceil(math.log10(scale / (high - low))))
    return float(f"{value:.{min(digits, 15)}g}")


def _arrows(view: Window, gradient: Callable[[Array, Array], Array]) -> Arrows:
    """Directions of the gradient at a coarse grid inside of the window."""
    sides = []
    for axis in view.axes:
        step = (axis.high - axis.low) / ARROWS
        sides.append(np.linspace(axis.low + step / 2, axis.high - step / 2, ARROWS))
    x, y = (each.ravel() for each in np.meshgrid(*sides))
    with np.errstate(all="ignore"):
        found = gradient(x, y)
        length = np.hypot(found[:, 0], found[:, 1])
        kept = np.isfinite(length) & (length > 0)
    x, y, found, length = x[kept], y[kept], found[kept], length[kept]
    return Arrows(x, y, found[:, 0] / length, found[:, 1] / length, length)


def within_reach(rays: Sequence[Ray], centers: Sequence[float]) -> list[tuple[float, float]]:
    """The points that a picture of rays shows: their tips, and the ends of what is certified unless far away."""
    found = []
    for ray in rays:
        ends = [1.0, ray.certified] if 0 < ray.certified <= 2.5 else [1.0]
        found += [(centers[0] + t * ray.step[0], centers[1] + t * ray.step[1]) for t in ends]
    return found


def directional_rays(directions: Mapping[str, Any], chosen: Sequence[Entry], place: Place) -> tuple[Ray, ...]:
    """The directions as rays in the plane of the axes. Raises ArgumentError for one that leaves the plane."""
    order = list(place.entries)
    rays = []
    for name, each in directions.items():
        entries = dict(zip(order, each.along, strict=True))
        outside = [place.spelled(*entry) for entry, value in entries.items() if value and entry not in chosen]
        if outside:
            raise ArgumentError(f"{name} also moves {', '.join(outside)}: it does not lie in the plane of the axes")
        step = (float(entries.get(chosen[0], 0)), float(entries.get(chosen[1], 0)))
        rays.append(Ray(name, step, each.slope, each.model_trend, each.trend, each.until, each.lasting.ends))
    return tuple(rays)
