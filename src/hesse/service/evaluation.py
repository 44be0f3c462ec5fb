"""The values of an expression and of its derivatives at one point, with the conditions that fail there."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hesse.codegen.binding import Binding
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError, HesseError, LimitError
from hesse.service.expression import Expr
from hesse.service.points import Point
from hesse.service.statements import Condition, condition, holds

Sizes: TypeAlias = Mapping[str, int]
Values: TypeAlias = Tensor[float]

MAX_VALUES = 1_000_000


class Evaluation:
    """One expression at one point. What cannot be evaluated is noted among the problems, and the rest goes on."""

    def __init__(self, f: Expr, point: Point) -> None:
        """Raises HesseError when the point does not fit the declarations."""
        self.f = f
        self.point = point
        self.problems: list[tuple[str, HesseError]] = []
        _require_defined(f)
        self.sizes: Sizes = Binding(f._declarations).sizes({name: value.shape for name, value in point.items()})
        entries = f._declarations.variables
        self.arguments = {
            name: value.map(float if entries[name].index is None else int).nested() for name, value in point.items()
        }
        self.value = self._evaluated("the value", f)
        self.undefined = self.failing(f.conditions)

    def derivative(self, part: str, expression: Expr) -> Values | None:
        """The value of a derivative; nan for those entries of the function that have no value themselves."""
        value = self._evaluated(f"the value of the {part}", expression)
        if value is None or self.value is None or not self.undefined:
            return value
        step = len(value.entries) // len(self.value.entries)
        outputs = [not math.isfinite(entry) for entry in self.value.entries for _ in range(step)]
        return Tensor(
            value.shape, [math.nan if nowhere else entry for nowhere, entry in zip(outputs, value.entries, strict=True)]
        )

    def failing(self, texts: Sequence[str]) -> tuple[Condition, ...]:
        """Those of the conditions that do not hold at the point."""
        declarations = self.f._declarations
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            failing = [text for text in texts if holds(text, declarations, self.arguments) is False]
        return tuple(condition(text, declarations) for text in failing)

    def _evaluated(self, part: str, expression: Expr) -> Values | None:
        """The value, or None with a problem noted."""
        try:
            self._check_size(expression)
            with warnings.catch_warnings():
                # What has no value is nan, and the conditions that fail say why.
                warnings.simplefilter("ignore")
                return Tensor.from_nested(expression.evaluate(**self.arguments).tolist())
        except HesseError as error:
            self.problems.append((part, error))
            return None

    def _check_size(self, expression: Expr) -> None:
        if all(size.names <= self.sizes.keys() for size in expression._shape):
            count = math.prod(size.evaluate(self.sizes) for size in expression._shape)
            if count > MAX_VALUES:
                raise LimitError(f"there are {count} entries, the limit is {MAX_VALUES}")


def _require_defined(f: Expr) -> None:
    names = ", ".join(f"`{name}`" for name in f._declarations.functions)
    if names:
        raise ArgumentError(
            f"there are no values at a point: {names} is undefined",
            hint="write a formula in its place, or ask without a point",
        )
