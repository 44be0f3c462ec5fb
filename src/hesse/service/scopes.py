"""Putting expressions together: one set of declarations, one list of definitions, no name with two meanings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from hesse.core.declarations import Declarations
from hesse.core.syntax import Definitions, Name, Running, Syntax, fold, postorder
from hesse.errors import DeclarationError
from hesse.render.structure import rebuilt


def merged(*declarations: Declarations) -> Declarations:
    """The declarations of all, in order. Raises DeclarationError when they contradict each other."""
    total = declarations[0]
    for other in declarations[1:]:
        for entry in other:
            known = total.find(entry.name)
            if known is not None and known != entry:
                raise DeclarationError(
                    f"`{entry.name}` is declared as `{known}` in one expression and as `{entry}` in the other",
                    hint="give both the same declaration, or rename one of them",
                )
        total = total.extended(*other).requiring(*other.required)
    variables = {entry.name for entry in total}
    clash = next((name for name in total.size_names if name in variables), None)
    if clash is not None:
        raise DeclarationError(f"`{clash}` is a size in one expression and a variable in the other")
    return total


def renamed(tree: Syntax, names: Mapping[str, Syntax]) -> Syntax:
    """The tree with free names replaced by trees."""
    if not names:
        return tree

    def visit(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        if isinstance(part, Name):
            return names.get(part.name, part)
        return rebuilt(part, parts)

    return fold(tree, visit)


def _apart(tree: Syntax, taken: Set[str]) -> Syntax:
    """The tree with new names for the running indices that would be taken for something else."""
    indices = {part.index for part in postorder(tree) if isinstance(part, Running)}
    fresh: dict[str, str] = {}
    for index in sorted(indices & taken):
        fresh[index] = index
        while fresh[index] in taken | indices:
            fresh[index] += "_"
    if not fresh:
        return tree

    def visit(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        if isinstance(part, Name):
            return Name(fresh[part.name]) if part.name in fresh else part
        part = rebuilt(part, parts)
        return replace(part, index=fresh.get(part.index, part.index)) if isinstance(part, Running) else part

    return fold(tree, visit)


def common_scope(trees: Sequence[Syntax], taken: set[str]) -> tuple[list[tuple[str, Syntax]], list[Syntax]]:
    """The definitions of all trees under distinct names, and the bodies that go with them."""
    defined = {name for tree in trees if isinstance(tree, Definitions) for name, _ in tree.bindings}
    trees = [_apart(tree, taken | defined) for tree in trees]
    bindings: list[tuple[str, Syntax]] = []
    bodies: list[Syntax] = []
    for tree in trees:
        if not isinstance(tree, Definitions):
            bodies.append(tree)
            continue
        names: dict[str, Syntax] = {}
        for name, value in tree.bindings:
            same = next((k for k, (_, known) in enumerate(bindings) if known is value and not names), None)
            if same is not None and bindings[same][0] == name:
                continue
            value = renamed(value, names)
            fresh = name
            while fresh in taken:
                fresh += "_"
            taken.add(fresh)
            # A second binding of a name hides the first in what follows.
            names = {**names, name: Name(fresh)} if fresh != name else {k: v for k, v in names.items() if k != name}
            bindings.append((fresh, value))
        bodies.append(renamed(tree.body, names))
    return bindings, bodies


def closed(bindings: Sequence[tuple[str, Syntax]], body: Syntax) -> Syntax:
    """The body under its definitions, if there are any."""
    return Definitions(tuple(bindings), body) if bindings else body


def taken_names(declarations: Declarations) -> set[str]:
    """Names that a definition may not use."""
    return {entry.name for entry in declarations} | set(declarations.size_names)
