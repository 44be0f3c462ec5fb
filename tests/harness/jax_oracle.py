"""The oracle: a tree read as a JAX function of the point, differentiated by JAX. It knows nothing of hesse's nodes.

Positions and slices select by matrices of zeros and ones, so that only arithmetic is differentiated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Num,
    Running,
    Slice,
    Stack,
    Syntax,
    Text,
    Transpose,
    Tuple,
    Undefined,
    children,
    free_names,
    postorder,
)

from .functions import Waves
from .jax_functions import CONSTRUCTED, ELEMENTWISE, JOINED, REDUCED, TURNED, matmul
from .jets import run_with_jets
from .primitives import run
from .tangents import Unknown, run_with_tangents

jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
jax.config.update("jax_platforms", "cpu")  # type: ignore[no-untyped-call]

Array = Any
CONSTANTS = {"pi": math.pi, "e": math.e}


class Inadmissible(Exception):
    """The point has sizes for which the expression has no meaning, as an index out of range."""


@dataclass(frozen=True, eq=False)
class Point:
    """Sizes, values and stand-ins for undefined functions: where expressions are compared. Equality is identity."""

    sizes: Mapping[str, int]
    values: Mapping[str, Array]
    functions: Mapping[str, Waves]


@dataclass(frozen=True)
class Truth:
    """The value and the derivatives up to an order, with axes (output..., input..., ...)."""

    derivatives: tuple[Array, ...]

    @property
    def finite(self) -> bool:
        """Whether all of them are."""
        return all(np.isfinite(each).all() for each in self.derivatives)


def function_of(tree: Syntax, point: Point, wrt: tuple[str, ...], stacked: bool) -> Callable[[Array], Array]:
    """The tree as a JAX function of what it is differentiated by, everything else as at the point."""

    def function(moved: Array) -> Array:
        values = dict(point.values)
        values.update({name: moved[k] for k, name in enumerate(wrt)} if stacked else {wrt[0]: moved})
        return jnp.asarray(_Reader(point, values).read(tree), float)

    return function


def start_of(point: Point, wrt: tuple[str, ...], stacked: bool) -> Array:
    """The argument of that function at the point."""
    return np.asarray([point.values[name] for name in wrt] if stacked else point.values[wrt[0]], float)


def truth(tree: Syntax, point: Point, wrt: tuple[str, ...], stacked: bool, order: int, *, plain: bool = False) -> Truth:
    """What JAX says of the tree at the point. Raises Inadmissible where the sizes do not fit.

    The second derivative is the slope of JAX's first one, unless it is to be `plain` JAX.
    """
    start = start_of(point, wrt, stacked)
    doubled = order == 2 and not plain
    try:
        with np.errstate(all="ignore"):
            derivatives = _with_derivatives(function_of(tree, point, wrt, stacked), 1 if doubled else order)
            program = jax.make_jaxpr(derivatives)(start)
    except (IndexError, TypeError, ValueError, ZeroDivisionError) as error:
        raise Inadmissible(str(error)) from None
    if not doubled:
        return Truth(tuple(np.asarray(each, float) for each in run(program, start)))
    try:
        values, tangents = run_with_tangents(program, start, np.eye(start.size).reshape(*start.shape, start.size))
    except Unknown:
        return truth(tree, point, wrt, stacked, order, plain=True)
    slope, tangent = values[-1], tangents[-1]
    second = np.zeros(slope.shape + start.shape) if tangent is None else tangent.reshape(slope.shape + start.shape)
    return Truth(tuple(np.asarray(each, float) for each in (*values, second)))


def truth_by_jets(tree: Syntax, point: Point, wrt: tuple[str, ...], stacked: bool, order: int) -> Truth:
    """The same to second order at a fraction of the price: JAX traces the function, calculus from tables does the rest.

    Raises Inadmissible where the sizes do not fit.
    """
    start = start_of(point, wrt, stacked)
    try:
        with np.errstate(all="ignore"):
            program = jax.make_jaxpr(function_of(tree, point, wrt, stacked))(start)
        found = run_with_jets(program, start, second=order > 1)
    except Unknown:
        return truth(tree, point, wrt, stacked, order)
    except (IndexError, TypeError, ValueError, ZeroDivisionError) as error:
        raise Inadmissible(str(error)) from None
    return Truth((found.value, found.slope, found.curvature)[: order + 1])


def _with_derivatives(function: Callable[[Array], Array], order: int) -> Callable[[Array], tuple[Array, ...]]:
    """The value and its derivatives: the first one backward, the others forward."""

    def doubled(result: Array) -> tuple[Array, Array]:
        return result, result

    def first(start: Array) -> tuple[Array, ...]:
        slope, value = jax.jacrev(lambda x: doubled(function(x)), has_aux=True)(start)
        return value, slope

    def higher(below: Callable[[Array], tuple[Array, ...]]) -> Callable[[Array], tuple[Array, ...]]:
        def above(start: Array) -> tuple[Array, ...]:
            def last(x: Array) -> tuple[Array, tuple[Array, ...]]:
                all_below = below(x)
                return all_below[-1], all_below

            slope, values = jax.jacfwd(last, has_aux=True)(start)
            return *values, slope

        return above

    result: Callable[[Array], tuple[Array, ...]] = first
    for _ in range(order - 1):
        result = higher(result)
    return result


class _Reader:
    """One reading of a tree: definitions in scope, values of subtrees."""

    def __init__(self, point: Point, values: Mapping[str, Array]) -> None:
        self.point = point
        self.scope = dict(values)

    def read(self, tree: Syntax) -> Array:
        """The value of a tree."""
        if isinstance(tree, Definitions):
            for name, value in tree.bindings:
                self.scope[name] = self.read(value)
            return self.read(tree.body)
        results: dict[int, Array] = {}
        for part in self._order(tree):
            parts = () if isinstance(part, Running) else children(part)
            results[id(part)] = self._value(part, [results[id(child)] for child in parts])
        return results[id(tree)]

    def _order(self, tree: Syntax) -> list[Syntax]:
        """The parts in order, without those inside of running sums, which are read for every position."""
        inside = [part for part in postorder(tree) if isinstance(part, Running)]
        hidden = {id(part) for each in inside for child in children(each) for part in postorder(child)}
        return [part for part in postorder(tree) if id(part) not in hidden]

    def _reduced(self, tree: Running) -> Array:
        """The reduction of the values of a running sum, one position after the other."""
        before = dict(self.scope)
        values = []
        for position in self._positions(tree):
            self.scope = {**before, tree.index: np.float64(position)}
            values.append(jnp.asarray(self.read(tree.body)))
        self.scope = before
        return REDUCED[tree.function](jnp.stack(values), 0)

    def _positions(self, tree: Running) -> list[int]:
        """The range that is given, or else all positions at which no entry is outside of its variable."""
        if tree.start is not None and tree.stop is not None:
            return list(range(int(self.read(tree.start)), int(self.read(tree.stop))))
        before = dict(self.scope)
        found = []
        longest = max((size for value in self.scope.values() for size in np.shape(value)), default=0)
        for position in range(longest + 1):
            self.scope = {**before, tree.index: np.float64(position)}
            if all(self._inside(part, tree.index) for part in postorder(tree.body) if isinstance(part, Index)):
                found.append(position)
        self.scope = before
        return found

    def _inside(self, tree: Index, index: str) -> bool:
        item = tree.items[0]
        if isinstance(item, Slice) or index not in free_names(item):
            return True
        assert isinstance(tree.operand, Name)
        return bool(0 <= self.read(item) < np.shape(self.scope[tree.operand.name])[0])

    def _value(self, tree: Syntax, parts: list[Array]) -> Array:
        match tree:
            case Num(value=value):
                return np.float64(float(value))
            case Text(value=value):
                return value
            case Tuple():
                return tuple(parts)
            case Name() | Running():
                return self._name(tree.name) if isinstance(tree, Name) else self._reduced(tree)
            case Negative():
                return -parts[0]
            case Transpose():
                return jnp.transpose(parts[0])
            case Binary(operator=symbol):
                return BINARY[symbol](*parts)
            case Stack():
                return jnp.stack(parts)
            case Index(items=items):
                return _index(parts[0], items, parts[1:])
            case Call(function=function, axis=axis):
                return _call(function, parts, axis)
            case Undefined(function=function, order=order):
                return self._undefined(function, order, parts[0])
            case _:
                raise AssertionError(f"{type(tree).__name__} has no place here")

    def _name(self, name: str) -> Array:
        if name in self.scope:
            return self.scope[name]
        return np.float64(self.point.sizes[name] if name in self.point.sizes else CONSTANTS[name])

    def _undefined(self, name: str, order: int, argument: Array) -> Array:
        waves = self.point.functions[name]
        function: Callable[[Array], Array] = waves.value
        if not waves.domain:
            for _ in range(order):
                function = _slope(function)
            return function(argument)
        for _ in range(order):
            function = jax.jacfwd(function)
        return function(argument)


def _slope(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """The derivative of a function that works entry by entry."""
    return lambda argument: jax.jvp(function, (argument,), (jnp.ones_like(argument),))[1]


def _index(operand: Array, items: tuple[Syntax | Slice, ...], parts: list[Array]) -> Array:
    """operand[items], by a selection matrix for each axis."""
    rest = iter(parts)
    axis = 0
    for item in items:
        size = operand.shape[axis]
        if isinstance(item, Slice):
            bounds = [None if part is None else int(next(rest)) for part in (item.start, item.stop, item.step)]
            places: Array = np.arange(size)[slice(*bounds)]
        else:
            places = np.asarray(next(rest)).astype(int)
        if ((places < -size) | (places >= size)).any():
            raise IndexError(f"{places} is outside an axis of size {size}")
        selection = np.eye(size)[places]
        operand = jnp.tensordot(operand, selection, [[axis], [selection.ndim - 1]])
        if selection.ndim == 2:
            operand = jnp.moveaxis(operand, -1, axis)
        axis += selection.ndim - 1
    return operand


def _power(base: Array, exponent: Array) -> Array:
    """A constant exponent is no variable: 0**2 has a derivative."""
    if isinstance(exponent, np.generic):
        number = float(exponent)
        return base ** int(number) if number.is_integer() else base**number
    return jnp.power(base, exponent)


def _truth(compare: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    return lambda left, right: jnp.asarray(compare(jnp.asarray(left), jnp.asarray(right)), float)


BINARY: Mapping[str, Callable[[Array, Array], Array]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "**": _power,
    "@": matmul,
    "<": _truth(jnp.less),
    "<=": _truth(jnp.less_equal),
    ">": _truth(jnp.greater),
    ">=": _truth(jnp.greater_equal),
    "==": _truth(jnp.equal),
    "!=": _truth(jnp.not_equal),
}


def _call(function: str, parts: list[Array], axis: int | None) -> Array:
    if function in JOINED:
        return JOINED[function](list(map(jnp.asarray, parts)), axis or 0)
    if function in TURNED:
        return TURNED[function](jnp.asarray(parts[0]), *parts[1:], axis)
    if function in CONSTRUCTED:
        return CONSTRUCTED[function](*parts)
    if function in REDUCED:
        return REDUCED[function](jnp.asarray(parts[0]), axis)
    return ELEMENTWISE[function](*map(jnp.asarray, parts))
