"""Canonical labels: contractions that differ only by the names of indices or the order of factors become identical.

Labels of the result are numbered by position, summed labels by colour refinement; what refinement cannot tell apart
is individualised one label at a time. Factors are sorted by content first, so that for distinct factors no
refinement is needed at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hesse.core.indices import axis_labels, renamed
from hesse.core.nodes import Affine, Axis, Cyclic, Fixed, Flat, Node, Table
from hesse.core.order import factor_key
from hesse.core.sizes import Size

Factor: TypeAlias = tuple[Node, tuple[Axis, ...]]
Labelled: TypeAlias = tuple[tuple[Factor, ...], tuple[Axis, ...], tuple[Size, ...]]


def canonical(factors: Sequence[Factor], out: tuple[Axis, ...], extents: Mapping[int, Size]) -> Labelled:
    """The same contraction with factors in canonical order and labels 0, 1, ... in canonical numbering."""
    classes = {node: k for k, node in enumerate(sorted({node for node, _ in factors}, key=factor_key))}
    ranked = sorted(((classes[node], node, axes) for node, axes in factors), key=lambda item: item[0])
    if len(classes) < len(ranked):
        colours = label_colours([(k, axes) for k, _, axes in ranked], out, extents)
        ranked.sort(key=lambda item: (item[0], [_signature(axis, colours) for axis in item[2]]))
    numbering: dict[int, int] = {}
    for axis in (*out, *(axis for _, _, axes in ranked for axis in axes)):
        for label in axis_labels(axis):
            numbering.setdefault(label, len(numbering))
    name = numbering.__getitem__
    relabelled = tuple((node, tuple(renamed(axis, name) for axis in axes)) for _, node, axes in ranked)
    sizes = tuple(extents[label] for label in numbering)
    return relabelled, tuple(renamed(axis, name) for axis in out), sizes


Signature: TypeAlias = tuple[int, str, tuple[int, ...]]


def _signature(axis: Axis, colours: Mapping[int, int]) -> Signature:
    """How an axis looks when labels are known by their colours only."""
    match axis:
        case int():
            return (0, "", (colours[axis],))
        case Fixed(position=position):
            return (1, str(position), ())
        case Affine(label=label, stride=stride, offset=offset):
            return (2, f"{stride},{offset}", (colours[label],))
        case Table(label=label, entries=entries):
            return (3, entries.digest.hex(), (colours[label],))
        case Flat(labels=labels):
            return (4, "", tuple(colours[label] for label in labels))
        case Cyclic(label=label, shift=shift):
            return (5, str(shift), (colours[label],))


def label_colours(
    factors: Sequence[tuple[int, tuple[Axis, ...]]], out: tuple[Axis, ...], extents: Mapping[int, Size]
) -> dict[int, int]:
    """A distinct colour for every label, the same for every naming of the labels."""
    uses = Counter(label for _, axes in factors for axis in axes for label in axis_labels(axis))
    position: dict[int, tuple[int, int]] = {}
    for place, axis in enumerate(out):
        for digit, label in enumerate(axis_labels(axis)):
            position.setdefault(label, (place, digit))
    labels = sorted(set(uses) | set(position))
    initial = {label: (position.get(label, (len(out), 0)), str(extents[label]), uses[label]) for label in labels}
    colours = _ranks(initial)
    while True:
        colours = _refined(colours, factors)
        ties = Counter(colours.values())
        tied = sorted(colour for colour, count in ties.items() if count > 1)
        if not tied:
            return colours
        chosen = next(label for label in labels if colours[label] == tied[0])
        colours = _ranks({label: (2 * colours[label] - (label == chosen),) for label in labels})


def _refined(colours: dict[int, int], factors: Sequence[tuple[int, tuple[Axis, ...]]]) -> dict[int, int]:
    """Split colour classes by the factors in which labels stand, until nothing splits."""
    while True:
        surroundings: dict[int, list[tuple[int, tuple[int, int], list[Signature]]]] = {label: [] for label in colours}
        for kind, axes in factors:
            seen = [_signature(axis, colours) for axis in axes]
            for place, axis in enumerate(axes):
                for digit, label in enumerate(axis_labels(axis)):
                    surroundings[label].append((kind, (place, digit), seen))
        finer = _ranks({label: (colours[label], sorted(surroundings[label])) for label in colours})
        if len(set(finer.values())) == len(set(colours.values())):
            return finer
        colours = finer


def _ranks(keys: Mapping[int, object]) -> dict[int, int]:
    """Each label's place in the order of the distinct keys."""
    distinct: list[object] = []
    for key in sorted(keys.values()):  # type: ignore[type-var]
        if not distinct or distinct[-1] != key:
            distinct.append(key)
    return {label: distinct.index(key) for label, key in keys.items()}
