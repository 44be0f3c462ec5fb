"""How a term stands in a sum: which repeated axes broadcasting supplies, what reads as a matrix, what is transposed."""

from __future__ import annotations

from hesse.core.algebra import add, is_one, squeeze
from hesse.core.build import transpose
from hesse.core.nodes import Contract, Node, Sum


def shortened(node: Node, *, keep_scalars: bool = False) -> Node:
    """The node without the leading axes along which NumPy's broadcasting repeats it anyway."""
    axes = node.constant_axes
    lead = 0
    while lead in axes:
        lead += 1
    if lead == node.rank and keep_scalars:
        return node
    return squeeze(node, frozenset(range(lead)))


def is_diagonal(node: Node) -> bool:
    """Whether the term is zero off a diagonal: beside it a repeated row must be written as a matrix."""
    return isinstance(node, Contract) and len(set(node.out)) < len(node.out)


def is_constant(node: Node) -> bool:
    """Whether all entries are the same by construction."""
    return len(node.constant_axes) == node.rank


def is_matrix_like(node: Node) -> bool:
    """Whether the term is a matrix product, an outer product or a diagonal, beside which a bare number misleads."""
    return isinstance(node, Contract) and not is_one(node) and _mixes(node)


def _mixes(node: Contract) -> bool:
    plain = tuple(range(node.rank))
    return node.out != plain or any(axes not in (plain, ()) for _, axes in node.factors)


def turns(node: Node) -> int:
    """How many factors stand transposed."""
    if not isinstance(node, Contract):
        return 0
    plain = [axes for _, axes in node.factors if all(isinstance(axis, int) for axis in axes)]
    return sum(len(axes) == 2 and axes[0] > axes[1] for axes in plain)  # type: ignore[operator]


def turned_around(node: Node) -> Node:
    """The transpose of a matrix, in a sum term by term."""
    if isinstance(node, Sum):
        return add([(coefficient, transpose(term)) for coefficient, term in node.terms], node.shape[::-1])
    return transpose(node)
