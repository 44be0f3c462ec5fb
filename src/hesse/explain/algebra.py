"""Which laws of matrix algebra lead from what a rule of differentiation gives to what is written.

A tree is read as a node, and nodes are equal when their normal forms are. A rule that is not allowed is made visible by
a mark in its place: the trace of M becomes kᵀ M k for an unknown vector k, so that tr(A B) and tr(B A) differ; the sum
of the entries of u and the inner product get unknown factors of their own; a transposed matrix becomes an unknown one.
Marks are linear where the operation is. What is equal in spite of the marks of a rule is so without this rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from hesse.core.algebra import add
from hesse.core.build import variable
from hesse.core.declarations import Declarations
from hesse.core.derivation import names_differential
from hesse.core.nodes import Node, Shape, SizeValue, Sum
from hesse.core.rebuild import substitute, transform
from hesse.core.running import symbols_in
from hesse.core.syntax import (
    Binary,
    Call,
    Name,
    Negative,
    Syntax,
    Text,
    Transpose,
    Tuple,
    Undefined,
    call,
    children,
    fold,
    number,
    number_value,
    postorder,
)
from hesse.errors import HesseError
from hesse.explain.expanding import multiplied_out_whole, oriented
from hesse.explain.laws import (
    ARRANGING,
    COLLECTING,
    CYCLIC,
    DIAGONAL,
    ENTRIES,
    FROBENIUS,
    IDENTITY,
    INNER,
    LAWS,
    MEAN,
    MULTIPLYING,
    NORM,
    OPTIONAL,
    OUTER,
    POWERS,
    SYMMETRY,
    TRANSPOSING,
    Law,
)
from hesse.explain.naming import Named
from hesse.explain.parts import base_of_squares, leaves, multiplied_out, signs, used
from hesse.frontends.elaborate import Elaboration, begun, extended
from hesse.frontends.running import running_indices
from hesse.notation.trees import alike
from hesse.render.structure import rebuilt
from hesse.simplify.unify import one_orientation

LARGEST = 600
"""Trees of more parts are not read."""


Allowed: TypeAlias = frozenset[Law]
Exchange: TypeAlias = Sequence[tuple[Syntax, Syntax]]


@dataclass
class Reader:
    """Reads the trees of one derivation as nodes, under the laws that are allowed."""

    declarations: Declarations
    bindings: Mapping[str, Syntax]
    differentials: Callable[[str], Node]

    def named(
        self, before: Syntax, after: Syntax, *, collecting: bool = False, exchange: Exchange = ()
    ) -> tuple[Named, ...]:
        """The laws as derivations name them; with `collecting` the distributive law has been named already."""
        laws = self.laws(before, after, exchange)
        return self.names(laws, before, after, collecting=collecting)

    def names(
        self, laws: tuple[Law, ...] | None, before: Syntax, after: Syntax, *, collecting: bool = False
    ) -> tuple[Named, ...]:
        """The names of the laws; where no choice of laws was found, the entries of both sides are what is compared."""
        if laws is None:
            laws = (ENTRIES,)
        if multiplied_out(before, after):
            pass
        elif collecting:
            laws = tuple(law for law in laws if law is not MULTIPLYING)
        elif leaves(after) < leaves(before):
            laws = tuple(COLLECTING if law is MULTIPLYING else law for law in laws)
        return tuple(law.named for law in laws)

    def laws(self, before: Syntax, after: Syntax, exchange: Exchange = ()) -> tuple[Law, ...] | None:
        """A smallest choice of laws by which the trees are equal, none where they are written alike.

        Each part that is to be exchanged counts as what it is exchanged for. None where the trees are not equal by
        these laws, or too large to tell.
        """
        if alike(before, after):
            return ()
        if len(postorder(before)) + len(postorder(after)) > LARGEST:
            return None
        try:
            found = self._fewest(before, after, exchange, opaque=True)
            return self._fewest(before, after, exchange, opaque=False) if found is None else found
        except HesseError:
            return None

    def _fewest(self, before: Syntax, after: Syntax, exchange: Exchange, *, opaque: bool) -> tuple[Law, ...] | None:
        suffice = self._compared(before, after, exchange, opaque=opaque)
        if suffice(frozenset()):
            return (ARRANGING,)
        needed = self._relevant((before, after, *(part for pair in exchange for part in pair)))
        if exchange and not suffice(needed):
            # What is multiplied out is no longer there to be exchanged.
            needed -= {MULTIPLYING}
        if not suffice(needed):
            return None
        for law in OPTIONAL:
            if law in needed and suffice(needed - {law}):
                needed -= {law}
        return tuple(law for law in LAWS.values() if law in needed)

    def equal(self, before: Syntax, after: Syntax, allowed: Allowed, exchange: Exchange = ()) -> bool:
        """Whether the trees are equal by the laws, after the exchange."""
        return self._compared(before, after, exchange)(allowed)

    def _compared(
        self, before: Syntax, after: Syntax, exchange: Exchange, *, opaque: bool = True
    ) -> Callable[[Allowed], bool]:
        """Whether some laws suffice, with d(u) as an unknown of its own, and `opaque` sums among factors too."""
        unknown: dict[str, Node] = {}

        def hidden(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
            if isinstance(part, Undefined) and names_differential(part.function):
                name = f"d {part.function}"
                unknown[name] = variable(name, self.differentials(part.function).shape)
                return Name(name)
            return rebuilt(part, parts)

        first, last, *others = (fold(tree, hidden) for tree in (before, after, *(x for pair in exchange for x in pair)))
        bindings = tuple(self.bindings[name] for name in used(Tuple((first, last, *others)), self.bindings))
        indices = running_indices(Tuple((first, last, *others, *bindings)), self.declarations)

        def suffice(allowed: Allowed) -> bool:
            reading = _Reading(self, allowed, unknown, indices, opaque)
            found = reading.node(first)
            for old, new in zip(others[::2], others[1::2], strict=True):
                exchanged = reading.exchanged(reading.node(old), reading.node(new))
                found = reading.normal(substitute(found, exchanged))
            return found is reading.node(last)

        return suffice

    def _relevant(self, trees: Sequence[Syntax]) -> Allowed:
        """The laws of which something is to be seen in the trees."""
        whole = Tuple((*trees, *(self.bindings[name] for tree in trees for name in used(tree, self.bindings))))
        seen: set[str] = set()
        for part in postorder(whole):
            if isinstance(part, (Binary, Call)):
                seen.add(part.operator if isinstance(part, Binary) else part.function)
            elif isinstance(part, Transpose):
                seen.add("T")
        return frozenset(law for law in OPTIONAL if not law.seen or seen.intersection(law.seen))


@dataclass
class _Reading:
    """One reading: the names that stand for marks, and the trees read so far."""

    reader: Reader
    allowed: Allowed
    differentials: Mapping[str, Node]
    indices: frozenset[str]
    opaque: bool
    state: Elaboration = field(init=False)
    unknown: dict[tuple[object, ...], str] = field(default_factory=dict)
    kept: list[Syntax] = field(default_factory=list)
    turned: dict[int, Syntax] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state = begun(self.reader.declarations, self.indices)
        self.state.names |= self.differentials

    def node(self, tree: Syntax) -> Node:
        """The node of a tree with marks for what is not allowed."""
        for name in used(tree, self.reader.bindings):
            # A name is its value: no line depends on what has one.
            self.state.names[name] = self._read(self.reader.bindings[name])
        return self.normal(self._read(tree))

    def normal(self, node: Node) -> Node:
        """The node as the allowed laws of addition, multiplication and symmetry leave it."""
        found = multiplied_out_whole(node) if MULTIPLYING in self.allowed else transform(node, oriented)
        return (one_orientation(found) or found) if SYMMETRY in self.allowed else found

    def exchanged(self, old: Node, new: Node) -> dict[Node, Node]:
        """What is to be replaced so that the new node stands for the old one, also where that is an unknown number."""
        found: dict[Node, Node] = {}
        for sign in (1, -1):
            before, after = (add([(sign, each)], each.shape) for each in (old, new))
            found[before] = after
            name = self.unknown.get(("whole", before, ()))
            if name is not None:
                found[self.state.names[name]] = after
        return found

    def _read(self, tree: Syntax) -> Node:
        return self._known(fold(tree, self._visit))

    def _known(self, tree: Syntax) -> Node:
        self.kept.append(tree)
        extended(tree, self.state)
        return self.state.nodes[id(tree)]

    def _mark(self, kind: str, of: object, shape: Shape) -> Name:
        key = (kind, of, shape)
        if key not in self.unknown:
            self.unknown[key] = f"{kind} {len(self.unknown)}"
            self.state.names[self.unknown[key]] = variable(self.unknown[key], shape)
        return Name(self.unknown[key])

    def _visit(self, part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        tree = self._closed(rebuilt(part, parts))
        if NORM in self.allowed and (base := base_of_squares(part)) is not None:
            marked = fold(base, self._visit)
            if not self.indices or not symbols_in(self._known(marked)):
                return self._squared(marked, self._known(marked))
        if isinstance(tree, Binary) and tree.operator in ("*", "/", "@") and signs(tree) != (False, False):
            return self._signed(tree)
        if not isinstance(tree, (Transpose, Call, Binary)) or (isinstance(tree, Binary) and tree.operator in "+-*"):
            return tree
        below = [self._known(each) for each in children(tree) if not isinstance(each, (Text, Tuple))]
        if self.indices and any(map(symbols_in, below)):
            # What depends on a running index is not to be hidden from it.
            return tree
        match tree:
            case Transpose() if below[0].rank > 1 and TRANSPOSING not in self.allowed:
                turned = self._mark("transposed", below[0], below[0].shape[::-1])
                self.turned[id(turned)] = tree.operand
                self.kept.append(turned)
                return turned
            case Call():
                return self._called(tree, below)
            case Binary(operator="@"):
                return self._product(tree, below)
            case Binary(operator="/") if POWERS not in self.allowed and number_value(tree.right) is None:
                if isinstance(below[1], SizeValue):
                    return tree
                inverse = self._mark("power", (below[1], "-1"), below[1].shape)
                return inverse if number_value(tree.left) == 1 else Binary("*", tree.left, inverse)
            case Binary(operator="**"):
                return self._power(tree, below[0])
            case _:
                return tree

    def _closed(self, tree: Syntax) -> Syntax:
        """The tree with the sums of numbers that are its factors as unknown numbers, unless they are multiplied out."""
        told = MULTIPLYING in self.allowed or not self.opaque
        if told or not isinstance(tree, Binary) or tree.operator not in ("*", "/", "**"):
            return tree
        return Binary(tree.operator, self._whole(tree.left), self._whole(tree.right))

    def _whole(self, tree: Syntax) -> Syntax:
        node = self._known(tree)
        if not isinstance(node, Sum) or len(node.terms) < 2 or node.shape or (self.indices and symbols_in(node)):
            return tree
        if node.terms[0][0] < 0:
            return Negative(self._mark("whole", add([(-1, node)], ()), ()))
        return self._mark("whole", node, ())

    def _signed(self, tree: Binary) -> Syntax:
        """A product with the signs of its factors before it."""
        left, right = (each.operand if isinstance(each, Negative) else each for each in (tree.left, tree.right))
        found = self._visit(Binary(tree.operator, left, right), (left, right))
        return Negative(found) if signs(tree) in ((True, False), (False, True)) else found

    def _called(self, tree: Call, below: Sequence[Node]) -> Syntax:
        match tree.function:
            case "sum" if below[0].rank > 1 and tree.axis is None:
                return self._unless((FROBENIUS,), "entries", tree)
            case "sum":
                return self._unless((INNER,), "sum", tree)
            case "mean":
                marked = self._unless((MEAN,), "mean", tree)
                return self._unless((INNER,), "sum", marked) if below[0].rank == 1 else marked
            case "diag":
                return self._unless((DIAGONAL,), "diagonal", tree)
            case "outer":
                return self._unless((OUTER,), "outer", tree)
            case "eye" if IDENTITY not in self.allowed:
                return self._mark("identity", "", self._known(tree).shape)
            case "norm" if tree.axis is None:
                return self._norm(tree, below[0])
            case "sqrt" if POWERS not in self.allowed:
                return self._mark("power", (below[0], "1/2"), below[0].shape)
            case "trace":
                return self._trace(tree, below[0].shape[:1])
            case _:
                return tree

    def _norm(self, tree: Call, argument: Node) -> Syntax:
        if NORM not in self.allowed:
            return self._mark("norm", argument, ())
        return call("sqrt", self._squared(tree.arguments[0], argument))

    def _squared(self, tree: Syntax, argument: Node) -> Syntax:
        """The sum of the squares of the entries; a number of its own where that sum is no sum of products."""
        if (FROBENIUS if argument.rank > 1 else INNER) not in self.allowed:
            return self._mark("square", argument, ())
        square: Syntax = Binary("**", tree, number(2))
        if POWERS not in self.allowed:
            square = self._mark("power", (argument, "2"), argument.shape)
        return call("sum", square)

    def _trace(self, tree: Call, size: Shape) -> Syntax:
        (inner,) = tree.arguments
        if FROBENIUS in self.allowed and isinstance(inner, Binary) and inner.operator == "@":
            for turned, other in ((inner.left, inner.right), (inner.right, inner.left)):
                original = self.turned.get(id(turned))
                if original is not None:
                    return call("sum", Binary("*", original, other))
        if {CYCLIC, FROBENIUS} & self.allowed:
            return tree
        cut = self._mark("cut", "", size)
        return Binary("@", Binary("@", cut, inner), cut)

    def _power(self, tree: Binary, base: Node) -> Syntax:
        exponent = number_value(tree.right)
        if exponent is None or number_value(tree.left) is not None:
            return tree
        if exponent == 2 and isinstance(tree.left, Call) and tree.left.function == "sqrt" and NORM in self.allowed:
            return tree.left.arguments[0]
        return tree if POWERS in self.allowed else self._mark("power", (base, str(exponent)), base.shape)

    def _product(self, tree: Binary, below: Sequence[Node]) -> Syntax:
        """An inner product, with unknown matrices before its vectors as far as these may not change places."""
        if below[0].rank != 1 or below[1].rank != 1 or {INNER, OUTER} & self.allowed:
            return tree
        if NORM in self.allowed and alike(tree.left, tree.right):
            return self._squared(tree.left, below[0])
        right = self._behind(tree.right) if TRANSPOSING in self.allowed else tree.right
        return self._unless((INNER, OUTER), "inner", Binary("@", self._behind(tree.left), right))

    def _behind(self, tree: Syntax) -> Syntax:
        """The vector with an unknown matrix before each of the vectors to which matrices and numbers are applied."""
        waiting: list[tuple[Syntax, bool]] = [(tree, False)]
        done: list[Syntax] = []
        while waiting:
            # By places and not by trees: a vector that stands in a number too is left there as it is.
            part, ready = waiting.pop()
            places, parts = self._carriers(part), list(children(part))
            if not places:
                (size,) = self._known(part).shape
                done.append(Binary("@", self._mark("before", "", (size, size)), part))
            elif ready:
                for place in places:
                    parts[place] = done.pop()
                done.append(rebuilt(part, parts))
            else:
                waiting += [(part, True), *((parts[place], False) for place in places)]
        return done.pop()

    def _carriers(self, tree: Syntax) -> tuple[int, ...]:
        """The places of the parts of a vector to which it is linear, and which are vectors."""
        match tree:
            case Negative():
                return (0,)
            case Binary(operator="@" | "+" | "-" | "*" | "/" as operator, left=left, right=right):
                one, two = (self._known(each).rank for each in (left, right))
                if operator in ("+", "-"):
                    return (0, 1) if one == two else ()
                if operator == "@":
                    return (0,) if one == 1 else (1,)
                return (0,) if not two else (1,) if not one and operator == "*" else ()
            case _:
                return ()

    def _unless(self, laws: tuple[Law, ...], kind: str, tree: Syntax) -> Syntax:
        """The tree, times an unknown number unless one of the laws is allowed."""
        return tree if self.allowed.intersection(laws) else Binary("*", tree, self._mark(kind, "", ()))
