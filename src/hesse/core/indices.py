"""Index algebra: identifying the axes of a nested contraction with labels of the outer one.

`Binding.unify` solves "these two axis expressions are the same position". It answers with the truth or not at all:
`Empty` says that no label assignment satisfies it (the product is zero), and `Stuck` that this cannot be decided
for symbolic sizes, in which case the caller leaves the contraction nested.
"""

from __future__ import annotations

from collections.abc import Iterable

from hesse.core.nodes import Affine, Axis, Fixed, Table
from hesse.core.sizes import ZERO, Size, equal


class Stuck(Exception):
    """The identification cannot be decided or expressed."""


class Empty(Exception):
    """No assignment of labels satisfies the identification."""


def label_of(axis: Axis) -> int | None:
    """The label an axis runs with, or None when it is fixed."""
    if isinstance(axis, int):
        return axis
    return None if isinstance(axis, Fixed) else axis.label


def labels_of(axes: Iterable[Axis]) -> set[int]:
    """The labels that occur in the axes."""
    return {label for axis in axes if (label := label_of(axis)) is not None}


def shifted(axis: Axis, by: int) -> Axis:
    """The axis with its label renamed to label + by."""
    match axis:
        case int():
            return axis + by
        case Fixed():
            return axis
        case Affine(label=label, stride=stride, offset=offset):
            return Affine(label + by, stride, offset)
        case Table(label=label, entries=entries):
            return Table(label + by, entries)


def nonnegative(size: Size) -> bool | None:
    """Whether the size is at least 0 for all size names of at least 1; None when it depends."""
    above = (size + 1).sign()
    if above == 1:
        return True
    return False if size.sign() == -1 else None


class Binding:
    """A growing substitution of labels by axis expressions over other labels."""

    def __init__(self, extents: dict[int, Size]) -> None:
        self.extents = extents
        self.bound: dict[int, Axis] = {}

    def resolve(self, axis: Axis) -> Axis:
        """The axis with every bound label replaced."""
        label = label_of(axis)
        while label is not None and label in self.bound:
            axis = _compose(axis, self.bound[label])
            label = label_of(axis)
        return axis

    def unify(self, left: Axis, right: Axis) -> None:
        """Make both axes the same position. Raises Stuck or Empty."""
        left, right = self.resolve(left), self.resolve(right)
        if left == right:
            return
        if isinstance(right, int):
            self._bind(right, left)
        elif isinstance(left, int):
            self._bind(left, right)
        elif isinstance(left, Fixed) and isinstance(right, Fixed):
            _require(equal(left.position, right.position))
        elif isinstance(left, Fixed) and isinstance(right, Affine):
            self._fix(right, left.position)
        elif isinstance(left, Affine) and isinstance(right, Fixed):
            self._fix(left, right.position)
        elif isinstance(left, Affine) and isinstance(right, Affine):
            self._meet(left, right)
        else:
            raise Stuck

    def _bind(self, label: int, axis: Axis) -> None:
        if label_of(axis) == label:
            # l = s*l + o with s = 1 has no solution unless o = 0; other strides are not needed.
            if isinstance(axis, Affine) and axis.stride == 1 and equal(axis.offset, ZERO) is False:
                raise Empty
            raise Stuck
        self.bound[label] = axis

    def _fix(self, axis: Affine, position: Size) -> None:
        """Solve stride * label + offset = position."""
        if axis.stride not in (1, -1):
            raise Stuck
        solution = (position - axis.offset) * axis.stride
        inside = (nonnegative(solution), nonnegative(self.extents[axis.label] - 1 - solution))
        if False in inside:
            raise Empty
        if None in inside:
            raise Stuck
        self.bound[axis.label] = Fixed(solution)

    def _meet(self, left: Affine, right: Affine) -> None:
        """Intersect two windows."""
        if left.label == right.label:
            if left.stride == right.stride and equal(left.offset, right.offset) is False:
                raise Empty
            raise Stuck
        extent_left, extent_right = self.extents[left.label], self.extents[right.label]
        if left.stride == right.stride and left.offset == right.offset and extent_left == extent_right:
            self.bound[right.label] = left.label
            return
        if left.stride != 1 or right.stride != 1:
            raise Stuck
        low = _larger(left.offset, right.offset)
        high = _smaller(left.offset + extent_left, right.offset + extent_right)
        inside = nonnegative(high - low)
        if inside is None:
            raise Stuck
        if inside is False or equal(high, low):
            raise Empty
        label = max(self.extents) + 1
        self.extents[label] = high - low
        for axis in (left, right):
            start = low - axis.offset
            whole = start == ZERO and self.extents[axis.label] == high - low
            self.bound[axis.label] = label if whole else Affine(label, 1, start)


def _compose(outer: Axis, inner: Axis) -> Axis:
    """`outer` with its label replaced by the position that `inner` gives."""
    match outer, inner:
        case int(), _:
            return inner
        case Affine(stride=stride, offset=offset), int():
            return Affine(inner, stride, offset)
        case Affine(stride=stride, offset=offset), Fixed(position=position):
            return Fixed(position * stride + offset)
        case Affine(stride=stride, offset=offset), Affine(label=label, stride=step, offset=start):
            return Affine(label, stride * step, start * stride + offset)
        case Table(entries=entries), int():
            return Table(inner, entries)
        case _:
            raise Stuck


def _require(same: bool | None) -> None:
    if same is None:
        raise Stuck
    if not same:
        raise Empty


def _larger(left: Size, right: Size) -> Size:
    answer = nonnegative(left - right)
    if answer is None:
        raise Stuck
    return left if answer else right


def _smaller(left: Size, right: Size) -> Size:
    answer = nonnegative(right - left)
    if answer is None:
        raise Stuck
    return left if answer else right
