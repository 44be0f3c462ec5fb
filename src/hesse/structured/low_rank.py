"""Low rank plus a base: base + left @ right.T with few columns, solved by the formula of Woodbury."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hesse.errors import SingularMatrixError
from hesse.structured.base import Structured, kept
from hesse.structured.densely import by_dense
from hesse.structured.factorisation import EPSILON, Factorisation, factorise_dense, regular, require_finite, threshold
from hesse.structured.library import Array, np

UNSTABLE = "the formula of Woodbury is not accurate for this matrix"


class LowRank(Structured):
    """base + left @ right.T; without a base, None, the product alone.

    Solutions are checked by their residuals and refined; where the formula of Woodbury loses accuracy, or the base is
    singular, the dense matrix is factorised instead.
    """

    def __init__(self, base: Structured | None, left: Array, right: Array, *, symmetric: bool = False) -> None:
        self.base, self.left, self.right = base, kept(left), kept(right)
        super().__init__((self.left.shape[0], self.right.shape[0]), symmetric=symmetric)

    @property
    def rank(self) -> int:
        """The number of columns, which the rank of the product does not exceed."""
        return int(self.left.shape[1])

    @property
    def kind(self) -> str:
        return "low rank" if self.base is None else f"low rank plus {self.base.kind}"

    @property
    def nbytes(self) -> int:
        return int(self.left.nbytes + self.right.nbytes) + (0 if self.base is None else self.base.nbytes)

    @property
    def norm_bound(self) -> float:
        product = float((np.abs(self.right) @ np.abs(self.left).sum(axis=0)).max(initial=0))
        return product + (0.0 if self.base is None else self.base.norm_bound)

    def times(self, columns: Array) -> Array:
        product = self.left @ (self.right.T @ columns)
        return product if self.base is None else self.base.times(columns) + product

    @property
    def T(self) -> LowRank:
        if self.symmetric:
            return self
        return LowRank(None if self.base is None else self.base.T, self.right, self.left)

    def diagonal(self) -> Array:
        size = min(self.shape)
        product = (self.left[:size] * self.right[:size]).sum(axis=1)
        return product if self.base is None else self.base.diagonal() + product

    def _dense(self) -> Array:
        dense = self.left @ self.right.T
        if self.base is not None:
            if self.base.kind == "diagonal":
                dense.reshape(-1)[:: self.shape[1] + 1] += self.base.diagonal()
            else:
                dense += self.base.todense(limit=None)
        return dense

    def _factorise(self) -> Factorisation:
        require_finite(self.left, self.right)
        size = self.shape[0]
        if self.base is None:
            if self.rank < size:
                raise SingularMatrixError(f"the matrix is singular: its rank is at most {self.rank} of {size}")
            return by_dense(self)
        try:
            inner = self.base.factorisation
        except SingularMatrixError:
            return by_dense(self, "the matrix without its part of low rank is singular")
        return self._woodbury(inner)

    def _woodbury(self, inner: Factorisation) -> Factorisation:
        """(D + U Vᵀ)⁻¹ = D⁻¹ - D⁻¹ U (I + Vᵀ D⁻¹ U)⁻¹ Vᵀ D⁻¹, and det(D + U Vᵀ) = det(D) det(I + Vᵀ D⁻¹ U)."""
        size = self.shape[0]
        left = inner.solve(self.left)
        right = inner.solve_transposed(self.right)
        small = np.eye(self.rank) + self.right.T @ left
        _require_regular(small, np.eye(self.rank) + np.abs(self.right).T @ np.abs(left), size)
        core = factorise_dense(small, symmetric=False)

        def solve(columns: Array) -> Array:
            first = inner.solve(columns)
            return first - left @ core.solve(self.right.T @ first)

        def solve_transposed(columns: Array) -> Array:
            first = inner.solve_transposed(columns)
            return first - right @ core.solve_transposed(self.left.T @ first)

        norm = self.norm_bound

        def refined(columns: Array) -> Array:
            x = self._refined(solve, self.times, columns, norm)
            return by_dense(self, UNSTABLE).solve(columns) if x is None else x

        def refined_transposed(columns: Array) -> Array:
            x = self._refined(solve_transposed, self.T.times, columns, norm)
            return by_dense(self, UNSTABLE).solve_transposed(columns) if x is None else x

        def slogdet() -> tuple[float, float]:
            (a, p), (b, q) = inner.slogdet(), core.slogdet()
            return a * b, p + q

        found = Factorisation(refined, refined_transposed, slogdet, f"Woodbury over {inner.method}, rank {self.rank}")
        return regular(found, norm, size)

    def _refined(self, solve: Any, times: Any, columns: Array, norm: float) -> Array | None:
        """The solution after at most two steps of refinement; None when its residual stays large."""
        x = solve(columns)
        for step in range(3):
            residual = columns - times(x)
            scale = norm * np.abs(x).sum(axis=0) + np.abs(columns).sum(axis=0)
            if (np.abs(residual).sum(axis=0) <= 16 * EPSILON * self.shape[0] ** 0.5 * scale).all():
                return x
            if step < 2:
                x = x + solve(residual)
        return None


def _require_regular(small: Array, magnitude: Array, size: int) -> None:
    """Refuse a core that is zero but for rounding. `magnitude` is the sum of the absolute values it is made of."""
    scale = 1 / np.sqrt(magnitude.diagonal())
    least = float(np.linalg.svd(small * np.outer(scale, scale), compute_uv=False).min(initial=1.0))
    if not least > 2 * threshold(size):
        raise SingularMatrixError("the matrix is singular to working precision", hint=_HINT)


_HINT = "there is no unique solution; add a multiple of the identity, or use least squares"


def joined(sides: Sequence[Any], rows: int) -> Array:
    """The columns of several vectors and matrices of that many rows, side by side."""
    columns = [np.reshape(side, (rows, -1)) for side in sides]
    return columns[0] if len(columns) == 1 else np.concatenate(columns, axis=1)
