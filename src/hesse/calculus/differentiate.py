"""Differentiation of a graph: backward with one adjoint for each node, forward with one tangent for each node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from hesse.calculus.rules import Mutation, Partials, rule_for
from hesse.core.algebra import add, contract, zero
from hesse.core.build import transpose
from hesse.core.derivation import Step, Visit
from hesse.core.intern import intern
from hesse.core.linear import pullback, pushforward
from hesse.core.nodes import Contract, Derivative, Fixed, Node, Shape, Sum, Variable
from hesse.core.sizes import Size
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


def sweep(
    root: Node,
    variables: tuple[Variable, ...],
    seed: Node,
    overrides: Overrides | None = None,
    known: dict[Node, Node] | None = None,
) -> Iterator[Visit]:
    """The backward sweep, node by node, each after all that it is a part of; variables are visited without partials.

    `known` are the adjoints that earlier sweeps from the same seed have found, to which those of this one are added:
    the adjoint of a node does not depend on what is differentiated by. The partials of a visit leave out such nodes.
    """
    order = postorder(root)
    depending = dependents(order, frozenset(variables))
    lead = seed.rank - root.rank
    adjoints = {} if known is None else known
    waiting: dict[Node, list[Node]] = {root: [seed]}
    for node in reversed(order):
        if node not in depending:
            continue
        if node not in adjoints:
            if node not in waiting:
                continue
            adjoints[node] = add([(1, share) for share in waiting.pop(node)], seed.shape[:lead] + node.shape)
        adjoint = adjoints[node]
        if isinstance(node, Variable):
            yield Visit(node, adjoint, (), ())
            continue
        missing = {child for child in children(node) if child in depending and child not in adjoints}
        partials = (
            tuple(each for each in partials_of(node, overrides or {}) if each.child in missing) if missing else ()
        )
        shares = tuple((partial.child, pullback(partial, adjoint, lead)) for partial in partials)
        for child, share in shares:
            waiting.setdefault(child, []).append(share)
        yield Visit(node, adjoint, partials, shares)


def backward(
    root: Node,
    variables: tuple[Variable, ...],
    seed: Node,
    *,
    overrides: Overrides | None = None,
    record: list[Step] | None = None,
    known: dict[Node, Node] | None = None,
) -> dict[Variable, Node]:
    """The adjoints of the variables for an adjoint `seed` of the root, whose leading axes are carried along."""
    lead = seed.rank - root.rank
    result = {variable: zero(seed.shape[:lead] + variable.shape) for variable in variables}
    for visit in sweep(root, variables, seed, overrides, known):
        if isinstance(visit.node, Variable):
            if visit.node in result:
                result[visit.node] = visit.adjoint
        elif record is not None:
            record += _steps(visit, variables)
    return result


def tangents_of(root: Node, tangents: Mapping[Variable, Node], overrides: Overrides | None = None) -> dict[Node, Node]:
    """The tangents of the root and all its parts that depend on the variables, for given tangents of these."""
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
    return values


def forward(
    root: Node,
    tangents: Mapping[Variable, Node],
    *,
    overrides: Overrides | None = None,
) -> Node:
    """The tangent of the root for given tangents of variables: the directional derivative."""
    (extra,) = {tangent.shape[variable.rank :] for variable, tangent in tangents.items()}
    return tangents_of(root, tangents, overrides).get(root, zero(root.shape + extra))


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


def side_by_side(adjoints: Sequence[Node], outputs: Shape) -> Node:
    """The derivatives by several scalars, with the axes of the outputs, as one array with a last axis for them."""
    labels = tuple(range(len(outputs)))
    shape = (*outputs, Size.of(len(adjoints)))
    extents = dict(enumerate(outputs))
    placed = [
        contract([(each, labels)], (*labels, Fixed(Size.of(k))), extents, shape) for k, each in enumerate(adjoints)
    ]
    return add([(1, part) for part in placed], shape)


def mirrored(hessian: Node) -> Node:
    """The Hessian by several scalars with what stands above its diagonal also below it: d2f/dydx is d2f/dxdy.

    Rules give both, often in different forms. What is not given entry by entry is left as it is.
    """
    terms = hessian.terms if isinstance(hessian, Sum) else ((Fraction(1), hessian),)
    kept: list[tuple[Fraction, Node]] = []
    for coefficient, term in terms:
        place = _entry(term)
        if place is None:
            return hessian
        row, column = place
        if row <= column:
            kept.append((coefficient, term))
        if row < column:
            kept.append((coefficient, transpose(term)))
    return add(kept, hessian.shape)


def _entry(term: Node) -> tuple[int, int] | None:
    """The row and the column at which the term stands, where it stands at one entry."""
    places = (
        [axis.position.as_int() for axis in term.out if isinstance(axis, Fixed)] if isinstance(term, Contract) else []
    )
    match places:
        case [int(row), int(column)]:
            return row, column
        case _:
            return None


def unevaluated(node: Node, variable: Variable) -> Node:
    """The derivative as a node, not carried out."""
    return intern(Derivative, node.shape + variable.shape, node, variable)


def _steps(visit: Visit, variables: tuple[Variable, ...]) -> list[Step]:
    """The rule's equation at the node, for each variable."""
    node, steps = visit.node, []
    for variable in variables:
        shares = [
            (1, pushforward(partial, _expected(partial.child, variable), node.shape)) for partial in visit.partials
        ]
        right = add(shares, node.shape + variable.shape)
        steps.append(Step(rule_for(node).id, node, unevaluated(node, variable), right))
    return steps


def _expected(child: Node, variable: Variable) -> Node:
    return identity(variable.shape) if child is variable else unevaluated(child, variable)
