"""Calls of functions prepared for sizes: values are checked, some of them once, and what fits is remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from hesse.codegen.fixing import fixed_sizes, require_fixable, shapes_of
from hesse.errors import ArgumentError
from hesse.service.sites import NumberSite, Programs

B = TypeVar("B")
C = TypeVar("C")
_REMEMBERED = 8
"""For how many sizes patterns and fixed values are kept."""


class Calls(Generic[B]):
    """What is bound to the sizes of calls, as `make` prepares it; copies of the `fixed` values take part in all."""

    def __init__(
        self, programs: Programs, make: Callable[[NumberSite], B], fixed: Mapping[str, Any] | None = None
    ) -> None:
        self._programs, self._make = programs, make
        self.fixed = fixed or {}
        self._bound: dict[tuple[int, ...], B] = {}
        self._last: tuple[object, B] | None = None
        self.free = _Free[B](programs, self.fixed) if fixed and not programs.declarations.functions else None

    def with_fixed(self, values: Mapping[str, Any]) -> Calls[B]:
        """The calls of the other variables, with copies of these values."""
        declared = self._programs.declarations
        require_fixable(declared, self.fixed, values)
        fixed = {**self.fixed, **{name: self._programs.converted(name, value) for name, value in values.items()}}
        fixed_sizes(declared, shapes_of(fixed))
        return Calls(self._programs, self._make, fixed)

    def prepared(self, make: Callable[[NumberSite], C]) -> Calls[C]:
        """The calls with these values fixed, prepared in another way."""
        return Calls(self._programs, make, self.fixed)

    def checked(self, arguments: list[Any]) -> list[Any]:
        """The arguments that may be arrays of the caller's."""
        return arguments if self.free is None else self.free.own(arguments)

    def bind(self, given: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Any], B]:
        """All values by name, those of variables converted and checked, and what is prepared for their sizes."""
        values = given
        if self.free is not None and (known := self.free.bind(given)) is not None:
            return given, *known
        if self.fixed:
            count = len(self.fixed) + len(given)
            values = {**self.fixed, **given}
            if len(values) < count:
                raise ArgumentError(f"{min(self.fixed.keys() & given.keys())} is fixed")
        arguments, shapes = self._programs.guard.bind(values)
        last = self._last
        if last is not None and last[0] is shapes:
            return values, arguments, last[1]
        key = tuple(shapes.sizes.values())
        bound = self._bound.get(key)
        if bound is None:
            if len(self._bound) >= _REMEMBERED:
                self._bound.clear()
            site = NumberSite(self._programs, values, arguments, shapes.sizes, frozenset(self.fixed))
            bound = self._bound.setdefault(key, self._make(site))
        self._last = shapes, bound
        if self.free is not None:
            self.free.remember(arguments, bound)
        return values, arguments, bound


class _Free(Generic[B]):
    """The arguments of calls for which others are fixed: only those that are free are converted and looked at.

    What it says nothing about, other names and other shapes, is for the whole check of all arguments.
    """

    def __init__(self, programs: Programs, fixed: Mapping[str, Any]) -> None:
        entries = programs.declarations.variables
        free = [(k, entry) for k, entry in enumerate(entries.values()) if entry.name not in fixed]
        self._tables = any(entry.index is not None for _, entry in free)
        convert = programs.guard.runtime.convert
        self._convert = [(k, entry.name, convert(entry)) for k, entry in free]
        self._names = {entry.name for _, entry in free}
        self._last: tuple[list[tuple[int, ...]], list[Any], B] | None = None

    def bind(self, given: Mapping[str, Any]) -> tuple[list[Any], B] | None:
        """All arguments, and the function for their sizes, where these are the last ones."""
        last = self._last
        if last is None or given.keys() != self._names:
            return None
        shapes, known, bound = last
        arguments = known.copy()
        for (k, name, convert), shape in zip(self._convert, shapes, strict=True):
            arguments[k] = value = convert(given[name])
            if getattr(value, "shape", ()) != shape:
                return None
        return arguments, bound

    def remember(self, arguments: list[Any], bound: B) -> None:
        """Notes the arguments of a call; the values of those that are free are not kept."""
        if self._tables:
            return
        shapes, known = [], arguments.copy()
        for k, _, _ in self._convert:
            shapes.append(getattr(known[k], "shape", ()))
            known[k] = None
        self._last = shapes, known, bound

    def own(self, arguments: list[Any]) -> list[Any]:
        """Those that are free: a fixed value is a copy that nobody else has."""
        return [arguments[k] for k, _, _ in self._convert]
