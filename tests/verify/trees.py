"""Trees written with Python's operators, so that a test reads like the expression it means."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hesse.core.declarations import Declaration, Declarations, FunctionDeclaration, VariableDeclaration
from hesse.core.sizes import ONE, Size
from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Num,
    Slice,
    Stack,
    Syntax,
    Text,
    Transpose,
    Tuple,
    Undefined,
)
from hesse.core.syntax import Operator as Symbol
from hesse.core.tensor import Tensor

Array: TypeAlias = NDArray[np.float64]
Part: TypeAlias = "Tree | float | int | slice"


class Tree:
    """A tree that Python's operators extend."""

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax

    def _binary(self, symbol: Symbol, other: Tree | float, swap: bool = False) -> Tree:
        left, right = (lift(other), self) if swap else (self, lift(other))
        return Tree(Binary(symbol, left.syntax, right.syntax))

    def __add__(self, other: Tree | float) -> Tree:
        return self._binary("+", other)

    def __radd__(self, other: float) -> Tree:
        return self._binary("+", other, swap=True)

    def __sub__(self, other: Tree | float) -> Tree:
        return self._binary("-", other)

    def __rsub__(self, other: float) -> Tree:
        return self._binary("-", other, swap=True)

    def __mul__(self, other: Tree | float) -> Tree:
        return self._binary("*", other)

    def __rmul__(self, other: float) -> Tree:
        return self._binary("*", other, swap=True)

    def __truediv__(self, other: Tree | float) -> Tree:
        return self._binary("/", other)

    def __rtruediv__(self, other: float) -> Tree:
        return self._binary("/", other, swap=True)

    def __pow__(self, other: Tree | float) -> Tree:
        return self._binary("**", other)

    def __rpow__(self, other: float) -> Tree:
        return self._binary("**", other, swap=True)

    def __matmul__(self, other: Tree) -> Tree:
        return self._binary("@", other)

    def __lt__(self, other: Tree | float) -> Tree:
        return self._binary("<", other)

    def __le__(self, other: Tree | float) -> Tree:
        return self._binary("<=", other)

    def __gt__(self, other: Tree | float) -> Tree:
        return self._binary(">", other)

    def __ge__(self, other: Tree | float) -> Tree:
        return self._binary(">=", other)

    def equals(self, other: Tree | float) -> Tree:
        """self == other as a tree."""
        return self._binary("==", other)

    def differs(self, other: Tree | float) -> Tree:
        """self != other as a tree."""
        return self._binary("!=", other)

    def __neg__(self) -> Tree:
        return Tree(Negative(self.syntax))

    @property
    def T(self) -> Tree:
        """The transpose."""
        return Tree(Transpose(self.syntax))

    def __getitem__(self, items: Part | tuple[Part, ...]) -> Tree:
        parts = items if isinstance(items, tuple) else (items,)
        return Tree(Index(self.syntax, tuple(_item(part) for part in parts)))


def _item(part: Part) -> Syntax | Slice:
    if isinstance(part, slice):
        start, stop, step = (
            None if bound is None else lift(bound).syntax for bound in (part.start, part.stop, part.step)
        )
        return Slice(start, stop, step)
    return lift(part).syntax


def lift(value: Tree | float) -> Tree:
    """A number as a tree; a negative one as written, with a sign before it."""
    if isinstance(value, Tree):
        return value
    return Tree(Num(Fraction(value))) if value >= 0 else -Tree(Num(Fraction(-value)))


def names(text: str) -> tuple[Tree, ...]:
    """The trees of the names in a text."""
    return tuple(Tree(Name(name)) for name in text.split())


def fn(function: str, *arguments: Tree | float, axis: int | None = None) -> Tree:
    """A call."""
    return Tree(Call(function, tuple(lift(argument).syntax for argument in arguments), axis))


def einsum(text: str, *operands: Tree) -> Tree:
    """An einsum."""
    return Tree(Call("einsum", (Text(text), *(operand.syntax for operand in operands))))


def filled(function: str, *sizes: Tree | float) -> Tree:
    """`ones((m, n))`."""
    return Tree(Call(function, (Tuple(tuple(lift(size).syntax for size in sizes)),)))


def stacked(*items: Tree | float) -> Tree:
    """`[a, b]`."""
    return Tree(Stack(tuple(lift(item).syntax for item in items)))


def undefined(function: str, order: int, argument: Tree) -> Tree:
    """The derivative of an undefined function."""
    return Tree(Undefined(function, order, argument.syntax))


def where_names(bindings: Sequence[tuple[str, Tree]], body: Tree) -> Tree:
    """`name = value; ...; body`."""
    return Tree(Definitions(tuple((name, value.syntax) for name, value in bindings), body.syntax))


def _size(text: str) -> Size:
    """A size such as 3, n, n-1 or 2*n."""
    total = Size(())
    for term in text.replace("-", "+-").split("+"):
        product = ONE
        for atom in filter(None, term.removeprefix("-").split("*")):
            product = product * Size.of(int(atom) if atom.isdigit() else atom)
        if term:
            total = total + product * (-1 if term.startswith("-") else 1)
    return total


def _sizes(text: str) -> tuple[Size, ...]:
    return tuple(_size(part) for part in text.split(",") if part)


def _declaration(text: str) -> Declaration:
    name, _, rest = text.partition(":")
    if "->" in rest:
        domain, _, codomain = rest.partition("->")
        return FunctionDeclaration(name, _sizes(domain), _sizes(codomain))
    shape, *facts = rest.split(":")
    bound = next((fact[6:-1] for fact in facts if fact.startswith("index(")), None)
    attributes = frozenset(fact for fact in facts if not fact.startswith("index("))
    return VariableDeclaration(name, _sizes(shape), attributes, None if bound is None else _size(bound))


def declare(text: str) -> Declarations:
    """The declarations of a text such as `A:m,n x:n S:n,n:sym idx:p:index(n) u:n->`."""
    return Declarations(tuple(map(_declaration, text.split())))


def tensor(array: object) -> Tensor[float]:
    """A NumPy array as a plain tensor."""
    values = np.asarray(array)
    return Tensor(values.shape, values.ravel().tolist())


def array(value: Tensor[float]) -> Array:
    """A plain tensor as a NumPy array."""
    return np.array(value.entries, dtype=float).reshape(value.shape)
