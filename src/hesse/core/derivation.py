"""Records of a derivation: which rule was applied where, as an equation between nodes."""

from __future__ import annotations

from dataclasses import dataclass

from hesse.core.nodes import Node, Partial

DIFFERENTIAL = "\ue000"
"""The name of the function that stands for `d`: d(u) is the differential of u, entry by entry, not carried out.

No text of a user can contain it. It is a `Call` of an undefined function, so that lines of a derivation are nodes.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One application of a rule at a site: `left = right` is a true equation.

    For a rule of differentiation the left side is the unevaluated derivative of the site, the right side what
    the rule makes of it, with the derivatives of the site's parts unevaluated.
    """

    rule: str
    site: Node
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Visit:
    """What the backward sweep did at a node: d(result) = ... + adjoint · d(node) + ..., and d(node) is the partials'.

    `shares` are the children that the partials name, each with its share in the child's adjoint.
    """

    node: Node
    adjoint: Node
    partials: tuple[Partial, ...]
    shares: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A named simplification carried out on the whole: `before = after` is a true equation.

    `parts` are the places where it was done: each a node and what it became.
    """

    rule: str
    title: str
    statement: str
    before: Node
    after: Node
    parts: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """The steps in order; the last right side is the result."""

    steps: tuple[Step, ...]
    result: Node
