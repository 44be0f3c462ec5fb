"""Back-translation: from nodes to the surface language, in the form that a person would write.

`to_syntax` drives one converter for each node kind. A converter is a generator that yields the nodes whose trees it
needs, so that depth costs no recursion and every shared node is converted once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterable
from fractions import Fraction
from typing import TypeAlias, assert_never

from hesse.core.algebra import (
    add,
    is_zero,
    number_value,
    scale,
    without_scalars,
)
from hesse.core.content import common_scalars
from hesse.core.indices import label_of
from hesse.core.nodes import (
    Affine,
    Apply,
    Axis,
    Call,
    Constant,
    Contract,
    Derivative,
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
from hesse.core.sizes import Size
from hesse.core.syntax import COMPARISONS, Binary, Definitions, Name, Stack, Syntax, Undefined, call
from hesse.core.syntax import Call as CallTree
from hesse.core.traverse import postorder
from hesse.notation import factoring
from hesse.notation.matrix_form import Assembly, is_symmetric
from hesse.notation.terms import is_constant, is_diagonal, is_matrix_like, shortened, turns
from hesse.notation.trees import (
    Item,
    flat,
    fraction,
    indexed,
    joined,
    product,
    raised,
    scaled_chain,
    size_tree,
    transposed,
)

Conversion: TypeAlias = Generator[Node, Syntax, Syntax]
ONE = Fraction(1)


def to_syntax(
    root: Node,
    known: Iterable[Node] = (),
    tidy: Callable[[Node], Node] = lambda node: node,
    taken: Iterable[str] = (),
    *,
    facts: bool = False,
) -> Syntax:
    """The tree of a node.

    `known` holds nodes of the source, whose signs are kept; `tidy` simplifies what is left in a bracket; `taken`
    are names that definitions may not use. With `facts`, matrices declared symmetric are written without transposes.
    """
    symmetric = _symmetric_names(root) if facts else frozenset()
    writer = _Writer(frozenset(known), symmetric, tidy, frozenset(taken))
    body = writer.convert(root)
    return Definitions(tuple(writer.values.items()), body) if writer.values else body


def _symmetric_names(root: Node) -> frozenset[str]:
    variables = (node for node in postorder(root) if isinstance(node, Variable))
    return frozenset(v.name for v in variables if v.attributes & {"sym", "spd"})


class _Writer:
    def __init__(
        self, known: frozenset[Node], symmetric: frozenset[str], tidy: Callable[[Node], Node], taken: frozenset[str]
    ) -> None:
        self.known = known
        self.symmetric = symmetric
        self.tidy = tidy
        self.taken = taken
        self.trees: dict[Node, Syntax] = {}
        self.values: dict[str, Syntax] = {}
        self.bracketed: set[Node] = set()

    def convert(self, root: Node) -> Syntax:
        """Run converters on an explicit stack until the root's tree is there."""
        stack: list[tuple[Node, Conversion]] = [(root, self._converter(root))]
        reply: Syntax | None = None
        while stack:
            node, conversion = stack[-1]
            try:
                wanted = next(conversion) if reply is None else conversion.send(reply)
            except StopIteration as finished:
                reply = self.trees[node] = finished.value
                stack.pop()
                continue
            reply = self.trees.get(wanted)
            if reply is None:
                stack.append((wanted, self._converter(wanted)))
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
        while name in self.values or name in self.taken:
            name += "_"
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
        if len(node.terms) == 1:
            ((coefficient, term),) = node.terms
            tree = yield from self._term(coefficient, term)
            return tree
        signed, plain = factoring.normal_sign(node, self.known.__contains__)
        if signed != 1 and isinstance(plain, Sum):
            tree = yield plain
            return product(signed, [Item((tree,))])
        tree = yield from self._factored(node)
        return tree

    def _contract(self, node: Contract) -> Conversion:
        entries = factoring.entries_of(((ONE, node),), node.shape)
        tree = yield from (self._term(ONE, node) if entries is None else self._stack(node, entries))
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

    def _factored(self, node: Sum) -> Conversion:
        """A sum of several terms, with what they share in front."""
        scalars = common_scalars(node.terms) if node.shape and node not in self.bracketed else {}
        if scalars:
            bracket = self.tidy(without_scalars(node.terms, scalars, node.shape))
            coefficient = factoring.magnitude(bracket) if isinstance(bracket, Sum) else ONE
            bracket = scale(1 / coefficient, bracket)
            # Simplifying the bracket may bring a common scalar back; it then stays where it is.
            self.bracketed.add(bracket)
            inner = yield bracket
            items = []
            for base, exponent in scalars.items():
                tree = yield base
                items.append(Item((tree,), exponent))
            return product(coefficient, [*items, Item((inner,))])
        if node.rank == 1:
            found = factoring.common_vector(node.terms)
            if found is not None:
                matrix, vector = found
                left = yield matrix
                right = yield vector
                return Binary("@", left, right)
        outer = factoring.common_outer(node.terms) if node.rank == 2 else None
        if outer is not None:
            axis, vector, rest = outer
            pair = [(yield self.tidy(rest)), (yield vector)]
            return call("outer", *(pair if axis == 1 else reversed(pair)))
        if 1 <= node.rank <= 2:
            cut = factoring.find_cut(node.terms)
            if cut is not None:
                tree = yield from self._bracketed(node, cut)
                return tree
            for members in factoring.diagonal_groups(node.terms).values():
                tree = yield from self._diagonal(node, members)
                return tree
        trees: list[tuple[bool, Syntax]] = []
        for coefficient, term in self._ordered(node):
            tree = yield from self._summand(node, abs(coefficient), term)
            trees.append((coefficient < 0, tree))
        return joined(trees)

    def _ordered(self, node: Sum) -> list[factoring.Term]:
        """The terms in canonical order, a matrix before its transpose, and with a positive one first."""
        groups = itertools.groupby(node.terms, key=lambda item: item[1].leaves)
        terms = [item for _, group in groups for item in sorted(group, key=lambda item: turns(item[1]))]
        first = next((k for k, (c, _) in enumerate(terms) if c > 0), 0)
        return [terms[first], *terms[:first], *terms[first + 1 :]]

    def _summand(self, node: Sum, coefficient: Fraction, term: Node) -> Conversion:
        others = [other for _, other in node.terms if other is not term]
        full = any(not other.constant_axes for other in others)
        structured = node.rank > 1 and any(is_matrix_like(other) for other in others)
        diagonal = node.rank > 1 and any(is_diagonal(other) for other in others) and not is_constant(term)
        if full and not diagonal:
            term = shortened(term, keep_scalars=structured)
        tree = yield from self._term(coefficient, term)
        return tree

    def _bracketed(self, node: Sum, cut: factoring.Cut) -> Conversion:
        shape = cut.rest[0].shape
        bracket = add([(node.terms[k][0], rest) for k, rest in zip(cut.members, cut.rest, strict=True)], shape)
        coefficient, plain = ONE, bracket
        if isinstance(bracket, Sum):
            coefficient, plain = factoring.normal_sign(bracket, self.known.__contains__)
            if coefficient == 1:
                coefficient = factoring.magnitude(bracket)
                plain = scale(1 / coefficient, bracket)
        matrix = yield cut.factor
        inner = yield plain
        at_left = cut.axis == 0
        # The factor's joined axis meets the bracket: last of the left piece, first of the right piece.
        turned = (cut.joined == 0) == at_left
        piece = self._turned(matrix) if turned else matrix
        pieces = [*flat(piece), *flat(inner)] if at_left else [*flat(inner), *flat(piece)]
        head = scaled_chain(coefficient, [], pieces)
        rest = [node.terms[k] for k in range(len(node.terms)) if k not in cut.members]
        if not rest:
            return head
        tail = yield from self._rest(node, rest)
        return joined([(False, head), *tail])

    def _rest(self, node: Sum, rest: list[factoring.Term]) -> Generator[Node, Syntax, list[tuple[bool, Syntax]]]:
        trees = []
        remaining = add(rest, node.shape)
        if isinstance(remaining, Sum) and len(remaining.terms) > 1:
            tree = yield remaining
            return [(False, tree)]
        for coefficient, term in rest:
            tree = yield from self._summand(node, abs(coefficient), term)
            trees.append((coefficient < 0, tree))
        return trees

    def _turned(self, tree: Syntax) -> Syntax:
        return tree if is_symmetric(tree, self.symmetric) else transposed(tree)

    def _diagonal(self, node: Sum, members: list[int]) -> Conversion:
        """Terms on one diagonal or window, with their vectors added first."""
        first = node.terms[members[0]][1]
        assert isinstance(first, Contract)
        size = first.extents[0]
        vectors = [(node.terms[k][0], factoring.on_diagonal(node.terms[k][1])) for k in members]
        body = yield add(vectors, (size,))
        head = yield from self._placed(ONE, first, body)
        rest = [term for k, term in enumerate(node.terms) if k not in members]
        if not rest:
            return head
        tail = yield from self._rest(node, rest)
        return joined([(False, head), *tail])

    def _placed(self, coefficient: Fraction, pattern: Contract, body: Syntax) -> Conversion:
        assembly = self._assembly(pattern)
        assembly.place(body, ONE, (0,))
        yield from ()
        return assembly.result(coefficient)

    # Products

    def _term(self, coefficient: Fraction, node: Node) -> Conversion:
        """coefficient * node."""
        if not isinstance(node, Contract):
            exponent = node.exponent if isinstance(node, Power) else ONE
            tree = yield (node.base if isinstance(node, Power) else node)
            return product(coefficient, [Item((tree,), exponent)])
        value = number_value(node)
        if value is not None and not node.shape:
            return fraction(coefficient * value, [], [])
        assembly = self._assembly(node)
        for factor, axes in node.factors:
            sign, base, exponent = self._factor(factor)
            coefficient *= sign
            tree = yield base
            labels = tuple(label for axis in axes if (label := label_of(axis)) is not None)
            plain = indexed(tree, axes, base.shape, node.extents)
            assembly.place(plain, exponent, labels)
        return assembly.result(coefficient)

    def _factor(self, factor: Node) -> tuple[Fraction, Node, Fraction]:
        """(sign, base, exponent) of a factor, with the sign in which the source wrote the base."""
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
        if isinstance(base, Sum) and len(base.terms) > 1 and exponent.denominator == 1:
            signed, plain = factoring.normal_sign(base, self.known.__contains__)
            if signed == -1:
                return (ONE if exponent % 2 == 0 else -ONE), plain, exponent
        return ONE, base, exponent

    def _assembly(self, node: Contract) -> Assembly:
        """The empty assembly of a contraction, with selections for the axes of the result that are placed."""
        extents: list[Size] = list(node.extents)
        out: list[int] = []
        selections: list[tuple[Syntax, tuple[int, ...]]] = []
        for axis, size in zip(node.out, node.shape, strict=True):
            if isinstance(axis, int):
                out.append(axis)
                continue
            label = len(extents)
            extents.append(size)
            out.append(label)
            selections.append((_selection(axis, size, node.extents), _selected(axis, label)))
        assembly = Assembly(tuple(out), extents, self.symmetric)
        for tree, labels in selections:
            assembly.place(tree, ONE, labels)
        return assembly


def _immediately(tree: Syntax) -> Conversion:
    yield from ()
    return tree


def _selection(axis: Axis, size: Size, extents: tuple[Size, ...]) -> Syntax:
    """eye(n)[...]: the rows are the positions that the axis takes."""
    return indexed(call("eye", size_tree(size)), (axis,), (size,), extents)


def _selected(axis: Axis, label: int) -> tuple[int, ...]:
    return (label,) if isinstance(axis, Fixed) else (axis.label, label) if isinstance(axis, (Affine, Table)) else ()
