"""Values enclosed by balls: two that do not meet are different for certain."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
from flint import arb

from hesse.core.interpret import interpret
from hesse.core.nodes import Node
from hesse.core.tensor import Tensor, positions
from hesse.enclosure.arithmetic import Balls, Entries, Undefined, Unsupported
from hesse.enclosure.balls import above, below, exact, working
from hesse.enclosure.elimination import Singular
from hesse.enclosure.rows import NotSmooth
from hesse.errors import HesseError

PRECISIONS = (80, 320, 1280)
MAX_PRODUCTS = 20_000
FLOAT_DIGITS = 15
SPELLED_BITS = 20
SPELLED_DIGITS = 6
LARGEST_ARGUMENT = 1e15
NARROW = 1e-9
_ENDS = (-1, 0, 1)
"""Where the domains of functions end, such as those of log and arcsin."""


@dataclass(frozen=True, slots=True)
class At:
    """Exact values of the variables, sizes, and the entries of index arrays."""

    values: Mapping[str, Tensor[Fraction]]
    sizes: Mapping[str, int]
    tables: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Enclosures:
    """What balls say about two arrays: an entry that certainly differs, or to how many digits all agree.

    `undefined` says that the second one has no value where the first one has; `known` is False where nothing can be
    enclosed. `spelled` has the expected and the given value and their difference in a few digits, also where floats
    underflow.
    """

    known: bool = True
    place: tuple[int, ...] | None = None
    expected: tuple[float, float] | None = None
    got: tuple[float, float] | None = None
    difference: float = 0.0
    spelled: tuple[str, str, str] = ("", "", "")
    digits: int = 0
    undefined: bool = False


def compared(expected: Node, got: Node, point: At, precisions: tuple[int, ...] = PRECISIONS) -> Enclosures:
    """Both arrays at the point, at growing precision until they are told apart."""
    found = Enclosures(known=False)
    for precision in precisions:
        with working(precision, 2):
            one = _enclosed(expected, point)
            if isinstance(one, str):
                return Enclosures(known=False)
            other = _enclosed(got, point)
            if isinstance(other, str):
                return Enclosures(known=other == "undefined", undefined=other == "undefined")
            found = _told_apart(one, other)
        if found.place is not None:
            break
    return found


def undefined(node: Node, point: At) -> bool:
    """Whether it is certain that the node has no value at the point."""
    with working(PRECISIONS[0], 2):
        return _enclosed(node, point) == "undefined"


def _enclosed(node: Node, point: At) -> Tensor[Any] | str:
    """The balls of the entries; "undefined", or "unknown" where they cannot be enclosed."""
    values: dict[str, Tensor[Any]] = {name: value.map(exact) for name, value in point.values.items()}
    try:
        result: Tensor[Any] = interpret(node, Entries(Balls(), values), point.sizes, point.tables, MAX_PRODUCTS)
    except Undefined as error:
        return "undefined" if _certain(error.low, error.high) else "unknown"
    except (Unsupported, Singular, NotSmooth, HesseError, ArithmeticError, ValueError):
        return "unknown"
    return result if all(entry.is_finite() for entry in result.entries) else "unknown"


def _certain(low: float, high: float) -> bool:
    """Whether a function has no value at an argument within these bounds, when none was enclosed there.

    Balls overflow as well, and of a wide one, or one around an end of a domain, some part may have a value.
    """
    if max(abs(low), abs(high)) > LARGEST_ARGUMENT:
        return False
    return low == high or (high - low <= NARROW * max(1.0, abs(low)) and not any(low <= end <= high for end in _ENDS))


def _told_apart(one: Tensor[Any], other: Tensor[Any]) -> Enclosures:
    fewest = math.floor(flint.ctx.prec * math.log10(2))
    for place in positions(one.shape):
        a, b = one[place], other[place]
        if not a.overlaps(b):
            return _apart(place, a, b)
        fewest = min(fewest, _digits(a, b))
    return Enclosures(digits=fewest)


def _digits(a: arb, b: arb) -> int:
    """The decimal digits, at most those of the precision, to which two balls agree for certain."""
    gap, size = abs(a - b).upper(), abs(a).lower()
    if gap == 0:
        return math.floor(flint.ctx.prec * math.log10(2))
    ratio = gap / size if size > 0 else gap
    return max(0, math.floor(-float(ratio.log().mid()) / math.log(10)))


def at(
    expected: Node, got: Node, point: At, place: tuple[int, ...], precision: int = PRECISIONS[1]
) -> Enclosures | None:
    """The proof that this entry differs, or None."""
    with working(precision, 2):
        one, other = _enclosed(expected, point), _enclosed(got, point)
        if isinstance(one, str) or isinstance(other, str) or one[place].overlaps(other[place]):
            return None
        return _apart(place, one[place], other[place])


def _apart(place: tuple[int, ...], a: arb, b: arb) -> Enclosures:
    """What is said of two balls that do not meet."""
    return _told(place, a, b, b - a)


def _told(place: tuple[int, ...], a: arb, b: arb, gap: arb) -> Enclosures:
    spelled = (_few_digits(a), _few_digits(b), _few_digits(gap))
    return Enclosures(True, place, (below(a), above(a)), (below(b), above(b)), float(gap.mid()), spelled)


def _few_digits(ball: arb) -> str:
    """The ball as text, empty where it is too wide for so many digits."""
    if ball.rad() != 0 and ball.rel_accuracy_bits() < SPELLED_BITS:
        return ""
    digits, letter, exponent = str(ball.mid().str(SPELLED_DIGITS, radius=False)).partition("e")
    shown = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{shown}{letter}{exponent}"


def by_difference(expected: Node, got: Node, difference: Node, point: At) -> Enclosures:
    """What balls say about the difference, which is known as an expression of its own: an entry that is not zero.

    The two values may be equal to more digits than anybody computes: e^x and e^x + 1e-5000.
    """
    for precision in PRECISIONS:
        with working(precision, 2):
            gaps = _enclosed(difference, point)
            if isinstance(gaps, str):
                return Enclosures(known=False)
            place = next((at for at in positions(gaps.shape) if not gaps[at].contains(0)), None)
            if place is None:
                # 1 - tanh(50)**2 is not zero, to more digits.
                continue
            one, other = _enclosed(expected, point), _enclosed(got, point)
            if isinstance(one, str) or isinstance(other, str):
                return Enclosures(known=False)
            return _told(place, one[place], other[place], gaps[place])
    return Enclosures()
