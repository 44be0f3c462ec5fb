"""Nodes read in floats: the values of altered derivatives, of which there are many, and of what kinks depend on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice

from hesse.checking.points import Point
from hesse.core.algebra import add
from hesse.core.deadline import OutOfTimeError
from hesse.core.interpret import interpret
from hesse.core.nodes import Apply, Call, Elementwise, Node, Operation, Power, Variable
from hesse.core.tensor import Tensor
from hesse.core.traverse import postorder
from hesse.errors import HesseError, ShapeError
from hesse.verify.arithmetic import guarded, lanes
from hesse.verify.arithmetic import power as float_power
from hesse.verify.environment import CONSTANTS, Environment
from hesse.verify.rows import row_function
from hesse.verify.sampling import Sizes

Values = Tensor[float]
MAX_PRODUCTS = 40_000
MAX_MARGINS = 8
MAX_TIES = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A point in floats, which need not be the values of an exact one."""

    environment: Environment
    sizes: Sizes
    tables: Mapping[str, Sequence[int]]


class Floats:
    """The arithmetic of floats at a point, for `core.interpret`."""

    def __init__(self, point: Point | Place) -> None:
        self.environment = point.environment

    def variable(self, node: Variable, shape: tuple[int, ...]) -> Values:
        """The entries at the point."""
        return self.environment.values[node.name]

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
        return float_power(base, float(exponent))

    def apply(self, row: Elementwise, arguments: Sequence[float]) -> float:
        """The row's plain function."""
        return guarded(row.reference, strict=row.arity < 3 and not row.truth)(*arguments)

    def operate(self, node: Operation, arguments: Sequence[Values], shape: tuple[int, ...]) -> Values:
        """The row's plain function of lists or of tensors."""
        return row_function(node.row.name, node.axis)(arguments)

    def call(self, node: Call, argument: Values, shape: tuple[int, ...]) -> Values:
        """The stand-in's derivative."""
        return self.environment.functions[node.function](node.order, argument)


def node_value(node: Node, point: Point | Place) -> Values:
    """The value of a node at a point. Raises HesseError where it is too large, or has no value for these sizes."""
    try:
        values: Values = interpret(node, Floats(point), point.sizes, point.tables, MAX_PRODUCTS)
    except IndexError:
        raise ShapeError("a position is outside its axis") from None
    return values


class Kinks:
    """The places of an expression where a derivative jumps: what is zero there.

    Entries that are zero at all points, as off the diagonal of abs(diag(x)), are no kinks: `nearby` gives other ones.
    `centres` are the arguments of smooth functions: where they are zero, tanh(1000*(x - 3)) has its step.
    """

    def __init__(self, roots: Sequence[Node], nearby: Callable[[Point], Point]) -> None:
        self._nearby = nearby
        margins: dict[Node, None] = {}
        centres: dict[Node, None] = {}
        self._ties: dict[Operation, None] = {}
        for root in roots:
            for node in postorder(root):
                margins.update(dict.fromkeys(_margins(node)))
                centres.update(dict.fromkeys(_centres(node)))
                if isinstance(node, Operation) and node.row.smooth == "is attained once":
                    self._ties[node] = None
        self.margins = tuple(margins)
        self.centres = tuple(centre for centre in centres if centre not in margins)

    def clear(self, point: Point) -> bool:
        """Whether the point lies on none of the kinks."""
        if any(self._tied(tie, point) for tie in self._ties):
            return False
        here = self.sides(point, self.margins)
        if all(map(all, here)):
            return True
        there = self.sides(self._nearby(point), self.margins)
        return all(a or not b for one, other in zip(here, there, strict=True) for a, b in zip(one, other, strict=True))

    def gaps(self, point: Point | Place) -> list[float]:
        """What is compared: entries of the margins, and differences of entries of which the largest or least counts."""
        found = [entry for margin in self.margins[:MAX_MARGINS] for entry in entries_at(margin, point)]
        for tie in list(self._ties)[:MAX_MARGINS]:
            entries = entries_at(tie.arguments[0], point)
            found += [a - b for a, b in islice(combinations(entries, 2), MAX_TIES)]
        return found

    def arguments(self, point: Point | Place) -> list[float]:
        """The entries of the centres."""
        return [entry for centre in self.centres[:MAX_MARGINS] for entry in entries_at(centre, point)]

    @staticmethod
    def sides(point: Point, margins: Sequence[Node]) -> list[list[float]]:
        """The entries of the margins at the point."""
        return [node_value(margin, point).entries for margin in margins]

    @staticmethod
    def _tied(tie: Operation, point: Point) -> bool:
        _, slices = lanes(node_value(tie.arguments[0], point), tie.axis)
        return any(each.count(top) > 1 for each, top in zip(slices, node_value(tie, point).entries, strict=True))


def entries_at(node: Node, point: Point | Place) -> list[float]:
    """The entries of a node; none where it is too large."""
    try:
        return node_value(node, point).entries
    except OutOfTimeError:
        raise
    except HesseError:
        return []


def _margins(node: Node) -> Iterator[Node]:
    """What is zero at the kinks of one node."""
    match node:
        case Apply(row=row, arguments=(left, right)) if row.distinct:
            yield difference(left, right)
        case Apply(row=row, arguments=arguments):
            for argument, relation in zip(arguments, row.smooth, strict=False):
                if relation == "!= 0":
                    yield argument
        case Operation(arguments=(argument,)) if node.row.smooth.startswith("entries"):
            yield argument


def _centres(node: Node) -> Iterator[Node]:
    """What is zero where the function of one node may be steep."""
    match node:
        case Apply(arguments=(argument,)) if not isinstance(argument, Variable):
            yield argument
        case Power(base=base) if not isinstance(base, Variable):
            yield base


def difference(left: Node, right: Node) -> Node:
    """left - right."""
    return add([(1, left), (-1, right)], left.shape)
