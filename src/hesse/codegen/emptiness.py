"""Sizes of zero: which programs mean something for arrays without entries, and why others do not.

Rules are derived, and positions are proved to lie on their axes, for sizes of at least 1. What is left for a size of 0
is what carries over word for word: entries one by one, and sums and products over nothing, which are 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping

from hesse.codegen.plan import Plan
from hesse.codegen.terms import Term, as_size
from hesse.core.nodes import Elementwise
from hesse.core.sizes import Size
from hesse.core.syntax import COMPARISONS
from hesse.functions import FUNCTIONS

_CARRIES_OVER = COMPARISONS | frozenset(
    "variable number constant size full eye transpose column outer diag diagpart trace + - * / ** negative float power "
    "sum norm norm1 prod @ einsum where".split()
)
_OF_SOMETHING = frozenset({"mean", "max", "min", "var", "logsumexp", "softmax", "log_softmax", "hardmax"})
"""Reductions that nothing has no value of, and functions along an axis that are made of them."""


def meaningless(plan: Plan, sizes: Mapping[str, int]) -> str:
    """Why the program means nothing where some of the sizes are zero; no text where it does mean something."""
    for term in plan.steps:
        reason = _reason(term, sizes)
        if reason:
            return reason
    return ""


def _reason(term: Term, sizes: Mapping[str, int]) -> str:
    if any(size.names <= sizes.keys() and size.evaluate(sizes) < 0 for size in term.shape):
        return "a size of the expression would be negative"
    if term.head == "/" or (term.head == "**" and not _is_nonnegative(term.arguments[1])):
        divisor = as_size(term.arguments[1 if term.head == "/" else 0])
        if divisor is not None and divisor.names and _is_zero(divisor, sizes):
            return f"the expression divides by {divisor}"
    touched = [size for each in (term, *term.arguments) for size in each.shape]
    if not any(_is_zero(size, sizes) for size in touched):
        return ""
    if term.head in _OF_SOMETHING:
        (axis,), (argument,) = term.options, term.arguments
        over = argument.shape if axis is None else (argument.shape[axis],)
        return f"there is no {term.head} of nothing" if any(_is_zero(size, sizes) for size in over) else ""
    if term.head in _CARRIES_OVER or isinstance(FUNCTIONS.get(term.head), Elementwise):
        return ""
    return "sizes are at least 1 where entries are picked, joined or rearranged, or matrices factorised"


def _is_zero(size: Size, sizes: Mapping[str, int]) -> bool:
    return size.names <= sizes.keys() and size.evaluate(sizes) == 0


def _is_nonnegative(exponent: Term) -> bool:
    return exponent.head == "number" and exponent.options[0] >= 0
