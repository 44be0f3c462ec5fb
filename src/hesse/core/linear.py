"""Carrying linear maps: a rule's partial applied to tangents (forward) and to adjoints (backward)."""

from __future__ import annotations

from hesse.core.algebra import contract, scale
from hesse.core.nodes import Node, Partial, Shape
from hesse.core.sizes import Size


def pushforward(partial: Partial, tangent: Node, shape: Shape) -> Node:
    """The share of the tangent of a node of this shape that comes from the child's; extra axes stay behind."""
    extra = tangent.shape[partial.child.rank :]
    labels, extents = _extra_labels(partial, extra)
    node = contract([*partial.factors, (tangent, partial.hole + labels)], partial.out + labels, extents, shape + extra)
    return scale(partial.coefficient, node)


def pullback(partial: Partial, adjoint: Node, lead: int) -> Node:
    """The share of the child's adjoint that comes from the node's; the first `lead` axes stay in front."""
    extra = adjoint.shape[:lead]
    labels, extents = _extra_labels(partial, extra)
    shape = extra + partial.child.shape
    node = contract([*partial.factors, (adjoint, labels + partial.out)], labels + partial.hole, extents, shape)
    return scale(partial.coefficient, node)


def _extra_labels(partial: Partial, extra: Shape) -> tuple[tuple[int, ...], dict[int, Size]]:
    base = len(partial.extents)
    return tuple(range(base, base + len(extra))), dict(enumerate((*partial.extents, *extra)))
