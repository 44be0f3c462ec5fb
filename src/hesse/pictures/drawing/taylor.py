"""A function with its Taylor models, the errors below, the certified band and the certified radius."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hesse.pictures.drawing.canvas import Axes, Figure, new_figure, write_page
from hesse.pictures.drawing.theme import GREY, MODEL_COLOURS, MODEL_DASHES, SKY, Style
from hesse.pictures.drawing.typeset import symbol
from hesse.pictures.scenes import TaylorScene

SIZE = (6.4, 6.0)
DECADES = 8
"""How far below the height of the picture errors are shown."""


def draw_taylor(scene: TaylorScene, style: Style) -> Figure:
    """The figure of the scene."""
    figure = new_figure(style, SIZE)
    bottom, top = write_page(figure, style, scene.heading, scene.notes, _caption(scene))
    figure.set_layout_engine("constrained", rect=(0.0, bottom, 1.0, top - bottom), h_pad=0.04, w_pad=0.06)
    if scene.models:
        upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (2.3, 1)})
    else:
        upper, lower = figure.subplots(), None
    _curves(upper, scene, style)
    if lower is not None:
        _errors(lower, scene, style)
    (lower or upper).set_xlabel(symbol(scene.axis.label))
    return figure


def _caption(scene: TaylorScene) -> str:
    name = symbol(scene.axis.label)
    parts = []
    if scene.along is not None:
        entries = ", ".join(f"{entry:g}" for entry in scene.along[:6]) + (", ..." if len(scene.along) > 6 else "")
        parts.append(f"along d = ({entries}), a step {name} from the point")
    band, reach = scene.band, scene.reach
    if band is not None:
        step = f"|{name}|" if scene.along is not None else f"|{name} − {scene.center:g}|"
        if math.isfinite(band.upper):
            parts.append(f"certified: $|f - m_{{{band.order}}}| \\leq$ {_up(band.upper)} for all {step} $\\leq$ {band.radius:g}")
        elif band.missing:
            parts.append(f"no band is certified for {step} $\\leq$ {band.radius:g}: {band.missing}")
    if reach is not None:
        if reach.radius > 0:
            parts.append(f"certified: error $\\leq$ {reach.tolerance:g} up to the radius {_down(reach.radius)}")
        else:
            parts.append(f"no radius is certified for the tolerance {reach.tolerance:g}")
    return "; ".join(parts)


def _up(value: float) -> str:
    """The value rounded up to four digits, so that a bound stays one."""
    return _rounded(value, math.ceil)


def _down(value: float) -> str:
    """The value rounded down to four digits, so that a radius stays certified."""
    return _rounded(value, math.floor)


def _rounded(value: float, towards: Any) -> str:
    if value == 0:
        return "0"
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 3)
    return f"{towards(value / unit) * unit:.4g}"


def _curves(axes: Axes, scene: TaylorScene, style: Style) -> None:
    axes.set(xlim=(scene.axis.low, scene.axis.high), ylim=scene.limits)
    axes.grid(True)
    handles = axes.plot(scene.x, scene.y, color=style.ink, lw=2.4, label=symbol(scene.heading.name), zorder=5)
    for model, colour, dashes in zip(scene.models, _cycle(MODEL_COLOURS), _cycle(MODEL_DASHES), strict=False):
        handles += axes.plot(model.x, model.y, color=colour, ls=dashes, lw=1.7, label=f"order {model.order}", zorder=6)
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
        axes.plot([scene.center], [scene.value], "o", color=style.ink, markersize=6.5, markeredgecolor=style.paper, zorder=8)
    axes.legend(handles=handles, loc="center left", bbox_to_anchor=(1.01, 0.5), borderaxespad=0.2)


def _reach(axes: Axes, scene: TaylorScene) -> list[Any]:
    assert scene.reach is not None
    radius = scene.reach.radius
    axes.axvspan(scene.center - radius, scene.center + radius, color="#CC79A7", alpha=0.16, lw=0, zorder=0)
    from matplotlib.patches import Patch

    return [Patch(facecolor="#CC79A7", alpha=0.3, label="certified radius")]


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
    axes.set_ylim(low, 2 * top)
    axes.grid(True)
    axes.set_ylabel("|f − model|")
    band = scene.band
    if band is not None and math.isfinite(band.upper) and band.upper > 0:
        axes.plot([scene.center - band.radius, scene.center + band.radius], [band.upper] * 2, color=SKY, lw=3, zorder=1)
    if scene.reach is not None and scene.reach.radius > 0:
        axes.axhline(scene.reach.tolerance, color="#CC79A7", lw=1, ls=":")
    _ = GREY
