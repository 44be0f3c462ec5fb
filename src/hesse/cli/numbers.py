"""Numbers and arrays of numbers, short and aligned."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from hesse.core.tensor import Tensor

DIGITS = 8
LARGE = 100
"""Arrays with more entries are shown by their edges."""
EDGE = 3
_DOTS = "..."


def short(value: float) -> str:
    """The number with few digits: integers as such."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    mantissa, letter, exponent = f"{value:.{DIGITS}g}".partition("e")
    return mantissa + (f"e{int(exponent)}" if letter else "")


def is_short(value: Tensor[float]) -> bool:
    """Whether all the digits are shown."""
    spell = _common(value.entries) if value.shape else short
    return all(not math.isfinite(entry) or float(spell(entry)) == entry for entry in value.entries)


def exact(value: Fraction) -> str:
    """The exact number: a decimal where there is a short one, else a fraction."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest > 1:
        return str(value)
    text = str(float(value))
    whole = text.removesuffix(".0")
    return whole if Fraction(text) == value else str(value)


def inline(value: Tensor[Fraction], longest: int = 60) -> str:
    """The array in one line, or its sizes where that is too long."""
    if len(value.entries) > longest:
        return f"({' by '.join(map(str, value.shape))} numbers)"
    return _nested(value.map(exact).nested())


def _nested(value: Any) -> str:
    return value if isinstance(value, str) else "[" + ", ".join(map(_nested, value)) + "]"


def shown(value: Tensor[float]) -> Tensor[str]:
    """The entries as text, equally wide in each column; of a large array only the edges."""
    spell = _common(value.entries) if value.shape else short
    texts = _edges(value, spell) if value.shape and len(value.entries) > LARGE else value.map(spell)
    columns = texts.shape[-1] if len(texts.shape) > 1 else len(texts.entries)
    widths = [max(map(len, texts.entries[k::columns])) for k in range(columns)]
    return Tensor(texts.shape, [text.rjust(widths[k % columns]) for k, text in enumerate(texts.entries)])


def _common(entries: Sequence[float]) -> Callable[[float], str]:
    """One number of decimals for all entries that are not integers, where their magnitudes allow it."""
    sizes = [abs(entry) for entry in entries if math.isfinite(entry) and entry != int(entry)]
    if not sizes or max(sizes) >= 10 ** (DIGITS - 1) or min(sizes) < 1e-4 * max(1.0, max(sizes) / 100):
        return short
    decimals = DIGITS - len(str(int(max(sizes))))
    used = max(len(f"{size:.{decimals}f}".rstrip("0").partition(".")[2]) for size in sizes)
    return lambda entry: short(entry) if short(entry).lstrip("-").isalnum() else f"{entry:.{used}f}"


def _edges(value: Tensor[float], spell: Callable[[float], str]) -> Tensor[str]:
    kept = [
        [*range(EDGE), None, *range(size - EDGE, size)] if size > 2 * EDGE + 1 else [*range(size)]
        for size in value.shape
    ]

    def entry(position: tuple[int, ...]) -> str:
        places = [kept[axis][k] for axis, k in enumerate(position)]
        known = [place for place in places if place is not None]
        return spell(value[tuple(known)]) if len(known) == len(places) else _DOTS

    return Tensor.build(tuple(map(len, kept)), entry)


def rows(texts: Tensor[str]) -> list[str]:
    """The array as nested lists, one line for each row."""
    if len(texts.shape) < 2:
        return ["[" + ", ".join(texts.entries) + "]" if texts.shape else texts.item]
    step = len(texts.entries) // texts.shape[0]
    lines: list[str] = []
    for k in range(texts.shape[0]):
        part = rows(Tensor(texts.shape[1:], texts.entries[k * step : (k + 1) * step]))
        closing = "]" if k == texts.shape[0] - 1 else ","
        part[-1] += closing
        lines += [("[" if not lines and not n else " ") + line for n, line in enumerate(part)]
    return lines
