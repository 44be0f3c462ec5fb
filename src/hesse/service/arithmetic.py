"""The operators of expressions: each composes the trees of its operands under joint declarations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction
from numbers import Rational, Real
from typing import Self

from hesse.core.build import common_shape, matmul_shape
from hesse.core.exact import decimal
from hesse.core.nodes import Shape
from hesse.core.sizes import Size
from hesse.core.syntax import Binary, Index, Negative, Operator, Stack, Syntax, Transpose, number
from hesse.errors import ArgumentError
from hesse.frontends.misreadings import refuse_scaling
from hesse.service.composition import Part, composed


class Arithmetic(ABC):
    """What composes with others of its kind, and with numbers, by Python's operators."""

    # NumPy must not take an expression for an entry of an object array: array * expression is refused.
    __array_ufunc__ = None

    @property
    @abstractmethod
    def part(self) -> Part:
        """The expression as data."""

    @classmethod
    @abstractmethod
    def of_part(cls, part: Part) -> Self:
        """The expression that the data stand for."""

    def __add__(self, other: object) -> Self:
        return self._binary("+", self, other)

    def __radd__(self, other: object) -> Self:
        return self._binary("+", other, self)

    def __sub__(self, other: object) -> Self:
        return self._binary("-", self, other)

    def __rsub__(self, other: object) -> Self:
        return self._binary("-", other, self)

    def __mul__(self, other: object) -> Self:
        return self._binary("*", self, other)

    def __rmul__(self, other: object) -> Self:
        return self._binary("*", other, self)

    def __truediv__(self, other: object) -> Self:
        return self._binary("/", self, other)

    def __rtruediv__(self, other: object) -> Self:
        return self._binary("/", other, self)

    def __pow__(self, other: object) -> Self:
        return self._binary("**", self, other)

    def __rpow__(self, other: object) -> Self:
        return self._binary("**", other, self)

    def __matmul__(self, other: object) -> Self:
        return self._binary("@", self, other)

    def __neg__(self) -> Self:
        return self._composed(Negative, self.part.shape)

    @property
    def T(self) -> Self:
        """The transpose: all axes reversed."""
        return self._composed(Transpose, self.part.shape[::-1])

    def __getitem__(self, position: int | tuple[int, ...]) -> Self:
        items, shape = position if isinstance(position, tuple) else (position,), self.part.shape
        if not all(isinstance(item, int) for item in items) or len(items) > len(shape):
            raise ArgumentError(f"an expression with {len(shape)} axes is indexed by at most as many integers")
        places = tuple(_place(item, size, axis) for axis, (item, size) in enumerate(zip(items, shape, strict=False)))
        return self._composed(lambda tree: _entry(tree, places), shape[len(items) :])

    def _composed(self, tree: Callable[[Syntax], Syntax], shape: Shape) -> Self:
        return self.of_part(composed([self.part], lambda trees: tree(trees[0]), shape))

    def _binary(self, operator: Operator, left: object, right: object) -> Self:
        operands = [operand(left), operand(right)]
        shapes = [each.shape if isinstance(each, Part) else () for each in operands]
        refuse_scaling(operator, shapes[0], shapes[1])
        shape = matmul_shape(*shapes) if operator == "@" else common_shape(*shapes)

        def tree(trees: list[Syntax]) -> Syntax:
            rest = iter(trees)
            sides = [number(each) if isinstance(each, Fraction) else next(rest) for each in operands]
            return Binary(operator, sides[0], sides[1])

        return self.of_part(composed([each for each in operands if isinstance(each, Part)], tree, shape))


def _place(item: int, size: Size, axis: int) -> int:
    """The position, counted from the front where the size is known. Raises ArgumentError where there is none."""
    count = size.as_int()
    if count is None:
        return item
    if not -count <= item < count:
        raise ArgumentError(f"position {item} of axis {axis}, which has {count} positions: 0 to {count - 1}")
    return item % count


def _entry(tree: Syntax, items: tuple[int, ...]) -> Syntax:
    """The entry at a position: of entries that are written out, what stands there."""
    while items and isinstance(tree, Stack):
        tree, items = tree.items[items[0]], items[1:]
    return Index(tree, tuple(number(item) for item in items)) if items else tree


def operand(value: object) -> Part | Fraction:
    """An expression as data, or the exact value of a number (of a float its shortest decimal). Raises ArgumentError."""
    if isinstance(value, Arithmetic):
        return value.part
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ArgumentError(
            f"an expression and a value of type {type(value).__name__} cannot be combined",
            hint="expressions combine with expressions and numbers; give arrays to evaluate",
        )
    if value - value != 0:
        raise ArgumentError(f"{value} is not a finite number")
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    return decimal(float(value))
