"""Calls of NumPy's functions of whole arrays: those with a handler, and those that the vocabulary has by that name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hesse.core.function import Construction
from hesse.core.nodes import Elementwise, Operator
from hesse.core.syntax import Syntax
from hesse.frontends.python import creation, products, rearranging, reductions, shaping
from hesse.frontends.python.operations import named, reduced
from hesse.frontends.python.registry import HANDLERS, Handler
from hesse.frontends.python.trace import Trace
from hesse.frontends.python.ufuncs import OTHER_NAMES, elementwise, refuse_options, unknown
from hesse.frontends.python.values import tree_of
from hesse.functions import FUNCTIONS

__all__ = ["array_function", "creation", "products", "rearranging", "reductions", "shaping"]


def array_function(trace: Trace, name: str, arguments: Sequence[Any], options: dict[str, Any]) -> Any:
    """The tree of a call of a NumPy function, or a list of trees where NumPy gives several arrays."""
    handler = HANDLERS.get(name) or _of_the_vocabulary(trace, OTHER_NAMES.get(name, name))
    try:
        return handler(trace, *arguments, **options)
    except TypeError as error:
        # The handlers' signatures are NumPy's without what is not read: this is their own refusal, and not a defect.
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise
        said = str(error).partition("()")[2].strip()
        raise trace.refuse(f"this call of `{name}` is not read: it {said}") from None


def _of_the_vocabulary(trace: Trace, name: str) -> Handler:
    """The handler of a row that NumPy knows under the same name."""
    row = FUNCTIONS.get(name)
    match row:
        case Elementwise():
            return lambda trace, *values, **options: _entrywise(trace, name, values, options)
        case Operator(kind="reduction") | Construction(takes_axis=True):
            return lambda trace, a, axis=None, dtype=None, out=None, keepdims=False, **options: _reduction(
                trace, name, a, axis, keepdims, {**options, "dtype": dtype, "out": out}
            )
        case Operator() | Construction(sizes=False):
            return lambda trace, *values: named(trace, name, *(tree_of(trace, each) for each in values))
        case _:
            raise unknown(trace, name)


def _entrywise(trace: Trace, name: str, values: Sequence[Any], options: dict[str, Any]) -> Syntax:
    refuse_options(trace, name, options)
    return elementwise(trace, name, *(tree_of(trace, each) for each in values))


def _reduction(trace: Trace, name: str, a: Any, axis: Any, keepdims: Any, options: dict[str, Any]) -> Syntax:
    refuse_options(trace, name, options)
    for option in sorted(options.keys() - {"dtype", "out", "where"}):
        raise trace.refuse(f"`{option}=` of `{name}` is not read")
    return reduced(trace, name, tree_of(trace, a), axis, keepdims is True)
