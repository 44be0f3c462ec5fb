"""How pictures look: colours that the colour-blind tell apart, type, and settings that no user's style disturbs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hesse.errors import ArgumentError
from hesse.pictures.reading import numbers

# The palette of Okabe and Ito (2008).
ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILLION, PURPLE = (
    "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
)  # fmt: skip
INK, GREY, PALE = "#1f2124", "#6b6b6b", "#d9d9d9"
TREND_COLOURS = {"increases": VERMILLION, "decreases": BLUE, "constant": INK, "undecided": GREY}
TREND_WORDS = {"increases": "f rises", "decreases": "f falls", "constant": "f stays level", "undecided": "undecided"}
MODEL_COLOURS = (GREEN, VERMILLION, BLUE, PURPLE, ORANGE, SKY)
MODEL_DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)))
DPI = 150
MAX_DOTS = 12_000
"""Dots along a side of a picture."""
SALT = "hesse"
MATH = "dejavusans"


@dataclass(frozen=True, slots=True)
class Style:
    """What a user can set about the looks: the size in inches, the resolution of pixels, the size of the type."""

    size: tuple[float, float] | None = None
    dpi: float = DPI
    font_size: float = 10.0
    dark: bool = False

    def __post_init__(self) -> None:
        sides = () if self.size is None else numbers(self.size, "the size", 2)
        numbers((self.dpi, self.font_size), "dpi and font_size", 2)
        if not all(1 <= side <= 60 for side in sides):
            raise ArgumentError(f"the size is a width and a height of 1 to 60 inches, not {self.size!r}")
        if not 20 <= self.dpi <= 1200:
            raise ArgumentError(f"the resolution is 20 to 1200 dots per inch, not {self.dpi!r}")
        if max(sides, default=0.0) * self.dpi > MAX_DOTS:
            raise ArgumentError(
                f"a side of {max(sides) * self.dpi:g} dots is beyond the limit of {MAX_DOTS}",
                hint="take a smaller size or resolution; SVG and PDF are sharp at any",
            )
        if not 4 <= self.font_size <= 40:
            raise ArgumentError(f"the type has a size of 4 to 40 points, not {self.font_size!r}")

    @property
    def ink(self) -> str:
        """The colour of text and axes."""
        return "#e8e8e8" if self.dark else INK

    @property
    def paper(self) -> str:
        """The colour behind the picture."""
        return "#15181c" if self.dark else "#ffffff"

    @property
    def void(self) -> str:
        """The colour of what has no value."""
        return "#2b3036" if self.dark else "#efefef"


@contextmanager
def settings(style: Style) -> Iterator[None]:
    """matplotlib's defaults with the style of hesse, whatever the user has set; afterwards all is as it was."""
    import matplotlib

    parameters: Any = {**_defaults(), **_own(style)}
    with matplotlib.rc_context(parameters):
        yield


@lru_cache(maxsize=1)
def _defaults() -> dict[str, Any]:
    import matplotlib

    # The backend is no matter of style.
    return {
        key: value
        for key, value in matplotlib.rcParamsDefault.items()
        if not key.startswith(("backend", "interactive", "toolbar", "webagg", "tk.", "macosx", "date.", "timezone"))
    }


def _own(style: Style) -> dict[str, Any]:
    size = style.font_size
    return {
        "font.size": size,
        "axes.titlesize": size * 1.1,
        "axes.labelsize": size * 1.1,
        "xtick.labelsize": size * 0.85,
        "ytick.labelsize": size * 0.85,
        "legend.fontsize": size * 0.85,
        "text.color": style.ink,
        "axes.edgecolor": GREY,
        "axes.labelcolor": style.ink,
        "axes.facecolor": style.paper,
        "figure.facecolor": style.paper,
        "savefig.facecolor": style.paper,
        "xtick.color": style.ink,
        "ytick.color": style.ink,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "grid.color": PALE if not style.dark else "#3a3f45",
        "grid.linewidth": 0.6,
        "lines.linewidth": 1.8,
        "legend.frameon": True,
        "legend.framealpha": 0.9,
        "legend.edgecolor": "none",
        "legend.facecolor": style.paper,
        "mathtext.fontset": MATH,
        "svg.hashsalt": SALT,
        "svg.fonttype": "path",
        "pdf.fonttype": 3,
        "axes.formatter.limits": (-4, 5),
        "axes.formatter.use_mathtext": True,
        "hatch.linewidth": 0.5,
        "path.simplify": True,
    }


@lru_cache(maxsize=4)
def shades(dark: bool = False) -> Any:
    """The colours of values: viridis, made lighter on paper so that lines and text on it can be read."""
    import numpy as np
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    colours = colormaps["viridis"](np.linspace(0.06, 0.98, 256))
    colours[:, :3] = 0.85 * colours[:, :3] if dark else 0.62 * colours[:, :3] + 0.38
    return ListedColormap(colours, name="hesse")
