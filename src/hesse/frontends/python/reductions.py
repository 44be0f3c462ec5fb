"""Reductions whose signature is their own, and choices by conditions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from hesse.core.sizes import product
from hesse.core.syntax import Index, Slice, Syntax, number
from hesse.frontends.python.operations import axis_of, binary, named, reduced
from hesse.frontends.python.registry import handles
from hesse.frontends.python.shaping import flat
from hesse.frontends.python.trace import Trace
from hesse.frontends.python.ufuncs import elementwise, refuse_options
from hesse.frontends.python.values import integer_of, tree_of
from hesse.functions import FUNCTIONS
from hesse.notation.trees import size_tree


@handles("linalg.norm", "linalg.vector_norm", "linalg.matrix_norm")
def _norm(trace: Trace, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Syntax:  # noqa: A002
    tree = tree_of(trace, x)
    vector = trace.rank(tree) == 1 or integer_of(axis) is not None
    if ord is None or (ord == "fro" and not vector) or (ord == 2 and vector):
        return reduced(trace, "norm", tree, axis, keepdims)
    if ord == 1 and vector:
        return reduced(trace, "norm1", tree, axis, keepdims)
    if ord == math.inf and vector:
        return reduced(trace, "max", elementwise(trace, "abs", tree), axis, keepdims)
    if ord == 1:
        return reduced(trace, "max", reduced(trace, "sum", elementwise(trace, "abs", tree), 0))
    if ord == math.inf:
        return reduced(trace, "max", reduced(trace, "sum", elementwise(trace, "abs", tree), 1))
    if vector and isinstance(ord, (int, float)) and 1 < ord < math.inf:
        return _norm_of_order(trace, tree, Fraction(ord), axis, keepdims)
    raise trace.refuse(
        f"the norm of order {ord!r} is not in the vocabulary", "the norms are those of order 2, 1 and inf"
    )


def _norm_of_order(trace: Trace, tree: Syntax, order: Fraction, axis: Any, keepdims: bool) -> Syntax:
    """The sum of the absolute values to a power, and the root of it."""
    powers = binary(trace, "**", elementwise(trace, "abs", tree), number(order))
    return binary(trace, "**", reduced(trace, "sum", powers, axis, keepdims), number(1 / order))


@handles("var")
def _var(
    trace: Trace, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: bool = False
) -> Syntax:
    refuse_options(trace, "var", {"dtype": dtype, "out": out})
    tree = tree_of(trace, a)
    if ddof == 0 and "var" in FUNCTIONS:
        return reduced(trace, "var", tree, axis, keepdims)
    centred = binary(trace, "-", tree, reduced(trace, "mean", tree, axis, axis is not None))
    squares = binary(trace, "**", centred, number(2))
    if ddof == 0:
        return reduced(trace, "mean", squares, axis, keepdims)
    shape = trace.shape(tree)
    given = axis if isinstance(axis, tuple) else tuple(range(len(shape))) if axis is None else (axis,)
    count = product(tuple(shape[axis_of(trace, each, len(shape))] for each in given))
    total = reduced(trace, "sum", squares, axis, keepdims)
    return binary(trace, "/", total, binary(trace, "-", size_tree(count), tree_of(trace, ddof)))


@handles("std")
def _std(trace: Trace, *arguments: Any, **options: Any) -> Syntax:
    return elementwise(trace, "sqrt", _var(trace, *arguments, **options))


@handles("average")
def _average(trace: Trace, a: Any, axis: Any = None, weights: Any = None) -> Syntax:
    if weights is None:
        return reduced(trace, "mean", tree_of(trace, a), axis)
    tree, weight = tree_of(trace, a), tree_of(trace, weights)
    if trace.shape(tree) != trace.shape(weight):
        raise trace.refuse("the weights of an average have the shape of the array")
    weighted = binary(trace, "*", tree, weight)
    return binary(trace, "/", reduced(trace, "sum", weighted, axis), reduced(trace, "sum", weight, axis))


@handles("cumsum", "cumulative_sum")
def _cumsum(trace: Trace, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Syntax:
    refuse_options(trace, "cumsum", {"dtype": dtype, "out": out})
    tree = tree_of(trace, a)
    if axis is None and trace.rank(tree) > 1:
        tree = flat(trace, tree)
    return named(
        trace,
        "cumsum",
        tree,
        axis=None if axis is None or trace.rank(tree) == 1 else axis_of(trace, axis, trace.rank(tree)),
    )


@handles("where")
def _where(trace: Trace, condition: Any, *values: Any) -> Syntax:
    if len(values) != 2:
        message = "np.where with one argument gives positions that depend on values"
        raise trace.refuse(message, "write `np.where(condition, a, b)`")
    return elementwise(trace, "where", *(tree_of(trace, each) for each in (condition, *values)))


@handles("select")
def _select(trace: Trace, condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Syntax:
    tree = tree_of(trace, default)
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        tree = elementwise(trace, "where", tree_of(trace, condition), tree_of(trace, choice), tree)
    return tree


@handles("clip")
def _clip(trace: Trace, a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Syntax:  # noqa: A002
    low, high = (min if a_min is None else a_min), (max if a_max is None else a_max)
    tree = tree_of(trace, a)
    if low is not None and high is not None:
        return elementwise(trace, "clip", tree, tree_of(trace, low), tree_of(trace, high))
    if low is not None:
        tree = elementwise(trace, "maximum", tree, tree_of(trace, low))
    return tree if high is None else elementwise(trace, "minimum", tree, tree_of(trace, high))


@handles("all", "any", "argmax", "argmin", "argsort", "sort", "median", "nonzero", "unique", "searchsorted")
def _depends_on_values(trace: Trace, *arguments: Any, **options: Any) -> Syntax:
    raise trace.refuse(
        "a result that is chosen by values is not read", "the vocabulary has max, min, where and comparisons"
    )


@handles("diff")
def _diff(trace: Trace, a: Any, n: Any = 1, axis: int = -1) -> Syntax:
    tree = tree_of(trace, a)
    whole = [Slice(None, None, None)] * axis_of(trace, axis, trace.rank(tree))
    for _ in range(integer_of(n) or 0):
        after = trace.add(Index(tree, (*whole, Slice(number(1), None, None))))
        before = trace.add(Index(tree, (*whole, Slice(None, number(-1), None))))
        tree = binary(trace, "-", after, before)
    return tree
