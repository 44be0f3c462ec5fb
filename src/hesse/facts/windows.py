"""Sums of products over one label whose axes are windows: the sum over l, p, q of w_l c_pq e_(l+p) e_(l+q)ᵀ.

Such a sum is positive semidefinite when the weights are nonnegative and the matrix of coefficients is. Scalars of the
terms may be split between the two sides: the coefficients of (x[2:] - a*x[1:-1])**2 are 1, -a, -a, a**2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from hesse.core.canonical import Factor
from hesse.core.indices import axis_labels
from hesse.core.nodes import Axis, Fixed, Node, Power
from hesse.core.ranges import Range
from hesse.core.sizes import Size
from hesse.facts.terms import Term

Exponents: TypeAlias = dict[Node, Fraction]
Matrix: TypeAlias = list[list[Fraction]]
ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Group:
    """Terms with the same weights; `coefficients` by pair of windows, once scalars are split between the sides."""

    terms: tuple[Term, ...]
    weights: tuple[Factor, ...]
    coefficients: Matrix
    strict: bool

    def sign(self, weight: Range) -> int:
        """1 or -1 when the sum of the terms is positive or negative semidefinite, else 0."""
        by_weight = 1 if weight.nonnegative else -1 if weight.nonpositive else 0
        if is_semidefinite(self.coefficients):
            return by_weight
        return -by_weight if is_semidefinite([[-entry for entry in row] for row in self.coefficients]) else 0


def grouped(terms: Sequence[Term]) -> Iterator[Group]:
    """The groups of terms of a matrix that differ in their windows, numbers and scalars only."""
    found: dict[tuple[tuple[Factor, ...], tuple[Size, ...]], list[Term]] = {}
    for term in terms:
        if len(term.out) == 2 and len({axis_labels(axis) for axis in term.out}) == 1:
            found.setdefault((_unscaled(term), term.extents), []).append(term)
    for (weights, _), members in found.items():
        group = _group(weights, members)
        if group is not None:
            yield group


def _unscaled(term: Term) -> tuple[Factor, ...]:
    return tuple(factor for factor in term.factors if factor[1])


def _scalars(term: Term) -> Exponents:
    exponents: Exponents = {}
    for node, axes in term.factors:
        if not axes:
            base, exponent = (node.base, node.exponent) if isinstance(node, Power) else (node, Fraction(1))
            exponents[base] = exponents.get(base, ZERO) + exponent
    return exponents


def _group(weights: tuple[Factor, ...], members: Sequence[Term]) -> Group | None:
    windows = list(dict.fromkeys(axis for term in members for axis in term.out))
    scalars = [_scalars(term) for term in members]
    common = {base: power for base, power in scalars[0].items() if all(each.get(base) == power for each in scalars)}
    rest = [{base: power for base, power in each.items() if base not in common} for each in scalars]
    halves = _halves(members, rest)
    places = {window: k for k, window in enumerate(windows)}
    matrix = [[ZERO] * len(windows) for _ in windows]
    for term, own in zip(members, rest, strict=True):
        row, column = term.out
        if _product(halves.get(row, {}), halves.get(column, {})) != own:
            return None
        matrix[places[row]][places[column]] += term.coefficient
    shared = tuple((node, axes) for node, axes in members[0].factors if not axes and _base(node) in common)
    # Scalars that were split between the sides may vanish.
    strict = not any(rest) and _is_strict(members, windows, weights + shared, matrix)
    return Group(tuple(members), weights + shared, matrix, strict)


def _base(node: Node) -> Node:
    return node.base if isinstance(node, Power) else node


def _halves(members: Sequence[Term], rest: Sequence[Exponents]) -> dict[Axis, Exponents]:
    """The square roots of the scalars on the diagonal."""
    return {
        term.out[0]: {base: power / 2 for base, power in own.items()}
        for term, own in zip(members, rest, strict=True)
        if term.out[0] == term.out[1] and all(power % 2 == 0 for power in own.values())
    }


def _product(left: Exponents, right: Exponents) -> Exponents:
    bases = {**left, **right}
    result = {base: left.get(base, ZERO) + right.get(base, ZERO) for base in bases}
    return {base: power for base, power in result.items() if power}


def _is_strict(members: Sequence[Term], windows: Sequence[Axis], weights: Sequence[Factor], matrix: Matrix) -> bool:
    """Whether the windows are all the positions of the axis and nothing but numbers is there."""
    size = members[0].node.shape[0].as_int()
    fixed = all(isinstance(window, Fixed) for window in windows)
    return fixed and len(windows) == size and not weights and _is_definite(matrix)


def is_semidefinite(matrix: Matrix, strict: bool = False) -> bool:
    """Whether a symmetric matrix of exact numbers is positive semidefinite (or definite), by elimination."""
    rows = [list(row) for row in matrix]
    size = len(rows)
    if any(rows[i][j] != rows[j][i] for i in range(size) for j in range(i)):
        return False
    for k in range(size):
        pivot = rows[k][k]
        if pivot < 0 or (pivot == 0 and (strict or any(rows[k][k:]))):
            return False
        for i in range(k + 1, size) if pivot else ():
            factor = rows[i][k] / pivot
            for j in range(k, size):
                rows[i][j] -= factor * rows[k][j]
    return True


def _is_definite(matrix: Matrix) -> bool:
    negative = [[-entry for entry in row] for row in matrix]
    return is_semidefinite(matrix, True) or is_semidefinite(negative, True)
