"""Stand-ins for undefined functions: smooth, with derivatives of every order in closed form, and nothing special."""

from __future__ import annotations

import math
import operator
from itertools import product
from random import Random

from hesse.core.tensor import Tensor
from hesse.errors import ShapeError
from hesse.verify.arithmetic import bounded

_WAVES = 4


class SmoothFunction:
    """A function from `domain` to `codomain`: every component is a sum of waves a * sin(c . x + d).

    One wave would not do: its Hessian has rank one and its second derivative is a multiple of itself.
    """

    def __init__(self, domain: tuple[int, ...], codomain: tuple[int, ...], seed: str) -> None:
        self.domain = domain
        self.codomain = codomain
        random = Random(seed)
        count = math.prod(domain)
        self._waves = [
            [_wave(random, count) for _ in range(_WAVES + (count if count > 1 else 0))]
            for _ in range(math.prod(codomain))
        ]

    def __call__(self, order: int, argument: Tensor[float]) -> Tensor[float]:
        """The derivative of that order: axes (output..., input..., input...), or entry by entry for phi: -> ."""
        if not self.domain and not self.codomain:
            return argument.map(lambda entry: self._component(0, order, [entry])[0])
        if argument.shape != self.domain:
            raise ShapeError(f"the function takes the shape {self.domain}, the argument has {argument.shape}")
        bounded(self.codomain + self.domain * order)
        components = (self._component(k, order, argument.entries) for k in range(len(self._waves)))
        return Tensor(self.codomain + self.domain * order, [entry for part in components for entry in part])

    def _component(self, component: int, order: int, point: list[float]) -> list[float]:
        """The derivative tensor of one component: d^k sin(z) = sin(z + k pi/2), times c for each order."""
        total = [0.0] * len(point) ** order
        for amplitude, frequencies, phase in self._waves[component]:
            angle = sum(map(operator.mul, frequencies, point)) + phase
            height = amplitude * math.sin(angle + order * math.pi / 2) if math.isfinite(angle) else math.nan
            slopes = product(frequencies, repeat=order)
            total = [entry + height * math.prod(slope) for entry, slope in zip(total, slopes, strict=True)]
        return total


def _wave(random: Random, count: int) -> tuple[float, list[float], float]:
    frequencies = [random.choice((-1, 1)) * random.uniform(0.4, 1.4) for _ in range(count)]
    return random.uniform(0.5, 1.5), frequencies, random.uniform(0.0, 2 * math.pi)
