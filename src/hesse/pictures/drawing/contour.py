"""Contours: level sets with their values, the gradient at right angles to them, directions and how far they hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hesse.pictures.drawing.canvas import Axes, Figure, new_figure, write_page
from hesse.pictures.drawing.theme import GREEN, INK, TREND_COLOURS, TREND_WORDS, Style, shades
from hesse.pictures.drawing.typeset import symbol
from hesse.pictures.scenes import ContourScene, Ray

SIZE = (6.4, 6.0)
ARROW = 0.2
"""The length of the gradient's arrow as a share of the shorter side of the window."""
DASHES = {"increases": "-", "decreases": "--", "constant": "-.", "undecided": ":"}


def draw_contour(scene: ContourScene, style: Style) -> Figure:
    """The figure of the scene."""
    figure = new_figure(style, SIZE)
    bottom, top = write_page(figure, style, scene.heading, scene.notes, contour_caption(scene))
    figure.set_layout_engine("constrained", rect=(0.0, bottom, 1.0, top - bottom), h_pad=0.03, w_pad=0.06)
    draw_contour_on(figure.add_subplot(), scene, style)
    return figure


def contour_caption(scene: ContourScene) -> str:
    """Where the point is, and whether angles are seen as they are."""
    names = [symbol(axis.label) for axis in scene.axes]
    parts = [f"at {names[0]} = {scene.point[0]:.6g}, {names[1]} = {scene.point[1]:.6g}"]
    if scene.gradient is not None:
        parts.append(f"$\\nabla$f = ({scene.gradient[0]:.6g}, {scene.gradient[1]:.6g})")
    if not scene.equal:
        parts.append("the axes have different scales: right angles do not look right")
    return "; ".join(parts)


def draw_contour_on(axes: Axes, scene: ContourScene, style: Style) -> None:
    """The scene on given axes."""
    first, second = scene.axes
    axes.set(xlim=(first.low, first.high), ylim=(second.low, second.high))
    axes.set_aspect("equal" if scene.equal else "auto")
    axes.set_facecolor(style.void)
    axes.spines[["top", "right"]].set_visible(True)
    _levels(axes, scene, style)
    if scene.half_plane and scene.gradient is not None:
        _half_plane(axes, scene, style)
    if scene.arrows is not None:
        field = scene.arrows
        size = min(first.high - first.low, second.high - second.low) / 24
        axes.quiver(
            field.x, field.y, field.u * size, field.v * size, angles="xy", scale_units="xy", scale=1,
            color=INK, alpha=0.45, width=0.0026, zorder=4,
        )  # fmt: skip
    for ray in scene.rays:
        _ray(axes, scene, ray, style)
    if scene.gradient is not None and any(scene.gradient):
        _gradient(axes, scene, style)
    axes.plot(*scene.point, "o", color=style.ink, markersize=6, zorder=12, markeredgecolor=style.paper)
    axes.set_xlabel(symbol(first.label))
    axes.set_ylabel(symbol(second.label))
    _legend(axes, scene, style)


def _levels(axes: Axes, scene: ContourScene, style: Style) -> None:
    from matplotlib.colors import Normalize

    field, levels = scene.field, scene.levels
    values = np.ma.masked_invalid(field.values)
    colours = shades(style.dark)
    if len(levels) > 1:
        # Even steps in colour from level to level, also where the levels are not evenly spaced.
        edges = [-np.inf, *levels, np.inf]
        steps = colours(np.linspace(0, 1, len(edges) - 1))
        axes.contourf(field.x, field.y, np.ma.clip(values, -1e300, 1e300), [-1.1e300, *levels, 1.1e300], colors=steps, zorder=1)
    else:
        axes.pcolormesh(field.x, field.y, values, cmap=colours, norm=Normalize(), zorder=1, shading="nearest")
    lines = axes.contour(field.x, field.y, values, levels, colors=[style.ink], linewidths=0.7, alpha=0.65, zorder=2,
                         negative_linestyles="solid")  # fmt: skip
    labelled = [level for k, level in enumerate(levels) if k % (1 + len(levels) // 9) == 0]
    axes.clabel(lines, levels=labelled, fontsize=0.72 * style.font_size, fmt=lambda level: f"{level:.4g}", inline_spacing=2)


def _half_plane(axes: Axes, scene: ContourScene, style: Style) -> None:
    """Where the linear model is above the value at the point: hatched lightly, bounded by the tangent to the level set."""
    first, second = scene.axes
    a, b = scene.point
    assert scene.gradient is not None
    g = scene.gradient
    x, y = np.array([first.low, first.high]), np.array([second.low, second.high])
    across, up = np.meshgrid(x, y)
    linear = g[0] * (across - a) + g[1] * (up - b)
    largest = np.abs(linear).max()
    axes.contourf(across, up, linear, [0, 1.1 * largest], colors=["none"], hatches=[".."], zorder=3)
    for collection in axes.collections[-1:]:
        collection.set(edgecolor=(*_rgb(GREEN), 0.45), linewidth=0.0)
    axes.contour(across, up, linear, [0.0], colors=[GREEN], linewidths=1.3, linestyles=[(0, (6, 3))], zorder=5)


def _rgb(colour: str) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    return to_rgb(colour)


def _gradient(axes: Axes, scene: ContourScene, style: Style) -> None:
    assert scene.gradient is not None
    sides = [axis.high - axis.low for axis in scene.axes]
    length = math.hypot(*scene.gradient)
    reach = ARROW * min(sides) / length
    step = (scene.gradient[0] * reach, scene.gradient[1] * reach)
    arrow(axes, scene.point, step, GREEN, 2.6, 11)


def arrow(axes: Axes, start: tuple[float, float], step: tuple[float, float], colour: str, line: float, order: int) -> Any:
    """An arrow from a point by a step in data coordinates."""
    end = (start[0] + step[0], start[1] + step[1])
    return axes.annotate(
        "", xy=end, xytext=start, zorder=order, annotation_clip=False,
        arrowprops=dict(arrowstyle="-|>,head_width=0.35,head_length=0.7", color=colour, lw=line, shrinkA=0, shrinkB=0,
                        mutation_scale=12, capstyle="round"),
    )  # fmt: skip


def _ray(axes: Axes, scene: ContourScene, ray: Ray, style: Style) -> None:
    """The direction as an arrow; beyond it the part for which its trend is certified, with a mark at its end."""
    colour = TREND_COLOURS[ray.trend] if ray.trend != "constant" else style.ink
    end = _inside(scene, ray)
    certified = min(ray.certified, end)
    a, b = scene.point
    u, v = ray.step
    if certified > 0:
        axes.plot([a, a + certified * u], [b, b + certified * v], color=colour, lw=5, alpha=0.35, zorder=8, solid_capstyle="butt")
    size = min(1.0, end * 0.98)
    arrow(axes, scene.point, (size * u, size * v), colour, 1.9, 10)
    axes.plot([a, a + size * u], [b, b + size * v], color=colour, lw=1.9, ls=DASHES[ray.trend], zorder=9)
    if 0 < ray.certified < end and math.isfinite(ray.until[1]):
        _mark(axes, (a + ray.certified * u, b + ray.certified * v), ray, colour, style)
    tip = (a + size * u, b + size * v)
    axes.annotate(
        symbol_name(ray.name), xy=tip, xytext=_beside(scene, ray, 9), textcoords="offset points", color=colour,
        ha="center", va="center", zorder=13, fontsize=1.1 * style.font_size,
        bbox=dict(boxstyle="round,pad=0.12", fc=style.paper, ec="none", alpha=0.75),
    )  # fmt: skip


def symbol_name(name: str) -> str:
    """A direction's name typeset: d1 with a subscript."""
    from hesse.pictures.drawing.typeset import plain, width

    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    text = f"${stem}_{{{digits}}}$" if digits and stem.isalpha() and len(stem) == 1 else f"${name}$" if len(name) == 1 else plain(name)
    return text if width(text, 10.0) is not None else plain(name)


def _beside(scene: ContourScene, ray: Ray, distance: float) -> tuple[float, float]:
    """A step in points in the direction of the ray and a little to its left."""
    sides = [axis.high - axis.low for axis in scene.axes]
    u, v = (ray.step[0], ray.step[1]) if scene.equal else (ray.step[0] / sides[0], ray.step[1] / sides[1])
    length = math.hypot(u, v) or 1.0
    u, v = u / length, v / length
    return (distance * (u - 0.75 * v), distance * (v + 0.75 * u))


def _inside(scene: ContourScene, ray: Ray) -> float:
    """The largest t for which the ray is inside of the window."""
    ends = []
    for axis, start, step in zip(scene.axes, scene.point, ray.step, strict=True):
        if step:
            ends.append(((axis.high if step > 0 else axis.low) - start) / step)
    return max(min(ends, default=0.0), 0.0)


def _mark(axes: Axes, at: tuple[float, float], ray: Ray, colour: str, style: Style) -> None:
    axes.plot(*at, marker="D", color=colour, markersize=6.5, zorder=11, markeredgecolor=style.paper, markeredgewidth=0.8)
    axes.annotate(
        f"$t^*$ = {ray.certified:.4g}", xy=at, xytext=(8, -3), textcoords="offset points", color=colour,
        fontsize=0.85 * style.font_size, zorder=13, va="top",
        bbox=dict(boxstyle="round,pad=0.12", fc=style.paper, ec="none", alpha=0.75),
    )  # fmt: skip


def _legend(axes: Axes, scene: ContourScene, style: Style) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = []
    if scene.gradient is not None and any(scene.gradient):
        handles.append(Line2D([], [], color=GREEN, lw=2.6, marker=">", markersize=5, label="$\\nabla$f, at right angles to the level set"))
    if scene.half_plane:
        handles.append(Patch(facecolor="none", edgecolor=GREEN, hatch="...", label="$\\nabla$f$^\\top$d > 0", linewidth=0.8))
    for ray in scene.rays:
        handles.append(Line2D([], [], color=TREND_COLOURS[ray.trend], ls=DASHES[ray.trend], lw=1.9, label=ray_text(ray)))
    if any(ray.certified > 0 for ray in scene.rays):
        handles.append(Line2D([], [], color="#777777", lw=5, alpha=0.4, label="certified for these t"))
    if not scene.defined.all():
        handles.append(Patch(facecolor=style.void, edgecolor="#bbbbbb", label="undefined"))
    if handles:
        axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.11), ncols=1 if len(handles) < 3 else 2, borderaxespad=0.2)


def ray_text(ray: Ray) -> str:
    """What is known of a direction, in a few words."""
    slope = f"$\\nabla$f$^\\top${symbol_name(ray.name)} = {ray.slope:.4g}"
    return f"{symbol_name(ray.name)}: {slope}, {TREND_WORDS[ray.trend]}{_how_far(ray)}"


def _how_far(ray: Ray) -> str:
    if ray.trend == "undecided" or ray.certified == 0:
        return ""
    if math.isinf(ray.certified):
        return " for all t > 0"
    return f" for t < {ray.certified:.4g}"
