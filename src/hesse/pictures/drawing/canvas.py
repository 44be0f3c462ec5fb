"""Figures without pyplot: nothing of the user's is touched, no window opens, files are written whole or not at all."""

from __future__ import annotations

import io
import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from hesse.errors import ArgumentError
from hesse.pictures.drawing.theme import GREY, Style, settings
from hesse.pictures.drawing.typeset import decimal, extent, plain, symbol, title_lines, width
from hesse.pictures.scenes import Heading

Figure: TypeAlias = Any
Axes: TypeAlias = Any
FORMATS = ("png", "svg", "pdf")
LEAST_ROOM = 0.3
"""Inches below which there is no picture."""
BETWEEN = (0.15, 0.1)
"""The inches between axes that stand beside and above each other."""
_METADATA = {
    "png": {"Software": "hesse"},
    "svg": {"Creator": "hesse", "Date": None},
    "pdf": {"Creator": "hesse", "Producer": "hesse", "CreationDate": None},
}
GAP, EDGE = 0.24, 0.14
"""The height of a line of text, as a share of an inch at a size of ten points, and the margin of the page in inches."""


def new_figure(style: Style, size: tuple[float, float]) -> Figure:
    """An empty figure on a canvas of its own."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Page

    figure = Page(figsize=style.size or size, dpi=style.dpi)
    FigureCanvasAgg(figure)
    return figure


def write_page(
    figure: Figure, style: Style, heading: Heading, notes: Sequence[str], caption: str = ""
) -> tuple[float, float]:
    """Title above and small print below; the share of the height at which the picture itself begins and ends."""
    page_width, page_height = figure.get_size_inches()
    room = 72 * (page_width - 4 * EDGE)
    unit = style.font_size / 10
    size = 1.25 * style.font_size
    top = page_height - EDGE
    for line in title_lines(heading, room, size):
        _, high, low = extent(line.text if line.math else plain(line.text), line.size) or (0.0, line.size, 0.0)
        top -= max(high / 72 + 0.02 * unit, GAP * unit)
        figure.text(
            0.5, (top + low / 72) / page_height, line.text, ha="center", va="baseline",
            fontsize=line.size, parse_math=line.math, color=style.ink,
        )  # fmt: skip
    top -= 0.08 * unit
    small = 0.85 * style.font_size
    lines = [each for text in [_held(heading), caption, *notes] if text for each in _wrapped(text, room, small)]
    bottom = EDGE
    for text in reversed(lines):
        figure.text(
            0.5,
            bottom / page_height,
            text,
            ha="center",
            va="baseline",
            fontsize=small,
            color=GREY if not style.dark else style.ink,
        )
        bottom += 0.19 * unit
    return (bottom + 0.04) / page_height, (top - 0.04) / page_height


def _held(heading: Heading) -> str:
    if not heading.held:
        return ""
    return (
        "held: "
        + ", ".join(f"{symbol(name)} = {decimal(value, 6)}" for name, value in heading.held)
        + (f" and {heading.more} more" if heading.more else "")
    )


def _wrapped(text: str, room: float, size: float) -> list[str]:
    """The text in lines; mathematics between dollar signs is not broken."""
    words, lines = text.split(" "), [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        open_math = lines[-1].replace(r"\$", "").count("$") % 2
        if (
            lines[-1]
            and not open_math
            and (width(longer if longer.replace(r"\$", "").count("$") % 2 == 0 else plain(longer), size) or 0) > room
        ):
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def write_legend(figure: Figure, style: Style, handles: Sequence[Any], bottom: float, columns: int) -> float:
    """The legend above the small print; the share of the height at which it ends."""
    if not handles:
        return bottom
    legend = figure.legend(
        handles=handles, loc="lower center", bbox_to_anchor=(0.5, bottom), ncols=columns, borderaxespad=0,
        borderpad=0.2, columnspacing=1.8, labelspacing=0.4,
    )  # fmt: skip
    legend.set_in_layout(False)
    return legend_end(figure, style, len(handles), bottom, columns)


def legend_end(figure: Figure, style: Style, count: int, bottom: float, columns: int) -> float:
    """The share of the height at which a legend of so many entries ends."""
    rows = -(-count // columns)
    return float(bottom + (0.04 + 0.185 * rows) * style.font_size / 10 / figure.get_size_inches()[1])


def plain_numbers(*axes: Any) -> None:
    """Numbers beside the ticks in full, without an offset or a factor far away from them."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    for axis in axes:
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda value, _, axis=axis: _tick(value, axis)))


def _tick(value: float, axis: Any) -> str:
    """The number with as many digits as tell it from its neighbours."""
    low, high = sorted(axis.get_view_interval())
    size, width = max(abs(low), abs(high)), high - low
    if not width > 0:
        return decimal(value)
    value = 0.0 if abs(value) < 1e-9 * width else value
    return decimal(value, min(15, 3 + max(0, math.ceil(math.log10(size / width)))))


def arrange(figure: Figure, bottom: float, top: float) -> None:
    """Let the axes fill the page between two heights, with room for all that stands around them."""
    shown = [axes for axes in figure.axes if axes.get_subplotspec() is not None]
    grid = shown[0].get_subplotspec().get_gridspec()
    renderer = figure.canvas.get_renderer()
    page = figure.bbox.bounds[2:]
    around = {axes: axes.get_tightbbox(renderer) for axes in shown}
    for axis, count, ratios in ((0, grid.ncols, grid.get_width_ratios()), (1, grid.nrows, grid.get_height_ratios())):
        before, after = [0.0] * count, [0.0] * count
        for axes in shown:
            outer, inner = around[axes], axes.bbox
            spec = axes.get_subplotspec()
            # Rows count from the top.
            place = spec.colspan.start if axis == 0 else count - 1 - spec.rowspan.start
            before[place] = max(before[place], inner.min[axis] - outer.min[axis])
            after[place] = max(after[place], outer.max[axis] - inner.max[axis])
        start, end = (
            (EDGE * figure.dpi, page[0] - EDGE * figure.dpi) if axis == 0 else (bottom * page[1], top * page[1])
        )
        gap = BETWEEN[axis] * figure.dpi
        free = end - start - sum(before) - sum(after) - gap * (count - 1)
        require_room(free / figure.dpi)
        shares = [ratio / sum(ratios) * free for ratio in (ratios if axis == 0 else ratios[::-1])]
        _place(shown, axis, start, gap, before, after, shares, page[axis], count)


def require_room(inches: float) -> None:
    """Raise ArgumentError where little room is left for the picture itself."""
    if inches < LEAST_ROOM:
        raise ArgumentError(
            "the page is too small for what is written around the picture",
            hint="take a larger size or a smaller font_size",
        )


def _place(
    shown: Sequence[Any], axis: int, start: float, gap: float, before: Sequence[float], after: Sequence[float],
    shares: Sequence[float], page: float, count: int,
) -> None:  # fmt: skip
    """Give each of the axes its place along one side of the page."""
    for axes in shown:
        spec = axes.get_subplotspec()
        place = spec.colspan.start if axis == 0 else count - 1 - spec.rowspan.start
        low = start + sum(before[: place + 1]) + sum(after[:place]) + sum(shares[:place]) + gap * place
        box = list(axes.get_position(original=True).bounds)
        box[axis], box[axis + 2] = low / page, shares[place] / page
        axes.set_position(box)


def encoded(figure: Figure, kind: str, style: Style) -> bytes:
    """The file's content. The same picture gives the same bytes."""
    buffer = io.BytesIO()
    with settings(style):
        figure.savefig(buffer, format=kind, dpi=style.dpi, metadata=_METADATA[kind])
    return buffer.getvalue()


def file_kind(path: str | os.PathLike[str]) -> str:
    """The format by the file's ending. Raises ArgumentError for endings that are not known."""
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        what = f"`{ending}` is no format of pictures" if ending else f"`{os.fspath(path)}` has no ending"
        raise ArgumentError(what, hint="end the file's name in .png, .svg or .pdf")
    return ending


def check_folder(path: str | os.PathLike[str]) -> None:
    """Raises ArgumentError where no file can be written: said before the work and not after it."""
    target = Path(path)
    folder = target.parent
    if not folder.is_dir():
        raise ArgumentError(f"there is no folder `{folder}`", hint="make it first, or write somewhere else")
    if target.is_dir():
        raise ArgumentError(f"`{target}` is a folder", hint="name a file in it")
    if not os.access(folder, os.W_OK):
        raise ArgumentError(f"the folder `{folder}` cannot be written to")


def write_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Write the file whole: beside its place first, then renamed. An interruption leaves nothing behind."""
    check_folder(path)
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ArgumentError(f"`{target}` cannot be written: {error.strerror or error}") from None
