"""`check_gradient`: hand-written derivatives against the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hesse.checking.code.arguments import Arguments, Wrt, arguments
from hesse.checking.code.calls import Calls, CodeError
from hesse.checking.code.claimed import Claimed, claimed, own_derivative
from hesse.checking.code.conclusion import concluded
from hesse.checking.code.exact import traced
from hesse.checking.code.inspection import Inspection
from hesse.checking.code.libraries import (
    DOUBLE,
    JAX,
    LIBRARIES,
    TORCH,
    Library,
    as_array,
    library_of,
    loaded_torch,
    named_library,
)
from hesse.checking.code.result import UNDECIDED, CodeCheck
from hesse.checking.code.truth import Values
from hesse.errors import ArgumentError

Function = Callable[..., Any]
TOLERANCE = 1e-7


def check_gradient(
    fun: Function,
    jac: Any = None,
    at: Any = None,
    *,
    wrt: Wrt = None,
    args: Any = (),
    tolerance: float | None = None,
    library: str | None = None,
    seed: int = 0,
) -> CodeCheck:
    """The verdict on `jac` as the gradient (or Jacobian) of `fun` at the point `at`: a `CodeCheck`.

    `fun` and `jac` are NumPy, JAX or PyTorch functions of the same arguments. `at` is the value of the only argument, a
    tuple of several, or a dict by name; `args` are constants that follow. `wrt` names the arguments to differentiate
    by, all arrays of real numbers where it is left out; for several, `jac` returns a tuple in their order. The
    derivative has the axes (output..., input...). `jac` may also be an array, the derivative at the point; True where
    `fun` returns the pair of value and derivative; and left out for PyTorch and JAX, whose own backward pass (a
    `torch.autograd.Function`, a `custom_vjp`) is then what is checked. It is never taken for the truth.

    The truth is the exact derivative where hesse can read the function, and else is extrapolated from differences, with
    a bound on the error. `tolerance` is the relative difference of an entry that does not count: 1e-7, more for code
    that calculates in single precision. At a kink every value between the one-sided slopes is accepted. Raises
    ArgumentError for arguments that do not fit, and CodeError, with the line, where the code raises at the point.

    >>> import hesse as hs
    >>> import numpy as np
    >>> loss = lambda x: np.sum(np.sin(x)**2)
    >>> print(hs.check_gradient(loss, lambda x: 2*np.sin(x)*np.cos(x), at=[0.5, 1.0, 2.0]).verdict)
    equal (proved)
    >>> wrong = hs.check_gradient(loss, lambda x: 2*np.sin(x), at=[0.5, 1.0, 2.0])
    >>> wrong.verdict, round(wrong.counterexample.factor, 4)
    ('different', 1.1395)
    """
    if at is None:
        raise ArgumentError("`at` is missing: the point at which to compare", hint="hs.check_gradient(fun, jac, at=x0)")
    fun = _applied(fun)
    given = arguments(fun, at, args, wrt)
    if library is not None and LIBRARIES.get(library) is not given.library:
        given = given.of_library(named_library(library))
    if jac is True:
        fun, jac = _first(fun), _second(fun)
    elif jac is not None:
        jac = _applied(jac) if callable(jac) else jac
    given, start = _started(fun, given, jac)
    return _checked(fun, jac, given, start, tolerance, seed)


def _applied(function: Any) -> Function:
    """The function itself; of a class of PyTorch with a backward of its own, its `apply`."""
    torch = loaded_torch()
    if torch is not None and isinstance(function, type) and issubclass(function, torch.autograd.Function):
        applied: Function = function.apply
        return applied
    if not callable(function):
        raise ArgumentError(f"fun must be a function, not a value of type {type(function).__name__}")
    found: Function = function
    return found


def _first(function: Function) -> Function:
    return lambda *arguments, **keywords: _pair(function(*arguments, **keywords))[0]


def _second(function: Function) -> Function:
    return lambda *arguments, **keywords: _pair(function(*arguments, **keywords))[1]


def _pair(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ArgumentError("with jac=True, fun must return a pair: the value and the derivative")
    return value[0], value[1]


def _started(fun: Function, given: Arguments, jac: Any) -> tuple[Arguments, Any]:
    """The arguments, as tensors where the function takes nothing else, and its raw value at the point."""
    try:
        start = Calls(given, double=False).raw(fun, "fun")
    except CodeError:
        other = _other_library(given)
        if other is None:
            raise
        try:
            moved = given.of_library(other)
            return moved, Calls(moved, double=False).raw(fun, "fun")
        except CodeError:
            pass
        raise
    found = library_of(start)
    if found is JAX and given.library is not JAX:
        given = given.of_library(JAX)
        start = Calls(given, double=False).raw(fun, "fun")
    return given, start


def _other_library(given: Arguments) -> Library | None:
    return TORCH if given.library is not TORCH and loaded_torch() is not None else None


def _checked(fun: Function, jac: Any, given: Arguments, start: Any, tolerance: float | None, seed: int) -> CodeCheck:
    own = Calls(given, double=False)
    value = as_array(start, "fun")
    again = as_array(own.raw(fun, "fun"), "fun")
    unusable = _unusable(value, again)
    if unusable:
        return CodeCheck(UNDECIDED, unusable, readings=given.readings)
    calls, value = _in_double(fun, own, value)
    values = Values(calls, fun, value, seed)
    jac = own_derivative(fun, given) if jac is None else jac
    found = claimed(jac, calls, own, value.shape, values.signs)
    if callable(jac) and not _repeats(found, claimed(jac, own, own, value.shape, values.signs) if calls is own else found):
        return CodeCheck(UNDECIDED, "jac is not a function of its arguments: two calls at the same point differ")
    precision = max(values.precision, *(part.precision for part in found))
    accepted = max(TOLERANCE, 50 * precision) if tolerance is None else float(tolerance)
    exact = traced(given, fun, value, 1e-6 * np.abs(values.flat) + 100 * values.noise)
    inspection = Inspection(values, found, exact, accepted, calls.sizes)
    return concluded(inspection, calls, value, exact, jac, precision)


def _unusable(value: Any, again: Any) -> str:
    """Why there is nothing to compare with at the point, if so."""
    if not np.all(np.isfinite(value)):
        kind = "NaN" if np.any(np.isnan(value)) else "infinite"
        where = "" if value.ndim == 0 else f" in {np.count_nonzero(~np.isfinite(value))} of {value.size} outputs"
        return f"fun is {kind}{where} at the point: there is no derivative to compare with"
    if value.size == 0:
        return "fun returns an array without entries"
    if value.shape != again.shape or not np.array_equal(value, again):
        apart = f"by {np.max(np.abs(value - again)):.3g}" if value.shape == again.shape else "in shape"
        return f"fun is not a function of its arguments: two calls at the same point differ {apart}"
    return ""


def _in_double(fun: Function, own: Calls, value: Any) -> tuple[Calls, Any]:
    """Calls in double precision and the value there, where the function follows its arguments; else as they were."""
    if own.precision < 1e-10 and value.dtype == DOUBLE:
        return own, value
    wide = Calls(own.given, double=True)
    try:
        found = as_array(wide.raw(fun, "fun"), "fun")
    except (CodeError, ArgumentError):
        return own, value
    scale = np.max(np.abs(value), initial=0.0)
    if found.dtype != DOUBLE or found.shape != value.shape or np.max(np.abs(found - value)) > 0.01 * scale:
        return own, value
    return wide, found


def _repeats(one: list[Claimed], two: list[Claimed]) -> bool:
    """Whether two calls gave the same."""
    pairs = ((a.readings[0].matrix, b.readings[0].matrix) for part, other in zip(one, two, strict=True) for a, b in [(part, other)])
    return all((a is None and b is None) or np.array_equal(a, b, equal_nan=True) for a, b in pairs)
