"""The state of an expression under construction, and its leaves: variables, definitions, numbers, sizes."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import TypeAlias

from hesse.core.declarations import Declarations, FunctionDeclaration, VariableDeclaration
from hesse.core.sizes import ONE, Size
from hesse.core.syntax import Binary, Index, Name, Negative, Syntax, Tuple, call, number, postorder

from .choices import Choices

Shape: TypeAlias = tuple[Size, ...]

NAMES = {
    0: ("a", "b", "c", "alpha", "x1", "x2"),
    1: ("x", "y", "z", "w", "theta", "r"),
    2: ("A", "B", "C", "X", "W", "S"),
    3: ("T", "U", "H"),
}
SIZES = ("n", "m", "p", "k")
NUMBERS = tuple(map(Fraction, ("2", "3", "1/2", "0.1", "1", "5", "4/3", "0")))
EXPONENTS = tuple(map(Fraction, ("2", "3", "-1", "1/2", "-2", "4", "3/2", "-1/2", "1/3", "1", "0")))
RUNNING = ("sum", "sum", "sum", "mean", "logsumexp")
INDICES = ("i", "j", "l")
MAX_VARIABLES = 6


@dataclass(frozen=True)
class Taste:
    """What a run of the grammar may use."""

    functions: bool = False
    attributes: bool = False
    literal_sizes: bool = False
    definitions: bool = False
    running: bool = False


@dataclass
class Leaves:
    """One expression under construction: what is declared so far, the definitions, and how expressions end."""

    choices: Choices
    taste: Taste = field(default_factory=Taste)
    variables: dict[str, VariableDeclaration] = field(default_factory=dict)
    functions: dict[str, FunctionDeclaration] = field(default_factory=dict)
    bindings: list[tuple[str, Syntax, Shape]] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)
    indices: list[tuple[str, Size]] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = self.choices.integer(1, len(SIZES))
        self.sizes = [Size.of(name) for name in SIZES[:count]]
        if self.taste.literal_sizes:
            self.sizes += [Size.of(self.choices.pick((2, 3, 1)))]

    @property
    def declarations(self) -> Declarations:
        """What the expression needs declared."""
        return Declarations((*self.variables.values(), *self.functions.values()))

    def fix_sizes(self, tree: Syntax) -> None:
        """Declare a variable for each size that the tree names and no variable has."""
        shapes = [size for entry in self.variables.values() for size in entry.shape]
        # n*m and n**2 do not tell n.
        fixed = {name for size in shapes for name in size.names if (size - Size.of(name)).as_int() is not None}
        for size in SIZES:
            if size in names_in(tree) - fixed:
                self._declare((Size.of(size),))

    def size(self) -> Size:
        """A size for an axis that the shape of the result does not fix."""
        return self.choices.pick([*self.sizes, *self.sizes, self.sizes[0] - ONE, self.sizes[-1] + ONE])

    def leaf(self, shape: Shape) -> Syntax:
        """A variable, a definition, a number, or an entry at a running index."""
        if self.indices and len(shape) < 2 and self.choices.integer(0, 3) < 3:
            return self._entry_at(*self.choices.pick(self.indices), shape)
        known = [v.name for v in self.variables.values() if v.shape == shape and v.index is None]
        known += [name for name, _, bound in self.bindings if bound == shape]
        if not shape and self.choices.integer(0, 3) == 3:
            return self._number()
        if known and (len(self.variables) >= MAX_VARIABLES or self.choices.integer(0, 2) > 0):
            return Name(self.choices.pick(known))
        if len(self.variables) >= 2 * MAX_VARIABLES or (shape and self.choices.integer(0, 14) == 14):
            return self.filled(shape, 0) if shape else self._number()
        return Name(self._declare(shape))

    def _entry_at(self, index: str, size: Size, shape: Shape) -> Syntax:
        """x[i], x[i+1] or x[n-1-i] of a variable with an axis that is as long as the index runs, or longer by one."""
        kind = self.choices.pick(("plain", "plain", "next", "back"))
        whole = (size + ONE if kind == "next" else size, *shape)
        known = [v.name for v in self.variables.values() if v.shape == whole and v.index is None]
        name = self.choices.pick(known) if known and self.choices.integer(0, 2) else self._declare(whole)
        position: Syntax = Name(index)
        if kind == "next":
            position = Binary("+", position, number(1))
        elif kind == "back":
            position = Binary("-", self.size_tree(size - ONE), position)
        return Index(Name(name), (position,))

    def _number(self) -> Syntax:
        kind = self.choices.integer(0, 7)
        if kind == 6:
            return self.size_tree(self.choices.pick(self.sizes))
        if kind == 7:
            return Name(self.choices.pick(("pi", "e")))
        return self.exact(self.choices.pick(NUMBERS))

    def exact(self, value: Fraction) -> Syntax:
        return Negative(number(-value)) if value < 0 else number(value)

    def _declare(self, shape: Shape) -> str:
        free = [name for name in NAMES[len(shape)] if name not in self.variables]
        name = free[0] if free else f"{NAMES[len(shape)][0]}{len(self.variables)}"
        attributes = self._attributes(shape) if self.taste.attributes else ""
        self.variables[name] = VariableDeclaration(name, shape, frozenset({attributes} - {""}))
        return name

    def _attributes(self, shape: Shape) -> str:
        square = len(shape) == 2 and shape[0] == shape[1]
        return self.choices.pick(["", "pos", *(["pm1", "simplex"] if shape else []), *(["sym", "spd"] * square)])

    def size_tree(self, size: Size) -> Syntax:
        """A size as a tree: a sum of products of names and integers."""
        tree: Syntax | None = None
        for monomial, coefficient in sorted(size.terms, key=lambda term: term[1] < 0):
            factors: list[Syntax] = [Name(str(atom)) for atom, exponent in monomial for _ in range(exponent)]
            if abs(coefficient) != 1 or not factors:
                factors.insert(0, number(abs(coefficient)))
            product = reduce(lambda left, right: Binary("*", left, right), factors)
            if tree is None:
                tree = product if coefficient > 0 else Negative(product)
            else:
                tree = Binary("+" if coefficient > 0 else "-", tree, product)
        return number(0) if tree is None else tree

    def filled(self, shape: Shape, fuel: int) -> Syntax:
        sizes = [self.size_tree(size) for size in shape]
        function = self.choices.pick(("ones", "ones", "ones", "zeros"))
        return call(function, Tuple(tuple(sizes))) if self.choices.integer(0, 2) == 2 else call(function, *sizes)


def names_in(tree: Syntax) -> set[str]:
    """The names that stand in a tree."""
    return {part.name for part in postorder(tree) if isinstance(part, Name)}
