"""Records of a derivation: which rule was applied where, as an equation between nodes."""

from __future__ import annotations

from dataclasses import dataclass

from hesse.core.nodes import Call, Node, Partial

_FIRST, _LAST = 0xE100, 0xF8FF
MAX_DIFFERENTIALS = _LAST - _FIRST + 1


def differential_name(number: int) -> str:
    """The name of a function d that stands for a differential not carried out: one letter, which no text contains.

    d(u) is a `Call` of an undefined function that acts entry by entry, so that lines of a derivation are nodes, and
    are written as all nodes are.
    """
    return chr(_FIRST + number)


def names_differential(name: str) -> bool:
    """Whether a function of this name stands for d."""
    return len(name) == 1 and _FIRST <= ord(name) <= _LAST


def is_differential(node: Node) -> bool:
    """Whether the node is d(u)."""
    return isinstance(node, Call) and names_differential(node.function)


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
