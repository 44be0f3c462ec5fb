"""A point at which trees are evaluated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from hesse.core.tensor import Tensor
from hesse.errors import UnknownNameError
from hesse.verify.arithmetic import Numbers
from hesse.verify.smooth import SmoothFunction

CONSTANTS = {"pi": math.pi, "e": math.e}


@dataclass(frozen=True, eq=False)
class Environment:
    """A point: the sizes, the values of the variables, and undefined functions. Equality is identity."""

    sizes: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Numbers] = field(default_factory=dict)
    functions: Mapping[str, SmoothFunction] = field(default_factory=dict)

    def with_values(self, values: Mapping[str, Numbers]) -> Environment:
        """The same point with some variables changed."""
        return Environment(self.sizes, {**self.values, **values}, self.functions)

    def lookup(self, name: str) -> Numbers:
        """The value of a variable, a size name or a constant, in this order."""
        if name in self.values:
            return self.values[name]
        number = self.sizes.get(name, CONSTANTS.get(name))
        if number is None:
            raise UnknownNameError(f"{name} has no value")
        return Tensor.scalar(number)
