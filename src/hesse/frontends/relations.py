"""The relations that an argument must satisfy for a function to have a value, for exact numbers."""

from __future__ import annotations

from fractions import Fraction


def holds(value: Fraction, relation: str) -> bool:
    """Whether a number satisfies a relation such as `> 0`; true for relations of other things."""
    match relation:
        case "> 0":
            return value > 0
        case ">= 0":
            return value >= 0
        case "!= 0":
            return value != 0
        case "> -1":
            return value > -1
        case "in [-1, 1]":
            return -1 <= value <= 1
        case "in (-1, 1)":
            return -1 < value < 1
        case _:
            return True
