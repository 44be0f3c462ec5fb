"""Stand-ins for undefined functions: sums of waves a sin(c . x + d), for JAX, for the plain evaluator and for NumPy."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from hesse.core.tensor import Tensor
from hesse.verify.smooth import SmoothFunction

_WAVES = 5


class Waves(SmoothFunction):
    """A smooth function from `domain` to `codomain`, or of one number, entry by entry."""

    def __init__(self, domain: tuple[int, ...], codomain: tuple[int, ...], seed: int) -> None:
        self.domain = domain
        self.codomain = codomain
        random = np.random.default_rng(seed)
        shape = (*codomain, _WAVES)
        self.heights = random.uniform(0.5, 1.5, shape)
        self.phases = random.uniform(0, 2 * np.pi, shape)
        self.frequencies = random.uniform(0.4, 1.3, (*shape, *domain)) * random.choice((-1, 1), (*shape, *domain))

    def value(self, argument: Any) -> Any:
        """The value as a JAX expression: what JAX differentiates."""
        if not self.domain:
            angles = argument[..., None] * self.frequencies + self.phases
            return jnp.sum(self.heights * jnp.sin(angles), -1)
        angles = jnp.sum(self.frequencies * argument, tuple(range(-len(self.domain), 0))) + self.phases
        return jnp.sum(self.heights * jnp.sin(angles), -1)

    def derivative(self, order: int, argument: Any) -> Any:
        """The derivative in closed form, with NumPy: d^k sin(z) = sin(z + k pi/2), times c for each order."""
        argument = np.asarray(argument, float)
        if not self.domain:
            angles = argument[..., None] * self.frequencies + self.phases + order * math.pi / 2
            return np.sum(self.heights * self.frequencies**order * np.sin(angles), -1)
        axes = tuple(range(-len(self.domain), 0))
        heights = self.heights * np.sin(np.sum(self.frequencies * argument, axes) + self.phases + order * math.pi / 2)
        flat = self.frequencies.reshape(-1, _WAVES, math.prod(self.domain))
        result = heights.reshape(-1, _WAVES)
        for _ in range(order):
            result = np.einsum("kw...,kwi->kw...i", result, flat)
        return result.sum(1).reshape(self.codomain + self.domain * order)

    def __call__(self, order: int, argument: Tensor[float]) -> Tensor[float]:
        """The derivative as the plain evaluator asks for it."""
        value = self.derivative(order, np.reshape(argument.entries, argument.shape))
        return Tensor(value.shape, [float(entry) for entry in value.flat])

    def numpy(self, orders: int) -> tuple[Any, ...]:
        """The value and the derivatives up to an order as functions of NumPy arrays."""

        def of(order: int) -> Any:
            return lambda argument: self.derivative(order, argument)

        return tuple(of(order) for order in range(orders + 1))
