"""Where in the user's own code something happens: file, line, function and source text, for messages."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from types import FrameType, TracebackType

from hesse.errors import HesseError, Span

LIBRARIES = frozenset({"hesse", "jax", "jaxlib", "numpy", "scipy"})


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the user's code, the part of it that is being evaluated, and the library function it calls, if any."""

    file: str
    line: int
    function: str
    source: str = ""
    span: Span | None = None
    via: str = ""
    library: str = ""

    def __str__(self) -> str:
        where = "" if self.function in ("<lambda>", "<module>") else f", in `{self.function}`"
        return f"{Path(self.file).name}, line {self.line}{where}"

    @property
    def text(self) -> str:
        """The part of the line that is being evaluated."""
        return self.source[self.span.start : self.span.end] if self.span else self.source


def user_place() -> Place | None:
    """The innermost place outside of hesse and the libraries it knows, or None when only they are running."""
    via = library = ""
    for frame in _frames(sys._getframe(1)):
        root = _library(frame)
        if root not in LIBRARIES:
            return replace(_place(frame, frame.f_lineno, frame.f_lasti), via=via, library=library)
        if frame.f_globals.get("__name__") == "hesse.frontends.python.calling":
            return None
        via, library = ("", "") if root == "hesse" else (frame.f_code.co_name, root)
    return None


def _library(frame: FrameType) -> str:
    """The name of the library that a frame belongs to; frames that JAX has kept know their file only."""
    name = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    parts = () if name else Path(frame.f_code.co_filename).parts
    return name or next((after for part, after in pairwise(parts) if part.endswith("-packages")), "")


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def innermost_library(traceback: TracebackType | None) -> str:
    """The name of the library in which an error arose; the user's own module counts as one."""
    name = ""
    while traceback is not None:
        name = _library(traceback.tb_frame)
        traceback = traceback.tb_next
    return name


def place_of(traceback: TracebackType | None) -> Place | None:
    """The user's innermost place in a traceback."""
    found = None
    while traceback is not None:
        frame = traceback.tb_frame
        if _library(frame) not in LIBRARIES:
            found = _place(frame, traceback.tb_lineno, traceback.tb_lasti)
        traceback = traceback.tb_next
    return found


def _place(frame: FrameType, line: int, instruction: int) -> Place:
    code = frame.f_code
    file, function = code.co_filename, code.co_name
    first, last, start, end = next(islice(code.co_positions(), instruction // 2, None), (None,) * 4)
    source = linecache.getline(file, line, frame.f_globals).rstrip()
    if not source or first != line or start is None or end is None:
        return Place(file, line, function, source.strip(), Span(0, len(source.strip())) if source else None)
    # Columns count bytes; the line is shown without its indentation.
    encoded, indent = source.encode(), len(source) - len(source.lstrip())
    stop = end if last == first else len(encoded)
    columns = [len(encoded[:column].decode(errors="replace")) - indent for column in (start, stop)]
    return Place(file, line, function, source.lstrip(), Span(*columns))


def located(error: HesseError) -> HesseError:
    """The error, completed with the user's line where it has no place yet."""
    place = user_place()
    if error.source is None and place is not None:
        error.message = f"{error.message} ({place})"
        error.args = (error.message,)
        if place.source:
            error.source, error.span = place.source, place.span
    return error
