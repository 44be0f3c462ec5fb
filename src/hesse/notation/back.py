"""Back-translation: from nodes to the surface language, in the form that a person would write.

`to_syntax` drives one converter for each node kind. A converter is a generator that yields the nodes whose trees it
needs, so that depth costs no recursion and every shared node is converted once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial
from typing import TypeAlias, TypeGuard, assert_never

from hesse.core.algebra import (
    add,
    is_zero,
    number_value,
    scale,
)
from hesse.core.nodes import (
    Apply,
    Axis,
    Call,
    Constant,
    Contract,
    Derivative,
    Let,
    Node,
    Operation,
    Power,
    SizeValue,
    Sum,
    Variable,
)
from hesse.core.sizes import product as size_product
from hesse.core.symmetry import AS_BUILT, AS_DECLARED
from hesse.core.syntax import COMPARISONS, Binary, Definitions, Name, Stack, Syntax, Transpose, Undefined, call
from hesse.core.syntax import Call as CallTree
from hesse.notation import factoring, joins
from hesse.notation.extents import shape_of, shapes_of_names
from hesse.notation.matrix_form import Assembly
from hesse.notation.source import Order, Source
from hesse.notation.sums import Conversion, NotSharedError, SumWriter
from hesse.notation.terms import shortened, turned_around
from hesse.notation.trees import (
    Item,
    fraction,
    product,
    raised,
    size_tree,
    transposes,
)

ONE = Fraction(1)
MAX_SHARED = 10_000
"""How many trees are kept for results to come."""
Axes: TypeAlias = tuple[Axis, ...]


def to_syntax(
    root: Node,
    source: Source | None = None,
    tidy: Callable[[Node], Node] = lambda node: node,
    taken: Iterable[str] = (),
    *,
    facts: bool = False,
) -> Syntax:
    """The tree of a node.

    `source` is what results keep of the source; `tidy` simplifies what is left in a bracket; `taken` are names that
    definitions may not use. With `facts`, matrices declared symmetric are written without transposes.
    """
    return Writer(source, tidy, taken, facts=facts).whole(root)


class SharedWriter:
    """Writes the results of one source: what they have in common once, and each of them as if it were alone."""

    def __init__(self, source: Source, tidy: Callable[[Node], Node], taken: Iterable[str]) -> None:
        self._make = partial(Writer, source, tidy, frozenset(taken))
        self._writer = self._make(shared=True)

    def whole(self, root: Node) -> Syntax:
        """The tree of a node, with the definitions that it needs."""
        if len(self._writer.trees) > MAX_SHARED:
            self._writer = self._make(shared=True)
        try:
            return self._writer.whole(root)
        except NotSharedError:
            return self._make().whole(root)


class Writer(SumWriter):
    """Writes nodes as trees, each node once: equal parts of several nodes are one object.

    `values` are the definitions of the user's names that have been written so far, `lets` the names that a node needs.
    """

    def __init__(
        self,
        source: Source | None = None,
        tidy: Callable[[Node], Node] = lambda node: node,
        taken: Iterable[str] = (),
        *,
        facts: bool = False,
        shared: bool = False,
    ) -> None:
        super().__init__(Order(source or Source()), AS_DECLARED if facts else AS_BUILT, tidy, shared)
        self.taken = frozenset(taken)
        self.trees: dict[Node, Syntax] = {}
        self.values: dict[str, Syntax] = {}
        self.lets: dict[Node, tuple[Node, ...]] = {}

    def whole(self, root: Node) -> Syntax:
        """The tree of a node, with the definitions that it needs."""
        body = self.body(root)
        names = [name.name for name in map(self.trees.get, self.lets[root]) if isinstance(name, Name)]
        return Definitions(tuple((name, self.values[name]) for name in names), body) if names else body

    def body(self, root: Node) -> Syntax:
        """The tree of a node, without the definitions."""
        body = self.convert(root)
        if root.rank == 2 and transposes(body) > 1:
            coefficient, whole = root.terms[0] if isinstance(root, Sum) and len(root.terms) == 1 else (ONE, root)
            other = turned_around(whole)
            turned = self.convert(other)
            self.lets[root] = (*dict.fromkeys((*self.lets[root], *self.lets[other])),)
            # (X @ B + B @ X).T reads better than X.T @ B.T + B.T @ X.T.
            if transposes(turned) + 1 < transposes(body):
                return product(coefficient, [Item((Transpose(turned),))])
        return body

    def convert(self, root: Node) -> Syntax:
        """Run converters on an explicit stack until the root's tree is there."""
        if root in self.trees:
            return self.trees[root]
        stack: list[tuple[Node, Conversion, dict[Node, None]]] = [(root, self._converter(root), {})]
        reply: Syntax | None = None
        while stack:
            node, conversion, lets = stack[-1]
            try:
                wanted = next(conversion) if reply is None else conversion.send(reply)
            except StopIteration as finished:
                if isinstance(node, Let):
                    lets[node] = None
                self.lets[node] = (*lets,)
                reply = self.trees.setdefault(node, finished.value)
                stack.pop()
                if stack:
                    stack[-1][2].update(lets)
                continue
            reply = self.trees.get(wanted)
            if reply is None:
                stack.append((wanted, self._converter(wanted), {}))
            else:
                lets.update(dict.fromkeys(self.lets[wanted]))
        assert reply is not None
        return reply

    def _converter(self, node: Node) -> Conversion:
        match node:
            case Variable(name=name) | Constant(name=name):
                return _immediately(Name(name))
            case SizeValue(size=size):
                return _immediately(size_tree(size))
            case Let():
                return self._let(node)
            case Sum():
                return self._sum(node)
            case Contract():
                return self._contract(node)
            case Power():
                return self._power(node)
            case Apply():
                return self._apply(node)
            case Operation(row=row, arguments=arguments, axis=axis):
                return self._operation(row.name, arguments, axis)
            case Call(function=function, order=order, argument=argument):
                return self._undefined(function, order, argument)
            case Derivative():
                raise AssertionError("an unevaluated derivative has no place in a result")
            case _:
                assert_never(node)

    def _let(self, node: Let) -> Conversion:
        value = yield node.node
        name = node.name
        while name in self.taken or (name in self.values and not self.shared):
            name += "_"
        if name in self.values:
            raise NotSharedError
        self.values[name] = value
        return Name(name)

    def _power(self, node: Power) -> Conversion:
        base = yield node.base
        return raised(base, node.exponent)

    def _operation(self, name: str, arguments: tuple[Node, ...], axis: int | None) -> Conversion:
        trees = []
        for argument in arguments:
            tree = yield argument
            trees.append(tree)
        return CallTree(name, tuple(trees), axis)

    def _undefined(self, function: str, order: int, argument: Node) -> Conversion:
        tree = yield argument
        return Undefined(function, order, tree)

    def _apply(self, node: Apply) -> Conversion:
        full = [not argument.constant_axes for argument in node.arguments]
        trees = []
        for argument in node.arguments:
            tree = yield (shortened(argument) if any(full) else argument)
            trees.append(tree)
        if node.row.name in COMPARISONS:
            return Binary(node.row.name, trees[0], trees[1])  # type: ignore[arg-type]
        if node.row.name == "power":
            return Binary("**", trees[0], trees[1])
        return CallTree(node.row.name, tuple(trees))

    # Sums

    def _sum(self, node: Sum) -> Conversion:
        if is_zero(node):
            return call("zeros", *map(size_tree, node.shape)) if node.shape else fraction(Fraction(0), [], [])
        entries = factoring.entries_of(node.terms, node.shape)
        if entries is not None:
            tree = yield from self._stack(node, entries)
            return tree
        found = joins.joined(node.terms, node.rank)
        if found is not None:
            tree = yield from self._joined(found)
            return tree
        if len(node.terms) == 1:
            ((coefficient, term),) = node.terms
            tree = yield from self.term(coefficient, term)
            return tree
        tree = yield from self.sum(node)
        return tree

    def _contract(self, node: Contract) -> Conversion:
        entries = factoring.entries_of(((ONE, node),), node.shape)
        tree = yield from (self.term(ONE, node) if entries is None else self._stack(node, entries))
        return tree

    def _stack(self, node: Node, entries: dict[tuple[int, ...], list[factoring.Term]]) -> Conversion:
        sizes = tuple(size.as_int() or 0 for size in node.shape)
        prefix: list[tuple[int, ...]] = [()]
        rows: dict[tuple[int, ...], Syntax] = {}
        for depth in range(len(sizes)):
            prefix = [(*p, k) for p in prefix for k in range(sizes[depth])]
        for position in prefix:
            rows[position] = yield add(entries.get(position, []), ())
        for depth in reversed(range(len(sizes))):
            outer = {position[:depth] for position in rows}
            rows = {p: Stack(tuple(rows[(*p, k)] for k in range(sizes[depth]))) for p in sorted(outer)}
        return rows[()]

    def _joined(self, found: joins.Joined) -> Conversion:
        """Pieces along an axis: [a, b], stack(a, b, axis=1) or concat(a, b, axis=1)."""
        trees = []
        for piece in found.pieces:
            tree = yield piece
            trees.append(tree)
        if found.new and not found.axis:
            return Stack(tuple(trees))
        return CallTree("stack" if found.new else "concat", tuple(trees), found.axis or None)

    def placed(self, pattern: Contract, body: Syntax) -> Syntax:
        """The vector on the diagonal, or in the window, of the pattern."""
        assembly = Assembly.of(pattern)
        assembly.place(body, ONE, (0,))
        return assembly.result(ONE)

    # Products

    def term(self, coefficient: Fraction, node: Node) -> Conversion:
        """coefficient * node."""
        if not isinstance(node, Contract):
            exponent = node.exponent if isinstance(node, Power) else ONE
            tree = yield (node.base if isinstance(node, Power) else node)
            return product(coefficient, [Item((tree,), exponent)])
        value = number_value(node)
        if value is not None and not node.shape:
            return fraction(coefficient * value, [], [])
        assembly = Assembly.of(node)
        coefficient, factors = self._signed(coefficient, node)
        for base, exponent, axes in factors:
            tree = yield base
            if isinstance(base, Contract) and not axes and _is_sum(tree):
                summed = shape_of(tree.arguments[0], shapes_of_names(base))
                if summed is not None:
                    # A @ t may be one entry for all that it adds up.
                    assembly.counted(tree, size_product(summed))
            assembly.place_at(tree, exponent, axes, base.shape, symmetric=self.symmetry.holds(base))
        return assembly.result(coefficient)

    def _signed(self, coefficient: Fraction, node: Contract) -> tuple[Fraction, list[tuple[Node, Fraction, Axes]]]:
        """The coefficient, and the factors as (base, exponent, axes) in the signs in which the source wrote the bases.

        A minus sign in front of the whole is taken into a difference that the source does not have: -(y - s) = s - y.
        """
        factors: list[tuple[Node, Fraction, Axes]] = []
        for factor, axes in self.order.factors(node):
            base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
            if isinstance(base, Sum) and len(base.terms) > 1 and exponent.denominator == 1:
                sign, plain = factoring.normal_sign(base, self.known)
                if sign == -1:
                    coefficient *= ONE if exponent % 2 == 0 else -ONE
                    base = plain
            factors.append((base, exponent, axes))
        for k, (base, exponent, axes) in enumerate(factors if coefficient < 0 else ()):
            if isinstance(base, Sum) and exponent % 2 == 1 and factoring.is_difference(base) and not self.known(base):
                factors[k] = (scale(-1, base), exponent, axes)
                return -coefficient, factors
        return coefficient, factors


def _immediately(tree: Syntax) -> Conversion:
    yield from ()
    return tree


def _is_sum(tree: Syntax) -> TypeGuard[CallTree]:
    return isinstance(tree, CallTree) and tree.function == "sum" and tree.axis is None and len(tree.arguments) == 1
