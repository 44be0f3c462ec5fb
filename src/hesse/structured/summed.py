"""Sums of structures that have no common form."""

from __future__ import annotations

from typing import Any

from hesse.structured.base import Structured
from hesse.structured.densely import by_dense
from hesse.structured.factorisation import Factorisation
from hesse.structured.library import Array, sparse


class Summed(Structured):
    """The sum of matrices that are kept apart."""

    def __init__(self, parts: tuple[Structured, ...], *, symmetric: bool = False) -> None:
        self.parts = parts
        super().__init__(parts[0].shape, symmetric=symmetric)

    @property
    def kind(self) -> str:
        return "sum"

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in self.parts)

    @property
    def norm_bound(self) -> float:
        return sum(part.norm_bound for part in self.parts)

    def times(self, columns: Array) -> Array:
        first, *others = self.parts
        total = first.times(columns)
        for part in others:
            total = total + part.times(columns)
        return total

    @property
    def T(self) -> Summed:
        return self if self.symmetric else Summed(tuple(part.T for part in self.parts))

    def diagonal(self) -> Array:
        first, *others = self.parts
        return sum((part.diagonal() for part in others), first.diagonal())

    def _dense(self) -> Array:
        first, *others = self.parts
        dense = first.todense(limit=None)
        for part in others:
            dense += part.todense(limit=None)
        return dense

    def tosparse(self) -> Any:
        first, *others = self.parts
        return sparse.csr_array(sum((part.tosparse() for part in others), first.tosparse()))

    def _factorise(self) -> Factorisation:
        return by_dense(self)
