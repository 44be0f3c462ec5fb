"""The backward sweep told as a chain of equations: rules are applied from the outside in, round by round.

The adjoints are those of the sweep that gave the result, and the last line is the very one that it ended with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hesse.calculus.differentiate import sweep
from hesse.calculus.rules import CONSTANT, VARIABLE, Rule, taught_rule
from hesse.core.algebra import zero
from hesse.core.derivation import Visit
from hesse.core.nodes import Node, Partial, Sum, Variable
from hesse.explain.lines import ONE, Line, Term
from hesse.notation.source import Order


@dataclass(frozen=True, slots=True)
class Move:
    """From one line to the next: a rule applied at a site, or terms in the differential of the site collected."""

    rule: Rule | None
    site: Node
    partials: tuple[Partial, ...]
    before: Line
    after: Line


@dataclass(frozen=True, slots=True)
class Unrolled:
    """The first line of a chain, the moves that follow it, in rounds, and the adjoints that the sweep ended with."""

    first: Line
    rounds: list[list[Move]]
    adjoints: Mapping[Variable, Node]


def unroll(root: Node, variables: tuple[Variable, ...], seed: Node, order: Order, *, unit: bool = False) -> Unrolled:
    """The moves from d(root) to a line in the differentials of the variables, in rounds.

    A round applies a rule at every node of which all surroundings are done; what it leaves is one line on a page. The
    terms of sums come in the order of the source. With
    `unit` the differential of the single variable, a scalar, is carried out too: it is 1.
    """
    visits = {visit.node: visit for visit in sweep(root, variables, seed)}
    if not visits:
        line = Line((Term(seed, ((ONE, root),)),))
        lead = seed.shape[: seed.rank - root.rank]
        nothing = {each: zero(lead + each.shape) for each in variables}
        return Unrolled(line, [[Move(CONSTANT, root, (), line, Line(()))]], nothing)
    return _Unrolling(root, frozenset(variables), seed, visits, order, unit).told()


class _Unrolling:
    def __init__(
        self,
        root: Node,
        variables: frozenset[Variable],
        seed: Node,
        visits: dict[Node, Visit],
        order: Order,
        unit: bool,
    ) -> None:
        self.order = order
        self.root = root
        self.variables = variables
        self.visits = visits
        self.unit = unit
        self.line = Line((Term(seed, ((ONE, root),)),))
        self.waiting = Counter(child for visit in visits.values() for child in {c for c, _ in visit.shares})
        self.moves: list[Move] = []

    def told(self) -> Unrolled:
        """The first line and all moves."""
        lead = self.line.terms[0].adjoint.shape[: -self.root.rank or None]
        adjoints = {
            each: self.visits[each].adjoint if each in self.visits else zero(lead + each.shape)
            for each in self.variables
        }
        return Unrolled(self.line, self._rounds(), adjoints)

    def _rounds(self) -> list[list[Move]]:
        found: list[list[Move]] = []
        while True:
            sites = self._ready()
            self.moves = []
            for site in sites:
                self._expand(site)
            if self.unit:
                self._carry_out(*self.variables)
            if not self.moves:
                break
            found.append(self.moves)
        for variable in dict.fromkeys(node for term in self.line.terms for _, node in term.parts):
            self._collect(variable)
        return [*found, self.moves] if self.moves else found

    def _carry_out(self, variable: Variable) -> None:
        places = self.line.holding(variable)
        if places:
            terms = [replace(self.line.terms[k].only(j), unit=True) for k, j in places]
            self._move(VARIABLE, variable, (), self.line.replaced(variable, terms))

    def _ready(self) -> list[Node]:
        """The nodes whose differential stands in the line and of which no further share will come."""
        standing = dict.fromkeys(node for term in self.line.terms for _, node in term.parts)
        return [node for node in standing if not self.waiting[node] and node not in self.variables]

    def _expand(self, site: Node) -> None:
        visit = self.visits.get(site)
        if visit is None:
            # The sweep passes over what does not depend on the variables.
            self._move(CONSTANT, site, (), self.line.replaced(site, ()))
            return
        self._collect(site)
        for child in {child for child, _ in visit.shares}:
            self.waiting[child] -= 1
        self._move(
            taught_rule(site, visit.partials), site, visit.partials, self.line.replaced(site, self._terms(visit))
        )

    def _collect(self, site: Node) -> None:
        """Put the terms in d(site) together, as the sweep did before it went on."""
        unit = self.unit and site in self.variables
        if len(self.line.holding(site, unit=unit)) > 1:
            whole = Term(self.visits[site].adjoint, ((ONE, site),), unit)
            self._move(None, site, (), self.line.replaced(site, (whole,), unit=unit))

    def _move(self, rule: Rule | None, site: Node, partials: tuple[Partial, ...], after: Line) -> None:
        self.moves.append(Move(rule, site, partials, self.line, after))
        self.line = after

    def _terms(self, visit: Visit) -> Sequence[Term]:
        """What the rule puts in the place of d(node): for a sum all its terms, those too that turn out constant."""
        if isinstance(visit.node, Sum):
            return (Term(visit.adjoint, tuple(self.order.terms(visit.node))),)
        return tuple(Term(share, ((ONE, child),)) for child, share in visit.shares)
