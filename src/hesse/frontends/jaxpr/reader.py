"""Reading a jaxpr equation by equation. What cannot be read becomes an error only if the result needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hesse.core.nodes import Shape
from hesse.core.sizes import Size
from hesse.core.syntax import Binary, Call, Name, Num, Syntax, call, number
from hesse.errors import HesseError, TraceError
from hesse.frontends.jaxpr.sizes import shape_of
from hesse.frontends.jaxpr.values import Integers, Known, NonFinite, Real, Unreadable, Value
from hesse.frontends.python.constants import array_tree, number_tree
from hesse.frontends.python.places import place_of
from hesse.frontends.python.trace import Trace
from hesse.notation.trees import size_tree

Rule = Callable[..., Any]
RULES: dict[str, Rule] = {}


def reads(*names: str) -> Callable[[Rule], Rule]:
    """A decorator that enters the rule of primitives: rule(reader, equation, *values) gives a value or a list."""

    def enter(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, rule))
        return rule

    return enter


class Reader:
    """One reading. `held` says what stands for the value of a stop_gradient: zero, or a variable of its own."""

    def __init__(self, trace: Trace, held: Callable[[Shape], Syntax]) -> None:
        self.trace = trace
        self.held = held

    def read(self, jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Value]) -> list[Value]:
        """The values of the results."""
        values: dict[Any, Value] = dict(zip(jaxpr.invars, arguments, strict=True))
        values.update(zip(jaxpr.constvars, map(self.constant, constants), strict=True))
        for equation in jaxpr.eqns:
            operands = [self._operand(each, values) for each in equation.invars]
            values.update(zip(equation.outvars, self._results(equation, operands), strict=True))
        return [self._operand(each, values) for each in jaxpr.outvars]

    def _operand(self, atom: Any, values: dict[Any, Value]) -> Value:
        return self.constant(atom.val, atom.aval) if hasattr(atom, "val") else values[atom]

    def _results(self, equation: Any, operands: list[Value]) -> list[Value]:
        try:
            result = self._result(equation, operands)
        except HesseError as error:
            return [Unreadable(_located(error, equation), _shape(each)) for each in equation.outvars]
        return result if isinstance(result, list) else [result]

    def _result(self, equation: Any, operands: list[Value]) -> Any:
        name = equation.primitive.name
        rule = RULES.get(name)
        if rule is None:
            raise TraceError(f"the JAX primitive `{name}` is not in the vocabulary", hint=HINTS.get(name, ""))
        if name not in LENIENT:
            for operand in operands:
                if isinstance(operand, Unreadable):
                    raise operand.error
        return rule(self, equation, *operands)

    def constant(self, value: Any, aval: Any = None) -> Value:
        """The value of a literal or of an array that the function closes over."""
        shape = shape_of(getattr(value, "shape", ()))
        kind = str(getattr(value, "dtype", type(value).__name__))
        if not shape:
            return self._number(value.tolist() if hasattr(value, "tolist") else value)
        if kind.startswith(("int", "uint")) and len(shape) == 1 and (found := _affine(value.tolist(), shape)):
            return found
        try:
            return Real(array_tree(self.trace, value, lambda each: number_tree(self.trace, each)), shape)
        except HesseError as error:
            return Unreadable(error, shape)

    def _number(self, value: Any) -> Value:
        if isinstance(value, bool):
            return Known(value, ())
        if isinstance(value, int):
            return Integers.scalar(Size.of(value))
        if isinstance(value, float) and value - value != 0:
            return NonFinite(value, ())
        return Real(number_tree(self.trace, value), ())

    def real(self, value: Value) -> Real:
        """The value as real numbers. Raises TraceError."""
        match value:
            case Real():
                return value
            case Known(truth=truth, shape=shape):
                return Real(self.trace.mark_truth(self.trace.add(number(int(truth)))), shape)
            case Integers(shape=shape, offset=offset) if value.constant:
                return Real(self.trace.add(size_tree(offset)), shape)
            case Integers():
                raise TraceError("an array of positions is used as numbers", hint="declare integer sizes for `arange`")
            case NonFinite(value=number_):
                raise TraceError(f"{number_} is not a finite number")
            case Unreadable(error=error):
                raise error

    def index_of(self, value: Value) -> Name | None:
        """The declared index array that the value is, with axes of size one or without; else None."""
        tree = self.real(value).tree
        while isinstance(tree, Call) and tree.function == "outer" and isinstance(tree.arguments[1], Call):
            tree = tree.arguments[0]
        return tree if isinstance(tree, Name) and self.trace.is_index(tree) else None

    def whole(self, value: Value) -> Syntax:
        """The tree of an array with all of its entries: one that was left to broadcasting is written out."""
        found = self.real(value)
        if self.trace.shape(found.tree) == found.shape:
            return found.tree
        full = call("ones", *map(size_tree, found.shape))
        if isinstance(found.tree, Num):
            if found.tree.value == 0:
                return self.trace.add(call("zeros", *map(size_tree, found.shape)))
            if found.tree.value == 1:
                return self.trace.add(full)
        return self.trace.add(Binary("*", found.tree, full))


LENIENT = frozenset({
    "closed_call", "cond", "custom_jvp_call", "custom_linear_solve", "jit", "pjit", "scan", "select_n",
    "stop_gradient",
})  # fmt: skip
"""Primitives that may do without an operand that cannot be read."""
HINTS = {
    "while": "a loop whose count is not fixed: write the loop in Python, or with whole arrays",
    "sort": "a result that is chosen by values is not in the vocabulary",
    "argmax": "a result that is chosen by values is not in the vocabulary",
    "scatter": "build the array from its parts: `jnp.stack`, `jnp.concatenate`, `jnp.where`",
    "floor": "the derivative of steps is 0 almost everywhere",
    "random_bits": "a random number is no function of the variables: make it a parameter",
}


def _shape(variable: Any) -> Shape:
    try:
        return shape_of(variable.aval.shape)
    except (HesseError, AttributeError):
        return ()


def _located(error: HesseError, equation: Any) -> HesseError:
    """The error with the user's line, where JAX knows it."""
    traceback = getattr(equation.source_info, "traceback", None)
    place = None if traceback is None else place_of(traceback.as_python_traceback())
    if place is None or error.source is not None or "line" in error.message:
        return error
    found = type(error)(f"{error.message} ({place})", hint=error.hint)
    if place.source:
        found.source, found.span = place.source, place.span
    return found


def _affine(entries: list[int], shape: Shape) -> Integers | None:
    """The entries as first + step * position, where they are that."""
    step = entries[1] - entries[0] if len(entries) > 1 else 0
    if any(entry != entries[0] + step * k for k, entry in enumerate(entries)):
        return None
    return Integers(shape, Size.of(entries[0]), (Size.of(step),))
