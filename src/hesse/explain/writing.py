"""Nodes and lines of a derivation as trees, with the definitions that they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hesse.core.algebra import zero
from hesse.core.declarations import Declarations, FunctionDeclaration, VariableDeclaration
from hesse.core.derivation import names_differential
from hesse.core.nodes import Node, Shape
from hesse.core.sizes import Size
from hesse.core.syntax import Binary, Call, Definitions, Name, Negative, Syntax, Tuple, Undefined, fold, postorder
from hesse.explain.lines import Differentials, Line
from hesse.explain.spelling import Formula, Operator
from hesse.notation.back import Writer
from hesse.notation.ranks import ranks
from hesse.notation.source import Order, Source
from hesse.notation.trees import alike, join, joined
from hesse.render.sharing import share
from hesse.render.structure import Classes, inlined, rebuilt, text_length
from hesse.simplify.engine import simplify
from hesse.simplify.shorten import size
from hesse.simplify.unify import one_orientation

LONG, SHORT, WIDE, NOTHING = 44, 6, 150, 1 << 30
"""Parts of lines with about so many characters that occur again are given a name; those of the result have theirs."""


@dataclass(frozen=True)
class Subject:
    """A function as data: its node before and after simplification, its tree as it is written, what it keeps."""

    node: Node
    raw: Node
    tree: Syntax
    exact_tree: Syntax
    known: Source
    declarations: Declarations

    @property
    def shape(self) -> Shape:
        """The sizes of the axes."""
        return self.node.shape


class Scribe:
    """Writes nodes as trees; definitions are taken out and kept for the whole derivation."""

    def __init__(self, declarations: Declarations, known: Source) -> None:
        self.declarations = declarations
        self.known = known
        self.order = Order(known)
        self.differentials = Differentials()
        self.bindings: dict[str, Syntax] = {}
        self._declared = {entry.name for entry in declarations} | set(declarations.size_names)
        self._writer = Writer(known, simplify, self._declared)

    @property
    def taken(self) -> frozenset[str]:
        """The names that an index may not have."""
        return frozenset({*self._declared, *self.bindings, "e"})

    def body(self, tree: Syntax) -> Syntax:
        """The tree without its definitions, which are kept; with them put in place where a name has another value."""
        if not isinstance(tree, Definitions):
            return tree
        if any(not alike(self.bindings.get(name, value), value) for name, value in tree.bindings):
            return inlined(tree)
        for name, value in tree.bindings:
            self.bindings.setdefault(name, value)
        return tree.body

    def node(self, node: Node) -> Syntax:
        """The tree of a node."""
        tree = self._writer.body(oriented(node))
        for name, value in self._writer.values.items():
            self.bindings.setdefault(name, value)
        return tree

    def line(self, line: Line, lead: Shape) -> Syntax:
        """The terms one after the other."""
        trees = [self._paired(self.node(node)) for node in line.nodes(self.differentials, lead)]
        if not trees:
            return self.node(zero(lead))
        return joined([(False, t) if not isinstance(t, Negative) else (True, t.operand) for t in trees])

    def _paired(self, tree: Syntax) -> Syntax:
        """(a ⊙ b)ᵀ d(u) for the sum of the entries of a ⊙ b ⊙ d(u)."""
        if isinstance(tree, Negative):
            inner = self._paired(tree.operand)
            return tree if inner is tree.operand else Negative(inner)
        if isinstance(tree, Binary) and tree.operator in ("*", "/"):
            left, right = self._paired(tree.left), self._paired(tree.right)
            return tree if left is tree.left and right is tree.right else Binary(tree.operator, left, right)
        if not isinstance(tree, Call) or tree.function != "sum" or tree.axis is not None or len(tree.arguments) != 1:
            return tree
        factors = _factors(tree.arguments[0])
        moving = [factor for factor in factors if _has_differential(factor)]
        others = [factor for factor in factors if not _has_differential(factor)]
        if len(moving) != 1 or not others or any(rank != 1 for rank in self._ranks(factors)):
            return tree
        return Binary("@", join("*", others), moving[0])

    def _ranks(self, trees: Sequence[Syntax]) -> list[int]:
        declarations = self.declarations.extended(
            *(FunctionDeclaration(name, (), ()) for name in self.differentials.named)
        )
        found = ranks(Definitions(tuple(self.bindings.items()), Tuple(tuple(trees))), declarations)
        return [found[id(tree)] for tree in trees]

    def closed(self, tree: Syntax) -> Syntax:
        """The tree under the definitions."""
        return Definitions(tuple(self.bindings.items()), tree) if self.bindings else tree

    def carried_out(self, tree: Syntax, tangents: Mapping[Node, Node]) -> Syntax:
        """The tree with every differential carried out, for given tangents."""
        used: dict[str, Syntax] = {}

        def visit(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
            if isinstance(part, Undefined) and names_differential(part.function):
                node = self.differentials.named[part.function]
                used.setdefault(part.function, self.node(tangents.get(node, zero(node.shape))))
                return Name(part.function)
            return rebuilt(part, parts)

        body = fold(tree, visit)
        return Definitions((*self.bindings.items(), *used.items()), body) if self.bindings or used else body


def oriented(node: Node) -> Node:
    """The node with what is symmetric by construction put together with its transpose: S + S is no line."""
    found = one_orientation(node)
    return found if found is not None and size(found) < size(node) else node


def _factors(tree: Syntax) -> list[Syntax]:
    """The factors of a product entry by entry, from left to right."""
    found: list[Syntax] = []
    stack = [tree]
    while stack:
        part = stack.pop()
        if isinstance(part, Binary) and part.operator == "*":
            stack += [part.right, part.left]
        else:
            found.append(part)
    return found


def _has_differential(tree: Syntax) -> bool:
    return any(isinstance(part, Undefined) and names_differential(part.function) for part in postorder(tree))


@dataclass(frozen=True)
class Pen:
    """Makes formulas of trees, in which the names of a derivation stand for arrays of known rank."""

    declarations: Declarations
    marks: Mapping[str, Node]

    @staticmethod
    def of(where: Sequence[tuple[str, Syntax]], scribe: Scribe) -> Pen:
        """The pen for these definitions."""
        whole = Definitions(tuple(where), Tuple(tuple(value for _, value in where)))
        found = ranks(whole, scribe.declarations)
        # Only the rank of a name matters to how it is written; its sizes do not.
        entries = (VariableDeclaration(name, (Size.of(1),) * found[id(value)]) for name, value in where)
        return Pen(scribe.declarations.extended(*entries), scribe.differentials.named)

    def formula(self, tree: Syntax, operator: Operator) -> Formula:
        """The tree as a formula."""
        return Formula(tree, self.declarations, self.marks, operator)


def abbreviated(
    trees: Sequence[Syntax],
    bindings: Sequence[tuple[str, Syntax]],
    declarations: Declarations,
    avoid: frozenset[str],
    long: int = LONG,
) -> tuple[list[tuple[str, Syntax]], list[Syntax]]:
    """The definitions and the trees with long parts that occur again under names; nothing inside of d(u) has one of
    its own that does not occur outside.
    """
    marked: dict[str, Undefined] = {}

    def hide(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        if isinstance(part, Undefined) and names_differential(part.function):
            # A name that is not declared is never part of a definition.
            name = f"{part.function}{len(marked)}"
            marked[name] = replace(part, argument=parts[0])
            return Name(name)
        return rebuilt(part, parts)

    hidden = [fold(tree, hide) for tree in trees]
    if all(fold(tree, text_length) <= WIDE for tree in trees):
        long = NOTHING
    arguments = (each.argument for each in marked.values())
    items = Definitions(tuple(bindings), Tuple((*hidden, *arguments)))
    whole = share(items, declarations, long=long, named=SHORT, avoid=avoid)
    found = list(whole.bindings) if isinstance(whole, Definitions) else []
    body = whole.body if isinstance(whole, Definitions) else whole
    assert isinstance(body, Tuple)
    written = zip(marked.items(), body.items[len(hidden) :], strict=True)
    shown_marks = {name: replace(mark, argument=argument) for (name, mark), argument in written}
    given = {name for name, _ in bindings}
    # A name alone says nothing about what a line is.
    new = {name: value for name, value in found if name not in given}
    lines = [new.get(item.name, item) if isinstance(item, Name) else item for item in body.items]
    shown = [fold(tree, _shown(shown_marks)) for tree in lines[: len(hidden)]]
    return _used(found, [*lines, *shown], given), shown


def _used(bindings: Sequence[tuple[str, Syntax]], trees: Sequence[Syntax], given: set[str]) -> list[tuple[str, Syntax]]:
    """The bindings that are given, or that the trees or other bindings use."""
    used = {part.name for tree in trees for part in postorder(tree) if isinstance(part, Name)}
    kept: list[tuple[str, Syntax]] = []
    for name, value in reversed(bindings):
        if name in used or name in given:
            kept.append((name, value))
            used |= {part.name for part in postorder(value) if isinstance(part, Name)}
    return kept[::-1]


def _shown(arguments: Mapping[str, Undefined]) -> Callable[[Syntax, tuple[Syntax, ...]], Syntax]:
    def visit(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        if isinstance(part, Name) and part.name in arguments:
            return arguments[part.name]
        return rebuilt(part, parts)

    return visit


def written_out(bindings: Mapping[str, Syntax]) -> list[tuple[str, Syntax]]:
    """The definitions with the names in their values written out, so that each is found wherever it stands."""
    items = list(bindings.items())
    whole = inlined(Definitions(tuple(items), Tuple(tuple(Name(name) for name, _ in items))))
    assert isinstance(whole, Tuple)
    return [(name, value) for (name, _), value in zip(items, whole.items, strict=True)]


def same_written_out(
    where: Sequence[tuple[str, Syntax]],
    short: Sequence[Syntax],
    bindings: Sequence[tuple[str, Syntax]],
    long: Sequence[Syntax],
) -> bool:
    """Whether the trees under some definitions are the other ones under theirs, names apart."""
    classes = Classes()
    wholes = (
        inlined(Definitions(tuple(names), Tuple(tuple(trees)))) for names, trees in ((where, short), (bindings, long))
    )
    numbers = [classes.add(whole, frozenset())[-1] for whole in wholes]
    return numbers[0] == numbers[1]
