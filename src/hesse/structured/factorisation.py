"""Factorisations of dense matrices, estimates of condition, and what counts as singular.

A matrix is singular to working precision when the reciprocal of its condition number in the 1-norm, as estimated by
LAPACK or by Hager's method, is not above a small multiple of the rounding unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite, sqrt

from hesse.errors import ArgumentError, SingularMatrixError
from hesse.structured.library import Array, Integers, lapack, np

EPSILON = 2.0**-52
_HAGER_STEPS = 5


@dataclass(frozen=True)
class Factorisation:
    """What solves for columns, what solves with the transpose, the determinant, and how it was made."""

    solve: Callable[[Array], Array]
    solve_transposed: Callable[[Array], Array]
    slogdet: Callable[[], tuple[float, float]]
    method: str


def nothing() -> Factorisation:
    """That of a matrix without rows: its determinant is 1, a product of no factors."""
    return Factorisation(np.copy, np.copy, lambda: (1.0, 0.0), "nothing to solve")


def threshold(size: int) -> float:
    """The reciprocal condition number up to which a matrix of the size counts as singular."""
    return 4 * EPSILON * max(1.0, sqrt(size))


def require_regular(reciprocal: float, size: int) -> None:
    """Raise SingularMatrixError for a reciprocal condition number that is too small, or nan."""
    if not reciprocal > threshold(size):
        raise SingularMatrixError(
            f"the matrix is singular to working precision (its reciprocal condition number is {reciprocal:.1g})",
            hint="there is no unique solution; add a multiple of the identity, or use least squares",
        )


def require_finite(*arrays: Array) -> None:
    """Raise ArgumentError where an entry is infinite or nan."""
    for array in arrays:
        if not np.isfinite(array).all():
            raise ArgumentError("the matrix has entries that are not finite at these values")


def factorise_dense(matrix: Array, *, symmetric: bool) -> Factorisation:
    """Cholesky's factorisation of a symmetric positive definite matrix, else that into triangles."""
    size = len(matrix)
    if not size:
        return nothing()
    # The largest sum of a row of the transpose, which LAPACK need not copy.
    norm = lapack.dlange("I", matrix.T)
    if not isfinite(norm):
        require_finite(matrix)
    if symmetric:
        factor, failed = lapack.dpotrf(matrix.T, lower=1)
        if not failed:
            reciprocal, _ = lapack.dpocon(factor, norm, uplo="L")
            require_regular(reciprocal, size)

            def solve(columns: Array) -> Array:
                return _solution(lapack.dpotrs(factor, columns, lower=1))

            return Factorisation(solve, solve, lambda: (1.0, 2 * float(np.log(factor.diagonal()).sum())), "Cholesky")
    triangles, pivots, failed = lapack.dgetrf(matrix)
    reciprocal = 0.0 if failed else lapack.dgecon(triangles, norm)[0]
    require_regular(reciprocal, size)
    return Factorisation(
        lambda columns: _solution(lapack.dgetrs(triangles, pivots, columns)),
        lambda columns: _solution(lapack.dgetrs(triangles, pivots, columns, trans=1)),
        lambda: pivoted_determinant(triangles.diagonal(), pivots),
        "LU",
    )


def _solution(result: tuple[Array, int]) -> Array:
    return result[0]


def pivoted_determinant(diagonal: Array, pivots: Array) -> tuple[float, float]:
    """The sign and the logarithm of the absolute value of a product of pivots, with LAPACK's exchanges of rows."""
    exchanges = int((pivots != np.arange(len(pivots))).sum())
    sign = float(np.prod(np.sign(diagonal))) * (-1.0) ** exchanges
    return sign, float(np.log(np.abs(diagonal)).sum())


def parity(permutation: Integers) -> float:
    """The sign of a permutation: each cycle of even length changes it."""
    seen = np.zeros(len(permutation), bool)
    order = permutation.tolist()
    sign = 1.0
    for start in range(len(order)):
        place, length = start, 0
        while not seen[place]:
            seen[place] = True
            place = order[place]
            length += 1
        if length and length % 2 == 0:
            sign = -sign
    return sign


def inverse_norm(solve: Callable[[Array], Array], solve_transposed: Callable[[Array], Array], size: int) -> float:
    """An estimate, from below, of the 1-norm of the inverse of a matrix with which one can solve.

    W. W. Hager, Condition estimates, SIAM J. Sci. Stat. Comput. 5 (1984), with N. J. Higham's alternating vector.
    """
    x = np.full((size, 1), 1 / size)
    estimate = 0.0
    for _ in range(_HAGER_STEPS):
        y = solve(x)
        estimate = max(estimate, float(np.abs(y).sum()))
        if not np.isfinite(estimate):
            return inf
        z = solve_transposed(np.where(y < 0, -1.0, 1.0))
        place = int(np.abs(z).argmax())
        if abs(z[place, 0]) <= abs(float((z * x).sum())):
            break
        x = np.zeros((size, 1))
        x[place] = 1
    steps = np.arange(size)
    alternating = np.where(steps % 2, -1.0, 1.0) * (1 + steps / max(1, size - 1))
    other = float(np.abs(solve(alternating[:, None])).sum()) * 2 / (3 * size)
    return max(estimate, other) if np.isfinite(other) else inf


def regular(found: Factorisation, norm: float, size: int) -> Factorisation:
    """The factorisation of a matrix of that 1-norm, zero for a failure. Raises SingularMatrixError."""
    if size:
        inverse = inverse_norm(found.solve, found.solve_transposed, size) if norm else inf
        require_regular(1 / (norm * inverse) if norm * inverse else 0.0, size)
    return found
