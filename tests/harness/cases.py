"""Cases: a random expression with its declarations and what to differentiate it by, and points to compare at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, overload

import numpy as np
from hypothesis import strategies as st

from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.sizes import Size
from hesse.core.syntax import Syntax
from hesse.core.tensor import Tensor
from hesse.frontends.text import parse_declarations, parse_text
from hesse.render.text import to_text
from hesse.verify.reference import Environment

from .choices import Choices, Drawn, Seeded
from .functions import Waves
from .grammar import Grammar
from .jax_oracle import Point
from .leaves import Shape, Taste, names_in
from .tensors import TensorGrammar

MAX_FUEL = 14
SIZES = ((3, 4, 2, 5), (4, 2, 5, 3), (1, 3, 2, 4))
"""Sizes of the names in order: pairwise distinct, the last with n = 1."""
TRIES = 8


@dataclass(frozen=True)
class Case:
    """What is differentiated: a tree, its declarations, the names it is differentiated by."""

    tree: Syntax
    declarations: Declarations
    wrt: tuple[str, ...]
    stacked: bool

    @property
    def text(self) -> str:
        """The expression as a user would type it."""
        return to_text(self.tree, self.declarations)

    @property
    def target(self) -> str | list[str]:
        """What to pass as `wrt`."""
        return list(self.wrt) if self.stacked else self.wrt[0]

    @staticmethod
    def read(text: str, declarations: str, wrt: str | list[str]) -> Case:
        """The case of a line that was written down."""
        declared = parse_declarations(declarations)
        tree, _ = parse_text(text, declared)
        names = (wrt,) if isinstance(wrt, str) else tuple(wrt)
        return Case(tree, declared, names, not isinstance(wrt, str))

    def line(self) -> dict[str, Any]:
        """What is needed to read the case again."""
        return {"text": self.text, "declarations": str(self.declarations), "wrt": self.target}


def seeded(seed: int, number: int, *, tensors: bool = False) -> Case:
    """The case of that number in the run with that seed, with arrays of three axes if they are wanted."""
    return build(Seeded(f"{seed} {number}"), tensors=tensors)


def build(choices: Choices, fuel: int = MAX_FUEL, *, tensors: bool = False) -> Case:
    """A case from a source of decisions."""
    kind = choices.integer(0, 11)
    taste = Taste(
        functions=kind in (1, 2),
        attributes=kind in (3, 4),
        literal_sizes=kind in (5, 6, 7),
        definitions=kind % 3 == 2,
        running=kind in (6, 8, 9, 10),
    )
    grammar = (TensorGrammar if tensors else Grammar)(choices, taste)
    rank = choices.pick((0, 0, 0, 0, 1, 1, 2, 3) if tensors else (0, 0, 0, 1, 1, 2))
    shape: Shape = tuple(choices.pick(grammar.sizes) for _ in range(rank))
    tree = grammar.whole(shape, choices.integer(2, fuel))
    return _with_target(tree, grammar, choices)


def _with_target(tree: Syntax, grammar: Grammar, choices: Choices) -> Case:
    grammar.fix_sizes(tree)
    variables = {name: v for name, v in grammar.variables.items() if v.index is None}
    if not variables:
        grammar.variables["x"] = VariableDeclaration("x", (grammar.sizes[0],))
        variables = {"x": grammar.variables["x"]}
    written = names_in(tree)
    present = [name for name in variables if name in written] or list(variables)
    scalars = [name for name in present if not variables[name].shape]
    if len(scalars) > 1 and choices.integer(0, 2) == 2:
        return Case(tree, grammar.declarations, tuple(scalars), True)
    # Now and then a variable that the function does not contain: the derivative is zero.
    names = list(variables) if choices.integer(0, 15) == 15 else present
    return Case(tree, grammar.declarations, (choices.pick(names),), False)


@st.composite
def cases(draw: st.DrawFn, fuel: int = MAX_FUEL) -> Case:
    """Cases that hypothesis can shrink."""
    return build(Drawn(draw), fuel)


class Tries(Sequence[Point]):
    """Points with the same sizes, each made when it is asked for: mostly the first one will do."""

    def __init__(self, make: Callable[[int], Point]) -> None:
        self._make = cache(make)

    def __len__(self) -> int:
        return TRIES

    @overload
    def __getitem__(self, place: int) -> Point: ...

    @overload
    def __getitem__(self, place: slice) -> list[Point]: ...

    def __getitem__(self, place: int | slice) -> Point | list[Point]:
        number = range(TRIES)[place]
        return self._make(number) if isinstance(number, int) else [self._make(k) for k in number]


def points(case: Case, seed: int = 0) -> Iterator[Tries]:
    """For each assignment of sizes that is admissible, points to try in order."""
    for number, pattern in enumerate(SIZES):
        sizes = dict(zip(case.declarations.size_names, (*pattern, *range(6, 20)), strict=False))
        if _admissible(case.declarations, sizes):
            first = 1000 * seed + 100 * number
            yield Tries(lambda k, sizes=sizes, first=first: point(case.declarations, sizes, first + k))


def _admissible(declarations: Declarations, sizes: Mapping[str, int]) -> bool:
    declared = [size for entry in declarations.variables.values() for size in entry.shape]
    return all(size.evaluate(sizes) >= 1 for size in declared)


def point(declarations: Declarations, sizes: Mapping[str, int], seed: int) -> Point:
    """A point with values that have the declared attributes; larger seeds lean to positive values."""
    random = np.random.default_rng(seed)
    values = {name: _value(entry, sizes, random, seed % 100) for name, entry in declarations.variables.items()}
    functions = {
        name: Waves(_numbers(f.domain, sizes), _numbers(f.codomain, sizes), seed + k)
        for k, (name, f) in enumerate(declarations.functions.items())
    }
    return Point(dict(sizes), values, functions)


def _numbers(shape: tuple[Size, ...], sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(size.evaluate(sizes) for size in shape)


def _value(entry: VariableDeclaration, sizes: Mapping[str, int], random: np.random.Generator, turn: int) -> Any:
    shape = _numbers(entry.shape, sizes)
    if entry.index is not None:
        return random.integers(0, entry.index.evaluate(sizes), shape)
    if "pm1" in entry.attributes:
        return random.choice((-1.0, 1.0), shape)
    value = random.uniform(0.2, 1.4, shape)
    if "simplex" in entry.attributes:
        return value / value.sum(-1, keepdims=True)
    if "pos" not in entry.attributes and turn % 3 < 2:
        value = value * random.choice((-1.0, 1.0), shape)
    if "sym" in entry.attributes:
        return value + value.T
    if "spd" in entry.attributes:
        return value @ value.T / shape[0] + np.eye(shape[0])
    return value


def environment(at: Point) -> Environment:
    """The point as the plain evaluator takes it."""
    values = {name: Tensor(np.shape(value), np.ravel(value).tolist()) for name, value in at.values.items()}
    return Environment(at.sizes, values, at.functions)
