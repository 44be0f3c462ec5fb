"""The linear parts of a function: f(w) = F(z, w) with z = A w + b, so that only F has to be enclosed."""

from __future__ import annotations

from dataclasses import dataclass

from hesse.calculus.differentiate import forward, identity
from hesse.core.build import variable
from hesse.core.nodes import Apply, Contract, Let, Node, Operation, Power, Sum, Variable
from hesse.core.rebuild import substitute
from hesse.core.traverse import children, postorder


@dataclass(frozen=True, slots=True)
class LinearPart:
    """A part z = A w + b: the node itself, the variables that stand for z and for its step A e, and A."""

    node: Node
    value: Variable
    step: Variable
    matrix: Node
    """Its axes are those of z, then those of w."""


def largest_linear(root: Node, moving: frozenset[Variable]) -> list[Node]:
    """The parts that are linear (with a constant) in the variables and stand in something that is not."""
    order = postorder(root)
    degrees = _degrees(order, moving)
    nonlinear = [node for node in order if degrees[node] == 2]
    largest = {child for node in nonlinear for child in children(node) if degrees[child] == 1}
    if degrees[root] == 1:
        largest.add(root)
    return [node for node in order if node in largest]


def linear_parts(root: Node, moving: Variable) -> tuple[Node, list[LinearPart]]:
    """The node with its largest linear parts replaced by variables, and these parts; the first is w itself."""
    whole = LinearPart(moving, moving, variable("step", moving.shape), identity(moving.shape))
    parts = [whole]
    values: dict[Node, Node] = {}
    for node in largest_linear(root, frozenset({moving})):
        if node is not moving:
            k = len(parts)
            value = variable(f"part {k}", node.shape)
            parts.append(
                LinearPart(node, value, variable(f"step {k}", node.shape), forward(node, {moving: whole.matrix}))
            )
            values[node] = value
    return substitute(root, values), parts


def _degrees(order: list[Node], moving: frozenset[Variable]) -> dict[Node, int]:
    """0 for constants, 1 for what is linear (with a constant) in the variable, 2 for everything else."""
    degrees: dict[Node, int] = {}
    for node in order:
        parts = [degrees[child] for child in children(node)]
        match node:
            case Variable():
                degree = int(node in moving)
            case Sum() | Let():
                degree = max(parts, default=0)
            case Contract():
                degree = min(sum(parts), 2)
            case Power() | Apply() | Operation():
                degree = 2 if any(parts) else 0
            case _:
                degree = 2 if any(parts) else 0
        degrees[node] = degree
    return degrees


def is_entrywise(root: Node, value: Variable) -> bool:
    """Whether each entry of the node depends on one entry of the variable only: the one at the same place."""
    depends: dict[Node, bool] = {}
    for node in postorder(root):
        parts = [child for child in children(node) if depends[child]]
        depends[node] = node is value or bool(parts)
        if not parts:
            continue
        match node:
            case Sum() | Apply() | Power() | Let():
                if any(part.shape != node.shape for part in parts):
                    return False
            case Contract(factors=factors, out=out):
                if any(depends[factor] and axes != out for factor, axes in factors):
                    return False
            case _:
                return False
    return root.shape == value.shape
