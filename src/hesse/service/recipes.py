"""How the object that keeps a proved structure is made: what values it needs, and how they are put together.

A recipe is chosen from the form of a node, for symbolic sizes. `bind` prepares it for certain sizes; what comes out
makes the object of values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol, TypeAlias, TypeVar

from hesse.core.algebra import is_one
from hesse.core.nodes import Axis, Node, Shape
from hesse.core.sizes import Size, product
from hesse.facts.pieces import Piece
from hesse.structured.banded import Banded
from hesse.structured.base import Structured
from hesse.structured.blocks import BlockDiagonal
from hesse.structured.dense import Dense
from hesse.structured.diagonal import Diagonal
from hesse.structured.places import Filling, Remembered, Slots, positions, stretch
from hesse.structured.sparse import Pattern, Sparse

T = TypeVar("T")
Read: TypeAlias = Callable[[Sequence[Any]], Any]
"""Picks a value, or makes something, of the values of the nodes that change from call to call."""
Build: TypeAlias = Callable[[Sequence[Any]], Structured]
Tables: TypeAlias = Callable[[Node], Any]


class Site(Protocol):
    """Sizes, and values that are fixed: what is known before the others."""

    def size(self, size: Size) -> int:
        """The value of a size."""

    def fixed(self, node: Node) -> bool:
        """Whether the value is the same at every call with these sizes."""

    def read(self, node: Node) -> Read:
        """What picks the value of a node: a number or an array."""


class Recipe(ABC):
    """How a matrix between flattened arrays is made."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """What the matrix is, in words."""

    @property
    @abstractmethod
    def rows(self) -> Shape:
        """The axes of the rows."""

    @property
    def size(self) -> str:
        """The size of the square matrix, as text."""
        count = product(self.rows)
        return f"{count} × {count}"

    @property
    @abstractmethod
    def method(self) -> str:
        """How a system with the matrix is solved, in words."""

    @property
    @abstractmethod
    def nodes(self) -> tuple[Node, ...]:
        """The nodes whose values it may need."""

    @abstractmethod
    def bind(self, site: Site) -> Build:
        """What makes the matrix at values, for certain sizes."""


def shaped(shape: Sequence[Size], site: Site) -> tuple[int, ...]:
    """The shape in numbers."""
    return tuple(map(site.size, shape))


def filled(
    pieces: Sequence[Piece], site: Site, find: Callable[[Tables], tuple[T, Slots]]
) -> Callable[[Sequence[Any]], tuple[T, Any]]:
    """What assembles the vector of the values of pieces.

    `find` gives their places, with something that belongs to them, from the values of index arrays. It is asked again
    only where those have changed, and the values that are fixed are placed once.
    """
    reads = [(site.read(piece.values), stretch(piece.along, shaped(piece.extents, site))) for piece in pieces]
    fixed = {k: spread(read(())) for k, (read, spread) in enumerate(reads) if site.fixed(pieces[k].values)}
    changing = [reads[k] for k in range(len(reads)) if k not in fixed]
    tables = list(dict.fromkeys(table for piece in pieces for table in piece.tables))
    entries = [site.read(table) for table in tables]

    def prepared(arrays: Sequence[Any]) -> tuple[T, Filling]:
        found, slots = find(dict(zip(tables, arrays, strict=True)).__getitem__)
        return found, slots.filled(fixed)

    remembered = Remembered(prepared)

    def assemble(values: Sequence[Any]) -> tuple[T, Any]:
        found, filling = remembered([read(values) for read in entries])
        return found, filling([spread(read(values)) for read, spread in changing])

    return assemble


@dataclass(frozen=True, eq=False)
class Vector:
    """A vector that pieces fill, each at the positions that axes give in an array of some shape."""

    pieces: tuple[Piece, ...]
    places: tuple[tuple[Axis, ...], ...]

    def bind(self, shape: tuple[int, ...], site: Site) -> Read:
        """What makes the vector, of as many entries as the shape has."""

        def find(table: Tables) -> tuple[None, Slots]:
            places = [
                positions(axes, shape, shaped(piece.extents, site), site.size, table)
                for piece, axes in zip(self.pieces, self.places, strict=True)
            ]
            return None, Slots.of(prod(shape), places)

        assemble = filled(self.pieces, site, find)
        return lambda values: assemble(values)[1]


@dataclass(frozen=True, eq=False)
class DenseRecipe(Recipe):
    """All entries."""

    node: Node
    outputs: int
    symmetric: bool
    kind = "dense"

    @property
    def method(self) -> str:
        return self.method_for(symmetric=self.symmetric)

    @staticmethod
    def method_for(*, symmetric: bool) -> str:
        """How a dense matrix is solved with."""
        return "Cholesky, or LU where it is not positive definite" if symmetric else "LU"

    @property
    def rows(self) -> Shape:
        return self.node.shape[: self.outputs]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.node,)

    def bind(self, site: Site) -> Build:
        read, symmetric = site.read(self.node), self.symmetric
        shape = tuple(prod(shaped(axes, site)) for axes in (self.rows, self.node.shape[self.outputs :]))
        return lambda values: Dense(read(values).reshape(shape), symmetric=symmetric)


@dataclass(frozen=True, eq=False)
class DiagonalRecipe(Recipe):
    """The entries of a square matrix that pieces place on its diagonal."""

    vector: Vector
    shape: Shape
    method = "division by the diagonal"

    @property
    def kind(self) -> str:
        pieces = self.vector.pieces
        return "identity" if len(pieces) == 1 and is_one(pieces[0].values) and self._is_plain else "diagonal"

    @property
    def _is_plain(self) -> bool:
        """Whether one number is the whole diagonal."""
        pieces = self.vector.pieces
        return len(pieces) == 1 and not pieces[0].along and pieces[0].rows == tuple(range(len(self.shape)))

    @property
    def rows(self) -> Shape:
        return self.shape

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(piece.values for piece in self.vector.pieces)

    def bind(self, site: Site) -> Build:
        shape = shaped(self.shape, site)
        if self._is_plain:
            read = site.read(self.vector.pieces[0].values)
            return lambda values: Diagonal(read(values), prod(shape))
        vector = self.vector.bind(shape, site)
        return lambda values: Diagonal(vector(values))


@dataclass(frozen=True, eq=False)
class BandedRecipe(Recipe):
    """The diagonals by offset."""

    bands: tuple[tuple[int, Vector], ...]
    shape: tuple[Size, Size]
    symmetric: bool

    @property
    def kind(self) -> str:
        return "tridiagonal" if self._width == 1 else f"banded, of width {self._width}"

    @property
    def method(self) -> str:
        return "tridiagonal elimination" if self._width == 1 else "banded elimination"

    @property
    def _width(self) -> int:
        return max(abs(offset) for offset, _ in self.bands)

    @property
    def rows(self) -> Shape:
        return self.shape[:1]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(piece.values for _, vector in self.bands for piece in vector.pieces)

    def bind(self, site: Site) -> Build:
        rows, columns = shaped(self.shape, site)
        symmetric = self.symmetric
        reads: dict[int, Read] = {}
        for offset, vector in self.bands:
            length = min(rows - max(-offset, 0), columns - max(offset, 0))
            if length > 0 and not (symmetric and offset > 0):
                reads[offset] = vector.bind((length,), site)

        def build(values: Sequence[Any]) -> Structured:
            bands = {offset: read(values) for offset, read in reads.items()}
            if symmetric:
                bands.update({-offset: band for offset, band in bands.items()})
            return Banded(bands, (rows, columns), symmetric=symmetric)

        return build


@dataclass(frozen=True, eq=False)
class SparseRecipe(Recipe):
    """Entries at places that are found once."""

    pieces: tuple[Piece, ...]
    outputs: Shape
    inputs: Shape
    symmetric: bool
    kind = "sparse"
    method = "sparse elimination"

    @property
    def rows(self) -> Shape:
        return self.outputs

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(piece.values for piece in self.pieces)

    def bind(self, site: Site) -> Build:
        outputs, inputs, symmetric = shaped(self.outputs, site), shaped(self.inputs, site), self.symmetric

        def find(table: Tables) -> tuple[Pattern, Slots]:
            places = []
            for piece in self.pieces:
                extents = shaped(piece.extents, site)
                rows = positions(piece.rows, outputs, extents, site.size, table)
                places.append((rows, positions(piece.columns, inputs, extents, site.size, table)))
            return Pattern.of((prod(outputs), prod(inputs)), places)

        assemble = filled(self.pieces, site, find)

        def build(values: Sequence[Any]) -> Structured:
            pattern, data = assemble(values)
            return Sparse(data, pattern, symmetric=symmetric)

        return build


@dataclass(frozen=True, eq=False)
class BlocksRecipe(Recipe):
    """Blocks along an axis of the outputs and one of the inputs."""

    blocks: Node
    outputs: Shape
    inputs: Shape
    axes: tuple[int, int]
    symmetric: bool
    kind = "block-diagonal"

    @property
    def method(self) -> str:
        size = product(self.outputs[: self.axes[0]] + self.outputs[self.axes[0] + 1 :])
        return f"{self.outputs[self.axes[0]]} systems, {size} × {size} each"

    @property
    def rows(self) -> Shape:
        return self.outputs

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.blocks,)

    def bind(self, site: Site) -> Build:
        outputs, inputs, symmetric = shaped(self.outputs, site), shaped(self.inputs, site), self.symmetric
        count, axes, read = outputs[self.axes[0]], self.axes, site.read(self.blocks)
        shape = (count, prod(outputs) // count, prod(inputs) // count)
        return lambda values: BlockDiagonal(read(values).reshape(shape), outputs, inputs, axes, symmetric=symmetric)
