"""Low rank plus a base: base + left @ right.T with few columns, solved by the formula of Woodbury."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from hesse.errors import SingularMatrixError
from hesse.structured.base import Structured, bytes_of, kept
from hesse.structured.densely import by_dense, refined
from hesse.structured.factorisation import Factorisation, factorise_dense, require_finite, threshold
from hesse.structured.library import Array, np

UNSTABLE = "the formula of Woodbury is not accurate for this matrix"
_SMALL = 2**25
"""Up to so many bytes the dense matrix has the last word on whether a matrix is singular."""


class LowRank(Structured):
    """base + left @ diag(weights) @ right.T; without a base, None, the product alone.

    Solutions are checked by their residuals and refined; where the formula of Woodbury loses accuracy, or the base is
    singular, the dense matrix is factorised instead.
    """

    def __init__(
        self,
        base: Structured | None,
        left: Array,
        right: Array,
        weights: Array | None = None,
        *,
        symmetric: bool = False,
    ) -> None:
        self.base, self.left = base, kept(left)
        self.right = self.left if right is left else kept(right)
        self.weights = kept(np.ones(self.left.shape[1]) if weights is None else weights)
        super().__init__((self.left.shape[0], self.right.shape[0]), symmetric=symmetric)

    @property
    def rank(self) -> int:
        """The number of columns, which the rank of the product does not exceed."""
        return int(self.left.shape[1])

    @property
    def kind(self) -> str:
        return "low rank" if self.base is None else f"low rank plus {self.base.kind}"

    @cached_property
    def _weighted(self) -> Array:
        return self.left * self.weights

    @property
    def nbytes(self) -> int:
        own = bytes_of((self.left, self.right, self.weights))
        return own + (0 if self.base is None else self.base.nbytes)

    @property
    def norm_bound(self) -> float:
        product = float((np.abs(self.right) @ np.abs(self._weighted).sum(axis=0)).max(initial=0))
        return product + (0.0 if self.base is None else self.base.norm_bound)

    def times(self, columns: Array) -> Array:
        product = self._weighted @ (self.right.T @ columns)
        return product if self.base is None else self.base.times(columns) + product

    @property
    def T(self) -> LowRank:
        if self.symmetric:
            return self
        return LowRank(None if self.base is None else self.base.T, self.right, self.left, self.weights)

    def diagonal(self) -> Array:
        size = min(self.shape)
        product = (self._weighted[:size] * self.right[:size]).sum(axis=1)
        return product if self.base is None else self.base.diagonal() + product

    def _dense(self) -> Array:
        if self.rank == 1:
            # The product of a column and a row is no more than that, where a matrix product has to be set up.
            dense = np.multiply(self._weighted, self.right.T)
        else:
            dense = self._weighted @ self.right.T
        if self.base is not None:
            if self.base.kind == "diagonal":
                dense.reshape(-1)[:: self.shape[1] + 1] += self.base.diagonal()
            else:
                dense += self.base.todense(limit=None)
        return dense

    def _factorise(self) -> Factorisation:
        require_finite(self.left, self.right, self.weights)
        size = self.shape[0]
        if self.base is not None and not self.rank:
            return self.base.factorisation
        if self.base is None:
            if self.rank < size:
                raise SingularMatrixError(f"the matrix is singular: its rank is at most {self.rank} of {size}")
            return by_dense(self)
        try:
            inner = self.base.factorisation
        except SingularMatrixError:
            return by_dense(self, "the matrix without its part of low rank is singular")
        try:
            return self._woodbury(inner)
        except SingularMatrixError:
            if self.dense_bytes > _SMALL:
                raise
        # Products that cancel one another make the core singular, and not the matrix.
        return by_dense(self)

    def _woodbury(self, inner: Factorisation) -> Factorisation:
        """(D + U Vᵀ)⁻¹ = D⁻¹ - D⁻¹ U (I + Vᵀ D⁻¹ U)⁻¹ Vᵀ D⁻¹, and det(D + U Vᵀ) = det(D) det(I + Vᵀ D⁻¹ U)."""
        size = self.shape[0]
        left = inner.solve(self._weighted)
        right = inner.solve_transposed(self.right)
        small = np.eye(self.rank) + self.right.T @ left
        _require_regular(small, np.eye(self.rank) + np.abs(self.right).T @ np.abs(left), size)
        core = factorise_dense(small, symmetric=False)

        def solve(columns: Array) -> Array:
            first = inner.solve(columns)
            return first - left @ core.solve(self.right.T @ first)

        def solve_transposed(columns: Array) -> Array:
            first = inner.solve_transposed(columns)
            return first - right @ core.solve_transposed(self._weighted.T @ first)

        def slogdet() -> tuple[float, float]:
            (a, p), (b, q) = inner.slogdet(), core.slogdet()
            return a * b, p + q

        method = f"Woodbury over {inner.method}, rank {self.rank}"
        return refined(self, Factorisation(solve, solve_transposed, slogdet, method), UNSTABLE)


def _require_regular(small: Array, magnitude: Array, size: int) -> None:
    """Refuse a core that is zero but for rounding. `magnitude` is the sum of the absolute values it is made of."""
    scale = 1 / np.sqrt(magnitude.diagonal())
    least = float(np.linalg.svd(small * np.outer(scale, scale), compute_uv=False).min(initial=1.0))
    if not least > 2 * threshold(size):
        raise SingularMatrixError("the matrix is singular to working precision", hint=_HINT)


_HINT = "there is no unique solution; add a multiple of the identity, or use least squares"


def side_by_side(sides: Sequence[Any], rows: int, widths: Sequence[int]) -> Array:
    """The columns of several vectors and matrices of that many rows in one matrix; so many of each."""
    columns = [np.asarray(side).reshape(rows, width) for side, width in zip(sides, widths, strict=True)]
    return columns[0] if len(columns) == 1 else np.concatenate(columns, axis=1)


def repeated(weights: Sequence[float], widths: Sequence[int]) -> Array:
    """The weight of every column, given those of groups of so many columns."""
    return kept(np.repeat(np.array(weights), widths))
