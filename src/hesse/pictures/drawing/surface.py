"""The surface with its point, slopes and models; what the surface hides of a model is drawn faintly."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from hesse.pictures.drawing.canvas import (
    Figure,
    legend_end,
    new_figure,
    plain_numbers,
    require_room,
    write_legend,
    write_page,
)
from hesse.pictures.drawing.solids import HEIGHT, Box, best_view, cells, hidden, light_on, mesh, outline
from hesse.pictures.drawing.theme import BLUE, GREEN, ORANGE, VERMILLION, Style, shades
from hesse.pictures.drawing.typeset import decimal, symbol
from hesse.pictures.scenes import Field, SurfaceScene

Array: TypeAlias = Any
SIZE = (6.4, 5.6)
VIEWS = ((26.0, -58.0), (26.0, 32.0), (26.0, 122.0), (26.0, -148.0))
"""Elevations and azimuths to choose from; the first unless the tangent plane is hardly seen from there."""
MESH = 12
"""How many lines of a mesh are drawn in each direction."""
SEEN, HIDDEN = 0.55, 0.13
SLOPE_ORDER = 20


def draw_surface(scene: SurfaceScene, style: Style, view: tuple[float, float] | None = None) -> Figure:
    """The figure of the scene, seen from an elevation and an azimuth in degrees, or from where it is seen best."""
    import mpl_toolkits.mplot3d  # noqa: F401  (registers the projection)

    figure = new_figure(style, SIZE)
    bottom, top = write_page(figure, style, scene.heading, scene.notes, _caption(scene))
    first, second = scene.axes
    low, high = scene.limits
    box = Box(np.array([first.low, second.low, low]), np.array([first.high, second.high, high]))
    if view is None:
        view = VIEWS[0]
        if scene.point is not None and scene.slopes is not None:
            view = best_view(np.array(scene.point), scene.slopes, scene.surface, box, VIEWS)

    count = (scene.point is not None) + 2 * (scene.slopes is not None) + sum(
        each is not None for each in (scene.plane, scene.quadratic)
    )  # fmt: skip
    columns = (count + 1) // 2 if count > 2 else max(count, 1)
    beneath = legend_end(figure, style, count, bottom, columns) + 0.1 / figure.get_size_inches()[1]
    require_room((top - beneath) * figure.get_size_inches()[1])
    axes = figure.add_axes((0.0, beneath, 1.0, top - beneath), projection="3d", computed_zorder=False)
    axes.set_facecolor("none")
    axes.set(xlim=(box.low[0], box.high[0]), ylim=(box.low[1], box.high[1]), zlim=(low, high))
    axes.view_init(*view)
    _surface(axes, scene, style, box, view)
    handles = _marks(axes, scene, style)
    for field, colour, name in (
        (scene.plane, VERMILLION, "tangent plane"), (scene.quadratic, GREEN, "quadratic model"),
    ):  # fmt: skip
        if field is not None:
            handles.append(_model(axes, field, colour, name, scene, box, view))
    write_legend(figure, style, handles, bottom, columns)
    _labels(axes, scene, style)
    return figure


def _caption(scene: SurfaceScene) -> str:
    if scene.point is None:
        return ""
    names = [symbol(axis.label) for axis in scene.axes]
    a, b, value = scene.point
    return f"at {names[0]} = {decimal(a, 6)}, {names[1]} = {decimal(b, 6)}: value {decimal(value, 6)}"


def _surface(axes: Any, scene: SurfaceScene, style: Style, box: Box, view: tuple[float, float]) -> None:
    from mpl_toolkits.mplot3d.art3d import Line3DCollection, Poly3DCollection

    polygons = cells(scene.surface, box)
    if not polygons:
        return
    low, high = box.low[2], box.high[2]
    heights = np.array([polygon[:, 2].mean() for polygon in polygons])
    colours = shades(style.dark)((heights - low) / (high - low))
    colours[:, :3] = np.clip(colours[:, :3] * (0.74 + 0.36 * light_on(polygons, box)[:, None]), 0, 1)
    axes.add_collection3d(
        Poly3DCollection(polygons, facecolors=colours, edgecolors=colours, linewidths=0.4, zorder=1), autolim=False
    )
    pieces = mesh(scene.surface, max(1, len(scene.surface.x) // MESH), box)
    pieces = pieces[~hidden(pieces.mean(axis=1), scene.surface, box, view)]
    axes.add_collection3d(
        Line3DCollection(pieces, colors=[(0.1, 0.1, 0.1, 0.22)], linewidths=0.5, zorder=2), autolim=False
    )


def _model(
    axes: Any, field: Field, colour: str, name: str, scene: SurfaceScene, box: Box, view: tuple[float, float]
) -> Any:
    """The cells of a model and its border; the handle for the legend."""
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Patch
    from mpl_toolkits.mplot3d.art3d import Line3DCollection, Poly3DCollection

    polygons = cells(field, box)
    if polygons:
        behind = hidden(np.array([polygon.mean(axis=0) for polygon in polygons]), scene.surface, box, view)
        colours = [to_rgba(colour, HIDDEN if each else SEEN) for each in behind]
        axes.add_collection3d(Poly3DCollection(polygons, facecolors=colours, linewidths=0, zorder=4), autolim=False)
    border = outline(field, box)
    if len(border):
        behind = hidden(border.mean(axis=1), scene.surface, box, view)
        colours = [to_rgba(colour, 0.35 if each else 1.0) for each in behind]
        axes.add_collection3d(Line3DCollection(border, colors=colours, linewidths=0.9, zorder=5), autolim=False)
    return Patch(facecolor=to_rgba(colour, SEEN), edgecolor=colour, linewidth=0.8, label=name)


def _marks(axes: Any, scene: SurfaceScene, style: Style) -> list[Any]:
    """The point and the slopes in the directions of both axes; handles for the legend."""
    if scene.point is None:
        return []
    a, b, value = scene.point
    handles: list[Any] = axes.plot(
        [a], [b], [value], "o", color=style.ink, markersize=6.5, markeredgecolor=style.paper, zorder=SLOPE_ORDER + 1,
        label="the point", linestyle="none",
    )  # fmt: skip
    if scene.slopes is None:
        return handles
    for k, (axis, slope, colour) in enumerate(zip(scene.axes, scene.slopes, (BLUE, ORANGE), strict=True)):
        half = 0.26 * (axis.high - axis.low)
        room = [abs(end - value) for end in scene.limits]
        half = min(half, max(room) / abs(slope)) if slope else half
        t = np.array([-half, half])
        t = t[:, None] * np.linspace(0, 1, 20)
        t = np.concatenate([t[0, ::-1], t[1]])
        z = value + slope * t
        inside = (z >= scene.limits[0]) & (z <= scene.limits[1])
        x, y = (a + t, b + 0 * t) if k == 0 else (a + 0 * t, b + t)
        handles += axes.plot(
            x[inside], y[inside], z[inside], color=colour, linewidth=2.6, zorder=SLOPE_ORDER, solid_capstyle="round",
            label=f"slope along {symbol(axis.label)}: {decimal(slope)}",
        )  # fmt: skip
    return handles


def _labels(axes: Any, scene: SurfaceScene, style: Style) -> None:
    first, second = scene.axes
    axes.set_xlabel(symbol(first.label), labelpad=5)
    axes.set_ylabel(symbol(second.label), labelpad=5)
    axes.zaxis.set_rotate_label(False)
    axes.set_zlabel(symbol(scene.heading.name), labelpad=6, rotation=90)
    axes.set_box_aspect((1, 1, HEIGHT), zoom=1.02)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color((0, 0, 0, 0.0))
        axis._axinfo["grid"].update(color="#cfcfcf" if not style.dark else "#454b52", linewidth=0.5)
        axis.set_tick_params(pad=1.5)
    plain_numbers(axes.xaxis, axes.yaxis, axes.zaxis)
