"""Inferring what undeclared names are: the lowest rank consistent with their use, capitals leaning to matrices.

Candidate ranks are tried in order of preference; sizes start as unknowns and are identified where an elaboration
finds two that must be equal. Only then do they get names, none of which the text uses.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

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
_SIZE_NAMES = ("n", "m", "p", "q", "k", "l", "r", "s", "t", "d")


def undeclared(tree: Syntax, declarations: Declarations) -> tuple[str, ...]:
    """The names that are neither declared, nor sizes, constants or definitions, in order of first occurrence."""
    known = {*(entry.name for entry in declarations), *declarations.size_names, *CONSTANTS}
    if isinstance(tree, Definitions):
        known.update(name for name, _ in tree.bindings)
    known |= running_indices(tree, declarations)
    names: dict[str, None] = {}
    for part in postorder(tree):
        if isinstance(part, Name) and part.name not in known:
            names[part.name] = None
    return tuple(names)


def infer(tree: Syntax, declarations: Declarations) -> tuple[Declarations, tuple[str, ...]]:
    """The declarations completed with the undeclared names, and how they were read."""
    names = undeclared(tree, declarations)
    if not names:
        return declarations, ()
    if len(names) > MAX_NAMES:
        raise LimitError(f"{len(names)} names are undeclared, the limit is {MAX_NAMES}", hint="declare them")
    first_error: HesseError | None = None
    attempts = itertools.islice(_candidates(names), MAX_ATTEMPTS)
    for _, group in itertools.groupby(attempts, key=lambda attempt: attempt[0]):
        found: list[list[tuple[Size, ...]]] = []
        for _, ranks in group:
            try:
                found.append(_solve(tree, declarations, names, ranks))
            except HesseError as error:
                first_error = first_error or error
        if len(found) == 1:
            return _named(tree, declarations, names, found[0])
        if found:
            raise _question(tree, declarations, names, found)
    assert first_error is not None
    # Unknown sizes are shown as what they are: ?A0 is the first size of A.
    first_error.message = re.sub(r"\?(\w+)(\d)", r"\1.shape[\2]", first_error.message)
    if isinstance(first_error, ShapeError):
        listed = ", ".join(f"`{name}`" for name in names)
        first_error.hint = (first_error.hint + "; " if first_error.hint else "") + f"declare the shapes of {listed}"
    raise first_error


def _question(
    tree: Syntax, declarations: Declarations, names: Sequence[str], found: Sequence[Sequence[tuple[Size, ...]]]
) -> AmbiguousError:
    """The error that shows readings of equally low rank."""
    known = len(declarations.entries)
    readings = [_named(tree, declarations, names, shapes)[0].entries[known:] for shapes in found[:MAX_READINGS]]
    return AmbiguousError(
        "which of the undeclared names are arrays? Several readings are equally simple; declare the names",
        tuple(" ".join(map(str, entries)) for entries in readings),
    )


def _candidates(names: Sequence[str]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Rank assignments by growing distance from the preferred ones, with the distance."""
    preferences = [(2, 0, 1) if name[0].isupper() else (0, 1, 2) for name in names]
    for distance in range(2 * len(names) + 1):
        for steps in _steps(len(names), distance):
            yield distance, tuple(preference[step] for preference, step in zip(preferences, steps, strict=True))


def _steps(count: int, total: int) -> Iterator[tuple[int, ...]]:
    """All tuples of 0, 1 and 2 with this sum, later places first."""
    if count == 0:
        if total == 0:
            yield ()
        return
    for first in range(min(2, total) + 1):
        if total - first <= 2 * (count - 1):
            for rest in _steps(count - 1, total - first):
                yield (first, *rest)


def _solve(
    tree: Syntax, declarations: Declarations, names: Sequence[str], ranks: Sequence[int]
) -> list[tuple[Size, ...]]:
    """Shapes with these ranks, in unknown sizes identified as the expression asks. Raises HesseError if none fit."""
    shapes = [tuple(Size.of(f"?{name}{axis}") for axis in range(rank)) for name, rank in zip(names, ranks, strict=True)]
    for _ in range(2 * len(names) + 1):
        entries = [VariableDeclaration(name, shape) for name, shape in zip(names, shapes, strict=True)]
        try:
            elaborate(tree, declarations.extended(*entries), strict=True)
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
    tree: Syntax, declarations: Declarations, names: Sequence[str], shapes: Sequence[tuple[Size, ...]]
) -> tuple[Declarations, tuple[str, ...]]:
    parts = postorder(tree)
    used = {part.name for part in parts if isinstance(part, Name)}
    used |= {part.index for part in parts if isinstance(part, Running)}
    used |= {*(entry.name for entry in declarations), *declarations.size_names}
    if isinstance(tree, Definitions):
        used |= {name for name, _ in tree.bindings}
    candidates = itertools.chain(_SIZE_NAMES, (f"n{k}" for k in itertools.count(1)))
    fresh = (name for name in candidates if name not in used)
    chosen: dict[str, Size] = {}
    # A matrix' rows are m and its columns n, so that the variable it meets is an n-vector.
    for shape in sorted(shapes, key=len, reverse=True):
        for size in reversed(shape):
            name = size.as_name()
            if name is not None and name.startswith("?") and name not in chosen:
                chosen[name] = Size.of(next(fresh))
    final = [tuple(size.substitute(chosen) for size in shape) for shape in shapes]
    entries = [VariableDeclaration(name, shape) for name, shape in zip(names, final, strict=True)]
    listed = ", ".join(f"{name} is {shape_text(shape)}" for name, shape in zip(names, final, strict=True))
    return declarations.extended(*entries), (f"read as: {listed}",)
