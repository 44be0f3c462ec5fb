"""Index notation: one entry of a node as a scalar expression in named indices, straight from its contractions.

A summed label is a running sum, a label that stands twice in the result a delta: eye(n)[k, l]. Functions of whole
arrays stay in matrix notation and are indexed: softmax(x)[k], inv(X)[k, l]. The writer shares nothing with matrix
notation but the small builders of trees, so that the one can be compared with the other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias, assert_never

from hesse.core.algebra import is_zero
from hesse.core.derivation import is_differential
from hesse.core.indices import labels_of
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
    SizeValue,
    Sum,
    Table,
    Variable,
)
from hesse.core.sizes import ZERO, Size
from hesse.core.syntax import COMPARISONS, Binary, Index, Name, Running, Syntax, Undefined, call, free_names, number
from hesse.core.syntax import Call as CallTree
from hesse.core.traverse import axes_of
from hesse.errors import LimitError
from hesse.notation.trees import fraction, joined, power, raised, size_tree

MAX_ENTRIES = 3_000
TOO_LONG, HINT = "the index notation would be too long to read", "the closed form names its parts"
LETTERS = "ijklpqrstuvabcdegh"
OUTPUTS, INPUTS = "ij", "klpr"
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Spot:
    """A position: stride * symbol + offset, or the offset alone."""

    symbol: Syntax | None
    stride: int = 1
    offset: Size = ZERO

    def times(self, stride: int, offset: Size) -> Spot:
        """stride * self + offset."""
        return Spot(self.symbol, self.stride * stride, self.offset * stride + offset)

    @property
    def tree(self) -> Syntax:
        """The position as an expression."""
        if self.symbol is None:
            return size_tree(self.offset)
        scaled = fraction(Fraction(self.stride), [self.symbol], [])
        if self.offset == ZERO:
            return scaled
        if self.offset.sign() == -1:
            return Binary("-", scaled, size_tree(self.offset * -1))
        return Binary("+", scaled, size_tree(self.offset))


Wanted: TypeAlias = tuple[Node, tuple[Spot, ...]]
Conversion: TypeAlias = Generator[Wanted, Syntax, Syntax]


@dataclass(frozen=True, slots=True)
class IndexForm:
    """The entry at the free indices; `body` is a scalar expression in which they are names."""

    free: tuple[str, ...]
    body: Syntax


def index_form(root: Node, outputs: int, taken: frozenset[str], closed: Callable[[Node], Syntax]) -> IndexForm:
    """The entry of a node in index notation. The first `outputs` axes are i, j, the others k, l, p, r, as far as these
    names are free. `closed` writes a node in matrix notation. Raises LimitError for what would be too long to read.
    """
    letters = [letter for letter in (*LETTERS, *(f"i{k}" for k in range(1, 40))) if letter not in taken]
    free = _free_names(letters, outputs, root.rank)
    writer = _Writer([letter for letter in letters if letter not in free], closed)
    return IndexForm(free, writer.convert((root, tuple(Spot(Name(name)) for name in free))))


def _free_names(letters: Sequence[str], outputs: int, rank: int) -> tuple[str, ...]:
    names: list[str] = []
    for place in range(rank):
        preferred = OUTPUTS if place < outputs else INPUTS
        choice = [*(letter for letter in preferred if letter in letters), *letters]
        names.append(next(letter for letter in choice if letter not in names))
    return tuple(names)


class _Product:
    """The factors above and below a fraction bar."""

    def __init__(self) -> None:
        self.above: list[Syntax] = []
        self.below: list[Syntax] = []

    def multiply(self, tree: Syntax, exponent: Fraction) -> None:
        """Another factor."""
        (self.above if exponent > 0 else self.below).append(power(tree, abs(exponent)))


@dataclass
class _Writer:
    letters: list[str]
    closed: Callable[[Node], Syntax]
    used: int = 0
    entries: int = 0
    whole: dict[Node, Syntax] = field(default_factory=dict)
    accesses: dict[str, list[Size | None]] = field(default_factory=dict)

    def convert(self, root: Wanted) -> Syntax:
        """Run converters on an explicit stack until the root's tree is there."""
        stack = [self._converter(*root)]
        reply: Syntax | None = None
        while stack:
            try:
                wanted = next(stack[-1]) if reply is None else stack[-1].send(reply)
            except StopIteration as finished:
                reply = finished.value
                stack.pop()
                continue
            self.entries += 1
            if self.entries > MAX_ENTRIES:
                raise LimitError(TOO_LONG, hint=HINT)
            reply = None
            stack.append(self._converter(*wanted))
        assert reply is not None
        return reply

    def _converter(self, node: Node, spots: tuple[Spot, ...]) -> Conversion:
        match node:
            case Variable(name=name):
                return self._at(Name(name), node, spots)
            case Constant(name=name):
                return _immediately(Name(name))
            case SizeValue(size=size):
                return _immediately(size_tree(size))
            case Let(node=inner):
                return _same(inner, spots)
            case Sum():
                return self._sum(node, spots)
            case Contract():
                return self._contract(ONE, node, spots)
            case Power(base=base, exponent=exponent):
                return self._power(base, exponent, spots)
            case Apply():
                return self._apply(node, spots)
            case Operation():
                return self._at(self._whole(node), node, spots)
            case Call():
                return self._undefined(node, spots)
            case Derivative():
                raise AssertionError("an unevaluated derivative has no place in a result")
            case _:
                assert_never(node)

    def _whole(self, node: Node) -> Syntax:
        if node not in self.whole:
            self.whole[node] = self.closed(node)
        return self.whole[node]

    def _at(self, tree: Syntax, node: Node, spots: tuple[Spot, ...]) -> Conversion:
        yield from ()
        for spot, size in zip(spots, node.shape, strict=True):
            self._note(spot, size)
        return Index(tree, tuple(spot.tree for spot in spots)) if spots else tree

    def _power(self, base: Node, exponent: Fraction, spots: tuple[Spot, ...]) -> Conversion:
        tree = yield base, spots
        return raised(tree, exponent)

    def _apply(self, node: Apply, spots: tuple[Spot, ...]) -> Conversion:
        trees = []
        for argument in node.arguments:
            tree = yield argument, spots
            trees.append(tree)
        if node.row.name in COMPARISONS:
            return Binary(node.row.name, trees[0], trees[1])  # type: ignore[arg-type]
        return Binary("**", trees[0], trees[1]) if node.row.name == "power" else CallTree(node.row.name, tuple(trees))

    def _undefined(self, node: Call, spots: tuple[Spot, ...]) -> Conversion:
        if node.domain or node.codomain:
            tree = yield from self._at(Undefined(node.function, node.order, self._whole(node.argument)), node, spots)
            return tree
        argument = yield node.argument, spots
        return Undefined(node.function, node.order, argument)

    def _sum(self, node: Sum, spots: tuple[Spot, ...]) -> Conversion:
        if is_zero(node):
            return number(0)
        trees = []
        terms = sorted(node.terms, key=lambda item: item[0] < 0)
        for coefficient, term in terms:
            tree = yield from self._term(abs(coefficient), term, spots)
            trees.append((coefficient < 0, tree))
        return joined(trees)

    def _term(self, coefficient: Fraction, node: Node, spots: tuple[Spot, ...]) -> Conversion:
        if isinstance(node, Contract):
            tree = yield from self._contract(coefficient, node, spots)
            return tree
        tree = yield node, spots
        return fraction(coefficient, [tree], [])

    def _contract(self, coefficient: Fraction, node: Contract, spots: tuple[Spot, ...]) -> Conversion:
        """coefficient * the sums over the labels that the result does not fix, of deltas and entries of factors."""
        if _counts(node):
            entry = yield from self._at(self._whole(node), node, spots)
            return fraction(coefficient, [entry], [])
        bound: dict[int, Spot] = {}
        deltas: list[tuple[Axis, Spot, Size]] = []
        for axis, spot, size in zip(node.out, spots, node.shape, strict=True):
            if isinstance(axis, int) and axis not in bound:
                bound[axis] = spot
            else:
                deltas.append((axis, spot, size))
        summed = {label: self._fresh() for label in range(len(node.extents)) if label not in bound}
        bound.update({label: Spot(Name(name)) for label, name in summed.items()})
        outside, inside = _Product(), _Product()
        for axis, spot, size in deltas:
            other = self._spot(axis, bound)
            for end in (spot, other):
                self._note(end, size)
            ends = (spot.tree, other.tree)
            tree: Syntax = Index(call("eye", size_tree(size)), ends[::-1] if isinstance(axis, int) else ends)
            (inside if labels_of((axis,)) & summed.keys() else outside).multiply(tree, ONE)
        # What is still to be differentiated stands behind the other factors.
        for factor, axes in sorted(node.factors, key=lambda pair: is_differential(pair[0])):
            base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
            tree = yield base, tuple(self._spot(axis, bound) for axis in axes)
            (inside if labels_of(axes) & summed.keys() else outside).multiply(tree, exponent)
        if summed:
            body = fraction(ONE, inside.above, inside.below)
            for label, name in reversed(summed.items()):
                body = self._running(name, node.extents[label], body)
            outside.multiply(body, ONE)
            self.letters[:0] = summed.values()
        return fraction(coefficient, outside.above, outside.below)

    def _note(self, spot: Spot, size: Size) -> None:
        """Note on which axes a summed index runs, and whether it is all that the position is."""
        if isinstance(spot.symbol, Name):
            whole = spot.stride == 1 and spot.offset == ZERO
            self.accesses.setdefault(spot.symbol.name, []).append(size if whole else None)

    def _running(self, name: str, extent: Size, body: Syntax) -> Syntax:
        """The running sum, with its range unless all that it runs over are whole axes of that size."""
        sizes = self.accesses.pop(name, [])
        # Of an array that is the same everywhere no position is written.
        if sizes and all(size == extent for size in sizes) and name in free_names(body):
            return Running("sum", name, body)
        return Running("sum", name, body, number(0), size_tree(extent))

    def _spot(self, axis: Axis, bound: Mapping[int, Spot]) -> Spot:
        match axis:
            case int():
                return bound[axis]
            case Fixed(position=position):
                return Spot(None, 1, position)
            case Affine(label=label, stride=stride, offset=offset):
                return bound[label].times(stride, offset)
            case Table(label=label, entries=entries):
                self._note(bound[label], entries.shape[0])
                return Spot(Index(Name(entries.leaves[0]), (bound[label].tree,)))
            case Flat() | Cyclic():
                raise AssertionError("reshaped and rotated arrays are entries of their closed form")
            case _:
                assert_never(axis)

    def _fresh(self) -> str:
        if not self.letters:
            raise LimitError(TOO_LONG, hint=HINT)
        return self.letters.pop(0)


def _counts(node: Contract) -> bool:
    """Whether some position counts through several indices or goes around: no index expression says that."""
    return any(isinstance(axis, (Flat, Cyclic)) for axis in axes_of(node))


def _immediately(tree: Syntax) -> Conversion:
    yield from ()
    return tree


def _same(node: Node, spots: tuple[Spot, ...]) -> Conversion:
    tree = yield node, spots
    return tree
