"""Sums of Kronecker products: maps V -> A V Bᵀ of matrices, added up."""

from __future__ import annotations

from typing import Any

from hesse.errors import LimitError
from hesse.structured.base import MAX_BYTES, Structured, in_units
from hesse.structured.densely import by_dense, refined
from hesse.structured.diagonal import Diagonal
from hesse.structured.factorisation import Factorisation
from hesse.structured.library import Array, np, sparse
from hesse.structured.sylvester import two_terms

_SPARSE_BYTES = 12
"""What an entry of a sparse matrix takes: its value and its column."""


class Kronecker(Structured):
    """The sum of kron(A, B) over pairs: between matrices flattened in C order it is V -> the sum of A @ V @ B.T."""

    def __init__(self, pairs: tuple[tuple[Structured, Structured], ...], *, symmetric: bool = False) -> None:
        self.pairs = pairs
        (left, right), *_ = pairs
        shape = (left.shape[0] * right.shape[0], left.shape[1] * right.shape[1])
        super().__init__(shape, symmetric=symmetric)

    @property
    def kind(self) -> str:
        return "Kronecker"

    @property
    def nbytes(self) -> int:
        return sum(factor.nbytes for factor in {id(each): each for pair in self.pairs for each in pair}.values())

    @property
    def norm_bound(self) -> float:
        return sum(left.norm_bound * right.norm_bound for left, right in self.pairs)

    def times(self, columns: Array) -> Array:
        total: Array | None = None
        for left, right in self.pairs:
            times = _unchanged if _is_identity(left) else left.times
            product = _mapped(times, right, columns, left.shape[::-1], right.shape[::-1])
            total = product if total is None else total + product
        assert total is not None
        return total

    @property
    def T(self) -> Kronecker:
        return self if self.symmetric else Kronecker(tuple((left.T, right.T) for left, right in self.pairs))

    def diagonal(self) -> Array:
        if all(factor.shape[0] == factor.shape[1] for pair in self.pairs for factor in pair):
            return sum(np.kron(left.diagonal(), right.diagonal()) for left, right in self.pairs)
        return self._dense().diagonal()

    def _dense(self) -> Array:
        dense = np.zeros(self.shape)
        for left, right in self.pairs:
            array = dense.reshape(left.shape[0], right.shape[0], left.shape[1], right.shape[1])
            # Nothing of the size of the result is made beside it.
            if _is_identity(left) and len(self.pairs) == 1:
                np.einsum("ijil->ijl", array)[...] = right.todense(limit=None)
            elif isinstance(left, Diagonal):
                np.einsum("ijil->ijl", array)[...] += left.diagonal()[:, None, None] * right.todense(limit=None)
            elif isinstance(right, Diagonal):
                np.einsum("ijkj->ikj", array)[...] += left.todense(limit=None)[:, :, None] * right.diagonal()
            else:
                inner = right.todense(limit=None)
                for place, row in enumerate(left.todense(limit=None)):
                    array[place] += np.einsum("k,jl->jkl", row, inner)
        return dense

    def tosparse(self) -> Any:
        factors = [(left.tosparse(), right.tosparse()) for left, right in self.pairs]
        count = sum(left.nnz * right.nnz for left, right in factors)
        if _SPARSE_BYTES * count > MAX_BYTES:
            raise LimitError(
                f"the sparse matrix would have {count} entries, {in_units(_SPARSE_BYTES * count)}; "
                f"the limit is {in_units(MAX_BYTES)}",
                hint="`@` and `solve` do without it",
            )
        parts = [sparse.kron(left, right, format="csr") for left, right in factors]
        return sparse.csr_array(sum(parts[1:], parts[0]))

    def _factorise(self) -> Factorisation:
        squares = all(factor.shape[0] == factor.shape[1] for pair in self.pairs for factor in pair)
        if squares and len(self.pairs) == 2:
            found = two_terms(*self.pairs)
            if found is not None:
                return refined(self, found, "the equation of Sylvester is not solved accurately for this matrix")
        if not squares or len(self.pairs) > 1:
            return by_dense(self)
        ((left, right),) = self.pairs
        one = _NOTHING if _is_identity(left) else left.factorisation
        two = right.factorisation
        sizes = left.shape, right.shape

        def solve(columns: Array) -> Array:
            return _solved(one.solve, two.solve, columns, *sizes)

        def solve_transposed(columns: Array) -> Array:
            return _solved(one.solve_transposed, two.solve_transposed, columns, *sizes)

        def slogdet() -> tuple[float, float]:
            (a, p), (b, q) = one.slogdet(), two.slogdet()
            m, n = left.shape[0], right.shape[0]
            return a**n * b**m, n * p + m * q

        return Factorisation(solve, solve_transposed, slogdet, f"{one.method} of A, {two.method} of B")


def _unchanged(columns: Array) -> Array:
    return columns


_NOTHING = Factorisation(_unchanged, _unchanged, lambda: (1.0, 0.0), "nothing to solve")
"""The identity, which is not looked at."""


def _is_identity(factor: Structured) -> bool:
    return isinstance(factor, Diagonal) and factor.is_identity


def _mapped(
    times: Any, right: Structured, columns: Array, left_shape: tuple[int, int], right_shape: tuple[int, int]
) -> Array:
    """A V Bᵀ for each column, which is V flattened."""
    count = columns.shape[1]
    inner, outer = left_shape[0], right_shape[0]
    rows, size = left_shape[1] * right.shape[0], right.shape[0]
    if count == 1:
        return times(right.times_rows(columns.reshape(inner, outer))).reshape(rows, 1)
    # B acts on the middle axis, then A on the first.
    middle = columns.reshape(inner, outer, count).transpose(1, 0, 2).reshape(outer, inner * count)
    turned = right.times(middle).reshape(size, inner, count).transpose(1, 0, 2).reshape(inner, size * count)
    return times(turned).reshape(rows, count)


def _solved(one: Any, two: Any, columns: Array, left: tuple[int, int], right: tuple[int, int]) -> Array:
    """A⁻¹ V B⁻ᵀ for each column."""
    count, (a, b) = columns.shape[1], (left[0], right[0])
    if count == 1:
        return one(two(columns.reshape(a, b).T).T).reshape(a * b, 1)
    middle = columns.reshape(a, b, count).transpose(1, 0, 2).reshape(b, a * count)
    turned = two(middle).reshape(b, a, count).transpose(1, 0, 2).reshape(a, b * count)
    return one(turned).reshape(a * b, count)
