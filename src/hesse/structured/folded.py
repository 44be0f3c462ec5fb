"""Derivatives of arrays by arrays: maps from an array of the variable's shape to one of the function's."""

from __future__ import annotations

from math import prod
from typing import Any

from hesse.errors import ArgumentError, ShapeError
from hesse.structured.base import MAX_BYTES, Structured, in_units, numbers, require_below
from hesse.structured.library import Array


class Folded:
    """A linear map of arrays, as a matrix between the arrays flattened.

    `matrix` is that matrix. Arrays are flattened in C order, as `reshape(-1)` does: entry [i, j] of an array of shape
    (m, k) has the place i*k + j. The axes of the dense array are those of the outputs, then those of the inputs.
    """

    __array_ufunc__ = None

    def __init__(self, matrix: Structured, outputs: tuple[int, ...], inputs: tuple[int, ...]) -> None:
        self.matrix, self.outputs, self.inputs = matrix, outputs, inputs

    @property
    def kind(self) -> str:
        """What the matrix is."""
        return self.matrix.kind

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the dense array."""
        return self.outputs + self.inputs

    @property
    def ndim(self) -> int:
        """The number of axes of the dense array."""
        return len(self.shape)

    @property
    def dtype(self) -> Any:
        """The type of the entries, float64."""
        return self.matrix.dtype

    @property
    def symmetric(self) -> bool:
        """Whether the map is known to equal its transpose."""
        return self.matrix.symmetric

    @property
    def nbytes(self) -> int:
        """The bytes that the map takes as it is kept."""
        return self.matrix.nbytes

    @property
    def dense_bytes(self) -> int:
        """The bytes that the dense array would take."""
        return self.matrix.dense_bytes

    @property
    def T(self) -> Folded:
        """The transposed map, from outputs to inputs."""
        return Folded(self.matrix.T, self.inputs, self.outputs)

    def __matmul__(self, other: Any) -> Array:
        return self._mapped(other, self.inputs, self.outputs, self.matrix.times)

    def __rmatmul__(self, other: Any) -> Array:
        return self._mapped(other, self.outputs, self.inputs, self.matrix.T.times)

    def solve(self, b: Any) -> Array:
        """The array X with map @ X = b, for b of the shape of the outputs. Raises SingularMatrixError."""
        return self._mapped(b, self.outputs, self.inputs, self.matrix.factorisation.solve)

    def _mapped(self, value: Any, taken: tuple[int, ...], given: tuple[int, ...], map_flat: Any) -> Array:
        array = numbers(value)
        if array.shape != taken:
            raise ShapeError(
                f"an array of shape {taken} is needed, not of shape {array.shape}",
                hint="`.matrix` is the matrix between arrays flattened in C order",
            )
        return map_flat(array.reshape(-1, 1)).reshape(given)

    def slogdet(self) -> tuple[float, float]:
        """The sign and the logarithm of the absolute value of the determinant of `matrix`."""
        return self.matrix.slogdet()

    def logdet(self) -> float:
        """The logarithm of the determinant of `matrix`."""
        return self.matrix.logdet()

    def diagonal(self) -> Array:
        """The entries at equal positions of output and input, in their shape."""
        if self.outputs != self.inputs:
            raise ArgumentError(f"outputs of shape {self.outputs} and inputs of shape {self.inputs} have no diagonal")
        return self.matrix.diagonal().reshape(self.outputs)

    def todense(self, *, limit: int | None = MAX_BYTES) -> Array:
        """The dense array, with the axes of the outputs and then of the inputs. Raises LimitError beyond the limit."""
        require_below(limit, self.dense_bytes, self.shape)
        return self.matrix.todense(limit=None).reshape(self.shape)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        dense = self.todense()
        return dense if dtype is None else dense.astype(dtype)

    def tosparse(self) -> Any:
        """`matrix` as a `scipy.sparse.csr_array`."""
        return self.matrix.tosparse()

    def aslinearoperator(self) -> Any:
        """`matrix` as a `scipy.sparse.linalg.LinearOperator`."""
        return self.matrix.aslinearoperator()

    def __repr__(self) -> str:
        sizes = " × ".join(map(str, self.shape))
        return f"<{self.kind}, {sizes}, {in_units(self.nbytes)}; dense {in_units(8 * prod(self.shape))}>"
