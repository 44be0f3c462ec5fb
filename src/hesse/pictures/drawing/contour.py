"""Contours: level sets with their values, the gradient at right angles to them, directions and how far they hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hesse.pictures.drawing.canvas import Axes, Figure, arrange, new_figure, plain_numbers, write_legend, write_page
from hesse.pictures.drawing.theme import GREEN, TREND_COLOURS, TREND_WORDS, Style, shades
from hesse.pictures.drawing.typeset import decimal, plain, rounded_down, symbol
from hesse.pictures.scenes import ContourScene, Ray

SIZE = (6.4, 6.0)
ARROW = 0.2
"""The length of the gradient's arrow as a share of the shorter side of the window."""
FAR = 1e300
"""Beyond every level."""
DASHES = {"increases": "-", "decreases": "--", "constant": "-.", "undecided": ":"}


def draw_contour(scene: ContourScene, style: Style) -> Figure:
    """The figure of the scene."""
    figure = new_figure(style, SIZE)
    bottom, top = write_page(figure, style, scene.heading, scene.notes, contour_caption(scene))
    handles = contour_handles(scene, style)
    draw_contour_on(figure.add_subplot(), scene, style)
    arrange(figure, write_legend(figure, style, handles, bottom, 2), top)
    return figure


def contour_caption(scene: ContourScene) -> str:
    """Where the point is, and whether angles are seen as they are."""
    names = [symbol(axis.label) for axis in scene.axes]
    parts = [f"at {names[0]} = {decimal(scene.point[0], 6)}, {names[1]} = {decimal(scene.point[1], 6)}"]
    if scene.gradient is not None:
        parts.append(f"$\\nabla f$ = ({decimal(scene.gradient[0], 6)}, {decimal(scene.gradient[1], 6)})")
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
            color=style.ink, alpha=0.45, width=0.0026, zorder=4,
        )  # fmt: skip
    for ray in scene.rays:
        _ray(axes, scene, ray, style)
    if scene.gradient is not None and any(scene.gradient):
        _gradient(axes, scene, style)
    axes.plot(*scene.point, "o", color=style.ink, markersize=6, zorder=12, markeredgecolor=style.paper)
    plain_numbers(axes.xaxis, axes.yaxis)
    axes.set_xlabel(symbol(first.label))
    axes.set_ylabel(symbol(second.label))


def _levels(axes: Axes, scene: ContourScene, style: Style) -> None:
    """The regions between the levels, each in a colour of its own, and the level sets with their values."""
    from matplotlib.collections import PolyCollection

    field, levels = scene.field, np.array(scene.levels)
    values = np.ma.masked_invalid(field.values)
    # Even steps in colour from level to level, also where the levels are not evenly spaced.
    colours = shades(style.dark)(np.linspace(0, 1, len(levels) + 1))
    axes.contourf(
        field.x, field.y, np.ma.clip(values, -FAR, FAR), [-1.1 * FAR, *levels, 1.1 * FAR], colors=colours, zorder=1
    )
    if field.rim:
        bands = [int(np.searchsorted(levels, polygon[:, 2].mean())) for polygon in field.rim]
        axes.add_collection(
            PolyCollection(
                [polygon[:, :2] for polygon in field.rim], facecolors=colours[bands], linewidths=0, zorder=1
            ),
            autolim=False,
        )
    if float(values.min()) == float(values.max()):
        return
    lines = axes.contour(field.x, field.y, values, levels, colors=[style.ink], linewidths=0.7, alpha=0.65, zorder=2,
                         negative_linestyles="solid")  # fmt: skip
    labelled = [level for k, level in enumerate(scene.levels) if k % (1 + len(levels) // 9) == 0]
    spacing = float(np.diff(levels).min()) if len(levels) > 1 else 1.0
    digits = min(15, max(2, 2 + math.ceil(math.log10(float(np.abs(levels).max() or 1.0) / spacing))))
    axes.clabel(
        lines,
        levels=labelled,
        fontsize=0.75 * style.font_size,
        fmt=lambda level: decimal(level, digits),
        inline_spacing=2,
    )


def _half_plane(axes: Axes, scene: ContourScene, style: Style) -> None:
    """Where the linear model is above the value at the point: hatched, bounded by the tangent to the level set."""
    a, b = scene.point
    assert scene.gradient is not None
    g = scene.gradient
    across, up = np.meshgrid(scene.field.x, scene.field.y)
    linear = g[0] * (across - a) + g[1] * (up - b)
    largest = np.abs(linear).max()
    there = np.ma.masked_where(~scene.defined, linear)
    shaded = axes.contourf(across, up, there, [0, 1.1 * largest], colors=["none"], hatches=["///"], zorder=3)
    shaded.set(edgecolor=(*_rgb(GREEN), 0.5), linewidth=0.0)
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
    arrow(axes, scene.point, step, style.ink, 2.4, 11)


def arrow(
    axes: Axes, start: tuple[float, float], step: tuple[float, float], colour: str, line: float, order: int
) -> Any:
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
        axes.plot(
            [a, a + certified * u],
            [b, b + certified * v],
            color=colour,
            lw=6,
            alpha=0.35,
            zorder=8,
            solid_capstyle="butt",
        )
    size = min(1.0, 0.94 * end)
    body = 0.97 * size
    axes.plot([a, a + body * u], [b, b + body * v], color=colour, lw=2, ls=DASHES[ray.trend], zorder=9)
    arrow(axes, (a + body * u, b + body * v), ((size - body) * u, (size - body) * v), colour, 0.5, 10)
    side = _free_side(scene, ray)
    if 0 < ray.certified < end and math.isfinite(ray.until[1]):
        _mark(axes, (a + ray.certified * u, b + ray.certified * v), _beside(scene, ray, 8.0 * side), ray, colour, style)
    along = 0.6 * size
    if abs(along - ray.certified) < 0.22 * size:
        along = 0.25 * size if ray.certified > 0.45 * size else 0.85 * size
    axes.annotate(
        symbol_name(ray.name), xy=(a + along * u, b + along * v), xytext=_beside(scene, ray, 11.0 * side),
        textcoords="offset points", color=colour, ha="center", va="center", zorder=13, fontsize=1.1 * style.font_size,
        bbox=_plate(style),
    )  # fmt: skip


def _free_side(scene: ContourScene, ray: Ray) -> int:
    """On which side of the ray there is more room: 1 on its left, -1 on its right."""
    steps = [each.step for each in scene.rays] + ([] if scene.gradient is None else [scene.gradient])
    own = math.atan2(ray.step[1], ray.step[0])
    turns = [(math.atan2(step[1], step[0]) - own) % (2 * math.pi) for step in steps]
    away = [turn for turn in turns if 1e-9 < turn < 2 * math.pi - 1e-9]
    return 1 if not away or min(away) >= 2 * math.pi - max(away) else -1


def _plate(style: Style) -> dict[str, Any]:
    """What stands behind text on a picture, so that it can be read."""
    return dict(boxstyle="round,pad=0.12", fc=style.paper, ec="none", alpha=0.72)


def symbol_name(name: str) -> str:
    """A direction's name typeset: d1 with a subscript."""
    stem = name.rstrip("0123456789")
    if len(stem) != 1 or not (stem.isascii() and stem.isalpha()):
        return plain(name)
    digits = name[1:]
    return f"${stem}_{{{digits}}}$" if digits else f"${stem}$"


def _beside(scene: ContourScene, ray: Ray, distance: float) -> tuple[float, float]:
    """A step in points to the left of the ray."""
    sides = [1.0, 1.0] if scene.equal else [axis.high - axis.low for axis in scene.axes]
    u, v = ray.step[0] / sides[0], ray.step[1] / sides[1]
    length = math.hypot(u, v) or 1.0
    return (-distance * v / length, distance * u / length)


def _inside(scene: ContourScene, ray: Ray) -> float:
    """The largest t for which the ray is inside of the window."""
    ends = []
    for axis, start, step in zip(scene.axes, scene.point, ray.step, strict=True):
        if step:
            ends.append(((axis.high if step > 0 else axis.low) - start) / step)
    return max(min(ends, default=0.0), 0.0)


def _mark(
    axes: Axes, at: tuple[float, float], offset: tuple[float, float], ray: Ray, colour: str, style: Style
) -> None:
    """The end of what is certified, with its t."""
    axes.plot(*at, marker="D", color=colour, markersize=7, zorder=11, markeredgecolor=style.paper, markeredgewidth=0.8)
    low, high = axes.get_xlim()
    # On the left the text would run into the numbers of the axis.
    right = offset[0] >= 0 or at[0] < low + 0.25 * (high - low) or at[0] > low + 0.8 * (high - low)
    across, up = abs(offset[0]) + 3, offset[1]
    axes.annotate(
        f"$t^*$ = {rounded_down(ray.certified)}", xy=at, xytext=(across if right else -across, up),
        textcoords="offset points", color=colour, fontsize=0.85 * style.font_size, zorder=13, va="center",
        ha="left" if right else "right", bbox=_plate(style),
    )  # fmt: skip


def contour_handles(scene: ContourScene, style: Style) -> list[Any]:
    """What the legend explains."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = []
    if scene.gradient is not None and any(scene.gradient):
        angle = ", at right angles to the level set" if scene.equal else ""
        handles.append(Line2D([], [], color=style.ink, lw=2.4, marker=">", markersize=5, label=f"$\\nabla f${angle}"))
    if scene.half_plane:
        handles.append(
            Patch(facecolor="none", edgecolor=GREEN, hatch="////", label="$\\nabla f^\\top d$ > 0", linewidth=0.8)
        )
    for ray in scene.rays:
        colour = TREND_COLOURS[ray.trend] if ray.trend != "constant" else style.ink
        handles.append(Line2D([], [], color=colour, ls=DASHES[ray.trend], lw=2, label=ray_text(ray)))
    if any(ray.certified > 0 for ray in scene.rays):
        handles.append(Line2D([], [], color="#7a7a7a", lw=6, alpha=0.4, label="certified for these $t$"))
    if not scene.defined.all():
        handles.append(Patch(facecolor=style.void, edgecolor="#bbbbbb", label="undefined"))
    return handles


def ray_text(ray: Ray) -> str:
    """What is known of a direction, in a few words."""
    name = symbol_name(ray.name)
    product = f"$\\nabla f^\\top {name[1:]}" if name.startswith("$") else f"$\\nabla f^\\top$ {name}"
    return f"{product} = {decimal(ray.slope)}, {TREND_WORDS[ray.trend]}{_how_far(ray)}"


def _how_far(ray: Ray) -> str:
    if ray.trend == "undecided" or ray.certified == 0:
        return ""
    if math.isinf(ray.certified):
        return " for all $t$ > 0"
    return f" for $t$ < {rounded_down(ray.certified)}"
