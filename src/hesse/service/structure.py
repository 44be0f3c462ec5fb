"""Proved facts about a result's shape of zeros and symmetry, read off its index form."""

from __future__ import annotations

from hesse.core.build import transpose
from hesse.core.nodes import Affine, Call, Contract, Node, Sum, Variable
from hesse.core.sizes import equal
from hesse.core.traverse import postorder
from hesse.simplify.engine import apply_facts


def structure(node: Node) -> tuple[str, ...]:
    """The facts that hold for all values, in alphabetical order: constant, diagonal, symmetric, banded, tridiagonal."""
    facts: set[str] = set()
    node = apply_facts(node)
    if not any(isinstance(part, (Variable, Call)) for part in postorder(node)):
        facts.add("constant")
    if node.rank == 2 and equal(*node.shape):
        terms = [term for _, term in node.terms] if isinstance(node, Sum) else [node]
        offsets = [_offset(term) for term in terms]
        if all(offset == 0 for offset in offsets):
            facts.add("diagonal")
        elif all(offset is not None for offset in offsets):
            width = max(abs(offset) for offset in offsets if offset is not None)
            facts.add("tridiagonal" if width == 1 else "banded")
        if apply_facts(transpose(node)) is node:
            facts.add("symmetric")
    return tuple(sorted(facts))


def _offset(term: Node) -> int | None:
    """How far from the main diagonal the term's only diagonal lies, or None when it has more."""
    if not isinstance(term, Contract):
        return None
    row, column = term.out
    match row, column:
        case int(), int() if row == column:
            return 0
        case Affine(label=a, stride=s, offset=p), Affine(label=b, stride=t, offset=q) if a == b and s == t:
            return (q - p).as_int()
        case _:
            return None
