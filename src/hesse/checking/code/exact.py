"""The exact derivative of a function that can be read: by tracing it, and differentiating the expression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from hesse.checking.code.arguments import Arguments
from hesse.checking.code.libraries import DOUBLE, JAX, NUMPY, as_array
from hesse.checking.code.noise import noise
from hesse.checking.code.precision import LOOSE
from hesse.core.rebuild import unfold
from hesse.core.syntax import Num, Stack, Syntax, fold, number, number_value
from hesse.core.traverse import postorder
from hesse.errors import HesseError
from hesse.render.structure import rebuilt
from hesse.service.derivatives import derivative
from hesse.service.expression import Expr
from hesse.service.functions import from_function, from_jax
from hesse.simplify.engine import simplify

MAX_NODES = 1500
MAX_EXPLICIT = 64
EPSILON = float(np.finfo(DOUBLE).eps)
MAX_SIDE = 200
"""Of larger matrices it is not asked how nearly singular they are."""
CHANGE = 2.0**-30
"""By how much, relatively, numbers are changed to see what their rounding does: far more than by rounding."""
UNITS = 64
"""As of so many roundings of every number counts the rounding of a calculation of another kind."""


@dataclass(frozen=True)
class Exact:
    """The function as it was read, its derivatives by each varying argument, and the values of all that is declared."""

    function: Expr
    derivatives: tuple[Expr, ...]
    values: dict[str, Any]
    names: tuple[str, ...]
    _jac: Callable[[Callable[..., Any]], Expr]

    def matrix(self, outputs: int) -> tuple[Any, Any]:
        """The derivatives at the point with axes (output, input), and a bound on the rounding of their evaluation."""
        parts = [self._matrix(each, outputs) for each in self.derivatives]
        return np.concatenate([value for value, _ in parts], axis=1), np.concatenate([e for _, e in parts], axis=1)

    def _matrix(self, each: Expr, outputs: int) -> tuple[Any, Any]:
        def displaced(t: float) -> Any:
            shifted = {name: value + t * (np.abs(value) + (value == 0)) for name, value in self.values.items()}
            return np.asarray(each.evaluate(**shifted)).reshape(outputs, -1)

        with np.errstate(all="ignore"):
            value = displaced(0.0)
            return value, 64 * EPSILON * np.abs(value) + 4 * noise(displaced, value, EPSILON)

    def sensitivity(self, outputs: int) -> Any:
        """What the derivatives change where all numbers, those of the function and of the point, are rounded.

        No calculation can be expected to do better, and one that is backward stable does not much worse: inverses of
        matrices that are nearly singular, and sums whose terms cancel. Where the change cannot be evaluated it is
        `LOOSE`.
        """
        random = np.random.default_rng(0)

        def moved(part: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
            matrix = _square(part)
            if matrix is not None:
                changed = _changed(matrix, random)
                return Stack(tuple(Stack(tuple(number(Fraction(float(x))) for x in row)) for row in changed))
            if isinstance(part, Num) and part.value.denominator != 1:
                return number(part.value * (1 + int(random.choice((-1, 1))) * Fraction(CHANGE)))
            return rebuilt(part, parts)

        values = {name: _changed(value, random) for name, value in self.values.items()}
        begin, _ = self.matrix(outputs)
        try:
            changed = self.function.with_tree(fold(self.function.tree, moved))
            with np.errstate(all="ignore"):
                parts = [derivative(changed, name).evaluate(**values) for name in self.names]
                other = np.concatenate([np.asarray(each).reshape(outputs, -1) for each in parts], axis=1)
                found = UNITS * EPSILON / CHANGE * np.abs(other - begin)
        except (HesseError, ArithmeticError, np.linalg.LinAlgError):
            found = np.full_like(begin, np.nan)
        return np.where(np.isfinite(found), found, LOOSE * np.abs(begin))

    def proves(self, jac: Callable[..., Any] | None) -> bool:
        """Whether `jac` as it is read has the same normal form as the derivative: of a single argument."""
        if jac is None or len(self.derivatives) != 1:
            return False
        try:
            claimed = self._jac(jac)
        except Exception:
            return False
        (true,) = self.derivatives
        same: bool = simplify(unfold(claimed.node)) is simplify(unfold(true.node))
        return same and claimed.shape == true.shape


def _square(tree: Syntax) -> Any:
    """The square matrix of numbers that a tree writes out; None for anything else."""
    if not isinstance(tree, Stack) or not all(isinstance(row, Stack) for row in tree.items):
        return None
    rows = [[number_value(entry) for entry in row.items] for row in tree.items if isinstance(row, Stack)]
    if len(rows) < 2 or any(len(row) != len(rows) or None in row for row in rows):
        return None
    return np.array(rows, dtype=DOUBLE)


def _changed(value: Any, random: np.random.Generator) -> Any:
    """The numbers changed by `CHANGE`; those of square matrices by more, where they are nearly singular.

    Such a matrix may be the inverse of another one, and then has the errors of an inverse that was computed: it is
    symmetric up to them only, say.
    """
    change = CHANGE
    if np.ndim(value) == 2 and 1 < len(value) == value.shape[1] and np.all(np.isfinite(value)):
        condition = float(np.linalg.cond(value)) if len(value) <= MAX_SIDE else np.inf
        change *= max(1.0, 4 * min(EPSILON * condition, LOOSE) / (UNITS * EPSILON))
    return value * (1 + change * random.choice([-1.0, 1.0], np.shape(value)))


def traced(given: Arguments, fun: Callable[..., Any], start: Any, tolerance: Any) -> Exact | None:
    """The exact derivatives, or None where the function cannot be read, or what was read has other values."""
    if given.library not in (NUMPY, JAX):
        return None
    for symbolic in (True, False):
        try:
            found = _traced(given, fun, symbolic)
        except Exception:
            # Whatever a function does with values that are no numbers: then it is judged by its numbers alone.
            continue
        if found is not None and _has_values(found.function, found.values, start, tolerance):
            return found
    return None


def _traced(given: Arguments, fun: Callable[..., Any], symbolic: bool) -> Exact | None:
    declared, values = [], {}
    positions = [k for k, value in enumerate(given.values) if k in given.wrt or _is_real(value)]
    for k in positions:
        array = as_array(given.values[k], given.names[k])
        sizes = [f"n{size}" if symbolic and size > 1 else str(size) for size in array.shape]
        if not symbolic and array.size > MAX_EXPLICIT:
            return None
        declared.append(f"v{k}:{','.join(sizes)}")
        values[f"v{k}"] = array.astype(DOUBLE)

    def read(function: Callable[..., Any]) -> Expr:
        def plain(*parts: Any) -> Any:
            arguments = list(given.values)
            for k, part in zip(positions, parts, strict=True):
                arguments[k] = part
            return given.called(function, arguments)

        return (from_jax if given.library is JAX else from_function)(plain, " ".join(declared))

    function = read(fun)
    if sum(1 for _ in postorder(function.node)) > MAX_NODES:
        return None
    names = tuple(f"v{k}" for k in given.wrt)
    derivatives = tuple(derivative(function, name) for name in names)
    if not all(each.verification.ok for each in derivatives):
        return None
    return Exact(function, derivatives, values, names, read)


def _is_real(value: Any) -> bool:
    kind = getattr(value, "dtype", None)
    return kind is not None and "float" in str(kind)


def _has_values(function: Expr, values: dict[str, Any], start: Any, tolerance: Any) -> bool:
    """Whether the expression has the values of the function: at the point, since a function may look at its types."""
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(function.evaluate(**values), dtype=DOUBLE)
    except HesseError:
        return False
    if found.shape != start.shape and found.size * start.size != 1:
        return False
    return bool(np.all(np.abs(found.ravel() - start.ravel()) <= tolerance))
