"""Masks of triangles in products: their entries are 0 and 1, known along a diagonal, and turned they are transposed."""

from __future__ import annotations

from itertools import combinations

from hesse.core.algebra import contract, number_value, zero
from hesse.core.indices import nonnegative
from hesse.core.nodes import Affine, Axis, Contract, Fixed, Node, Operation, Power
from hesse.core.sizes import ZERO, Size
from hesse.functions.masks import MASK
from hesse.simplify.rewrites import rewrite


def _is_mask(node: Node) -> bool:
    return isinstance(node, Operation) and node.row is MASK


@rewrite("powers of zeros and ones")
def power_of_mask(node: Node) -> Node | None:
    """The entries of a mask are 0 and 1: its positive powers are the mask."""
    match node:
        case Power(base=base, exponent=exponent) if _is_mask(base) and exponent > 0:
            return base
    return None


@rewrite("a triangle turned around")
def turned_mask(node: Node) -> Node | None:
    """A square mask with both axes in reverse order is its transpose."""
    for k, (factor, axes) in enumerate(node.factors if isinstance(node, Contract) else ()):
        if not _is_mask(factor) or factor.shape[0] != factor.shape[1]:
            continue
        match axes:
            case (Affine(label=row, stride=-1, offset=p), Affine(label=column, stride=-1, offset=q)) if p == q:
                if p == factor.shape[0] - 1:
                    return _with(node, k, [(factor, (column, row))])
    return None


@rewrite("a triangle along a diagonal")
def mask_along_a_diagonal(node: Node) -> Node | None:
    """Where a mask is read along one diagonal only, it is 0 or 1."""
    for k, (factor, axes) in enumerate(node.factors if isinstance(node, Contract) else ()):
        place = _diagonal(*axes) if _is_mask(factor) else None
        offset = _offset(factor) if place is not None else None
        inside = nonnegative(offset - place) if offset is not None and place is not None else None
        if inside is not None:
            return _with(node, k, []) if inside else zero(node.shape)
    return None


@rewrite("triangles combine")
def masks_together(node: Node) -> Node | None:
    """Of two masks read at the same places the smaller one is left; of opposite ones the diagonal, or nothing."""
    masks = [
        (k, *pair) for k, pair in enumerate(node.factors if isinstance(node, Contract) else ()) if _is_mask(pair[0])
    ]
    for (k, first, axes), (other, second, places) in combinations(masks, 2):
        p, q = _offset(first), _offset(second)
        if p is None or q is None:
            continue
        if axes == places:
            smaller = nonnegative(q - p)
            if smaller is not None:
                return _with(node, other if smaller else k, [])
        elif axes == places[::-1]:
            # column - row <= p and row - column <= q
            if nonnegative((p + q + 1) * -1):
                return zero(node.shape)
            if p == q == ZERO and first.shape[0] == first.shape[1]:
                eye = contract([], (0, 0), {0: first.shape[0]}, first.shape)
                return _with(node, k, [(eye, axes)], without=other)
    return None


def _diagonal(row: Axis, column: Axis) -> Size | None:
    """Column - row, where it is the same for all labels."""
    match row, column:
        case int(), int() if row == column:
            return ZERO
        case Fixed(position=i), Fixed(position=j):
            return j - i
        case Affine(label=a, stride=s, offset=p), Affine(label=b, stride=t, offset=q) if a == b and s == t:
            return q - p
        case _:
            return None


def _offset(node: Node) -> Size | None:
    """The offset of a mask, where it is a number."""
    assert isinstance(node, Operation)
    _, *offset = node.arguments
    value = number_value(offset[0]) if offset else 0
    return None if value is None else Size.of(int(value))


def _with(node: Node, place: int, factors: list[tuple[Node, tuple[Axis, ...]]], without: int | None = None) -> Node:
    """The product with other factors in the place of one; labels that only it had are still summed over."""
    assert isinstance(node, Contract)
    kept = [pair for k, pair in enumerate(node.factors) if k not in (place, without)]
    return contract([*kept, *factors], node.out, dict(enumerate(node.extents)), node.shape)


RULES = (power_of_mask, turned_mask, mask_along_a_diagonal, masks_together)
