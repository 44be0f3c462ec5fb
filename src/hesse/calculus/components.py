"""The table of components: every entry of an expression as a scalar expression, for given sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from hesse.core.algebra import add, contract, power
from hesse.core.build import apply, call, constant, index, stack
from hesse.core.interpret import interpret
from hesse.core.nodes import Call, Elementwise, Node, Operation, Variable
from hesse.core.sizes import Size
from hesse.core.tensor import Tensor, positions

MAX_PRODUCTS = 20_000
"""What one sum may have: each product is put into normal form, which takes part of a millisecond."""


class Symbols:
    """Entries are scalar nodes."""

    def variable(self, node: Variable, shape: tuple[int, ...]) -> Tensor[Node]:
        """x[0], x[1], ...: entries of the variable itself, which keeps its declared shape."""
        return Tensor.build(shape, lambda place: index(node, [Size.of(k) for k in place]))

    def constant(self, name: str) -> Node:
        """pi or e."""
        return constant(name)

    def combine(self, terms: Sequence[tuple[Fraction, Node]]) -> Node:
        """The weighted sum."""
        return add(terms, ())

    def multiply(self, factors: Sequence[Node]) -> Node:
        """The product."""
        return contract([(factor, ()) for factor in factors], (), {}, ())

    def power(self, base: Node, exponent: Fraction) -> Node:
        """The power."""
        return power(base, exponent)

    def apply(self, row: Elementwise, arguments: Sequence[Node]) -> Node:
        """The elementwise function."""
        return apply(row, *arguments)

    def operate(self, node: Operation, arguments: Sequence[Tensor[Node]], shape: tuple[int, ...]) -> Tensor[Node]:
        """The row's own expansion along an axis, else the entries of the function itself."""
        if node.row.expansion is not None and node.row.kind != "matrix":
            return _along(node, arguments[0], shape)
        entries = None if node.row.expansion is None else node.row.expansion(*arguments)
        if entries is not None:
            return Tensor(shape, entries)
        return Tensor.build(shape, lambda place: index(node, [Size.of(k) for k in place]))

    def call(self, node: Call, argument: Tensor[Node], shape: tuple[int, ...]) -> Tensor[Node]:
        """The entries of the undefined function of the stacked entries."""
        domain = tuple(Size.of(size) for size in argument.shape)
        if not node.domain and not node.codomain:
            return argument.map(lambda entry: call(node.function, (), (), node.order, entry))
        codomain = tuple(Size.of(size) for size in shape[: len(node.codomain)])
        whole = call(node.function, domain, codomain, node.order, _assembled(argument))
        return Tensor.build(shape, lambda place: index(whole, [Size.of(k) for k in place]))


def _assembled(entries: Tensor[Node]) -> Node:
    if not entries.shape:
        return entries.item
    count = entries.shape[-1]
    rows = Tensor.build(entries.shape[:-1], lambda place: stack([entries[(*place, k)] for k in range(count)]))
    return _assembled(rows)


def _along(node: Operation, argument: Tensor[Node], shape: tuple[int, ...]) -> Tensor[Node]:
    expansion = node.row.expansion
    assert expansion is not None
    if node.axis is None:
        values = expansion(argument.entries) or []
        return Tensor(shape, values)
    axis, count = node.axis, argument.shape[node.axis]
    others = argument.shape[:axis] + argument.shape[axis + 1 :]
    found: dict[tuple[int, ...], Node] = {}
    for place in positions(others):
        values = expansion([argument[(*place[:axis], k, *place[axis:])] for k in range(count)]) or []
        if node.row.kind == "reduction":
            found[place] = values[0]
        else:
            found.update({(*place[:axis], k, *place[axis:]): value for k, value in enumerate(values)})
    return Tensor.build(shape, lambda place: found[place])


def components(root: Node, sizes: Mapping[str, int], tables: Mapping[str, Sequence[int]] | None = None) -> Tensor[Node]:
    """The entries of the node as scalar nodes, for these sizes."""
    entries: Tensor[Node] = interpret(root, Symbols(), sizes, tables, MAX_PRODUCTS)
    return entries
