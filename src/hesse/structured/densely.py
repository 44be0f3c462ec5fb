"""Solutions that are checked, and the dense matrix where the structure has no accurate method, within a limit."""

from __future__ import annotations

from collections.abc import Callable

from hesse.errors import LimitError
from hesse.structured.base import MAX_BYTES, Structured, in_units
from hesse.structured.factorisation import EPSILON, Factorisation, factorise_dense, regular
from hesse.structured.library import Array, np

_STEPS = 2
"""How often a solution is refined before the method counts as inaccurate."""


def by_dense(matrix: Structured, reason: str = "") -> Factorisation:
    """The factorisation of the dense matrix. Raises LimitError where that would be beyond the limit."""
    if matrix.dense_bytes > MAX_BYTES:
        because = reason or f"a {matrix.kind} matrix of this form has no direct solution"
        raise LimitError(
            f"{because}, and the dense array would take {in_units(matrix.dense_bytes)}; "
            f"the limit is {in_units(MAX_BYTES)}",
            hint="give the LinearOperator to an iterative method of scipy.sparse.linalg, such as minres",
        )
    found = factorise_dense(matrix.todense(), symmetric=matrix.symmetric)
    return Factorisation(found.solve, found.solve_transposed, found.slogdet, f"dense {found.method}")


def refined(matrix: Structured, found: Factorisation, reason: str) -> Factorisation:
    """A factorisation whose solutions are checked by their residuals.

    They are refined where the residual is more than rounding; where that does not help, the dense matrix is factorised.
    Raises SingularMatrixError.
    """
    norm, transpose = matrix.norm_bound, matrix.T

    def solve(columns: Array) -> Array:
        x = _refined(found.solve, matrix, columns, norm)
        return by_dense(matrix, reason).solve(columns) if x is None else x

    def solve_transposed(columns: Array) -> Array:
        x = _refined(found.solve_transposed, transpose, columns, norm)
        return by_dense(matrix, reason).solve_transposed(columns) if x is None else x

    return regular(Factorisation(solve, solve_transposed, found.slogdet, found.method), norm, matrix.shape[0])


def _refined(solve: Callable[[Array], Array], matrix: Structured, columns: Array, norm: float) -> Array | None:
    """The solution after at most two steps of refinement; None when its residual stays large."""
    x = solve(columns)
    for step in range(_STEPS + 1):
        residual = columns - matrix.times(x)
        scale = norm * np.abs(x).sum(axis=0) + np.abs(columns).sum(axis=0)
        if (np.abs(residual).sum(axis=0) <= 16 * EPSILON * len(columns) ** 0.5 * scale).all():
            return x
        if step < _STEPS:
            x = x + solve(residual)
    return None
