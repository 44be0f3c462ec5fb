"""Pictures of functions, of their derivatives and of how good the approximations are: `hs.plot.surface(f, at=...)`.

Each gives a `Picture`: its `.scene` is plain data, `.save("f.png")` writes PNG, SVG or PDF, `.figure` is matplotlib's;
a notebook shows it. What may be set of the looks goes for all of them: `size=(6, 5)` in inches, `dpi`, `font_size`,
`dark`, `title`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from hesse.errors import ArgumentError, LimitError
from hesse.models.curvature import curvature
from hesse.models.direction import Direction, Directions
from hesse.models.direction import direction as directions_at
from hesse.models.place import Place, place
from hesse.models.taylor import Model
from hesse.models.taylor import taylor as taylor_model
from hesse.pictures.compose import (
    Axes,
    Ranges,
    contour_picture,
    directions_picture,
    style_of,
    surface_picture,
    taylor_picture,
)
from hesse.pictures.drawing.canvas import check_folder, file_kind
from hesse.pictures.lines import Line, error_scene
from hesse.pictures.matrices import hessian_scene, jacobian_scene
from hesse.pictures.naming import chosen_axes, names_of, reason
from hesse.pictures.picture import Picture
from hesse.pictures.planes import CONTOUR, SURFACE
from hesse.pictures.sampling import silent
from hesse.service.derivatives import derivative
from hesse.service.derivatives import hessian as hessian_of
from hesse.service.evaluation import Evaluation
from hesse.service.expression import Expr

__all__ = ["Picture", "contour", "direction", "error", "hessian", "jacobian", "surface", "taylor"]

Wrt = str | Sequence[str] | None
Progress = Callable[[float], None]


def surface(
    f: Expr,
    at: Any,
    *,
    wrt: Wrt = None,
    axes: Axes = None,
    ranges: Ranges = None,
    resolution: int = SURFACE,
    quadratic: bool = False,
    view: tuple[float, float] | None = None,
    title: str = "",
    progress: Progress = silent,
    **style: Any,
) -> Picture:
    """The surface of a scalar function over two coordinates, with the point, the slopes and the tangent plane.

    `axes` names two of many coordinates, as in `"x[0],x[3]"`; the others are held at the point. `quadratic` adds the
    quadratic model. Raises ArgumentError for functions of one variable and of several outputs.

    >>> import hesse as hs
    >>> hs.plot.surface(hs.parse("x1^2 + exp(x1*x2) + 2*log(x2)"), at=[1, 2]).scene.point[:2]
    (1.0, 2.0)
    """
    return surface_picture(
        _model(f, at, wrt, axes, 2 if quadratic else 1),
        axes=axes,
        ranges=ranges,
        resolution=resolution,
        quadratic=quadratic,
        view=view,
        title=title,
        progress=progress,
        **style,
    )


def contour(
    f: Expr,
    at: Any,
    *,
    along: Any = None,
    wrt: Wrt = None,
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
    """The level sets over two coordinates, the gradient at the point, and directions with how far they hold.

    `along` is a direction or several by name, as in `hesse.direction`; each ray shows the sign of its slope and, where
    it is certified, the t up to which f stays above (below) its value at the point. `field` adds the gradient's field.

    >>> import hesse as hs
    >>> f = hs.parse("x1^2 + exp(x1*x2) + 2*log(x2)")
    >>> picture = hs.plot.contour(f, at=[1, 2], along={"d1": [1, -1], "d2": [-1, 1]})
    >>> [ray.trend for ray in picture.scene.rays]
    ['increases', 'decreases']
    """
    model = _model(f, at, wrt, axes, 1)
    return contour_picture(
        model,
        {} if along is None else _directions(f, at, along, model.place),
        axes=axes,
        ranges=ranges,
        resolution=resolution,
        levels=levels,
        half_plane=half_plane,
        field=field,
        title=title,
        progress=progress,
        **style,
    )


def taylor(
    f: Expr,
    at: Any,
    *,
    order: int = 2,
    along: Any = None,
    wrt: Wrt = None,
    axes: Axes = None,
    ranges: Any = None,
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
    line, model = _line(f, at, place(f, at, _names(f, at, wrt, axes)), order, along, axes)
    return taylor_picture(
        line,
        model,
        ranges=ranges,
        orders=orders,
        radius=radius,
        tolerance=tolerance,
        title=title,
        **style,
    )


def direction(
    f: Expr,
    at: Any,
    along: Any,
    *,
    wrt: Wrt = None,
    ranges: Any = None,
    resolution: int = CONTOUR,
    title: str = "",
    progress: Progress = silent,
    **style: Any,
) -> Picture:
    """What f does along one or several directions, with what is certified; for two coordinates beside the contours.

    `ranges` is the end of t.

    >>> import hesse as hs
    >>> picture = hs.plot.direction(hs.parse("x1^2 - x2^2"), at=[1, 1], along=[1, -1])
    >>> picture.scene.profiles[0].ray.slope
    4.0
    """
    model = _model(f, at, wrt, None, 1)
    found = _directions(f, at, along, model.place)
    return directions_picture(
        model, found, ranges=ranges, resolution=resolution, title=title, progress=progress, **style
    )


def jacobian(f: Expr, at: Any, *, wrt: Wrt = None, ranges: Ranges = None, title: str = "", **style: Any) -> Picture:
    """The Jacobian at a point: a map of its entries, bars for one output, and the deformed grid from R² to R².

    >>> import hesse as hs
    >>> hs.plot.jacobian(hs.parse("[x1*x2, x1^2]"), at=[2, 3]).scene.matrix.entries.tolist()
    [[3.0, 2.0], [4.0, 0.0]]
    """
    looks = style_of(style)
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
    looks = style_of(style)
    where = place(f, at, wrt)
    if f.shape:
        raise ArgumentError("a Hessian is drawn for a function with one output", hint="take an entry, such as f[0]")
    result = hessian_of(f, wrt)
    entries = _evaluated(result, where)
    try:
        known, missing = curvature(f, at, wrt), ""
    except (ArgumentError, LimitError) as error:
        known, missing = None, f"the eigenvalues are not certified: {reason(error, where)}"
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
    progress: Progress = silent,
    **style: Any,
) -> Picture:
    """How the certified and the sampled errors of the models of order 0 to `order` grow with the radius.

    >>> import hesse as hs
    >>> scene = hs.plot.error(hs.parse("exp(x)", "x:"), at=0, order=2, radius=1).scene
    >>> bool(scene.curves[2].upper[-1] < 0.22)
    True
    """
    looks = style_of(style)
    model = taylor_model(f, at, order, wrt, along)
    scene = error_scene(model, model.place, radius=radius, norm=norm, title=title, progress=progress)
    return Picture(scene, looks)


def _model(f: Expr, at: Any, wrt: Wrt, axes: Axes, order: int) -> Model:
    """The model at the point, with its derivatives still to be computed."""
    where = place(f, at, _names(f, at, wrt, axes))
    return Model(f, order, where.wrt, where, None)


def _names(f: Expr, at: Any, wrt: Wrt, axes: Axes) -> Wrt:
    """The variables that vary: those of the axes where they are named and nothing else is said."""
    _require_expression(f)
    if at is None:
        raise ArgumentError("a picture needs a point", hint="give one: at=[1, 2], or on the command line --at 1,2")
    if wrt is not None or axes is None:
        return wrt
    named = names_of(axes)
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


def _directions(f: Expr, at: Any, along: Any, where: Place) -> Mapping[str, Direction]:
    if isinstance(along, Direction):
        return {along.name: along}
    if isinstance(along, Directions):
        return along
    named = along if isinstance(along, Mapping) else {"d": along}
    found: Directions = directions_at(f, at, named, where.wrt)
    return found


def _line(f: Expr, at: Any, where: Place, order: int, along: Any, axes: Axes) -> tuple[Line, Model]:
    """The line of a picture of models, and the model along it."""
    wrt = where.wrt
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
    """The entries at the point; nan for outputs that have no value there."""
    found = Evaluation(where.f, where.values)
    value = found.derivative("derivative", result)
    if value is None:
        raise found.problems[0][1]
    return np.array(value.entries, float).reshape(value.shape)


def check_file(path: str) -> None:
    """Raise ArgumentError where no picture can be written to the file: its ending, or its folder."""
    file_kind(path)
    check_folder(path)
