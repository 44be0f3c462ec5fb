"""Scenes along a line: Taylor models over their function, what f does along directions, and how errors grow."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np

from hesse.errors import ArgumentError
from hesse.pictures.curves import trace
from hesse.pictures.limits import padded, robust, window
from hesse.pictures.naming import Entry, Place, entry_formula, heading, needs, reason
from hesse.pictures.reading import check_size, numbers, positive, ranges_of, require_inside
from hesse.pictures.sampling import silent
from hesse.pictures.scenes import (
    Axis,
    Band,
    ContourScene,
    DirectionScene,
    ErrorCurve,
    ErrorScene,
    Formula,
    ModelCurve,
    Profile,
    Ray,
    Reach,
    TaylorScene,
)
from hesse.pictures.slices import Slice

Array: TypeAlias = Any
STEP = Formula("t", "t")
POINTS = 401
SIZE = 2.0
"""Half of the width of a window around 0: far enough to see models fail."""
TIGHT, TRIES = 0.12, 12
"""The band is drawn at the largest radius, halved so often, at which the bound is this share of the height or less."""
MOST = 5
"""How many models are drawn where nothing is said."""
RADII = 7


class Model(Protocol):
    """A Taylor model at a point."""

    order: int

    @property
    def place(self) -> Place:
        """The point."""
        ...

    @property
    def along(self) -> Any:
        """The direction of a model along a line, else None."""
        ...

    def derivative(self, order: int) -> Any:
        """The derivatives of an order."""
        ...

    def remainder(self, radius: Any, norm: str = "inf") -> Any:
        """The certified error within a radius."""
        ...

    def errors(self, radius: Any, norm: str = "inf") -> Any:
        """The certified errors of the models of all orders up to this one."""
        ...

    def radius(self, tolerance: Any, norm: str = "inf") -> Any:
        """A certified radius for a tolerance."""
        ...


class Line:
    """A line through the point: of one entry, whose coordinate is its value, or of a step t along a direction."""

    def __init__(self, place: Place, entry: Entry | None, along: Sequence[float] | None) -> None:
        self.place = place
        self.entry = entry
        self.along = along
        if entry is not None:
            self.slice = Slice(place, [entry])
            (self.center,) = self.slice.centers()
            self.values: Callable[[Array], Array] = lambda x: self.slice.at([x])
            self.name, self.label = place.spelled(*entry), entry_formula(place, entry)
        else:
            assert along is not None
            self.slice = Slice(place, place.entries)
            self.center = 0.0
            self.values = self.slice.along(along)
            self.name, self.label = "t", STEP

    def range(self, given: Any) -> tuple[float, float]:
        """The range that is drawn, as given or around the point."""
        if given is not None:
            return ranges_of(given, 1)[0]
        if self.entry is not None:
            return window(self.values, self.center, SIZE)
        # A step of size one moves by the length of the direction.
        assert self.along is not None
        size = max(abs(entry) for entry in self.along)
        low, high = window(lambda t: self.values(t / size), 0.0, SIZE)
        return low / size, high / size


def taylor_scene(
    line: Line,
    model: Model,
    *,
    ranges: Any = None,
    orders: Sequence[int] | None = None,
    radius: Any = None,
    tolerance: Any = None,
    title: str = "",
) -> TaylorScene:
    """The function on the line, its models, their errors, and what is certified of the model of highest order."""
    _require_scalar(line.place)
    wanted = _wanted(orders, model.order)
    low, high = line.range(ranges)
    require_inside(line.name, line.center, low, high)
    curve = trace(line.values, low, high)
    if not np.isfinite(curve.y).any():
        raise ArgumentError("the function is defined nowhere in the range: there is nothing to draw")
    check_size(np.array(curve.limits))
    value = float(line.values(np.array([line.center]))[0])
    limits = padded(*robust(np.array(curve.limits), value), 0.08)
    notes: list[str] = []
    models: tuple[ModelCurve, ...] = ()
    band, reach = None, None
    try:
        coefficients = [float(np.ravel(model.derivative(k))[0]) / math.factorial(k) for k in _upto(model.order)]
        models = _models(line, coefficients, wanted, low, high)
        half = max(line.center - low, high - line.center)
        band = _band(model, radius, half, limits[1] - limits[0])
        reach = None if tolerance is None else Reach(model.order, float(model.radius(tolerance)), float(tolerance))
    except ArgumentError as error:
        if radius is not None or tolerance is not None:
            raise
        notes.append(f"no models: {reason(error, line.place)}")
    if band is not None and not math.isfinite(band.upper):
        notes.append(f"f is not proved to have a value all along the band{needs(line.place)}")
    notes = [*notes, *_gaps(line, curve.y)] if not any(": f needs" in note for note in notes) else notes
    return TaylorScene(
        heading(line.place, [line.entry] if line.entry else line.place.entries, title),
        Axis(line.name, line.label, low, high),
        limits,
        line.center,
        value,
        curve.x,
        curve.y,
        models,
        band,
        reach,
        None if line.along is None else tuple(map(float, line.along)),
        tuple(notes),
    )


def _upto(order: int) -> Sequence[int]:
    return [*map(int, np.arange(order + 1))]


def _require_scalar(place: Place) -> None:
    if place.f.shape:
        raise ArgumentError(
            "models along a line are drawn for a function with one output",
            hint="take an entry, such as f[0], or draw the Jacobian: plot jacobian",
        )


def _wanted(orders: Sequence[int] | None, order: int) -> list[int]:
    if orders is None:
        # Of many orders some, evenly spread, with the first and the last.
        return sorted({round(float(k)) for k in np.linspace(min(1, order), order, min(order, MOST) or 1)})
    found = sorted(set(orders))
    if not found or not all(isinstance(k, int) and 0 <= k <= order for k in found):
        raise ArgumentError(f"the orders to draw are integers from 0 to {order}, not {list(orders)}")
    return found


def _models(
    line: Line, coefficients: Sequence[float], orders: Sequence[int], low: float, high: float
) -> tuple[ModelCurve, ...]:
    """The models of the orders over the range."""
    x = np.union1d(np.linspace(low, high, POINTS), [line.center])
    truth = line.values(x)
    found = []
    for order in orders:
        y = np.polynomial.polynomial.polyval(x - line.center, coefficients[: order + 1])
        found.append(ModelCurve(order, tuple(coefficients[: order + 1]), x, y, np.abs(truth - y)))
    return tuple(found)


def _band(model: Model, radius: Any, half: float, height: float) -> Band:
    """The certified band: at the radius that is given, or at the largest of some at which it is not too wide."""
    if radius is not None:
        found = model.remainder(radius)
        return Band(model.order, float(found.radius), float(found.upper), found.missing)
    size = _tidy(half)
    for _ in range(TRIES):
        found = model.remainder(size)
        if found.upper <= TIGHT * height:
            return Band(model.order, size, float(found.upper))
        size = _tidy(size / 1.3)
    return Band(model.order, size, math.inf, found.missing or "the bound is wider than the picture")


def _tidy(value: float) -> float:
    """A number of few digits that is at most the value."""
    power = 10.0 ** math.floor(math.log10(value))
    digit = max((d for d in (1, 1.5, 2, 3, 4, 5, 7) if d * power <= value * (1 + 1e-9)), default=1)
    return float(f"{digit * power:.3g}")


def _gaps(line: Line, y: Array) -> list[str]:
    found = needs(line.place)
    return [f"empty where f is undefined{found}"] if found and not np.isfinite(y).all() else []


def direction_scene(
    place: Place,
    directions: Mapping[str, Any],
    contour: ContourScene | None,
    *,
    ranges: Any = None,
    title: str = "",
) -> DirectionScene:
    """What f does along each direction: its change over t, the slope, and how far the comparison is certified."""
    rays = tuple(
        Ray(name, (0.0, 0.0), d.slope, d.model_trend, d.trend, d.until, d.lasting.ends)
        for name, d in directions.items()
    )
    lines = {name: Line(place, None, [float(entry) for entry in d.along]) for name, d in directions.items()}
    length = _length(rays, lines) if ranges is None else _positive_end(ranges)
    profiles: list[Profile] = []
    seen: list[float] = []
    for ray in rays:
        values = lines[ray.name].values
        start = float(values(np.array([0.0]))[0])
        curve = trace(lambda t, f=values, s=start: f(t) - s, 0.0, length)  # type: ignore[misc]
        profiles.append(Profile(ray, curve.x, curve.y))
        seen += curve.limits
    low, high = robust(np.array(seen), 0.0)
    return DirectionScene(
        heading(place, place.entries, title), contour, tuple(profiles), length, padded(low, high, 0.08)
    )


def _positive_end(given: Any) -> float:
    end = numbers(given, "the range of t")[-1:] if hasattr(given, "__len__") else (given,)
    return positive(end[0] if end else None, "the end of t")


def _length(rays: Sequence[Ray], lines: Mapping[str, Line]) -> float:
    """Somewhat beyond the ends that are certified; where none is near, as far as a window reaches."""
    reach = max(lines[ray.name].range(None)[1] for ray in rays)
    ends = [ray.until[0] for ray in rays if 0 < ray.certified < 8 * reach]
    return 1.3 * max(ends) if ends else reach


def error_scene(
    model: Model,
    place: Place,
    *,
    radius: Any = None,
    norm: str = "inf",
    title: str = "",
    progress: Callable[[float], None] = silent,
) -> ErrorScene:
    """The certified and the sampled errors of the models of order 0 to k, over radii up to the one given."""
    top = 1.0 if radius is None else positive(radius, "the radius")
    radii = np.geomspace(top / 100, top, RADII)
    table = []
    for k, size in enumerate(radii):
        table.append(model.errors(float(f"{size:.6g}"), norm))
        progress((k + 1) / RADII)
    curves = tuple(
        ErrorCurve(
            k, np.array([float(row[k].upper) for row in table]), np.array([float(row[k].sampled) for row in table])
        )
        for k in _upto(model.order)
    )
    unproved = any(not row[-1].certified for row in table)
    along = model.along
    return ErrorScene(
        heading(place, place.entries, title),
        radii,
        norm,
        curves,
        tuple(float(place.values[name].entries[k]) for name, k in place.entries),
        (
            *([f"no bound is proved where there is no line{needs(place)}"] if unproved else []),
            *(() if along is None else (f"along the direction ({', '.join(f'{float(e):g}' for e in along)})",)),
        ),
    )
