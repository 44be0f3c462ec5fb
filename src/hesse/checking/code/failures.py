"""Exceptions of the user's code as errors that name the user's line."""

from __future__ import annotations

import linecache
import sysconfig
import traceback
from pathlib import Path

from hesse.errors import HesseError, Span

OWN = Path(__file__).parents[2]
STANDARD = Path(sysconfig.get_path("stdlib"))


class CodeError(HesseError):
    """The user's code raised an exception; the message has its line."""


class GradientShapeError(CodeError):
    """A backward pass returned a gradient of another shape than the argument that it belongs to."""

    def __init__(self, owner: str, index: int, returned: tuple[int, ...], expected: tuple[int, ...]) -> None:
        self.transposed = len(expected) > 1 and returned == expected[::-1]
        said = (
            f"the backward pass of {owner.removesuffix('Backward')} returns the shape {returned} for input {index}, "
            f"which has the shape {expected}"
        )
        super().__init__(f"{said}: it is transposed" if self.transposed else said)


def failure(error: BaseException, what: str) -> CodeError:
    """The exception of a user's function as an error with the user's line."""
    kind, said = type(error).__name__, str(error).strip().splitlines()
    sentence = f"{kind}: {said[0]}" if said else kind
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(frame.filename)]
    if not frames:
        return CodeError(f"{what} cannot be called with these arguments: {sentence}")
    frame = frames[-1]
    where = "" if frame.name in ("<lambda>", "<module>") else f", in `{frame.name}`"
    found = CodeError(f"{what} raises {sentence} ({Path(frame.filename).name}, line {frame.lineno}{where})")
    if frame.line:
        found.source, found.span = frame.line, _span(frame)
    return found


def _is_own(file: str) -> bool:
    """Whether a file is the user's: not hesse's, not of an installed package, not Python's own."""
    return not (
        OWN in Path(file).parents or "-packages" in file or file.startswith("<frozen") or STANDARD in Path(file).parents
    )


def _span(frame: traceback.FrameSummary) -> Span:
    """The part of the line that was being evaluated."""
    line = frame.line or ""
    full = linecache.getline(frame.filename, frame.lineno or 0).rstrip("\n")
    if frame.colno is None or frame.end_colno is None or frame.end_lineno != frame.lineno or line not in full:
        return Span(0, len(line))
    indent = full.index(line)
    return Span(max(0, frame.colno - indent), min(len(line), frame.end_colno - indent))
