"""Values of nodes, entry by entry: they tell a wrong node from a node that is only written wrongly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from hesse.core.interpret import interpret
from hesse.core.nodes import Call, Contract, Elementwise, Node, Operation, Variable
from hesse.core.tensor import Tensor
from hesse.core.traverse import postorder
from hesse.verify.arithmetic import guarded
from hesse.verify.rows import row_function

from .jax_oracle import CONSTANTS, Point


class Floats:
    """Entries are floats."""

    def __init__(self, at: Point) -> None:
        self.point = at

    def variable(self, node: Variable, shape: tuple[int, ...]) -> Tensor[float]:
        """The entries at the point."""
        return Tensor(shape, np.ravel(self.point.values[node.name]).tolist())

    def constant(self, name: str) -> float:
        """pi or e."""
        return CONSTANTS[name]

    def combine(self, terms: Sequence[tuple[Fraction, float]]) -> float:
        """The weighted sum."""
        return sum(float(coefficient) * value for coefficient, value in terms)

    def multiply(self, factors: Sequence[float]) -> float:
        """The product."""
        return math.prod(factors)

    def power(self, base: float, exponent: Fraction) -> float:
        """The power, nan where there is none."""
        return guarded(lambda x: math.pow(x, exponent), strict=True)(base)

    def apply(self, row: Elementwise, arguments: Sequence[float]) -> float:
        """The row's plain function."""
        return guarded(row.reference, strict=row.arity < 3 and not row.truth)(*arguments)

    def operate(self, node: Operation, arguments: Sequence[Tensor[float]], shape: tuple[int, ...]) -> Tensor[float]:
        """The row's plain function of lists or of tensors."""
        return row_function(node.row.name, node.axis)(arguments)

    def call(self, node: Call, argument: Tensor[float], shape: tuple[int, ...]) -> Tensor[float]:
        """The stand-in's derivative."""
        return self.point.functions[node.function](node.order, argument)


def work(node: Node, at: Point) -> int:
    """The products that the value of a node takes: the walk is the obvious one."""
    contractions = (part for part in postorder(node) if isinstance(part, Contract))
    return sum(math.prod(max(size.evaluate(at.sizes), 1) for size in part.extents) for part in contractions)


def node_value(node: Node, at: Point) -> Any:
    """The value of a node at a point."""
    tables = {name: np.ravel(value).tolist() for name, value in at.values.items() if value.dtype.kind == "i"}
    result = interpret(node, Floats(at), at.sizes, tables)
    return np.reshape(np.array(result.entries, float), result.shape)
