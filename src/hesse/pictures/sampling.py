"""The values of a function at many points at once, and where it has none.

The program for many points is derived as for a running index: every part that depends on what moves becomes an array
with a new first axis. Where a part has no such form, as a determinant, the program for one point runs in a loop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from hesse.codegen import compile_function
from hesse.codegen.binding import Binding
from hesse.core.batch import Batch
from hesse.core.build import index, variable
from hesse.core.declarations import Declaration, Declarations, VariableDeclaration
from hesse.core.nodes import Node
from hesse.core.rebuild import substitute, unfold
from hesse.core.running import Range, running
from hesse.core.sizes import ZERO, Size
from hesse.errors import ArgumentError, HesseError
from hesse.functions.masks import counting
from hesse.notation.back import to_syntax
from hesse.service.expression import Expr
from hesse.simplify.engine import simplify

Array: TypeAlias = Any
Progress: TypeAlias = Callable[[float], None]
"""Told how much is done, from 0 to 1."""
POINTS, INDEX = "points", "k"
MAX_BLOCK = 1 << 22
"""Entries that the arrays of one block of points may have."""
SOME = 256
"""Points between two reports of a loop."""

_HOLDS: Mapping[str, Callable[[Array], Array]] = {
    "> 0": lambda v: v > 0,
    ">= 0": lambda v: v >= 0,
    "!= 0": lambda v: v != 0,
    "> -1": lambda v: v > -1,
    "in [-1, 1]": lambda v: abs(v) <= 1,
    "in (-1, 1)": lambda v: abs(v) < 1,
    "cos != 0": lambda v: np.cos(v) != 0,
    "is invertible": lambda v: v != 0,
    "det > 0": lambda v: v > 0,
}
_OF_MATRICES = ("is invertible", "det > 0")


def silent(progress: float) -> None:
    """No report."""


@dataclass(frozen=True, slots=True)
class _Requirement:
    """What must hold for a value: the entries of an array, or its determinant."""

    program: Program
    relation: str

    def holds(self, points: Mapping[str, Array], count: int) -> Array:
        """Whether it holds, point by point."""
        found = self.program(points, count, silent)
        if self.relation in _OF_MATRICES:
            found = np.linalg.det(found)
        return _HOLDS[self.relation](found.reshape(count, -1)).all(axis=1)


class Program:
    """An array of values for an array of points: vectorised where the expression has such a form."""

    def __init__(
        self, node: Node, declarations: Declarations, fixed: Mapping[str, Array], moving: Sequence[str]
    ) -> None:
        self._fixed = {name: value for name, value in fixed.items() if name not in moving}
        self._moving = tuple(moving)
        self._block = max(SOME, MAX_BLOCK // max(1, sum(np.size(value) for value in fixed.values())))
        sizes = Binding(declarations).sizes({name: np.shape(value) for name, value in fixed.items()})
        self._shape = tuple(size.evaluate(sizes) for size in node.shape)
        many = _for_many(node, declarations, moving)
        self.vectorised = many is not None
        if many is not None:
            self._run = compile_function(*many)
        else:
            self._run = compile_function(to_syntax(node), declarations)

    def __call__(self, points: Mapping[str, Array], count: int, progress: Progress) -> Array:
        """The values, with the points along the first axis."""
        parts = []
        step = self._block if self.vectorised else SOME
        for start in range(0, count, step):
            block = {name: points[name][start : start + step] for name in self._moving}
            parts.append(self._run(**self._fixed, **block) if self.vectorised else self._each(block))
            progress(min(1.0, (start + step) / count))
        return np.concatenate(parts)

    def _each(self, block: Mapping[str, Array]) -> Array:
        count = len(next(iter(block.values())))
        return np.array([self._one({name: block[name][k] for name in self._moving}) for k in range(count)])

    def _one(self, values: Mapping[str, Array]) -> Array:
        try:
            return self._run(**self._fixed, **values)
        except ArgumentError:
            # A singular matrix: there is no value at this point.
            return np.full(self._shape, math.nan)


class Values:
    """The values of an expression where some of its variables move: nan where it is not defined."""

    def __init__(self, f: Expr, fixed: Mapping[str, Array], moving: Sequence[str]) -> None:
        self.f = f
        self._moving = tuple(moving)
        declarations = f._declarations
        with np.errstate(all="ignore"):
            self._program = Program(f.node, declarations, fixed, moving)
            self._requirements = [
                _Requirement(Program(simplify(each.node), declarations, fixed, moving), each.relation)
                for each in f.elaboration.domain
                if each.relation in _HOLDS
            ]

    @property
    def vectorised(self) -> bool:
        """Whether all points are computed at once."""
        return self._program.vectorised

    def at(self, points: Mapping[str, Array], progress: Progress = silent) -> Array:
        """The values at points, given for each moving variable along a first axis; nan where there are none."""
        count = len(points[self._moving[0]])
        with np.errstate(all="ignore"):
            found = self._program(points, count, progress)
            for requirement in self._requirements:
                found[~requirement.holds(points, count)] = math.nan
            found[~np.isfinite(found)] = math.nan
        return found


def _for_many(node: Node, declarations: Declarations, moving: Sequence[str]) -> tuple[Any, Declarations] | None:
    """The tree for many points, and the declarations in which the moving variables have a first axis for them."""
    taken = {*declarations.size_names, *(entry.name for entry in declarations)}
    size, name = Size.of(_fresh(POINTS, taken)), _fresh(INDEX, taken)
    entries: list[Declaration] = []
    replaced: dict[Node, Node] = {}
    for entry in declarations:
        if isinstance(entry, VariableDeclaration) and entry.name in moving:
            one = variable(entry.name, entry.shape, entry.attributes)
            entry = VariableDeclaration(entry.name, (size, *entry.shape))
            replaced[one] = index(variable(entry.name, entry.shape), [running(name)])
        entries.append(entry)
    try:
        batch = Batch(name, Range(ZERO, size), counting)
        whole = batch.whole(substitute(unfold(node), replaced))
        return to_syntax(simplify(whole)), Declarations(tuple(entries), declarations.required)
    except HesseError:
        return None


def _fresh(stem: str, taken: set[str]) -> str:
    name = stem
    while name in taken:
        name += "_"
    return name
