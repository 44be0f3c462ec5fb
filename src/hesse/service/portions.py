"""Results that keep structure as parts of what is computed at a call: new ones, or in arrays of the caller's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from hesse.codegen.repeating import Repeat
from hesse.errors import ArgumentError, ShapeError
from hesse.service.assembly import Buffers
from hesse.service.recipes import Recipe
from hesse.service.sites import NumberSite, Programs
from hesse.structured.base import Structured
from hesse.structured.folded import Folded

Fold: TypeAlias = Callable[[Structured], Structured | Folded]


class Part:
    """One of the results of a call for certain sizes: made of the values of all that is computed at the call."""

    def __init__(self, recipe: Recipe, site: NumberSite, fold: Fold) -> None:
        self.number = site.begin()
        self.build, self.fold = recipe.bind(site), fold
        self.always = fold(self.build(())) if site.constant else None
        """The result, where it is the same at every call."""
        self._lengths = recipe.vectors(site)

    def __call__(self, computed: Sequence[Any]) -> Structured | Folded:
        return self.fold(self.build(computed)) if self.always is None else self.always

    def matched(self, buffers: Mapping[Any, Any], whose: str) -> list[Any]:
        """The buffers in the order of the vectors. Raises HesseError where they do not fit."""
        wanted = self._lengths
        named = {next(iter(wanted)): buffers[None]} if None in buffers and len(wanted) == 1 else buffers
        if named.keys() != wanted.keys():
            raise ArgumentError(f"into takes arrays{whose} by the names {', '.join(map(repr, wanted))}")
        for name, length in wanted.items():
            if length not in (-1, given := len(named[name])):
                raise ShapeError(f"the buffer {name!r}{whose} has {given} entries, and the result has {length}")
        return [named[name] for name in wanted]


class FilledPart:
    """A part whose entries are left in buffers: the same object at every call. `whose` is what messages say of them."""

    def __init__(self, part: Part, given: Mapping[Any, Any], whose: str = "") -> None:
        self._part = part
        self.buffers = Buffers(part.matched(given, whose))
        self._made: tuple[Structured, Structured | Folded] | None = None

    def __call__(self, computed: Sequence[Any]) -> Structured | Folded:
        matrix = self._part.build(computed, self.buffers)
        if self._made is None or self._made[0] is not matrix:
            self._made = matrix, self._part.fold(matrix)
        return self._made[1]

    def repeat(self, shapes: Mapping[str, tuple[int, ...]]) -> Repeat | None:
        """What a call like the last one takes, with arguments of these shapes, where a loop writes all that changes."""
        return None if self._made is None else self.buffers.repeat(shapes, self._made[0].forget, self._made[1])


def entry_buffers(programs: Programs, recipe: Recipe, given: Any) -> dict[Any, Any]:
    """Arrays for entries by name; one alone by None. Raises ArgumentError for what entries cannot be left in."""
    if not recipe.fills:
        raise ArgumentError(
            f"a result that is {recipe.kind} has no buffers", hint="it comes as a new object at each call"
        )
    buffers = dict(given) if isinstance(given, Mapping) else {None: given}
    for name, buffer in buffers.items():
        what = "the entries" if name is None else f"diagonal {name}"
        programs.guard.runtime.buffer(what, buffer)
        if buffer.ndim != 1 or not buffer.flags.c_contiguous:
            given = f"has shape {buffer.shape}" if buffer.ndim != 1 else "is not contiguous"
            hint = "entries are left in contiguous vectors; several diagonals come by offset: {0: array, -1: array}"
            raise ArgumentError(f"the buffer for {what} {given}", hint=hint)
    return buffers


def require_separate(programs: Programs, buffers: Sequence[Any]) -> None:
    """Raise ArgumentError where two buffers share memory."""
    for k, buffer in enumerate(buffers):
        programs.require_apart(buffers[:k], [buffer], "another")
