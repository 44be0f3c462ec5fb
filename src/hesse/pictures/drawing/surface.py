"""The surface: cells of the grid, cut off at the limits, in one collection with the plane so that each hides the other."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from hesse.pictures.drawing.canvas import Figure, new_figure, write_page
from hesse.pictures.drawing.theme import BLUE, GREEN, ORANGE, SKY, VERMILLION, Style, shades
from hesse.pictures.drawing.typeset import symbol
from hesse.pictures.scenes import Field, SurfaceScene

Array: TypeAlias = Any
SIZE = (6.4, 5.4)
VIEW = (26.0, -58.0)
LIGHT = np.array([-0.45, -0.55, 0.7])


def draw_surface(scene: SurfaceScene, style: Style, view: tuple[float, float] = VIEW) -> Figure:
    """The figure of the scene, seen from an elevation and an azimuth in degrees."""
    import mpl_toolkits.mplot3d  # noqa: F401  (registers the projection)
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    figure = new_figure(style, SIZE)
    bottom, top = write_page(figure, style, scene.heading, scene.notes, _caption(scene))
    axes = figure.add_axes((0.0, bottom, 1.0, top - bottom), projection="3d", computed_zorder=False)
    axes.set_facecolor(style.paper)
    first, second = scene.axes
    low, high = scene.limits
    axes.set(xlim=(first.low, first.high), ylim=(second.low, second.high), zlim=(low, high))
    axes.view_init(*view)
    polygons, colours = _cells(scene, scene.surface, style)
    edges = [(0, 0, 0, 0.0)] * len(polygons)
    layers = [(scene.plane, VERMILLION, 0.55), (scene.quadratic, GREEN, 0.5)]
    for field, colour, alpha in layers:
        if field is not None:
            more = _cut(field, scene.limits, scene)
            from matplotlib.colors import to_rgba

            polygons += more
            colours += [to_rgba(colour, alpha)] * len(more)
            edges += [to_rgba(colour, 0.12)] * len(more)
    if polygons:
        shown = [
            (r, g, b, max(edge[3], 0.25)) if edge[3] == 0 else edge
            for (r, g, b, _), edge in zip(colours, edges, strict=True)
        ]
        axes.add_collection3d(
            Poly3DCollection(polygons, facecolors=colours, edgecolors=shown, linewidths=0.25, zsort="average"), autolim=False
        )
    _marks(axes, scene, style)
    _labels(axes, scene, style)
    return figure


def _caption(scene: SurfaceScene) -> str:
    if scene.point is None:
        return ""
    parts = []
    names = [symbol(axis.label) for axis in scene.axes]
    a, b, c = scene.point
    parts.append(f"at {names[0]} = {a:.6g}, {names[1]} = {b:.6g}: value {c:.6g}")
    if scene.slopes is not None:
        parts.append(f"slopes {scene.slopes[0]:.6g} and {scene.slopes[1]:.6g}")
    return ", ".join(parts)


def _cells(scene: SurfaceScene, field: Field, style: Style) -> tuple[list[Array], list[Any]]:
    """The cells of the surface that have values, cut off at the limits, and their colours under light from the side."""
    polygons = _cut(field, scene.limits, scene)
    if not polygons:
        return [], []
    low, high = scene.limits
    scale = np.array([
        scene.axes[0].high - scene.axes[0].low, scene.axes[1].high - scene.axes[1].low, (high - low) / 0.75,
    ])  # fmt: skip
    heights = np.array([polygon[:, 2].mean() for polygon in polygons])
    normals = np.array([_normal(polygon / scale) for polygon in polygons])
    light = np.abs(normals @ (LIGHT / np.linalg.norm(LIGHT)))
    colours = shades(style.dark)((heights - low) / (high - low))
    colours[:, :3] = np.clip(colours[:, :3] * (0.72 + 0.36 * light[:, None]), 0, 1)
    return polygons, [tuple(colour) for colour in colours]


def _normal(polygon: Array) -> Array:
    across = np.cross(polygon[1] - polygon[0], polygon[2] - polygon[0])
    length = np.linalg.norm(across)
    return across / length if length > 0 else np.array([0.0, 0.0, 1.0])


def _cut(field: Field, limits: tuple[float, float], scene: SurfaceScene) -> list[Array]:
    """The cells of a field as polygons, cut off at the limits and at the sides of the window."""
    x, y, z = field.x, field.y, field.values
    across, up = np.meshgrid(x, y)
    points = np.stack([across, up, z], axis=-1)
    corners = np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], axis=2)
    cells = corners.reshape(-1, 4, 3)
    cells = cells[np.isfinite(cells[:, :, 2]).all(axis=1)]
    bounds = [
        (0, scene.axes[0].low, scene.axes[0].high),
        (1, scene.axes[1].low, scene.axes[1].high),
        (2, *limits),
    ]
    inside = np.ones(len(cells), bool)
    outside = np.zeros(len(cells), bool)
    for axis, low, high in bounds:
        values = cells[:, :, axis]
        inside &= (values >= low).all(axis=1) & (values <= high).all(axis=1)
        outside |= (values < low).all(axis=1) | (values > high).all(axis=1)
    found = list(cells[inside])
    for cell in cells[~inside & ~outside]:
        polygon = cell
        for axis, low, high in bounds:
            polygon = _clipped(_clipped(polygon, axis, low, 1), axis, high, -1)
        if len(polygon) >= 3:
            found.append(polygon)
    return found


def _clipped(polygon: Array, axis: int, bound: float, side: int) -> Array:
    """The part of a polygon on one side of a bound (Sutherland and Hodgman)."""
    kept: list[Array] = []
    for current, following in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        a, b = side * (current[axis] - bound), side * (following[axis] - bound)
        if a >= 0:
            kept.append(current)
        if (a < 0) != (b < 0):
            kept.append(current + (following - current) * (a / (a - b)))
    return np.array(kept) if kept else np.zeros((0, 3))


def _marks(axes: Any, scene: SurfaceScene, style: Style) -> None:
    """The point and the slopes in the directions of both axes."""
    if scene.point is None:
        return
    a, b, c = scene.point
    handles: list[Any] = []
    if scene.slopes is not None:
        for k, (axis, slope, colour) in enumerate(zip(scene.axes, scene.slopes, (BLUE, ORANGE), strict=True)):
            half = 0.3 * (axis.high - axis.low)
            room = max((scene.limits[1] - scene.limits[0]) * 0.55, 1e-300)
            half = min(half, room / abs(slope)) if slope else half
            t = np.array([-half, half])
            line = axes.plot(
                a + (t if k == 0 else 0 * t), b + (t if k == 1 else 0 * t), c + slope * t,
                color=colour, linewidth=2.4, zorder=20, label=f"slope along {symbol(axis.label)}: {slope:.4g}",
                solid_capstyle="round",
            )  # fmt: skip
            handles += line
    handles += axes.plot([a], [b], [c], "o", color=style.ink, markersize=6, zorder=21, label="the point", linestyle="none")
    from matplotlib.patches import Patch

    if scene.plane is not None:
        handles.append(Patch(facecolor=VERMILLION, alpha=0.55, label="tangent plane"))
    if scene.quadratic is not None:
        handles.append(Patch(facecolor=GREEN, alpha=0.5, label="quadratic model"))
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.4)


def _labels(axes: Any, scene: SurfaceScene, style: Style) -> None:
    first, second = scene.axes
    axes.set_xlabel(symbol(first.label), labelpad=6)
    axes.set_ylabel(symbol(second.label), labelpad=6)
    axes.set_zlabel(symbol(scene.heading.name), labelpad=8)
    axes.set_box_aspect((1, 1, 0.75), zoom=0.93)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color((0, 0, 0, 0.0))
        axis._axinfo["grid"].update(color="#c9c9c9" if not style.dark else "#454b52", linewidth=0.5)
        axis.set_major_locator(_ticks())
    _ = SKY


def _ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(5, steps=[1, 2, 2.5, 5, 10])
