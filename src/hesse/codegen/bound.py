"""Plans for sizes that are known: the order of products, symmetric products, and blocks of rows.

`str(bound_plan(plan, sizes))` shows what has become of a plan. Sizes at which nothing can be gained leave it as it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from hesse.codegen.chains import cheapest, factors_of, inner_products, numbers, uses_of, work_of
from hesse.codegen.exponentials import shared_exponentials
from hesse.codegen.indexing import Indexing, Piece, Range
from hesse.codegen.pairing import pair_counts, pairwise
from hesse.codegen.plan import Plan, rebuilt
from hesse.codegen.rows import Rows, rows_of, sample_size
from hesse.codegen.samples_last import with_samples_last, without_ones
from hesse.codegen.terms import Term
from hesse.core.sizes import Size

WORTHWHILE = 10**6
"""How many multiplications must be saved, or be there, for another program to be made."""
CACHED = 2**20
"""How many bytes of data a block of rows takes."""
_ARRAYS = 4
"""The largest array over samples takes one of so many parts of a block: several are in use at a time."""
LARGE_SUM = 4096
LARGE_MATRIX = 10_000
_SQUARES = frozenset({"exp", "sigmoid", "softmax", "softplus", "abs", "sqrt", "norm", "norm1", "cosh"})
_UNIT = frozenset({"sigmoid", "softmax"})


def bound_plan(plan: Plan, sizes: Mapping[str, int], cached: int = CACHED) -> Plan:
    """The plan for the sizes, with blocks of rows that take so many bytes, or none for 0.

    The same object where there is nothing to gain, or a size is not known: one that only the values of an undefined
    function have.
    """
    if not sizes.keys() >= set(plan.declarations.size_names):
        return plan
    new = _on_diagonals(_symmetric(_doubled(_reordered(plan, sizes), sizes), sizes), sizes)
    new = _changed(new, shared_exponentials(new, sizes))
    summed = _means_as_sums(_changed(new, without_ones(new)))
    name = sample_size(summed, sizes)
    rows = None if name is None else rows_of(summed, name)
    if name is None or rows is None or not cached:
        return new
    if any(term.rank > 2 for term in rows.axis):
        return _samples_last(summed, rows, name, sizes, cached // _ARRAYS) or new
    if any(_large(term, sizes) for term in rows.sums):
        return new
    width = sum(math.prod(numbers(term.shape[1:], sizes)) for term in _data(summed, name))
    height = max(16, cached // (8 * max(1, width)))
    return new if sizes[name] < 4 * height else replace(summed, rows=(name, height))


def _samples_last(plan: Plan, rows: Rows, name: str, sizes: Mapping[str, int], cached: int) -> Plan | None:
    """The plan with samples along the last axis, in blocks of so many bytes for the largest array where there are
    several; None where a sum is larger than a block: adding to it would take the time."""
    size = Size.of(name)
    width = max(math.prod(numbers(tuple(n for n in term.shape if n != size), sizes)) for term in rows.axis)
    height = max(16, cached // (8 * width))
    if any(8 * math.prod(numbers(t.shape, sizes)) > cached for t in rows.sums):
        return None
    change, names = with_samples_last(plan, rows)
    turned = rebuilt(replace(plan, names=MappingProxyType({**plan.names, **names})), change)
    return turned if sizes[name] < 4 * height else replace(turned, rows=(name, height))


def _changed(plan: Plan, change: Mapping[Term, Term]) -> Plan:
    return rebuilt(plan, change) if change else plan


def _means_as_sums(plan: Plan) -> Plan:
    """Means as sums divided by sizes, which can be taken block by block."""
    change: dict[Term, Term] = {}
    for term in plan.steps:
        if term.head == "mean":
            (argument,), (axis,) = term.arguments, term.options
            total = plan.terms.reduce("sum", argument, axis, term.shape)
            for size in argument.shape if axis is None else argument.shape[axis : axis + 1]:
                total = plan.terms.arithmetic("/", total, plan.terms.size(size))
            change[term] = total
    return _changed(plan, change)


def _doubled(plan: Plan, sizes: Mapping[str, int]) -> Plan:
    """(A + Aᵀ) v as A v + Aᵀ v, where a second matrix would cost more than the product."""
    uses = uses_of(plan)
    change: dict[Term, Term] = {}
    for term in plan.steps:
        match term:
            case Term(head="@", rank=1, arguments=(Term(head="+", rank=2, arguments=(A, B)) as matrix, v)):
                mirrored = B.head == "transpose" and B.arguments == (A,)
                if mirrored and uses[matrix] == 1 and math.prod(numbers(A.shape, sizes)) >= LARGE_MATRIX:
                    parts = [plan.terms.make("@", (part, v), (), term.shape) for part in (A, B)]
                    change[term] = plan.terms.arithmetic("+", *parts)
            case _:
                pass
    return _changed(plan, change)


def _large(term: Term, sizes: Mapping[str, int]) -> bool:
    """Whether a sum over rows is a large product of matrices, which takes its time for arithmetic, not for data."""
    return term.rank > 1 and math.prod(numbers(term.shape, sizes)) > LARGE_SUM


def _data(plan: Plan, rows: str) -> list[Term]:
    """The variables that have an axis of the size."""
    return [t for t in plan.steps if t.head == "variable" and any(size.as_name() == rows for size in t.shape)]


def _reordered(plan: Plan, sizes: Mapping[str, int]) -> Plan:
    """Chains of products in the order that takes the fewest multiplications."""
    steps = plan.steps
    inner = inner_products(plan)
    counts = pair_counts(term for term in steps if term.head == "einsum")
    change: dict[Term, Term] = {}
    for term in steps:
        if term.head == "einsum" and len(term.arguments) > 2 and _einsum_work(term, sizes) >= WORTHWHILE:
            change[term] = pairwise(plan.terms, term, sizes, counts)
        if term.head != "@" or term in inner:
            continue
        factors = factors_of(term, inner)
        if len(factors) > 2:
            best, cost = cheapest(plan.terms, factors, sizes)
            if work_of(term, inner, sizes) - cost >= WORTHWHILE:
                change[term] = best
    return _changed(plan, change)


def _einsum_work(term: Term, sizes: Mapping[str, int]) -> int:
    """The multiplications of a contraction without any order."""
    words = term.options[0].partition("->")[0].split(",")
    shapes = (argument.shape for argument in term.arguments)
    extents = {
        letter: size
        for word, shape in zip(words, shapes, strict=True)
        for letter, size in zip(word, shape, strict=True)
    }
    return math.prod(size.evaluate(sizes) for size in extents.values())


def _on_diagonals(plan: Plan, sizes: Mapping[str, int]) -> Plan:
    """M + diag(v) as M with v added on its diagonal, where a second matrix would cost as much as the first."""
    indexing = Indexing(plan.terms)
    change: dict[Term, Term] = {}
    for term in plan.steps:
        if term.head not in ("+", "-") or term.rank != 2 or math.prod(numbers(term.shape, sizes)) < LARGE_MATRIX:
            continue
        left, right = term.arguments
        if left.shape != right.shape or (left.head == "diag") == (right.head == "diag"):
            continue
        matrix, diagonal = (right, left) if left.head == "diag" else (left, right)
        negative = term.head == "-" and matrix is right
        if negative and matrix.head == "outer":
            matrix, negative = plan.terms.outer(plan.terms.negative(matrix.arguments[0]), matrix.arguments[1]), False
        places = indexing.positions(term.shape[0])
        whole = Piece((Range(), Range()), matrix, negative)
        added = Piece((places, places), diagonal.arguments[0], term.head == "-" and diagonal is right)
        change[term] = indexing.assemble(term.shape, [whole, added])
    return _changed(plan, change)


def _symmetric(plan: Plan, sizes: Mapping[str, int]) -> Plan:
    """Xᵀ diag(d) X with d >= 0 as Bᵀ B for B = diag(√d) X: half the work, for a library that sees it."""
    change: dict[Term, Term] = {}
    for term in plan.steps:
        match term:
            case Term(head="@", arguments=(Term(head="*", arguments=(Term(head="transpose", arguments=(X,)), d)), Y)):
                work = math.prod(numbers((*term.shape, *X.shape[:1]), sizes))
                if X is Y and d.rank == 1 and work >= WORTHWHILE and _nonnegative(d):
                    terms = plan.terms
                    scaled = terms.arithmetic("*", terms.column(terms.function("sqrt", (d,))), X)
                    change[term] = terms.make("@", (terms.transpose(scaled), scaled), (), term.shape)
            case _:
                pass
    return _changed(plan, change)


def _nonnegative(root: Term) -> bool:
    """Whether no entry is below zero, by the form of the term."""
    waiting = [root]
    while waiting:
        term = waiting.pop()
        match term:
            case Term(head=head) if head in _SQUARES:
                continue
            case Term(head="number", options=(value, *_)) if value >= 0:
                continue
            case Term(head="size" | "constant"):
                continue
            case Term(head="**", arguments=(_, Term(head="number", options=(value, *_)))) if value % 2 == 0:
                continue
            case Term(head="-", arguments=(Term(head="number", options=(value, *_)), Term(head=head))) if (
                value >= 1 and head in _UNIT
            ):
                continue
            case Term(head="+" | "*" | "/", arguments=parts):
                waiting += parts
            case _:
                return False
    return True
