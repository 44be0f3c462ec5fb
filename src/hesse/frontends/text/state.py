"""Where the reading of a text stands: the place, the open brackets, the names, and how things were understood."""

from __future__ import annotations

from dataclasses import dataclass, field

from hesse.core.syntax import Syntax
from hesse.errors import ParseError, Span
from hesse.frontends.text.brackets import DEPTH, too_deep
from hesse.frontends.text.frames import Frame, Last
from hesse.frontends.text.scope import Scope
from hesse.frontends.text.tokens import Token

_SHOWN, _HEAD, _TAIL = 40, 20, 12


@dataclass(slots=True)
class State:
    """The state of the machine. `last` says what stands before the place; when it is empty, an operand is due."""

    source: str
    tokens: list[Token]
    partners: dict[int, int]
    scope: Scope
    position: int = 0
    last: Last = ""
    frames: list[Frame] = field(default_factory=list)
    bindings: list[tuple[str, Syntax]] = field(default_factory=list)
    definition: str = ""
    readings: dict[str, None] = field(default_factory=dict)

    @property
    def frame(self) -> Frame:
        """The innermost open bracket."""
        return self.frames[-1]

    @property
    def token(self) -> Token:
        """The token at the place being read."""
        return self.tokens[self.position]

    def ahead(self, count: int) -> Token:
        """The token so many places further on, at most the end."""
        return self.tokens[min(self.position + count, len(self.tokens) - 1)]

    def note(self, reading: str) -> None:
        """Records how something was understood, once."""
        self.readings[reading] = None

    def text(self, span: Span) -> str:
        """The text of a span, its middle left out when it is long."""
        if span.end - span.start <= _SHOWN:
            return " ".join(self.source[span.start : span.end].split())
        return f"{self.source[span.start : span.start + _HEAD]}…{self.source[span.end - _TAIL : span.end]}"

    def next_text(self) -> str:
        """The text of the operand that starts at the place, for a message."""
        return "‖…‖" if self.token.kind == "norm" else self.text(self.primary(self.position))

    def primary(self, position: int) -> Span:
        """The span of the operand that starts at a token: a name, a number, a call or a bracket."""
        token = self.tokens[position]
        head = token.kind in ("name", "root") and self.tokens[position + 1].kind == "open"
        partner = self.partners.get(position + 1 if head else position)
        return token.span if partner is None else Span(token.start, self.tokens[partner].end)

    def enter(self, frame: Frame, tokens: int = 1) -> None:
        """Opens a bracket, whose head and opening sign take so many tokens."""
        if len(self.frames) > DEPTH:
            raise too_deep(frame.opener)
        self.frames.append(frame)
        self.position += tokens
        self.last = ""

    def leave(self, tree: Syntax, last: Last) -> None:
        """Closes the innermost bracket, which made the tree."""
        self.frames.pop()
        self.operand(tree, last)

    def operand(self, tree: Syntax, last: Last, tokens: int = 1) -> None:
        """Takes an operand of so many tokens."""
        self.frame.operands.append(tree)
        self.position += tokens
        self.last = last

    def modify(self, tree: Syntax, last: Last, tokens: int = 1) -> None:
        """Replaces the operand just read by one that a postfix makes of it."""
        self.frame.operands[-1] = tree
        self.position += tokens
        self.last = last

    def missing(self) -> ParseError:
        """The error for a place where an expression is due and something else stands."""
        token = self.token
        found = "the end" if token.kind == "end" else f"`{self.text(token.span)}`"
        before = next((t for t in reversed(self.tokens[: self.position]) if t.kind != "newline"), None)
        if before is None:
            return ParseError(f"expected an expression, found {found}", span=token.span)
        place = Span(before.end, before.end) if token.kind == "end" else token.span
        return ParseError(f"expected an expression after `{self.text(before.span)}`, found {found}", span=place)
