"""Products, traces, diagonals, inverses and their kin, with NumPy's signatures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hesse.core.syntax import Syntax, call, number
from hesse.frontends.python.operations import axis_of, binary, dot, einsum, matmul, named, transposed
from hesse.frontends.python.registry import handles
from hesse.frontends.python.shaping import flat
from hesse.frontends.python.trace import Trace
from hesse.frontends.python.ufuncs import composed, elementwise
from hesse.frontends.python.values import integer_of, tree_of
from hesse.functions import FUNCTIONS


@handles("dot", "linalg.dot")
def _dot(trace: Trace, a: Any, b: Any) -> Syntax:
    return dot(trace, tree_of(trace, a), tree_of(trace, b))


@handles("vdot")
def _vdot(trace: Trace, a: Any, b: Any) -> Syntax:
    left, right = tree_of(trace, a), tree_of(trace, b)
    if trace.rank(left) < 2:
        return dot(trace, left, right)
    return trace.add(call("sum", binary(trace, "*", left, right)))


@handles("inner")
def _inner(trace: Trace, a: Any, b: Any) -> Syntax:
    left, right = tree_of(trace, a), tree_of(trace, b)
    return dot(trace, left, transposed(trace, right) if trace.rank(right) == 2 else right)


@handles("outer", "linalg.outer")
def _outer(trace: Trace, a: Any, b: Any) -> Syntax:
    return named(trace, "outer", *(flat(trace, tree_of(trace, each)) for each in (a, b)))


@handles("linalg.matmul")
def _matmul(trace: Trace, a: Any, b: Any) -> Syntax:
    return matmul(trace, tree_of(trace, a), tree_of(trace, b))


@handles("linalg.multi_dot")
def _multi_dot(trace: Trace, arrays: Sequence[Any]) -> Syntax:
    first, *rest = (tree_of(trace, each) for each in arrays)
    for each in rest:
        first = matmul(trace, first, each)
    return first


@handles("einsum")
def _einsum(trace: Trace, subscripts: Any, *operands: Any, optimize: Any = False) -> Syntax:
    if not isinstance(subscripts, str):
        raise trace.refuse("einsum is read with its specification as text", 'write `np.einsum("ij,j->i", A, x)`')
    return einsum(trace, subscripts, *(tree_of(trace, each) for each in operands))


@handles("tensordot", "linalg.tensordot")
def _tensordot(trace: Trace, a: Any, b: Any, axes: Any = 2) -> Syntax:
    left, right = tree_of(trace, a), tree_of(trace, b)
    ranks = trace.rank(left), trace.rank(right)
    count = integer_of(axes)
    if count == 1 and max(ranks) <= 2:
        return dot(trace, left, right)
    if count is not None:
        pairs = [(ranks[0] - count + k, k) for k in range(count)]
    else:
        sides = [each if isinstance(each, (list, tuple)) else [each] for each in axes]
        pairs = [(axis_of(trace, p, ranks[0]), axis_of(trace, q, ranks[1])) for p, q in zip(*sides, strict=True)]
    first = [chr(ord("a") + k) for k in range(ranks[0])]
    second = [chr(ord("m") + k) for k in range(ranks[1])]
    for p, q in pairs:
        second[q] = first[p]
    out = [letter for letter in first + second if not (letter in first and letter in second)]
    return einsum(trace, f"{''.join(first)},{''.join(second)}->{''.join(out)}", left, right)


@handles("trace", "linalg.trace")
def _trace(trace: Trace, a: Any, offset: int = 0) -> Syntax:
    refuse_offset(trace, offset)
    return named(trace, "trace", tree_of(trace, a))


@handles("diagonal", "linalg.diagonal")
def _diagonal(trace: Trace, a: Any, offset: int = 0) -> Syntax:
    refuse_offset(trace, offset)
    return named(trace, "diagpart", tree_of(trace, a))


@handles("diag")
def _diag(trace: Trace, v: Any, k: int = 0) -> Syntax:
    refuse_offset(trace, k)
    tree = tree_of(trace, v)
    return named(trace, "diagpart" if trace.rank(tree) == 2 else "diag", tree)


def refuse_offset(trace: Trace, offset: Any) -> None:
    """Raise the error for a diagonal other than the main one."""
    if offset != 0:
        raise trace.refuse("only the main diagonal is read")


@handles("linalg.inv")
def _inv(trace: Trace, a: Any) -> Syntax:
    return named(trace, "inv", tree_of(trace, a))


@handles("linalg.det")
def _det(trace: Trace, a: Any) -> Syntax:
    return named(trace, "det", tree_of(trace, a))


@handles("linalg.slogdet")
def _slogdet(trace: Trace, a: Any) -> list[Syntax]:
    """The sign of the determinant and the logarithm of its absolute value."""
    tree = tree_of(trace, a)
    determinant = named(trace, "det", tree)
    return [elementwise(trace, "sign", determinant), composed(trace, "log(abs(a))", determinant)]


@handles("linalg.solve")
def _solve(trace: Trace, a: Any, b: Any) -> Syntax:
    left, right = tree_of(trace, a), tree_of(trace, b)
    if "solve" in FUNCTIONS:
        return named(trace, "solve", left, right)
    return matmul(trace, trace.add(call("inv", left)), right)


@handles("linalg.matrix_power")
def _matrix_power(trace: Trace, a: Any, n: Any) -> Syntax:
    exponent = integer_of(n)
    if exponent is None:
        raise trace.refuse("the exponent of a matrix power is an integer")
    return named(trace, "matpow", tree_of(trace, a), number(exponent))
