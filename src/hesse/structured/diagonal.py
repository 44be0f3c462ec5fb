"""Diagonal matrices, and multiples of the identity."""

from __future__ import annotations

from typing import Any

from hesse.errors import SingularMatrixError
from hesse.structured.base import Structured, kept
from hesse.structured.factorisation import Factorisation, require_finite
from hesse.structured.library import Array, np, sparse


class Diagonal(Structured):
    """A square matrix that is zero off its diagonal. `entries` may be one number for all of the diagonal."""

    def __init__(self, entries: Array, size: int | None = None) -> None:
        self.entries = kept(entries)
        count = len(self.entries) if size is None else size
        super().__init__((count, count), symmetric=True)

    @property
    def kind(self) -> str:
        return "diagonal"

    @property
    def is_identity(self) -> bool:
        """Whether it is the identity."""
        return self.entries.ndim == 0 and float(self.entries) == 1

    @property
    def nbytes(self) -> int:
        return int(self.entries.nbytes)

    @property
    def _column(self) -> Array:
        return self.entries[:, None] if self.entries.ndim else self.entries

    @property
    def norm_bound(self) -> float:
        return float(np.abs(self.entries).max(initial=0))

    def times(self, columns: Array) -> Array:
        return self._column * columns

    @property
    def T(self) -> Diagonal:
        return self

    def diagonal(self) -> Array:
        return np.array(np.broadcast_to(self.entries, self.shape[:1]))

    def _dense(self) -> Array:
        dense = np.zeros(self.shape)
        np.fill_diagonal(dense, self.entries)
        return dense

    def tosparse(self) -> Any:
        return sparse.csr_array(sparse.diags_array(self.diagonal()))

    def _factorise(self) -> Factorisation:
        require_finite(self.entries)
        if not self.entries.all():
            where = "" if not self.entries.ndim else f" at {int((self.entries == 0).argmax())}"
            raise SingularMatrixError(f"the matrix is singular: its diagonal is zero{where}")
        divisors = self._column

        def solve(columns: Array) -> Array:
            return columns / divisors

        return Factorisation(solve, solve, self._slogdet, "division by the diagonal")

    def _slogdet(self) -> tuple[float, float]:
        entries = np.broadcast_to(self.entries, self.shape[:1])
        return float(np.prod(np.sign(entries))), float(np.log(np.abs(entries)).sum())
