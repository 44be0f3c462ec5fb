"""Reading a node entry by entry in any arithmetic: symbols for components, intervals for enclosures, floats for tests.

An `Algebra` says what entries are and how to combine them; sizes are numbers here. The walk is the obvious one and
makes no use of structure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Generic, Protocol, TypeVar, assert_never

from hesse.core import deadline
from hesse.core.deadline import paced
from hesse.core.indices import axis_labels
from hesse.core.nodes import (
    Affine,
    Apply,
    Axis,
    Call,
    Constant,
    Contract,
    Cyclic,
    Derivative,
    Elementwise,
    Fixed,
    Flat,
    Let,
    Node,
    Operation,
    Power,
    SizeValue,
    Sum,
    Table,
    Variable,
)
from hesse.core.tensor import Tensor, strides
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
    root: Node,
    algebra: Algebra[T],
    sizes: Mapping[str, int],
    tables: Mapping[str, Sequence[int]] | None = None,
    limit: int = MAX_PRODUCTS,
) -> Tensor[T]:
    """The entries of the node for these sizes; `tables` gives the entries of index arrays, `limit` bounds the products
    that one sum may have."""
    reader = _Reader(algebra, sizes, tables or {}, limit)
    values: dict[Node, Tensor[T]] = {}
    for node in postorder(root):
        deadline.check()
        values[node] = reader.read(node, values)
    return values[root]


class _Reader(Generic[T]):
    def __init__(
        self, algebra: Algebra[T], sizes: Mapping[str, int], tables: Mapping[str, Sequence[int]], limit: int
    ) -> None:
        self.limit = limit
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
                sums = (algebra.combine([(c, column[k]) for c, column in columns]) for k in paced(places))
                return Tensor(shape, list(sums))
            case Contract():
                return self._contract(node, shape, values)
            case Power(base=base, exponent=exponent):
                return Tensor(shape, [algebra.power(entry, exponent) for entry in paced(values[base].entries)])
            case Apply(row=row, arguments=arguments):
                rows = zip(*(values[argument].entries for argument in arguments), strict=True)
                return Tensor(shape, [algebra.apply(row, entries) for entries in paced(rows)])
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
        if work > self.limit:
            message = f"a sum of {work} products is beyond the limit of {self.limit}"
            raise LimitError(message, hint="use smaller sizes")
        multiply, one = self.algebra.multiply, Fraction(1)
        columns = [self._gathered(values[factor], axes, extents) for factor, axes in node.factors]
        count = math.prod(max(extent, 0) for extent in extents)
        products = map(multiply, paced(zip(*columns, strict=True))) if columns else (multiply([]) for _ in range(count))
        shares: list[list[tuple[Fraction, T]]] = [[] for _ in range(math.prod(shape))]
        for place, product in zip(self._offsets(node.out, shape, extents), products, strict=True):
            shares[place].append((one, product))
        return Tensor(shape, list(map(self.algebra.combine, paced(shares))))

    def _gathered(self, factor: Tensor[T], axes: Sequence[Axis], extents: Sequence[int]) -> list[T]:
        """The entries of a factor, for all labels in turn."""
        entries = factor.entries
        return [entries[offset] for offset in self._offsets(axes, factor.shape, extents)]

    def _offsets(self, axes: Sequence[Axis], shape: tuple[int, ...], extents: Sequence[int]) -> list[int]:
        """Where the axes point to in the entries of a tensor of this shape, for all labels in turn."""
        start, along = 0, [[0] * extent for extent in extents]
        for axis, step in zip(axes, strides(shape), strict=True):
            if isinstance(axis, Fixed):
                start += step * axis.position.evaluate(self.sizes)
                continue
            for label in reversed(axis_labels(axis)):
                places = self._places(axis, extents[label])
                along[label] = [offset + step * place for offset, place in zip(along[label], places, strict=True)]
                # The next digit of a flat axis counts in steps of this one's extent.
                step *= extents[label]
        offsets = [start]
        for steps in along:
            offsets = [offset + step for offset in offsets for step in steps]
        return offsets

    def _places(self, axis: Axis, extent: int) -> Sequence[int]:
        """The positions that an axis runs through with its label."""
        match axis:
            case int() | Flat():
                return range(extent)
            case Cyclic(shift=shift):
                first = shift.evaluate(self.sizes)
                return [(first + k) % extent for k in range(extent)]
            case Fixed():
                raise AssertionError("a fixed position has no label")
            case Affine(stride=stride, offset=offset):
                first = offset.evaluate(self.sizes)
                return range(first, first + stride * extent, stride)
            case Table(entries=Variable(name=name)):
                if name not in self.tables:
                    raise ArgumentError(f"the entries of the index array `{name}` are not known here")
                return self.tables[name]
            case Table():
                raise ArgumentError("an index array that is itself computed cannot be read entry by entry")
