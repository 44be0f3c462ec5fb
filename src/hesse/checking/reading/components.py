"""An answer by a component with a free index, `2*x[k]`: the vector of these components for every place k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hesse.core.declarations import Declarations
from hesse.core.nodes import Shape
from hesse.core.syntax import Binary, Definitions, Index, Name, Running, Slice, Syntax, call, number, postorder
from hesse.errors import HesseError
from hesse.frontends.elaborate import elaborate
from hesse.notation.trees import size_tree


@dataclass(frozen=True, slots=True)
class Component:
    """The vector as a tree, and how it was understood."""

    tree: Syntax
    reading: str
    index: str


def component(tree: Syntax, unknown: Sequence[str], due: Shape, declarations: Declarations) -> Component | None:
    """The vector that a component with one free index stands for; None for anything else.

    It is the sum over the index of the component times the unit vector at its place.
    """
    if len(unknown) != 1 or len(due) != 1 or not are_places(unknown, tree):
        return None
    (index,) = unknown
    size = size_tree(due[0])
    body = tree.body if isinstance(tree, Definitions) else tree
    unit = Index(call("eye", size), (Name(index),))

    def vector(value: Syntax) -> Syntax:
        running = Running("sum", index, value, number(0), size, body.span)
        return Definitions(tree.bindings, running, tree.span) if isinstance(tree, Definitions) else running

    try:
        scalar, _ = elaborate(vector(body), declarations)
    except HesseError:
        # What does not fit is said of the vector.
        scalar = None
    if scalar is not None and scalar.shape:
        return None
    text = f"one component: `{index}` runs over all places of the answer, a vector, from 0 to {due[0] - 1}"
    return Component(vector(Binary("*", body, unit)), text, index)


def are_places(names: Sequence[str], tree: Syntax) -> bool:
    """Whether the names occur in the positions of entries alone."""
    parts = postorder(tree)
    items = [item for part in parts if isinstance(part, Index) for item in part.items if not isinstance(item, Slice)]
    inside = {id(part) for item in items for part in postorder(item)}
    uses = [part for part in parts if isinstance(part, Name) and part.name in names]
    return bool(uses) and all(id(part) in inside for part in uses)
