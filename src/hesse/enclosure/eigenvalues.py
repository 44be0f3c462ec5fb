"""Bounds of eigenvalues of symmetric matrices that hold in spite of rounding.

A float Cholesky factorisation that runs to its end proves that the matrix, up to a shift that bounds its rounding, is
positive semidefinite (Rump, Verification of positive definiteness, BIT 2006). So s - M proves that all eigenvalues of
M are at most s.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hesse.enclosure.intervals import UNIT, Intervals

Array = Any


def largest_eigenvalue(matrix: Intervals) -> float:
    """A float that no eigenvalue of any symmetric matrix within the intervals exceeds."""
    middle, spread = _symmetric(matrix)
    size = len(middle)
    if not np.isfinite(middle).all() or not np.isfinite(spread):
        return float("inf")
    guess = float(np.linalg.eigvalsh(middle)[-1])
    scale = max(abs(guess), float(np.abs(middle).max(initial=0.0)))
    step = max(4 * size * UNIT * scale * size**0.5, 1e-300)
    for _ in range(40):
        shift = guess + step
        if positive_semidefinite(np.eye(size) * shift - middle, 2 * UNIT * (abs(shift) + scale)):
            return float(np.nextafter((shift + spread) * (1 + 4 * UNIT * np.sign(shift + spread)), np.inf))
        step *= 4
    # Gershgorin's circles always hold.
    rows = np.abs(middle).sum(1) - np.abs(np.diag(middle)) + np.diag(middle)
    return float(rows.max() * (1 + size * UNIT) + spread + size * UNIT * scale)


def smallest_eigenvalue(matrix: Intervals) -> float:
    """A float that no eigenvalue of any symmetric matrix within the intervals is below."""
    return -largest_eigenvalue(-matrix)


def positive_semidefinite(matrix: Array, slack: float = 0.0) -> bool:
    """Whether the matrix minus `slack` times the identity is proved to be positive semidefinite."""
    size = len(matrix)
    trace = float(np.abs(np.diag(matrix)).sum())
    rounding = (size + 2) * UNIT / (1 - 2 * (size + 2) * UNIT)
    shift = (rounding * trace / (1 - rounding) + slack) * (1 + 8 * size * UNIT) + 1e-300
    shifted = matrix - np.eye(size) * shift
    # The subtraction rounds too: at most a unit of the diagonal.
    shifted = shifted - np.eye(size) * (2 * UNIT * np.abs(np.diag(matrix)).max(initial=0.0))
    try:
        np.linalg.cholesky(shifted)
    except np.linalg.LinAlgError:
        return False
    return True


def _symmetric(matrix: Intervals) -> tuple[Array, float]:
    """The middle made symmetric, and a bound of the 2-norm of what is left: the largest sum of radii in a row."""
    middle, radius = matrix.middle, matrix.radius
    even = (middle + middle.T) / 2
    rest = np.maximum(radius, radius.T) + np.abs(middle - even) + 2 * UNIT * np.abs(even)
    return even, float(rest.sum(1).max(initial=0.0)) * (1 + 2 * len(middle) * UNIT)


def sandwich(rows: Intervals, weights: Intervals) -> Intervals:
    """The matrix rows.T @ diag(weights) @ rows, with the rounding bounded; weights must be their own upper bounds."""
    a, radius, d = rows.middle, rows.radius, weights.middle
    middle = (a.T * d) @ a
    size, weight = np.abs(a), weights.magnitude
    reach = (size + radius).T * weight @ (size + radius)
    base = size.T * np.abs(d) @ size
    exact = not radius.any() and np.array_equal(weights.low, weights.high)
    slack = (len(a) + 8) * UNIT * 4
    spread = (0.0 if exact else np.maximum(reach - base, 0.0)) + slack * reach + 1e-300
    return Intervals(middle - spread, middle + spread)


def enclosed_eigenvalues(matrix: Intervals) -> tuple[tuple[float, ...], tuple[tuple[float, float], ...]]:
    """Approximate eigenvalues in ascending order, and bounds of each that hold for every symmetric matrix within.

    With Q and L from a float decomposition of M, Ostrowski's theorem bounds the eigenvalues of Q L Q.T by those of L up
    to |Q.T Q - I|, and Weyl's the difference to those of M by the norm of M - Q L Q.T.
    """
    middle, spread = _symmetric(matrix)
    size = len(middle)
    values, vectors = np.linalg.eigh(middle)
    unit = 4 * (size + 4) * UNIT
    ones = np.ones(size)
    magnitude = np.abs(vectors)
    departure = float((np.abs(vectors.T @ vectors - np.eye(size)) + unit * (magnitude.T @ magnitude)).sum(1).max())
    scaled = vectors * values
    rounding = unit * (np.abs(middle) + np.abs(scaled) @ magnitude.T)
    residual = float(((np.abs(middle - scaled @ vectors.T) + rounding) @ ones).max()) + spread
    slack = [float(np.nextafter((residual + departure * abs(value)) * (1 + unit), np.inf)) for value in values]
    pairs = zip(values.tolist(), slack, strict=True)
    bounds = tuple((float(np.nextafter(v - s, -np.inf)), float(np.nextafter(v + s, np.inf))) for v, s in pairs)
    return tuple(values.tolist()), bounds
