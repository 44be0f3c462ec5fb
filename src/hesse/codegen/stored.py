"""Which terms of a program of loops exist as arrays or numbers of their own, and which are written in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from hesse.codegen.plan import Plan
from hesse.codegen.terms import Term

CHEAP = 12
"""Up to this cost a term that is needed more than once is computed again: that costs less than keeping it."""
DEPTH = 16
"""How deeply an expression may nest."""
_COSTS = {"+": 1, "-": 1, "*": 1, "negative": 1, "/": 4, "sqrt": 4, "**": 4, "abs": 1, "where": 2}
STACKS = frozenset({"stack", "stack_along"})
_PLACES = STACKS | {"index", "transpose", "column", "full", "arange", "eye", "diag", "diagpart", "roll", "tril", "triu"}
"""What only moves entries."""
_COSTLY = 20
LEAVES = frozenset({"variable", "number", "constant", "size"})
TOTALS = frozenset({"sum", "mean", "norm1", "norm"})
"""Reductions that are sums over a position."""
ROWS = frozenset({"max", "min", "prod", "var", "logsumexp"})
"""Reductions by a function of a row."""
ALONG = frozenset({"softmax", "log_softmax", "hardmax", "prod_others", "cumsum"})
"""Functions of a row that give a row."""
LIBRARY = frozenset({"inv", "det", "solve", "logdet", "matpow"})
_STATEMENTS = ROWS | ALONG | LIBRARY | TOTALS | {"reshape", "concat", "@", "einsum", "assemble", "trace"}


def stored_terms(plan: Plan, given: Collection[Term], outputs: Collection[Term] | None = None) -> list[Term]:
    """The terms that must exist: what is read as a whole, sums, what would be computed too often, and the outputs.

    `outputs` are those of the plan unless others are named.
    """
    steps, roots = plan.steps, frozenset(plan.roots if outputs is None else outputs)
    uses = Counter(argument for term in steps for argument in term.arguments)
    arrays = {argument for term in steps for argument in arrays_of(term)}
    outside = roots | {part for term in steps if term.head not in STACKS for part in term.arguments}
    stored: set[Term] = set()
    cost: dict[Term, int] = {}
    depth: dict[Term, int] = {}
    for term in steps:
        own = 0 if term.head in LEAVES | _PLACES else _COSTS.get(term.head, _COSTLY)
        cost[term] = own + sum(cost[argument] for argument in term.arguments)
        depth[term] = 1 + max((depth[argument] for argument in term.arguments), default=0)
        if term.head in LEAVES:
            needed = term.head == "variable" and term in roots
        elif term.head in STACKS:
            needed = term in outside and not _few_integers(term)
        else:
            often = uses[term] > 1 and cost[term] > CHEAP
            needed = term in roots or term in arrays or term.head in _STATEMENTS or often or depth[term] > DEPTH
        if needed:
            cost[term], depth[term] = 0, 0
            stored.add(term)
    stored |= _spread(steps, stored, given)
    return [term for term in steps if term in stored]


def _spread(steps: Iterable[Term], stored: set[Term], given: Collection[Term]) -> set[Term]:
    """Costly terms that meet more positions than they have themselves."""
    found: set[Term] = set()
    for term in steps:
        for argument in term.arguments:
            wide = len(argument.shape) < len(term.shape) or term.head in ("@", "einsum", "outer", "kron")
            if wide and argument.rank and argument not in given and _costly(argument, stored | found, given):
                found.add(argument)
    return found


def _costly(term: Term, stored: set[Term], given: Collection[Term]) -> bool:
    """Whether an entry, written in place, has a function in it."""
    waiting = [term]
    while waiting:
        part = waiting.pop()
        if part in stored or part in given:
            continue
        if part.head not in LEAVES | _PLACES and _COSTS.get(part.head, _COSTLY) >= _COSTLY:
            return True
        waiting += part.arguments
    return False


def _few_integers(term: Term) -> bool:
    """Whether a stack is a list of integers, as an index is."""
    return term.dtype == "integer" and term.rank == 1


def arrays_of(term: Term) -> Iterable[Term]:
    """The arguments that an operation reads as whole arrays."""
    whole = term.head in ROWS | ALONG | LIBRARY or term.head in ("reshape", "concat")
    if term.head == "@":
        vectors = all(argument.rank == 1 for argument in term.arguments)
        whole = not vectors and all(argument.dtype == "real" for argument in term.arguments)
    if not whole:
        return []
    return [_untransposed(argument) for argument in term.arguments if argument.rank]


def _untransposed(term: Term) -> Term:
    return term.arguments[0] if term.head == "transpose" else term
