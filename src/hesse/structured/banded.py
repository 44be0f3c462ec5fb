"""Banded matrices by their diagonals, also rectangular ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from hesse.errors import SingularMatrixError
from hesse.structured.base import Structured, bytes_of, kept
from hesse.structured.elimination import cholesky, elimination
from hesse.structured.factorisation import Factorisation, require_finite
from hesse.structured.library import Array, np
from hesse.structured.places import Slots
from hesse.structured.sparse import Pattern, Sparse


class Banded(Structured):
    """A matrix that is zero off a few diagonals.

    `bands[k]` are the entries at (t, t + k) for k >= 0, at (t - k, t) for k < 0, in the order of t.
    """

    def __init__(self, bands: Mapping[int, Array], shape: tuple[int, int], *, symmetric: bool = False) -> None:
        self.bands = {offset: kept(band) for offset, band in sorted(bands.items()) if len(band)}
        super().__init__(shape, symmetric=symmetric)

    @property
    def kind(self) -> str:
        return "banded"

    @property
    def nbytes(self) -> int:
        return bytes_of(self.bands.values())

    @property
    def norm_bound(self) -> float:
        return float(self._column_sums().max(initial=0))

    def times(self, columns: Array) -> Array:
        result = np.zeros((self.shape[0], columns.shape[1]))
        for offset, band in self.bands.items():
            row, column = max(-offset, 0), max(offset, 0)
            result[row : row + len(band)] += band[:, None] * columns[column : column + len(band)]
        return result

    @property
    def T(self) -> Banded:
        if self.symmetric:
            return self
        return Banded({-offset: band for offset, band in self.bands.items()}, self.shape[::-1])

    def diagonal(self) -> Array:
        return self.bands.get(0, np.zeros(min(self.shape)))

    def _dense(self) -> Array:
        dense = np.zeros(self.shape)
        for offset, band in self.bands.items():
            places = np.arange(len(band))
            dense[places + max(-offset, 0), places + max(offset, 0)] = band
        return dense

    def tosparse(self) -> Any:
        pattern, slots = _pattern(self.shape, tuple(self.bands))
        return Sparse(slots.filled({})(list(self.bands.values())), pattern).tosparse()

    def _factorise(self) -> Factorisation:
        require_finite(*self.bands.values())
        if not any(band.any() for band in self.bands.values()):
            raise SingularMatrixError("the matrix is singular: it is zero")
        return (self.symmetric and cholesky(self.bands, self.shape[0], self.norm_bound)) or elimination(
            self.bands, self.shape[0], self.norm_bound
        )

    def _column_sums(self) -> Array:
        sums = np.zeros(self.shape[1])
        for offset, band in self.bands.items():
            sums[max(offset, 0) : max(offset, 0) + len(band)] += np.abs(band)
        return sums


@lru_cache(maxsize=4)
def _pattern(shape: tuple[int, int], offsets: tuple[int, ...]) -> tuple[Pattern, Slots]:
    """The places of the bands in compressed rows: they depend on nothing else, and are found once."""
    places = []
    for offset in offsets:
        steps = np.arange(min(shape[0] - max(-offset, 0), shape[1] - max(offset, 0)))
        places.append((steps + max(-offset, 0), steps + max(offset, 0)))
    return Pattern.of(shape, places)
