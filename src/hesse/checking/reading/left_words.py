r"""The words of a left side, the same for text and LaTeX: `\frac{\partial f}{\partial x}` has those of `∂f/∂x`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hesse.frontends.latex.commands import ACCENTS, BOLD, FRACTIONS, LETTERS, NAMES, PLAIN, SIZED, SPACES

_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SUPERSCRIPTS = {"²": "2", "³": "3"}
_DRESS = (NAMES | BOLD | PLAIN) - {"mathop"}
"""Commands that say how their argument looks."""
_SIGNS = {"nabla": "∇", "partial": "∂", "prime": "'"}
_PATTERN = re.compile(
    r"(?P<power>(?:\^|\*\*)(?:\{\s*(?P<braced>\d)\s*\}|(?P<plain>\d)(?!\d)))"
    r"|(?P<nothing>\\(?:left|right)\s*\.)"
    r"|(?P<squared>[²³])"
    r"|(?P<primes>\^\{\s*(?:\\prime\s*)+\}|\^\\prime(?![A-Za-z]))"
    r"|\\(?P<command>[A-Za-z]+|.)"
    r"|(?P<name>[^\W\d_ᵀ²³₀-₉][^\W_ᵀ²³₀-₉]*)"
    r"|(?P<number>\d+)"
    r"|(?P<low>[₀-₉]+)"
    r"|(?P<sign>.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A name, a number, a sign, or a power such as `^2`, with its place in the text; `fraction` is `\\frac`."""

    kind: str
    value: str
    start: int
    end: int


def words(text: str, start: int, end: int) -> list[Word]:
    """The words of a part of the text. Spaces, sizes of brackets and types of letters are left out."""
    found: list[Word] = []
    position = start
    while position < end:
        if text[position].isspace() or text[position] == "&":
            position += 1
            continue
        match = _PATTERN.match(text, position, end)
        assert match is not None
        position = match.end()
        found.extend(_words(match))
    return _undressed(found)


def _words(match: re.Match[str]) -> list[Word]:
    start, end = match.span()
    if match["nothing"]:
        return []
    if match["power"] or match["squared"]:
        exponent = match["braced"] or match["plain"] or _SUPERSCRIPTS[match["squared"]]
        return [Word("power", exponent, start, end)]
    if match["primes"]:
        return [Word("sign", "'", start, end)] * match["primes"].count("prime")
    if match["low"]:
        return [Word("sign", "_", start, start), Word("number", match["low"].translate(_SUBSCRIPTS), start, end)]
    if match["name"] or match["number"]:
        return [Word("name" if match["name"] else "number", match[0], start, end)]
    if match["sign"]:
        return [Word("sign", {"′": "'", "’": "'"}.get(match[0], match[0]), start, end)]
    return _command(match["command"], start, end)


def _command(name: str, start: int, end: int) -> list[Word]:
    if name in SPACES or name in SIZED or name in ("left", "right", "mathop"):
        return []
    if name in FRACTIONS:
        return [Word("fraction", name, start, end)]
    if name in LETTERS:
        return [Word("name", LETTERS[name], start, end)]
    if name in _DRESS:
        return [Word("dress", "", start, end)]
    if name in ACCENTS:
        return [Word("dress", ACCENTS[name], start, end)]
    return [Word("sign", _SIGNS.get(name, f"\\{name}"), start, end)]


def _undressed(found: list[Word]) -> list[Word]:
    r"""The words without commands such as `\mathrm` and the braces around a word behind them; `\hat{x}` is x_hat."""
    kept: list[Word] = []
    place = 0
    while place < len(found):
        word = found[place]
        if word.kind != "dress":
            kept.append(word)
            place += 1
            continue
        braced = [each.value for each in found[place + 1 : place + 4]][::2] == ["{", "}"]
        inner = found[place + 1 + braced : place + 2 + braced]
        end = found[min(place + 1 + 2 * braced, len(found) - 1)].end
        kept.extend(Word(each.kind, each.value, word.start, end) for each in inner)
        if word.value and inner:
            kept.append(Word("sign", "_", word.start, word.start))
            kept.append(Word("name", word.value, word.start, word.end))
        place += 2 + 2 * braced
    return kept
