"""Draws the pictures of the README and of `docs/pictures.md`: `python docs/images/draw.py`, or with names of some."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import hesse as hs

FOLDER = Path(__file__).parent
LECTURE, BOWL = "x1^2 + exp(x1*x2) + 2*log(x2)", "x1^2 + x2^2"
DIRECTIONS = {"d1": [1, -1], "d2": [-1, 1], "d3": [1, -2]}
DPI = 100


def pictures() -> Mapping[str, Callable[[], hs.plot.Picture]]:
    """The pictures by the names of their files."""
    f, bowl = hs.parse(LECTURE), hs.parse(BOWL)
    return {
        "bowl": lambda: hs.plot.surface(bowl, at=[1, "0.5"], dpi=DPI),
        "surface": lambda: hs.plot.surface(f, at=[1, 2], dpi=DPI),
        "contour": lambda: hs.plot.contour(f, at=[1, 2], along=DIRECTIONS, dpi=DPI),
        "field": lambda: hs.plot.contour(hs.parse("sin(x1)*cos(x2)"), at=["0.8", "0.5"], field=True, dpi=DPI),
        "taylor": lambda: hs.plot.taylor(hs.parse("exp(x)", "x:"), at=0, order=3, radius=1, tolerance="0.1", dpi=DPI),
        "line": lambda: hs.plot.taylor(f, at=[1, 2], along=[1, -1], order=3, dpi=DPI),
        "direction": lambda: hs.plot.direction(f, at=[1, 2], along=DIRECTIONS, dpi=DPI),
        "error": lambda: hs.plot.error(f, at=[1, 2], order=3, radius="0.5", dpi=DPI),
        "map": lambda: hs.plot.jacobian(hs.parse("[x1^2 - x2^2, 2*x1*x2]"), at=[1, "0.5"], dpi=DPI),
        "jacobian": lambda: hs.plot.jacobian(hs.parse("x[1:] - x[:-1]**2", "x:n"), at=[1, 2, -1, 3, 1], dpi=DPI),
        "hessian": lambda: hs.plot.hessian(hs.parse("2*x1^2 + x1*x2 + x2^2"), at=[1, 2], dpi=DPI),
    }


def main() -> None:
    """Write the files that are named, or all."""
    known = pictures()
    for name in sys.argv[1:] or known:
        known[name]().save(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
