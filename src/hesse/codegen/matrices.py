"""Matrices with structure: how a matrix that is diagonal, of rank one, a selection or an inverse meets a product.

A `Matrix` says what a matrix term is, as a sum of chains of factors, so that a product with it need not build it:

    diag(v) @ u = v*u      outer(u, v) @ w = u*(v @ w)      (A @ B) @ x = A @ (B @ x)      inv(A) @ b = solve(A, b)
    kron(A, B) @ x = (A @ X @ B.T), flattened, where X is x in the shape that fits
    tril(ones(n, n)) @ x = cumsum(x)

`Selection(rows, weights, columns)` is the matrix with entries sum over k of [i = rows(k)] weights_k [j = columns(k)]:
the identity, a diagonal, eye(n)[1:], their transposes, and products such as eye(n)[1:].T @ diag(a) @ eye(n)[:-1].
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from hesse.codegen.indexing import Item
from hesse.codegen.terms import Term
from hesse.core.nodes import Shape


@dataclass(frozen=True, slots=True)
class Dense:
    """A matrix without known structure."""

    term: Term


@dataclass(frozen=True, slots=True)
class Inverse:
    """The inverse of a matrix."""

    term: Term


@dataclass(frozen=True, slots=True)
class Outer:
    """The product u vᵀ of two vectors."""

    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Kron:
    """The Kronecker product of two matrices."""

    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Triangle:
    """The square matrix of ones on and below the diagonal, or, if `upper`, above: a product with it adds up."""

    term: Term
    upper: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """At most one entry for each k: None stands for all rows or columns in order, and for weights of one."""

    rows: Item | None
    weights: Term | None
    columns: Item | None
    shape: Shape

    @property
    def diagonal(self) -> bool:
        """Whether rows and columns are all there, in order."""
        return self.rows is None and self.columns is None

    @property
    def identity(self) -> bool:
        """Whether it is eye(n)."""
        return self.diagonal and self.weights is None

    @property
    def transposed(self) -> Selection:
        """With rows and columns exchanged."""
        return Selection(self.columns, self.weights, self.rows, self.shape[::-1])


@dataclass(frozen=True, slots=True)
class Part:
    """One summand: a sign, scalars to multiply with or divide by, and a chain of factors."""

    factors: tuple[Factor, ...]
    negative: bool = False
    scale: tuple[tuple[str, Term], ...] = ()

    @property
    def weight(self) -> int:
        """The number of its factors and scalars."""
        return len(self.scale) + sum(f.weight if isinstance(f, Matrix) else 1 for f in self.factors)

    @property
    def sparse(self) -> bool:
        """Whether it is a diagonal, a selection, or of rank one."""
        return len(self.factors) == 1 and isinstance(self.factors[0], (Outer, Selection))


@dataclass(frozen=True, slots=True)
class Matrix:
    """A sum of parts."""

    parts: tuple[Part, ...]

    @property
    def weight(self) -> int:
        """The number of factors and scalars, those of nested sums included: what a product with it costs at most."""
        return sum(part.weight for part in self.parts)

    @property
    def sparse(self) -> bool:
        """Whether every part is."""
        return all(part.sparse for part in self.parts)

    @property
    def selections(self) -> bool:
        """Whether it has few entries, at places that are not just the diagonal."""
        factors = [part.factors[0] for part in self.parts if len(part.factors) == 1]
        chosen = [factor for factor in factors if isinstance(factor, Selection)]
        return len(chosen) == len(self.parts) and not all(factor.diagonal for factor in chosen)

    @property
    def short(self) -> bool:
        """Whether a product with it is done summand by summand even when the other side is a matrix."""
        alone = [part.factors[0] for part in self.parts if len(part.factors) == 1]
        return self.sparse or (
            len(alone) == len(self.parts) and all(isinstance(factor, (Inverse, Triangle)) for factor in alone)
        )

    @property
    def dense(self) -> bool:
        """Whether nothing is known of any summand."""
        return all(len(part.factors) == 1 and isinstance(part.factors[0], Dense) for part in self.parts)


Factor: TypeAlias = Dense | Inverse | Outer | Kron | Triangle | Selection | Matrix
MAX_WEIGHT = 64
"""Above it a matrix counts as dense: expanding shared products without a limit is exponential."""


def matrix(factor: Factor) -> Matrix:
    """The matrix of one factor."""
    return factor if isinstance(factor, Matrix) else Matrix((Part((factor,)),))


def added(left: Matrix, right: Matrix, negative: bool) -> Matrix:
    """The sum, or the difference."""
    return Matrix(left.parts + (negated(right) if negative else right).parts)


def negated(value: Matrix) -> Matrix:
    """With every sign exchanged."""
    return Matrix(tuple(replace(part, negative=not part.negative) for part in value.parts))


def scaled(value: Matrix, operator: str, scalar: Term) -> Matrix:
    """Multiplied with, or divided by, a scalar."""
    return Matrix(tuple(replace(part, scale=(*part.scale, (operator, scalar))) for part in value.parts))


def as_part(value: Matrix) -> Part:
    """The matrix as one part: its only one, or a chain whose only factor is the sum."""
    return value.parts[0] if len(value.parts) == 1 else Part((value,))
