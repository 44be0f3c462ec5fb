"""Figures without pyplot: nothing of the user's is touched, no window opens, and files are written whole or not at all."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from hesse.errors import ArgumentError
from hesse.pictures.drawing.theme import GREY, Style, settings
from hesse.pictures.drawing.typeset import Line, plain, symbol, title_lines, width
from hesse.pictures.scenes import Heading

Figure: TypeAlias = Any
Axes: TypeAlias = Any
FORMATS = ("png", "svg", "pdf")
_METADATA = {
    "png": {"Software": "hesse"},
    "svg": {"Creator": "hesse", "Date": None},
    "pdf": {"Creator": "hesse", "Producer": "hesse", "CreationDate": None},
}
GAP, EDGE = 0.32, 0.12
"""The height of a line of text, as a share of an inch at a size of ten points, and the margin of the page in inches."""


def new_figure(style: Style, size: tuple[float, float]) -> Figure:
    """An empty figure on a canvas of its own."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Page

    figure = Page(figsize=style.size or size, dpi=style.dpi)
    FigureCanvasAgg(figure)
    return figure


def write_page(figure: Figure, style: Style, heading: Heading, notes: Sequence[str], caption: str = "") -> tuple[float, float]:
    """Title above and small print below; the share of the height at which the picture itself begins and ends."""
    page_width, page_height = figure.get_size_inches()
    room = 72 * (page_width - 4 * EDGE)
    unit = style.font_size / 10
    size = 1.25 * style.font_size
    top = page_height - EDGE
    for line in title_lines(heading, room, size):
        top -= GAP * unit
        figure.text(
            0.5, (top + 0.08 * unit) / page_height, line.text, ha="center", va="baseline",
            fontsize=line.size, parse_math=line.math, color=style.ink,
        )  # fmt: skip
    small = 0.85 * style.font_size
    lines = [each for text in [_held(heading), caption, *notes] if text for each in _wrapped(text, room, small)]
    bottom = EDGE
    for text in reversed(lines):
        figure.text(
            0.5, bottom / page_height, text, ha="center", va="baseline", fontsize=small, color=GREY if not style.dark else style.ink
        )
        bottom += 0.19 * unit
    return (bottom + 0.04) / page_height, (top - 0.04) / page_height


def _held(heading: Heading) -> str:
    if not heading.held:
        return ""
    return "held: " + ", ".join(f"{symbol(name)} = {value:.6g}" for name, value in heading.held)


def _wrapped(text: str, room: float, size: float) -> list[str]:
    """The text in lines; mathematics between dollar signs is not broken."""
    words, lines = text.split(" "), [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        open_math = lines[-1].replace(r"\$", "").count("$") % 2
        if lines[-1] and not open_math and (width(longer if longer.replace(r"\$", "").count("$") % 2 == 0 else plain(longer), size) or 0) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def place_axes(figure: Figure, box: tuple[float, float, float, float], **options: Any) -> Axes:
    """Axes in a box of left, bottom, right and top, in shares of the page; tick labels lie outside of it."""
    left, bottom, right, top = box
    return figure.add_axes((left, bottom, right - left, top - bottom), **options)


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
