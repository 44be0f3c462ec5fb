"""What each fact about an array says of its entries: for instances of it, so that a wrong claim is found out."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np

from hesse.facts.structure import Structure

TOLERANCE = 1e-9
FLOOR = 1e-4
"""Entries below are compared absolutely: rounding of larger numbers may be all there is of them."""


def _matrix(a: Any) -> Any:
    """The array as a matrix: half of its axes are the rows."""
    half = np.ndim(a) // 2
    return np.reshape(a, (math.prod(np.shape(a)[:half]), -1))


def _even(a: Any) -> bool:
    return np.ndim(a) % 2 == 0


def _is_symmetric(a: Any) -> bool:
    """Even ranks as matrices; odd ones in every order of their axes."""
    if _even(a):
        return _close(_matrix(a), _matrix(a).T)
    return all(_close(a, np.transpose(a, order)) for order in permutations(range(np.ndim(a))))


def _close(a: Any, b: Any) -> bool:
    return bool(np.allclose(a, b, 1e-9, 1e-9 * (1 + np.abs(a).max(initial=0))))


def least(a: Any) -> float:
    """The least eigenvalue of the symmetric part, relative to the largest magnitude."""
    matrix = _matrix(a)
    return float(np.linalg.eigvalsh((matrix + matrix.T) / 2).min() / (np.abs(matrix).max() + FLOOR))


def _within(a: Any, width: int) -> bool:
    return _close(a, np.triu(np.tril(a, width), -width))


def _has_blocks(a: Any) -> bool:
    """Whether some axis of the first half must have the position of its partner."""
    half = np.ndim(a) // 2
    planes = (np.moveaxis(a, (axis, axis + half), (0, 1)) for axis in range(half))
    return any(
        all(_close(plane[i, j], 0 * plane[i, j]) for i, j in np.ndindex(plane.shape[:2]) if i != j) for plane in planes
    )


def _is_kronecker(a: Any) -> bool:
    i, j, k, p = np.shape(a)
    return _rank(np.transpose(a, (0, 2, 1, 3)).reshape(i * k, j * p)) <= 1


def _rank(matrix: Any) -> int:
    return int(np.linalg.matrix_rank(matrix, 1e-9 * max(float(np.abs(matrix).max(initial=0)), FLOOR)))


def _outer_count(structure: Structure) -> int:
    assert structure.outer is not None
    return len(structure.outer.pairs)


def _off_diagonal_rank(a: Any) -> int:
    """The rank of a corner that the diagonal does not reach."""
    half = len(a) // 2
    return max(_rank(a[:half, half:]), _rank(a[half:, :half]))


HOLDS: dict[str, Callable[[Any, Structure], bool]] = {
    "banded": lambda a, structure: structure.width is not None and _within(a, structure.width),
    "block-diagonal": lambda a, structure: _has_blocks(a),
    "diagonal": lambda a, structure: _within(_matrix(a), 0),
    "kronecker": lambda a, structure: _is_kronecker(a),
    "low-rank": lambda a, structure: _rank(a) <= _outer_count(structure),
    "low-rank-plus-diagonal": lambda a, structure: _off_diagonal_rank(a) <= _outer_count(structure),
    "negative-definite": lambda a, structure: least(-a) > -TOLERANCE,
    "negative-semidefinite": lambda a, structure: least(-a) > -TOLERANCE,
    "partially-symmetric": lambda a, structure: _close(a, np.swapaxes(a, -1, -2)),
    "positive-definite": lambda a, structure: least(a) > -TOLERANCE,
    "positive-semidefinite": lambda a, structure: least(a) > -TOLERANCE,
    "symmetric": lambda a, structure: _is_symmetric(a),
    "tridiagonal": lambda a, structure: _within(a, 1),
    "zero": lambda a, structure: _close(a, 0 * a),
}
"""Every fact but `constant`, which one array cannot show. Definite ones leave room for rounding: exp(-800) is 0."""
