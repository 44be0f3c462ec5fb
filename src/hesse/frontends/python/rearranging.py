"""Turning, rotating, repeating and masking entries, with NumPy's signatures."""

from __future__ import annotations

from typing import Any

from hesse.core.sizes import ZERO
from hesse.core.syntax import Index, Slice, Stack, Syntax, call, number
from hesse.frontends.python.operations import axis_of, binary, joined, named
from hesse.frontends.python.registry import handles
from hesse.frontends.python.shaping import flat
from hesse.frontends.python.trace import Trace
from hesse.frontends.python.values import integer_of, size_of_value, tree_of
from hesse.notation.trees import size_tree

_WHOLE, _TURNED = Slice(None, None, None), Slice(None, None, number(-1))


@handles("flip")
def _flip(trace: Trace, m: Any, axis: Any = None) -> Syntax:
    return flipped(trace, tree_of(trace, m), axis)


def flipped(trace: Trace, tree: Syntax, axis: Any = None) -> Syntax:
    """The array turned along an axis, several, or all."""
    rank = trace.rank(tree)
    given = range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = {axis_of(trace, each, rank) for each in given}
    if not axes:
        return tree
    return trace.add(Index(tree, tuple(_TURNED if k in axes else _WHOLE for k in range(max(axes) + 1))))


@handles("flipud")
def _flipud(trace: Trace, m: Any) -> Syntax:
    return flipped(trace, tree_of(trace, m), 0)


@handles("fliplr")
def _fliplr(trace: Trace, m: Any) -> Syntax:
    return flipped(trace, tree_of(trace, m), 1)


@handles("roll")
def _roll(trace: Trace, a: Any, shift: Any, axis: Any = None) -> Syntax:
    tree, steps = tree_of(trace, a), size_of_value(shift)
    rank = trace.rank(tree)
    if steps is None or isinstance(axis, tuple):
        raise trace.refuse("np.roll is read for an integer shift along one axis", "write `np.roll(A, 1, axis=0)`")
    place = None if axis is None else axis_of(trace, axis, rank)
    return named(trace, "roll", tree, size_tree(steps), axis=None if rank == 1 else place)


@handles("tile")
def _tile(trace: Trace, A: Any, reps: Any) -> Syntax:
    tree, count = tree_of(trace, A), integer_of(reps)
    if count is None or count < 1 or trace.rank(tree) != 1:
        raise trace.refuse("np.tile is read for a vector and a positive integer")
    return joined(trace, [tree] * count)


@handles("repeat")
def _repeat(trace: Trace, a: Any, repeats: Any, axis: Any = None) -> Syntax:
    tree, count = tree_of(trace, a), integer_of(repeats)
    if count is None or count < 1 or trace.rank(tree) != 1:
        raise trace.refuse("np.repeat is read for a vector and a positive integer")
    return flat(trace, trace.add(call("outer", tree, call("ones", number(count)))))


@handles("tril")
def _tril(trace: Trace, m: Any, k: Any = 0) -> Syntax:
    return _triangle(trace, "tril", m, k)


@handles("triu")
def _triu(trace: Trace, m: Any, k: Any = 0) -> Syntax:
    return _triangle(trace, "triu", m, k)


def _triangle(trace: Trace, function: str, matrix: Any, k: Any) -> Syntax:
    offset = size_of_value(k)
    if offset is None:
        raise trace.refuse("the number of a diagonal is an integer")
    return named(trace, function, tree_of(trace, matrix), *(() if offset == ZERO else (size_tree(offset),)))


@handles("kron")
def _kron(trace: Trace, a: Any, b: Any) -> Syntax:
    return named(trace, "kron", tree_of(trace, a), tree_of(trace, b))


@handles("cross", "linalg.cross")
def _cross(trace: Trace, a: Any, b: Any) -> Syntax:
    left, right = tree_of(trace, a), tree_of(trace, b)
    if [size.as_int() for size in (*trace.shape(left), *trace.shape(right))] != [3, 3]:
        raise trace.refuse("np.cross is read for vectors with three entries")

    def entry(tree: Syntax, k: int) -> Syntax:
        return trace.add(Index(tree, (number(k % 3),)))

    def component(k: int) -> Syntax:
        first = binary(trace, "*", entry(left, k + 1), entry(right, k + 2))
        return binary(trace, "-", first, binary(trace, "*", entry(left, k + 2), entry(right, k + 1)))

    return trace.add(Stack(tuple(map(component, range(3)))))
