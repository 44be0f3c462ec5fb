"""Small syntax builders for back-translation: products with numbers in front, chains of matrices, slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

from hesse.core.nodes import Affine, Axis, Cyclic, Fixed, Flat, Table
from hesse.core.sizes import ONE, ZERO, Atom, Size
from hesse.core.syntax import (
    Binary,
    Call,
    Index,
    Name,
    Negative,
    Num,
    Operator,
    Slice,
    Syntax,
    Transpose,
    call,
    children,
    fold,
    number,
)
from hesse.notation.triangles import turned

HALF = Fraction(1, 2)
MANY = 1 << 20
MAX_COMPARED = 64


@dataclass(frozen=True, slots=True)
class Item:
    """A factor of an elementwise product: a matrix chain (often one tree) with an exponent."""

    pieces: tuple[Syntax, ...]
    exponent: Fraction = Fraction(1)

    @property
    def tree(self) -> Syntax:
        """The factor without its exponent."""
        return chain(self.pieces)


def join(operator: Operator, trees: Sequence[Syntax]) -> Syntax:
    """The left-associated chain of a binary operator."""
    return reduce(lambda left, right: Binary(operator, left, right), trees)


def chain(pieces: Sequence[Syntax]) -> Syntax:
    """The matrix product of the pieces."""
    return join("@", pieces)


def power(tree: Syntax, exponent: Fraction) -> Syntax:
    """The tree to a positive power."""
    if exponent == 1:
        return tree
    return call("sqrt", tree) if exponent == HALF else Binary("**", tree, number(exponent))


def raised(tree: Syntax, exponent: Fraction) -> Syntax:
    """The tree to any power, with a fraction bar for negative ones."""
    return power(tree, exponent) if exponent > 0 else Binary("/", number(1), power(tree, -exponent))


def negated(tree: Syntax) -> Syntax:
    """-tree, with the sign at the leftmost factor, where a person writes it."""
    spine: list[Binary] = []
    while isinstance(tree, Binary) and tree.operator in ("*", "/", "@"):
        spine.append(tree)
        tree = tree.left
    result: Syntax = number(-tree.value) if isinstance(tree, Num) else Negative(tree)
    for parent in reversed(spine):
        result = Binary(parent.operator, result, parent.right)
    return result


def product(coefficient: Fraction, items: Sequence[Item]) -> Syntax:
    """coefficient * items, elementwise, with one fraction bar at most."""
    above = [power(item.tree, item.exponent) for item in items if item.exponent > 0]
    below = [power(item.tree, -item.exponent) for item in items if item.exponent < 0]
    return fraction(coefficient, above, below)


def fraction(coefficient: Fraction, above: Sequence[Syntax], below: Sequence[Syntax]) -> Syntax:
    """coefficient * above / below."""
    magnitude = abs(coefficient)
    if is_decimal(magnitude):
        front, under = magnitude, 1
    else:
        front, under = Fraction(magnitude.numerator), magnitude.denominator
    top = list(above)
    if front != 1 or not top:
        top.insert(0, number(front))
    bottom = list(below)
    if under != 1:
        bottom.insert(0, number(under))
    tree = join("*", top)
    if bottom:
        tree = Binary("/", tree, join("*", bottom))
    return negated(tree) if coefficient < 0 else tree


def is_decimal(value: Fraction) -> bool:
    """Whether a number reads better as a decimal than as a fraction: 0.1 and 0.001, but 1/2, 3/4 and 1/3."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1 and value.denominator > 4


def scaled_chain(coefficient: Fraction, scalars: Sequence[Item], pieces: Sequence[Syntax]) -> Syntax:
    """coefficient * scalars * (pieces multiplied as matrices): a bare number stands at the first piece."""
    above = [item for item in scalars if item.exponent > 0]
    below = [power(item.tree, -item.exponent) for item in scalars if item.exponent < 0]
    split = isinstance(pieces[0], Binary) and pieces[0].operator in "*/"
    if above or len(pieces) == 1 or (split and abs(coefficient) != 1):
        return fraction(coefficient, [*(power(i.tree, i.exponent) for i in above), chain(pieces)], below)
    whole = is_decimal(abs(coefficient))
    front = coefficient if whole else Fraction(coefficient.numerator)
    if not whole and coefficient.denominator != 1:
        below.insert(0, number(coefficient.denominator))
    tree = chain([fraction(front, [pieces[0]], []), *pieces[1:]])
    return Binary("/", tree, join("*", below)) if below else tree


def transposed(tree: Syntax) -> Syntax:
    """tree.T, carried out where the transpose can be written directly."""
    match tree:
        case Transpose(operand=operand):
            return operand
        case Call(function="diag" | "eye"):
            return tree
        case Call(function="outer", arguments=(left, right)):
            return call("outer", right, left)
        case Call(function="kron", arguments=arguments):
            sides = [chain([transposed(piece) for piece in reversed(flat(side))]) for side in arguments]
            return call("kron", *sides)
        case _:
            return turned(tree) or Transpose(tree)


def size_tree(size: Size) -> Syntax:
    """A size as an expression."""
    if not size.terms:
        return number(0)
    tree: Syntax | None = None
    for monomial, coefficient in sorted(size.terms, key=lambda term: term[1] < 0):
        factors = [power(_atom_tree(atom), Fraction(exponent)) for atom, exponent in monomial]
        if tree is None:
            tree = fraction(Fraction(coefficient), factors, [])
        else:
            operator: Operator = "+" if coefficient > 0 else "-"
            tree = Binary(operator, tree, fraction(Fraction(abs(coefficient)), factors, []))
    assert tree is not None
    return tree


def _atom_tree(atom: Atom) -> Syntax:
    if isinstance(atom, str):
        return Name(atom)
    return Binary("//", size_tree(atom.numerator), number(atom.divisor))


def indexed(tree: Syntax, axes: Sequence[Axis], shape: Sequence[Size], extents: Sequence[Size]) -> Syntax:
    """tree[...] for the axes that are not plain labels; the labels' extents say how long a window is.

    Rotated axes are rolled; flat axes are left as they are.
    """
    tree = _selected(tree, axes, shape, extents)
    kept = [axis for axis in axes if not isinstance(axis, Fixed)]
    for place, axis in enumerate(kept):
        if isinstance(axis, Cyclic):
            along = place if len(kept) > 1 else None
            tree = call("roll", tree, size_tree(axis.shift * -1), axis=along)
    return tree


def _selected(tree: Syntax, axes: Sequence[Axis], shape: Sequence[Size], extents: Sequence[Size]) -> Syntax:
    tables = [place for place, axis in enumerate(axes) if isinstance(axis, Table)]
    if len(tables) > 1 or (tables and any(isinstance(axis, Fixed) for axis in axes)):
        # Index arrays and numbers in one index go together in NumPy: they are taken one after the other.
        last = tables[-1]
        rest = [axis if place != last else 0 for place, axis in enumerate(axes)]
        kept = [place for place, axis in enumerate(axes) if not isinstance(axis, Fixed)]
        inner = _selected(tree, rest, shape, extents)
        outer: list[Axis] = [axes[last] if place == last else 0 for place in kept]
        return _selected(inner, outer, [shape[place] for place in kept], extents)
    for place, axis in enumerate(axes):
        if isinstance(axis, Affine) and axis.stride < 0 and not _reaches_start(axis, extents):
            return _turned_window(tree, axes, shape, extents, place)
    items: list[Syntax | Slice] = []
    for axis, size in zip(axes, shape, strict=True):
        match axis:
            case int() | Flat() | Cyclic():
                items.append(Slice(None, None, None))
            case Fixed(position=position):
                items.append(_position(position, size))
            case Affine(label=label, stride=stride, offset=offset):
                items.append(_window(offset, extents[label], stride, size))
            case Table(entries=entries):
                items.append(Name(entries.leaves[0]))
    while items and isinstance(items[-1], Slice) and items[-1].start is items[-1].stop is items[-1].step is None:
        items.pop()
    return Index(tree, tuple(items)) if items else tree


def _reaches_start(axis: Affine, extents: Sequence[Size]) -> bool:
    """Whether a reversed window ends at the first entry, so that a slice with a negative step can say it."""
    return axis.stride == -1 and axis.offset - extents[axis.label] + ONE == ZERO


def _turned_window(
    tree: Syntax, axes: Sequence[Axis], shape: Sequence[Size], extents: Sequence[Size], place: int
) -> Syntax:
    """The window read forwards, and then turned: y[t:s+1][::-1]."""
    axis = axes[place]
    assert isinstance(axis, Affine)
    low = axis.offset + (extents[axis.label] - ONE) * axis.stride
    forwards = [Affine(axis.label, -axis.stride, low) if k == place else each for k, each in enumerate(axes)]
    inner = _selected(tree, forwards, shape, extents)
    kept = [k for k, each in enumerate(axes) if not isinstance(each, Fixed)]
    whole = Slice(None, None, None)
    items = [Slice(None, None, number(-1)) if k == place else whole for k in kept if k <= place]
    return Index(inner, tuple(items))


def _position(position: Size, size: Size) -> Syntax:
    from_end = (position - size).as_int()
    return size_tree(position) if from_end is None or position.as_int() is not None else number(from_end)


def _window(start: Size, length: Size, stride: int, size: Size) -> Slice:
    if stride < 0:
        # Reversed windows run down to the first entry only; `start` is the last position.
        first = None if start == size - 1 else _position(start, size)
        return Slice(first, None, number(stride))
    end = start + (length - 1) * stride + ONE
    begin = None if start == ZERO else _position(start, size)
    reaches = (size - end).as_int()
    stop = None if reaches is not None and 0 <= reaches < stride else _position(end, size)
    if stride > 1 and (size - end).as_int() is None and (size - start + stride - 1) // stride == length:
        stop = None
    return Slice(begin, stop, None if stride == 1 else number(stride))


def flat(tree: Syntax) -> list[Syntax]:
    """The pieces of a matrix product."""
    pieces: list[Syntax] = []
    while isinstance(tree, Binary) and tree.operator == "@":
        pieces.append(tree.right)
        tree = tree.left
    return [tree, *reversed(pieces)]


def joined(trees: list[tuple[bool, Syntax]]) -> Syntax:
    """The sum of the trees, those marked with a minus sign."""
    (minus, total), *rest = trees
    if minus:
        total = negated(total)
    for minus, tree in rest:
        total = Binary("-" if minus else "+", total, tree)
    return total


def transposes(tree: Syntax) -> int:
    """How often a transpose is written in the text of the tree."""
    return fold(tree, lambda part, counts: min(sum(counts) + isinstance(part, Transpose), MANY))


def alike(first: Syntax, second: Syntax) -> bool:
    """Whether two trees are written alike, as far as a short look tells."""
    stack = [(first, second)]
    for _ in range(MAX_COMPARED):
        if not stack:
            return True
        left, right = stack.pop()
        if left is right:
            continue
        parts, others = children(left), children(right)
        if type(left) is not type(right) or len(parts) != len(others) or _own(left) != _own(right):
            return False
        stack += zip(parts, others, strict=True)
    return False


def _own(tree: Syntax) -> object:
    """What distinguishes trees of one kind with equal children; trees not listed are never alike."""
    match tree:
        case Name(name=name):
            return name
        case Num(value=value):
            return value
        case Binary(operator=operator):
            return operator
        case Call(function=function, axis=axis):
            return function, axis
        case Negative() | Transpose():
            return None
        case _:
            return object()
