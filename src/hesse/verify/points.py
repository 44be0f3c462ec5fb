"""The points at which claims about a function are looked at: all its derivatives are verified at the same ones.

Each is made once, since it depends on the declarations only, and the function is evaluated there once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.verify.reference import Environment, Program, Value
from hesse.verify.sampling import Sizes, sample

Place: TypeAlias = tuple[tuple[tuple[str, int], ...], int, int]
KEPT = 16
"""How many points are kept: nearly all claims are decided at the first few."""
MAX_COST = 10_000
"""How much work a point may have been for its values to be kept: about as many entries are held."""


class Points:
    """The points for a function of declared variables, with the values of its steps there."""

    def __init__(self, function: Syntax, declarations: Declarations) -> None:
        self.function = function
        self.declarations = declarations
        self._points: dict[Place, Environment] = {}
        self._values: dict[Environment, Sequence[Value]] = {}

    def of(self, function: Syntax) -> Points:
        """The same points for another function of the variables."""
        other = Points(function, self.declarations)
        other._points = self._points
        return other

    @cached_property
    def steps(self) -> Program:
        """The steps of the function."""
        return Program(self.function)

    def at(self, sizes: Sizes, number: int, attempt: int) -> Environment:
        """The point of that number and attempt, for the sizes. Raises LimitError where the arrays are too large."""
        place = (*sizes.items(),), number, attempt
        found = self._points.get(place)
        if found is None:
            found = sample(self.declarations, sizes, number, attempt)
            if len(self._points) < KEPT:
                found = self._points.setdefault(place, found)
        return found

    def values(self, point: Environment) -> Sequence[Value]:
        """The values of the function's steps at the point."""
        found = self._values.get(point)
        if found is None:
            found = self.steps.run(point)
            if len(self._values) < KEPT and self.steps.cost(found, range(len(found))) <= MAX_COST:
                self._values[point] = found
        return found
