"""What a rule alone gives, put in the place of d(u) as it stands: before any algebra."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hesse.calculus.rules import LINEAR, PRODUCT, VARIABLE
from hesse.core.algebra import scale, zero
from hesse.core.derivation import names_differential
from hesse.core.linear import pushforward
from hesse.core.nodes import Contract, Node, Sum
from hesse.core.syntax import Negative, Syntax, Undefined, fold, number, postorder
from hesse.explain.algebra import LARGEST, Reader
from hesse.explain.naming import Named
from hesse.explain.unroll import Move
from hesse.explain.writing import Scribe
from hesse.notation.trees import joined
from hesse.render.structure import rebuilt


def reader(scribe: Scribe) -> Reader:
    """The reader of the scribe's trees."""
    return Reader(scribe.declarations, scribe.bindings, scribe.differentials.named.__getitem__)


def literal(scribe: Scribe, before: Syntax, moves: Sequence[Move]) -> Syntax | None:
    """The line with what each rule says in the place of its d(u). None where that is too long to look at."""
    said: dict[str, Syntax] = {}
    for move in reversed(moves):
        if move.rule is not None:
            name = scribe.differentials.name(move.site)
            said[name] = put(joined(list(_signed(said_by(scribe, move)))), said)
            if len(postorder(said[name])) > LARGEST:
                return None
    return put(before, said)


def said_by(scribe: Scribe, move: Move) -> list[Syntax]:
    """The terms that the rule puts in the place of d(site)."""
    site, of = move.site, scribe.differentials.of
    if move.rule is VARIABLE:
        return [number(1)]
    nodes: list[Node] = []
    if move.partials and isinstance(site, Sum):
        nodes = [scale(c, of(term)) for c, term in scribe.order.terms(site)]
    elif move.partials:
        nodes = [pushforward(partial, of(partial.child), site.shape) for partial in move.partials]
    return [scribe.node(node) for node in nodes] or [scribe.node(zero(site.shape))]


def taken_for_granted(scribe: Scribe, move: Move) -> Iterator[Named]:
    """The laws that a linear rule needs: each of its terms, with u in the place of du, is the site."""
    if move.rule is None or not (move.rule is PRODUCT or move.rule.id in LINEAR) or not move.partials:
        return
    if isinstance(move.site, (Contract, Sum)):
        terms = said_by(scribe, move)
        for term in [joined(list(_signed(terms)))] if isinstance(move.site, Sum) else terms:
            yield from reader(scribe).named(scribe.node(move.site), fold(term, _undone))


def _undone(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
    if isinstance(part, Undefined) and names_differential(part.function):
        return parts[0]
    return rebuilt(part, parts)


def _signed(trees: Sequence[Syntax]) -> Iterator[tuple[bool, Syntax]]:
    for tree in trees:
        yield (True, tree.operand) if isinstance(tree, Negative) else (False, tree)


def put(tree: Syntax, said: Mapping[str, Syntax]) -> Syntax:
    """The tree with what is said of differentials in their places, by the names of these."""

    def visit(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        if isinstance(part, Undefined) and part.function in said:
            return said[part.function]
        return rebuilt(part, parts)

    return fold(tree, visit)
