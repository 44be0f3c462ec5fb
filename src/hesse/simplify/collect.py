"""Collecting terms of a sum that differ in one place only: s' (1 - s) - s' s = s' (1 - 2 s).

Terms are collected only where the combined factor is shorter than the two apart, so that products a user wrote out
stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from hesse.core.algebra import add, contract
from hesse.core.build import variable
from hesse.core.canonical import Factor
from hesse.core.nodes import Axis, Contract, Fixed, Node, Shape, Sum
from hesse.core.rebuild import substitute
from hesse.simplify.rewrites import rewrite
from hesse.simplify.shorten import length

MAX_TERMS = 12
Rest: TypeAlias = frozenset[tuple[Node, int]]


@rewrite("collecting terms")
def collect(node: Node) -> Node | None:
    """a u + b u = (a + b) u for terms that differ in one place only."""
    if not isinstance(node, Sum) or not 2 <= len(node.terms) <= MAX_TERMS:
        return None
    if not any(isinstance(factor, Sum) for _, term in node.terms for factor in _factors(term)):
        return None
    rests = Counter(rest for _, term in node.terms for rest in {_rest(term, (k,)) for k in range(len(_factors(term)))})
    seen: dict[Node, list[tuple[int, Fraction, Node]]] = {}
    for k, (coefficient, term) in enumerate(node.terms):
        if not isinstance(term, Contract):
            continue
        for place, (factor, _) in enumerate(term.factors):
            if rests[_rest(term, (place,))] < 2:
                continue
            frame = _frame(term, place)
            for other, weight, partner in seen.get(frame, ()):
                if other != k and _shorter(factor, partner, merged := _merged(coefficient, factor, weight, partner)):
                    whole = substitute(frame, {_hole(factor): merged})
                    rest = [item for j, item in enumerate(node.terms) if j not in (k, other)]
                    return add([*rest, (1, whole)], node.shape)
            seen.setdefault(frame, []).append((k, coefficient, factor))
    return None


def _factors(term: Node) -> tuple[Node, ...]:
    return tuple(factor for factor, _ in term.factors) if isinstance(term, Contract) else ()


def _rest(term: Node, places: tuple[int, ...]) -> Rest:
    """The other factors of a product, whatever their axes: terms with different ones have no frame in common."""
    return frozenset(Counter(factor for k, factor in enumerate(_factors(term)) if k not in places).items())


def _hole(factor: Node) -> Node:
    """A stand-in of the factor's shape, under a name that no text can contain."""
    return variable("?", factor.shape)


def _frame(term: Contract, place: int) -> Node:
    """The term with one factor replaced by the stand-in: the same node for terms that differ there only."""
    factors = [(_hole(f) if k == place else f, axes) for k, (f, axes) in enumerate(term.factors)]
    return contract(factors, term.out, dict(enumerate(term.extents)), term.shape)


def _merged(coefficient: Fraction, factor: Node, weight: Fraction, partner: Node) -> Node:
    return add([(coefficient, factor), (weight, partner)], factor.shape)


def _shorter(factor: Node, partner: Node, merged: Node) -> bool:
    sums = isinstance(factor, Sum) or isinstance(partner, Sum)
    return sums and _length(merged) < _length(factor) + _length(partner)


def _length(node: Node) -> int:
    return len(node.terms) if isinstance(node, Sum) else 1


@dataclass(frozen=True, slots=True)
class Gathered:
    """A sum with some of its terms gathered: the part that they make up, its shorter form, where a part stands, and
    the other terms."""

    part: Node
    short: Node
    put: Callable[[Node], Node]
    rest: tuple[tuple[Fraction, Node], ...]
    shape: Shape

    @property
    def before(self) -> Node:
        """The sum with the part as it is."""
        return add([*self.rest, (1, self.put(self.part))], self.shape)

    @property
    def after(self) -> Node:
        """The sum with the shorter form."""
        return add([*self.rest, (1, self.put(self.short))], self.shape)


Tidy: TypeAlias = Callable[[Node], Node]


def along_axes(node: Node, tidy: Tidy) -> Gathered | None:
    """The sum with terms collected that differ only in what runs along one group of axes, where `tidy` shortens it.

    X_ki X_kj s_k (1 - y_k) - X_ki X_kj y_k (1 - s_k): what runs along k alone is added first.
    """
    if not isinstance(node, Sum) or not 2 <= len(node.terms) <= MAX_TERMS:
        return None
    places = [_groups(term) for _, term in node.terms]
    rests = Counter(rest for groups in places for rest in {rest for rest, _ in groups})
    frames: dict[Node, list[tuple[int, Node]]] = {}
    for k, (coefficient, term) in enumerate(node.terms):
        for rest, members in places[k]:
            if rests[rest] > 1 and isinstance(term, Contract):
                frame, group = _grouped(term, members)
                frames.setdefault(frame, []).append((k, add([(coefficient, group)], group.shape)))
    for frame, found in frames.items():
        used = {k for k, _ in found}
        if len(found) < 2 or len(used) < len(found):
            continue
        parts = [group for _, group in found]
        gathered = _gathered(node, used, parts, lambda part, frame=frame: _filled(frame, part), tidy)  # type: ignore[misc]
        if gathered is not None:
            return gathered
    return None


def at_entries(node: Node, tidy: Tidy) -> Gathered | None:
    """The sum with the terms added that stand at the same fixed place of an array, where `tidy` shortens it."""
    if not isinstance(node, Sum):
        return None
    places: dict[tuple[Fixed | None, ...], list[int]] = {}
    for k, (_, term) in enumerate(node.terms):
        if isinstance(term, Contract) and any(isinstance(axis, Fixed) for axis in term.out):
            place = tuple(axis if isinstance(axis, Fixed) else None for axis in term.out)
            places.setdefault(place, []).append(k)
    for place, members in places.items():
        if not 2 <= len(members) <= MAX_TERMS:
            continue
        parts = [_taken(*node.terms[k]) for k in members]
        gathered = _gathered(node, set(members), parts, lambda part, at=place: _placed(part, at, node.shape), tidy)  # type: ignore[misc]
        if gathered is not None:
            return gathered
    return None


def _gathered(node: Sum, used: set[int], parts: list[Node], put: Callable[[Node], Node], tidy: Tidy) -> Gathered | None:
    plain = add([(1, part) for part in parts], parts[0].shape)
    short = tidy(plain)
    if length(short) >= sum(map(length, parts)):
        return None
    rest = tuple(item for k, item in enumerate(node.terms) if k not in used)
    return Gathered(plain, short, put, rest, node.shape)


def _filled(frame: Node, part: Node) -> Node:
    return substitute(frame, {_hole(part): part})


def _taken(coefficient: Fraction, term: Node) -> Node:
    """What the term places at its fixed positions."""
    assert isinstance(term, Contract)
    kept = [k for k, axis in enumerate(term.out) if not isinstance(axis, Fixed)]
    shape = tuple(term.shape[k] for k in kept)
    taken = contract(term.factors, tuple(term.out[k] for k in kept), dict(enumerate(term.extents)), shape)
    return add([(coefficient, taken)], shape)


def _placed(part: Node, place: tuple[Fixed | None, ...], shape: Shape) -> Node:
    """The part at its fixed place in an array of the shape."""
    labels = iter(range(part.rank))
    out: tuple[Axis, ...] = tuple(next(labels) if axis is None else axis for axis in place)
    return contract([(part, tuple(range(part.rank)))], out, dict(enumerate(part.shape)), shape)


def _groups(term: Node) -> list[tuple[Rest, tuple[int, ...]]]:
    """The factors along the same axes together with all scalars, as (the other factors, places of these)."""
    if not isinstance(term, Contract):
        return []
    groups: dict[tuple[Axis, ...], list[int]] = {}
    for k, (_, axes) in enumerate(term.factors):
        if axes and all(isinstance(axis, int) for axis in axes) and len(set(axes)) == len(axes):
            groups.setdefault(axes, []).append(k)
    if term.out in groups and len(groups[term.out]) == len(term.factors):
        return []
    scalars = [k for k, (_, axes) in enumerate(term.factors) if not axes]
    found = [(*members, *scalars) for members in groups.values()]
    return [(_rest(term, places), places) for places in found]


def _grouped(term: Contract, places: tuple[int, ...]) -> tuple[Node, Node]:
    """The term with a hole for the factors at these places, the last of which are scalars, and their product."""
    first, axes = term.factors[places[0]]
    labels = tuple(range(len(axes)))
    parts: list[Factor] = [(factor, labels if own else ()) for factor, own in (term.factors[k] for k in places)]
    group = contract(parts, labels, dict(enumerate(first.shape)), first.shape)
    rest = [pair for k, pair in enumerate(term.factors) if k not in places]
    frame = contract([*rest, (_hole(group), axes)], term.out, dict(enumerate(term.extents)), term.shape)
    return frame, group
