"""How long pictures take: the scene, its drawing, and beside them matplotlib by itself with the same data."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import hesse as hs
from benchmarks.startup import LECTURE, process
from benchmarks.timing import Job, medians, print_ratios
from hesse.pictures.picture import Picture
from hesse.pictures.scenes import ContourScene, SurfaceScene, TaylorScene

AT = {"x1": 1, "x2": 2}
DIRECTIONS = {"d1": [1, -1], "d2": [-1, 1], "d3": [1, -2]}


def makers() -> Mapping[str, Any]:
    """The pictures of the lecture, by kind."""
    f = hs.parse(LECTURE)
    return {
        "surface": partial(hs.plot.surface, f, AT),
        "contour": partial(hs.plot.contour, f, AT, along=DIRECTIONS),
        "taylor": partial(hs.plot.taylor, f, AT, along=[1, -1], order=3),
    }


def plainly(scene: Any) -> bytes:
    """The data of the scene as matplotlib draws them by itself: no title, no legend, no layout."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 5.6), dpi=150)
    if isinstance(scene, SurfaceScene):
        axes: Any = figure.add_subplot(projection="3d")
        x, y = np.meshgrid(scene.surface.x, scene.surface.y)
        axes.plot_surface(x, y, scene.surface.values, rcount=61, ccount=61, cmap="viridis")
    elif isinstance(scene, ContourScene):
        axes = figure.add_subplot()
        field = scene.field
        axes.contourf(field.x, field.y, field.values, scene.levels)
        axes.clabel(axes.contour(field.x, field.y, field.values, scene.levels))
    elif isinstance(scene, TaylorScene):
        upper, lower = figure.subplots(2, 1, sharex=True)
        upper.plot(scene.x, scene.y)
        for model in scene.models:
            upper.plot(model.x, model.y)
            lower.semilogy(model.x, model.error)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def jobs(make: Any) -> dict[str, Job]:
    """The steps of one picture, beside matplotlib by itself."""
    picture: Picture = make()
    return {
        "matplotlib by itself, the same data": lambda: plainly(picture.scene),
        "hesse: the scene": make,
        "hesse: the scene, drawn and written as PNG": lambda: make().encoded("png"),
    }


def main() -> None:
    """Print the tables."""
    for kind, make in makers().items():
        print_ratios(f"Pictures: {kind}", medians(jobs(make), rounds=9), "matplotlib by itself, the same data")
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = str(Path(sys.executable).parent / "hesse")
        target = str(Path(folder) / "f.png")
        base = "import matplotlib.figure, matplotlib.backends.backend_agg"
        processes = {"import matplotlib's figure and canvas": process([sys.executable, "-c", base], environment)}
        for kind in ("surface", "contour"):
            words = [command, "plot", kind, LECTURE, "--at", "1,2", "-o", target]
            processes[f"hesse plot {kind}"] = process(words, environment)
        print_ratios("Processes", medians(processes, rounds=5), "import matplotlib's figure and canvas")
