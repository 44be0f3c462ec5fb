"""What the written expression needs to have a value, proved over a box: simplifying may have removed the need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hesse.core.nodes import Node
from hesse.core.tensor import Tensor
from hesse.enclosure.arithmetic import Balls, Undefined
from hesse.enclosure.balls import above, below
from hesse.enclosure.boxes import Box, Setting, models_over
from hesse.enclosure.elimination import determinant
from hesse.enclosure.polynomials import Space
from hesse.enclosure.taylor_models import Models

_PROVED: Mapping[str, Callable[[Any], bool]] = {
    "> 0": lambda ball: ball > 0,
    ">= 0": lambda ball: ball >= 0,
    "!= 0": lambda ball: ball > 0 or ball < 0,
    "> -1": lambda ball: ball > -1,
    "in [-1, 1]": lambda ball: abs(ball) <= 1,
    "in (-1, 1)": lambda ball: abs(ball) < 1,
    "cos != 0": lambda ball: not ball.cos().contains(0),
}


_REFUTED: Mapping[str, Callable[[Any], bool]] = {
    "> 0": lambda ball: ball <= 0,
    ">= 0": lambda ball: ball < 0,
    "!= 0": lambda ball: ball == 0,
    "> -1": lambda ball: ball <= -1,
    "in [-1, 1]": lambda ball: abs(ball) > 1,
    "in (-1, 1)": lambda ball: abs(ball) >= 1,
}


_OF_DETERMINANT = {"is invertible": "!= 0", "det > 0": "> 0"}


def proved(relation: str, value: Tensor[Any]) -> bool:
    """Whether the relation holds for all entries, which are balls."""
    if relation in _OF_DETERMINANT:
        return _PROVED[_OF_DETERMINANT[relation]](determinant(Balls(), value).item)
    return relation in _PROVED and all(_PROVED[relation](entry) for entry in value.entries)


def refuted(relation: str, value: Tensor[Any]) -> bool:
    """Whether the relation certainly fails for some entry."""
    if relation in _OF_DETERMINANT:
        return _REFUTED[_OF_DETERMINANT[relation]](determinant(Balls(), value).item)
    return relation in _REFUTED and any(_REFUTED[relation](entry) for entry in value.entries)


class Unproved(Undefined):
    """A condition of the expression is not proved."""

    def __init__(self, text: str, low: float, high: float, subject: str = "it") -> None:
        Exception.__init__(self, f"`{text}` is not proved: {subject} may lie in [{low:.6g}, {high:.6g}]")


class Fails(Undefined):
    """A condition of the expression certainly fails."""

    def __init__(self, text: str) -> None:
        Exception.__init__(self, f"`{text}` does not hold")


@dataclass(frozen=True, slots=True)
class Requirements:
    """Nodes with the relation that each of their entries must satisfy, and how to say so."""

    needed: Sequence[tuple[Node, str, str]]

    def check(self, setting: Setting, box: Box, of: Space) -> None:
        """Raises Undefined unless every requirement is proved on the box."""
        if not self.needed:
            return
        values = models_over([node for node, _, _ in self.needed], setting, box, of)
        numbers = Models()
        for (_, relation, text), value in zip(self.needed, values, strict=True):
            of_determinant = relation in _OF_DETERMINANT
            entries = determinant(numbers, value).entries if of_determinant else value.entries
            plain = _OF_DETERMINANT.get(relation, relation)
            for entry in entries:
                ball = numbers.ball(entry)
                if plain in _REFUTED and _REFUTED[plain](ball):
                    raise Fails(text)
                if plain not in _PROVED or not _PROVED[plain](ball):
                    raise Unproved(text, below(ball), above(ball), "its determinant" if of_determinant else "it")
