"""What the written expression needs to have a value, proved over a box: simplifying may have removed the need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb

from hesse.core.nodes import Node
from hesse.core.tensor import Tensor
from hesse.enclosure.arithmetic import Balls, Undefined
from hesse.enclosure.balls import above, below
from hesse.enclosure.boxes import Box, Setting, models_over
from hesse.enclosure.elimination import determinant
from hesse.enclosure.polynomials import Space
from hesse.enclosure.taylor_models import Models

_PROVED = {
    "> 0": lambda ball: ball > 0,
    ">= 0": lambda ball: ball >= 0,
    "!= 0": lambda ball: ball > 0 or ball < 0,
    "> -1": lambda ball: ball > -1,
    "in [-1, 1]": lambda ball: abs(ball) <= 1,
    "in (-1, 1)": lambda ball: abs(ball) < 1,
    "cos != 0": lambda ball: not ball.cos().contains(0),
}


_REFUTED = {
    "> 0": lambda ball: ball <= 0,
    ">= 0": lambda ball: ball < 0,
    "!= 0": lambda ball: ball == 0,
    "> -1": lambda ball: ball <= -1,
    "in [-1, 1]": lambda ball: abs(ball) > 1,
    "in (-1, 1)": lambda ball: abs(ball) >= 1,
}


def proved(relation: str, value: Tensor[Any]) -> bool:
    """Whether the relation holds for all entries, which are balls."""
    if relation == "is invertible":
        ball = determinant(Balls(), value).item
        return bool(ball > 0 or ball < 0)
    return all(_PROVED[relation](entry) for entry in value.entries)


def refuted(relation: str, value: Tensor[Any]) -> bool:
    """Whether the relation certainly fails for some entry."""
    if relation == "is invertible":
        return bool(determinant(Balls(), value).item == 0)
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
        """Raises Undefined unless every requirement is proved on the box; those without a variable are met by the point."""
        if not self.needed:
            return
        values = models_over([node for node, _, _ in self.needed], setting, box, of)
        numbers = Models()
        for (_, relation, text), value in zip(self.needed, values, strict=True):
            if relation == "is invertible":
                self._invertible(numbers, value, text)
                continue
            for entry in value.entries:
                ball = numbers.ball(entry)
                if relation in _REFUTED and _REFUTED[relation](ball):
                    raise Fails(text)
                if not _PROVED[relation](ball):
                    raise Unproved(text, below(ball), above(ball))

    def _invertible(self, numbers: Models, value: Any, text: str) -> None:
        ball = numbers.ball(determinant(numbers, value).item)
        if not (ball > arb(0) or ball < arb(0)):
            raise Unproved(text, below(ball), above(ball), "its determinant")
