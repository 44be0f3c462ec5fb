"""What `jac` says at the point: called, split by argument, laid out as (output, input), with its own noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hesse.checking.code.arguments import Arguments
from hesse.checking.code.calls import Calls
from hesse.checking.code.claims import Claim, Shape, claims
from hesse.checking.code.failures import CodeError
from hesse.checking.code.libraries import DOUBLE, as_array
from hesse.checking.code.noise import noise
from hesse.checking.code.precision import DOUBLE_SPACING, HALF, WIDE, spacing, working_spacing
from hesse.errors import ArgumentError

Function = Callable[..., Any]
UNSTEADY = "is not a function of its arguments: two calls at the same point differ"


@dataclass(frozen=True)
class Claimed:
    """The ways to read what `jac` returned for one argument, the plainest first, and the noise in the same layouts.

    `precision` is the relative spacing of the numbers, `repeats` whether a second call gave the same.
    """

    name: str
    readings: tuple[Claim, ...]
    noises: tuple[Any, ...]
    precision: float
    repeats: bool


def claimed(jac: Any, wide: Any, calls: Calls, own: Calls, output: Shape, line: Any) -> list[Claimed]:
    """The claim for each argument. Raises CodeError where `jac` raises, ArgumentError where it returns no arrays.

    `own` are the calls in the precision of the user's arguments: they decide on shapes and types, and on the values
    where `jac` does not follow the precision of `calls`. `wide` is `jac` in double precision, if it differs. The noise
    is looked for along `line`.
    """
    names = [own.given.names[k] for k in own.given.wrt]
    raw = parts(_raw(jac, own), names, own)
    arrays = [as_array(part, "jac") for part in raw]
    again = [as_array(part, "jac") for part in parts(_raw(jac, own), names, own)]
    better = _in_double(wide, calls, names, arrays) if calls is not own else None
    used = calls if better is not None else own
    of_type = DOUBLE_SPACING if better is not None else max(map(spacing, raw))
    noises, precision = _noises(jac if better is None else wide, used, names, better or arrays, line, of_type)
    found = []
    for name, shape, array, blur, plain, second in zip(
        names, own.shapes, better or arrays, noises, arrays, again, strict=True
    ):
        readings = claims(array, output, shape, name)
        layouts = [each.matrix for each in claims(blur, output, shape, name)]
        found.append(Claimed(name, tuple(readings), tuple(layouts), precision, steady(plain, second)))
    return found


def steady(one: Any, two: Any) -> bool:
    """Whether two calls gave the same, up to a rounding that depends on the order of threads."""
    if one.shape != two.shape:
        return False
    kind = one.dtype if one.dtype.kind == "f" else DOUBLE
    finite = np.isfinite(one)
    allowed = 1e4 * np.finfo(kind).eps * np.max(np.abs(one[finite]), initial=0.0)
    with np.errstate(all="ignore"):
        return bool(np.array_equal(finite, np.isfinite(two)) and np.all(np.abs(one - two)[finite] <= allowed))


def _raw(jac: Any, calls: Calls, point: Any = None) -> Any:
    return calls.raw(jac, "jac", point) if callable(jac) else jac


def _in_double(jac: Any, calls: Calls, names: Sequence[str], arrays: Sequence[Any]) -> list[Any] | None:
    """The same derivatives in double precision, where `jac` follows its arguments; None where it does not."""
    if not callable(jac):
        return None
    try:
        found = [as_array(part, "jac") for part in parts(_raw(jac, calls), names, calls)]
    except (CodeError, ArgumentError):
        return None
    for wide, narrow in zip(found, arrays, strict=True):
        if wide.shape != narrow.shape or wide.dtype != DOUBLE or narrow.dtype.kind != "f":
            return None
        # What is only wrong in single precision, an overflow say, is to be seen.
        rounding = 100 * float(np.finfo(narrow.dtype).eps)
        close = np.abs(wide - narrow) <= 0.01 * np.max(np.abs(wide), initial=0.0) + rounding
        if not np.all(close & np.isfinite(narrow)):
            return None
    return found


def _noises(
    jac: Any, calls: Calls, names: Sequence[str], arrays: Sequence[Any], line: Any, precision: float
) -> tuple[list[Any], float]:
    """The noise of each array: as its values near the point show it, and at least some units in the last place; and
    the relative spacing of the numbers, which may be that of a shorter type than they have."""
    if not callable(jac):
        return _rounding(arrays, precision), precision

    def values(t: float) -> Any:
        try:
            found = [as_array(part, "jac") for part in parts(_raw(jac, calls, calls.start + t * line), names, calls)]
            flat = np.concatenate([each.astype(DOUBLE).ravel() for each in found])
            return flat if flat.shape == start.shape else np.full(start.shape, np.nan)
        except (CodeError, ArgumentError):
            return np.full(start.shape, np.nan)

    start = np.concatenate([each.astype(DOUBLE).ravel() for each in arrays])
    with np.errstate(all="ignore"):
        seen = noise(values, start, calls.precision)
        precision = max(precision, working_spacing(np.stack([values(share) for share in WIDE])))
    rounding = _rounding(arrays, precision)
    pieces = np.split(seen, np.cumsum([each.size for each in arrays])[:-1])
    noises = [np.maximum(piece.reshape(least.shape), least) for piece, least in zip(pieces, rounding, strict=True)]
    return noises, precision


def _rounding(arrays: Sequence[Any], precision: float) -> list[Any]:
    """Some units in the last place of each entry; few of them where there are few bits."""
    units = (2 if precision > HALF else 8) * precision
    return [units * np.abs(each.astype(DOUBLE)) for each in arrays]


def own_derivative(fun: Function, given: Arguments) -> Function:
    """The library's own derivative of `fun`, as a function of all arguments."""

    def derivative(*values: Any, **keywords: Any) -> Any:
        found = given.library.derivative(given.flat(fun), [*values, *keywords.values()], given.wrt)
        return found[0] if len(found) == 1 else found

    return derivative


def parts(value: Any, names: Sequence[str], calls: Calls) -> list[Any]:
    """What `jac` returned, one part for each varying argument. Raises ArgumentError when the number differs."""
    if isinstance(value, dict):
        missing = [name for name in names if name not in value]
        if missing:
            listed = ", ".join(map(str, value)) or "(none)"
            raise ArgumentError(f"jac returns a dict without `{missing[0]}`", hint=f"its keys are {listed}")
        return [value[name] for name in names]
    listing = isinstance(value, (tuple, list))
    if len(names) == 1:
        wrapped = listing and len(value) == 1 and calls.shapes[0] and np.ndim(as_array(value[0], "jac")) > 0
        return [value[0] if wrapped else value]
    if listing and len(value) == len(names):
        return list(value)
    count = f"{len(value)} arrays" if listing else "one array"
    raise ArgumentError(
        f"jac returns {count} for the {len(names)} arguments {', '.join(names)}",
        hint=f"name the arguments that it differentiates by: wrt={names[0]!r}",
    )
