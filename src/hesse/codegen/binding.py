"""Sizes from shapes: which dimension of which variable fixes each size name, and whether all dimensions agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.sizes import ONE, ZERO, Size
from hesse.errors import ShapeError


@dataclass(frozen=True, slots=True)
class Source:
    """name = (dimension of an axis - rest) // factor, where rest and factor need other names only."""

    variable: str
    axis: int
    rest: Size
    factor: Size


def size_sources(declarations: Declarations) -> dict[str, Source]:
    """Where each size name comes from, in an order in which they can be computed.

    A variable that has exactly this size is preferred, the first one; otherwise some dimension must be linear in it.
    Names that no dimension fixes are left out.
    """
    dimensions = [(entry, axis) for entry in declarations.variables.values() for axis in range(len(entry.shape))]
    sources: dict[str, Source] = {}
    while True:
        candidates = [found for entry, axis in dimensions if (found := _solved(entry, axis, sources)) is not None]
        if not candidates:
            return sources
        name, source = min(candidates, key=lambda candidate: _indirectness(candidate[1]))
        sources[name] = source


def _indirectness(source: Source) -> tuple[bool, int]:
    """What makes a source worse: a division, which need not come out even, then the length of the formula."""
    return source.factor.as_int() != 1, len(source.rest.terms)


def _solved(entry: VariableDeclaration, axis: int, known: Mapping[str, Source]) -> tuple[str, Source] | None:
    """The size of an axis solved for its only unknown name, in which it must be linear; else None."""
    size = entry.shape[axis]
    alone = size.as_name()
    if alone is not None:
        return None if alone in known else (alone, Source(entry.name, axis, ZERO, ONE))
    unknown = size.names - known.keys()
    if len(unknown) != 1:
        return None
    (name,) = unknown
    rest = size.substitute({name: ZERO})
    factor = size.substitute({name: ONE}) - rest
    linear = rest + factor * Size.of(name)
    return (name, Source(entry.name, axis, rest, factor)) if linear == size and factor.sign() == 1 else None


class Binding:
    """Checks the shapes of arguments against the declarations."""

    def __init__(self, declarations: Declarations) -> None:
        self.variables = declarations.variables
        self.required = declarations.required
        self._sources = size_sources(declarations)

    def sizes(self, shapes: Mapping[str, tuple[int, ...]], *, least: int = 1) -> dict[str, int]:
        """The value of every size name that the shapes fix; raises ShapeError where they do not fit.

        Sizes are at least 1 unless another bound is given.
        """
        for name, entry in self.variables.items():
            if len(shapes[name]) != len(entry.shape):
                raise ShapeError(f"{_declared(entry)}, but the value has {_axes(shapes[name])}")
        sizes: dict[str, int] = {}
        for name, source in self._sources.items():
            dimension = shapes[source.variable][source.axis]
            sizes[name] = (dimension - source.rest.evaluate(sizes)) // source.factor.evaluate(sizes)
        for name, entry in self.variables.items():
            for axis, size in enumerate(entry.shape):
                if size.names <= sizes.keys() and shapes[name][axis] != size.evaluate(sizes):
                    raise ShapeError(self._conflict(entry, axis, shapes[name], sizes))
        for name, value in sizes.items():
            if value < least:
                raise ShapeError(f"{self.made(name, value)}: sizes are at least {least}")
        for size in self.required:
            if size.names <= sizes.keys() and size.evaluate(sizes) < 1:
                fixed = ", ".join(f"{name} = {sizes[name]}" for name in sorted(size.names))
                raise ShapeError(f"with {fixed} an index or a slice of the expression leaves its axis or is empty")
        return sizes

    def made(self, name: str, value: int) -> str:
        """Which variable makes a size what it is."""
        return f"{self._sources[name].variable} makes the size {name} = {value}"

    def _conflict(self, entry: VariableDeclaration, axis: int, shape: tuple[int, ...], sizes: Mapping[str, int]) -> str:
        size = entry.shape[axis]
        which = f"{entry.name} has size {shape[axis]}" + (f" along axis {axis}" if len(shape) > 1 else "")
        names = sorted(size.names)
        if not names:
            return f"{which}, but it is declared {size}"
        sources = {(self._sources[name].variable, self._sources[name].axis) for name in names}
        if sources == {(entry.name, axis)}:
            return f"{which}, which {size} is for no {' and '.join(names)}"
        fixing = ", ".join(f"{self._sources[name].variable} fixes {name} = {sizes[name]}" for name in names)
        return f"{which}, but {fixing}" + ("" if size.as_name() else f", so {size} = {size.evaluate(sizes)}")


def _declared(entry: VariableDeclaration) -> str:
    kind = {0: "a scalar", 1: "a vector"}.get(len(entry.shape), "a matrix" if len(entry.shape) == 2 else "an array")
    return f"{entry.name} is declared {kind} ({entry})"


def _axes(shape: tuple[int, ...]) -> str:
    return f"shape {tuple(shape)}" if shape else "no axes"
