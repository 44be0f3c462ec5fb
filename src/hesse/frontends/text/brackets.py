"""Brackets paired before anything else is read, so that a missing one is reported where it is missing."""

from __future__ import annotations

from hesse.errors import LimitError, ParseError
from hesse.frontends.text.tokens import Token

DEPTH = 1_000
_PARTNERS = {"(": ")", "[": "]"}


def pair_brackets(tokens: list[Token]) -> tuple[list[Token], dict[int, int]]:
    """The tokens without the line ends inside brackets, and the place of each opening bracket's partner among them."""
    kept: list[Token] = []
    partners: dict[int, int] = {}
    open_places: list[int] = []
    for token in tokens:
        if token.kind == "newline" and open_places:
            continue
        if token.kind == "open":
            open_places.append(len(kept))
            if len(open_places) > DEPTH:
                raise too_deep(token)
        elif token.kind == "close":
            partners[_partner(token, open_places, kept)] = len(kept)
        kept.append(token)
    if open_places:
        opening = kept[open_places[-1]]
        raise ParseError(f"`{opening.value}` is not closed", span=opening.span)
    return kept, partners


def _partner(closing: Token, open_places: list[int], kept: list[Token]) -> int:
    """The place of the opening bracket that the closing one belongs to."""
    if not open_places:
        raise ParseError(f"`{closing.value}` closes no bracket", span=closing.span)
    place = open_places.pop()
    expected = _PARTNERS[kept[place].value]
    if closing.value != expected:
        raise ParseError(
            f"`{closing.value}` cannot close `{kept[place].value}`",
            span=closing.span,
            hint=f"`{expected}` is expected here, or earlier",
        )
    return place


def too_deep(token: Token) -> LimitError:
    """The error for more nested brackets than the limit."""
    return LimitError(f"more than {DEPTH} brackets are nested, which is the limit", span=token.span)
