"""The errors hesse raises on purpose: each names the place, what was expected, what came, and what to do.

Every error that a user can cause is a `HesseError`; anything else that escapes is a defect of hesse.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range `start:end` of character positions in the text that was read."""

    start: int
    end: int

    def join(self, other: Span) -> Span:
        """The smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


class HesseError(ValueError):
    """Base of all errors a user can cause.

    `message` says what is wrong; `hint` what to do; `source` and `span` the place, shown with a caret.
    """

    def __init__(self, message: str, *, source: str | None = None, span: Span | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.span = span
        self.hint = hint

    def at(self, source: str) -> HesseError:
        """The same error, completed with the text in which its span lies."""
        if self.source is None:
            self.source = source
        return self

    def __str__(self) -> str:
        lines = [self.message]
        if self.source is not None and self.span is not None:
            lines += _caret_lines(self.source, self.span)
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


class ParseError(HesseError):
    """The text is not in the notation."""


class AmbiguousError(ParseError):
    """The text has more than one sensible reading; `readings` lists how to write each."""

    def __init__(
        self,
        message: str,
        readings: tuple[str, ...],
        *,
        source: str | None = None,
        span: Span | None = None,
    ) -> None:
        hint = "write " + " or ".join(f"`{reading}`" for reading in readings)
        super().__init__(message, source=source, span=span, hint=hint)
        self.readings = readings


class UnknownNameError(ParseError):
    """A name is neither declared, nor a function, nor inferable."""


class DeclarationError(HesseError):
    """The declarations cannot be read, or contradict the expression."""


class ShapeError(HesseError):
    """Shapes do not fit; the message gives both. `sizes` are the two that should be equal, where there are two."""

    sizes: tuple[object, object] | None = None

    def between(self, left: object, right: object) -> ShapeError:
        """The same error, with the two sizes that differ."""
        self.sizes = (left, right)
        return self


class LimitError(HesseError):
    """The input is beyond a stated limit; the message names it."""


class ArgumentError(HesseError):
    """An argument of a public function cannot be used."""


class SingularMatrixError(ArgumentError):
    """A matrix that has to be inverted is singular to working precision at the values given."""


class TraceError(HesseError):
    """A Python function does something on the way that no expression can say, such as a branch on a value."""


class MissingExtraError(HesseError):
    """An optional part is not installed; the message says which extra brings it."""


class VerificationError(HesseError):
    """A result contradicts the independent evaluator: it is withheld, and it is a defect of hesse."""


_CONTEXT = 60


def _caret_lines(source: str, span: Span) -> list[str]:
    """The line of the text that holds the span, cut to a window, and a line with carets below it."""
    line_start = source.rfind("\n", 0, span.start) + 1
    line_end = source.find("\n", span.start)
    line_end = len(source) if line_end < 0 else line_end
    low = max(line_start, span.start - _CONTEXT)
    high = min(line_end, max(span.end, span.start + 1) + _CONTEXT, span.start + 2 * _CONTEXT)
    prefix = "…" if low > line_start else ""
    suffix = "…" if high < line_end else ""
    width = max(1, min(span.end, high) - span.start)
    return [
        "  " + prefix + "".join(map(_visible, source[low:high])) + suffix,
        "  " + " " * (len(prefix) + span.start - low) + "^" * width,
    ]


def _visible(character: str) -> str:
    """One column for every character, also for those that would move the caret or cannot be printed."""
    return character if character.isprintable() else " " if character.isspace() else "\ufffd"
