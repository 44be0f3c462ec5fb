"""Pictures put together: from a function at a point, from a model, and from directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Protocol

import numpy as np

from hesse.errors import ArgumentError
from hesse.pictures.drawing.theme import Style
from hesse.pictures.lines import Line, direction_scene, taylor_scene
from hesse.pictures.lines import Model as ModelOfLine
from hesse.pictures.naming import Entry, chosen_axes, reason, value_of
from hesse.pictures.picture import Picture
from hesse.pictures.planes import (
    CONTOUR,
    MAX_SURFACE,
    SURFACE,
    Jet,
    Window,
    contour_scene,
    directional_rays,
    surface_scene,
    window,
    within_reach,
)
from hesse.pictures.reading import numbers
from hesse.pictures.sampling import Values, silent
from hesse.pictures.scenes import ContourScene
from hesse.service.derivatives import gradient

Axes = str | Sequence[str] | None
Ranges = Sequence[tuple[float, float]] | None
Progress = Callable[[float], None]


class Model(ModelOfLine, Protocol):
    """A Taylor model at a point, with its first and second derivatives."""

    @property
    def jacobian(self) -> Any:
        """The first derivatives."""
        ...

    @property
    def hessian(self) -> Any:
        """The second derivatives."""
        ...


def style_of(options: Mapping[str, Any]) -> Style:
    """The style with the options. Raises ArgumentError for one that there is not."""
    known = [each.name for each in fields(Style)]
    for name in options:
        if name not in known:
            raise ArgumentError(f"there is no option `{name}`", hint=f"the looks have {', '.join(known)}")
    return Style(**options)


def jet_of(model: Model, chosen: Sequence[Entry], *, curved: bool = False) -> Jet:
    """Slopes and, on request, curvature by the chosen entries; or why there are none."""
    place = model.place
    picked = [place.entries.index(entry) for entry in chosen]
    try:
        slopes = np.ravel(model.jacobian)[picked]
        bent = np.reshape(model.hessian, (len(place.entries),) * 2)[np.ix_(picked, picked)] if curved else None
    except ArgumentError as failure:
        return Jet(None, None, f"no tangent: {reason(failure, place)}")
    if not np.isfinite(slopes).all():
        return Jet(None, None, "no tangent: there is no derivative at the point")
    return Jet((float(slopes[0]), float(slopes[1])), bent)


def surface_picture(
    model: Model,
    *,
    axes: Axes = None,
    ranges: Ranges = None,
    resolution: int = SURFACE,
    quadratic: bool = False,
    view: tuple[float, float] | None = None,
    title: str = "",
    progress: Progress = silent,
    **style: Any,
) -> Picture:
    """The surface with what the model says of it."""
    looks = style_of(style)
    angles = None if view is None else numbers(view, "the view", 2)
    chosen = chosen_axes(model.place, axes, 2)
    seen = window(model.place, chosen, ranges, resolution, progress, equal=False, finest=MAX_SURFACE)
    scene = surface_scene(seen, jet_of(model, chosen, curved=quadratic), quadratic=quadratic, title=title)
    return Picture(scene, looks, None if angles is None else (angles[0], angles[1]))


def contour_picture(
    model: Model,
    directions: Mapping[str, Any],
    *,
    axes: Axes = None,
    ranges: Ranges = None,
    resolution: int = CONTOUR,
    levels: int | Sequence[float] | None = None,
    half_plane: bool | None = None,
    field: bool = False,
    title: str = "",
    progress: Progress = silent,
    **style: Any,
) -> Picture:
    """The contours with the model's gradient, and the directions."""
    return Picture(
        contours(
            model, directions, axes=axes, ranges=ranges, resolution=resolution, levels=levels, half_plane=half_plane,
            field=field, title=title, progress=progress,
        ),
        style_of(style),
    )  # fmt: skip


def contours(
    model: Model,
    directions: Mapping[str, Any],
    *,
    axes: Axes = None,
    ranges: Ranges = None,
    resolution: int = CONTOUR,
    levels: int | Sequence[float] | None = None,
    half_plane: bool | None = None,
    field: bool = False,
    title: str = "",
    progress: Progress = silent,
) -> ContourScene:
    """The scene of contours with the model's gradient, and the directions."""
    place = model.place
    chosen = chosen_axes(place, axes, 2)
    rays = directional_rays(directions, chosen, place)
    reach = within_reach(rays, [value_of(place, entry) for entry in chosen])
    seen = window(place, chosen, ranges, resolution, progress, equal=True, reach=reach)
    return contour_scene(
        seen,
        jet_of(model, chosen),
        rays,
        levels=levels,
        half_plane=half_plane,
        arrows=gradients(seen) if field else None,
        title=title,
    )


def taylor_picture(
    line: Line,
    model: ModelOfLine,
    *,
    ranges: Any = None,
    orders: Sequence[int] | None = None,
    radius: Any = None,
    tolerance: Any = None,
    title: str = "",
    **style: Any,
) -> Picture:
    """The function on the line with its models."""
    looks = style_of(style)
    scene = taylor_scene(line, model, ranges=ranges, orders=orders, radius=radius, tolerance=tolerance, title=title)
    return Picture(scene, looks)


def model_picture(model: Model, **options: Any) -> Picture:
    """What a model is seen best in: its curve for one variable or a line, else the surface, bent from order 2 on."""
    place, along = model.place, model.along
    if along is not None:
        return taylor_picture(Line(place, None, [float(entry) for entry in along]), model, **options)
    if len(place.entries) == 1:
        return taylor_picture(Line(place, place.entries[0], None), model, **options)
    return surface_picture(model, **{"quadratic": model.order > 1, **options})


def directions_picture(
    model: Model,
    directions: Mapping[str, Any],
    *,
    ranges: Any = None,
    resolution: int = CONTOUR,
    title: str = "",
    progress: Progress = silent,
    **style: Any,
) -> Picture:
    """What f does along directions; for two entries beside the contours."""
    looks = style_of(style)
    beside = None
    if len(model.place.entries) == 2:
        beside = contours(model, directions, resolution=resolution, progress=progress)
    return Picture(direction_scene(model.place, directions, beside, ranges=ranges, title=title), looks)


def gradients(seen: Window) -> Callable[[Any, Any], Any]:
    """The gradient by the two axes at points of the window."""
    place, chosen = seen.plane.place, seen.plane.entries
    names = list(dict.fromkeys(name for name, _ in chosen))
    fixed = {name: np.array(value) for name, value in place.floats.items()}
    parts = {name: Values(gradient(place.f, name), fixed, names) for name in names}

    def at(x: Any, y: Any) -> Any:
        points = {name: np.tile(fixed[name].reshape(-1), (len(x), 1)) for name in names}
        for (name, k), places in zip(chosen, (x, y), strict=True):
            points[name][:, k] = places
        shaped = {name: value.reshape(len(x), *fixed[name].shape) for name, value in points.items()}
        found = {name: part.at(shaped).reshape(len(x), -1) for name, part in parts.items()}
        return np.stack([found[name][:, k] for name, k in chosen], axis=1)

    return at
