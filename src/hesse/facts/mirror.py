"""Products that read the same from both sides: which label mirrors which, and which factors face each other.

With the axes of the result in two halves, a mirror image is an involution of the labels that swaps the halves and maps
factors to factors. Labels that are their own image are shared by both sides; what stands on them alone is a weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hesse.core.canonical import Factor
from hesse.core.indices import axis_labels, labels_of
from hesse.core.nodes import Affine, Axis, Fixed, Table
from hesse.facts.symmetry import symmetries
from hesse.facts.terms import Term

MAX_FACTORS = 8
Image: TypeAlias = dict[int, int]
Pairing: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Mirror:
    """`image` maps labels to labels; `weights` stand on shared labels, `bridges` are symmetric matrices between a
    label and its image, `pairs` are factors on one side with their images on the other.
    """

    image: Mapping[int, int]
    weights: tuple[Factor, ...]
    bridges: tuple[Factor, ...]
    pairs: tuple[tuple[Factor, Factor], ...]


def mirrors(term: Term) -> Iterator[Mirror]:
    """The mirror images of a term in which each factor stands on one side only, on shared labels, or is a bridge."""
    if len(term.out) % 2 or len(term.factors) > MAX_FACTORS:
        return
    half = len(term.out) // 2
    image: Image | None = {}
    for left, right in zip(term.out[:half], term.out[half:], strict=True):
        image = None if image is None else _matched(left, right, image)
    if image is None:
        return
    for found, pairing in _completions(term.factors, image):
        mirror = _sorted(term, found, pairing)
        if mirror is not None and _has_two_sides(term, mirror):
            yield mirror


def _matched(left: Axis, right: Axis, image: Image) -> Image | None:
    """The image extended so that one axis is the mirror image of the other, or None."""
    match left, right:
        case Fixed(position=a), Fixed(position=b):
            return image if a == b else None
        case Affine(stride=s, offset=p), Affine(stride=t, offset=q) if s == t and p == q:
            return _bound(left.label, right.label, image)
        case Table(entries=a), Table(entries=b) if a is b:
            return _bound(left.label, right.label, image)
        case int(), int():
            return _bound(left, right, image)
        case _:
            return None


def _bound(a: int, b: int, image: Image) -> Image | None:
    if image.get(a, b) != b or image.get(b, a) != a:
        return None
    return {**image, a: b, b: a}


def _completions(factors: tuple[Factor, ...], image: Image) -> Iterator[tuple[Image, Pairing]]:
    """All ways to map the factors to each other, with the labels that this fixes."""
    stack: list[tuple[tuple[int, ...], Image, Pairing]] = [(tuple(range(len(factors))), image, ())]
    while stack:
        left, known, pairing = stack.pop()
        if not left:
            yield known, pairing
            continue
        # A factor with labels whose images are known has the fewest choices.
        first = max(left, key=lambda k: (sum(each in known for a in factors[k][1] for each in axis_labels(a)), -k))
        for other in reversed(left):
            for extended in _facing(factors[first], factors[other], known):
                rest = tuple(k for k in left if k not in (first, other))
                stack.append((rest, extended, (*pairing, (first, other))))


def _facing(one: Factor, other: Factor, image: Image) -> Iterator[Image]:
    """The images under which the other factor is the mirror image of the one."""
    if one[0] is not other[0]:
        return
    for order in symmetries(one[0]):
        found: Image | None = image
        for place, axis in enumerate(one[1]):
            found = None if found is None else _matched(axis, other[1][order[place]], found)
        if found is not None:
            yield found


def _sorted(term: Term, image: Image, pairing: Pairing) -> Mirror | None:
    """The factors by the part they play; None where one reaches across and is no plain matrix."""
    weights: list[Factor] = []
    bridges: list[Factor] = []
    pairs: list[tuple[Factor, Factor]] = []
    for one, other in pairing:
        node, axes = term.factors[one]
        if all(image[label] == label for label in labels_of(axes)):
            weights += [term.factors[k] for k in sorted({one, other})]
        elif one != other:
            pairs.append((term.factors[one], term.factors[other]))
        elif node.rank == 2 and all(isinstance(axis, int) for axis in axes):
            bridges.append((node, axes))
        else:
            return None
    complete = {label: image.get(label, label) for label in range(len(term.extents))}
    return Mirror(complete, tuple(weights), tuple(bridges), tuple(pairs))


def _has_two_sides(term: Term, mirror: Mirror) -> bool:
    """Whether the labels divide into two sides such that each factor, and each half of the result, is on one."""
    parent = {label: label for label in mirror.image}

    def find(label: int) -> int:
        while parent[label] != label:
            label = parent[label]
        return label

    half = len(term.out) // 2
    for axes in (term.out[:half], term.out[half:], *(axes for pair in mirror.pairs for _, axes in pair)):
        labels = [label for axis in axes for label in axis_labels(axis) if mirror.image[label] != label]
        for label in labels[1:]:
            parent[find(labels[0])] = find(label)
    return all(find(label) != find(other) for label, other in mirror.image.items() if label != other)
