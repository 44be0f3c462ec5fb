"""A node over a box: Taylor models of its entries, and what is not proved to be defined there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
from flint import arb

from hesse.core.interpret import interpret
from hesse.core.nodes import Node
from hesse.core.tensor import Tensor
from hesse.enclosure.arithmetic import Entries
from hesse.enclosure.balls import exact
from hesse.enclosure.polynomials import Space
from hesse.enclosure.taylor_models import Models, TaylorModel

Number = Any


@dataclass(frozen=True, slots=True)
class Box:
    """The points center + half * u with u in the cube, entry by entry of what moves."""

    offsets: tuple[Fraction, ...]
    halves: tuple[Fraction, ...]

    @staticmethod
    def around(count: int, radius: Fraction) -> Box:
        """The box of this radius around no offset."""
        return Box((Fraction(0),) * count, (radius,) * count)

    def split(self) -> tuple[Box, Box]:
        """Both halves along the longest side."""
        axis = max(range(len(self.halves)), key=lambda k: self.halves[k])
        half = self.halves[axis] / 2
        halves = (*self.halves[:axis], half, *self.halves[axis + 1 :])

        def moved(by: Fraction) -> Box:
            return Box((*self.offsets[:axis], self.offsets[axis] + by, *self.offsets[axis + 1 :]), halves)

        return moved(-half), moved(half)

    def nearest_square(self) -> Fraction:
        """The square of the Euclidean distance of the box from no offset."""
        pairs = zip(self.offsets, self.halves, strict=True)
        return sum((max(abs(offset) - half, Fraction(0)) ** 2 for offset, half in pairs), Fraction(0))


@dataclass(frozen=True, slots=True)
class Setting:
    """What does not change from box to box: exact values, sizes, index arrays, and what moves.

    With a direction there is one step t for all: each entry moves by t times its entry of the direction.
    """

    values: Mapping[str, Tensor[Fraction]]
    sizes: Mapping[str, int]
    tables: Mapping[str, Sequence[int]]
    moving: tuple[str, ...]
    direction: tuple[Fraction, ...] | None = None

    @property
    def count(self) -> int:
        """How many steps are free."""
        if self.direction is not None:
            return 1
        return sum(len(self.values[name].entries) for name in self.moving)

    def constants(self) -> dict[str, Tensor[Number]]:
        """The values that stay, as balls."""
        return {name: value.map(exact) for name, value in self.values.items() if name not in self.moving}

    def varied(self, entry: Any) -> dict[str, Tensor[Number]]:
        """The values that move, each by `entry(position among what moves, exact value)`."""
        found: dict[str, Tensor[Number]] = {}
        place = 0
        for name in self.moving:
            value = self.values[name]
            found[name] = Tensor(value.shape, [entry(place + k, x) for k, x in enumerate(value.entries)])
            place += len(value.entries)
        return found


def models_over(
    nodes: Sequence[Node], setting: Setting, box: Box, of: Space, kind: type[TaylorModel] = TaylorModel
) -> list[Tensor[Number]]:
    """The Taylor models of nodes over a box, or their jets. Raises Undefined where a function may have no value."""

    def entry(place: int, value: Fraction) -> Number:
        if setting.direction is not None:
            along = setting.direction[place]
            moved = exact(Fraction(value) + along * box.offsets[0])
            half = along * box.halves[0]
            return kind.variable(of, 0, moved, exact(half)) if half else moved
        center = exact(Fraction(value) + box.offsets[place])
        half = box.halves[place]
        return center if half == 0 else kind.variable(of, place, center, exact(half))

    algebra = Entries(Models(), {**setting.constants(), **setting.varied(entry)})
    flint.ctx.cap = of.degree + 2
    return [interpret(node, algebra, setting.sizes, setting.tables) for node in nodes]


def as_model(value: Number, of: Space) -> TaylorModel:
    """A number as a Taylor model."""
    if isinstance(value, TaylorModel):
        return value
    return TaylorModel(of, [arb(value), *[arb(0)] * (len(of.exponents) - 1)], arb(0))
