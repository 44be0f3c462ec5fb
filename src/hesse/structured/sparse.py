"""Sparse matrices: a pattern that is made once, and values filled into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hesse.errors import SingularMatrixError
from hesse.structured.base import Structured, kept
from hesse.structured.factorisation import Factorisation, parity, pivoted_determinant, regular, require_finite
from hesse.structured.library import Array, Integers, np, sparse, sparse_linalg
from hesse.structured.places import Slots


@dataclass(frozen=True)
class Pattern:
    """The places of the entries, in compressed sparse rows."""

    shape: tuple[int, int]
    columns: Integers
    starts: Integers

    @staticmethod
    def of(shape: tuple[int, int], places: Sequence[tuple[Integers, Integers]]) -> tuple[Pattern, Slots]:
        """The pattern of pieces with these rows and columns, in flat arrays each, and the slots of their values."""
        keys = [rows * shape[1] + columns for rows, columns in places]
        every, inverse = np.unique(np.concatenate([np.zeros(0, np.int64), *keys]), return_inverse=True)
        rows, columns = np.divmod(every, max(1, shape[1]))
        index = np.int32 if max(*shape, len(every)) < 2**31 else np.int64
        starts = np.searchsorted(rows, np.arange(shape[0] + 1)).astype(index)
        slots = np.split(inverse.reshape(-1), np.cumsum([len(key) for key in keys])[:-1])
        return Pattern(shape, columns.astype(index), starts), Slots.of(len(every), slots if keys else [])


class Sparse(Structured):
    """A matrix with few entries that are not zero, in compressed sparse rows."""

    def __init__(self, data: Array, pattern: Pattern, *, symmetric: bool = False) -> None:
        self.data = kept(data)
        self.pattern = pattern
        super().__init__(pattern.shape, symmetric=symmetric)

    @property
    def kind(self) -> str:
        return "sparse"

    @property
    def nbytes(self) -> int:
        return int(self.data.nbytes + self.pattern.columns.nbytes + self.pattern.starts.nbytes)

    def tosparse(self) -> Any:
        """The matrix as a `scipy.sparse.csr_array`, with copies of the entries and of their places."""
        return self._array(copy=True)

    def _view(self) -> Any:
        return self._array(copy=False)

    def _array(self, *, copy: bool) -> Any:
        parts = (self.data, self.pattern.columns, self.pattern.starts)
        view = sparse.csr_array(
            tuple(np.array(each) for each in parts) if copy else parts, shape=self.shape, copy=False
        )
        view.has_sorted_indices = view.has_canonical_format = True
        return view

    @property
    def norm_bound(self) -> float:
        return float(abs(self._view()).sum(axis=0).max()) if self.shape[1] else 0.0

    def times(self, columns: Array) -> Array:
        return self._view() @ columns

    @property
    def T(self) -> Structured:
        return self if self.symmetric else Sparse.from_scipy(self._view().T)

    @classmethod
    def from_scipy(cls, matrix: Any) -> Sparse:
        """The same matrix, of any of SciPy's formats."""
        rows = sparse.csr_array(matrix)
        rows.sum_duplicates()
        return cls(rows.data, Pattern(rows.shape, rows.indices, rows.indptr))

    def diagonal(self) -> Array:
        return self._view().diagonal()

    def _dense(self) -> Array:
        return self._view().toarray()

    def _factorise(self) -> Factorisation:
        require_finite(self.data)
        size = self.shape[0]
        matrix = sparse.csc_matrix(self._view())
        try:
            found = sparse_linalg.splu(matrix)
        except RuntimeError:
            raise SingularMatrixError("the matrix is singular: sparse elimination meets a column of zeros") from None
        solver = Factorisation(
            lambda columns: found.solve(np.ascontiguousarray(columns)),
            lambda columns: found.solve(np.ascontiguousarray(columns), "T"),
            lambda: _determinant(found),
            "sparse LU",
        )
        return regular(solver, self.norm_bound, size)


def _determinant(found: Any) -> tuple[float, float]:
    """Of SuperLU's Pr A Pc = L U."""
    sign, logarithm = pivoted_determinant(found.U.diagonal(), np.arange(found.shape[0]))
    return sign * parity(found.perm_r) * parity(found.perm_c), logarithm
