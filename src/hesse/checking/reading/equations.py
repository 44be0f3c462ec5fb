"""Where the left side of an answer stands, and its right side."""

from __future__ import annotations

from dataclasses import dataclass

from hesse.errors import ParseError, Span
from hesse.frontends.latex import left_side

CHAIN = "a chain of equations, or several"
CHAIN_HINT = "write one of the right sides; all entries together are a vector `[a, b]`"
_OPEN_ENDED = "+-*/@=^,;<>~&|·−"
"""A line that ends in one of these goes on in the next one."""


@dataclass(frozen=True, slots=True)
class Equation:
    """Where the left side begins and ends, where the equals sign ends, and where the right side does."""

    start: int
    left: int
    behind: int
    end: int

    def without_left(self, text: str) -> str:
        """The text with spaces in the place of the left side and its equals sign."""
        return text[: self.start] + " " * (self.behind - self.start) + text[self.behind :]

    def alone(self, text: str, start: int, end: int) -> str:
        """The text with this part of the left side in the place of the equation."""
        return (
            text[: self.start]
            + " " * (start - self.start)
            + text[start:end]
            + " " * (self.end - end)
            + text[self.end :]
        )


def equation(text: str, notation: str) -> Equation | None:
    """The equation that an answer is; None where it is an expression. Raises ParseError for a chain of equations."""
    if notation == "latex":
        found = left_side(text)
        return None if found is None else Equation(*found)
    levels = depths(text)
    start = last_statement(text)
    signs = [k for k in range(start, len(text)) if text[k] == "=" and levels[k] == 0 and _alone(text, k)]
    if not signs:
        return None
    if len(signs) > 1:
        raise ParseError(CHAIN, span=Span(signs[1], signs[1] + 1), hint=CHAIN_HINT)
    return Equation(start, signs[0], signs[0] + 1, len(text))


def _ends_definition(text: str, place: int) -> bool:
    """Whether a `;`, or the end of a line that is complete, stands here with something behind it."""
    before = text[:place].rstrip()
    line = text[place] == "\n" and before and before[-1] not in _OPEN_ENDED
    return (text[place] == ";" or bool(line)) and bool(text[place + 1 :].strip())


def _alone(text: str, place: int) -> bool:
    """Whether the equals sign is no part of a comparison."""
    return text[place - 1 : place] not in ("<", ">", "!", "=") and text[place + 1 : place + 2] != "="


def last_statement(text: str) -> int:
    """Where the text goes on behind its definitions."""
    levels = depths(text)
    return max((k + 1 for k in range(len(text)) if levels[k] == 0 and _ends_definition(text, k)), default=0)


def depths(text: str) -> list[int]:
    """How many brackets are open at each character; a bracket itself stands outside."""
    depth, found = 0, []
    for character in text:
        depth -= character in ")]}"
        found.append(depth)
        depth += character in "([{"
    return found
