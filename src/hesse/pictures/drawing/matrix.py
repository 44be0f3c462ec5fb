"""Matrices of derivatives: the map of entries, bars, the deformed grid, the curvature ellipse and the eigenvalues."""

from __future__ import annotations

from typing import Any

import numpy as np

from hesse.pictures.drawing.canvas import Axes, Figure, arrange, new_figure, plain_numbers, write_legend, write_page
from hesse.pictures.drawing.contour import arrow
from hesse.pictures.drawing.theme import BLUE, GREEN, GREY, ORANGE, VERMILLION, Style
from hesse.pictures.drawing.typeset import decimal, symbol
from hesse.pictures.limits import fenced, padded
from hesse.pictures.scenes import Deformation, Formula, HessianScene, JacobianScene, Matrix

ALONE, BESIDE, BARS, MAPS = (6.0, 5.4), (9.6, 5.2), (6.4, 4.8), (10.4, 4.6)
FEW, NAMED, MANY = 10, 30, 80
"""Up to so many rows and columns entries are written into the map, and names beside it."""


def draw_jacobian(scene: JacobianScene, style: Style) -> Figure:
    """The figure of the scene."""
    one = scene.matrix.entries.shape[0] == 1
    figure = new_figure(style, MAPS if scene.deformation is not None else BARS if one else ALONE)
    bottom, top = write_page(figure, style, scene.heading, scene.notes, _caption(scene.matrix, scene.at))
    if scene.deformation is not None:
        left, middle, right = figure.subplots(1, 3)
        draw_matrix(left, scene.matrix, style)
        _grids(middle, right, scene, scene.deformation, style)
    elif one:
        draw_bars(figure.add_subplot(), scene.matrix, style)
    else:
        draw_matrix(figure.add_subplot(), scene.matrix, style)
    arrange(figure, bottom, top)
    return figure


def _caption(matrix: Matrix, at: tuple[float, ...]) -> str:
    parts = []
    if len(at) <= 6:
        names = [symbol(name) for name in matrix.columns]
        parts.append("at " + ", ".join(f"{name} = {decimal(value, 6)}" for name, value in zip(names, at, strict=True)))
    if matrix.structure:
        parts.append("proved for all values: " + ", ".join(matrix.structure))
    if matrix.zero.any():
        parts.append("· is zero for all values")
    return "; ".join(parts)


def draw_matrix(axes: Axes, matrix: Matrix, style: Style) -> None:
    """The map of the entries: orange above zero, blue below, the more the stronger."""
    from matplotlib.colors import LinearSegmentedColormap

    entries = matrix.entries
    finite = entries[np.isfinite(entries)]
    top = float(np.abs(finite).max()) if finite.size else 1.0
    middle = style.paper if style.dark else "#f7f7f7"
    colours = LinearSegmentedColormap.from_list("signed", [BLUE, middle, VERMILLION])
    axes.set_facecolor(style.void)
    rows, columns = entries.shape
    image = axes.imshow(
        np.ma.masked_invalid(entries), cmap=colours, vmin=-(top or 1), vmax=top or 1, interpolation="nearest",
        aspect="equal" if max(rows, columns) <= 4 * min(rows, columns) else "auto",
    )  # fmt: skip
    axes.spines[["top", "right"]].set_visible(True)
    _names(axes.xaxis, matrix.columns)
    _names(axes.yaxis, matrix.rows)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    if max(rows, columns) <= FEW:
        for j in range(rows):
            for i in range(columns):
                _entry(axes, matrix, j, i, top, style)
        axes.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
        axes.grid(which="minor", color=style.paper, linewidth=2)
        axes.tick_params(which="minor", length=0)
    else:
        axes.figure.colorbar(image, cax=axes.inset_axes((1.02, 0.1, 0.03, 0.8)))


def _names(axis: Any, names: tuple[Formula, ...]) -> None:
    if len(names) <= NAMED:
        axis.set_ticks(range(len(names)), [symbol(name) for name in names])
    else:
        counted(axis)


def counted(axis: Any) -> None:
    """Numbers of entries beside the axis, counted from 1 as in formulas."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(6, integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value) + 1}"))


def _entry(axes: Axes, matrix: Matrix, j: int, i: int, top: float, style: Style) -> None:
    value = float(matrix.entries[j, i])
    if not np.isfinite(value):
        return
    strong = abs(value) > 0.55 * top
    text = "·" if matrix.zero[j, i] else decimal(value, 4)
    size = style.font_size * (1.0 if matrix.entries.shape[1] <= 6 else 0.72)
    axes.text(i, j, text, ha="center", va="center", color="#ffffff" if strong else style.ink, fontsize=size)


def _bars(axes: Axes, values: Any) -> None:
    """One bar for each value; many without spaces between them, which no screen resolves."""
    if len(values) <= MANY:
        axes.bar(
            np.arange(len(values)), values, color=[VERMILLION if each > 0 else BLUE for each in values], width=0.65
        )
        return
    edges = np.arange(len(values) + 1) - 0.5
    axes.stairs(np.maximum(values, 0), edges, fill=True, color=VERMILLION)
    axes.stairs(np.minimum(values, 0), edges, fill=True, color=BLUE)
    axes.set_xlim(edges[0], edges[-1])


def draw_bars(axes: Axes, matrix: Matrix, style: Style) -> None:
    """One output: how much it changes with each input."""
    entries = matrix.entries[0]
    _bars(axes, np.nan_to_num(entries))
    axes.axhline(0, color=style.ink, lw=0.8)
    axes.grid(True, axis="y")
    axes.set_axisbelow(True)
    _names(axes.xaxis, matrix.columns)
    axes.set_ylabel(r"$\partial f / \partial$ input")
    axes.margins(y=0.15)
    if len(entries) <= FEW:
        for k, value in enumerate(entries):
            if np.isfinite(value):
                axes.annotate(
                    decimal(value), (k, value), xytext=(0, 4 if value >= 0 else -4), textcoords="offset points",
                    ha="center", va="bottom" if value >= 0 else "top", fontsize=0.9 * style.font_size,
                )  # fmt: skip


def _grids(before: Axes, after: Axes, scene: JacobianScene, found: Deformation, style: Style) -> None:
    """The grid, and its image with the cell at the point and the parallelogram that the linear model makes of it."""
    half = len(found.straight) // 2
    for axes, lines, shape in ((before, found.straight, found.square), (after, found.lines, found.parallelogram)):
        for k, (x, y) in enumerate(lines):
            axes.plot(x, y, color=BLUE if k < half else ORANGE, lw=0.9, alpha=0.9)
        axes.fill(shape[:, 0], shape[:, 1], facecolor=GREEN, alpha=0.35, edgecolor=GREEN, lw=1.8, zorder=4)
        center = shape[:4].mean(axis=0)
        axes.plot(*center, "o", color=style.ink, ms=5, zorder=6, markeredgecolor=style.paper)
        # Beside a pole lines run out of the picture.
        x, y = (padded(*fenced(np.concatenate([line[k] for line in lines]), *shape[:, k])) for k in (0, 1))
        axes.set(xlim=x, ylim=y)
        axes.set_aspect("equal" if 1 / 4 < (x[1] - x[0]) / (y[1] - y[0]) < 4 else "auto")
        plain_numbers(axes.xaxis, axes.yaxis)
        axes.spines[["top", "right"]].set_visible(True)
    before.set_xlabel(symbol(scene.matrix.columns[0]))
    before.set_ylabel(symbol(scene.matrix.columns[1]))
    after.set_xlabel(symbol(scene.matrix.rows[0]))
    after.set_ylabel(symbol(scene.matrix.rows[1]))
    after.set_title(f"the linear model makes {decimal(abs(found.determinant))} times the area"
                    + (", turned over" if found.determinant < 0 else ""), fontsize=0.9 * style.font_size)  # fmt: skip


def draw_hessian(scene: HessianScene, style: Style) -> Figure:
    """The figure of the scene."""
    figure = new_figure(style, BESIDE)
    kind = f"{scene.kind}" if scene.kind else ""
    caption = _caption(scene.matrix, scene.at) + (f"; {kind} (certified)" if kind and scene.bounds else "")
    bottom, top = write_page(figure, style, scene.heading, scene.notes, caption)
    handles: list[Any] = []
    if not scene.eigenvalues:
        draw_matrix(figure.add_subplot(), scene.matrix, style)
    else:
        left, right = figure.subplots(1, 2)
        draw_matrix(left, scene.matrix, style)
        if scene.conic:
            handles = _ellipse(right, scene, style)
        else:
            _eigenvalues(right, scene, style)
    arrange(figure, write_legend(figure, style, handles, bottom, max(1, len(handles))), top)
    return figure


def _ellipse(axes: Axes, scene: HessianScene, style: Style) -> list[Any]:
    """The curves on which the quadratic part is 1 and -1, and the eigenvectors, each as long as its radius there."""
    handles: list[Any] = []
    for sign, points in scene.conic:
        name = r"$\varepsilon^\top H\, \varepsilon$ = " + ("1" if sign > 0 else "−1")
        handles += axes.plot(
            points[:, 0],
            points[:, 1],
            color=VERMILLION if sign > 0 else BLUE,
            lw=2,
            label=name,
            ls="-" if sign > 0 else "--",
        )
    values = scene.eigenvalues
    radii = [1 / np.sqrt(abs(value)) if value else np.inf for value in values]
    finite = [radius for radius in radii if np.isfinite(radius)]
    reach = 1.25 * min(max(finite), 6 * min(finite)) if finite else 1.0
    reach = (
        max(reach, 1.6 * min(finite)) if any(sign < 0 for sign, _ in scene.conic) and len(scene.conic) > 1 else reach
    )
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
    axes.set_aspect("equal")
    for k, (vector, value, radius) in enumerate(zip(scene.vectors, values, radii, strict=True)):
        length = min(radius, 0.9 * reach)
        step = (float(vector[0] * length), float(vector[1] * length))
        colour = VERMILLION if value > 0 else BLUE if value < 0 else GREY
        arrow(axes, (0.0, 0.0), step, colour, 2.0, 6)
        across = np.array([-step[1], step[0]]) / np.hypot(*step) * (1 if step[0] >= 0 else -1)
        axes.annotate(
            f"λ = {_eigenvalue(scene, k).removeprefix('≈ ')}", (0.6 * step[0], 0.6 * step[1]),
            xytext=(float(26 * across[0]), float(12 * across[1])), textcoords="offset points", color=colour,
            ha="center", va="center", fontsize=0.9 * style.font_size, zorder=8,
            bbox=dict(boxstyle="round,pad=0.12", fc=style.paper, ec="none", alpha=0.8),
        )  # fmt: skip
    axes.plot(0, 0, "o", color=style.ink, ms=5, zorder=7)
    axes.axhline(0, color=GREY, lw=0.5, zorder=0)
    axes.axvline(0, color=GREY, lw=0.5, zorder=0)
    axes.set_xlabel(_step(scene.names[0]))
    axes.set_ylabel(_step(scene.names[1]))
    axes.spines[["top", "right"]].set_visible(True)
    plain_numbers(axes.xaxis, axes.yaxis)
    return handles


def _step(name: Formula) -> str:
    return f"step in {symbol(name)}"


def _eigenvalues(axes: Axes, scene: HessianScene, style: Style) -> None:
    """The eigenvalues in ascending order, with their certified bounds where these can be seen."""
    values = np.array(scene.eigenvalues)
    _bars(axes, values)
    if scene.bounds:
        low, high = np.array(scene.bounds).T
        around = [np.maximum(values - low, 0), np.maximum(high - values, 0)]
        axes.errorbar(np.arange(len(values)), values, around, fmt="none", ecolor=style.ink, capsize=4, lw=1.2)
    axes.axhline(0, color=style.ink, lw=0.8)
    axes.grid(True, axis="y")
    axes.set_axisbelow(True)
    axes.set_title("eigenvalues" + (" (certified)" if scene.bounds else ""))
    counted(axes.xaxis)
    axes.margins(y=0.15)
    if all(_eigenvalue(scene, k) == "≈ 0" for k in range(len(values))):
        axes.set_ylim(-1, 1)
    if len(values) <= FEW:
        for k, value in enumerate(values):
            label = _eigenvalue(scene, k)
            # Below the line there may be the numbers of the axis.
            above = value >= 0 or label == "≈ 0"
            axes.annotate(
                label, (k, value), xytext=(0, 5 if above else -5), textcoords="offset points",
                ha="center", va="bottom" if above else "top", fontsize=0.9 * style.font_size,
            )  # fmt: skip


def _eigenvalue(scene: HessianScene, k: int) -> str:
    """The value; where its bounds do not exclude zero, that is what can be said."""
    if scene.bounds and scene.bounds[k][0] <= 0 <= scene.bounds[k][1]:
        return "≈ 0"
    return decimal(scene.eigenvalues[k])
