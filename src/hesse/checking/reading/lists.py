"""Answers that list their entries in other brackets than the notation: `(a, b)`, `[a; b]`, `[a, b; c, d]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from hesse.checking.reading.equations import depths, last_statement
from hesse.errors import HesseError, Span

Error = TypeVar("Error", bound=HesseError)


@dataclass(frozen=True, slots=True)
class Listed:
    """The text in the notation, the place in the answer of each of its characters, and how it was understood."""

    text: str
    places: tuple[int, ...]
    readings: tuple[str, ...] = ()

    def located(self, error: Error) -> Error:
        """The error with its place in the answer."""
        if error.span is not None and self.readings:
            ends = (*self.places, self.places[-1] + 1 if self.places else 0)
            error.span = Span(ends[error.span.start], ends[min(error.span.end, len(self.places))])
            error.source = None
        return error


def listed(text: str) -> Listed:
    """The answer with its outermost brackets as the notation has them.

    Only the brackets around the whole last statement are changed, and only where the notation would refuse them.
    """
    plain = Listed(text, tuple(range(len(text))))
    body = text.rstrip()
    start = last_statement(text)
    start += len(body[start:]) - len(body[start:].lstrip())
    levels = depths(body)
    around = body[start : start + 1] + body[-1:] in ("()", "[]")
    if not around or levels[-1] != 0 or 0 in levels[start + 1 : -1]:
        return plain
    inside = range(start + 1, len(body) - 1)
    commas, semicolons = ([k for k in inside if levels[k] == 1 and body[k] == sign] for sign in ",;")
    rows = bool(semicolons and commas)
    if not semicolons and (body[start] == "[" or not commas):
        return plain
    new: dict[int, str] = {start: "[[" if rows else "[", len(body) - 1: "]]" if rows else "]"}
    new.update(dict.fromkeys(semicolons, "], [" if rows else ","))
    pieces = [(new.get(k, character), k) for k, character in enumerate(text)]
    shown = " ".join(body[start:].split())
    reading = f"`{shown}` read as {'a matrix by its rows' if rows else 'a vector'}"
    return Listed("".join(piece for piece, _ in pieces), tuple(k for piece, k in pieces for _ in piece), (reading,))
