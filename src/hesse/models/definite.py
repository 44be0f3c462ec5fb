"""Semidefiniteness of a Hessian for all values: by its structure, as exact numbers, or by its principal minors."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from hesse.core.algebra import add, is_zero, number_value
from hesse.core.build import index, times
from hesse.core.nodes import Node
from hesse.core.sizes import Size
from hesse.facts.values import values
from hesse.service.expression import Expr
from hesse.simplify.engine import apply_facts, simplify

MAX_MINORS = 3


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the quadratic form is proved nonnegative, and nonpositive; with the argument."""

    above: bool = False
    below: bool = False
    reason: str = ""


def semidefinite(second: Expr) -> Proof:
    """What is proved of the quadratic form of a Hessian."""
    node = apply_facts(second.node)
    if is_zero(node):
        return Proof(True, True, "the Hessian is zero")
    if node.rank == 0:
        known = values(node)
        return Proof(known.nonnegative, known.nonpositive, f"the second derivative {second} has one sign")
    for name, above in (("positive-semidefinite", True), ("negative-semidefinite", False)):
        fact = second.structured.fact(name)
        if fact.holds:
            word = "positive" if above else "negative"
            return Proof(above, not above, f"the Hessian {second} is {word} semidefinite: {fact.reason}")
    return _by_minors(second, node)


def _by_minors(second: Expr, node: Node) -> Proof:
    """Small matrices: semidefinite when all principal minors are nonnegative (for the negative, of its negative)."""
    size = node.shape[0].as_int() if node.rank == 2 else None
    if size is None or size > MAX_MINORS:
        return Proof()
    rows = [[simplify(index(node, [Size.of(i), Size.of(j)])) for j in range(size)] for i in range(size)]
    for sign in (1, -1):
        if all(
            _is_nonnegative(_determinant(rows, chosen), sign ** len(chosen))
            for count in range(1, size + 1)
            for chosen in combinations(range(size), count)
        ):
            word = "nonnegative" if sign > 0 else "of alternating sign"
            return Proof(sign > 0, sign < 0, f"the principal minors of the Hessian {second} are {word}")
    return Proof()


def _is_nonnegative(node: Node, sign: int) -> bool:
    exact = number_value(node)
    if exact is not None:
        return exact * sign >= 0
    known = values(node)
    return known.nonnegative if sign > 0 else known.nonpositive


def _determinant(rows: list[list[Node]], chosen: tuple[int, ...]) -> Node:
    first, *rest = chosen
    if not rest:
        return rows[first][first]
    return simplify(_expanded([[rows[i][j] for j in chosen] for i in chosen]))


def _expanded(rows: list[list[Node]]) -> Node:
    if len(rows) == 1:
        return rows[0][0]
    terms = []
    for k, head in enumerate(rows[0]):
        minor = _expanded([row[:k] + row[k + 1 :] for row in rows[1:]])
        terms.append((Fraction(-1 if k % 2 else 1), times(head, minor)))
    return add(terms, ())
