"""Productions that rearrange entries: reshaped, joined, turned and rotated arrays, masks and running sums."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TypeAlias

from hesse.core.sizes import ONE, Size
from hesse.core.syntax import Binary, Call, Negative, Stack, Syntax, Tuple, call, number

from .leaves import Leaves, Shape

Production: TypeAlias = Callable[[Shape, int], Syntax]


class Rearrangements(Leaves):
    """Ways to write an expression with the entries of others."""

    @abstractmethod
    def expression(self, shape: Shape, fuel: int) -> Syntax:
        """An expression of the shape."""

    def rearranged(self, shape: Shape) -> list[Production]:
        """What can be written of a vector or a matrix of the shape."""
        found: list[Production] = [self._turned, self._joined, self._krons, self._running_sums]
        if len(shape) == 1:
            return [*found, self._flat_product, self._one_row]
        found += [self._unflattened, self._unflattened, self._triangle]
        return found + ([self._columns] * 2 if (shape[1].as_int() or 0) > 1 else [])

    def flat(self, fuel: int) -> tuple[Syntax, Size]:
        """A vector that is a reshaped array or put together from others, and its size."""
        m, n = self.size(), self.size()
        kind = self.choices.integer(0, 5)
        if kind == 0:
            return call("vec", self.expression((m, n), fuel)), m * n
        if kind == 5:
            return call("cumsum", self.expression((m, n), fuel)), m * n
        if kind == 1:
            sizes = self.choices.pick((self.size_tree(m * n), Negative(number(1)), Tuple((self.size_tree(m * n),))))
            return call("reshape", self.expression((m, n), fuel), sizes), m * n
        parts = self.expression((m,), fuel // 2), self.expression((n,), fuel // 2)
        if kind == 2:
            return call("kron", *parts), m * n
        extra = (self.expression((m,), fuel // 3),) if self.choices.integer(0, 1) else ()
        return call("concat", *parts, *extra), m + n + (m if extra else 0)

    def reduced_flat(self, shape: Shape, fuel: int) -> Syntax:
        """A scalar from such a vector."""
        vector, size = self.flat(fuel // 2)
        if self.choices.integer(0, 1):
            return call(self.choices.pick(("sum", "norm", "logsumexp")), vector)
        return Binary("@", vector, self.expression((size,), fuel // 2))

    def _flat_product(self, shape: Shape, fuel: int) -> Syntax:
        vector, size = self.flat(fuel // 2)
        return Binary("@", self.expression((*shape, size), fuel // 2), vector)

    def _one_row(self, shape: Shape, fuel: int) -> Syntax:
        """The entries of a matrix with one row or column."""
        inner = self.expression(self.choices.pick(((ONE, *shape), (*shape, ONE))), fuel)
        return call("vec", inner) if self.choices.integer(0, 1) else call("reshape", inner, self.size_tree(shape[0]))

    def _unflattened(self, shape: Shape, fuel: int) -> Syntax:
        before = self.choices.pick((shape[::-1], (shape[0] * shape[1],), (shape[1], ONE, shape[0])[::2]))
        sizes = tuple(map(self.size_tree, shape))
        return call(
            "reshape", self.expression(before, fuel), *((Tuple(sizes),) if self.choices.integer(0, 1) else sizes)
        )

    def _krons(self, shape: Shape, fuel: int) -> Syntax:
        """A Kronecker product with an array of one entry."""
        small: Syntax = self.expression((), fuel // 3)
        for _ in shape:
            small = Stack((small,))
        sides = [self.expression(shape, fuel // 2), small]
        if self.choices.integer(0, 1):
            sides.reverse()
        return call("kron", *sides)

    def _axis(self, shape: Shape) -> int | None:
        return self.choices.pick((None, *range(-len(shape), len(shape))))

    def _turned(self, shape: Shape, fuel: int) -> Syntax:
        inner = self.expression(shape, fuel)
        if self.choices.integer(0, 2) == 0:
            return Call("flip", (inner,), self._axis(shape))
        shift: Syntax = number(self.choices.integer(1, 3))
        kind = self.choices.integer(0, 4)
        if kind < 3:
            shift = (shift, Negative(shift), self.size_tree(self.choices.pick(self.sizes)))[kind]
        return Call("roll", (inner, shift), self._axis(shape))

    def _running_sums(self, shape: Shape, fuel: int) -> Syntax:
        axis = (
            self.choices.pick(range(-len(shape), len(shape))) if len(shape) > 1 or self.choices.integer(0, 1) else None
        )
        return Call("cumsum", (self.expression(shape, fuel),), axis)

    def _triangle(self, shape: Shape, fuel: int) -> Syntax:
        size = self.size_tree(self.choices.pick(self.sizes))
        offset = self.choices.pick(((), (), (number(1),), (Negative(number(1)),), (size,), (Negative(size),)))
        return call(self.choices.pick(("tril", "triu")), self.expression(shape, fuel), *offset)

    def _joined(self, shape: Shape, fuel: int) -> Syntax:
        """A shorter array and one more entry, row or column."""
        axis = self.choices.integer(0, len(shape) - 1)
        rest = (*shape[:axis], *shape[axis + 1 :])
        if shape[axis] == ONE:
            return self.expression(shape, fuel)
        shorter = self.expression((*shape[:axis], shape[axis] - ONE, *shape[axis + 1 :]), fuel // 2)
        one: Syntax = Stack((self.expression(rest, fuel // 2),))
        if axis:
            one = call("reshape", one, self.size_tree(shape[0]), number(1))
        parts = [shorter, one]
        if self.choices.integer(0, 1):
            parts.reverse()
        return Call("concat", tuple(parts), axis if axis or self.choices.integer(0, 1) else None)

    def _columns(self, shape: Shape, fuel: int) -> Syntax:
        count = shape[1].as_int() or 1
        parts = tuple(self.expression(shape[:1], fuel // count) for _ in range(count))
        return Call("stack", parts, self.choices.pick((1, -1)))
