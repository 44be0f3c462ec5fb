"""Breaking lines: prose anywhere, formulas where a mathematician would, before a sign and outside of brackets."""

from __future__ import annotations

import textwrap

_SIGNS = frozenset("+-−")


def wrapped(text: str, width: int) -> list[str]:
    """The lines of the formula, none longer than `width` where there is a space to break at."""
    lines: list[str] = []
    rest = text
    while len(rest) > width:
        place = _place(rest, width)
        if place is None:
            break
        lines.append(rest[:place].rstrip())
        rest = rest[place:].lstrip()
    return [*lines, rest]


def filled(text: str, width: int) -> list[str]:
    """The lines of prose."""
    return textwrap.wrap(text, max(1, width), break_long_words=False, break_on_hyphens=False) or [""]


def _place(text: str, width: int) -> int | None:
    """Where to break: at the space that separates most, the later the better; else at the first space there is."""
    best: tuple[int, int] | None = None
    place: int | None = None
    depth = 0
    for k, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if char != " " or not text[:k].strip():
            continue
        if k > width:
            return place if place is not None else k
        # A break that leaves most of the line empty is worth less than one deeper inside.
        score = (-3 * depth - _tightness(text, k) - (6 if 3 * k < width else 0), k)
        if best is None or score > best:
            best, place = score, k
    return place


def _tightness(text: str, k: int) -> int:
    """How closely a space holds together what it separates: signs least, then commas, then factors."""
    if text[k + 1 : k + 2] in _SIGNS and text[k + 2 : k + 3] == " ":
        return 0
    return 1 if text[k - 1] in ",;" else 2
