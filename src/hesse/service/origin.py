"""What of a written expression its derivatives keep: the signs of sums, the order of terms, factors and names."""

from __future__ import annotations

from collections.abc import Iterator

from hesse.core.build import broadcast
from hesse.core.nodes import Contract, Let, Node, Sum, Variable
from hesse.core.syntax import Binary, Syntax
from hesse.core.traverse import postorder
from hesse.frontends.elaborate import Elaboration
from hesse.notation.source import Source
from hesse.simplify.engine import simplify

SUMS, PRODUCTS = ("+", "-"), ("*", "@")
MAX_SIMPLIFIED = 16


def source_of(elaboration: Elaboration, node: Node) -> Source:
    """The source of an expression as it was written, whose simplified node is given."""
    kept = set(postorder(node))
    places: dict[Node, int] = {}
    parts: dict[Node, tuple[Node, ...]] = {}
    for tree, part in elaboration.trees():
        if isinstance(part, Variable):
            places.setdefault(part, len(places))
        elif isinstance(tree, Binary) and isinstance(part, Sum) and tree.operator in SUMS:
            _note(part, list(_terms(tree, part, elaboration)), parts, kept)
        elif isinstance(tree, Binary) and isinstance(part, Contract) and tree.operator in PRODUCTS:
            _note(part, list(_factors(tree, elaboration)), parts, kept)
    names = frozenset(part.name for _, part in elaboration.trees() if isinstance(part, Let))
    return Source(frozenset(part for part in kept if isinstance(part, Sum)), parts, places, names)


def _note(whole: Node, found: list[Node], parts: dict[Node, tuple[Node, ...]], kept: set[Node]) -> None:
    """Note the order of the parts, as they stand in the simplified node."""
    if whole not in kept:
        if len(parts) > MAX_SIMPLIFIED:
            return
        whole, found = simplify(whole), [simplify(part) for part in found]
    parts.setdefault(whole, tuple(found))


def _terms(tree: Binary, whole: Sum, elaboration: Elaboration) -> Iterator[Node]:
    """The terms of the sum in the order in which the tree has them."""
    for part in _flat(tree, SUMS):
        node = broadcast(elaboration.nodes[id(part)], whole.shape)
        yield from (term for _, term in node.terms) if isinstance(node, Sum) else (node,)


def _factors(tree: Binary, elaboration: Elaboration) -> Iterator[Node]:
    """The factors of the product in the order in which the tree has them."""
    for part in _flat(tree, PRODUCTS):
        node = elaboration.nodes[id(part)]
        yield from (factor for factor, _ in node.factors) if isinstance(node, Contract) else (node,)


def _flat(tree: Binary, operators: tuple[str, ...]) -> Iterator[Syntax]:
    """The operands of a chain of the operators, from left to right."""
    stack: list[Syntax] = [tree]
    while stack:
        part = stack.pop()
        if isinstance(part, Binary) and part.operator in operators:
            stack += [part.right, part.left]
        else:
            yield part
