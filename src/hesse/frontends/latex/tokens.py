r"""LaTeX to tokens: letters, numbers, commands, delimiters, and words such as `\mathrm{loss}`, each with its place."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hesse.errors import LimitError, ParseError, Span
from hesse.frontends.latex.commands import BLACKBOARD, BOLD, MATRICES, NAMES, PLAIN, REMARKS, SIZED, SPACES
from hesse.frontends.text.characters import advice, describe, fraction
from hesse.frontends.text.tokens import CHARACTERS, DIGITS, NAME_LENGTH, TOKENS

Kind: TypeAlias = Literal[
    "letter",  # one letter; `glued` when no space parts it from the letter before
    "word",  # the argument of \mathrm and its like
    "text",  # the argument of \text and its like, which may be a remark
    "bold",  # the argument of \mathbf and its like, when it is a word or a command
    "double",  # the argument of \mathbb
    "command",
    "number",
    "sign",  # one character
    "open",  # ( [ \{ | ‖ ⟨, when it is known to open
    "close",
    "bar",  # | or ‖ which may open or close
    "begin",
    "endgrid",
    "row",  # \\
    "end",
]


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the formula: its kind, its value, and its place `start:end` in the text."""

    kind: Kind
    value: str
    start: int
    end: int
    glued: bool = False

    @property
    def span(self) -> Span:
        """The place as a span."""
        return Span(self.start, self.end)

    def __str__(self) -> str:
        return f"\\{self.value}" if self.kind == "command" else self.value


_SKIPPED = re.compile(r"(?:\s|~|%[^\n]*(?:\n|$)|&(?=\s*[=:]))+")
_COMMAND = re.compile(r"\\(?:([a-zA-Z]+)(\*?)|(.))", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:(?:\{,\}|\\,)[0-9]{3})+(?![0-9])")
_ARGUMENT = re.compile(r"\s*(?:\{([^{}]*)\}|([a-zA-Z0-9]))")
_NESTED = re.compile(r"\s*\{\s*\\(?:mathrm|mathsf|text|operatorname|rm)\s*\{([^{}]*)\}\s*\}()")
_COMMAND_ARGUMENT = re.compile(r"\s*(?:\{\s*(\\[a-zA-Z]+)\s*\}|(\\[a-zA-Z]+))")
_WORD = re.compile(r"\s*([^\W\d_][\w.\s-]*|[0-9]+)\s*\Z")
_DELIMITER = re.compile(r"\s*(\\[a-zA-Z]+|\\[{}|]|[()\[\]|./<>])")
_ENVIRONMENT = re.compile(r"\s*\{([a-zA-Z]+\*?)\}")
_LENGTH = r"[+-]?(?:(?:\d+\.?\d*|\.\d+)\s*(?:pt|mm|cm|in|ex|em|mu|bp|pc|dd|cc|sp)|\d*\.?\d*\\(?:baselineskip|jot))"
_ROW_END = re.compile(rf"\*?(?:\[\s*{_LENGTH}\s*\])?")
"""What may stand directly behind the end of a row: a star, and how much space follows."""
_COLUMNS = re.compile(r"\s*(?:\[\s*[tbc]\s*\])?\s*\{(?:[^{}]|\{[^{}]*\})*\}")
_ALIGNMENT = re.compile(r"\[\s*[tbclr]\s*\]")
_LAYOUTS = {
    **dict.fromkeys(("array", "alignat", "alignat*", "alignedat"), _COLUMNS),
    **dict.fromkeys(("aligned", "gathered", *(f"{matrix}*" for matrix in MATRICES)), _ALIGNMENT),
}
"""How columns are set, which stands behind the name of an environment: {c|c}, {2}, [t]."""
_OPENING = {
    "(": "(", "[": "[", "\\{": "set", "\\lbrace": "set", "\\lvert": "|", "\\lVert": "‖", "\\langle": "⟨",
    "\\lfloor": "⌊",
}  # fmt: skip
_CLOSING = {
    ")": "(", "]": "[", "\\}": "set", "\\rbrace": "set", "\\rvert": "|", "\\rVert": "‖", "\\rangle": "⟨",
    "\\rfloor": "⌊",
}  # fmt: skip
_BARS = {"|": "|", "\\|": "‖", "\\vert": "|", "\\Vert": "‖", "\\mid": "|", "\\parallel": "‖"}
_UNICODE = {
    "−": "-", "–": "-", "·": "\\cdot", "⋅": "\\cdot", "×": "\\times", "⊙": "\\odot", "∘": "\\circ", "⊗": "\\otimes",
    "≤": "\\le", "≥": "\\ge", "≠": "\\ne", "∑": "\\sum", "∏": "\\prod", "∇": "\\nabla", "∂": "\\partial",
    "∞": "\\infty", "⟨": "\\langle", "⟩": "\\rangle", "⊤": "\\top", "√": "\\sqrt", "′": "'", "’": "'",
}  # fmt: skip


def tokenise(source: str) -> list[Token]:
    """The tokens of the text, the last one of kind "end". Errors carry the span; the caller adds the text."""
    if len(source) > CHARACTERS:
        raise LimitError(f"the formula has {len(source)} characters; the limit is {CHARACTERS}")
    tokens: list[Token] = []
    position = 0
    while position < len(source):
        skipped = _SKIPPED.match(source, position)
        if skipped:
            position = skipped.end()
            continue
        token, position = _token(source, position)
        if token is None:
            continue
        if token.kind == "letter" and tokens and tokens[-1].kind == "letter" and tokens[-1].end == token.start:
            token = Token("letter", token.value, token.start, token.end, glued=True)
        tokens.append(token)
        if len(tokens) > TOKENS:
            raise LimitError(f"the formula has more than {TOKENS} letters and signs, which is the limit")
    return [*tokens, Token("end", "", position, position)]


def _token(source: str, start: int) -> tuple[Token | None, int]:
    """The token at `start`, or None where it says nothing, and where the next one may begin."""
    char = source[start]
    if char == "\\" or char in _UNICODE:
        return _command(source, start)
    number = _THOUSANDS.match(source, start) or _NUMBER.match(source, start)
    if number:
        digits = re.sub(r"\{,\}|\\,", "", number[0])
        if len(digits) > DIGITS:
            raise LimitError(f"a number has more than {DIGITS} digits, which is the limit", span=Span(*number.span()))
        return Token("number", digits, start, number.end()), number.end()
    if source.startswith("||", start):
        return Token("bar", "||", start, start + 2), start + 2
    end = start + 1
    if char in "|‖∥":
        return Token("bar", "|" if char == "|" else "‖", start, end), end
    if char in "()[]":
        return Token("open" if char in "([" else "close", _OPENING.get(char) or _CLOSING[char], start, end), end
    if char in "{}^_+-*/=<>,;:!'&.$":
        return (None if char == "$" else Token("sign", char, start, end)), end
    return _letter(source, start)


def _letter(source: str, start: int) -> tuple[Token, int]:
    """A letter of any script; accents that follow it belong to it."""
    end = start + 1
    while end < len(source) and unicodedata.combining(source[end]):
        end += 1
    value = unicodedata.normalize("NFKC", source[start:end])
    if not value.isalpha() or fraction(source[start]):
        raise ParseError(
            f"unexpected character {describe(source[start])}", span=Span(start, end), hint=_hint(source[start])
        )
    return Token("letter", value, start, end), end


def _hint(char: str) -> str:
    if char in '"#@`':
        return "this is no sign of LaTeX's mathematics"
    return advice(char) if not advice(char).startswith("commands such as") else ""


def _command(source: str, start: int) -> tuple[Token | None, int]:
    if source[start] in _UNICODE:
        plain, end = _UNICODE[source[start]], start + 1
        if not plain.startswith("\\"):
            return Token("sign", plain, start, end), end
        name, star = plain[1:], ""
    else:
        match = _COMMAND.match(source, start)
        if match is None:
            raise ParseError("a backslash without a command", span=Span(start, start + 1))
        name, star, end = match[1] or match[3], match[2] or "", match.end()
        if star and name != "operatorname":
            end -= 1
    return _named(source, start, name, end)


def _named(source: str, start: int, name: str, end: int) -> tuple[Token | None, int]:
    """The token of a command, with what it takes."""
    if name in ("begin", "end"):
        return _environment(source, start, name, end)
    if name in ("left", "right", "middle") or name in SIZED:
        return _sized(source, start, name, end)
    if name in SPACES or name in ("(", ")", "[", "]"):
        return None, end
    if name == "\\":
        behind = _ROW_END.match(source, end)
        return Token("row", "\\\\", start, end), behind.end() if behind else end
    if name in ("label", "tag", "color", "vspace", "hspace", "phantom"):
        argument = _ARGUMENT.match(source, end)
        return None, argument.end() if argument else end
    delimiter = _delimiter(f"\\{name}", start, end, name)
    if delimiter is not None:
        return delimiter, end
    if name in NAMES or name in BOLD or name in BLACKBOARD or name in PLAIN:
        return _typed(source, start, name, end)
    return Token("command", name, start, end), end


def _delimiter(text: str, start: int, end: int, name: str) -> Token | None:
    if text in _BARS and name not in ("mid",):
        return Token("bar", _BARS[text], start, end)
    if text in _OPENING:
        return Token("open", _OPENING[text], start, end)
    if text in _CLOSING:
        return Token("close", _CLOSING[text], start, end)
    return None


def _environment(source: str, start: int, name: str, end: int) -> tuple[Token, int]:
    match = _ENVIRONMENT.match(source, end)
    if match is None:
        raise ParseError(f"`\\{name}` without the name of an environment", span=Span(start, end))
    token = Token("begin" if name == "begin" else "endgrid", match[1], start, match.end())
    if name == "end":
        return token, match.end()
    layout = _LAYOUTS[match[1]].match(source, match.end()) if match[1] in _LAYOUTS else None
    return token, layout.end() if layout else match.end()


def _sized(source: str, start: int, name: str, end: int) -> tuple[Token | None, int]:
    r"""A delimiter behind `\left`, `\right`, `\bigl`, ...: it says itself whether it opens or closes."""
    match = _DELIMITER.match(source, end)
    if match is None:
        raise ParseError(f"`\\{name}` without a delimiter", span=Span(start, end))
    text, end = match[1], match.end()
    if text == ".":
        return None, end
    side = "open" if name == "left" or name.endswith("l") else ""
    side = "close" if name == "right" or name.endswith("r") else side
    opening, closing = _OPENING.get(text), _CLOSING.get(text)
    mark = opening or closing or _BARS.get(text) or {"<": "⟨", ">": "⟨"}.get(text)
    if mark is None:
        if name in SIZED and text in ("/", "\\mid"):
            return Token("sign", "/", start, end), end
        raise ParseError(f"`{text}` is no delimiter that is read", span=Span(start, end))
    if not side and mark in ("|", "‖") and not (opening or closing):
        return Token("bar", mark, start, end), end
    if side == "close" or (not side and closing):
        return Token("close", mark, start, end), end
    return Token("open", mark, start, end), end


def _typed(source: str, start: int, name: str, end: int) -> tuple[Token | None, int]:
    r"""What a command such as `\mathrm` makes of its argument; a long argument keeps its braces and loses the type."""
    argument = _NESTED.match(source, end) or _ARGUMENT.match(source, end)
    command = _COMMAND_ARGUMENT.match(source, end)
    kind = _kind(name)
    if argument:
        text = (argument[1] if argument[1] is not None else argument[2]).replace("\\_", "_")
        word = _WORD.match(text)
        if word and (kind != "letter" or len(word[1]) == 1):
            value = unicodedata.normalize("NFKC", " ".join(word[1].split()))
            if len(value) > NAME_LENGTH:
                span = Span(start, argument.end())
                raise LimitError(f"a name has {len(value)} characters; the limit is {NAME_LENGTH}", span=span)
            return Token(kind, value, start, argument.end()), argument.end()
        if not text.strip():
            return None, argument.end()
    if command and kind == "bold":
        return Token("bold", (command[1] or command[2]), start, command.end()), command.end()
    return None, end


def _kind(name: str) -> Kind:
    """The kind of a word or a letter in this type."""
    if name in REMARKS:
        return "text"
    if name in NAMES:
        return "word"
    if name in BLACKBOARD:
        return "double"
    return "bold" if name in BOLD else "letter"
