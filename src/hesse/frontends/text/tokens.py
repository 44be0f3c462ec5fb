"""Text to tokens: the words of the notation, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hesse.errors import LimitError, ParseError, Span
from hesse.frontends.text.characters import (
    NORMS,
    OPERATORS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    TRANSPOSES,
    advice,
    continues_name,
    describe,
    fraction,
    normal_name,
    starts_name,
)

CHARACTERS = 100_000
TOKENS = 20_000
DIGITS = 1_000
EXPONENT = 1_000
NAME_LENGTH = 100

Kind: TypeAlias = Literal[
    "name",
    "number",
    "string",
    "operator",
    "equals",
    "open",
    "close",
    "comma",
    "colon",
    "semicolon",
    "newline",
    "transpose",
    "superscript",
    "subscript",
    "norm",
    "root",
    "end",
]


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its kind, its value in the one spelling the parser knows, and its place `start:end` in the text."""

    kind: Kind
    value: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """The place as a span."""
        return Span(self.start, self.end)


_SPACE = re.compile(r"[^\S\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_NEWLINE = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_NUMBER = re.compile(r"(?P<digits>[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]+))?")
_SYMBOL = re.compile(r"\*\*|//|->|<=|>=|==|!=|[-+*/@<>=^()\[\],:;]")
_SUPERSCRIPT = re.compile(f"[⁺⁻]?[{''.join(SUPERSCRIPTS)[:10]}]+")
_SUBSCRIPT = re.compile(f"[{''.join(SUBSCRIPTS)}]+")
_SYMBOL_KINDS: dict[str, Kind] = {
    "(": "open",
    "[": "open",
    ")": "close",
    "]": "close",
    ",": "comma",
    ":": "colon",
    ";": "semicolon",
    "=": "equals",
}
_ENDS_OPERAND = ("name", "number", "close", "transpose", "superscript", "subscript", "norm")


def tokenise(source: str) -> list[Token]:
    """The tokens of the text, the last one of kind "end". Errors carry the span; the caller adds the text."""
    if len(source) > CHARACTERS:
        raise LimitError(f"the text has {len(source)} characters; the limit is {CHARACTERS}")
    tokens: list[Token] = []
    position = 0
    while position < len(source):
        space = _SPACE.match(source, position)
        if space:
            position = space.end()
            continue
        token = _token(source, position, tokens[-1].kind if tokens else "end")
        tokens.append(token)
        position = token.end
        if len(tokens) > TOKENS:
            raise LimitError(f"the text has more than {TOKENS} words and signs, which is the limit")
    return [*tokens, Token("end", "", position, position)]


def _token(source: str, start: int, previous: Kind) -> Token:
    """The token at `start`, where the text is not a space."""
    char = source[start]
    symbol = _SYMBOL.match(source, start)
    if symbol:
        return Token(_SYMBOL_KINDS.get(symbol[0], "operator"), symbol[0], start, symbol.end())
    if starts_name(char):
        return _name(source, start)
    number = _NUMBER.match(source, start)
    if number:
        return _number(source, number)
    if char == '"' or (char == "'" and previous not in _ENDS_OPERAND):
        return _string(source, start)
    if char == ".":
        return _attribute(source, start)
    return _sign(source, start)


def _sign(source: str, start: int) -> Token:
    """The token of a sign that is no ASCII operator, or of a line's end."""
    char = source[start]
    newline = _NEWLINE.match(source, start)
    if newline:
        return Token("newline", "\n", start, newline.end())
    if char in SUPERSCRIPTS:
        return _superscript(source, start)
    subscript = _SUBSCRIPT.match(source, start)
    if subscript:
        return Token("subscript", normal_name(subscript[0]), start, subscript.end())
    part = fraction(char)
    if part is not None:
        return Token("number", part, start, start + 1)
    return _single(source, start)


def _single(source: str, start: int) -> Token:
    char, end = source[start], start + 1
    if char in OPERATORS:
        return Token("operator", OPERATORS[char], start, end)
    if char in TRANSPOSES:
        return Token("transpose", "'", start, end)
    if char in NORMS:
        return Token("norm", "‖", start, end)
    if char == "√":
        return Token("root", char, start, end)
    raise ParseError(f"unexpected character {describe(char)}", span=Span(start, end), hint=advice(char))


def _name(source: str, start: int) -> Token:
    end = start + 1
    while end < len(source) and continues_name(source[end]):
        end += 1
    span = Span(start, end)
    if end - start > NAME_LENGTH:
        raise LimitError(f"a name has {end - start} characters; the limit is {NAME_LENGTH}", span=span)
    return Token("name", normal_name(source[start:end]), start, end)


def _number(source: str, match: re.Match[str]) -> Token:
    """The token of a number, within the limits on digits and exponent."""
    start, end = match.span()
    span = Span(start, end)
    if len(match["digits"]) > DIGITS:
        raise LimitError(f"a number has more than {DIGITS} digits, which is the limit", span=span)
    exponent = (match["exponent"] or "0").lstrip("+-").lstrip("0")
    if len(exponent) > len(str(EXPONENT)) or int(exponent or "0") > EXPONENT:
        raise LimitError(f"a number has an exponent beyond {EXPONENT}, which is the limit", span=span)
    problem = _number_problem(match[0], source[end : end + 1])
    if problem:
        raise ParseError(problem[0], span=Span(start, end + 1), hint=problem[1])
    return Token("number", match[0], start, end)


def _number_problem(text: str, after: str) -> tuple[str, str] | None:
    """What is wrong with a number followed directly by the character `after`, and what to do."""
    if after == "_":
        return "a number with an underscore", "write the digits without `_`"
    if text == "0" and after in ("x", "X", "b", "B", "o", "O"):
        return f"`0{after}` starts a number that is not decimal", "write decimal digits, or `*` for a product"
    if text.endswith(".") and after and starts_name(after):
        return f"`{text}{after}` can be read in two ways", f"write `{text}0*{after}`, or drop the point"
    return None


def _string(source: str, start: int) -> Token:
    quote = source[start]
    end = source.find(quote, start + 1)
    if end < 0 or "\n" in source[start:end]:
        raise ParseError(
            f"the string has no closing {quote}",
            span=Span(start, start + 1),
            hint="a transpose sign stands directly after a name or a closing bracket" if quote == "'" else "",
        )
    return Token("string", source[start + 1 : end], start, end + 1)


def _attribute(source: str, start: int) -> Token:
    """The token of `.T`; nothing else may follow a point."""
    end = start + 1
    while end < len(source) and continues_name(source[end]):
        end += 1
    if source[start:end] == ".T":
        return Token("transpose", ".T", start, end)
    name = source[start + 1 : end]
    raise ParseError(
        "only `.T` may follow a name or a bracket, and a number has digits beside its point",
        span=Span(start, end),
        hint=f"write functions without a prefix: `{name}(...)`" if name else "",
    )


def _superscript(source: str, start: int) -> Token:
    match = _SUPERSCRIPT.match(source, start)
    if match:
        value = "".join(SUPERSCRIPTS[char] for char in match[0])
        if len(value) > DIGITS:
            raise LimitError(f"a power has more than {DIGITS} digits, which is the limit", span=Span(*match.span()))
        return Token("superscript", value, start, match.end())
    transposed = source[start + 1 : start + 2] == "ᵀ"
    raise ParseError(
        "a superscript sign without digits",
        span=Span(start, start + 1),
        hint="write the transpose of the inverse as `inv(A).T`" if transposed else "",
    )
