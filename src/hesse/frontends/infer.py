"""Inferring what undeclared names are: the lowest rank consistent with their use, capitals leaning to matrices.

Candidate ranks are tried in order of preference; sizes start as unknowns and are identified where an elaboration
finds two that must be equal. Only then do they get names, none of which the text uses.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from hesse.core.build import shape_text
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.sizes import Size
from hesse.core.syntax import Definitions, Name, Running, Syntax, postorder
from hesse.errors import AmbiguousError, HesseError, LimitError, ShapeError
from hesse.frontends.elaborate import CONSTANTS, elaborate
from hesse.frontends.running import running_indices

MAX_NAMES = 60
MAX_ATTEMPTS = 400
MAX_READINGS = 3
Shape: TypeAlias = tuple[Size, ...]
Costs: TypeAlias = tuple[tuple[int, int], ...]
LOWER: Costs = ((0, 0), (1, 1), (2, 2))
CAPITAL: Costs = ((0, 2), (1, 0), (2, 1))
"""How far each rank is from what the look of a name suggests, growing."""
_SIZE_NAMES = ("n", "m", "p", "q", "k", "l", "r", "s", "t", "d")


def undeclared(tree: Syntax, declarations: Declarations) -> tuple[str, ...]:
    """The names that are neither declared, nor sizes, constants or definitions, in order of first occurrence."""
    known = {*(entry.name for entry in declarations), *declarations.size_names, *CONSTANTS}
    known |= running_indices(tree, declarations)
    if isinstance(tree, Definitions):
        known.update(name for name, _ in tree.bindings)
    names: dict[str, None] = {}
    for part in postorder(tree):
        if isinstance(part, Name) and part.name not in known:
            names[part.name] = None
    return tuple(names)


@dataclass(frozen=True)
class Unknown:
    """A name whose shape is to be found: its ranks by preference, and sizes of axes that are known.

    A hidden one is no variable: it stands for an array of ones, or an identity, whose sizes are not written.
    """

    name: str
    costs: Costs
    sizes: Mapping[int, Size] = field(default_factory=dict)
    hidden: bool = False

    def shape(self, rank: int) -> Shape:
        """The shape of this rank, in sizes that are not known yet."""
        return tuple(self.sizes.get(axis, Size.of(f"?{self.name}{axis}")) for axis in range(rank))


Reader: TypeAlias = Callable[[Mapping[str, Shape]], Syntax]
"""The tree that a text means when its undeclared names have these shapes. Raises HesseError when it means nothing."""


def infer(tree: Syntax, declarations: Declarations) -> tuple[Declarations, tuple[str, ...]]:
    """The declarations completed with the undeclared names, and how they were read."""
    unknowns = [Unknown(name, CAPITAL if name[0].isupper() else LOWER) for name in undeclared(tree, declarations)]
    if not unknowns:
        return declarations, ()
    return infer_shapes(lambda shapes: tree, unknowns, declarations)[1:]


def infer_shapes(
    read: Reader, unknowns: Sequence[Unknown], declarations: Declarations
) -> tuple[Syntax, Declarations, tuple[str, ...]]:
    """The tree, the declarations completed with the unknown names, and how these were read."""
    named = [unknown for unknown in unknowns if not unknown.hidden]
    if len(named) > MAX_NAMES:
        raise LimitError(f"{len(named)} names are undeclared, the limit is {MAX_NAMES}", hint="declare them")
    first_error: HesseError | None = None
    attempts = itertools.islice(_candidates(unknowns), MAX_ATTEMPTS)
    for _, group in itertools.groupby(attempts, key=lambda attempt: attempt[0]):
        found: list[list[Shape]] = []
        for _, ranks in group:
            try:
                found.append(_solve(read, declarations, unknowns, ranks))
            except HesseError as error:
                first_error = first_error or error
        if len(found) == 1:
            return _named(read, declarations, unknowns, found[0])
        if found:
            raise _question(read, declarations, unknowns, found)
    assert first_error is not None
    # Unknown sizes are shown as what they are: ?A0 is the first size of A.
    first_error.message = re.sub(r"\?(\w+)(\d)", r"\1.shape[\2]", first_error.message)
    if isinstance(first_error, ShapeError) and named:
        listed = ", ".join(f"`{unknown.name}`" for unknown in named)
        first_error.hint = (first_error.hint + "; " if first_error.hint else "") + f"declare the shapes of {listed}"
    raise first_error


def _question(
    read: Reader, declarations: Declarations, unknowns: Sequence[Unknown], found: Sequence[Sequence[Shape]]
) -> AmbiguousError:
    """The error that shows readings of equally low rank."""
    known = len(declarations.entries)
    readings = [_named(read, declarations, unknowns, shapes)[1].entries[known:] for shapes in found[:MAX_READINGS]]
    return AmbiguousError(
        "which of the undeclared names are arrays? Several readings are equally simple; declare the names",
        tuple(" ".join(map(str, entries)) for entries in readings),
    )


def _candidates(unknowns: Sequence[Unknown]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Rank assignments by growing distance from the preferred ones, with the distance."""
    costs = [unknown.costs for unknown in unknowns]
    for distance in range(sum(each[-1][0] for each in costs) + 1):
        for ranks in _assignments(costs, distance):
            yield distance, ranks


def _assignments(costs: Sequence[Costs], total: int) -> Iterator[tuple[int, ...]]:
    """The ranks with this total distance, later names first."""
    if not costs:
        if total == 0:
            yield ()
        return
    reach = sum(each[-1][0] for each in costs[1:])
    for cost, rank in costs[0]:
        if cost <= total <= cost + reach:
            for rest in _assignments(costs[1:], total - cost):
                yield (rank, *rest)


def _solve(read: Reader, declarations: Declarations, unknowns: Sequence[Unknown], ranks: Sequence[int]) -> list[Shape]:
    """Shapes with these ranks, in unknown sizes identified as the expression asks. Raises HesseError if none fit."""
    shapes = [unknown.shape(rank) for unknown, rank in zip(unknowns, ranks, strict=True)]
    for _ in range(2 * len(unknowns) + 1):
        known = {unknown.name: shape for unknown, shape in zip(unknowns, shapes, strict=True)}
        entries = [VariableDeclaration(name, shape) for name, shape in known.items()]
        try:
            elaborate(read(known), declarations.extended(*entries), strict=not all(u.hidden for u in unknowns))
        except ShapeError as error:
            replacement = _identified(error)
            if replacement is None:
                raise
            shapes = [tuple(size.substitute(replacement) for size in shape) for shape in shapes]
        else:
            return shapes
    raise ShapeError("the shapes of the undeclared names cannot be inferred")


def _identified(error: ShapeError) -> dict[str, Size] | None:
    """The unknown size to replace by the other of the two that must be equal."""
    if error.sizes is None:
        return None
    left, right = error.sizes
    assert isinstance(left, Size) and isinstance(right, Size)
    for unknown, other in ((right, left), (left, right)):
        name = unknown.as_name()
        if name is not None and name.startswith("?") and name not in other.names:
            return {name: other}
    return None


def _named(
    read: Reader, declarations: Declarations, unknowns: Sequence[Unknown], shapes: Sequence[Shape]
) -> tuple[Syntax, Declarations, tuple[str, ...]]:
    known = {unknown.name: shape for unknown, shape in zip(unknowns, shapes, strict=True)}
    tree = read(known)
    parts = postorder(tree)
    used = {part.name for part in parts if isinstance(part, Name)}
    used |= {part.index for part in parts if isinstance(part, Running)}
    used |= {*(entry.name for entry in declarations), *declarations.size_names}
    used |= {name for shape in shapes for size in shape for name in size.names}
    if isinstance(tree, Definitions):
        used |= {name for name, _ in tree.bindings}
    candidates = itertools.chain(_SIZE_NAMES, (f"n{k}" for k in itertools.count(1)))
    fresh = (name for name in candidates if name not in used)
    chosen: dict[str, Size] = {}
    # A matrix' rows are m and its columns n, so that the variable it meets is an n-vector.
    for shape in sorted(
        (shape for unknown, shape in zip(unknowns, shapes, strict=True) if not unknown.hidden), key=len, reverse=True
    ):
        for size in reversed(shape):
            name = size.as_name()
            if name is not None and name.startswith("?") and name not in chosen:
                chosen[name] = Size.of(next(fresh))
    final = {name: tuple(size.substitute(chosen) for size in shape) for name, shape in known.items()}
    visible = {unknown.name: final[unknown.name] for unknown in unknowns if not unknown.hidden}
    entries = [VariableDeclaration(name, shape) for name, shape in visible.items()]
    listed = ", ".join(f"{name} is {shape_text(shape)}" for name, shape in visible.items())
    return read(final), declarations.extended(*entries), (f"read as: {listed}",) if listed else ()
