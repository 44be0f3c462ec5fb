"""Pictures of functions, of their derivatives and of how good the approximations are: `hs.plot.surface(f, at=...)`.

Each gives a `Picture`: its `.scene` is plain data, `.save("f.png")` writes PNG, SVG or PDF, `.figure` is matplotlib's;
a notebook shows it. What may be set of the looks goes for all of them: `size=(6, 5)` in inches, `dpi`, `font_size`,
`dark`, `title`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from hesse.errors import ArgumentError
from hesse.models.curvature import curvature
from hesse.models.direction import Direction, Directions
from hesse.models.direction import direction as directions_at
from hesse.models.place import Place, place
from hesse.models.taylor import Model
from hesse.models.taylor import taylor as taylor_model
from hesse.pictures.drawing.canvas import check_folder, file_kind
from hesse.pictures.drawing.theme import Style
from hesse.pictures.lines import Line, direction_scene, error_scene, taylor_scene
from hesse.pictures.matrices import hessian_scene, jacobian_scene
from hesse.pictures.naming import Entry, chosen_axes, split_names, value_of
from hesse.pictures.picture import Picture
from hesse.pictures.planes import (
    CONTOUR,
    SURFACE,
    Jet,
    Window,
    contour_scene,
    directional_rays,
    surface_scene,
    window,
    within_reach,
)
from hesse.pictures.sampling import Values, _silent
from hesse.service.derivatives import derivative, gradient
from hesse.service.derivatives import hessian as hessian_of
from hesse.service.expression import Expr

__all__ = ["contour", "direction", "error", "hessian", "jacobian", "surface", "taylor"]

Wrt = str | Sequence[str] | None
Ranges = Sequence[tuple[float, float]] | None
Progress = Callable[[float], None]


def surface(
    f: Expr,
    at: Any,
    *,
    wrt: Wrt = None,
    axes: str | Sequence[str] | None = None,
    ranges: Ranges = None,
    resolution: int = SURFACE,
    quadratic: bool = False,
    view: tuple[float, float] | None = None,
    title: str = "",
    progress: Progress = _silent,
    **style: Any,
) -> Picture:
    """The surface of a scalar function over two coordinates, with the point, the slopes and the tangent plane.

    `axes` names two of many coordinates, as in `"x[0],x[3]"`; the others are held at the point. `quadratic` adds the
    quadratic model. Raises ArgumentError for functions of one variable and of several outputs.

    >>> import hesse as hs
    >>> hs.plot.surface(hs.parse("x1^2 + exp(x1*x2) + 2*log(x2)"), at=[1, 2]).scene.point[:2]
    (1.0, 2.0)
    """
    looks = _style(style)
    where, chosen = _plane(f, at, wrt, axes)
    seen = window(where, chosen, ranges, resolution, progress, equal=False)
    jet = _jet(where, chosen, 2 if quadratic else 1)
    return Picture(surface_scene(seen, jet, quadratic=quadratic, title=title), looks, view)


def contour(
    f: Expr,
    at: Any,
    *,
    along: Any = None,
    wrt: Wrt = None,
    axes: str | Sequence[str] | None = None,
    ranges: Ranges = None,
    resolution: int = CONTOUR,
    levels: int | Sequence[float] | None = None,
    half_plane: bool | None = None,
    field: bool = False,
    title: str = "",
    progress: Progress = _silent,
    **style: Any,
) -> Picture:
    """The level sets over two coordinates, the gradient at the point, and directions with how far they hold.

    `along` is a direction or several by name, as in `hesse.direction`; each ray shows the sign of its slope and, where
    it is certified, the t up to which f stays above (below) its value at the point. `field` adds the gradient's field.

    >>> import hesse as hs
    >>> f = hs.parse("x1^2 + exp(x1*x2) + 2*log(x2)")
    >>> picture = hs.plot.contour(f, at=[1, 2], along={"d1": [1, -1], "d2": [-1, 1]})
    >>> [ray.trend for ray in picture.scene.rays]
    ['increases', 'decreases']
    """
    looks = _style(style)
    where, chosen = _plane(f, at, wrt, axes)
    found = {} if along is None else _directions(f, at, along, where)
    rays = directional_rays(found, chosen, where)
    reach = within_reach(rays, [value_of(where, entry) for entry in chosen])
    seen = window(where, chosen, ranges, resolution, progress, equal=True, reach=reach)
    scene = contour_scene(
        seen,
        _jet(where, chosen, 1),
        rays,
        levels=levels,
        half_plane=half_plane,
        arrows=_gradients(seen) if field else None,
        title=title,
    )
    return Picture(scene, looks)


def taylor(
    f: Expr,
    at: Any,
    *,
    order: int = 2,
    along: Any = None,
    wrt: Wrt = None,
    axes: str | Sequence[str] | None = None,
    range: Any = None,
    orders: Sequence[int] | None = None,
    radius: Any = None,
    tolerance: Any = None,
    title: str = "",
    **style: Any,
) -> Picture:
    """A function of one variable, or along a direction or one axis of many, with its models of order 1 to `order`.

    Below it are the errors. The band is certified: at the `radius` that is given, or at one that is chosen. With a
    `tolerance` the certified radius is shown as well.

    >>> import hesse as hs
    >>> hs.plot.taylor(hs.parse("sin(x)", "x:"), at=0, order=3, radius=1).scene.band.upper < 0.0082
    True
    """
    looks = _style(style)
    where = place(f, at, _names(f, at, wrt, axes))
    line, model = _line(f, at, where, order, along, axes)
    scene = taylor_scene(
        line, model, range=range, orders=orders, radius=radius, tolerance=tolerance, title=title
    )
    return Picture(scene, looks)


def direction(
    f: Expr,
    at: Any,
    along: Any,
    *,
    wrt: Wrt = None,
    range: Any = None,
    resolution: int = CONTOUR,
    title: str = "",
    progress: Progress = _silent,
    **style: Any,
) -> Picture:
    """What f does along one or several directions, with what is certified; for two coordinates beside the contours.

    `range` is the end of t.

    >>> import hesse as hs
    >>> picture = hs.plot.direction(hs.parse("x1^2 - x2^2"), at=[1, 1], along=[1, -1])
    >>> picture.scene.profiles[0].ray.slope
    4.0
    """
    looks = _style(style)
    where = place(f, at, wrt)
    found = _directions(f, at, along, where)
    beside = None
    if where.count == 2:
        chosen = tuple(where.entries)
        rays = directional_rays(found, chosen, where)
        reach = within_reach(rays, [value_of(where, entry) for entry in chosen])
        seen = window(where, chosen, None, resolution, progress, equal=True, reach=reach)
        beside = contour_scene(seen, _jet(where, chosen, 1), rays, title=title)
    return Picture(direction_scene(where, found, beside, range=range, title=title), looks)


def jacobian(
    f: Expr, at: Any, *, wrt: Wrt = None, ranges: Ranges = None, title: str = "", **style: Any
) -> Picture:
    """The Jacobian at a point: a map of its entries, bars for one output, and the deformed grid from R² to R².

    >>> import hesse as hs
    >>> hs.plot.jacobian(hs.parse("[x1*x2, x1^2]"), at=[2, 3]).scene.matrix.entries.tolist()
    [[3.0, 2.0], [4.0, 0.0]]
    """
    looks = _style(style)
    where = place(f, at, wrt)
    result = derivative(f, wrt)
    entries = _evaluated(result, where)
    return Picture(jacobian_scene(where, result, entries, ranges=ranges, title=title), looks)


def hessian(f: Expr, at: Any, *, wrt: Wrt = None, title: str = "", **style: Any) -> Picture:
    """The Hessian at a point: its entries, its certified eigenvalues, for two coordinates its ellipse and axes.

    >>> import hesse as hs
    >>> hs.plot.hessian(hs.parse("x1^2 - x2^2 + x1*x2"), at=[0, 0]).scene.kind
    'indefinite; saddle point'
    """
    looks = _style(style)
    where = place(f, at, wrt)
    if f.shape:
        raise ArgumentError("a Hessian is drawn for a function with one output", hint="take an entry, such as f[0]")
    result = hessian_of(f, wrt)
    entries = _evaluated(result, where)
    try:
        known, missing = curvature(f, at, wrt), ""
    except ArgumentError as error:
        known, missing = None, f"eigenvalues are not certified: {error.message}"
    return Picture(hessian_scene(where, result, entries, known, missing, title), looks)


def error(
    f: Expr,
    at: Any,
    *,
    order: int = 2,
    wrt: Wrt = None,
    along: Any = None,
    radius: Any = None,
    norm: str = "inf",
    title: str = "",
    **style: Any,
) -> Picture:
    """How the certified and the sampled errors of the models of order 0 to `order` grow with the radius.

    >>> import hesse as hs
    >>> scene = hs.plot.error(hs.parse("exp(x)", "x:"), at=0, order=2, radius=1).scene
    >>> bool(scene.curves[2].upper[-1] < 0.22)
    True
    """
    looks = _style(style)
    model = taylor_model(f, at, order, wrt, along)
    return Picture(error_scene(model, model.place, radius=radius, norm=norm, title=title), looks)


def _style(options: Mapping[str, Any]) -> Style:
    known = [each.name for each in fields(Style)]
    for name in options:
        if name not in known:
            raise ArgumentError(f"there is no option `{name}`", hint=f"of the looks may be set: {', '.join(known)}, title")
    return Style(**options)


def _plane(f: Expr, at: Any, wrt: Wrt, axes: str | Sequence[str] | None) -> tuple[Place, tuple[Entry, ...]]:
    where = place(f, at, _names(f, at, wrt, axes))
    return where, chosen_axes(where, axes, 2)


def _names(f: Expr, at: Any, wrt: Wrt, axes: str | Sequence[str] | None) -> Wrt:
    """The variables that vary: those of the axes where they are named and nothing else is said."""
    _require_expression(f)
    if at is None:
        raise ArgumentError("a picture needs a point", hint="give one: at=[1, 2], or on the command line --at 1,2")
    if wrt is not None or axes is None:
        return wrt
    named = split_names(axes) if isinstance(axes, str) else [str(name) for name in axes]
    stems = list(dict.fromkeys(name.partition("[")[0].strip() for name in named))
    declared = f._declarations.variables
    if len(declared) > 1 and all(stem in declared for stem in stems):
        return stems
    return wrt if wrt is not None or len(declared) < 2 else _first(f)


def _first(f: Expr) -> Wrt:
    # The name of an axis is wrong: any variable will do for the list of those there are.
    return next(name for name, entry in f._declarations.variables.items() if entry.index is None)


def _require_expression(f: Expr) -> None:
    if not isinstance(f, Expr):
        raise ArgumentError(f"an expression is needed, not {type(f).__name__}", hint="make one with hesse.parse")


def _jet(where: Place, chosen: Sequence[Entry], order: int) -> Jet:
    """Slopes and curvature by the chosen entries, from the model at the point; what is missing where there is none."""
    f = where.f
    if f.shape:
        return Jet(None)
    model = Model(f, order, where.moving if where.stacked else where.moving[0], where, None)
    picked = [where.entries.index(entry) for entry in chosen]
    try:
        slopes = np.ravel(model.jacobian)[picked]
        bent = None
        if order > 1:
            bent = np.reshape(model.hessian, (where.count, where.count))[np.ix_(picked, picked)]
    except ArgumentError as failure:
        return Jet(None, None, f"no tangent: {failure.message}")
    if not np.isfinite(slopes).all():
        return Jet(None, None, "no tangent: there is no derivative at the point")
    return Jet((float(slopes[0]), float(slopes[1])), bent)


def _gradients(seen: Window) -> Callable[[Any, Any], Any]:
    """The gradient by the two axes at points of the window."""
    where, chosen = seen.plane.place, seen.plane.entries
    names = list(dict.fromkeys(name for name, _ in chosen))
    fixed = {name: np.array(value) for name, value in where.floats.items()}
    parts = {name: Values(gradient(where.f, name), fixed, names) for name in names}

    def at(x: Any, y: Any) -> Any:
        points = {name: np.tile(fixed[name].reshape(-1), (len(x), 1)) for name in names}
        for (name, k), places in zip(chosen, (x, y), strict=True):
            points[name][:, k] = places
        shaped = {name: value.reshape(len(x), *fixed[name].shape) for name, value in points.items()}
        found = {name: part.at(shaped).reshape(len(x), -1) for name, part in parts.items()}
        return np.stack([found[name][:, k] for name, k in chosen], axis=1)

    return at


def _directions(f: Expr, at: Any, along: Any, where: Place) -> Mapping[str, Direction]:
    if isinstance(along, Direction):
        return {along.name: along}
    if isinstance(along, Directions):
        return along
    named = along if isinstance(along, Mapping) else {"d": along}
    found: Directions = directions_at(f, at, named, list(where.moving) if where.stacked else where.moving[0])
    return found


def _line(
    f: Expr, at: Any, where: Place, order: int, along: Any, axes: str | Sequence[str] | None
) -> tuple[Line, Model]:
    """The line of a picture of models, and the model along it."""
    wrt = list(where.moving) if where.stacked else where.moving[0]
    if along is not None:
        model = taylor_model(f, at, order, wrt, along)
        assert model.along is not None
        return Line(where, None, [float(entry) for entry in model.along]), model
    if axes is None and where.count > 1:
        raise ArgumentError(
            f"models are drawn along a line, and {where.count} entries vary",
            hint="give a direction, along=[1, -1] (--along 1,-1), or one axis, axes='x1' (--axes x1)",
        )
    entry = where.entries[0] if axes is None else chosen_axes(where, axes, 1)[0]
    if where.count == 1:
        return Line(where, entry, None), taylor_model(f, at, order, wrt)
    unit = [int(each == entry) for each in where.entries]
    return Line(where, entry, None), taylor_model(f, at, order, wrt, unit)


def _evaluated(result: Expr, where: Place) -> Any:
    with np.errstate(all="ignore"):
        return np.asarray(result.evaluate(**where.floats), float)


def check_file(path: str) -> None:
    """Raise ArgumentError where no picture can be written to the file: its ending, or its folder."""
    file_kind(path)
    check_folder(path)
