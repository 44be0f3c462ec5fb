"""Factorisations of square banded matrices, given by their diagonals."""

from __future__ import annotations

from collections.abc import Mapping

from hesse.structured.factorisation import Factorisation, pivoted_determinant, regular, require_regular
from hesse.structured.library import Array, lapack, np


def cholesky(bands: Mapping[int, Array], size: int, norm: float) -> Factorisation | None:
    """The factorisation of a symmetric positive definite matrix; None where it is not positive definite."""
    if 0 not in bands or not (bands[0] > 0).all():
        return None
    width = max(bands)
    if width <= 1 < size:
        return _tridiagonal_cholesky(bands[0], bands.get(1, np.zeros(size - 1)), norm)
    table = np.zeros((width + 1, size))
    for offset, band in bands.items():
        if offset >= 0:
            table[offset, : len(band)] = band
    factor, failed = lapack.dpbtrf(table, lower=1)
    if failed:
        return None

    def solve(columns: Array) -> Array:
        solution: Array = lapack.dpbtrs(factor, columns, lower=1)[0]
        return solution

    def slogdet() -> tuple[float, float]:
        return 1.0, 2 * float(np.log(factor[0]).sum())

    return regular(Factorisation(solve, solve, slogdet, "banded Cholesky"), norm, size)


def _tridiagonal_cholesky(main: Array, above: Array, norm: float) -> Factorisation | None:
    """L D Lᵀ. The norm of the inverse is exact: its absolute values are the inverse of the factors with all signs of L
    turned negative (N. J. Higham, Efficient algorithms for computing the condition number of a tridiagonal matrix, SIAM
    J. Sci. Stat. Comput. 7, 1986).
    """
    pivots, multipliers, failed = lapack.dpttrf(main, above)
    if failed:
        return None
    inverse = lapack.dpttrs(pivots, -np.abs(multipliers), np.ones((len(main), 1)))[0]
    require_regular(1 / (norm * float(inverse.max())), len(main))

    def solve(columns: Array) -> Array:
        solution: Array = lapack.dpttrs(pivots, multipliers, columns)[0]
        return solution

    return Factorisation(solve, solve, lambda: (1.0, float(np.log(pivots).sum())), "tridiagonal Cholesky")


def elimination(bands: Mapping[int, Array], size: int, norm: float) -> Factorisation:
    """LU with exchanges of rows. Raises SingularMatrixError."""
    lower, upper = max(0, -min(bands, default=0)), max(0, *bands, 0)
    if lower <= 1 and upper <= 1 and size > 2:
        return _tridiagonal(bands, size, norm)
    table = np.zeros((2 * lower + upper + 1, size))
    for offset, band in bands.items():
        table[lower + upper - offset, max(offset, 0) : max(offset, 0) + len(band)] = band
    triangles, pivots, failed = lapack.dgbtrf(table, lower, upper)
    return regular(
        Factorisation(
            lambda columns: lapack.dgbtrs(triangles, lower, upper, columns, pivots)[0],
            lambda columns: lapack.dgbtrs(triangles, lower, upper, columns, pivots, trans=1)[0],
            lambda: pivoted_determinant(triangles[lower + upper], pivots),
            "banded LU",
        ),
        0.0 if failed else norm,
        size,
    )


def _tridiagonal(bands: Mapping[int, Array], size: int, norm: float) -> Factorisation:
    below, main, above = (bands.get(k, np.zeros(size - abs(k))) for k in (-1, 0, 1))
    *factors, pivots, failed = lapack.dgttrf(below, main, above)
    return regular(
        Factorisation(
            lambda columns: lapack.dgttrs(*factors, pivots, columns)[0],
            lambda columns: lapack.dgttrs(*factors, pivots, columns, trans="T")[0],
            lambda: pivoted_determinant(factors[1], pivots - 1),
            "tridiagonal LU",
        ),
        0.0 if failed else norm,
        size,
    )
