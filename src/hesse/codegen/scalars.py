"""A plan for fixed sizes written out entry by entry: every operation becomes operations on single numbers.

Zeros that are known (of `eye`, `diag`, placements) vanish here, with the products they are in.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from types import MappingProxyType
from typing import TypeAlias

from hesse.codegen.plan import Plan
from hesse.codegen.terms import Term, Terms, as_size, is_one
from hesse.core.nodes import Shape
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError, LimitError

Cells: TypeAlias = Tensor[Term]
MAX_CELLS = 20_000
"""How many numbers a program may deal with before it is too long to read and to compile."""
_ALONG = frozenset({"softmax", "log_softmax", "hardmax", "prod_others"})
_WHOLE = frozenset({"logsumexp", "var", "max", "min", "norm"})


class Scalars:
    """Writes terms out; `cells[term]` are the scalar terms of its entries."""

    def __init__(self, terms: Terms, target: str) -> None:
        self.terms = terms
        self.cells: dict[Term, Cells] = {}
        self.target = target
        self._count = 0

    def expand(self, term: Term) -> Cells:
        """The entries of a term whose arguments have been written out."""
        shape = self.sizes(term.shape)
        self._spend(math.prod(shape))
        parts = [self.cells[argument] for argument in term.arguments]
        rule = _RULES.get(term.head)
        found = rule(self, term, shape, parts) if rule else self._entrywise(term, shape, parts)
        assert found.shape == shape, (term.head, found.shape, shape)
        self.cells[term] = found
        return found

    def sizes(self, shape: Shape) -> tuple[int, ...]:
        """The sizes as integers. Raises ArgumentError where they are symbolic."""
        sizes = [size.as_int() for size in shape]
        known = tuple(size for size in sizes if size is not None)
        if len(known) < len(sizes):
            raise ArgumentError(
                f"the target {self.target} writes out every entry, and the size "
                f"{next(s for s, n in zip(shape, sizes, strict=True) if n is None)} is not a number",
                hint="declare sizes as numbers, such as x:2, or use another backend",
            )
        return known

    def add(self, left: Term, right: Term, negative: bool = False) -> Term:
        """left + right, or left - right."""
        if _is_zero(right):
            return left
        if _is_zero(left):
            return self.terms.negative(right) if negative else right
        return self.terms.arithmetic("-" if negative else "+", left, right)

    def times(self, left: Term, right: Term) -> Term:
        """left * right."""
        self._spend(1)
        if _is_zero(left) or _is_zero(right):
            return self.terms.number(0)
        if is_one(left) or is_one(right):
            return right if is_one(left) else left
        return self.terms.arithmetic("*", left, right)

    def total(self, entries: Sequence[Term]) -> Term:
        """The sum."""
        return reduce(self.add, entries, self.terms.number(0))

    def _spend(self, count: int) -> None:
        self._count += count
        if self._count > MAX_CELLS:
            message = f"the target {self.target} writes out every entry, and these are more than {MAX_CELLS}"
            raise LimitError(message, hint="use the backend numpy")

    def _entrywise(self, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
        columns = [part.broadcast(shape).entries for part in parts]
        return Tensor(shape, [self._one(term, entries) for entries in zip(*columns, strict=True)])

    def _one(self, term: Term, entries: Sequence[Term]) -> Term:
        match term.head:
            case "+" | "-" as operator:
                return self.add(entries[0], entries[1], operator == "-")
            case "*":
                return self.times(entries[0], entries[1])
            case "negative":
                return entries[0] if _is_zero(entries[0]) else self.terms.negative(entries[0])
            case "/" if _is_zero(entries[0]):
                return entries[0]
            case _:
                return self.terms.make(term.head, entries, term.options, (), term.dtype)

    def lanes(self, cells: Cells, axis: int | None) -> Tensor[list[Term]]:
        """The entries along an axis, for every position of the others; all of them without an axis."""
        if axis is None:
            return Tensor.scalar(cells.entries)
        size = cells.shape[axis]
        others = cells.shape[:axis] + cells.shape[axis + 1 :]
        return Tensor.build(others, lambda at: [cells[(*at[:axis], k, *at[axis:])] for k in range(size)])


def written_out(plan: Plan, target: str) -> tuple[Plan, Mapping[str, Cells], Mapping[Term, Cells]]:
    """The plan of single numbers, the entries of each output, and those of each variable."""
    scalars = Scalars(plan.terms, target)
    for term in plan.steps:
        scalars.expand(term)
    outputs = {name: scalars.cells[root] for name, root in plan.outputs.items()}
    variables = {term: cells for term, cells in scalars.cells.items() if term.head == "variable" and term.shape}
    entries = {
        f"{name}{at}": plan.terms.as_float(cell)
        for name, cells in outputs.items()
        for at, cell in enumerate(cells.entries)
    }
    names = {
        cells.item: plan.names[term] for term, cells in scalars.cells.items() if term in plan.names and not term.shape
    }
    flat = replace(plan, outputs=MappingProxyType(entries), names=MappingProxyType(names))
    return flat, outputs, variables


Rule: TypeAlias = Callable[[Scalars, Term, tuple[int, ...], Sequence[Cells]], Cells]


def _is_zero(term: Term) -> bool:
    return term.head == "number" and term.options[0] == 0


def _integer(term: Term) -> int:
    size = as_size(term)
    value = None if size is None else size.as_int()
    assert value is not None, term.head
    return value


def _leaf(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    return Tensor.scalar(term)


def _variable(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    if not shape:
        return Tensor.scalar(term)
    return Tensor.build(shape, lambda at: scalars.terms.make("entry", (term,), at, (), term.dtype))


def _refuse(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    what = f"the function {term.options[0]}" if term.head == "undefined" else term.head
    raise ArgumentError(f"the target {scalars.target} cannot express {what}", hint="use the backend numpy")


def _size(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    raise ArgumentError(
        f"the target {scalars.target} writes out every entry, and the size {term.options[0]} is not a number",
        hint="declare sizes as numbers, such as x:2, or use another backend",
    )


def _reshape(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    return Tensor(shape, parts[0].entries)


def _transpose(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    return parts[0].transpose(range(len(shape))[::-1])


def _full(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    return Tensor.build(shape, lambda _: parts[0].item)


def _eye(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    return Tensor.build(shape, lambda at: scalars.terms.number(int(at[0] == at[1])))


def _diag(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    zero = scalars.terms.number(0)
    return Tensor.build(shape, lambda at: parts[0].entries[at[0]] if at[0] == at[1] else zero)


def _diagpart(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    return Tensor.build(shape, lambda at: parts[0][at[0], at[0]])


def _trace(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    return Tensor.scalar(scalars.total([parts[0][k, k] for k in range(parts[0].shape[0])]))


def _arange(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    return Tensor.build(shape, lambda at: scalars.terms.number(at[0]))


def _outer(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    return Tensor.build(shape, lambda at: scalars.times(parts[0].entries[at[0]], parts[1].entries[at[1]]))


def _kron(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    left, right = parts
    inner = right.shape

    def entry(at: tuple[int, ...]) -> Term:
        outer = tuple(k // size for k, size in zip(at, inner, strict=True))
        return scalars.times(left[outer], right[tuple(k % size for k, size in zip(at, inner, strict=True))])

    return Tensor.build(shape, entry)


def _matmul(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    left, right = parts
    inner = range(right.shape[0])

    def entry(at: tuple[int, ...]) -> Term:
        row, column = at[: len(left.shape) - 1], at[len(left.shape) - 1 :]
        return scalars.total([scalars.times(left[(*row, k)], right[(k, *column)]) for k in inner])

    return Tensor.build(shape, entry)


def _einsum(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    left, _, out = term.options[0].partition("->")
    words = left.split(",")
    extents = {
        letter: size
        for word, part in zip(words, parts, strict=True)
        for letter, size in zip(word, part.shape, strict=True)
    }
    summed = [letter for letter in extents if letter not in out]

    def entry(at: tuple[int, ...]) -> Term:
        products = []
        for inner in itertools.product(*(range(extents[letter]) for letter in summed)):
            place = dict(zip((*out, *summed), (*at, *inner), strict=True))
            factors = [part[tuple(place[letter] for letter in word)] for word, part in zip(words, parts, strict=True)]
            products.append(reduce(scalars.times, factors))
        return scalars.total(products)

    return Tensor.build(shape, entry)


def _reduction(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    (axis,) = term.options
    terms = scalars.terms

    def reduced(lane: list[Term]) -> Term:
        match term.head:
            case "sum":
                return scalars.total(lane)
            case "mean":
                return terms.arithmetic("/", scalars.total(lane), terms.number(len(lane)))
            case "prod":
                return reduce(scalars.times, lane)
            case "norm1":
                return scalars.total([terms.function("abs", (entry,)) for entry in lane])
            case head:
                return terms.make(head, lane)

    return scalars.lanes(parts[0], axis).map(reduced)


def _along(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    """All entries of a lane at once, which then are picked one by one."""
    (axis,) = term.options
    lanes = scalars.lanes(parts[0], axis).map(lambda lane: scalars.terms.make(term.head, lane))
    if axis is None:
        return Tensor(shape, [scalars.terms.make("entry", (lanes.item,), (k,)) for k in range(len(parts[0].entries))])
    return Tensor.build(
        shape, lambda at: scalars.terms.make("entry", (lanes[(*at[:axis], *at[axis + 1 :])],), (at[axis],))
    )


def _picked(scalars: Scalars, term: Term, size: int, item: object) -> list[int] | int:
    """The positions along an axis that an item of an index names."""
    if isinstance(item, tuple):
        bounds = [None if part is None else _integer(term.arguments[part]) for part in item]
        return list(range(size)[slice(*bounds)])
    assert isinstance(item, int)
    cells = scalars.cells[term.arguments[item]]
    if any(as_size(cell) is None for cell in cells.entries):
        raise ArgumentError(f"the target {scalars.target} cannot express index arrays", hint="use the backend numpy")
    found = [range(size)[_integer(cell)] for cell in cells.entries]
    return found if cells.shape else found[0]


def _index(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    operand = parts[0]
    picked = [_picked(scalars, term, size, item) for size, item in zip(operand.shape, term.options, strict=False)]

    def entry(at: tuple[int, ...]) -> Term:
        rest = iter(at)
        place = [pick if isinstance(pick, int) else pick[next(rest)] for pick in picked]
        return operand[(*place, *rest)]

    return Tensor.build(shape, entry)


def _assemble(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    out = Tensor.build(shape, lambda _: scalars.terms.number(0))
    flat = Tensor(shape, list(range(len(out.entries))))
    for piece in term.options:
        picked = [_picked(scalars, term, size, item) for size, item in zip(shape, piece.template, strict=False)]
        tables = [
            k for k, each in enumerate(picked) if not isinstance(each, int) and isinstance(piece.template[k], int)
        ]
        # Positions given by arrays run together, first where they stand apart, as in NumPy.
        order = [k for k, each in enumerate(picked) if not isinstance(each, int) and k not in tables[1:]]
        if tables and tables[-1] - tables[0] >= len(tables):
            order.sort(key=lambda k: k != tables[0])
        order += range(len(picked), len(shape))
        whole = [*picked, *(list(range(size)) for size in shape[len(picked) :])]
        axes = [whole[k] for k in order]
        value = parts[piece.value].broadcast(tuple(len(axis) for axis in axes if not isinstance(axis, int)))
        for at in itertools.product(*(range(size) for size in value.shape)):
            chosen = dict(zip(order, at, strict=True)) | {k: at[order.index(tables[0])] for k in tables}
            place = tuple(each if isinstance(each, int) else each[chosen[k]] for k, each in enumerate(whole))
            target = flat[place]
            out.entries[target] = scalars.add(out.entries[target], value[at], piece.negative)
    return out


def _stack(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    axis = term.options[0] if term.options else 0
    return Tensor.build(shape, lambda at: parts[at[axis]][(*at[:axis], *at[axis + 1 :])])


def _concat(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    (axis,) = term.options
    places = [(part, k) for part in parts for k in range(part.shape[axis])]
    return Tensor.build(shape, lambda at: places[at[axis]][0][(*at[:axis], places[at[axis]][1], *at[axis + 1 :])])


def _roll(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    (axis,) = term.options
    shift = _integer(term.arguments[1])
    operand = parts[0]
    if axis is None:
        size = len(operand.entries)
        return Tensor(shape, [operand.entries[(k - shift) % size] for k in range(size)])
    return Tensor.build(shape, lambda at: operand[(*at[:axis], (at[axis] - shift) % shape[axis], *at[axis + 1 :])])


def _matrix(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    """A function of whole matrices, given their entries; `options` has the number of rows."""
    size = parts[0].shape[0]
    entries = [cell for part in parts for cell in part.entries]
    whole = scalars.terms.make(f"{term.head}_entries", entries, (size,))
    if not shape:
        return Tensor.scalar(whole)
    # The solution of one system is a list of rows of one entry.
    return Tensor.build(shape, lambda at: scalars.terms.make("entry", (whole,), at if len(at) > 1 else (*at, 0)))


def _cumsum(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    axis = term.options[0] or 0
    lanes = scalars.lanes(parts[0], axis).map(lambda lane: list(itertools.accumulate(lane, scalars.add)))
    return Tensor.build(shape, lambda at: lanes[(*at[:axis], *at[axis + 1 :])][at[axis]])


def _triangle(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    shift = _integer(parts[1].item) if len(parts) > 1 else 0
    sign = 1 if term.head == "triu" else -1
    zero = scalars.terms.number(0)
    return Tensor.build(shape, lambda at: parts[0][at] if (at[1] - at[0] - shift) * sign >= 0 else zero)


def _column(scalars: Scalars, term: Term, shape: tuple[int, ...], parts: Sequence[Cells]) -> Cells:
    return Tensor(shape, parts[0].entries)


_RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("number", "constant"), _leaf),
    **dict.fromkeys(("sum", "mean", "prod", "norm1", *_WHOLE), _reduction),
    **dict.fromkeys(_ALONG, _along),
    **dict.fromkeys(("det", "logdet", "inv", "solve"), _matrix),
    **dict.fromkeys(("stack", "stack_along"), _stack),
    **dict.fromkeys(("undefined", "matpow"), _refuse),
    "variable": _variable, "size": _size, "reshape": _reshape, "transpose": _transpose, "full": _full, "eye": _eye,
    "diag": _diag, "diagpart": _diagpart, "trace": _trace, "arange": _arange, "outer": _outer, "kron": _kron,
    "@": _matmul, "einsum": _einsum, "index": _index, "assemble": _assemble, "concat": _concat, "roll": _roll,
    "column": _column, "cumsum": _cumsum, "tril": _triangle, "triu": _triangle,
}  # fmt: skip
