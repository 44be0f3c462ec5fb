"""Where the reading of a formula stands: the place, the open brackets, the names, and how things were understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from hesse.errors import LimitError, ParseError, Span
from hesse.frontends.latex.names import Names
from hesse.frontends.latex.tokens import Kind, Token
from hesse.frontends.latex.tree import Filled, Script, Symbol

DEPTH = 1_000
_SHOWN, _HEAD, _TAIL = 60, 36, 16
_SPACE = re.compile(r"\\(?:[,;: ]|(?:thin|med|thick)space(?![a-zA-Z])|q?quad(?![a-zA-Z])|en(?:space|skip)(?![a-zA-Z]))")


@dataclass(slots=True)
class Cursor:
    """The state of the reader. `opened` are the brackets that are open; `symbols` all names read, in order."""

    source: str
    tokens: list[Token]
    names: Names
    position: int = 0
    opened: list[str] = field(default_factory=list)
    partners: dict[int, int] = field(default_factory=dict)
    symbols: dict[int, Symbol | Script] = field(default_factory=dict)
    bounds: dict[str, str | None] = field(default_factory=dict)
    """The running indices, each with the name of a size that is its upper end where it runs from 1 to that."""
    sizes: dict[str, Span] = field(default_factory=dict)
    """The letters that stand where only a size can."""
    readings: dict[str, None] = field(default_factory=dict)
    unsized: dict[int, Filled] = field(default_factory=dict)
    """The arrays without written sizes, by their numbers."""

    @property
    def token(self) -> Token:
        """The token at the place."""
        return self.tokens[self.position]

    def ahead(self, count: int = 1) -> Token:
        """The token so many places further on, at most the end."""
        return self.tokens[min(self.position + count, len(self.tokens) - 1)]

    def next(self) -> Token:
        """The token at the place, which is passed; the end is never passed."""
        token = self.tokens[self.position]
        if token.kind != "end":
            self.position += 1
        return token

    def spaced(self) -> bool:
        r"""Whether a space such as `\,` is written before the token at the place."""
        before = self.tokens[self.position - 1].end if self.position else 0
        return _SPACE.search(self.source, before, self.token.start) is not None

    def begin(self, tokens: list[Token]) -> None:
        """Begin with other tokens."""
        self.tokens, self.position = tokens, 0
        self.opened.clear()
        self.partners.clear()
        open_places: list[int] = []
        for place, token in enumerate(tokens):
            if token.kind == "sign" and token.value == "{":
                open_places.append(place)
            elif token.kind == "sign" and token.value == "}" and open_places:
                self.partners[open_places.pop()] = place

    def inside(self) -> list[Token]:
        """The tokens between the brace at the place and its partner."""
        if self.position not in self.partners:
            raise ParseError("`{` is not closed", span=self.token.span)
        return self.tokens[self.position + 1 : self.partners[self.position]]

    def at(self, *kinds: Kind) -> bool:
        """Whether a token of one of these kinds stands at the place."""
        return self.tokens[self.position].kind in kinds

    def at_sign(self, *values: str) -> bool:
        """Whether one of these signs stands at the place."""
        return self.token.kind == "sign" and self.token.value in values

    def at_command(self, *values: str) -> bool:
        """Whether one of these commands stands at the place."""
        return self.token.kind == "command" and self.token.value in values

    def take_sign(self, value: str) -> bool:
        """Pass the sign if it stands at the place."""
        found = self.at_sign(value)
        self.position += found
        return found

    def expect_sign(self, value: str, after: str) -> Token:
        """Pass the sign, or raise the error that it is missing."""
        if not self.at_sign(value):
            raise self.error(f"expected `{value}` {after}, found {self.found()}")
        return self.next()

    def note(self, reading: str) -> None:
        """Records how something was understood, once."""
        self.readings[reading] = None

    def text(self, span: Span) -> str:
        """The text of a span, its middle left out when it is long."""
        shown = " ".join(self.source[span.start : span.end].split())
        return shown if len(shown) <= _SHOWN else f"{shown[:_HEAD]} … {shown[-_TAIL:]}"

    def found(self) -> str:
        """What stands at the place, for a message."""
        token = self.token
        return "the end" if token.kind == "end" else f"`{self.text(token.span)}`"

    def error(self, message: str, hint: str = "") -> ParseError:
        """An error at the place."""
        token = self.token
        return ParseError(message, span=token.span, hint=hint)

    def open(self, mark: str, token: Token) -> None:
        """Note an open bracket. Raises LimitError for too many."""
        if len(self.opened) >= DEPTH:
            raise LimitError(f"more than {DEPTH} brackets are nested, which is the limit", span=token.span)
        self.opened.append(mark)

    def since(self, start: int) -> Span:
        """The span from a place in the text to the end of the last token that was passed."""
        last = self.tokens[self.position - 1].end if self.position else start
        return Span(start, max(start, last))

    def symbol(self, symbol: Symbol) -> Symbol:
        """The symbol, which is remembered."""
        self.symbols[id(symbol)] = symbol
        return symbol

    def script(self, script: Script) -> Script:
        """The subscripted thing, which is remembered in the place of its base."""
        self.symbols.pop(id(script.base), None)
        self.symbols[id(script)] = script
        return script

    def split(self, first: int) -> Token:
        """The token at the place cut behind so many characters; the rest stays at the place."""
        token = self.token
        middle = token.start + first
        self.tokens[self.position] = Token(token.kind, token.value[first:], middle, token.end)
        return Token(token.kind, token.value[:first], token.start, middle)

    def other_uses(self, letter: str) -> bool:
        """Whether the letter also stands somewhere other than alone in a superscript."""
        before = ["", "", *(token.value for token in self.tokens)]
        return any(
            token.kind == "letter"
            and token.value == letter
            and one != "^"
            and (two, one) not in (("^", "{"), ("{", "-"))
            for token, two, one in zip(self.tokens, before, before[1:], strict=False)
        )

    def number(self, filled: Filled) -> Filled:
        """The array with a number of its own, under which its sizes are looked for."""
        filled = replace(filled, number=len(self.unsized) + 1)
        self.unsized[filled.number] = filled
        return filled
