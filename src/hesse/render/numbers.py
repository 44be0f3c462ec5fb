"""How an exact number is best written: as an integer, a fraction, a decimal or a power of ten."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hesse.errors import LimitError

MAXIMUM_BITS = 12_000
_LONG_INTEGER = 16


@dataclass(frozen=True, slots=True)
class Spelling:
    """A nonnegative number: `mantissa`, over `denominator` if that is given, times ten to the power of `exponent`."""

    mantissa: str
    denominator: str = ""
    exponent: int = 0


def spell(value: Fraction) -> Spelling:
    """The shortest exact spelling of a nonnegative number; halves are fractions, tenths and their like decimals."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAXIMUM_BITS:
        raise LimitError("a number is too long to be printed")
    if value.denominator == 1:
        return _integer(str(value.numerator))
    fraction = Spelling(str(value.numerator), str(value.denominator))
    decimal = _decimal(value)
    if decimal is None or value.denominator == 2:
        return fraction
    tenths = value.denominator % 10 == 0
    return decimal if tenths or _length(decimal) <= _length(fraction) else fraction


def _integer(digits: str) -> Spelling:
    short = digits.rstrip("0")
    zeros = len(digits) - len(short)
    if len(digits) > _LONG_INTEGER and zeros > len(short):
        return _scientific(short, zeros)
    return Spelling(digits)


def _decimal(value: Fraction) -> Spelling | None:
    """The finite decimal, if there is one."""
    places, rest = 0, value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest > 1:
        return None
    places = max(twos, fives)
    digits = str(value.numerator * 10**places // value.denominator)
    if len(digits) - places < -3:
        return _scientific(digits, -places)
    digits = digits.rjust(places + 1, "0")
    return Spelling(f"{digits[:-places]}.{digits[-places:]}")


def _scientific(digits: str, exponent: int) -> Spelling:
    mantissa = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
    return Spelling(mantissa, exponent=exponent + len(digits) - 1)


def _length(spelling: Spelling) -> int:
    separator = 1 if spelling.denominator else 0
    power = len(f"e{spelling.exponent}") if spelling.exponent else 0
    return len(spelling.mantissa) + separator + len(spelling.denominator) + power
