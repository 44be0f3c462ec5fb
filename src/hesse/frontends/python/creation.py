"""Arrays made of sizes: zeros, ones, the identity, with `like=` where a size is symbolic."""

from __future__ import annotations

from typing import Any

from hesse.core.sizes import Size
from hesse.core.syntax import Syntax, call, number
from hesse.frontends.python.operations import binary
from hesse.frontends.python.products import refuse_offset
from hesse.frontends.python.registry import handles
from hesse.frontends.python.trace import Trace
from hesse.frontends.python.ufuncs import refuse_dtype
from hesse.frontends.python.values import size_of_value, tree_of
from hesse.notation.trees import size_tree


@handles("broadcast_to")
def _broadcast_to(trace: Trace, array: Any, shape: Any) -> Syntax:
    return binary(trace, "+", tree_of(trace, array), filled(trace, "zeros", shape))


@handles("zeros_like")
def _zeros_like(trace: Trace, a: Any, dtype: Any = None) -> Syntax:
    return _like(trace, "zeros", a, dtype)


@handles("ones_like")
def _ones_like(trace: Trace, a: Any, dtype: Any = None) -> Syntax:
    return _like(trace, "ones", a, dtype)


@handles("full_like")
def _full_like(trace: Trace, a: Any, fill_value: Any, dtype: Any = None) -> Syntax:
    return binary(trace, "*", tree_of(trace, fill_value), _like(trace, "ones", a, dtype))


def _like(trace: Trace, function: str, a: Any, dtype: Any) -> Syntax:
    refuse_dtype(trace, dtype)
    return constant(trace, function, trace.shape(tree_of(trace, a)))


def constant(trace: Trace, function: str, shape: tuple[Size, ...]) -> Syntax:
    """zeros or ones of the shape; the number itself for a scalar."""
    if not shape:
        return trace.add(number(int(function == "ones")))
    return trace.add(call(function, *map(size_tree, shape)))


@handles("zeros")
def _zeros(trace: Trace, shape: Any, dtype: Any = float, order: str = "C") -> Syntax:
    refuse_dtype(trace, dtype)
    return filled(trace, "zeros", shape)


@handles("ones")
def _ones(trace: Trace, shape: Any, dtype: Any = None, order: str = "C") -> Syntax:
    refuse_dtype(trace, dtype)
    return filled(trace, "ones", shape)


@handles("full")
def _full(trace: Trace, shape: Any, fill_value: Any, dtype: Any = None, order: str = "C") -> Syntax:
    return binary(trace, "*", tree_of(trace, fill_value), _ones(trace, shape, dtype))


def filled(trace: Trace, function: str, shape: Any) -> Syntax:
    """zeros or ones of a shape that the user gives."""
    sizes = [size_of_value(item) for item in (shape if isinstance(shape, (tuple, list)) else (shape,))]
    if None in sizes:
        raise trace.refuse(f"{shape!r} is not a shape")
    return constant(trace, function, tuple(size for size in sizes if size is not None))


@handles("eye", "identity")
def _eye(trace: Trace, N: Any, M: Any = None, k: int = 0, dtype: Any = float, order: str = "C") -> Syntax:
    refuse_dtype(trace, dtype)
    refuse_offset(trace, k)
    size, other = size_of_value(N), size_of_value(N if M is None else M)
    if size is None or size != other:
        raise trace.refuse("the identity matrix is square, and its size an integer or the size of an axis")
    return trace.add(call("eye", size_tree(size)))


@handles("array", "asarray")
def _array(trace: Trace, object: Any, dtype: Any = None) -> Syntax:  # noqa: A002
    refuse_dtype(trace, dtype)
    return tree_of(trace, object)


@handles("copy", "asarray_chkfinite", "nan_to_num")
def _copy(trace: Trace, a: Any) -> Syntax:
    return tree_of(trace, a)
