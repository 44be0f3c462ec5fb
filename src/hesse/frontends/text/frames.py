"""The open brackets of a text while it is read, each with its pending operators, and the trees that operators make."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeAlias, cast

from hesse.core.syntax import COMPARISONS, Binary, Call, Name, Negative, Num, Operator, Slice, Syntax
from hesse.errors import ParseError, Span
from hesse.frontends.text.tokens import Token

FrameKind: TypeAlias = Literal["text", "group", "call", "undefined", "index", "stack", "norm"]
# What stands before the place being read; decides what may follow. Nothing: an operand is due.
Last: TypeAlias = Literal["", "name", "number", "postfix", "group", "call", "undefined", "index", "stack", "norm"]

SIGN = 4
_PRECEDENCE = {"+": 2, "-": 2, "*": 3, "/": 3, "//": 3, "@": 3, "·": 3, "⊙": 3, "implicit": 3, "**": 5, "^": 5}
_TYPED = {"^": ("**", "^"), "⊙": ("*", "⊙"), "implicit": ("*", "implicit")}


def precedence(symbol: str) -> int:
    """How tightly an infix operator binds; a sign in front binds with `SIGN`."""
    return 1 if symbol in COMPARISONS else _PRECEDENCE[symbol]


@dataclass(frozen=True, slots=True)
class Pending:
    """An operator that waits for its right operand."""

    symbol: str
    token: Token
    sign: bool = False

    @property
    def precedence(self) -> int:
        """How tightly it binds."""
        return SIGN if self.sign else precedence(self.symbol)


@dataclass(slots=True)
class Frame:
    """An open bracket, or the whole text: what came before the last comma, and the expression being read.

    `start` is where the construct begins, `head` the function called, `operand` what is indexed, `parts` what came
    before the last colon of a slice. `ranged` is the running index whose range is being read, `ranges` are the ranges
    that were read, by the place of their index among the items.
    """

    kind: FrameKind
    opener: Token
    start: int
    head: str = ""
    order: int = 0
    operand: Syntax | None = None
    axis: int | None = None
    keepdims: bool = False
    items: list[Syntax | Slice] = field(default_factory=list)
    parts: list[Syntax | None] = field(default_factory=list)
    ranged: Token | None = None
    ranges: dict[int, Slice] = field(default_factory=dict)
    operands: list[Syntax] = field(default_factory=list)
    operators: list[Pending] = field(default_factory=list)

    @property
    def at_start(self) -> bool:
        """Whether nothing of the current expression has been read."""
        return not self.operands and not self.operators

    def push_infix(self, symbol: str, token: Token) -> None:
        """Takes an infix operator: what binds at least as tightly on its left is built first."""
        own = precedence(symbol)
        while self.operators and self._before(self.operators[-1].precedence, own):
            self._build_last()
        if own == 1 and self.operators and self.operators[-1].precedence == 1:
            hint = "write `(a < b)*(b < c)`, or bracket one comparison"
            raise ParseError("comparisons are not chained", span=token.span, hint=hint)
        self.operators.append(Pending(symbol, token))

    @staticmethod
    def _before(waiting: int, own: int) -> bool:
        # Powers group to the right; comparisons are left pending, so that a chain is seen.
        return waiting > own or (waiting == own and own not in (1, 5))

    def finish(self) -> Syntax:
        """The expression read since the last comma, whose operands are complete; the frame is at a start again."""
        while self.operators:
            self._build_last()
        return self.operands.pop()

    def _build_last(self) -> None:
        pending = self.operators.pop()
        right = self.operands.pop()
        if not pending.sign:
            self.operands.append(binary(pending.symbol, self.operands.pop(), right))
            return
        span = Span(pending.token.start, span_of(right).end)
        self.operands.append(Negative(right, span) if pending.symbol == "-" else replace(right, span=span))

    def tight(self) -> Pending | None:
        """The infix operator whose right operand has just been read, signs aside."""
        return next((pending for pending in reversed(self.operators) if not pending.sign), None)

    @property
    def sliced(self) -> bool:
        """Whether a colon may come: in an index, or in the range of a running index."""
        return self.kind == "index" or self.ranged is not None

    def close_range(self, current: Syntax | None, span: Span) -> None:
        """Takes the range of the running index, whose last part is `current` unless nothing stands there."""
        assert self.ranged is not None
        if len(self.parts) != 1:
            hint = f"the end is excluded: `{self.ranged.value}=0:n`"
            raise ParseError("a range is written `start:stop`", span=self.ranged.span.join(span), hint=hint)
        self.ranges[len(self.items)] = self.close_slice(current, span)
        self.items.append(Name(self.ranged.value, self.ranged.span))
        self.ranged = None

    def close_slice(self, current: Syntax | None, span: Span) -> Slice:
        """The slice made of the parts and the last one."""
        parts = [*self.parts, current, None][:3]
        if len(self.parts) > 2:
            raise ParseError("a slice has at most three parts", span=span, hint="write `start:stop:step`")
        self.parts = []
        start = min((span_of(part).start for part in parts if part is not None), default=span.start - 1)
        return Slice(parts[0], parts[1], parts[2], Span(min(start, span.start - 1), span.start))


def span_of(tree: Syntax | Slice) -> Span:
    """The place of a tree that was read from text."""
    return tree.span or Span(0, 0)


def binary(symbol: str, left: Syntax, right: Syntax) -> Syntax:
    """The tree of an infix operator as it was typed."""
    span = span_of(left).join(span_of(right))
    if symbol == "·":
        return Call("dot", (left, right), None, span)
    operator, typed = _TYPED.get(symbol, (symbol, ""))
    return Binary(cast(Operator, operator), left, right, span, typed)


def superscript(base: Syntax, token: Token) -> Syntax:
    """The power by a superscript."""
    exponent: Syntax = Num(abs(Fraction(token.value)), token.span)
    if token.value.startswith("-"):
        exponent = Negative(exponent, token.span)
    return Binary("**", base, exponent, Span(span_of(base).start, token.end), "^")
