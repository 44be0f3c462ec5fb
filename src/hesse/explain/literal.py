"""What a rule alone gives, put in the place of d(u) as it stands: before any algebra."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from hesse.calculus.rules import LINEAR, PRODUCT, VARIABLE
from hesse.core.algebra import scale, zero
from hesse.core.derivation import names_differential
from hesse.core.linear import pushforward
from hesse.core.nodes import Contract, Node, Sum, Variable
from hesse.core.syntax import (
    Binary,
    Call,
    Index,
    Negative,
    Syntax,
    Transpose,
    Undefined,
    fold,
    number,
    number_value,
    postorder,
)
from hesse.core.syntax import children as parts_of
from hesse.explain.algebra import LARGEST, Reader
from hesse.explain.naming import Named
from hesse.explain.unroll import Move
from hesse.explain.writing import Scribe
from hesse.notation.trees import alike, joined
from hesse.render.structure import rebuilt

Path: TypeAlias = tuple[tuple[Syntax, int], ...]
LINEAR_IN_PARTS = (Binary, Call, Index, Negative, Transpose)
"""Where a factor of a product is looked for; that the product is linear in it is seen by what comes out."""


def reader(scribe: Scribe) -> Reader:
    """The reader of the scribe's trees."""
    return Reader(scribe.declarations, scribe.bindings, scribe.differentials.named.__getitem__)


def literal(
    scribe: Scribe, before: Syntax, moves: Sequence[Move], written: Mapping[Node, Syntax] | None = None
) -> Syntax | None:
    """The line with what each rule says in the place of its d(u), of those that are `written` otherwise as they are.

    None where that is too long to look at.
    """
    said: dict[str, Syntax] = {}
    for move in reversed(moves):
        if move.rule is not None:
            name = scribe.differentials.name(move.site)
            terms = said_by(scribe, move, (written or {}).get(move.site))
            said[name] = put(joined(list(_signed(terms))), said)
            if len(postorder(said[name])) > LARGEST:
                return None
    return put(before, said)


def said_by(scribe: Scribe, move: Move, written: Syntax | None = None) -> list[Syntax]:
    """The terms that the rule puts in the place of d(site), of a product as its site is `written`."""
    site, of = move.site, scribe.differentials.of
    if move.rule is VARIABLE:
        return [number(1)]
    nodes: list[Node] = []
    if move.partials and isinstance(site, Sum):
        nodes = [scale(c, of(term)) for c, term in scribe.order.terms(site)]
    elif move.partials:
        nodes = [pushforward(partial, of(partial.child), site.shape) for partial in move.partials]
    terms = [scribe.node(node) for node in nodes] or [scribe.node(zero(site.shape))]
    if isinstance(site, Contract) and move.partials:
        return _by_places(scribe, move, written or scribe.node(site), terms) or terms
    return terms


def _by_places(scribe: Scribe, move: Move, written: Syntax, terms: Sequence[Syntax]) -> list[Syntax] | None:
    """The product as it is written, with d(u) in the place of one of its factors at a time.

    None where its factors do not stand in it as they are, or do in other places as well.
    """
    children = dict.fromkeys(partial.child for partial in move.partials)
    changes = [(scribe.node(child), scribe.node(scribe.differentials.of(child))) for child in children]
    found: list[Syntax] = []
    stack: list[tuple[Syntax, Path]] = [(written, ())]
    while stack and len(found) <= len(terms):
        tree, path = stack.pop()
        change = next((new for old, new in changes if alike(tree, old)), None)
        if change is not None:
            found.append(_at(path, change))
        elif isinstance(tree, LINEAR_IN_PARTS):
            stack += [(part, (*path, (tree, k))) for k, part in reversed(list(enumerate(parts_of(tree))))]
    if len(found) != len(terms):
        return None
    same = reader(scribe).laws(joined(list(_signed(found))), joined(list(_signed(terms))))
    return None if same is None else found


def _at(path: Path, tree: Syntax) -> Syntax:
    """The whole in which the tree stands at a place."""
    for parent, place in reversed(path):
        parts = list(parts_of(parent))
        parts[place] = tree
        tree = rebuilt(parent, parts)
    return tree


def taken_for_granted(scribe: Scribe, move: Move, written: Syntax | None = None) -> Iterator[Named]:
    """The laws that a rule needs, of a product also if it is `written` in another form than that of its node.

    Each term of a linear rule, with u in the place of du, is the site.
    """
    if move.rule is None or isinstance(move.site, Variable):
        return
    shown = written or scribe.node(move.site)
    linear = move.rule is PRODUCT or move.rule.id in LINEAR
    if linear and isinstance(move.site, (Contract, Sum)) and move.partials:
        terms = said_by(scribe, move, written)
        for term in [joined(list(_signed(terms)))] if isinstance(move.site, Sum) else terms:
            yield from reader(scribe).named(shown, fold(term, _undone))
    elif written is not None:
        yield from reader(scribe).named(written, scribe.node(move.site))


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


def signed(tree: Syntax) -> Syntax:
    """The tree with the signs of factors and of summed terms in front, and without terms that are zero."""

    def visit(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        plain = tuple(each.operand if isinstance(each, Negative) else each for each in parts)
        odd = sum(isinstance(each, Negative) for each in parts) % 2 == 1
        match part:
            case Negative():
                return plain[0] if odd else Negative(plain[0])
            case Binary(operator="*" | "/" | "@") | Transpose() | Call(function="trace" | "sum", arguments=(_,)):
                whole = rebuilt(part, plain)
                return Negative(whole) if odd else whole
            case Binary(operator="+" | "-" as operator):
                if any(map(_is_zero, parts)):
                    kept, _ = parts if _is_zero(parts[1]) else parts[::-1]
                    return Negative(kept) if operator == "-" and kept is parts[1] else kept
                sign = {"+": "-", "-": "+"}[operator] if isinstance(parts[1], Negative) else operator
                return Binary("-" if sign == "-" else "+", parts[0], plain[1])
            case Undefined() | Call():
                # Arguments stay as they are written everywhere.
                return part
            case _:
                return rebuilt(part, parts)

    return fold(tree, visit)


def _is_zero(tree: Syntax) -> bool:
    return number_value(tree) == 0 or (isinstance(tree, Call) and tree.function == "zeros")
