"""How the object that keeps a proved structure is made: what values it needs, and how they are put together.

A recipe is chosen from the form of a node, for symbolic sizes. `bind` prepares it for certain sizes; what comes out
makes the object of values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

from hesse.core.algebra import is_one
from hesse.core.nodes import Node, Shape
from hesse.core.sizes import Size, product
from hesse.facts.pieces import Piece
from hesse.service.assembly import Buffers, Site, Tables, Vector, filled, shaped, together
from hesse.structured.banded import Banded
from hesse.structured.base import Structured, kept
from hesse.structured.blocks import BlockDiagonal
from hesse.structured.dense import Dense
from hesse.structured.diagonal import Diagonal
from hesse.structured.places import Slots, positions
from hesse.structured.sparse import Pattern, Sparse


class Build(Protocol):
    """Makes the object of the values of a call, in arrays of the caller's where there are such."""

    def __call__(self, values: Sequence[Any], buffers: Buffers | None = None) -> Structured:
        """The object."""


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

    @property
    def fills(self) -> bool:
        """Whether a caller may give arrays for the entries."""
        return False

    def vectors(self, site: Site) -> Mapping[Any, int]:
        """The arrays that a caller may give for the entries, by name, and their lengths.

        A length of -1 is known only where the entries are.
        """
        return {}


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
        return lambda values, buffers=None: Dense(read(values).reshape(shape), symmetric=symmetric)


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
            return lambda values, buffers=None: Diagonal(read(values), prod(shape))
        make = together([self.vector], [shape], site)

        def build(values: Sequence[Any], buffers: Buffers | None = None) -> Structured:
            (entries,) = make(values, buffers)
            return renewed(buffers, lambda: Diagonal(entries))

        return build

    @property
    def fills(self) -> bool:
        return not self._is_plain

    def vectors(self, site: Site) -> Mapping[Any, int]:
        return {"entries": prod(shaped(self.shape, site))}


@dataclass(frozen=True, eq=False)
class BandedRecipe(Recipe):
    """The diagonals by offset."""

    bands: tuple[tuple[int, Vector], ...]
    shape: tuple[Size, Size]
    symmetric: bool
    fills = True

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

    def _lengths(self, site: Site) -> Mapping[int, int]:
        """The lengths of the diagonals that are made: of a symmetric matrix those above are the same as those below."""
        rows, columns = shaped(self.shape, site)
        lengths = {offset: min(rows - max(-offset, 0), columns - max(offset, 0)) for offset, _ in self.bands}
        return {k: length for k, length in lengths.items() if length > 0 and not (self.symmetric and k > 0)}

    def vectors(self, site: Site) -> Mapping[Any, int]:
        return self._lengths(site)

    def bind(self, site: Site) -> Build:
        rows, columns = shaped(self.shape, site)
        symmetric, lengths = self.symmetric, self._lengths(site)
        vectors = [vector for offset, vector in self.bands if offset in lengths]
        make = together(vectors, [(length,) for length in lengths.values()], site)

        def build(values: Sequence[Any], buffers: Buffers | None = None) -> Structured:
            made = make(values, buffers)
            return renewed(buffers, lambda: matrix(dict(zip(lengths, made, strict=True))))

        def matrix(bands: dict[int, Any]) -> Structured:
            if symmetric:
                bands = {offset: kept(band) for offset, band in bands.items()}
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
    fills = True

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

        def build(values: Sequence[Any], buffers: Buffers | None = None) -> Structured:
            pattern, data = assemble(values, buffers)
            if buffers is not None and isinstance(buffers.matrix, Sparse) and buffers.matrix.pattern is not pattern:
                buffers.matrix = None
            return renewed(buffers, lambda: Sparse(data, pattern, symmetric=symmetric))

        return build

    def vectors(self, site: Site) -> Mapping[Any, int]:
        return {"data": -1}


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
        axes, read = self.axes, site.read(self.blocks)
        rest = (prod(shape[:axis] + shape[axis + 1 :]) for shape, axis in zip((outputs, inputs), axes, strict=True))
        shape = (outputs[axes[0]], *rest)
        return lambda values, buffers=None: BlockDiagonal(
            read(values).reshape(shape), outputs, inputs, axes, symmetric=symmetric
        )


def renewed(buffers: Buffers | None, make: Callable[[], Structured]) -> Structured:
    """The matrix, a new one; where it is in the caller's arrays, the same one, which forgets its factorisation."""
    if buffers is None:
        return make()
    if buffers.matrix is None:
        buffers.matrix = make()
    buffers.matrix.forget()
    return buffers.matrix
