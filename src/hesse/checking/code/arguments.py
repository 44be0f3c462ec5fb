"""What a checked function is called with: the arguments at the point, their names, and which of them vary."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, TypeAlias

import numpy as np

from hesse.checking.code.libraries import DOUBLE, NUMPY, TORCH, Library, as_array, leaves, library_of
from hesse.errors import ArgumentError

Wrt: TypeAlias = str | int | Sequence[str | int] | None
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Arguments:
    """All arguments in their order: names for messages, values, the positions that vary, and how they are passed.

    The arguments from `positional` on go by keyword, unless the function takes all of them by position in this order.
    """

    names: tuple[str, ...]
    values: tuple[Any, ...]
    wrt: tuple[int, ...]
    positional: int
    library: Library
    readings: tuple[str, ...] = ()

    def called(self, function: Callable[..., Any], values: Sequence[Any]) -> Any:
        """What the function returns for these values of the arguments."""
        count = self.positional
        if count < len(values) and self._in_order(function):
            count = len(values)
        keywords = dict(zip(self.names[count:], values[count:], strict=True))
        return function(*values[:count], **keywords)

    def _in_order(self, function: Callable[..., Any]) -> bool:
        """Whether the first parameters are the arguments in their order: what `jax.grad` makes needs positions."""
        first = (_parameters(function) or [])[: len(self.names)]
        return [p.name for p in first if p.kind in _POSITIONAL] == list(self.names)

    def flat(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function of positional arguments only."""
        return lambda *values: self.called(function, values)

    def of_library(self, library: Library) -> Arguments:
        """The same arguments as arrays of another library, in double precision."""
        values = [
            library.native(as_array(value, name), value, double=True)
            if k in self.wrt or isinstance(value, np.ndarray)
            else value
            for k, (name, value) in enumerate(zip(self.names, self.values, strict=True))
        ]
        reading = f"the arguments are passed as arrays of {library.name}"
        return replace(self, values=tuple(values), library=library, readings=(*self.readings, reading))


def arguments(function: Callable[..., Any], at: Any, args: Any, wrt: Wrt) -> Arguments:
    """The arguments that `at` and `args` give. Raises ArgumentError when they do not fit or are no numbers."""
    extra = tuple(args) if isinstance(args, (list, tuple)) else (args,)
    parameters = _parameters(function)
    if isinstance(at, Mapping):
        names, given, positional = _by_name(at, parameters, bool(extra))
    elif isinstance(at, tuple) and not _is_one_array(at, parameters, len(extra)):
        given, names = list(at), _names(parameters, len(at))
        positional = len(given) + len(extra)
    else:
        given, names = [list(at) if isinstance(at, tuple) else at], _names(parameters, 1)
        positional = 1 + len(extra)
    if not given:
        raise ArgumentError("`at` is empty: it must hold the values of the arguments")
    varying = _varying(names, given, wrt)
    values = [_value(value, name, k in varying) for k, (name, value) in enumerate(zip(names, given, strict=True))]
    names = [*names, *_names(parameters, len(given) + len(extra))[len(given) :]]
    known = [library_of(each) for each in (*values, *extra)]
    library = next((each for each in known if each is not None and each is not NUMPY), NUMPY)
    result = Arguments(tuple(names), (*values, *extra), varying, positional, library)
    if any(np.size(as_array(result.values[k], names[k])) == 0 for k in varying):
        raise ArgumentError("`at` holds an array without entries: there is nothing to differentiate by")
    if library_of(function) is TORCH and library is NUMPY:
        return result.of_library(TORCH)
    return _in_one_library(result)


def _in_one_library(found: Arguments) -> Arguments:
    """NumPy arrays beside tensors that vary become tensors; everything else stays as it is."""
    library = found.library
    if library is NUMPY:
        return found
    values = list(found.values)
    for k in found.wrt:
        if library_of(values[k]) is not library:
            values[k] = library.native(as_array(values[k], found.names[k]), values[k], double=True)
    return replace(found, values=tuple(values))


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    """The parameters, or None where they cannot be known or are many."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    return None if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in found) else found


def _names(parameters: list[inspect.Parameter] | None, count: int) -> list[str]:
    known = [p.name for p in parameters or () if p.kind in _POSITIONAL][:count]
    if count == 1 and not known:
        return ["x"]
    return known + [f"x{k}" for k in range(len(known), count)]


def _is_one_array(at: tuple[Any, ...], parameters: list[inspect.Parameter] | None, extra: int) -> bool:
    """Whether a tuple is the value of a single argument: numbers only, for a function that needs one argument."""
    if not at or not all(isinstance(each, Real) for each in at):
        return False
    if parameters is None:
        return True
    positional = [p for p in parameters if p.kind in _POSITIONAL]
    required = [p for p in positional if p.default is p.empty]
    return len(at) + extra > len(positional) or max(1, len(required)) == 1 + extra


def _by_name(
    at: Mapping[str, Any], parameters: list[inspect.Parameter] | None, extra: bool
) -> tuple[list[str], list[Any], int]:
    """Names, values and how many of them go by position."""
    if extra:
        raise ArgumentError("`args` belongs to arguments by position", hint="put all arguments into the dict `at`")
    names = [str(name) for name in at]
    if parameters is None:
        return names, list(at.values()), len(names)
    known = {p.name: p for p in parameters}
    options = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)
    unknown = [name for name in names if name not in known]
    if unknown and not options:
        listed = ", ".join(known) or "(none)"
        raise ArgumentError(f"fun has no parameter `{unknown[0]}`", hint=f"its parameters are {listed}")
    needed = [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind is not inspect.Parameter.VAR_KEYWORD and p.name not in names
    ]
    if needed:
        raise ArgumentError(f"`at` has no value for the parameter `{needed[0]}` of fun")
    first = [p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_ONLY and p.name in names]
    ordered = first + [p.name for p in parameters if p.name in names and p.name not in first]
    ordered += [name for name in names if name not in ordered]
    return ordered, [at[name] for name in ordered], len(first)


def _varying(names: list[str], given: list[Any], wrt: Wrt) -> tuple[int, ...]:
    """The positions that `wrt` names; left out, those of all arrays of real numbers."""
    if wrt is None:
        found = tuple(k for k, value in enumerate(given) if len(given) == 1 or not _is_constant(value))
        if not found:
            raise ArgumentError("no argument in `at` consists of real numbers", hint="name one by `wrt`")
        return found
    listed = [wrt] if isinstance(wrt, (str, int)) else list(wrt)
    positions: list[int] = []
    for each in listed:
        position = names.index(each) if each in names else each
        if isinstance(position, bool) or not isinstance(position, int) or not 0 <= position < len(given):
            raise ArgumentError(f"wrt: `at` has no argument {each!r}", hint=f"the arguments are {', '.join(names)}")
        positions.append(position)
    if not positions or len(set(positions)) < len(positions):
        raise ArgumentError("wrt names one or more arguments, each once")
    return tuple(positions)


def _is_constant(value: Any) -> bool:
    """Whether a value cannot vary: an array of integers or truth values, a text, an object.

    Lists and numbers that are typed count as real, whatever their digits.
    """
    kind = str(getattr(value, "dtype", ""))
    if kind:
        return "float" not in kind
    return not all(isinstance(leaf, Real) and not isinstance(leaf, bool) for leaf in leaves(value))


def _value(value: Any, name: str, varies: bool) -> Any:
    """The value as it is passed: numbers and lists as arrays of float64, arrays as they are."""
    library = library_of(value)
    if library is None and isinstance(value, (list, tuple, Real)) and value is not True and value is not False:
        if not all(isinstance(leaf, Real) for leaf in leaves(value)):
            if varies:
                raise ArgumentError(f"`at`: {name} must consist of real numbers")
            return value
        try:
            return np.array(value, dtype=DOUBLE)[()]
        except ValueError:
            raise ArgumentError(f"`at`: the rows of {name} differ in length") from None
    if not varies:
        return value
    if library is None:
        raise ArgumentError(f"`at`: {name} is a value of type {type(value).__name__}, not numbers or an array")
    array = as_array(value, f"`at`: {name}")
    if array.dtype.kind in "iub" or str(value.dtype).startswith("complex"):
        return library.native(array.astype(DOUBLE), value, double=True)
    return value
