"""What f does along directions, beside the contours; and how the errors of models grow with the radius."""

from __future__ import annotations

from typing import Any

import numpy as np

from hesse.pictures.drawing.canvas import Axes, Figure, arrange, new_figure, plain_numbers, write_legend, write_page
from hesse.pictures.drawing.contour import DASHES, contour_caption, draw_contour_on, ray_text, symbol_name
from hesse.pictures.drawing.theme import MODEL_COLOURS, MODEL_DASHES, TREND_COLOURS, Style
from hesse.pictures.drawing.typeset import rounded_down
from hesse.pictures.scenes import DirectionScene, ErrorScene, Profile, Ray

WIDE, NARROW = (9.6, 5.4), (6.4, 5.2)
ERRORS = (6.4, 5.2)
ROUNDING = 1e-14
"""Errors below this share of the largest bound are not told from rounding."""


def draw_direction(scene: DirectionScene, style: Style) -> Figure:
    """The figure of the scene."""
    beside = scene.contour
    figure = new_figure(style, NARROW if beside is None else WIDE)
    caption = "" if beside is None else contour_caption(beside)
    bottom, top = write_page(
        figure, style, scene.heading, (*scene.notes, *(() if beside is None else beside.notes)), caption
    )
    if beside is None:
        axes = figure.add_subplot()
    else:
        left, axes = figure.subplots(1, 2, gridspec_kw={"width_ratios": (1, 1.05)})
        draw_contour_on(left, beside, style)
    handles = _profiles(axes, scene, style)
    arrange(figure, write_legend(figure, style, handles, bottom, 2), top)
    return figure


def _profiles(axes: Axes, scene: DirectionScene, style: Style) -> list[Any]:
    """The change of f along each direction, the linear models, and the certified lengths; handles for the legend."""
    from matplotlib.lines import Line2D

    low, high = scene.limits
    axes.set(xlim=(0, scene.length), ylim=(low, high))
    axes.grid(True)
    plain_numbers(axes.xaxis, axes.yaxis)
    axes.axhline(0, color=style.ink, lw=0.8, zorder=2)
    handles: list[Any] = []
    for profile in scene.profiles:
        handles.append(_profile(axes, scene, profile, style))
    _name_curves(axes, scene, style)
    handles.append(Line2D([], [], color="#7a7a7a", lw=1.1, ls=(0, (2, 2)), label="linear model"))
    if any(profile.ray.certified > 0 for profile in scene.profiles):
        handles.append(Line2D([], [], color="#7a7a7a", lw=6, alpha=0.4, label="certified for these $t$"))
    axes.set_xlabel("$t$")
    axes.set_ylabel("$f(x + t\\,d) - f(x)$")
    return handles


def _profile(axes: Axes, scene: DirectionScene, profile: Profile, style: Style) -> Any:
    ray, colour = profile.ray, _colour(profile.ray, style)
    t = np.array([0, scene.length])
    axes.plot(t, ray.slope * t, color=colour, lw=1.1, ls=(0, (2, 2)), zorder=3)
    (line,) = axes.plot(profile.t, profile.change, color=colour, lw=2.2, ls=DASHES[ray.trend], zorder=5)
    line.set_label(ray_text(ray))
    held = min(ray.certified, scene.length)
    if held > 0:
        sure = profile.t <= held
        axes.plot(profile.t[sure], profile.change[sure], color=colour, lw=7, alpha=0.3, zorder=4, solid_capstyle="butt")
    if 0 < ray.certified < scene.length and ray.ends == "domain":
        axes.axvline(ray.certified, color=colour, lw=1, ls=":", zorder=1)
    elif 0 < ray.certified < scene.length:
        # Where the comparison fails, the curve is back at the value at the start.
        at = (ray.certified, 0.0 if ray.ends == "fails" else float(np.interp(ray.certified, profile.t, profile.change)))
        axes.plot(*at, "D", color=colour, ms=7, zorder=7, markeredgecolor=style.paper)
        axes.annotate(
            f"$t^*$ = {rounded_down(ray.certified)}", at, xytext=(5, 7), textcoords="offset points", color=colour,
            fontsize=0.85 * style.font_size, zorder=8,
        )  # fmt: skip
    return line


def _name_curves(axes: Axes, scene: DirectionScene, style: Style) -> None:
    """The directions' names beside their curves, away from each other and from the marks."""
    low, high = scene.limits
    ends = [(profile.ray.certified / scene.length, -low / (high - low)) for profile in scene.profiles]
    # The t of an end is written to its right.
    taken = [(a + shift, b + lift) for a, b in ends for shift, lift in ((0.0, 0.0), (0.1, 0.04), (0.18, 0.04))]
    for profile in scene.profiles:
        across, up = profile.t / scene.length, (profile.change - low) / (high - low)
        free = np.isfinite(up) & (up > 0.07) & (up < 0.93) & (across > 0.06) & (across < 0.96)
        for a, b in taken:
            free &= np.maximum(np.abs(across - a) / 0.09, np.abs(up - b) / 0.08) > 1
        if not free.any():
            continue
        k = int(np.flatnonzero(free)[int(0.8 * np.count_nonzero(free))])
        taken.append((float(across[k]), float(up[k])))
        axes.annotate(
            symbol_name(profile.ray.name), (profile.t[k], profile.change[k]), color=_colour(profile.ray, style),
            ha="center", va="center", fontsize=1.1 * style.font_size, zorder=9,
            bbox=dict(boxstyle="round,pad=0.12", fc=style.paper, ec="none", alpha=0.85),
        )  # fmt: skip


def _colour(ray: Ray, style: Style) -> str:
    return style.ink if ray.trend == "constant" else TREND_COLOURS[ray.trend]


def draw_error(scene: ErrorScene, style: Style) -> Figure:
    """The figure of the scene."""
    figure = new_figure(style, ERRORS)
    norm = r"\infty" if scene.norm == "inf" else "2"
    caption = (
        f"lines: certified bounds of $|f - m_k|$ for all $|\\varepsilon|_{{{norm}}} \\leq r$; marks: errors that occur"
    )
    bottom, top = write_page(figure, style, scene.heading, scene.notes, caption)
    axes = figure.add_subplot()
    handles = []
    tops = [float(np.nanmax(np.where(np.isfinite(curve.upper), curve.upper, 0.0))) for curve in scene.curves]
    least = max(max(tops) * ROUNDING, 1e-300)
    for k, curve in enumerate(scene.curves):
        colour, dashes = MODEL_COLOURS[k % len(MODEL_COLOURS)], MODEL_DASHES[k % len(MODEL_DASHES)]
        upper = np.where(np.isfinite(curve.upper) & (curve.upper > least), curve.upper, np.nan)
        seen = np.where(curve.sampled > least, curve.sampled, np.nan)
        name = f"order {curve.order}" + (": exact up to rounding" if tops[k] <= least else "")
        handles += axes.plot(scene.radii, upper, color=colour, ls=dashes, label=name)
        axes.plot(scene.radii, seen, "o", color=colour, ms=4, mfc=style.paper, mew=1.2)
    axes.set(xscale="log", yscale="log", xlim=(scene.radii[0], scene.radii[-1]))
    axes.minorticks_off()
    axes.grid(True, which="major")
    axes.set_xlabel("radius $r$")
    axes.set_ylabel("error")
    arrange(figure, write_legend(figure, style, handles, bottom, min(4, len(handles))), top)
    return figure
