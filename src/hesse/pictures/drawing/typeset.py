"""Formulas in pictures: typeset by matplotlib's own mathematics, measured, broken at signs, or shortened and said so.

What it cannot typeset is written in Unicode. The source of a formula is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from functools import lru_cache
from itertools import pairwise
from typing import Any

from hesse.pictures.drawing.theme import MATH
from hesse.pictures.scenes import Formula, Heading
from hesse.render.latex import mathtext

SMALLEST = 0.75
"""The share of its size to which a formula is made smaller before it is broken or shortened."""
LONGEST = 4000
"""Characters of a formula beyond which it is not typeset at all."""
_MATRIX = re.compile(r"\\begin\{bmatrix\} ((?:(?!\\begin\{bmatrix\}).)*?) \\end\{bmatrix\}", re.DOTALL)
_OPEN = re.compile(r"\\[lr][vV]ert(?![a-zA-Z])|\\[lr]floor(?![a-zA-Z])|\\begin|\\end|\\left|\\right|\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: with mathematics between dollar signs, or plain Unicode in which a dollar is a dollar."""

    text: str
    math: bool
    size: float


def symbol(formula: Formula) -> str:
    """The formula as text for a label."""
    found = _math(formula.latex)
    return f"${found}$" if found is not None else plain(formula.unicode)


def decimal(value: float, digits: int = 4) -> str:
    """The number with so many digits, a minus sign that is one, and powers of ten as these are written."""
    # The zero that is added takes the sign off a zero.
    text = f"{value + 0.0:.{digits}g}"
    if "e" in text and 1e-5 <= abs(value) < 1e6:
        text = f"{float(text):f}".rstrip("0").rstrip(".")
    mantissa, _, exponent = text.replace("-", "−").partition("e")
    if not exponent:
        return mantissa
    power = "10" + exponent.replace("+", "").replace("−0", "−").lstrip("0").translate(_RAISED)
    return {"1": power, "−1": f"−{power}"}.get(mantissa, f"{mantissa}×{power}")


def rounded_up(value: float) -> str:
    """The positive value rounded up to four digits, so that a bound stays one."""
    return decimal(LEAST) if value <= LEAST else decimal(float(_CEILING.create_decimal(value)))


def rounded_down(value: float) -> str:
    """The positive value rounded down to four digits, so that what is certified up to it stays so.

    Ten digits are what texts give of it: 0.3, whose float is a little less, and 1 less the outward rounding stay so.
    """
    return decimal(float(_FLOOR.create_decimal(f"{value:.10g}")))


LEAST = 1e-300
"""What bounds are rounded up to."""
_CEILING, _FLOOR = Context(prec=4, rounding=ROUND_CEILING), Context(prec=4, rounding=ROUND_FLOOR)
_RAISED = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def plain(text: str) -> str:
    """Text in which nothing is taken for mathematics."""
    return text.replace("$", r"\$")


@lru_cache(maxsize=256)
def _math(latex: str) -> str | None:
    """The LaTeX as matplotlib's mathematics; None where it has no form there."""
    if len(latex) > LONGEST or not latex:
        return None
    text = latex
    while "\\begin" in text:
        shorter = _MATRIX.sub(lambda match: _rows(match[1]), text)
        if shorter == text:
            return None
        text = shorter
    text = mathtext(text)
    return text if width(f"${text}$", 10.0) is not None else None


def _rows(body: str) -> str:
    r"""The rows of a matrix in one line: [a, b; c, d], and a column as the vector [a, b]."""
    rows = [row.split(" & ") for row in body.split(r" \\ ")]
    between = r",\; " if all(len(row) == 1 for row in rows) else r";\; "
    return r"\left[ " + between.join(r",\, ".join(map(str.strip, row)) for row in rows) + r" \right]"


def width(text: str, size: float) -> float | None:
    """How wide the text is, in points; None where it cannot be typeset."""
    found = extent(text, size)
    return None if found is None else found[0]


@lru_cache(maxsize=512)
def extent(text: str, size: float) -> tuple[float, float, float] | None:
    """How wide the text is, how high, and how far it reaches below its line, in points; None for what has no form."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import MathTextParser
    from matplotlib.textpath import TextToPath

    font = FontProperties(family="DejaVu Sans", size=size)
    font.set_math_fontfamily(MATH)
    try:
        if "$" in text.replace(r"\$", ""):
            across, high, low, *_ = _parser(MathTextParser).parse(text, 72, font)
        else:
            across, high, low = TextToPath().get_text_width_height_descent(text, font, False)
        return float(across), float(high), float(low)
    except (ValueError, RuntimeError):
        return None


@lru_cache(maxsize=1)
def _parser(kind: Any) -> Any:
    return kind("path")


def title_lines(heading: Heading, room: float, size: float, most: int = 2) -> list[Line]:
    """The equation of the function in lines that are not wider than the room in points.

    It is made a little smaller, then broken at signs, and at last shortened, and then the last line says so.
    """
    if heading.title:
        return _own_title(heading.title, room, size, most)
    name, formula = _math(heading.name.latex), _math(heading.formula.latex)
    if name is not None and formula is not None:
        found = _lines(
            f"{name} =", _terms(heading.formula.latex, (" + ", " - "), r"\quad "), room, size, most, math=True
        )
        if found:
            return found
    terms = _terms(heading.formula.unicode.replace("\n", ", "), (" + ", " − "), "where ")
    found = _lines(f"{heading.name.unicode} =", terms, room, size, most, math=False)
    if found:
        return found
    symbol_ = symbol(heading.name)
    return [Line(f"{symbol_}: too long a formula for a line", True, size)]


def _own_title(title: str, room: float, size: float, most: int) -> list[Line]:
    """The user's title: with mathematics where it has some that can be typeset, in lines that fit, or cut."""
    words = " ".join(title.split())
    if extent(words, size) is not None and (width(words, size) or 0) <= room:
        return [Line(words, True, size)]
    lines = [""]
    for word in plain(words).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if (width(longer, size) or 0) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    shown = lines[:most]
    if len(lines) > most:
        shown[-1] += " …"
    return [Line(line.replace(r"\$", "$"), False, size) for line in shown]


def _lines(head: str, terms: Sequence[str], room: float, size: float, most: int, *, math: bool) -> list[Line]:
    """The lines; none where a single term is too wide."""

    def shown(text: str) -> str:
        return f"${text}$" if math else text

    def typeset(parts: Sequence[str], first: bool) -> str:
        body = " ".join(([head] if first else [r"\quad" if math else "   "]) + list(parts))
        return shown(body)

    prepared = [_math(_guarded(_displayed(term))) if math else term for term in terms]
    if any(term is None for term in prepared):
        return []
    parts = [str(term) for term in prepared]
    # The lines of a long formula are measured by their terms: the whole of it would take long to typeset.
    room_for = sum(width(shown(part), size) or 0.0 for part in (head, *parts))
    whole = typeset(parts, True)
    for scale in (1.0, 0.9, SMALLEST) if most == 1 or len(parts) == 1 else (1.0, 0.9):
        if room_for * scale <= 1.1 * room and (width(whole, size * scale) or room + 1) <= room:
            return [Line(whole, math, size * scale)]
    size = size * (0.9 if len(parts) > 1 else SMALLEST)
    widths = [width(shown(part), size) or 0.0 for part in parts]
    return _broken(parts, widths, width(shown(head), size) or 0.0, typeset, room, size, most, math=math)


def _broken(
    parts: Sequence[str], widths: Sequence[float], head: float, typeset: Any, room: float, size: float, most: int,
    *, math: bool,
) -> list[Line]:  # fmt: skip
    """As many terms in each line as fit; what is left over is counted."""
    lines: list[Line] = []
    done = 0
    while done < len(parts) and len(lines) < most:
        count, used = 0, head
        while done + count < len(parts) and used + widths[done + count] <= room:
            used += widths[done + count]
            count += 1
        last = len(lines) == most - 1
        while count:
            left = len(parts) - done - count
            text = typeset([*parts[done : done + count], *(_more(left, math) if last and left else [])], not lines)
            if (width(text, size) or room + 1) <= room:
                break
            count -= 1
        if not count:
            return []
        lines.append(Line(text, math, size))
        done += count
    return lines


def _more(count: int, math: bool) -> list[str]:
    words = f"{count} more term{'s' if count > 1 else ''}"
    return [rf"+ \cdots \; (\mathrm{{{words.replace(' ', chr(92) + ' ')}}})"] if math else [f"+ … ({words})"]


def _displayed(term: str) -> str:
    """The term with its outer fractions in full size."""
    found, depth = [], 0
    for match in re.finditer(r"\\(?:frac|left|right)(?![a-zA-Z])|[{}]|[^{}\\]+|\\.", term, re.DOTALL):
        token = match[0]
        depth += (token in ("{", r"\left")) - (token in ("}", r"\right"))
        found.append(r"\dfrac" if token == r"\frac" and depth == 0 else token)
    return "".join(found)


def _guarded(term: str) -> str:
    """The term; mathematics that begins with a sign keeps the space behind it."""
    return "{}" + term if term[:1] in "+-" else term


def _terms(text: str, signs: Sequence[str], where: str) -> list[str]:
    """The text cut before the signs that stand outside of all brackets, and before its definitions."""
    cuts = [0, *(place for place in _places(text, signs, where)), len(text)]
    return [text[start:end].strip() for start, end in pairwise(cuts) if text[start:end].strip()]


def _places(text: str, signs: Sequence[str], where: str) -> Iterator[int]:
    depth = 0
    for match in _OPEN.finditer(text):
        token, start = match[0], match.start()
        if token in ("(", "[", "{", r"\lvert", r"\lVert", r"\lfloor", r"\begin"):
            depth += 1
        elif token in (")", "]", "}", r"\rvert", r"\rVert", r"\rfloor", r"\end"):
            depth -= 1
        elif depth == 0 and start and (text.startswith(tuple(signs), start) or text.startswith(where, start)):
            yield start
