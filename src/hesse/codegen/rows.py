"""The sample axis: which size runs over rows of data that a program may take block by block.

A term has rows where it is computed row by row. A sum over all rows is a sum of sums over blocks; what follows from it
comes afterwards. So a program can go through the data once, a block at a time, while the block is in the cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hesse.codegen.plan import Plan
from hesse.codegen.terms import ENTRYWISE, Term
from hesse.core.nodes import Shape
from hesse.core.sizes import Size

_MIN_ROWS = 1000
_REDUCED = frozenset({"sum", "mean", "max", "min", "prod", "var", "norm", "norm1", "logsumexp", "finite_max"})
_MOVED = frozenset({"expanded", "swapped", "contiguous"})
_ALONG = frozenset({"softmax", "log_softmax", "hardmax", "prod_others"})


@dataclass(frozen=True, slots=True)
class Rows:
    """`axis[term]` is the axis that the rows are along; `sums` are the sums over all rows, in order."""

    axis: Mapping[Term, int]
    sums: tuple[Term, ...]


def sample_size(plan: Plan, sizes: Mapping[str, int]) -> str | None:
    """The size over which a plan can go block by block, the largest; None where it cannot.

    In a matrix it must run along the first axis, so that blocks are read without gaps.
    """
    first = None if any(term.rank > 2 for term in plan.steps) else 1
    names = {size.as_name() for term in plan.steps if term.head == "variable" for size in term.shape[:first]}
    known = sorted((name for name in names if name and sizes.get(name, 0) >= _MIN_ROWS), key=lambda n: (-sizes[n], n))
    return next((name for name in known if rows_of(plan, name) is not None), None)


def rows_of(plan: Plan, name: str) -> Rows | None:
    """What is computed row by row for a size; None where the program needs the data more than once, or as a whole."""
    size = Size.of(name)
    axis: dict[Term, int] = {}
    late: set[Term] = set()
    sums: list[Term] = []
    for term in plan.steps:
        dependent = [argument for argument in term.arguments if argument in axis]
        if term.head == "variable":
            places = [k for k, each in enumerate(term.shape) if name in each.names]
            if places and (len(places) > 1 or term.shape[places[0]] != size):
                return None
            axis |= {term: places[0]} if places else {}
            continue
        if not dependent:
            if any(name in each.names for each in term.shape):
                return None
            late |= {term} if any(argument in late for argument in term.arguments) else set()
            continue
        if any(argument in late for argument in term.arguments):
            return None
        found = _axis(term, axis)
        if found is None:
            return None
        if found >= 0:
            axis[term] = found
        else:
            sums.append(term)
            late.add(term)
    if not sums or any(root in axis for root in plan.roots):
        return None
    return Rows(axis, tuple(sums))


def _axis(term: Term, axis: Mapping[Term, int]) -> int | None:
    """The axis of the rows in a term; -1 for a sum over them, None where it is neither."""
    first = term.arguments[0]
    place = axis.get(first)
    if term.head in ENTRYWISE:
        return _aligned(term.shape, [argument for argument in term.arguments if argument in axis], axis)
    if term.head == "transpose" and place is not None:
        return term.rank - 1 - place
    if term.head == "column" and place is not None:
        return 0
    if term.head in _MOVED and place is not None:
        return _moved(term, place)
    if term.head == "@":
        return _product(term, axis)
    if term.head == "outer":
        left, right = term.arguments
        return (0 if left in axis else 1) if (left in axis) != (right in axis) else None
    if term.head in _REDUCED and place is not None:
        along: int | None = term.options[0]
        if along is None or along == place:
            return -1 if term.head in ("sum", "norm1") else None
        return place - (along < place)
    if term.head in _ALONG and place is not None:
        return place if term.options[0] not in (None, place) else None
    return _einsum(term, axis) if term.head == "einsum" else None


def _aligned(shape: Shape, arguments: Sequence[Term], axis: Mapping[Term, int]) -> int | None:
    """The axis of the result where all arguments have their rows along the same one."""
    places = {len(shape) - argument.rank + axis[argument] for argument in arguments}
    return places.pop() if len(places) == 1 else None


def _moved(term: Term, place: int) -> int:
    """The axis of the rows where axes are added, or the last two swapped."""
    if term.head == "expanded":
        kept = [k for k in range(term.rank) if k not in term.options[0]]
        return kept[place]
    last = term.rank - 1
    return {last: last - 1, last - 1: last}.get(place, place) if term.head == "swapped" else place


def _product(term: Term, axis: Mapping[Term, int]) -> int | None:
    """The axis of the rows in a product of matrices, also of stacks of them."""
    left, right = term.arguments
    if left in axis and right in axis:
        return -1 if axis[left] == left.rank - 1 and axis[right] == max(right.rank - 2, 0) else None
    if left in axis:
        return term.rank - min(right.rank, 2) if left.rank > 1 and axis[left] == left.rank - 2 else None
    return term.rank - 1 if right.rank > 1 and axis[right] == right.rank - 1 else None


def _einsum(term: Term, axis: Mapping[Term, int]) -> int | None:
    words, _, out = term.options[0].partition("->")
    pairs = list(zip(words.split(","), term.arguments, strict=True))
    letters = {word[axis[argument]] for word, argument in pairs if argument in axis}
    if len(letters) != 1:
        return None
    (letter,) = letters
    if any(letter in word and argument not in axis for word, argument in pairs):
        return None
    if any(word.count(letter) > 1 for word, _ in pairs) or out.count(letter) > 1:
        return None
    return out.index(letter) if letter in out else -1
