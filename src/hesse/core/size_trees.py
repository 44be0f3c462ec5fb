"""Sizes in the surface language: expressions of integers and size names with `+ - * //` and integer powers."""

from __future__ import annotations

from hesse.core.sizes import ONE, Size
from hesse.core.syntax import Binary, Name, Negative, Num, Syntax

MAX_EXPONENT = 6


def combined(tree: Syntax, parts: tuple[Size, ...]) -> Size | None:
    """The size that a tree is, from the sizes that its children are; every name counts as a size. None: it is none."""
    match tree:
        case Num(value=value) if value.denominator == 1:
            return Size.of(int(value))
        case Name(name=name):
            return Size.of(name)
        case Negative():
            return parts[0] * -1
        case Binary(operator="+"):
            return parts[0] + parts[1]
        case Binary(operator="-"):
            return parts[0] - parts[1]
        case Binary(operator="*"):
            return parts[0] * parts[1]
        case Binary(operator="//" | "**" as operator):
            return by_number(operator, parts[0], parts[1])
        case _:
            return None


def by_number(operator: str, left: Size, right: Size) -> Size | None:
    """left // right or left ** right, where the right side is a positive number."""
    number = right.as_int()
    if number is None or number < 1:
        return None
    if operator == "//":
        return left // number
    if number > MAX_EXPONENT:
        return None
    power = ONE
    for _ in range(number):
        power = power * left
    return power
