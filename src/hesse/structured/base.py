"""What all structures have in common: products, solutions, determinants, and the dense array on request."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from hesse.errors import ArgumentError, LimitError, ShapeError
from hesse.structured.factorisation import Factorisation, nothing
from hesse.structured.library import Array, np, sparse, sparse_linalg

MAX_BYTES = 2**30
"""What `todense` makes unasked, and what a solution may use where only the dense matrix has one: one gibibyte."""
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def in_units(count: int) -> str:
    """A number of bytes as people say it."""
    power = min(max(count.bit_length() - 1, 0) // 10, len(_UNITS) - 1)
    return f"{count / 1024**power:.3g} {_UNITS[power]}"


class Structured(ABC):
    """A real matrix kept as what it is. Immutable: its arrays cannot be written to.

    `symmetric` says that it is known to equal its transpose.
    """

    def __init__(self, shape: tuple[int, int], *, symmetric: bool = False) -> None:
        self.shape = shape
        self.symmetric = symmetric
        self._factors: Factorisation | None = None

    ndim = 2
    __array_ufunc__ = None
    """So that `array @ matrix` comes here."""

    @property
    def dtype(self) -> Any:
        """The type of the entries, float64."""
        return np.dtype(np.float64)

    @property
    @abstractmethod
    def kind(self) -> str:
        """What the matrix is."""

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """The bytes that the matrix takes as it is kept."""

    @property
    def dense_bytes(self) -> int:
        """The bytes that the dense array would take."""
        return 8 * self.shape[0] * self.shape[1]

    @property
    @abstractmethod
    def norm_bound(self) -> float:
        """The 1-norm, the largest sum of absolute values in a column, or a bound of it."""

    @abstractmethod
    def times(self, columns: Array) -> Array:
        """The product with a matrix of columns, unchecked."""

    def times_rows(self, rows: Array) -> Array:
        """The product of a matrix of rows with the transpose, unchecked."""
        return self.times(rows.T).T

    @property
    @abstractmethod
    def T(self) -> Structured:
        """The transpose."""

    @abstractmethod
    def diagonal(self) -> Array:
        """The entries on the main diagonal."""

    @abstractmethod
    def _dense(self) -> Array:
        """The dense array."""

    @abstractmethod
    def _factorise(self) -> Factorisation:
        """What solves with the matrix, which is square and has rows. Raises SingularMatrixError."""

    def tosparse(self) -> Any:
        """The matrix as a `scipy.sparse.csr_array`."""
        return sparse.csr_array(self.todense())

    def todense(self, *, limit: int | None = MAX_BYTES) -> Array:
        """The dense array, a new one. Raises LimitError beyond the limit in bytes; `limit=None` makes it anyway."""
        require_below(limit, self.dense_bytes, self.shape)
        return self._dense()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        dense = self.todense()
        return dense if dtype is None else dense.astype(dtype)

    def __matmul__(self, other: Any) -> Any:
        columns = numbers(other)
        if columns.ndim not in (1, 2) or columns.shape[0] != self.shape[1]:
            raise ShapeError(f"a {_by(self.shape)} matrix cannot be multiplied by an array of shape {columns.shape}")
        return self.times(columns) if columns.ndim == 2 else self.times(columns[:, None])[:, 0]

    def __rmatmul__(self, other: Any) -> Any:
        rows = numbers(other)
        if rows.ndim not in (1, 2) or rows.shape[-1] != self.shape[0]:
            raise ShapeError(f"an array of shape {rows.shape} cannot be multiplied by a {_by(self.shape)} matrix")
        return self.T.times_rows(rows) if rows.ndim == 2 else self.T.times(rows[:, None])[:, 0]

    def matvec(self, x: Any) -> Any:
        """The product with a vector."""
        return self @ x

    def rmatvec(self, x: Any) -> Any:
        """The product of the transpose with a vector."""
        return self.T @ x

    def matmat(self, x: Any) -> Any:
        """The product with a matrix."""
        return self @ x

    def rmatmat(self, x: Any) -> Any:
        """The product of the transpose with a matrix."""
        return self.T @ x

    @property
    def factorisation(self) -> Factorisation:
        """What `solve` and `logdet` share. Raises SingularMatrixError, or ShapeError where it is not square."""
        if self._factors is None:
            self._factors = self._factorised()
        return self._factors

    def _factorised(self) -> Factorisation:
        rows, columns = self.shape
        if rows != columns:
            raise ShapeError(f"a {_by(self.shape)} matrix is not square: it has no inverse and no determinant")
        return self._factorise() if rows else nothing()

    def forget(self) -> None:
        """Let go of the factorisation, where the arrays that the matrix is made of have new entries."""
        self._factors = None

    def solve(self, b: Any) -> Array:
        """The x with matrix @ x = b, for a vector or a matrix of columns.

        Raises SingularMatrixError where the matrix is singular to working precision: no solution is made up.
        """
        columns = numbers(b)
        if columns.ndim not in (1, 2) or columns.shape[0] != self.shape[0]:
            raise ShapeError(f"a {_by(self.shape)} matrix has no solution for an array of shape {columns.shape}")
        solve = self.factorisation.solve
        return solve(columns) if columns.ndim == 2 else solve(columns[:, None])[:, 0]

    def slogdet(self) -> tuple[float, float]:
        """The sign of the determinant and the logarithm of its absolute value. Raises SingularMatrixError."""
        return self.factorisation.slogdet()

    def logdet(self) -> float:
        """The logarithm of the determinant. Raises ArgumentError for a negative one, SingularMatrixError for zero."""
        sign, logarithm = self.slogdet()
        if sign <= 0:
            raise ArgumentError(
                "the determinant is negative and has no real logarithm", hint="slogdet() gives its sign"
            )
        return logarithm

    def aslinearoperator(self) -> Any:
        """The matrix as a `scipy.sparse.linalg.LinearOperator`."""
        return sparse_linalg.LinearOperator(
            self.shape, self.matvec, self.rmatvec, self.matmat, dtype=self.dtype, rmatmat=self.rmatmat
        )

    def __repr__(self) -> str:
        return f"<{self.kind}, {_by(self.shape)}, {in_units(self.nbytes)}; dense {in_units(self.dense_bytes)}>"


def require_below(limit: int | None, count: int, shape: tuple[int, ...]) -> None:
    """Raise LimitError where a dense array is beyond the limit."""
    if limit is not None and count > limit:
        raise LimitError(
            f"the dense array would be {_by(shape)}, {in_units(count)}; the limit is {in_units(limit)}",
            hint="`@` and `solve` do without it; `todense(limit=None)` makes it whatever its size",
        )


def kept(array: Any) -> Array:
    """The array as float64 that cannot be written to."""
    result = np.asarray(array, np.float64)
    if result.flags.writeable:
        result = result.view()
        result.setflags(False)
    return result


def bytes_of(arrays: Iterable[Array]) -> int:
    """The bytes that arrays take; what is the same memory counts once."""
    return sum(count for _, count in {(each.__array_interface__["data"][0], int(each.nbytes)) for each in arrays})


def numbers(value: Any) -> Array:
    """The value as an array of float64. Raises ArgumentError."""
    if isinstance(value, Structured):
        raise ArgumentError("products of two structures are not kept", hint="use the dense array of one: todense()")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ArgumentError("the other factor is not an array of numbers") from None
    if array.dtype.kind not in "biuf":
        raise ArgumentError(f"the other factor must consist of real numbers, not of {array.dtype}")
    return array.astype(np.float64, copy=False)


def _by(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
