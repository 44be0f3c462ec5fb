"""Reading a node entry by entry in any arithmetic: symbols for components, intervals for enclosures, floats for tests.

An `Algebra` says what entries are and how to combine them; sizes are numbers here. The walk is the obvious one and
makes no use of structure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product as positions
from typing import Generic, Protocol, TypeVar, assert_never

from hesse.core.nodes import (
    Affine,
    Apply,
    Axis,
    Call,
    Constant,
    Contract,
    Derivative,
    Elementwise,
    Fixed,
    Let,
    Node,
    Operation,
    Power,
    SizeValue,
    Sum,
    Table,
    Variable,
)
from hesse.core.tensor import Tensor
from hesse.core.traverse import postorder
from hesse.errors import ArgumentError, LimitError

T = TypeVar("T")
MAX_PRODUCTS = 2_000_000


class Algebra(Protocol[T]):
    """The arithmetic of entries."""

    def variable(self, node: Variable, shape: tuple[int, ...]) -> Tensor[T]:
        """The entries of a variable."""
        ...

    def constant(self, name: str) -> T:
        """pi or e."""
        ...

    def combine(self, terms: Sequence[tuple[Fraction, T]]) -> T:
        """The weighted sum; of no terms, zero."""
        ...

    def multiply(self, factors: Sequence[T]) -> T:
        """The product; of no factors, one."""
        ...

    def power(self, base: T, exponent: Fraction) -> T:
        """The power with an exact exponent."""
        ...

    def apply(self, row: Elementwise, arguments: Sequence[T]) -> T:
        """An elementwise function."""
        ...

    def operate(self, node: Operation, arguments: Sequence[Tensor[T]], shape: tuple[int, ...]) -> Tensor[T]:
        """A function of arrays."""
        ...

    def call(self, node: Call, argument: Tensor[T], shape: tuple[int, ...]) -> Tensor[T]:
        """A derivative of an undefined function."""
        ...


def interpret(
    root: Node, algebra: Algebra[T], sizes: Mapping[str, int], tables: Mapping[str, Sequence[int]] | None = None
) -> Tensor[T]:
    """The entries of the node for these sizes; `tables` gives the entries of index arrays."""
    reader = _Reader(algebra, sizes, tables or {})
    values: dict[Node, Tensor[T]] = {}
    for node in postorder(root):
        values[node] = reader.read(node, values)
    return values[root]


class _Reader(Generic[T]):
    def __init__(self, algebra: Algebra[T], sizes: Mapping[str, int], tables: Mapping[str, Sequence[int]]) -> None:
        self.algebra = algebra
        self.sizes = sizes
        self.tables = tables

    def read(self, node: Node, values: Mapping[Node, Tensor[T]]) -> Tensor[T]:
        """The entries of a node from those of its parts."""
        shape = tuple(size.evaluate(self.sizes) for size in node.shape)
        algebra = self.algebra
        match node:
            case Variable():
                return algebra.variable(node, shape)
            case Constant(name=name):
                return Tensor((), [algebra.constant(name)])
            case SizeValue(size=size):
                one = algebra.multiply([])
                return Tensor((), [algebra.combine([(Fraction(size.evaluate(self.sizes)), one)])])
            case Let(node=inner):
                return values[inner]
            case Sum(terms=terms):
                columns = [(c, values[term].entries) for c, term in terms]
                places = range(math.prod(shape))
                return Tensor(shape, [algebra.combine([(c, column[k]) for c, column in columns]) for k in places])
            case Contract():
                return self._contract(node, shape, values)
            case Power(base=base, exponent=exponent):
                return values[base].map(lambda entry: algebra.power(entry, exponent))
            case Apply(row=row, arguments=arguments):
                rows = zip(*(values[argument].entries for argument in arguments), strict=True)
                return Tensor(shape, [algebra.apply(row, entries) for entries in rows])
            case Operation(arguments=arguments):
                return algebra.operate(node, [values[argument] for argument in arguments], shape)
            case Call(argument=argument):
                return algebra.call(node, values[argument], shape)
            case Derivative():
                raise ArgumentError("an unevaluated derivative has no entries")
            case _:
                assert_never(node)

    def _contract(self, node: Contract, shape: tuple[int, ...], values: Mapping[Node, Tensor[T]]) -> Tensor[T]:
        extents = [size.evaluate(self.sizes) for size in node.extents]
        work = 1
        for extent in extents:
            work *= max(extent, 1)
        if work > MAX_PRODUCTS:
            message = f"a sum of {work} products is beyond the limit of {MAX_PRODUCTS}"
            raise LimitError(message, hint="use smaller sizes")
        shares: dict[tuple[int, ...], list[tuple[Fraction, T]]] = {}
        for labels in positions(*(range(extent) for extent in extents)):
            entries = [values[f][tuple(self._at(a, labels) for a in axes)] for f, axes in node.factors]
            place = tuple(self._at(axis, labels) for axis in node.out)
            shares.setdefault(place, []).append((Fraction(1), self.algebra.multiply(entries)))
        return Tensor.build(shape, lambda place: self.algebra.combine(shares.get(place, [])))

    def _at(self, axis: Axis, labels: tuple[int, ...]) -> int:
        match axis:
            case int():
                return labels[axis]
            case Fixed(position=position):
                return position.evaluate(self.sizes)
            case Affine(label=label, stride=stride, offset=offset):
                return stride * labels[label] + offset.evaluate(self.sizes)
            case Table(label=label, entries=Variable(name=name)):
                if name not in self.tables:
                    raise ArgumentError(f"the entries of the index array `{name}` are not known here")
                return self.tables[name][labels[label]]
            case Table():
                raise ArgumentError("an index array that is itself computed cannot be read entry by entry")
