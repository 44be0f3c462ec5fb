"""Choosing labels: flat axes counted with as few as will do, turns and rotations moved from the result to factors.

None of this changes what a contraction means; it makes contractions that mean the same identical.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from hesse.core.canonical import Factor
from hesse.core.indices import Binding, Stuck, axis_labels, cyclic, labels_of
from hesse.core.nodes import Affine, Axis, Contract, Cyclic, Flat, Node, Shape, Sum
from hesse.core.order import factor_key
from hesse.core.sizes import ONE, ZERO, Size

Relabelled: TypeAlias = tuple[list[Factor], tuple[Axis, ...], dict[int, Size]]


def plain_axis(axis: Axis, size: Size, extents: Mapping[int, Size]) -> Axis:
    """The axis in its shortest form: the whole axis as a window is a plain label, digits of size one do not count."""
    match axis:
        case Affine(label=label, stride=1, offset=offset) if offset == ZERO and extents[label] == size:
            return label
        case Cyclic(label=label, shift=shift):
            return cyclic(label, shift, extents[label])
        case Flat(labels=labels):
            counting = tuple(label for label in labels if extents[label] != ONE) or labels[:1]
            return counting[0] if len(counting) == 1 else Flat(counting)
        case _:
            return axis


def distinct(out: Sequence[Axis]) -> bool:
    """Whether the axes take every position exactly once: plain, flat or rotated, and no label twice."""
    labels = [label for axis in out for label in axis_labels(axis)]
    return len(set(labels)) == len(labels) and all(isinstance(axis, (int, Flat, Cyclic)) for axis in out)


Radices: TypeAlias = tuple[tuple[Size, ...], ...]


def radices(out: Sequence[Axis], extents: Sequence[Size]) -> Radices | None:
    """For each axis the sizes that it counts through, if the result is a reshape of an array; else None."""
    if not distinct(out) or not any(isinstance(axis, Flat) for axis in out):
        return None
    return tuple(tuple(extents[label] for label in axis_labels(axis)) for axis in out)


def flat_axes(pattern: Radices) -> tuple[Axis, ...]:
    """The axes that count so through the labels 0, 1, ..."""
    count = iter(range(sum(map(len, pattern))))
    rows = [tuple(next(count) for _ in counted) for counted in pattern]
    return tuple(row[0] if len(row) == 1 else Flat(row) for row in rows)


def factor_order(factors: Sequence[Factor], out: Sequence[Axis]) -> tuple[int, ...]:
    """The places of the result's labels in the order in which the factors have them."""
    labels = [label for axis in out for label in axis_labels(axis)]
    seen = [label for _, axes in factors for axis in axes for label in axis_labels(axis)]
    return tuple(map(labels.index, dict.fromkeys([*(label for label in seen if label in labels), *labels])))


def fused(
    factors: Sequence[Factor], out: tuple[Axis, ...], extents: Mapping[int, Size], shape: Shape
) -> Relabelled | None:
    """Labels that only ever occur together, in a row, become one; None when there are none such."""
    places = [*zip(out, shape, strict=True)]
    for node, axes in factors:
        places += zip(axes, node.shape, strict=True)
    if not any(isinstance(axis, (Flat, Cyclic)) for axis, _ in places):
        return None
    plain = [plain_axis(axis, size, extents) for axis, size in places]
    pair = _inseparable(plain)
    if pair is None:
        return None if plain == [axis for axis, _ in places] else _rebuilt(factors, plain, extents, len(out))
    first, second = pair
    ranges = {label: size for label, size in extents.items() if label != second}
    ranges[first] = extents[first] * extents[second]
    return _rebuilt(factors, [_without(axis, second) for axis in plain], ranges, len(out))


def _inseparable(axes: Sequence[Axis]) -> tuple[int, int] | None:
    """Two labels of which the second stands directly behind the first wherever either occurs."""
    follows: dict[int, set[int | None]] = {}
    leads: dict[int, set[int | None]] = {}
    for axis in axes:
        row = axis.labels if isinstance(axis, Flat) else ()
        for left, right in pairwise(row):
            follows.setdefault(left, set()).add(right)
            leads.setdefault(right, set()).add(left)
        for label in axis_labels(axis):
            if not row or label == row[-1]:
                follows.setdefault(label, set()).add(None)
            if not row or label == row[0]:
                leads.setdefault(label, set()).add(None)
    for first, after in follows.items():
        (second, *more) = after
        if not more and second is not None and second != first and leads[second] == {first}:
            return first, second
    return None


def _without(axis: Axis, label: int) -> Axis:
    if not isinstance(axis, Flat):
        return axis
    labels = tuple(each for each in axis.labels if each != label)
    return labels[0] if len(labels) == 1 else Flat(labels)


def _rebuilt(factors: Sequence[Factor], axes: Sequence[Axis], extents: Mapping[int, Size], rank: int) -> Relabelled:
    """The contraction with the axes of the result, then those of the factors, replaced in order."""
    rest = iter(axes[rank:])
    return [(node, tuple(next(rest) for _ in old)) for node, old in factors], tuple(axes[:rank]), dict(extents)


def straightened(
    factors: Sequence[Factor], out: tuple[Axis, ...], extents: Mapping[int, Size], shape: Shape
) -> Relabelled | None:
    """A turn or rotation of the result, or of the first factor of a sum, undone by turning the others; None without."""
    every = (*out, *(axis for _, axes in factors for axis in axes))
    if not any(isinstance(axis, Cyclic) or (isinstance(axis, Affine) and axis.stride == -1) for axis in every):
        return None
    seen: set[int] = set()
    candidates = list(zip(out, shape, strict=True))
    for node, axes in sorted(factors, key=lambda factor: factor_key(factor[0])):
        candidates += zip(axes, node.shape, strict=True)
    for axis, size in candidates:
        fresh = seen.isdisjoint(axis_labels(axis))
        seen.update(axis_labels(axis))
        undone = _inverse(axis, size, extents) if fresh else None
        if undone is not None:
            changed = _substituted(factors, out, extents, shape, *undone)
            if changed is not None:
                return changed
    return None


def _inverse(axis: Axis, size: Size, extents: Mapping[int, Size]) -> tuple[int, Axis] | None:
    """(label, what to put in its place so that the axis runs in order) for a turn of the whole axis or a rotation."""
    match axis:
        case Affine(label=label, stride=-1, offset=offset) if extents[label] == size and offset == size - 1:
            return label, axis
        case Cyclic(label=label, shift=shift):
            return label, cyclic(label, shift * -1, extents[label])
        case _:
            return None


def _substituted(
    factors: Sequence[Factor],
    out: tuple[Axis, ...],
    extents: Mapping[int, Size],
    shape: Shape,
    label: int,
    value: Axis,
) -> Relabelled | None:
    """The contraction with a label running in another order; None where an axis cannot express it."""
    # The new label must have a name of its own while the old one is replaced.
    fresh = max(extents) + 1
    binding = Binding({**extents, fresh: extents[label]})
    match value:
        case Affine(stride=stride, offset=offset):
            binding.bound[label] = Affine(fresh, stride, offset)
        case Cyclic(shift=shift):
            binding.bound[label] = Cyclic(fresh, shift)
        case _:
            return None

    def resolved(axes: Sequence[Axis], sizes: Shape) -> tuple[Axis, ...]:
        pairs = zip(axes, sizes, strict=True)
        return tuple(plain_axis(binding.resolve(axis), size, binding.extents) for axis, size in pairs)

    try:
        changed = [(node, resolved(axes, node.shape)) for node, axes in factors]
        result = resolved(out, shape)
    except Stuck:
        return None
    return changed, result, {each: size for each, size in binding.extents.items() if each != label}


def components(factors: Sequence[Factor]) -> list[list[Factor]]:
    """The factors in groups that share no label."""
    parts: list[tuple[set[int], list[Factor]]] = []
    for factor in factors:
        labels, members = labels_of(factor[1]), [factor]
        apart = []
        for other_labels, other_members in parts:
            if labels & other_labels:
                labels, members = labels | other_labels, other_members + members
            else:
                apart.append((other_labels, other_members))
        parts = [*apart, (labels, members)]
    return [members for _, members in parts]


def rotated_terms(factors: Sequence[Factor]) -> tuple[tuple[Fraction, Node], ...]:
    """The terms of a sum that is rotated as a whole, when some are rotated themselves and may be turned back."""
    if len(factors) != 1:
        return ()
    ((node, axes),) = factors
    if not isinstance(node, Sum) or not any(isinstance(axis, Cyclic) for axis in axes):
        return ()
    inner = [axis for _, t in node.terms if isinstance(t, Contract) for _, places in t.factors for axis in places]
    return node.terms if any(isinstance(axis, Cyclic) for axis in inner) else ()


def is_elementwise(node: Contract) -> bool:
    """Whether each entry of the result is one product: no label is summed, none stands for a delta or a placement."""
    plain = [axis for axis in node.out if isinstance(axis, int)]
    return len(plain) == len(set(plain)) == node.rank and len(node.extents) == node.rank


def is_structured(term: Node) -> bool:
    """Whether the term is zero off a diagonal, a window, a gather or an entry; scalar factors do not hide it.

    They would be taken out of the sum, and what then shows must not be multiplied out again.
    """
    while isinstance(term, Contract):
        if not distinct(term.out):
            return True
        arrays = [node for node, _ in term.factors if node.shape]
        if len(arrays) != 1 or len(arrays) == len(term.factors):
            return False
        term = arrays[0]
    return False


def structured_sums(factors: Sequence[Factor], out: Sequence[Axis], fits: Callable[[Node], bool]) -> list[Sum]:
    """The factors that are sums with a term that fits into the product and whose structure helps there."""
    if len(factors) == 1 and distinct(out) and any(isinstance(axis, Flat) for axis in out):
        return []
    return [
        node
        for node, axes in factors
        if isinstance(node, Sum) and any(fits(t) and is_structured(t) and _shows(t, axes) for _, t in node.terms)
    ]


def _shows(term: Node, axes: Sequence[Axis]) -> bool:
    """Whether the structure of a term shows through these axes: a window does not through a flat axis."""
    pairs = zip(axes, term.out, strict=True) if isinstance(term, Contract) else ()
    return not any(isinstance(axis, Flat) and isinstance(inside, Affine) for axis, inside in pairs)
