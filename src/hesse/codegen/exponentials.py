"""Logsumexp, softmax and log_softmax of the same array from exponentials that are computed once."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hesse.codegen.plan import Plan
from hesse.codegen.samples_last import expanded
from hesse.codegen.terms import Term

WORTHWHILE = 10_000
"""How many exponentials must be saved."""
_HEADS = frozenset({"logsumexp", "softmax", "log_softmax"})


def shared_exponentials(plan: Plan, sizes: Mapping[str, int]) -> Mapping[Term, Term]:
    """What replaces these functions where an array along an axis has several: the same operations, each once."""
    found: dict[tuple[Term, int | None], list[Term]] = {}
    for term in plan.steps:
        if term.head in _HEADS:
            found.setdefault((term.arguments[0], term.options[0]), []).append(term)
    change: dict[Term, Term] = {}
    for (array, axis), terms in found.items():
        if len(terms) > 1 and math.prod(size.evaluate(sizes) for size in array.shape) >= WORTHWHILE:
            change |= _together(plan, array, axis, terms)
    return change


def _together(plan: Plan, array: Term, axis: int | None, wanted: list[Term]) -> Mapping[Term, Term]:
    terms = plan.terms
    shape = () if axis is None else (*array.shape[:axis], *array.shape[axis + 1 :])

    def along(reduced: Term) -> Term:
        return reduced if axis is None else expanded(terms, reduced, (axis,))

    top = terms.reduce("finite_max", array, axis, shape)
    below = terms.arithmetic("-", array, along(top))
    powers = terms.function("exp", (below,))
    total = terms.reduce("sum", powers, axis, shape)
    logarithm = terms.function("log", (total,))
    made = {
        "logsumexp": lambda: terms.arithmetic("+", logarithm, top),
        "softmax": lambda: terms.arithmetic("/", powers, along(total)),
        "log_softmax": lambda: terms.arithmetic("-", below, along(logarithm)),
    }
    return {term: made[term.head]() for term in wanted}
