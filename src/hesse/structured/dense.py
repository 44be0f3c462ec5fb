"""A dense matrix with the interface of the structured ones: what a result is of which nothing is proved."""

from __future__ import annotations

from hesse.structured.base import Structured, kept
from hesse.structured.factorisation import Factorisation, factorise_dense
from hesse.structured.library import Array, np


class Dense(Structured):
    """A matrix with all its entries."""

    def __init__(self, array: Array, *, symmetric: bool = False) -> None:
        self.array = kept(array)
        super().__init__((self.array.shape[0], self.array.shape[1]), symmetric=symmetric)

    @property
    def kind(self) -> str:
        return "dense"

    @property
    def nbytes(self) -> int:
        return int(self.array.nbytes)

    @property
    def norm_bound(self) -> float:
        return float(np.abs(self.array).sum(axis=0).max(initial=0))

    def times(self, columns: Array) -> Array:
        return self.array @ columns

    def times_rows(self, rows: Array) -> Array:
        # The product without a transpose is the one that BLAS does best where one factor is small.
        return rows @ (self.array if self.symmetric else self.array.T)

    @property
    def T(self) -> Dense:
        return self if self.symmetric else Dense(self.array.T)

    def diagonal(self) -> Array:
        return self.array.diagonal()

    def _dense(self) -> Array:
        return self.array.copy()

    def _factorise(self) -> Factorisation:
        return factorise_dense(self.array, symmetric=self.symmetric)
