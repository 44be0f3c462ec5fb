"""Nodes and lines of a derivation as trees, with the definitions that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hesse.core.algebra import zero
from hesse.core.declarations import Declarations
from hesse.core.derivation import names_differential
from hesse.core.nodes import Node, Shape, Variable
from hesse.core.syntax import Definitions, Name, Negative, Syntax, Tuple, Undefined, fold
from hesse.explain.lines import Differentials, Line
from hesse.explain.spelling import Formula, Operator
from hesse.notation.back import to_syntax
from hesse.notation.source import Source
from hesse.notation.trees import joined
from hesse.render.sharing import share
from hesse.render.structure import rebuilt
from hesse.simplify.engine import simplify

LONG = 36
"""Parts of lines with about so many characters that occur again are given a name."""


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
        self.differentials = Differentials()
        self.bindings: dict[str, Syntax] = {}
        self.taken = {entry.name for entry in declarations} | set(declarations.size_names)

    def body(self, tree: Syntax) -> Syntax:
        """The tree without its definitions, which are kept."""
        if not isinstance(tree, Definitions):
            return tree
        for name, value in tree.bindings:
            self.bindings.setdefault(name, value)
        return tree.body

    def node(self, node: Node) -> Syntax:
        """The tree of a node."""
        return self.body(to_syntax(node, self.known, simplify, self.taken))

    def line(self, line: Line, lead: Shape, unit: Variable | None = None) -> Syntax:
        """The terms one after the other."""
        trees = [self.node(node) for node in line.nodes(self.differentials, lead, unit)]
        if not trees:
            return self.node(zero(lead))
        return joined([(False, t) if not isinstance(t, Negative) else (True, t.operand) for t in trees])

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

    def formula(self, tree: Syntax, operator: Operator) -> Formula:
        """The tree as a formula."""
        return Formula(tree, self.declarations, self.differentials.named, operator)


def abbreviated(
    trees: Sequence[Syntax], bindings: Iterable[tuple[str, Syntax]], declarations: Declarations, long: int = LONG
) -> tuple[list[tuple[str, Syntax]], list[Syntax]]:
    """The definitions and the trees with long parts that occur again under names; nothing inside of d(u) has one of
    its own that does not occur outside.
    """
    marked: dict[str, Syntax] = {}

    def hide(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        if isinstance(part, Undefined) and names_differential(part.function):
            marked.setdefault(part.function, parts[0])
            return Name(part.function)
        return rebuilt(part, parts)

    hidden = [fold(tree, hide) for tree in trees]
    whole = share(Definitions(tuple(bindings), Tuple((*hidden, *marked.values()))), declarations, long=long)
    found = list(whole.bindings) if isinstance(whole, Definitions) else []
    body = whole.body if isinstance(whole, Definitions) else whole
    assert isinstance(body, Tuple)
    arguments = dict(zip(marked, body.items[len(hidden) :], strict=True))
    return found, [fold(tree, _shown(arguments)) for tree in body.items[: len(hidden)]]


def _shown(arguments: Mapping[str, Syntax]) -> Callable[[Syntax, tuple[Syntax, ...]], Syntax]:
    def visit(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        if isinstance(part, Name) and part.name in arguments:
            return Undefined(part.name, 0, arguments[part.name])
        return rebuilt(part, parts)

    return visit
