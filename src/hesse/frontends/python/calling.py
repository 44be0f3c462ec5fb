"""Running a user's function on traced values: what it returns as a surface tree, and what went wrong on the way."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hesse.core.declarations import Declarations, FunctionDeclaration
from hesse.core.sizes import Size
from hesse.core.syntax import Name, Syntax, Undefined
from hesse.errors import ArgumentError, HesseError, TraceError
from hesse.frontends.python.constants import is_array
from hesse.frontends.python.hints import JAX
from hesse.frontends.python.parameters import matched
from hesse.frontends.python.places import innermost_library, place_of
from hesse.frontends.python.trace import Trace
from hesse.frontends.python.traced import Traced, size_value
from hesse.frontends.python.values import Value, convertible, tree_of

_OBJECTS = ("Traced", "dtype('O')", "object array", "loop of ufunc does not support")
RETURN = "return a number, an array, or a list of scalars"


def traced_function(function: Any, declarations: Declarations) -> tuple[Syntax, tuple[str, ...]]:
    """The tree of what a NumPy-style function returns for the declared variables, and how it was read."""
    if not callable(function):
        hint = "give the function itself, as in hs.from_function(loss, ...)"
        raise ArgumentError(f"a function is needed, not a value of type {type(function).__name__}", hint=hint)
    trace = Trace(declarations)
    matching = matched(function, declarations)
    trace.note(f"read from the Python function {described(function)}, with NumPy's meaning")
    for reading in matching.readings:
        trace.note(reading)
    positional = [_value(trace, name) for name in matching.positional]
    keywords = {parameter: _value(trace, name) for parameter, name in matching.keywords.items()}
    result = _called(trace, function, positional, keywords)
    return _returned(trace, result), tuple(trace.readings)


def _value(trace: Trace, name: str) -> Any:
    entry = trace.declarations.find(name)
    if entry is None:
        return size_value(trace, Size.of(name))
    if isinstance(entry, FunctionDeclaration):
        return lambda argument: Traced(trace, Undefined(name, 0, tree_of(trace, argument)))
    return Traced(trace, Name(name))


def _called(trace: Trace, function: Callable[..., Any], positional: list[Any], keywords: dict[str, Any]) -> Any:
    """What the function returns. Its own exceptions pass; those that tracing has caused become a TraceError."""
    try:
        result = function(*positional, **keywords)
    except HesseError:
        raise
    except Exception as error:
        if trace.refusal is not None:
            raise trace.refusal from None
        if isinstance(error, TypeError) and any(word in str(error) for word in _OBJECTS):
            raise _foreign(error) from error
        raise
    if trace.refusal is not None:
        raise trace.refusal  # the function went on after a refusal: what it then computed is not what it computes
    return result


def _foreign(error: Exception) -> TraceError:
    """The error for a function that takes no traced values."""
    place = place_of(error.__traceback__)
    hint = "use NumPy's functions on the parameters; of scalars make an array with `np.stack([a, b])`"
    if innermost_library(error.__traceback__) in ("jax", "jaxlib"):
        hint = JAX
    found = TraceError(f"a function that needs numbers was called ({place}): {error}", hint=hint)
    if place is not None and place.source:
        found.source, found.span = place.source, place.span
    return found


def _returned(trace: Trace, result: Any) -> Syntax:
    if result is None:
        raise ArgumentError("the function returns None", hint=RETURN)
    if isinstance(result, (list, tuple)):
        if any(getattr(leaf, "ndim", 0) for leaf in _leaves(result)):
            hint = "stack arrays of one shape with `np.stack([a, b])`, join vectors with `np.concatenate([a, b])`"
            raise ArgumentError("the function returns several arrays", hint=hint)
        trace.note("the returned list is read as an array of its entries")
    elif not convertible(result):
        raise ArgumentError(f"the function returns a value of type {type(result).__name__}", hint=RETURN)
    tree = tree_of(trace, result)
    if not isinstance(result, (Value, list, tuple)) and not (is_array(result) and result.dtype.kind == "O"):
        trace.note("the function returns a constant")
    return tree


def _leaves(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _leaves(value)
        else:
            yield value


def described(function: Callable[..., Any]) -> str:
    """Its name and where it stands, where that can be known."""
    inner = inspect.unwrap(getattr(function, "func", function))
    name = getattr(inner, "__name__", type(inner).__name__)
    code = getattr(inner, "__code__", None)
    where = f" ({Path(code.co_filename).name}, line {code.co_firstlineno})" if code is not None else ""
    return f"{name}{where}"
