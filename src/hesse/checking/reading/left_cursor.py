"""Where the reading of a left side stands."""

from __future__ import annotations

from hesse.checking.reading.left_words import Word
from hesse.errors import ParseError, Span

CLOSING = {"(": ")", "[": "]", "{": "}"}

SHOWN = 60
"""So much of a left side is shown in a message."""


class Cursor:
    """The words and the place among them. `text` and `span` are those of the whole left side."""

    def __init__(self, text: str, words: list[Word], span: Span) -> None:
        self.words = words
        self.place = 0
        self.span = Span(words[0].start, words[-1].end) if words else span
        shown = " ".join(text[self.span.start : self.span.end].split())
        self.text = shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 1]}…"

    @property
    def word(self) -> Word:
        """The word at the place; an empty one at the end."""
        if self.place < len(self.words):
            return self.words[self.place]
        return Word("end", "", self.span.end, self.span.end)

    def value(self, ahead: int) -> str:
        """The word so many places further on."""
        return self.at_place(self.place + ahead)

    def at_place(self, place: int) -> str:
        """The word at another place, empty beyond the end."""
        return self.words[place].value if place < len(self.words) else ""

    def next(self) -> Word:
        """The word at the place, which is passed."""
        word = self.word
        if word.kind == "end":
            raise self.unknown()
        self.place += 1
        return word

    def at(self, *values: str) -> bool:
        """Whether one of the words stands here."""
        return self.word.value in values and self.word.kind != "end"

    def take(self, value: str) -> bool:
        """Pass the word if it stands here."""
        found = self.at(value)
        self.place += found
        return found

    def expect(self, value: str) -> None:
        """Pass the word, which must stand here."""
        if not self.take(value):
            raise self.unknown()

    def closing(self, place: int) -> int | None:
        """The place of the bracket that closes the one here; None where none is opened, or it stays open."""
        stack: list[str] = []
        for k in range(place, len(self.words)):
            value = self.words[k].value
            if value in CLOSING:
                stack.append(CLOSING[value])
            elif stack and value == stack[-1]:
                stack.pop()
            if not stack:
                return k if k > place else None
        return None

    def unknown(self) -> ParseError:
        """The error for what is no name of a function, or of its derivative."""
        return ParseError(
            f"`{self.text}` is no name of a function, of its value or of its derivative",
            span=self.span,
            hint="write the right side alone, or `∇f =`, `∂f/∂x =`, `f_xy =`, ... before it",
        )
