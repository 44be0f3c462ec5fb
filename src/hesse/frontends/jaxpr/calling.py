"""Tracing a JAX function for symbolic sizes, and reading what it returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hesse.core.declarations import Declarations, FunctionDeclaration, VariableDeclaration
from hesse.core.nodes import Shape
from hesse.core.sizes import Size
from hesse.core.syntax import Name, Syntax, number
from hesse.errors import ArgumentError, HesseError, TraceError
from hesse.frontends.jaxpr import arrays, entrywise, products
from hesse.frontends.jaxpr.reader import Reader
from hesse.frontends.jaxpr.sizes import dimension
from hesse.frontends.jaxpr.values import Real, Value
from hesse.frontends.python.calling import described
from hesse.frontends.python.parameters import matched
from hesse.frontends.python.places import place_of
from hesse.frontends.python.trace import Trace

__all__ = ["TracedFunction", "arrays", "entrywise", "products", "traced_jax_function"]

Bounds = dict[str, int]
SMALLEST = (1, 2, 3, 4, 5, 6, 8, 10)
"""What sizes are assumed to be at least, in the order in which it is tried."""


@dataclass(frozen=True, slots=True)
class TracedFunction:
    """The tree of a function, how it was read, and sizes that must be at least 1 for it.

    Where values were held constant by stop_gradient, `tree` has zero in their place, and `with_held` is the tree with
    the variables `held`.
    """

    tree: Syntax
    readings: tuple[str, ...]
    required: tuple[Size, ...] = ()
    with_held: Syntax | None = None
    held: tuple[VariableDeclaration, ...] = ()


def traced_jax_function(jax: Any, function: Any, declarations: Declarations) -> TracedFunction:
    """The tree of what a JAX function returns for the declared variables. `jax` is the library."""
    if not callable(function):
        raise ArgumentError(f"a function is needed, not a value of type {type(function).__name__}")
    matching = matched(function, declarations)
    names = [*matching.positional, *matching.keywords.values()]
    entries = [_variable(declarations, name) for name in names]
    count, keys = len(matching.positional), list(matching.keywords)

    def positional(*values: Any) -> Any:
        return function(*values[:count], **dict(zip(keys, values[count:], strict=True)))

    closed, bounds = _jaxpr(jax, positional, entries, declarations.size_names)
    required = tuple(Size.of(name) - (bound - 1) for name, bound in bounds.items() if bound > 1)
    if len(closed.jaxpr.outvars) != 1:
        hint = "stack them with `jnp.stack([a, b])`"
        raise ArgumentError(f"the function returns {len(closed.jaxpr.outvars)} arrays", hint=hint)
    trace = Trace(declarations)
    trace.note(f"read from the JAX function {described(function)}, traced for float64")
    for reading in matching.readings:
        trace.note(reading)
    stopped: list[Shape] = []

    def zero(shape: Shape) -> Syntax:
        stopped.append(shape)
        return number(0)

    tree = _read(trace, closed, entries, zero)
    if not stopped:
        return TracedFunction(tree, tuple(trace.readings), required)
    plain = TracedFunction(tree, tuple(trace.readings), required)
    return _with_held(plain, closed, entries, declarations)


def _with_held(
    plain: TracedFunction, closed: Any, entries: list[VariableDeclaration], declarations: Declarations
) -> TracedFunction:
    """The function once more, with variables for what stop_gradient holds."""
    trace = Trace(declarations)
    held: list[VariableDeclaration] = []
    taken = {*(entry.name for entry in declarations), *declarations.size_names}

    def variable(shape: Shape) -> Syntax:
        name = f"held{len(held)}"
        while name in taken:
            name += "_"
        held.append(VariableDeclaration(name, shape))
        return trace.declare(held[-1])

    other = _read(trace, closed, entries, variable)
    return replace(plain, with_held=other, held=tuple(held))


def _read(trace: Trace, closed: Any, entries: list[VariableDeclaration], held: Callable[[Shape], Syntax]) -> Syntax:
    reader = Reader(trace, held)
    arguments: list[Value] = [Real(trace.add(Name(entry.name)), entry.shape) for entry in entries]
    (result,) = reader.read(closed.jaxpr, closed.consts, arguments)
    return reader.whole(result)


def _variable(declarations: Declarations, name: str) -> VariableDeclaration:
    entry = declarations.find(name)
    if entry is None or isinstance(entry, FunctionDeclaration):
        hint = "undefined functions and sizes are parameters of NumPy-style functions only"
        raise ArgumentError(f"a JAX function cannot take `{name}`, which is not a variable", hint=hint)
    return entry


def _jaxpr(jax: Any, function: Any, entries: list[VariableDeclaration], names: tuple[str, ...]) -> tuple[Any, Bounds]:
    """The function's jaxpr for symbolic dimensions and 64 bits, and what the sizes must be at least for it.

    `x[2:]` has n - min(n, 2) entries, which fit nothing else: where such sizes occur, larger sizes are assumed, no
    larger than needed, and for as few names as possible.
    """
    plain: Any = None
    mismatch: Exception | None = None
    for bound in SMALLEST if names else (1,):
        bounds = dict.fromkeys(names, bound)
        try:
            closed = _traced(jax, function, entries, bounds)
        except HesseError:
            raise
        except (TypeError, ValueError) as error:
            mismatch = mismatch or error
            continue
        if _settled(closed):
            return _relaxed(jax, function, entries, bounds, closed)
        plain = plain or closed
    if mismatch is not None:
        raise mismatch
    return plain, dict.fromkeys(names, 1)


def _relaxed(
    jax: Any, function: Any, entries: list[VariableDeclaration], bounds: Bounds, closed: Any
) -> tuple[Any, Bounds]:
    """The same with as many sizes as possible without a bound."""
    for name in bounds if max(bounds.values(), default=1) > 1 else ():
        trial = {**bounds, name: 1}
        try:
            other = _traced(jax, function, entries, trial)
        except (HesseError, TypeError, ValueError):
            continue
        if _settled(other):
            bounds, closed = trial, other
    return closed, bounds


def _settled(closed: Any) -> bool:
    """Whether no size is a minimum or a maximum."""
    text = str(closed)
    return "min(" not in text and "max(" not in text


def _traced(jax: Any, function: Any, entries: list[VariableDeclaration], bounds: Bounds) -> Any:
    dimensions: dict[str, Any] = {}
    if bounds:
        constraints = [f"{name} >= {bound}" for name, bound in bounds.items() if bound > 1]
        shape = jax.export.symbolic_shape(",".join(bounds), constraints=constraints)
        dimensions = dict(zip(bounds, shape, strict=True))
    arguments = [
        jax.ShapeDtypeStruct(
            tuple(dimension(size, dimensions) for size in entry.shape), "float64" if entry.index is None else "int64"
        )
        for entry in entries
    ]
    try:
        with jax.enable_x64(True):
            return jax.make_jaxpr(function)(*arguments)
    except HesseError:
        raise
    except Exception as error:
        found = _explained(error)
        if found is None:
            raise
        raise found from None


def _explained(error: Exception) -> TraceError | None:
    """The error for what JAX says about values and sizes that it does not have while it traces; else None."""
    kind = type(error).__name__
    if "Tracer" in kind or "ConcretizationType" in kind:
        message, hint = "a branch or a conversion that depends on a value", "write `jnp.where(condition, a, b)`"
    elif "InconclusiveDimension" in kind:
        message = f"JAX cannot decide about a symbolic size: {str(error).splitlines()[0]}"
        hint = "declare integers in the place of sizes"
    else:
        return None
    place = place_of(error.__traceback__)
    found = TraceError(f"{message} ({place})" if place else message, hint=hint)
    if place is not None and place.source:
        found.source, found.span = place.source, place.span
    return found
