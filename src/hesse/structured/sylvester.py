"""Solving with a sum of two Kronecker products: A X Bᵀ + C X Dᵀ = R.

Where C and B are regular, it is the equation of Sylvester P X + X Q = C⁻¹ R B⁻ᵀ with P = C⁻¹ A and Q = (B⁻¹ D)ᵀ, solved
in Schur form (R. H. Bartels and G. W. Stewart, Solution of the matrix equation AX + XB = C, CACM 15, 1972). For
symmetric A and B, and multiples of the identity in the other product, eigenvectors do, regular or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hesse.errors import SingularMatrixError
from hesse.structured.base import Structured
from hesse.structured.diagonal import Diagonal
from hesse.structured.factorisation import Factorisation
from hesse.structured.library import Array, lapack, linalg, np

Pair: TypeAlias = tuple[Structured, Structured]
Map: TypeAlias = Callable[[Array], Array]


def two_terms(first: Pair, second: Pair) -> Factorisation | None:
    """The solution of the sum of two products of square factors; None where neither way is open."""
    for one, other in ((first, second), (second, first)):
        if _is_multiple(other) and one[0].symmetric and one[1].symmetric:
            return _by_eigenvectors(one, float(other[0].diagonal()[0] * other[1].diagonal()[0]))
    for one, other in ((first, second), (second, first)):
        try:
            return _by_schur(one, other)
        except SingularMatrixError:
            continue
    return None


def _is_multiple(pair: Pair) -> bool:
    return all(isinstance(factor, Diagonal) and factor.entries.ndim == 0 for factor in pair)


def _by_eigenvectors(pair: Pair, shift: float) -> Factorisation:
    """A ⊗ B + shift * I with A = U diag(a) Uᵀ and B = V diag(b) Vᵀ."""
    (a, u), (b, v) = (linalg.eigh(factor.todense()) for factor in pair)
    values = np.multiply.outer(a, b) + shift
    magnitude = np.abs(np.multiply.outer(a, b)).max() + abs(shift)
    if not (np.abs(values) > 4 * np.finfo(float).eps * len(values) * magnitude).all():
        raise SingularMatrixError("the matrix is singular to working precision: an eigenvalue is zero")

    def solve(columns: Array) -> Array:
        return _each(lambda matrix: u @ ((u.T @ matrix @ v) / values) @ v.T, columns, values.shape)

    def slogdet() -> tuple[float, float]:
        return float(np.prod(np.sign(values))), float(np.log(np.abs(values)).sum())

    return Factorisation(solve, solve, slogdet, "eigenvectors of the factors")


def _by_schur(one: Pair, other: Pair) -> Factorisation:
    """A ⊗ B + C ⊗ D = (C ⊗ B) (P ⊗ I + I ⊗ Qᵀ). Raises SingularMatrixError where C or B is singular."""
    outer, inner = other[0].factorisation, one[1].factorisation
    p = outer.solve(one[0].todense())
    q = inner.solve(other[1].todense()).T
    (t, u), (s, v) = linalg.schur(p), linalg.schur(q)
    shape = (len(p), len(q))

    def triangular(right: Array, transposed: bool) -> Array:
        flags = ("T", "T") if transposed else ("N", "N")
        solution, scale, _ = lapack.dtrsyl(t, s, u.T @ right @ v, trana=flags[0], tranb=flags[1])
        return u @ (solution / scale) @ v.T

    def forward(matrix: Array) -> Array:
        return triangular(inner.solve(outer.solve(matrix).T).T, False)

    def backward(matrix: Array) -> Array:
        return inner.solve_transposed(outer.solve_transposed(triangular(matrix, True)).T).T

    def slogdet() -> tuple[float, float]:
        sums = np.add.outer(linalg.eigvals(p), linalg.eigvals(q))
        (a, x), (b, y) = outer.slogdet(), inner.slogdet()
        # Eigenvalues that are not real come in pairs, whose product is positive.
        sign = float(np.sign(np.exp(1j * np.angle(sums).sum()).real))
        return sign * a ** shape[1] * b ** shape[0], float(np.log(np.abs(sums)).sum()) + shape[1] * x + shape[0] * y

    return Factorisation(
        lambda columns: _each(forward, columns, shape),
        lambda columns: _each(backward, columns, shape),
        slogdet,
        "the equation of Sylvester in Schur form",
    )


def _each(solve: Map, columns: Array, shape: tuple[int, int]) -> Array:
    """The solution for each column, which is a matrix flattened."""
    solutions = np.empty(columns.shape)
    for solution, column in zip(solutions.T, columns.T, strict=True):
        solution[:] = solve(column.reshape(shape)).reshape(-1)
    return solutions
