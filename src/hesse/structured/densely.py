"""Solving with the dense matrix where the structure has no direct method, within the limit of memory."""

from __future__ import annotations

from hesse.errors import LimitError
from hesse.structured.base import MAX_BYTES, Structured, in_units
from hesse.structured.factorisation import Factorisation, factorise_dense


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
