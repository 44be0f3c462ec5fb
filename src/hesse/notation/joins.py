"""Sums whose terms fill an axis piece by piece: arrays joined end to end, or stacked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from hesse.core.algebra import add, contract
from hesse.core.nodes import Affine, Axis, Contract, Fixed, Node
from hesse.core.sizes import ONE, ZERO, Size
from hesse.notation.factoring import Term

Window: TypeAlias = tuple[Size, Size]
"""Start and length."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Arrays along an axis: `new` says that they are stacked along it."""

    axis: int
    new: bool
    pieces: tuple[Node, ...]


def joined(terms: tuple[Term, ...], rank: int) -> Joined | None:
    """The pieces that the terms place one after the other along an axis; None when they leave gaps or overlap."""
    if len(terms) < 2:
        return None
    for axis in range(rank):
        found: dict[Window, list[Term]] = {}
        for coefficient, term in terms:
            window = _window(term, axis)
            if window is None:
                break
            found.setdefault(window, []).append((coefficient, term))
        else:
            order = _tiling(set(found), terms[0][1].shape[axis])
            if order is not None and len(order) > 1:
                new = all(_fixed(term, axis) for _, term in terms)
                return Joined(axis, new, tuple(_piece(found[window], axis, window, new) for window in order))
    return None


def _fixed(term: Node, axis: int) -> bool:
    return isinstance(term, Contract) and isinstance(term.out[axis], Fixed)


def _window(term: Node, axis: int) -> Window | None:
    """Where along the axis the term is placed; None unless it runs along all others in order."""
    if not isinstance(term, Contract):
        return None
    if not all(isinstance(each, int) for k, each in enumerate(term.out) if k != axis):
        return None
    match term.out[axis]:
        case Fixed(position=position):
            return position, ONE
        case Affine(label=label, stride=1, offset=offset):
            return offset, term.extents[label]
        case _:
            return None


def _tiling(windows: set[Window], size: Size) -> list[Window] | None:
    """The windows in order, if they fill the axis without gaps or overlaps."""
    starts = dict(windows)
    order: list[Window] = []
    position = ZERO
    while len(starts) == len(windows) and position in starts and len(order) < len(windows):
        order.append((position, starts[position]))
        position = position + starts[position]
    return order if position == size and len(order) == len(windows) else None


def _piece(terms: list[Term], axis: int, window: Window, new: bool) -> Node:
    """What the terms place in the window."""
    _, length = window
    pieces: list[Term] = []
    shape = terms[0][1].shape
    shape = (*shape[:axis], *(() if new else (length,)), *shape[axis + 1 :])
    for coefficient, term in terms:
        assert isinstance(term, Contract)
        place = term.out[axis]
        middle: tuple[Axis, ...] = (place.label,) if isinstance(place, Affine) else () if new else (Fixed(ZERO),)
        out = (*term.out[:axis], *middle, *term.out[axis + 1 :])
        pieces.append((coefficient, contract(term.factors, out, dict(enumerate(term.extents)), shape)))
    return add(pieces, shape)
