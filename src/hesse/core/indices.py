"""Index algebra: identifying the axes of a nested contraction with labels of the outer one.

`Binding.unify` solves "these two axis expressions are the same position". It answers with the truth or not at all:
`Empty` says that no label assignment satisfies it (the product is zero), and `Stuck` that this cannot be decided
for symbolic sizes, in which case the caller leaves the contraction nested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from hesse.core.nodes import Affine, Axis, Cyclic, Fixed, Flat, Table
from hesse.core.sizes import ZERO, Size, equal, product


class Stuck(Exception):
    """The identification cannot be decided or expressed."""


class Empty(Exception):
    """No assignment of labels satisfies the identification."""


def axis_labels(axis: Axis) -> tuple[int, ...]:
    """The labels an axis runs with: none when it is fixed, several when it is flat."""
    match axis:
        case int():
            return (axis,)
        case Fixed():
            return ()
        case Flat(labels=labels):
            return labels
        case Affine(label=label) | Table(label=label) | Cyclic(label=label):
            return (label,)


def labels_of(axes: Iterable[Axis]) -> set[int]:
    """The labels that occur in the axes."""
    return {label for axis in axes for label in axis_labels(axis)}


def renamed(axis: Axis, name: Callable[[int], int]) -> Axis:
    """The axis with each label replaced by `name(label)`."""
    match axis:
        case int():
            return name(axis)
        case Fixed():
            return axis
        case Affine(label=label, stride=stride, offset=offset):
            return Affine(name(label), stride, offset)
        case Table(label=label, entries=entries):
            return Table(name(label), entries)
        case Flat(labels=labels):
            return Flat(tuple(map(name, labels)))
        case Cyclic(label=label, shift=shift):
            return Cyclic(name(label), shift)


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
        """The axis with every bound label replaced. Raises Stuck where no axis says what comes out."""
        while any(label in self.bound for label in axis_labels(axis)):
            if isinstance(axis, Flat):
                axis = self._spliced(axis)
            else:
                (label,) = axis_labels(axis)
                axis = _compose(axis, self.bound[label], self.extents[label])
        return axis

    def _spliced(self, axis: Flat) -> Axis:
        labels: list[int] = []
        for label in axis.labels:
            match self.resolve(label):
                case int() as plain:
                    labels.append(plain)
                case Flat(labels=inner):
                    labels += inner
                case _:
                    raise Stuck
        return Flat(tuple(labels))

    def unify(self, left: Axis, right: Axis) -> None:
        """Make both axes the same position. Raises Stuck or Empty."""
        left, right = self.resolve(left), self.resolve(right)
        if left == right:
            return
        match left, right:
            case (other, int() as label) | (int() as label, other):
                self._bind(label, other)
            case Fixed(position=one), Fixed(position=two):
                _require(equal(one, two))
            case (Fixed(position=position), other) | (other, Fixed(position=position)):
                self._fix(other, position)
            case Affine() as one, Affine() as two:
                self._meet(one, two)
            case Flat() as one, Flat() as two:
                self._align(one, two)
            case Cyclic(label=a, shift=s), Cyclic(label=b, shift=t) if a != b:
                self._bind(a, cyclic(b, t - s, self.extents[b]))
            case _:
                raise Stuck

    def _bind(self, label: int, axis: Axis) -> None:
        if label in axis_labels(axis):
            # l = s*l + o with s = 1 has no solution unless o = 0; other strides are not needed.
            if isinstance(axis, Affine) and axis.stride == 1 and equal(axis.offset, ZERO) is False:
                raise Empty
            raise Stuck
        if isinstance(axis, Flat) and equal(self.extents[label], self._size(axis.labels)) is not True:
            raise Stuck
        self.bound[label] = axis

    def _size(self, labels: Iterable[int]) -> Size:
        return product(tuple(self.extents[label] for label in labels))

    def _fix(self, axis: Axis, position: Size) -> None:
        """Solve axis = position."""
        match axis:
            case Affine():
                self._fix_window(axis, position)
            case Cyclic(label=label, shift=shift):
                self.bound[label] = Fixed(_around(position - shift, self.extents[label]))
            case Flat(labels=labels):
                for label, digit in zip(labels, self._digits(labels, position), strict=True):
                    self.unify(label, Fixed(digit))
            case _:
                raise Stuck

    def _digits(self, labels: Sequence[int], position: Size) -> list[Size]:
        """The labels at a position, for numbers and at the start."""
        if position == ZERO:
            return [ZERO] * len(labels)
        rest, radices = position.as_int(), [self.extents[label].as_int() for label in labels]
        digits: list[Size] = []
        for radix in reversed(radices):
            if rest is None or radix is None:
                raise Stuck
            rest, digit = divmod(rest, radix)
            digits.append(Size.of(digit))
        return digits[::-1]

    def _align(self, left: Flat, right: Flat) -> None:
        """Cut two ways of counting wherever they have counted equally far; one label may face several."""
        ends = {self._size(right.labels[k:]): k for k in range(len(right.labels))}
        cuts = [(k, ends[size]) for k in range(len(left.labels)) if (size := self._size(left.labels[k:])) in ends]
        if not cuts or cuts[0] != (0, 0) or (len(cuts) == 1 and len(left.labels) > 1 and len(right.labels) > 1):
            raise Stuck
        stops = [*cuts[1:], (len(left.labels), len(right.labels))]
        for (i, j), (p, q) in zip(cuts, stops, strict=True):
            self.unify(_run(left.labels[i:p]), _run(right.labels[j:q]))

    def _fix_window(self, axis: Affine, position: Size) -> None:
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


def cyclic(label: int, shift: Size, extent: Size) -> Axis:
    """The rotated axis, with a small shift where it is known; a rotation by nothing is the plain label."""
    whole = extent.as_int()
    shifts = [shift, shift - extent, shift + extent]
    known = [value for each in shifts if (value := each.as_int()) is not None]
    if known:
        shift = Size.of(known[0] % whole if whole else min(known, key=abs))
    return label if shift == ZERO else Cyclic(label, shift)


def _around(position: Size, extent: Size) -> Size:
    """The position modulo the extent. Raises Stuck where the number of turns is unknown."""
    if position.as_int() is not None and extent.as_int():
        return Size.of((position.as_int() or 0) % (extent.as_int() or 1))
    for turned in (position, position + extent, position - extent):
        if nonnegative(turned) and nonnegative(extent - 1 - turned):
            return turned
    raise Stuck


def _run(labels: tuple[int, ...]) -> Axis:
    return labels[0] if len(labels) == 1 else Flat(labels)


def _compose(outer: Axis, inner: Axis, extent: Size) -> Axis:
    """`outer` with its label, of this extent, replaced by the position that `inner` gives."""
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
        case Cyclic(shift=shift), int():
            return Cyclic(inner, shift)
        case Cyclic(shift=shift), Fixed(position=position):
            return Fixed(_around(position + shift, extent))
        case Cyclic(shift=shift), Cyclic(label=label, shift=first):
            return cyclic(label, first + shift, extent)
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
