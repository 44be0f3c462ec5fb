"""Other ways to write an array, entry by entry: do they say the array?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from hesse.core.declarations import Declarations
from hesse.core.sizes import Size
from hesse.core.syntax import Syntax
from hesse.core.tensor import Tensor, positions
from hesse.errors import LimitError
from hesse.verify.arithmetic import Numbers
from hesse.verify.equality import verify_same
from hesse.verify.reference import Environment, Program, Value
from hesse.verify.sampling import Sizes
from hesse.verify.verdict import Verification

MAX_ENTRIES = 3000
"""An array with more entries than these is not compared one by one."""


def verify_formula(
    array: Syntax, entry: Syntax, indices: Sequence[str], shape: Sequence[Size], declarations: Declarations
) -> Verification:
    """Whether a formula for the entry at these indices says the array of this shape."""
    return verify_same(lambda: Program(array), lambda: _Formula(entry, indices, shape), declarations)


def verify_table(array: Syntax, table: Tensor[Syntax], declarations: Declarations, sizes: Sizes) -> Verification:
    """Whether a table of scalar formulas says the array, for these sizes."""
    return verify_same(lambda: Program(array), lambda: _Table(table), declarations, sizes)


class _Formula:
    """The formula of an entry, run for all positions of its indices."""

    def __init__(self, entry: Syntax, indices: Sequence[str], shape: Sequence[Size]) -> None:
        self.program = Program(entry)
        self.indices = indices
        self.shape = shape
        self.spent = 0

    def run(self, environment: Environment) -> list[Value]:
        """The array, as the only step."""
        shape = tuple(size.evaluate(environment.sizes) for size in self.shape)
        if math.prod(shape) > MAX_ENTRIES:
            raise LimitError(f"an array of more than {MAX_ENTRIES} entries is not compared one by one")
        self.spent, entries = 0, []
        for inside in self._inside(environment, shape):
            values = self.program.run(inside)
            self.spent += self.program.cost(values, range(len(values)))
            entries.append(_number(values[-1]))
        return [Tensor(shape, entries)]

    def cost(self, values: Sequence[Value], places: Iterable[int]) -> int:
        """What the last run took."""
        return self.spent

    def jittered(self, values: Sequence[Value], environment: Environment, random: Random) -> Numbers:
        """The array with rounding in every step of every entry."""
        (array,) = values
        assert isinstance(array, Tensor)
        entries = [
            self.program.jittered(self.program.run(inside), inside, random).item
            for inside in self._inside(environment, array.shape)
        ]
        return Tensor(array.shape, entries)

    def _inside(self, environment: Environment, shape: tuple[int, ...]) -> Iterator[Environment]:
        for place in positions(shape):
            named = zip(self.indices, place, strict=True)
            yield environment.with_values({name: Tensor.scalar(position) for name, position in named})


class _Table:
    """The formulas of all entries."""

    def __init__(self, table: Tensor[Syntax]) -> None:
        if len(table.entries) > MAX_ENTRIES:
            raise LimitError(f"a table of more than {MAX_ENTRIES} entries is not compared one by one")
        self.programs = table.map(Program)
        self.spent = 0

    def run(self, environment: Environment) -> list[Value]:
        """The array, as the only step."""
        runs = self.programs.map(lambda program: program.run(environment))
        self.spent = sum(
            program.cost(values, range(len(values)))
            for program, values in zip(self.programs.entries, runs.entries, strict=True)
        )
        return [runs.map(lambda values: _number(values[-1]))]

    def cost(self, values: Sequence[Value], places: Iterable[int]) -> int:
        """What the last run took."""
        return self.spent

    def jittered(self, values: Sequence[Value], environment: Environment, random: Random) -> Numbers:
        """The array with rounding in every step of every entry."""
        return self.programs.map(lambda program: program.jittered(program.run(environment), environment, random).item)


def _number(value: Value) -> float:
    assert isinstance(value, Tensor)
    return float(value.item)
