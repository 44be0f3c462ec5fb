"""The parts of one contraction on their way to matrix notation: scalars, vectors at labels, matrices between labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from hesse.core.sizes import Size
from hesse.core.syntax import Syntax, call
from hesse.notation.trees import Item, flat, product, raised, transposed

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Edge:
    """A matrix between two labels, as a chain of pieces from `row` to `column`."""

    row: int
    column: int
    pieces: tuple[Syntax, ...]


class Parts:
    """What is multiplied, by labels.

    A unit is a label that counts through several others, its digits, in C order; `units` holds those that are not yet
    dealt with. `flattened` tells the sizes of the result before its units were replaced by their digits.
    """

    def __init__(
        self,
        out: tuple[int, ...],
        extents: Sequence[Size],
        units: Mapping[int, tuple[int, ...]],
    ) -> None:
        self.out = out
        self.extents = extents
        self.symmetric: list[Syntax] = []
        self.counts: list[tuple[Syntax, Size]] = []
        self.units = dict(units)
        self.flattened: tuple[Size, ...] | None = None
        self.scalars: list[Item] = []
        self.vectors: dict[int, list[Item]] = {}
        self.edges: list[Edge] = []
        self.blocks: list[tuple[Syntax, tuple[int, ...]]] = []

    def place(self, tree: Syntax, exponent: Fraction, labels: tuple[int, ...], *, symmetric: bool = False) -> None:
        """Add a factor with plain labels; a `symmetric` matrix is never written with a transpose."""
        if not labels:
            self.scalars.append(Item((tree,), exponent))
        elif len(labels) == 1:
            self.vectors.setdefault(labels[0], []).append(Item(pieces_of(tree, exponent), exponent))
        elif len(labels) == 2 and labels[0] == labels[1]:
            self.vectors.setdefault(labels[0], []).append(Item((call("diagpart", raised(tree, exponent)),)))
        elif len(labels) == 2:
            matrix = raised(tree, exponent)
            if symmetric:
                self.symmetric.append(matrix)
            self.edges.append(Edge(labels[0], labels[1], (matrix,) if symmetric else pieces_of(matrix, ONE)))
        else:
            self.blocks.append((raised(tree, exponent), labels))

    def touching(self, label: int) -> list[Edge]:
        """The matrices at the label."""
        return [edge for edge in self.edges if label in (edge.row, edge.column)]

    def in_block(self, label: int) -> bool:
        """Whether an array of more than two axes runs along the label."""
        return any(label in labels for _, labels in self.blocks)

    @property
    def digits(self) -> set[int]:
        """The labels that units count through."""
        return {label for labels in self.units.values() for label in labels}

    def summed(self, label: int) -> bool:
        """Whether the label is summed over once all its factors are known."""
        kept = label in self.out or self.in_block(label) or label in self.units
        return not kept and label not in self.digits

    def turned(self, edge: Edge) -> Edge:
        """The matrix transposed."""
        pieces = tuple(
            piece if any(piece is each for each in self.symmetric) else transposed(piece)
            for piece in reversed(edge.pieces)
        )
        return Edge(edge.column, edge.row, pieces)

    def diagonal(self, label: int) -> tuple[Syntax, ...]:
        """The vectors at the label, taken away, as a diagonal matrix; nothing if there are none."""
        items = self.vectors.pop(label, [])
        return (call("diag", product(ONE, items)),) if items else ()


def pieces_of(tree: Syntax, exponent: Fraction) -> tuple[Syntax, ...]:
    """The matrices of a chain, and at its end perhaps a vector."""
    return tuple(flat(tree)) if exponent == 1 else (tree,)
