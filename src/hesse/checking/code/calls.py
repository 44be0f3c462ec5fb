"""Calling the user's functions: at the point, beside it, and with errors that name the user's line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hesse.checking.code.arguments import Arguments
from hesse.checking.code.failures import failure
from hesse.checking.code.libraries import DOUBLE, as_array
from hesse.checking.code.precision import DOUBLE_SPACING, spacing
from hesse.errors import HesseError


class Calls:
    """The calls of functions with all arguments, some of which are displaced.

    `double` says that values are passed, and hence expected back, in 64 bits whatever the type of the arguments.
    """

    def __init__(self, given: Arguments, *, double: bool) -> None:
        self.given = given
        self.double = double
        self.base = [as_array(given.values[k], given.names[k]) for k in given.wrt]
        self.shapes = [array.shape for array in self.base]
        self.sizes = [array.size for array in self.base]
        self.start = np.concatenate([array.astype(DOUBLE).ravel() for array in self.base])
        self._fixed = [given.library.widened(value) if double else value for value in given.values]
        self.mutated = False

    @property
    def precision(self) -> float:
        """The relative spacing of the arguments."""
        return DOUBLE_SPACING if self.double else max(spacing(self.given.values[k]) for k in self.given.wrt)

    def passed(self, point: Any) -> tuple[list[Any], Any]:
        """The arguments for the entries that vary, and these entries as they are after rounding."""
        values, rounded = list(self._fixed), []
        places = np.split(point, np.cumsum(self.sizes)[:-1])
        for k, shape, part in zip(self.given.wrt, self.shapes, places, strict=True):
            like = self.given.values[k]
            values[k] = self.given.library.native(part.reshape(shape), like, double=self.double)
            rounded.append(as_array(values[k], "at").astype(DOUBLE).ravel())
        return values, np.concatenate(rounded)

    def raw(self, function: Callable[..., Any], what: str, point: Any = None) -> Any:
        """What the function returns at the point. Raises CodeError with the user's line."""
        with self.given.library.double() if self.double else _plain(), np.errstate(all="ignore"):
            values, before = self.passed(self.start if point is None else point)
            try:
                result = self.given.called(function, values)
            except HesseError:
                raise
            except Exception as error:
                raise failure(error, what) from error
            after = [as_array(values[k], "at").astype(DOUBLE).ravel() for k in self.given.wrt]
            self.mutated |= not np.array_equal(np.concatenate(after), before, equal_nan=True)
            return result

    def values(self, function: Callable[..., Any], point: Any) -> tuple[Any, Any]:
        """The point after rounding and the flat values there. Raises what the function raises."""
        with self.given.library.double() if self.double else _plain(), np.errstate(all="ignore"):
            values, rounded = self.passed(point)
            result = as_array(self.given.called(function, values), "fun")
            return rounded, np.array(result, dtype=DOUBLE).ravel()

    def position(self, entry: int) -> tuple[int, tuple[int, ...]]:
        """Which of the varying arguments an entry belongs to, and its index in it."""
        for k, size in enumerate(self.sizes):
            if entry < size:
                return k, tuple(int(i) for i in np.unravel_index(entry, self.shapes[k]))
            entry -= size
        raise IndexError(entry)


def _plain() -> Any:
    return np.errstate()
