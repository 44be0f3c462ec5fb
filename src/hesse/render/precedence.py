"""How tightly written mathematics binds, and text that is put together without copying.

A renderer folds a tree into pieces: a rope of strings with the level of its outermost operation. Brackets are written
where a piece binds less tightly than its place asks for, and nowhere else.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TypeAlias

from hesse.errors import LimitError

Rope: TypeAlias = "str | tuple[Rope, ...]"

PRINTED_PARTS = 4_000_000


class Level(IntEnum):
    """The outermost operation of a piece, from the loosest to the tightest.

    The kinds of product are kept apart, since a reader cannot be expected to know their mutual precedence: a matrix
    product inside an elementwise one is bracketed, and the other way round.
    """

    COMPARISON = 0
    SUM = 1
    OPEN = 2  # a sum over an index, which reaches to the next plus or minus
    FLOOR = 3  # a quotient rounded down, which a minus in front would change
    QUOTIENT = 4
    MATRIX = 5
    ELEMENTWISE = 6
    SCALED = 7  # a number, or scalars, in front of one factor
    POWER = 8
    SUBSCRIPTED = 9
    ATOM = 10


def flatten(rope: Rope) -> str:
    """The text of a rope. Raises LimitError when it is beyond what can be printed."""
    strings: list[str] = []
    stack: list[Rope] = [rope]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            strings.append(part)
        else:
            stack.extend(reversed(part))
        if len(strings) > PRINTED_PARTS:
            raise LimitError("the expression is too long to be printed", hint="name repeated parts by definitions")
    return "".join(strings)


def joined(separator: str, parts: list[Rope]) -> Rope:
    """The parts with the separator between them."""
    rope: list[Rope] = []
    for part in parts:
        rope += [separator, part] if rope else [part]
    return tuple(rope)


def first_leaf(rope: Rope) -> str:
    """The first string of a rope that is not empty; "" when there is none."""
    return _end_leaf(rope, first=True)


def last_leaf(rope: Rope) -> str:
    """The last string of a rope that is not empty; "" when there is none."""
    return _end_leaf(rope, first=False)


def _end_leaf(rope: Rope, first: bool) -> str:
    stack: list[Rope] = [rope]
    while stack:
        part = stack.pop()
        if not isinstance(part, str):
            stack.extend(reversed(part) if first else part)
        elif part:
            return part
    return ""
