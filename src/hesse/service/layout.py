"""Which recipe a node has: the most particular structure that its terms show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hesse.core.algebra import add, is_zero
from hesse.core.nodes import Axis, Node, Variable
from hesse.core.sizes import equal, product
from hesse.core.traverse import postorder
from hesse.facts.pieces import Piece, Thin, along_axis, common_axis, pieces, thin_product, without_axes
from hesse.facts.structure import MAX_OUTER, kronecker_factors
from hesse.facts.symmetry import invariant
from hesse.facts.terms import Term, terms_of
from hesse.facts.zeros import distance
from hesse.service.assembly import Vector
from hesse.service.combined_recipes import ContractedRecipe, IdentityRecipe, KroneckerRecipe, LowRankRecipe
from hesse.service.recipes import BandedRecipe, BlocksRecipe, DenseRecipe, DiagonalRecipe, Recipe, SparseRecipe
from hesse.simplify.engine import simplify


def recipe(node: Node, outputs: int, *, symmetric: bool) -> Recipe:
    """The recipe of the matrix whose rows are the first `outputs` axes of the node, and whose columns the others.

    The terms are taken as they stand. To multiply sums of matrices out might show more structure, but (A - B) @ (A - B)
    as the sum of four products loses the digits that A and B have in common.
    """
    return _Choice(node, () if is_zero(node) else terms_of(node), outputs, symmetric).recipe()


def rests_on_declarations(node: Node) -> bool:
    """Whether the symmetry of the node may come from a matrix that is declared symmetric.

    Solving from one half of a matrix would then be wrong without a sign of it where the values are not symmetric.
    """
    variables = (part for part in postorder(node) if isinstance(part, Variable))
    return any(part.attributes & {"sym", "spd"} for part in variables)


class _Choice:
    """The choice for one node, from its terms."""

    def __init__(self, node: Node, terms: Sequence[Term], outputs: int, symmetric: bool) -> None:
        self.node, self.terms, self.outputs, self.symmetric = node, terms, outputs, symmetric
        self.rows, self.columns = node.shape[:outputs], node.shape[outputs:]
        self.pieces = tuple(_simplified(piece) for piece in pieces(terms, outputs))

    def recipe(self) -> Recipe:
        """The first that fits."""
        dense = self._dense()
        if all(piece.thin for piece in self.pieces):
            return self._placed() or dense
        return self._blocks() or self._kronecker() or self._low_rank(dense) or self._linked() or dense

    def _dense(self) -> Recipe:
        """All entries; of many axes, a sum of contractions with plain labels is added up in blocks."""
        terms = terms_of(self.node)
        used = [axes for term in terms for axes in (term.out, *(axes for _, axes in term.factors))]
        if self.node.rank > 2 and len(terms) > 1 and all(isinstance(axis, int) for axes in used for axis in axes):
            return ContractedRecipe(terms, self.node.shape, self.outputs, self.symmetric)
        return DenseRecipe(self.node, self.outputs, self.symmetric)

    def _placed(self) -> Recipe | None:
        """Few entries in every row or column. None where they are half of a matrix whose size is a number."""
        if self._square and all(piece.rows == piece.columns for piece in self.pieces):
            return DiagonalRecipe(Vector(self.pieces, tuple(piece.rows for piece in self.pieces)), self.rows)
        if self._fills:
            return None
        return self._banded() or SparseRecipe(self.pieces, self.rows, self.columns, self.symmetric)

    @property
    def _square(self) -> bool:
        pairs = zip(self.rows, self.columns, strict=False)
        return len(self.rows) == len(self.columns) and all(equal(*pair) for pair in pairs)

    @property
    def _fills(self) -> bool:
        counts = [product(piece.extents).as_int() for piece in self.pieces]
        total = product(self.node.shape).as_int()
        known = [count for count in counts if count is not None]
        return total is not None and len(known) == len(counts) and 2 * sum(known) >= total

    def _banded(self) -> Recipe | None:
        if len(self.rows) != 1 or len(self.columns) != 1 or not self.pieces:
            return None
        bands: dict[int, list[tuple[Piece, tuple[Axis, ...]]]] = {}
        for piece in self.pieces:
            place = distance(piece.rows[0], piece.columns[0])
            if place is None:
                return None
            # The position along a diagonal is the smaller of row and column.
            bands.setdefault(place, []).append((piece, piece.rows if place >= 0 else piece.columns))
        vectors = tuple(
            (place, Vector(tuple(piece for piece, _ in parts), tuple(axes for _, axes in parts)))
            for place, parts in sorted(bands.items())
        )
        return BandedRecipe(vectors, (self.rows[0], self.columns[0]), self.symmetric)

    def _blocks(self) -> Recipe | None:
        """Blocks along an axis; a Kronecker product with the identity where the blocks are all the same."""
        found = common_axis(self.terms, self.outputs)
        if found is None or self.node.rank < 3:
            return None
        row, column = found[0], found[1] - self.outputs
        same = without_axes(self.terms, *found)
        if same is not None and row == column == 0:
            return KroneckerRecipe(((IdentityRecipe(self.rows[:1]), self._inner(same)),), self.symmetric)
        if same is not None and row == len(self.rows) - 1 and column == len(self.columns) - 1:
            return KroneckerRecipe(((self._inner(same), IdentityRecipe(self.rows[-1:])),), self.symmetric)
        blocks = simplify(along_axis(self.terms, *found))
        return BlocksRecipe(blocks, self.rows, self.columns, (row, column), self.symmetric)

    def _inner(self, node: Node) -> Recipe:
        return recipe(simplify(node), self.outputs - 1, symmetric=self.symmetric)

    def _kronecker(self) -> Recipe | None:
        if len(self.rows) != 2 or len(self.columns) != 2:
            return None
        factors = kronecker_factors(self.terms)
        if factors is None:
            return None
        pairs = tuple((self._factor(left), self._factor(right)) for left, right in factors)
        return KroneckerRecipe(pairs, self.symmetric)

    def _factor(self, node: Node) -> Recipe:
        node = simplify(node)
        symmetric = bool(equal(*node.shape)) and invariant(node, (1, 0)) and not rests_on_declarations(node)
        return recipe(node, 1, symmetric=symmetric)

    def _low_rank(self, dense: Recipe) -> Recipe | None:
        """A base whose rows and columns are linked, and products through a single number or one inner size."""
        linked = [self._is_linked(term) for term in self.terms]
        products: list[Thin] = []
        for term, is_linked in zip(self.terms, linked, strict=True):
            if not is_linked:
                found = thin_product(term, self.outputs)
                if found is None:
                    return None
                products.append(replace(found, left=simplify(found.left), right=simplify(found.right)))
        if not products or sum(product.inner is None for product in products) > MAX_OUTER:
            return None
        base = [term for term, is_linked in zip(self.terms, linked, strict=True) if is_linked]
        under = self._part(base) if base else None
        if under is not None and under.kind == "dense":
            return None
        return LowRankRecipe(under, tuple(products), self.rows, self.columns, self.symmetric, dense)

    def _is_linked(self, term: Term) -> bool:
        (piece,) = pieces((term,), self.outputs)
        return piece.linked

    def _part(self, terms: Sequence[Term]) -> Recipe:
        """The recipe of some of the terms."""
        node = add([(term.coefficient, term.node) for term in terms], self.node.shape)
        symmetric = self.symmetric and invariant(node, self._turned)
        return _Choice(node, terms, self.outputs, symmetric).recipe()

    @property
    def _turned(self) -> tuple[int, ...]:
        rank = self.node.rank
        return (*range(self.outputs, rank), *range(self.outputs))

    def _linked(self) -> Recipe | None:
        """Entries in blocks at places that labels in common tie together."""
        if not all(piece.linked for piece in self.pieces) or self._fills:
            return None
        return SparseRecipe(self.pieces, self.rows, self.columns, self.symmetric)


def _simplified(piece: Piece) -> Piece:
    return replace(piece, values=simplify(piece.values))
