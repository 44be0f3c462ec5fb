"""What is claimed about a result: that it holds certain derivatives of a function. Read at points, as flat lists."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from random import Random

from hesse.core.syntax import Syntax
from hesse.core.tensor import Tensor, positions
from hesse.errors import ShapeError
from hesse.verify.arithmetic import Numbers
from hesse.verify.differences import Values
from hesse.verify.magnitudes import deviation, extremes, overflows
from hesse.verify.points import Points
from hesse.verify.reference import Environment, Program, Value
from hesse.verify.several import rerun_several


@dataclass(frozen=True, slots=True)
class Direction:
    """A direction in the space of the variable, of length 1 in the largest entry, times `length`."""

    weights: tuple[float, ...]
    length: float = 1.0
    unit: int | None = None

    @staticmethod
    def of(entries: Sequence[float]) -> Direction:
        """The direction of these entries."""
        length = max(map(abs, entries), default=0.0) or 1.0
        return Direction(tuple(entry / length for entry in entries), length)

    @staticmethod
    def along(axis: int, count: int) -> Direction:
        """The direction of one coordinate."""
        return Direction(tuple(float(k == axis) for k in range(count)), 1.0, axis)

    @staticmethod
    def random(count: int, random: Random) -> Direction:
        """A direction without special entries."""
        return Direction.of([random.choice((-1, 1)) * random.uniform(0.3, 1) for _ in range(count)])


@dataclass(frozen=True)
class Claim:
    """The result has axes (output..., variable..., variable..., ...), with the variable's axes `free` times.

    It is the derivative of order `len(along) + free`: once along each of the directions in `along`, which are the
    values of names, one for each variable; and contracted on the left with the value of `against` (then there are no
    output axes). Several variables that are not stacked have no axes of the result: `free` is then 0.
    """

    function: Points
    result: Syntax
    wrt: tuple[str, ...]
    stacked: bool = False
    free: int = 1
    along: tuple[tuple[str, ...], ...] = ()
    against: str | None = None

    @property
    def order(self) -> int:
        """The order of the derivative."""
        return len(self.along) + self.free

    @cached_property
    def result_steps(self) -> Program:
        """The steps of the result."""
        return Program(self.result)


class Site:
    """A claim at one point: the function with its derivatives' directions, and the result read along them."""

    def __init__(self, claim: Claim, environment: Environment) -> None:
        self.claim = claim
        self.environment = environment
        self._program = claim.function.steps
        self._values = claim.function.values(environment)
        self._moving = self._program.dependents(claim.wrt)
        self.spent = self._program.cost(self._values, range(len(self._values)))
        self.cost = self._program.cost(self._values, self._moving)
        self.count = len(self._point())
        self.smallest, self.largest = 1.0, 1.0
        self._results: list[Value] = []
        self.fixed = tuple(Direction.of(self._entries(names)) for names in claim.along)
        self.center = self._contracted(self._values[-1])

    @property
    def moves(self) -> bool:
        """Whether the variable occurs in the function."""
        return bool(self._moving)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that the result should have."""
        output: tuple[int, ...] = () if self.claim.against else self._values[-1].shape
        wrt = self.claim.wrt
        variable = (len(wrt),) if self.claim.stacked else self.environment.values[wrt[0]].shape
        return output + variable * self.claim.free

    @property
    def scale(self) -> float:
        """The size of the variable's entries, within limits."""
        return min(1.0, max(0.05, *map(abs, self._point())))

    def result(self) -> Numbers:
        """The value of the result. `smallest` and `largest` are then the sizes on the way to it."""
        program = self.claim.result_steps
        values = self._results = program.run(self.environment)
        self.spent += program.cost(values, range(len(values)))
        self.smallest, self.largest = extremes(values)
        result: Numbers = values[-1]
        return result

    @property
    def overflows(self) -> bool:
        """Whether an infinity is on the way to the result: what is divided by it is lost."""
        return overflows(self._results)

    @property
    def singular(self) -> bool:
        """Whether the result has no value here because it inverts a matrix that has no inverse, which it says."""
        return self.claim.result_steps.singular(self._results)

    def noise(self, directions: Sequence[Direction]) -> tuple[Values, Values]:
        """What rounding may change in the function's entries, and in those of the result along the directions."""
        random = Random("noise")
        result = self.claim.result_steps
        runs = [
            self._contracted(self._program.jittered(self._values, self.environment, random)) for _ in range(_JITTERS)
        ]
        again = [result.jittered(self._results, self.environment, random).entries for _ in range(_JITTERS)]
        exact = self.along(self._results[-1].entries, directions)
        return _deviations(runs, self.center), _deviations([self.along(r, directions) for r in again], exact)

    def curve(self, directions: Sequence[Direction], points: Sequence[Sequence[float]]) -> list[Values]:
        """The entries of the function where the point is displaced by parameters times the directions, for several."""
        return self.curves([directions], points)

    def curves(self, curves: Sequence[Sequence[Direction]], points: Sequence[Sequence[float]]) -> list[Values]:
        """The same for each of several directions in turn."""
        self.spent += self.cost * len(points) * len(curves)
        moved = [self._moved(directions, parameters) for directions in curves for parameters in points]
        values = rerun_several(self._program, self._values, self._moving, moved)
        return [self._contracted(value) for value in values]

    def _moved(self, directions: Sequence[Direction], parameters: Sequence[float]) -> Environment:
        entries = self._point()
        for direction, parameter in zip((*self.fixed, *directions), parameters, strict=True):
            if direction.unit is None:
                entries = [entry + parameter * weight for entry, weight in zip(entries, direction.weights, strict=True)]
            else:
                entries[direction.unit] += parameter
        return self.environment.with_values(self._named(entries))

    def length(self, directions: Sequence[Direction]) -> float:
        """The factor between the derivative along the directions and along the unit ones of the curve."""
        return math.prod(direction.length for direction in (*self.fixed, *directions))

    def units(self) -> list[tuple[Direction, ...]]:
        """The directions that pick out every entry of the result."""
        axes = [Direction.along(k, self.count) for k in range(self.count)]
        return list(product(axes, repeat=self.claim.free))

    def projections(self, number: int, random: Random) -> list[tuple[Direction, ...]]:
        """Random directions."""
        axes = range(self.claim.free)
        return [tuple(Direction.random(self.count, random) for _ in axes) for _ in range(number)]

    def along(self, result: Values, directions: Sequence[Direction]) -> Values:
        """The entries of the result contracted with the directions, the last axes first."""
        for direction in reversed(directions):
            if direction.unit is not None:
                result = result[direction.unit :: self.count]
            else:
                weights = [weight * direction.length for weight in direction.weights]
                rows = (result[k : k + self.count] for k in range(0, len(result), self.count))
                result = [sum(map(operator.mul, row, weights)) for row in rows]
        return result

    def entry(self, place: int, directions: Sequence[Direction]) -> tuple[int, ...] | None:
        """The index of the result that an output's place and unit directions stand for; None for other directions."""
        flat = place
        for direction in directions:
            if direction.unit is None:
                return None
            flat = flat * self.count + direction.unit
        return _position(self.shape, flat)

    def _point(self) -> Values:
        return self._entries(self.claim.wrt)

    def _entries(self, names: Sequence[str]) -> Values:
        return [entry for name in names for entry in self.environment.values[name].entries]

    def _named(self, entries: Values) -> dict[str, Numbers]:
        found: dict[str, Numbers] = {}
        start = 0
        for name in self.claim.wrt:
            shape = self.environment.values[name].shape
            stop = start + math.prod(shape)
            found[name] = Tensor(shape, entries[start:stop])
            start = stop
        return found

    def _contracted(self, value: Numbers) -> Values:
        if self.claim.against is None:
            return value.entries
        cotangent = self.environment.values[self.claim.against]
        if cotangent.shape != value.shape:
            raise ShapeError(f"{self.claim.against} has the shape {cotangent.shape}, the function {value.shape}")
        return [sum(map(operator.mul, cotangent.entries, value.entries))]


_JITTERS = 3


def _deviations(runs: Sequence[Values], exact: Values) -> Values:
    return [deviation(column, middle) for *column, middle in zip(*runs, exact, strict=True)]


def _position(shape: tuple[int, ...], flat: int) -> tuple[int, ...]:
    return next(place for k, place in enumerate(positions(shape)) if k == flat)
