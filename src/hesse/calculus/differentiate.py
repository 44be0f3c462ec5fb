"""Differentiation of a graph: backward with one adjoint for each node, forward with one tangent for each node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from hesse.calculus.rules import Mutation, Partials, rule_for
from hesse.core.algebra import add, contract, zero
from hesse.core.derivation import Step
from hesse.core.intern import intern
from hesse.core.linear import pullback, pushforward
from hesse.core.nodes import Derivative, Node, Shape, Variable
from hesse.core.traverse import children, postorder

Overrides: TypeAlias = Mapping[tuple[Node, str], Mutation]
"""Wrong rule applications to carry out instead: (site, rule id) -> mutation."""


def dependents(order: list[Node], variables: frozenset[Variable]) -> set[Node]:
    """The nodes among a postorder that contain one of the variables."""
    found: set[Node] = set()
    for node in order:
        if node in variables or any(child in found for child in children(node)):
            found.add(node)
    return found


def partials_of(node: Node, overrides: Overrides) -> Partials:
    """What the node's rule, or its mutation, gives."""
    rule = rule_for(node)
    partials = rule.partials(node)
    mutation = overrides.get((node, rule.id))
    return partials if mutation is None else mutation(partials)


def backward(
    root: Node,
    variables: tuple[Variable, ...],
    seed: Node,
    *,
    overrides: Overrides | None = None,
    record: list[Step] | None = None,
) -> dict[Variable, Node]:
    """The adjoints of the variables for an adjoint `seed` of the root, whose leading axes are carried along."""
    order = postorder(root)
    depending = dependents(order, frozenset(variables))
    lead = seed.rank - root.rank
    shares: dict[Node, list[Node]] = {root: [seed]}
    result = {variable: zero(seed.shape[:lead] + variable.shape) for variable in variables}
    for node in reversed(order):
        if node not in depending or node not in shares:
            continue
        adjoint = add([(1, share) for share in shares.pop(node)], seed.shape[:lead] + node.shape)
        if isinstance(node, Variable):
            if node in result:
                result[node] = adjoint
            continue
        partials = partials_of(node, overrides or {})
        if record is not None:
            record += _steps(node, partials, depending, variables)
        for partial in partials:
            if partial.child in depending:
                shares.setdefault(partial.child, []).append(pullback(partial, adjoint, lead))
    return result


def forward(
    root: Node,
    tangents: Mapping[Variable, Node],
    *,
    overrides: Overrides | None = None,
) -> Node:
    """The tangent of the root for given tangents of variables: the directional derivative."""
    order = postorder(root)
    depending = dependents(order, frozenset(tangents))
    (extra,) = {tangent.shape[variable.rank :] for variable, tangent in tangents.items()}
    values: dict[Node, Node] = dict(tangents.items())
    for node in order:
        if node in depending and node not in values:
            shares = [
                (1, pushforward(partial, values[partial.child], node.shape))
                for partial in partials_of(node, overrides or {})
                if partial.child in depending
            ]
            values[node] = add(shares, node.shape + extra)
    return values.get(root, zero(root.shape + extra))


def identity(shape: Shape) -> Node:
    """The identity map on arrays of the shape: its axes are (shape..., shape...)."""
    labels = tuple(range(len(shape)))
    return contract([], labels + labels, dict(enumerate(shape)), shape + shape)


def derivative(
    root: Node,
    variable: Variable,
    *,
    overrides: Overrides | None = None,
    record: list[Step] | None = None,
) -> Node:
    """The derivative with axes (output..., input...)."""
    return backward(root, (variable,), identity(root.shape), overrides=overrides, record=record)[variable]


def unevaluated(node: Node, variable: Variable) -> Node:
    """The derivative as a node, not carried out."""
    return intern(Derivative, node.shape + variable.shape, node, variable)


def _steps(node: Node, partials: Partials, depending: set[Node], variables: tuple[Variable, ...]) -> list[Step]:
    """The rule's equation at the node, for each variable."""
    steps = []
    for variable in variables:
        shares = [
            (1, pushforward(partial, _expected(partial.child, variable), node.shape))
            for partial in partials
            if partial.child in depending
        ]
        right = add(shares, node.shape + variable.shape)
        steps.append(Step(rule_for(node).id, node, unevaluated(node, variable), right))
    return steps


def _expected(child: Node, variable: Variable) -> Node:
    return identity(variable.shape) if child is variable else unevaluated(child, variable)
