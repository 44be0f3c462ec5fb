"""Derivations that can be carried out with wrong applications of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from hesse.calculus.differentiate import dependents
from hesse.calculus.mutations import Place, Slip, slips, without
from hesse.calculus.rules import Mutation, Partials, rule_for
from hesse.checking.question import Question
from hesse.core.algebra import add
from hesse.core.build import index
from hesse.core.nodes import Node, Variable
from hesse.core.sizes import Size
from hesse.core.traverse import children, postorder
from hesse.service.derivatives import derivative, differentiated

Site = tuple[Node, str]
MAX_SITES = 60


@dataclass(frozen=True, eq=False)
class Derivation:
    """A way to the derivative: the function that is differentiated in it, and how the rest of the way goes.

    For a Hessian there are two, the gradient with the second derivative done right, and the second derivative of the
    right gradient.
    """

    question: Question
    root: Node
    remaining: int = 0
    stage: str = ""

    @cached_property
    def depending(self) -> list[Node]:
        """The nodes at which a rule is applied, from the root down."""
        order = postorder(self.root)
        found = dependents(order, frozenset(self.question.target.variables))
        sites: list[Node] = [node for node in reversed(order) if node in found and not isinstance(node, Variable)]
        return sites[:MAX_SITES]

    @cached_property
    def inside(self) -> frozenset[Node]:
        """The nodes within an argument of a function."""
        functions = [node for node in self.depending if rule_for(node).id in ("power", "chain", "operator")]
        return frozenset(part for node in functions for child in children(node) for part in postorder(child))

    def partials(self, node: Node) -> Partials:
        """What the rule at the node gives."""
        return rule_for(node).partials(node)

    def terms(self, node: Node) -> list[int]:
        """The places of the partials that take part."""
        depending = set(self.depending) | set(self.question.target.variables)
        return [place for place, partial in enumerate(self.partials(node)) if partial.child in depending]

    def result(self, overrides: Mapping[Site, Mutation] | None = None) -> Node:
        """What the derivation leads to with these wrong applications."""
        target = self.question.target
        node = differentiated(self.root, target, overrides)
        for _ in range(self.remaining):
            node = differentiated(node, target)
        entry = self.question.entry
        return node if entry is None else index(node, [Size.of(position) for position in entry])

    @cached_property
    def right(self) -> Node:
        """What it leads to without any."""
        return self.result()

    def share(self, node: Node, place: int) -> Node:
        """The part of the derivative that one term of a rule contributes."""
        rest = self.result({(node, rule_for(node).id): without(place)})
        return add([(1, self.right), (-1, rest)], self.right.shape)

    def slips(self, node: Node) -> Iterator[Slip]:
        """The slips of the rule at the node."""
        variables = self.question.target.variables
        place = Place(
            variables[0] if len(variables) == 1 else None,
            node is self.root,
            node in self.inside,
            frozenset(self.depending) | frozenset(variables),
        )
        yield from slips(node, self.partials(node), place)


def derivations(question: Question) -> list[Derivation]:
    """The ways to the derivative: of the function as it was written, and then as it was simplified."""
    f = question.f
    roots = list(dict.fromkeys((f.elaboration.root, f.node)))
    found: list[Derivation] = []
    for root in roots:
        if question.order == 1:
            found.append(Derivation(question, root))
        else:
            found.append(Derivation(question, root, 1, "in the gradient"))
    if question.order == 2:
        found.insert(1, Derivation(question, _slope(question), 0, "in differentiating the gradient"))
    return found


def _slope(question: Question) -> Node:
    return derivative(question.f, question.wrt).node
