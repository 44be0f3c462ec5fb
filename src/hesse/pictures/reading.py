"""Numbers as users give them for pictures: pairs, lists, and what cannot be used."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hesse.errors import ArgumentError, LimitError

NARROW = 1e-11
LARGEST = 1e150
"""The largest number that is drawn: squares of it are numbers still."""


def numbers(value: Any, what: str, count: int | None = None) -> tuple[float, ...]:
    """The finite numbers in a sequence, so many if that is said. Raises ArgumentError."""
    try:
        found = tuple(float(each) for each in value)
    except (TypeError, ValueError, OverflowError):
        found = (math.nan,)
    if not all(abs(each) <= LARGEST for each in found) or (count is not None and len(found) != count):
        needed = "numbers" if count is None else f"{count} numbers"
        raise ArgumentError(f"{what}: {needed} of at most {LARGEST:g} are needed, not {value!r}")
    return found


def positive(value: Any, what: str) -> float:
    """The positive number. Raises ArgumentError."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not 0 < found <= LARGEST:
        raise ArgumentError(f"{what} must be a positive number of at most {LARGEST:g}, not {value!r}")
    return found


def ranges_of(value: Any, count: int) -> list[tuple[float, float]]:
    """The ranges, each from a number to a larger one; a pair of numbers is a single range. Raises ArgumentError."""
    pairs = [value] if count == 1 and _is_pair(value) else value
    try:
        listed = list(pairs)
    except TypeError:
        listed = []
    if len(listed) != count:
        raise ArgumentError(f"{count} range{'s are' if count > 1 else ' is'} needed, not {value!r}")
    found = []
    for each in listed:
        low, high = numbers(each, "a range", 2)
        if not low < high:
            raise ArgumentError(f"a range goes from a number to a larger one, not from {low:g} to {high:g}")
        if high - low < NARROW * max(abs(low), abs(high)):
            raise LimitError(f"a range of {high - low:.3g} at {low:g} is too narrow for floating-point numbers")
        found.append((low, high))
    return found


def _is_pair(value: Any) -> bool:
    try:
        return len(value) == 2 and not any(hasattr(each, "__len__") for each in value)
    except TypeError:
        return False


def require_inside(name: str, center: float, low: float, high: float) -> None:
    """Raise ArgumentError where the point does not lie in the range."""
    if not low <= center <= high:
        raise ArgumentError(
            f"the range of {name} is from {low:g} to {high:g} and the point at {center:g}",
            hint="take a range that contains the point, or another point",
        )


def check_size(values: Any) -> None:
    """Raise LimitError for values that cannot be drawn."""
    finite = values[np.isfinite(values)]
    if finite.size and not np.abs(finite).max() <= LARGEST:
        raise LimitError(
            f"the function reaches {np.abs(finite).max():.3g} here; the limit of a picture is {LARGEST:g}",
            hint="give smaller ranges",
        )
    if finite.size and 0 < np.abs(finite).max() < 1 / LARGEST:
        raise LimitError(f"all values are below {1 / LARGEST:g}: too small for a picture", hint="scale the function")
