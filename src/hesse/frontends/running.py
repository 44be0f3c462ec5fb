"""Running indices: which names they are, and the sums over them as whole arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hesse.core.batch import Batch
from hesse.core.build import operate
from hesse.core.declarations import Declarations
from hesse.core.function import Construction, reduces
from hesse.core.nodes import Elementwise, Node
from hesse.core.running import Access, Range, admissible, symbol, symbols
from hesse.core.sizes import Size
from hesse.core.syntax import Definitions, Index, Name, Running, Syntax, children, fold, free_names, postorder
from hesse.errors import HesseError, LimitError, ParseError, Span, UnknownNameError
from hesse.frontends.indexing import size_of
from hesse.functions import FUNCTIONS
from hesse.functions.masks import counting

NESTED = 8


@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition under which the expression has a value: the node must satisfy the relation.

    `tree` is how it is written, None where only the node says it; `home` is the identity of the tree it comes from.
    """

    tree: Syntax | None
    relation: str
    node: Node
    home: int


def running_indices(root: Syntax, declarations: Declarations) -> frozenset[str]:
    """The names of the running indices of a tree. Raises ParseError where one is known otherwise, or stands outside."""
    sums = [part for part in postorder(root) if isinstance(part, Running)]
    if not sums:
        return frozenset()
    indices = frozenset(part.index for part in sums)
    defined = {name for name, _ in root.bindings} if isinstance(root, Definitions) else set[str]()
    for part in sums:
        _check_new(part, declarations, defined)
    _check_nesting(root)
    _check_outside(root, indices & free_names(root))
    return indices


def _check_new(tree: Running, declarations: Declarations, defined: set[str]) -> None:
    name = tree.index
    known = declarations.find(name) is not None or name in declarations.size_names
    if known or name in defined:
        kind = "declared" if known else "defined"
        raise ParseError(
            f"`{name}` is {kind}, so it cannot be the index of {_article(tree.function)}",
            span=tree.span,
            hint="choose another name for the index; the axis of a reduction is given by name, as in `sum(X, axis=0)`",
        )


def _article(function: str) -> str:
    return "a running sum" if function == "sum" else f"a running {function}"


def _check_nesting(root: Syntax) -> None:
    """Raises where an index is used again inside of its own sum, or too many are nested."""

    def visit(tree: Syntax, parts: tuple[tuple[frozenset[str], int], ...]) -> tuple[frozenset[str], int]:
        names = frozenset[str]().union(*(names for names, _ in parts))
        depth = max((depth for _, depth in parts), default=0)
        if not isinstance(tree, Running):
            return names, depth
        if tree.index in names:
            hint = "choose another name for one of the two"
            raise ParseError(f"the index `{tree.index}` runs already", span=tree.span, hint=hint)
        if depth == NESTED:
            raise LimitError(f"more than {NESTED} running sums are nested, which is the limit", span=tree.span)
        return names | {tree.index}, depth + 1

    fold(root, visit)


def _check_outside(root: Syntax, names: frozenset[str]) -> None:
    for part in postorder(root):
        if isinstance(part, Running):
            for end in (part.start, part.stop):
                _check_end(end, part)
    if names:
        name = min(names)
        inside = {id(part) for tree in postorder(root) if isinstance(tree, Running) for part in postorder(tree.body)}
        found = [part for part in postorder(root) if isinstance(part, Name) and part.name == name]
        outside = next((part for part in found if id(part) not in inside), found[0])
        raise UnknownNameError(
            f"`{name}` is the index of a running sum and has no value outside of it",
            span=outside.span,
            hint="put the whole summand in the brackets of the sum, or choose another name for the index",
        )


def _check_end(end: Syntax | None, tree: Running) -> None:
    if end is not None and tree.index in free_names(end):
        raise ParseError(f"the range of `{tree.index}` depends on itself", span=end.span or tree.span)


class Whole:
    """A running sum as a reduction of a whole array."""

    def __init__(self, tree: Running, sizes: Mapping[str, Size], accesses: Mapping[int, Sequence[Access]]) -> None:
        row = FUNCTIONS.get(tree.function)
        if row is None or isinstance(row, Elementwise) or not reduces(row):
            raise ParseError(f"{tree.function} does not run over an index", span=tree.span)
        self.tree = tree
        self.row = row
        self.parts = postorder(tree.body)
        self.homes = {id(part) for part in self.parts}
        self.range = self._range(sizes, accesses)
        self.batch = Batch(tree.index, self.range, counting)

    def _range(self, sizes: Mapping[str, Size], accesses: Mapping[int, Sequence[Access]]) -> Range:
        own = symbol(self.tree.index)
        found = [each for part in self.parts for each in accesses.get(id(part), ()) if each.symbol == own]
        ends: list[Size | None] = []
        for end in (self.tree.start, self.tree.stop):
            size = None if end is None else size_of(end, sizes)
            if size is not None and symbols(size):
                raise ParseError(
                    f"the range of `{self.tree.index}` depends on another index: only rectangular ranges are read",
                    span=self.tree.span,
                )
            ends.append(size)
        return admissible(self.tree.index, found, *ends)

    def node(self, nodes: Mapping[int, Node]) -> Node:
        """The reduction of the values of the body along their new first axis."""
        try:
            values = self.batch.whole(nodes[id(self.tree.body)])
        except HesseError as error:
            error.span = error.span or self._place(nodes)
            raise
        if isinstance(self.row, Construction):
            return self.row.build([values], 0)
        return operate(self.row, (values,), 0)

    def _place(self, nodes: Mapping[int, Node]) -> Span | None:
        """The place of the smallest part whose values have no whole-array form; positions are no values."""
        positions: set[int] = set()
        for part in self.parts:
            if isinstance(part, Index):
                positions |= {id(inner) for item in children(part)[1:] for inner in postorder(item)}
        for part in self.parts:
            if id(part) in nodes and id(part) not in positions:
                try:
                    self.batch.whole(nodes[id(part)])
                except HesseError:
                    return part.span
        return self.tree.span

    def requirements(self, found: Sequence[Requirement]) -> list[Requirement]:
        """The conditions on parts of the body that depend on the index, for all its values at once."""
        return [
            Requirement(None, each.relation, self.batch.whole(each.node), id(self.tree))
            for each in found
            if each.home in self.homes and self.batch.depends(each.node)
        ]
