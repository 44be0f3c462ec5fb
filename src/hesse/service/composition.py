"""Expressions made of expressions: the tree under joint declarations, with definitions kept apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from hesse.core.build import require_same, shape_text
from hesse.core.declarations import Declarations
from hesse.core.nodes import Shape
from hesse.core.syntax import Syntax, number
from hesse.errors import ArgumentError
from hesse.service.scopes import closed, common_scope, merged, renamed, taken_names


@dataclass(frozen=True, slots=True)
class Part:
    """An expression as data: a tree with its declarations, its shape, and how it was read."""

    tree: Syntax
    declarations: Declarations
    shape: Shape
    readings: tuple[str, ...]


def composed(parts: Sequence[Part], tree: Callable[[list[Syntax]], Syntax], shape: Shape) -> Part:
    """The tree made of the trees of the parts."""
    declarations = merged(*(part.declarations for part in parts))
    bindings, bodies = common_scope([part.tree for part in parts], taken_names(declarations))
    return Part(closed(bindings, tree(bodies)), declarations, shape, _readings(parts))


def substituted(f: Part, values: Mapping[str, Part | Fraction]) -> Part:
    """f with variables replaced. Raises ArgumentError for an unknown name and ShapeError for another shape."""
    declared = f.declarations.variables
    for name, value in values.items():
        if name not in declared:
            raise ArgumentError(f"`{name}` is not a variable here; the variables are {', '.join(declared) or 'none'}")
        shape = value.shape if isinstance(value, Part) else ()
        message = f"`{name}` is {shape_text(declared[name].shape)}, its replacement is {shape_text(shape)}"
        require_same(declared[name].shape, shape, message)
    entries = tuple(entry for entry in f.declarations if entry.name not in values)
    kept = Declarations(entries, f.declarations.required)
    parts = {name: value for name, value in values.items() if isinstance(value, Part)}
    declarations = merged(kept, *(part.declarations for part in parts.values()))
    taken = taken_names(declarations)
    bindings, bodies = common_scope([part.tree for part in parts.values()], taken)
    own, (body,) = common_scope([f.tree], taken)
    trees: dict[str, Syntax] = {name: number(value) for name, value in values.items() if isinstance(value, Fraction)}
    trees.update(zip(parts, bodies, strict=True))
    bindings += [(name, renamed(value, trees)) for name, value in own]
    return Part(closed(bindings, renamed(body, trees)), declarations, f.shape, _readings((f, *parts.values())))


def _readings(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reading for part in parts for reading in part.readings))
