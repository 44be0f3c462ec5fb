"""How a program goes through its data block by block: a loop of statements, or a function that a library folds."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from hesse.codegen import python
from hesse.codegen.names import Names
from hesse.codegen.reuse import reused
from hesse.codegen.terms import Term


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of an array in a block: the array, the axis that its rows are along, and the name of the block's."""

    array: str
    axis: int
    rows: str

    def slice(self, low: ast.expr | None, high: ast.expr | None) -> ast.expr:
        """The rows between two positions."""
        return python.subscript(python.name(self.array), *[ast.Slice()] * self.axis, ast.Slice(low, high))


@dataclass(frozen=True, slots=True)
class RowLoop:
    """Sums over all rows: `values`, after the statements of `body`, are those over one block of `height` rows.

    `totals` are the names of the sums, `zeros` what they begin with; `count` is the number of rows. `terms` are what
    the names in the body stand for.
    """

    count: ast.expr
    height: int
    blocks: Sequence[Block]
    body: Sequence[ast.stmt]
    values: Sequence[ast.expr]
    totals: Sequence[str]
    zeros: Sequence[ast.expr]
    terms: Mapping[str, Term]


Loop: TypeAlias = Callable[[RowLoop, Names], list[ast.stmt]]
"""The statements that leave the sums under their names."""


def in_place(loop: RowLoop, names: Names) -> list[ast.stmt]:
    """A loop in which blocks are added to the sums where they stand, and large values take the memory of others."""
    added = [python.update(python.name(t), "+", value) for t, value in zip(loop.totals, loop.values, strict=True)]
    return _statements(replace(loop, body=reused(loop.body, loop.values, loop.terms)), names, added)


def out_of_place(loop: RowLoop, names: Names) -> list[ast.stmt]:
    """A loop in which every sum is a new array, for libraries that look into programs: they follow no assignment."""
    added = [
        python.assign(python.name(total), python.binary("+", python.name(total), value))
        for total, value in zip(loop.totals, loop.values, strict=True)
    ]
    return _statements(loop, names, added)


def _statements(loop: RowLoop, names: Names, added: Sequence[ast.stmt]) -> list[ast.stmt]:
    low, high = (python.name(names.number(name)) for name in ("low", "high"))
    body = [
        python.assign(high, python.binary("+", low, python.constant(loop.height))),
        *(python.assign(python.name(block.rows), block.slice(low, high)) for block in loop.blocks),
        *loop.body,
        *added,
    ]
    counted = python.call("range", python.constant(0), loop.count, python.constant(loop.height))
    starts = [python.assign(python.name(total), zeros) for total, zeros in zip(loop.totals, loop.zeros, strict=True)]
    return [*starts, ast.For(low, counted, body, [], lineno=0)]


def folded(loop: RowLoop, names: Names) -> list[ast.stmt]:
    """A function of a block, folded over all blocks of the height by `lax.fori_loop`.

    What is left over, perhaps nothing, comes first: so the sums begin with the type of numbers that they have.
    """
    block, step, k, totals, low = (names.number(name) for name in ("block", "step", "k", "totals", "low"))
    height = python.constant(loop.height)
    rest = python.binary("*", python.binary("//", loop.count, height), height)
    moved = [
        python.call(
            "lax.dynamic_slice_in_dim", python.name(each.array), python.name(low), height, python.constant(each.axis)
        )
        for each in loop.blocks
    ]
    sums = python.call("map", python.dotted("jnp.add"), python.name(totals), python.call(block, *moved))
    results = ast.Tuple([python.name(total) for total in loop.totals])
    first = python.call(block, *(each.slice(rest, None) for each in loop.blocks))
    count = python.binary("//", loop.count, height)
    return [
        _function(block, [each.rows for each in loop.blocks], [*loop.body, ast.Return(ast.Tuple([*loop.values]))]),
        _function(
            step,
            [k, totals],
            [
                python.assign(python.name(low), python.binary("*", python.name(k), height)),
                ast.Return(python.call("tuple", sums)),
            ],
        ),
        python.assign(results, python.call("lax.fori_loop", python.constant(0), count, python.name(step), first)),
    ]


def _function(name: str, parameters: Sequence[str], body: list[ast.stmt]) -> ast.stmt:
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(each) for each in parameters], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    return ast.FunctionDef(name, arguments, body, [], lineno=0)
