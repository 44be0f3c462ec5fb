"""Entries as floats: the arithmetic with which nodes are read in tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from hesse.core.nodes import Call, Elementwise, Operation, Variable
from hesse.core.tensor import Tensor


class Floats:
    """Plain float arithmetic over given values of variables."""

    def __init__(self, values: Mapping[str, Tensor[float]]) -> None:
        self.values = values

    def variable(self, node: Variable, shape: tuple[int, ...]) -> Tensor[float]:
        assert self.values[node.name].shape == shape
        return self.values[node.name]

    def constant(self, name: str) -> float:
        return math.pi if name == "pi" else math.e

    def combine(self, terms: Sequence[tuple[Fraction, float]]) -> float:
        return math.fsum(float(c) * entry for c, entry in terms)

    def multiply(self, factors: Sequence[float]) -> float:
        return math.prod(factors, start=1.0)

    def power(self, base: float, exponent: Fraction) -> float:
        return base ** float(exponent)

    def apply(self, row: Elementwise, arguments: Sequence[float]) -> float:
        return row.reference(*arguments)

    def operate(self, node: Operation, arguments: Sequence[Tensor[float]], shape: tuple[int, ...]) -> Tensor[float]:
        raise NotImplementedError

    def call(self, node: Call, argument: Tensor[float], shape: tuple[int, ...]) -> Tensor[float]:
        raise NotImplementedError
