"""Exact numbers: of floats, and exact powers, within a limit of digits."""

from __future__ import annotations

from fractions import Fraction

from hesse.errors import ArgumentError, LimitError

MAX_BITS = 4096
MAX_COEFFICIENT_BITS = 3 * MAX_BITS
"""What the coefficients of sums may grow to: Python writes no integers of more than 4300 decimal digits."""


def within_limit(value: Fraction) -> Fraction:
    """The coefficient. Raises LimitError where it has too many digits."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_COEFFICIENT_BITS:
        raise LimitError(
            f"an exact number would have more than {MAX_COEFFICIENT_BITS} binary digits, the limit",
            hint="numbers grow like this where sums are squared again and again; use a variable in the place of one",
        )
    return value


def decimal(value: float) -> Fraction:
    """The shortest decimal that reads back to the float: what was written, where a number was.

    Programs compute with the float that is nearest to an exact number, so that no value changes.
    """
    return Fraction(repr(float(value)))


def exact_power(base: Fraction, exponent: Fraction) -> Fraction | None:
    """base ** exponent when it is an exact number, else None.

    Raises LimitError beyond the limit of digits, and ArgumentError for 0 to a negative power.
    """
    if base == 0:
        if exponent < 0:
            message = f"a division by zero: a part that is 0 everywhere has the exponent {exponent}"
            raise ArgumentError(message)
        return Fraction(0)
    if exponent.denominator != 1:
        if base < 0:
            return None
        root = _root(base, exponent.denominator)
        return None if root is None else exact_power(root, Fraction(exponent.numerator))
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(base) != 1 and bits * abs(exponent) > MAX_BITS:
        raise LimitError(
            f"an exact number would have more than {MAX_BITS} binary digits, the limit",
            hint="use a smaller exponent, or a variable in its place",
        )
    return base ** int(exponent)


def _root(value: Fraction, degree: int) -> Fraction | None:
    """The exact root of a positive number, or None."""
    if degree > MAX_BITS:
        return None
    numerator, denominator = _integer_root(value.numerator, degree), _integer_root(value.denominator, degree)
    return None if numerator is None or denominator is None else Fraction(numerator, denominator)


def _integer_root(value: int, degree: int) -> int | None:
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high) // 2
        if middle**degree < value:
            low = middle + 1
        else:
            high = middle
    return low if low**degree == value else None
