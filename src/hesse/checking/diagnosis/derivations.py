"""Derivations that can be carried out with wrong applications of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice

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
    _shares: dict[tuple[Node, int], Node] = field(default_factory=dict)
    _mutants: dict[Node, list[tuple[Slip, Node]]] = field(default_factory=dict)

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
        known = self._shares.get((node, place))
        if known is None:
            rest = self.result({(node, rule_for(node).id): without(place)})
            known = self._shares[node, place] = add([(1, self.right), (-1, rest)], self.right.shape)
        return known

    def mutants(self, node: Node) -> Iterator[tuple[Slip, Node]]:
        """The slips of the rule at the node, with what each leads to."""
        known = self._mutants.setdefault(node, [])
        yield from known
        for slip in islice(self._slips(node), len(known), None):
            known.append((slip, self.result({(node, slip.rule): slip.mutation})))
            yield known[-1]

    def _slips(self, node: Node) -> Iterator[Slip]:
        variables = self.question.target.variables
        place = Place(
            variables[0] if len(variables) == 1 else None,
            node is self.root,
            node in self.inside,
            frozenset(self.depending) | frozenset(variables),
        )
        yield from slips(node, self.partials(node), place)


@lru_cache(maxsize=2)
def derivations(question: Question) -> Sequence[Derivation]:
    """The ways to the derivative: of the function as it was written, and then as it was simplified. What mutations lead
    to is kept with them: an answer is held against it more than once, under one assumption after the other."""
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
