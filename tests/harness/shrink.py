"""Smaller cases that break the same law: subtrees give way to their parts, to numbers and to new variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.nodes import Shape
from hesse.core.syntax import Definitions, Name, Syntax, Text, children, fold, number, postorder
from hesse.errors import HesseError
from hesse.frontends.elaborate import elaborate
from hesse.render.structure import inlined, rebuilt

from .cases import Case
from .leaves import names_in

MAX_STEPS = 60


def shrink(case: Case, breaks: Callable[[Case], bool]) -> Case:
    """A case that still breaks and that no single step makes smaller; `breaks` must hold for the case itself."""
    for _ in range(MAX_STEPS):
        smaller = next((each for each in _candidates(case) if _is_valid(each) and breaks(each)), None)
        if smaller is None:
            return case
        case = smaller
    return case


def _is_valid(case: Case) -> bool:
    try:
        elaborate(case.tree, case.declarations)
    except HesseError:
        return False
    return True


def _candidates(case: Case) -> Iterator[Case]:
    if isinstance(case.tree, Definitions):
        yield _used(replace(case, tree=inlined(case.tree)))
        for value in (value for _, value in case.tree.bindings):
            yield _used(replace(case, tree=value))
        return
    shapes = _shapes(case)
    for part in reversed(postorder(case.tree)):
        if isinstance(part, Text):
            continue
        for other, more in _replacements(part, shapes, case):
            tree = substituted(case.tree, {id(part): other})
            yield _used(Case(tree, case.declarations.extended(*more), case.wrt, case.stacked))


def _replacements(
    part: Syntax, shapes: Mapping[int, Shape], case: Case
) -> Iterator[tuple[Syntax, tuple[VariableDeclaration, ...]]]:
    """What may stand in place of a part, the simplest first."""
    shape = shapes.get(id(part))
    if not children(part):
        return
    if shape == ():
        yield number(1), ()
    for child in children(part):
        if shapes.get(id(child)) == shape:
            yield child, ()
    if shape is None or len(postorder(part)) < 2:
        return
    for entry in case.declarations.variables.values():
        if entry.shape == shape and entry.index is None:
            yield Name(entry.name), ()
    taken = {entry.name for entry in case.declarations} | set(case.declarations.size_names)
    fresh = next(name for name in (f"q{k}" for k in range(1, 99)) if name not in taken)
    yield Name(fresh), (VariableDeclaration(fresh, shape),)
    for child in children(part):
        if shapes.get(id(child)) is not None:
            yield child, ()


def _shapes(case: Case) -> dict[int, Shape]:
    nodes = elaborate(case.tree, case.declarations)[1].nodes
    found: dict[int, Shape] = {}
    for part in postorder(case.tree):
        if id(part) in nodes or id(part) in nodes.pending:
            found[id(part)] = nodes.shape(part)
    return found


def substituted(tree: Syntax, others: Mapping[int, Syntax]) -> Syntax:
    """The tree with parts replaced, by identity."""
    return fold(tree, lambda part, parts: others.get(id(part)) or rebuilt(part, parts))


def _used(case: Case) -> Case:
    """The case with the variables that stand in it, or that fix a size of it."""
    written = names_in(case.tree) | set(case.wrt)
    written |= {getattr(part, "function", "") for part in postorder(case.tree)}
    needed = Declarations(tuple(entry for entry in case.declarations if entry.name in written))
    missing = (written & set(case.declarations.size_names)) - set(needed.size_names)
    for entry in case.declarations.variables.values():
        if missing & set(Declarations((entry,)).size_names):
            needed = needed.extended(entry)
            missing -= set(Declarations((entry,)).size_names)
    return replace(case, declarations=needed)
