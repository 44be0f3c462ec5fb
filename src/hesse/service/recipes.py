"""How the object that keeps a proved structure is made: what values it needs, and how they are put together.

A recipe is chosen from the form of a node, for symbolic sizes; at values, `build` makes the object.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol, TypeVar

from hesse.core.nodes import Axis, Node, Shape
from hesse.core.sizes import Size, product
from hesse.facts.pieces import Piece, Thin
from hesse.structured.banded import Banded
from hesse.structured.base import Structured
from hesse.structured.blocks import BlockDiagonal
from hesse.structured.dense import Dense
from hesse.structured.diagonal import Diagonal
from hesse.structured.kronecker import Kronecker
from hesse.structured.low_rank import LowRank, joined
from hesse.structured.places import Slots, positions, stretched
from hesse.structured.sparse import Pattern, Sparse

T = TypeVar("T")


class Values(Protocol):
    """What a recipe gets: values and sizes at one call, and what earlier calls with the same sizes left."""

    def value(self, node: Node) -> Any:
        """The value of a node: a number or an array."""

    def fixed(self, node: Node) -> bool:
        """Whether the value is the same at every call with these sizes."""

    def size(self, size: Size) -> int:
        """The value of a size."""

    def once(self, owner: object, tables: Sequence[Node], make: Callable[[], T]) -> T:
        """What `make` gives, made again only for other sizes or other entries of the index arrays."""


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
    def build(self, at: Values) -> Structured:
        """The matrix at values."""


def counted(shape: Sequence[Size], at: Values) -> int:
    """The number of entries of an array of the shape."""
    return prod(map(at.size, shape))


@dataclass(frozen=True, eq=False)
class Vector:
    """A vector that pieces fill, each at the positions that axes give in an array of the shape."""

    pieces: tuple[Piece, ...]
    places: tuple[tuple[Axis, ...], ...]

    def fill(self, shape: tuple[int, ...], at: Values) -> Any:
        """The vector, of as many entries as the shape has."""

        def make() -> Slots:
            found = [
                positions(axes, shape, tuple(map(at.size, piece.extents)), at.size, at.value)
                for piece, axes in zip(self.pieces, self.places, strict=True)
            ]
            return Slots.of(prod(shape), found)

        tables = [table for piece in self.pieces for table in piece.tables]
        return assembled(self, at.once(self, tables, make), self.pieces, at)


def assembled(owner: object, slots: Slots, pieces: Sequence[Piece], at: Values) -> Any:
    """The vector of the pieces' values at their slots; what is fixed is placed once."""
    fixed = [at.fixed(piece.values) for piece in pieces]
    values = [stretched(at.value(piece.values), piece.along, tuple(map(at.size, piece.extents))) for piece in pieces]
    tables = [table for piece in pieces for table in piece.tables]
    template = at.once((owner, "template"), tables, lambda: slots.template(values, fixed))
    return slots.assemble(values, fixed, template)


@dataclass(frozen=True, eq=False)
class DenseRecipe(Recipe):
    """All entries."""

    node: Node
    outputs: int
    symmetric: bool
    kind = "dense"

    @property
    def method(self) -> str:
        return "Cholesky, or LU where it is not positive definite" if self.symmetric else "LU"

    @property
    def rows(self) -> Shape:
        return self.node.shape[: self.outputs]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.node,)

    def build(self, at: Values) -> Structured:
        shape = self.node.shape
        rows, columns = counted(shape[: self.outputs], at), counted(shape[self.outputs :], at)
        return Dense(at.value(self.node).reshape(rows, columns), symmetric=self.symmetric)


@dataclass(frozen=True, eq=False)
class DiagonalRecipe(Recipe):
    """The entries of a square matrix that pieces place on its diagonal."""

    vector: Vector
    shape: Shape
    kind = "diagonal"
    method = "division by the diagonal"

    @property
    def rows(self) -> Shape:
        return self.shape

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(piece.values for piece in self.vector.pieces)

    def build(self, at: Values) -> Structured:
        shape = tuple(map(at.size, self.shape))
        if len(self.vector.pieces) == 1:
            (piece,) = self.vector.pieces
            if not piece.along and piece.rows == tuple(range(len(shape))):
                return Diagonal(at.value(piece.values), prod(shape))
        return Diagonal(self.vector.fill(shape, at))


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

    def build(self, at: Values) -> Structured:
        rows, columns = map(at.size, self.shape)
        bands: dict[int, Any] = {}
        for offset, vector in self.bands:
            length = min(rows - max(-offset, 0), columns - max(offset, 0))
            if length > 0:
                mirrored = self.symmetric and offset > 0 and -offset in bands
                bands[offset] = bands[-offset] if mirrored else vector.fill((length,), at)
        return Banded(bands, (rows, columns), symmetric=self.symmetric)


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

    def build(self, at: Values) -> Structured:
        outputs, inputs = (tuple(map(at.size, shape)) for shape in (self.outputs, self.inputs))

        def make() -> Pattern:
            places = []
            for piece in self.pieces:
                extents = tuple(map(at.size, piece.extents))
                rows = positions(piece.rows, outputs, extents, at.size, at.value)
                places.append((rows, positions(piece.columns, inputs, extents, at.size, at.value)))
            return Pattern.of((prod(outputs), prod(inputs)), places)

        pattern = at.once(self, [table for piece in self.pieces for table in piece.tables], make)
        return Sparse(assembled(self, pattern.slots, self.pieces, at), pattern, symmetric=self.symmetric)


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

    def build(self, at: Values) -> Structured:
        outputs, inputs = (tuple(map(at.size, shape)) for shape in (self.outputs, self.inputs))
        count = outputs[self.axes[0]]
        blocks = at.value(self.blocks).reshape(count, prod(outputs) // count, prod(inputs) // count)
        return BlockDiagonal(blocks, outputs, inputs, self.axes, symmetric=self.symmetric)


@dataclass(frozen=True, eq=False)
class IdentityRecipe(Recipe):
    """The identity."""

    shape: Shape
    kind = "identity"
    method = "nothing to solve"
    nodes = ()

    @property
    def rows(self) -> Shape:
        return self.shape

    def build(self, at: Values) -> Structured:
        return at.once(self, (), lambda: Diagonal(1.0, counted(self.shape, at)))


@dataclass(frozen=True, eq=False)
class KroneckerRecipe(Recipe):
    """A sum of Kronecker products."""

    pairs: tuple[tuple[Recipe, Recipe], ...]
    symmetric: bool

    @property
    def kind(self) -> str:
        form = "a sum of Kronecker products" if len(self.pairs) > 1 else "a Kronecker product"
        return f"{form}, {' + '.join(f'{_bracketed(left)} ⊗ {_bracketed(right)}' for left, right in self.pairs)}"

    @property
    def method(self) -> str:
        (left, right), *others = self.pairs
        if others:
            return "a dense system"
        if isinstance(left, IdentityRecipe):
            return f"one {right.size} system for all rows"
        if isinstance(right, IdentityRecipe):
            return f"one {left.size} system for all columns"
        return f"a {left.size} and a {right.size} system"

    @property
    def rows(self) -> Shape:
        return self.pairs[0][0].rows + self.pairs[0][1].rows

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(node for pair in self.pairs for factor in pair for node in factor.nodes)

    def build(self, at: Values) -> Structured:
        pairs = tuple((left.build(at), right.build(at)) for left, right in self.pairs)
        return Kronecker(pairs, symmetric=self.symmetric)


@dataclass(frozen=True, eq=False)
class LowRankRecipe(Recipe):
    """A base, or none, and products that are thin, or become so for certain sizes; `whole` is what it is else."""

    base: Recipe | None
    products: tuple[Thin, ...]
    outputs: Shape
    inputs: Shape
    symmetric: bool
    whole: Recipe

    @property
    def kind(self) -> str:
        form = "of low rank" if self.base is None else f"of low rank plus {self.base.kind}"
        inner = [str(each.inner) for each in self.products if each.inner is not None]
        return f"dense, or {form} where {' + '.join(inner)} is small" if inner else form

    @property
    def method(self) -> str:
        form = "none, as it is singular" if self.base is None else f"the formula of Woodbury over {self.base.method}"
        if all(each.inner is None for each in self.products):
            return form
        return f"{self.whole.method}; where it is of low rank, {form}"

    @property
    def rows(self) -> Shape:
        return self.outputs

    @property
    def nodes(self) -> tuple[Node, ...]:
        own = tuple(node for each in self.products for node in (each.left, each.right))
        return own + self.whole.nodes + (() if self.base is None else self.base.nodes)

    def build(self, at: Values) -> Structured:
        rows, columns = counted(self.outputs, at), counted(self.inputs, at)
        widths = [None if each.inner is None else at.size(each.inner) for each in self.products]
        if any(width is not None for width in widths) and 2 * sum(width or 1 for width in widths) > min(rows, columns):
            return self.whole.build(at)
        left = joined([at.value(each.left) for each in self.products], rows)
        right = joined([at.value(each.right) for each in self.products], columns)
        base = None if self.base is None else self.base.build(at)
        return LowRank(base, left, right, symmetric=self.symmetric)


def _bracketed(factor: Recipe) -> str:
    return f"({factor.kind})" if "," in factor.kind else factor.kind
