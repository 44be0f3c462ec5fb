"""Functions made of pieces: one branch taken everywhere, branches exchanged, or a mistake on one side alone."""

from __future__ import annotations

from collections.abc import Iterator

from hesse.checking.diagnosis.evidence import CLOSE, Evidence, Explanation, close
from hesse.checking.diagnosis.misreadings import is_derivative
from hesse.checking.diagnosis.spelling import Spelling
from hesse.checking.numbers import difference, entries_at
from hesse.core.algebra import number, zero
from hesse.core.build import apply, negative
from hesse.core.nodes import Apply, Node
from hesse.core.rebuild import substitute
from hesse.core.traverse import postorder
from hesse.functions.elementwise import ABS, MAXIMUM, MINIMUM, RELU, WHERE

MAX_NODES = 12
LEAST = 3
"""At so many points on either side of a kink, or more, the answer must be seen."""


def by_branches(evidence: Evidence, spelling: Spelling) -> Iterator[Explanation]:
    """The branches the derivative of which is the answer, everywhere or in the other's place."""
    root = evidence.question.f.elaboration.root
    for node in [each for each in postorder(root) if isinstance(each, Apply)][:MAX_NODES]:
        told = spelling.node(node)
        for branch in _branches(node):
            if evidence.over:
                return
            if is_derivative(evidence, substitute(root, {node: branch})):
                piece = spelling.node(branch)
                words = f"only the branch `{piece}` of `{told}` was differentiated, the other is missing"
                cost = 1 if len(node.arguments) > 1 else 2
                yield Explanation(("wrong-derivative", "chain-outer"), words, cost=cost)
        exchanged = _exchanged(node)
        if exchanged is not None and is_derivative(evidence, substitute(root, {node: exchanged})):
            yield Explanation(("wrong-derivative",), f"the branches of `{told}` are exchanged", cost=2)


def _branches(node: Apply) -> tuple[Node, ...]:
    match node:
        case Apply(row=row, arguments=(left, right)) if row in (MAXIMUM, MINIMUM):
            return left, right
        case Apply(row=row, arguments=(_, then, otherwise)) if row is WHERE:
            return then, otherwise
        case Apply(row=row, arguments=(argument,)) if row is RELU:
            return argument, zero(argument.shape)
        case Apply(row=row, arguments=(argument,)) if row is ABS:
            return argument, negative(argument)
        case _:
            return ()


def _exchanged(node: Apply) -> Node | None:
    match node:
        case Apply(row=row, arguments=(left, right)) if row in (MAXIMUM, MINIMUM):
            return apply(MINIMUM if row is MAXIMUM else MAXIMUM, left, right)
        case Apply(row=row, arguments=(condition, then, otherwise)) if row is WHERE:
            return apply(WHERE, condition, otherwise, then)
        case Apply(row=row, arguments=(argument,)) if row is RELU:
            return apply(MINIMUM, argument, zero(argument.shape))
        case _:
            return None


def on_one_side(evidence: Evidence, answer: Node, spelling: Spelling) -> Iterator[Explanation]:
    """The comparison on one side of which the answer is right, in every entry, and on the other not."""
    for left, right in _compared((evidence.question.f.elaboration.root, answer)):
        sides: dict[bool, list[bool]] = {True: [], False: []}
        for above, fits in _seen(evidence, difference(left, right)):
            sides[above].append(fits)
        if min(map(len, sides.values())) < LEAST or all(sides[True]) == all(sides[False]):
            continue
        good, bad = (">", "<") if all(sides[True]) else ("<", ">")
        one, other = spelling.node(left), spelling.node(right)
        never = "" if any(sides[bad == ">"]) else "there it is wrong at every point that was tried; "
        words = f"the mistake is where `{one} {bad} {other}`: {never}where `{one} {good} {other}` the answer is right"
        yield Explanation(("wrong-derivative",), words, cost=3)
        return


def _compared(roots: tuple[Node, ...]) -> Iterator[tuple[Node, Node]]:
    """What is compared at the kinks of the nodes."""
    pairs: dict[tuple[Node, Node], None] = {}
    for root in roots:
        for node in postorder(root):
            match node:
                case Apply(row=row, arguments=(left, right)) if row.distinct:
                    pairs[left, right] = None
                case Apply(row=row, arguments=(argument,)) if row.smooth == ("!= 0",):
                    pairs[argument, number(0, argument.shape)] = None
    yield from list(pairs)[:MAX_NODES]


def _seen(evidence: Evidence, margin: Node) -> Iterator[tuple[bool, bool]]:
    """On which side a point is, entry by entry where there is one margin for each, and whether the answer is right."""
    for point, answer, truth in zip(evidence.points, evidence.answer, evidence.truth, strict=True):
        entries = entries_at(margin, point)
        if not margin.shape and entries:
            yield entries[0] > 0, close(answer, truth)
        elif len(entries) == len(truth.entries):
            scale = max(map(abs, truth.entries), default=0.0)
            for entry, got, due in zip(entries, answer.entries, truth.entries, strict=True):
                yield entry > 0, abs(got - due) <= CLOSE * max(scale, abs(due))
