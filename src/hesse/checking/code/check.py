"""`check_gradient`: hand-written derivatives against the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from hesse.checking.code.arguments import Arguments, Wrt, arguments
from hesse.checking.code.calls import Calls
from hesse.checking.code.claimed import UNSTEADY, claimed, own_derivative, steady
from hesse.checking.code.conclusion import concluded
from hesse.checking.code.exact import traced
from hesse.checking.code.failures import CodeError, GradientShapeError
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
from hesse.checking.code.precision import DOUBTFUL, LOOSE, rounded
from hesse.checking.code.result import CodeCheck
from hesse.checking.code.truth import Values
from hesse.checking.verdict import DIFFERENT, NO_DIFFERENCE, UNDECIDED
from hesse.errors import ArgumentError

Function = Callable[..., Any]


def check_gradient(
    fun: Function,
    jac: Any = None,
    at: Any = None,
    *,
    wrt: Wrt = None,
    args: Any = (),
    tolerance: float | None = None,
    library: str | None = None,
    nearby: int = 0,
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
    a bound on the error. `tolerance` is the relative difference of an entry that does not count; where it is left
    out, what rounding explains: 2e-12 and what it does to the derivative, more for code that calculates with fewer
    bits, and 1e-7 for an array. At a kink every value between the one-sided slopes is accepted. `nearby` is
    the number of random points beside `at` at which `jac` must be right as well: a single point hides what cancels
    there, as entries that are all equal do. `library` is "numpy", "jax" or "torch", for whose arrays `fun` is made,
    where the point does not say it. Raises ArgumentError for arguments that do not fit, and CodeError, with the line,
    where the code raises at the point.

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
    given, start = _started(fun, given)
    found = _checked(fun, jac, given, start, tolerance, seed)
    if found.verdict != NO_DIFFERENCE or not nearby:
        return found
    return _with_nearby(found, fun, jac, given, tolerance, seed, nearby)


def _applied(function: Any) -> Function:
    """The function itself; of a class of PyTorch with a backward of its own, its `apply`."""
    torch = loaded_torch()
    own: Any = function
    if torch is not None and isinstance(own, type) and issubclass(own, torch.autograd.Function):
        own = own.apply  # type: ignore[attr-defined]  # PyTorch is not typed here
    if not callable(own):
        raise ArgumentError(f"fun must be a function, not a value of type {type(own).__name__}")
    found: Function = own
    return found


def _first(function: Function) -> Function:
    return lambda *arguments, **keywords: _pair(function(*arguments, **keywords))[0]


def _second(function: Function) -> Function:
    return lambda *arguments, **keywords: _pair(function(*arguments, **keywords))[1]


def _pair(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ArgumentError("with jac=True, fun must return a pair: the value and the derivative")
    return value[0], value[1]


def _started(fun: Function, given: Arguments) -> tuple[Arguments, Any]:
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
    unusable = _unusable(value, as_array(own.raw(fun, "fun"), "fun"))
    if unusable:
        return CodeCheck(UNDECIDED, unusable, readings=given.readings)
    plain = fun
    calls, value, fun = _in_double(fun, own, value)
    jac, wide = (own_derivative(plain, given), own_derivative(fun, given)) if jac is None else (jac, jac)
    values = Values(calls, fun, value, seed)
    try:
        found = claimed(jac, wide, calls, own, value.shape, values.line)
    except GradientShapeError as error:
        mistakes = ["shape", "transpose"] if error.transposed else ["shape"]
        return CodeCheck(DIFFERENT, error.message, mistakes, readings=given.readings)
    if not all(part.repeats for part in found):
        return CodeCheck(UNDECIDED, f"jac {UNSTEADY}", readings=given.readings)
    precision = max(values.precision, *(part.precision for part in found))
    accepted = rounded(precision, own.precision) if tolerance is None else float(tolerance)
    if tolerance is None and not callable(jac):
        accepted = max(accepted, LOOSE)  # numbers that were written down, or lost digits where they were computed
    exact = traced(
        given, fun, value, rounded(values.precision, own.precision) * np.abs(values.flat) + 100 * values.noise
    )
    inspection = Inspection(
        values, found, exact, accepted, calls.sizes, doubtful=DOUBTFUL if tolerance is None else 0.0
    )
    return concluded(inspection, calls, value, exact, jac, precision)


def _unusable(value: Any, again: Any) -> str:
    """Why there is nothing to compare with at the point, if so."""
    if value.size == 0:
        return "fun returns an array without entries"
    if not np.all(np.isfinite(value)):
        kind = "NaN" if np.any(np.isnan(value)) else "infinite"
        where = "" if value.ndim == 0 else f" in {np.count_nonzero(~np.isfinite(value))} of {value.size} outputs"
        return f"fun is {kind}{where} at the point: there is no derivative to compare with"
    return "" if steady(value, again) else f"fun {UNSTEADY}"


def _in_double(fun: Function, own: Calls, value: Any) -> tuple[Calls, Any, Function]:
    """Calls in double precision and the value there, where the function follows its arguments; else as they were."""
    if own.precision < 1e-10 and value.dtype == DOUBLE:
        return own, value, fun
    wide, function = Calls(own.given, double=True), own.given.library.widened(fun)
    try:
        found = as_array(wide.raw(function, "fun"), "fun")
    except (CodeError, ArgumentError):
        return own, value, fun
    scale = np.max(np.abs(value), initial=0.0)
    if found.dtype != DOUBLE or found.shape != value.shape or not np.max(np.abs(found - value)) <= 0.01 * scale:
        return own, value, fun
    return wide, found, function


def _beside(given: Arguments, random: np.random.Generator) -> Arguments:
    """The arguments with each entry that varies displaced by up to a tenth of its size, or of the others'."""
    values = list(given.values)
    for k in given.wrt:
        array = as_array(values[k], given.names[k]).astype(DOUBLE)
        size = np.maximum(np.abs(array), np.sqrt(np.mean(array**2)) or 1.0)
        values[k] = given.library.native(
            array + 0.1 * random.uniform(-1, 1, array.shape) * size, values[k], double=False
        )
    return replace(given, values=tuple(values))


def _with_nearby(
    found: CodeCheck, fun: Function, jac: Any, given: Arguments, tolerance: float | None, seed: int, nearby: int
) -> CodeCheck:
    """The verdict at the point, or that at a point beside it where `jac` is wrong."""
    random = np.random.default_rng(seed)
    for _ in range(nearby if callable(jac) or jac is None else 0):
        beside = _beside(given, random)
        try:
            start = Calls(beside, double=False).raw(fun, "fun")
            other = _checked(fun, jac, beside, start, tolerance, seed)
        except CodeError:
            continue  # outside of the domain, it may be
        if other.verdict == DIFFERENT:
            place = ", ".join(f"{given.names[k]} = {as_array(beside.values[k], 'at').tolist()}" for k in given.wrt)
            return replace(other, notes=(*other.notes, f"at the point itself nothing differs, but at {place}"))
    return found
