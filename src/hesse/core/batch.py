"""Many values of an expression at once: a node that depends on a running index becomes one with a new first axis.

A position that depends on the index becomes a label, or an affine window of one; so sums over the index are
contractions like all others, and no derivative rule knows of running indices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from hesse.core.algebra import add, contract, power, size_value, stretch
from hesse.core.build import apply, broadcast, call, let, operate, plus
from hesse.core.nodes import (
    Affine,
    Apply,
    Axis,
    Call,
    Constant,
    Contract,
    Cyclic,
    Derivative,
    Fixed,
    Flat,
    Let,
    Node,
    Operation,
    Power,
    Shape,
    SizeValue,
    Sum,
    Table,
    Variable,
)
from hesse.core.running import Range, linear, own_symbols, symbol
from hesse.core.sizes import ZERO, Size
from hesse.core.traverse import children, postorder
from hesse.errors import ParseError


class Batch:
    """The values of nodes for all values of one running index. `counting(n)` is the vector 1, 2, ..., n."""

    def __init__(self, index: str, extent: Range, counting: Callable[[Size], Node]) -> None:
        self.index = index
        self.symbol = symbol(index)
        self.range = extent
        self.counting = counting
        self._new: dict[Node, Node | None] = {}

    def depends(self, node: Node) -> bool:
        """Whether the value depends on the index."""
        return self._batched(node) is not None

    def whole(self, node: Node) -> Node:
        """The values along a new first axis. Raises ParseError where a part has no such form."""
        batched = self._batched(node)
        return self._repeated(node) if batched is None else batched

    def _batched(self, root: Node) -> Node | None:
        """The values of a node that depends on the index, else None."""
        for node in postorder(root):
            if node not in self._new:
                self._new[node] = self._of(node) if self._moves(node) else None
        return self._new[root]

    def _moves(self, node: Node) -> bool:
        return any(self._new[child] is not None for child in children(node)) or self.symbol in own_symbols(node)

    def _in(self, size: Size) -> bool:
        return self.symbol in size.names

    def _repeated(self, node: Node) -> Node:
        return stretch(node, frozenset({0}), (self.range.length, *node.shape))

    def _of(self, node: Node) -> Node:
        match node:
            case Variable() | Constant() | Derivative():
                raise AssertionError("these do not depend on a running index")
            case SizeValue(size=size):
                return self._number(size)
            case Let(name=name, node=inner):
                return let(name, self.whole(inner))
            case Sum(terms=terms):
                return add([(c, self.whole(term)) for c, term in terms], (self.range.length, *node.shape))
            case Contract():
                return self._contract(node)
            case Power(base=base, exponent=exponent):
                return power(self.whole(base), exponent)
            case Apply(row=row, arguments=arguments):
                shape = (self.range.length, *node.shape)
                return broadcast(apply(row, *(self._new[part] or part for part in arguments)), shape)
            case Operation():
                return self._operation(node)
            case Call():
                return self._call(node)
            case _:
                assert_never(node)

    def _number(self, size: Size) -> Node:
        """The numbers that the symbol stands for: the index counts from the start of the range, the symbol from 1."""
        if size.as_name() != self.symbol:
            raise self._refused("a number that is rounded down")
        return plus(self.counting(self.range.length), size_value(self.range.start))

    def _contract(self, node: Contract) -> Node:
        label = len(node.extents)
        if any(map(self._in, node.extents)):
            raise self._refused("the sizes of an array")
        factors: list[tuple[Node, tuple[Axis, ...]]] = []
        for factor, axes in node.factors:
            batched = self._new[factor]
            moved = self._axes(axes, factor.shape, label)
            factors.append((factor, moved) if batched is None else (batched, (label, *moved)))
        extents = {**dict(enumerate(node.extents)), label: self.range.length}
        out = (label, *self._axes(node.out, node.shape, label))
        return contract(factors, out, extents, (self.range.length, *node.shape))

    def _axes(self, axes: Sequence[Axis], shape: Shape, label: int) -> tuple[Axis, ...]:
        return tuple(self._axis(axis, size, label) for axis, size in zip(axes, shape, strict=True))

    def _axis(self, axis: Axis, size: Size, label: int) -> Axis:
        match axis:
            case Table(entries=entries) if self._new[entries] is not None:
                raise self._refused("an index array")
            case Affine(offset=offset) if self._in(offset):
                raise self._refused("a slice")
            case Cyclic(shift=shift) if self._in(shift):
                raise self._refused("the places by which an array is rolled")
            case int() | Table() | Affine() | Flat() | Cyclic():
                return axis
            case Fixed(position=position):
                return self._moving(axis, size, label) if self._in(position) else axis
            case _:
                assert_never(axis)

    def _moving(self, axis: Fixed, size: Size, label: int) -> Axis:
        """The positions of all values of the index."""
        form = linear(axis.position, self.symbol)
        if form is None:
            raise self._refused("a position that is no multiple of it plus a constant")
        stride, offset = form
        # The label counts from the start of the range.
        first = offset + self.range.start * stride
        whole = stride == 1 and first == ZERO and self.range.length == size
        return label if whole else Affine(label, stride, first)

    def _operation(self, node: Operation) -> Node:
        row = node.row
        if row.kind == "matrix":
            raise self._refused(f"the argument of {row.name}, a function of whole matrices,")
        (argument,) = map(self.whole, node.arguments)
        if node.axis is not None:
            return operate(row, (argument,), node.axis + 1)
        rank = argument.rank - 1
        if rank == 1:
            return operate(row, (argument,), 1)
        if not row.nests:
            raise self._refused(f"the argument of {row.name} over several axes at once")
        for _ in range(rank):
            argument = operate(row, (argument,), argument.rank - 1)
        return argument

    def _call(self, node: Call) -> Node:
        if node.domain or node.codomain:
            raise self._refused(f"the argument of {node.function}, an undefined function of a vector,")
        return call(node.function, (), (), node.order, self.whole(node.argument))

    def _refused(self, part: str) -> ParseError:
        return ParseError(
            f"{part} depends on the running index `{self.index}`: that has no whole-array form here",
            hint="write the expression with whole arrays, or out of the sum what does not need the index",
        )
