"""A function with its Taylor models, the errors below, the certified band and the certified radius."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hesse.pictures.drawing.canvas import Axes, Figure, arrange, new_figure, plain_numbers, write_legend, write_page
from hesse.pictures.drawing.theme import MODEL_COLOURS, MODEL_DASHES, PURPLE, SKY, Style
from hesse.pictures.drawing.typeset import decimal, rounded_down, rounded_up, symbol
from hesse.pictures.scenes import TaylorScene

SIZE = (6.4, 6.0)
DECADES = 8
"""How far below the height of the picture errors are shown."""


def draw_taylor(scene: TaylorScene, style: Style) -> Figure:
    """The figure of the scene."""
    figure = new_figure(style, SIZE)
    bottom, top = write_page(figure, style, scene.heading, scene.notes, _caption(scene))
    if scene.models:
        upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (2.3, 1)})
    else:
        upper, lower = figure.subplots(), None
    handles = _curves(upper, scene, style)
    if lower is not None:
        _errors(lower, scene, style)
    (lower or upper).set_xlabel(symbol(scene.axis.label))
    columns = len(handles) if len(handles) < 5 else min(4, (len(handles) + 1) // 2)
    arrange(figure, write_legend(figure, style, handles, bottom, columns), top)
    return figure


def _caption(scene: TaylorScene) -> str:
    name = symbol(scene.axis.label)
    parts = []
    if scene.along is not None:
        entries = ", ".join(f"{entry:g}" for entry in scene.along[:6]) + (", ..." if len(scene.along) > 6 else "")
        parts.append(f"along $d$ = ({entries}), a step {name} from the point".replace("-", "−"))
    band, reach = scene.band, scene.reach
    if band is not None:
        center = f" − {decimal(scene.center)}" if scene.center >= 0 else f" + {decimal(-scene.center)}"
        step = f"|{name}|" if scene.along is not None or not scene.center else f"|{name}{center}|"
        if math.isfinite(band.upper):
            bound = f"$|f - m_{{{band.order}}}| \\leq$ {rounded_up(band.upper)}"
            parts.append(f"certified: {bound} for all {step} $\\leq$ {rounded_down(band.radius)}")
        else:
            parts.append(f"no band is certified for {step} $\\leq$ {decimal(band.radius)}")
    if reach is not None:
        if reach.radius > 0:
            parts.append(f"certified: error $\\leq${reach.tolerance:g} up to the radius {rounded_down(reach.radius)}")
        else:
            parts.append(f"no radius is certified for the tolerance {reach.tolerance:g}")
    return "; ".join(parts)


def _curves(axes: Axes, scene: TaylorScene, style: Style) -> list[Any]:
    """The upper picture; handles for the legend."""
    axes.set(xlim=(scene.axis.low, scene.axis.high), ylim=scene.limits)
    axes.grid(True)
    plain_numbers(axes.xaxis, axes.yaxis)
    handles: list[Any] = axes.plot(
        scene.x, scene.y, color=style.ink, lw=2.4, label=symbol(scene.heading.name), zorder=5
    )
    for model, colour, dashes in zip(scene.models, _cycle(MODEL_COLOURS), _cycle(MODEL_DASHES), strict=False):
        handles += axes.plot(
            model.x,
            model.y,
            color=colour,
            ls=dashes,
            lw=1.7,
            label=f"$m_{{{model.order}}}$, order {model.order}",
            zorder=6,
        )
    band = scene.band
    if band is not None and math.isfinite(band.upper):
        best = next((model for model in scene.models if model.order == band.order), None)
        if best is not None:
            x = np.linspace(scene.center - band.radius, scene.center + band.radius, 201)
            y = np.polynomial.polynomial.polyval(x - scene.center, best.coefficients)
            handles.append(
                axes.fill_between(x, y - band.upper, y + band.upper, color=SKY, alpha=0.35, lw=0, zorder=2,
                                  label="certified band")
            )  # fmt: skip
            for end in (x[0], x[-1]):
                axes.axvline(end, color=SKY, lw=1.0, zorder=1)
    if scene.reach is not None and scene.reach.radius > 0:
        handles += _reach(axes, scene)
    if math.isfinite(scene.value):
        axes.plot(
            [scene.center], [scene.value], "o", color=style.ink, markersize=6.5, markeredgecolor=style.paper, zorder=8
        )
    return list(handles)


def _reach(axes: Axes, scene: TaylorScene) -> list[Any]:
    """Both ends of the certified radius."""
    assert scene.reach is not None
    radius = scene.reach.radius
    lines = [
        axes.axvline(scene.center + side * radius, color=PURPLE, lw=1.4, ls=(0, (4, 2)), zorder=3) for side in (-1, 1)
    ]
    lines[0].set_label("certified radius")
    return list(lines[:1])


def _cycle(items: Any) -> Any:
    while True:
        yield from items


def _errors(axes: Axes, scene: TaylorScene, style: Style) -> None:
    height = scene.limits[1] - scene.limits[0]
    top, low = height, height
    for model, colour, dashes in zip(scene.models, _cycle(MODEL_COLOURS), _cycle(MODEL_DASHES), strict=False):
        shown = np.where(model.error > 0, model.error, np.nan)
        axes.plot(model.x, shown, color=colour, ls=dashes, lw=1.5)
        if np.isfinite(shown).any():
            low = min(low, float(np.nanquantile(shown, 0.02)))
    low = max(min(low, height / 100), height * 10.0**-DECADES)
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.set_ylim(low, 2 * top)
    axes.grid(True)
    axes.set_ylabel("$|f - m_k|$")
    band = scene.band
    if band is not None and math.isfinite(band.upper) and band.upper > 0:
        axes.plot([scene.center - band.radius, scene.center + band.radius], [band.upper] * 2, color=SKY, lw=3, zorder=1)
    if scene.reach is not None and scene.reach.radius > 0:
        axes.axhline(scene.reach.tolerance, color=PURPLE, lw=1.2, ls=(0, (4, 2)))
