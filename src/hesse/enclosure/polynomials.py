"""Polynomials in a few variables on the cube [-1, 1]^n: their monomials, and ranges by Bernstein coefficients."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb

from hesse.enclosure.balls import above, magnitude

Exponents = tuple[int, ...]
Array = Any
MAX_PIECES = 400
UNIT = 2.0**-53


@dataclass(frozen=True)
class Space:
    """The monomials in `count` variables up to a degree, in order of their degree; products as triples of places."""

    count: int
    degree: int
    exponents: tuple[Exponents, ...] = field(repr=False)
    places: dict[Exponents, int] = field(repr=False)
    products: tuple[tuple[int, int, int], ...] = field(repr=False)

    def degree_of(self, place: int) -> int:
        """The degree of the monomial at a place."""
        return sum(self.exponents[place])


@lru_cache(maxsize=32)
def space(count: int, degree: int) -> Space:
    """The space of polynomials in `count` variables up to a degree."""
    exponents = tuple(e for d in range(degree + 1) for e in _of_degree(count, d))
    places = {e: k for k, e in enumerate(exponents)}
    products = tuple(
        (i, j, places[total])
        for i, first in enumerate(exponents)
        for j, second in enumerate(exponents)
        if sum(total := tuple(a + b for a, b in zip(first, second, strict=True))) <= degree
    )
    return Space(count, degree, exponents, places, products)


def _of_degree(count: int, degree: int) -> Iterable[Exponents]:
    for chosen in itertools.combinations_with_replacement(range(count), degree):
        yield tuple(chosen.count(k) for k in range(count))


def crude_range(terms: Iterable[tuple[Exponents, arb]]) -> arb:
    """A ball that contains the polynomial's values on the cube, term by term."""
    total = arb(0)
    for exponents, coefficient in terms:
        if any(e % 2 for e in exponents):
            total = total + arb(0, magnitude(coefficient))
        elif any(exponents):
            # An even monomial lies in [0, 1].
            total = total + coefficient * arb(0.5, 0.5)
        else:
            total = total + coefficient
    return total


@lru_cache(maxsize=16)
def _to_bernstein(degree: int) -> Array:
    """The matrix from coefficients of powers on [-1, 1] to Bernstein coefficients; every entry is rounded once."""
    rows = np.zeros((degree + 1, degree + 1))
    for power, i in itertools.product(range(degree + 1), repeat=2):
        # u**p with u = 2 s - 1: the coefficient at s**k, then s**k in Bernstein form.
        rows[i, power] = float(
            sum(
                Fraction(math.comb(power, k) * 2**k * (-1) ** (power - k) * math.comb(i, k), math.comb(degree, k))
                for k in range(min(power, i) + 1)
            )
        )
    return rows


@lru_cache(maxsize=16)
def _halves(degree: int) -> tuple[Array, Array]:
    """The matrices of de Casteljau's division at the middle."""
    left = np.zeros((degree + 1, degree + 1))
    for i in range(degree + 1):
        for j in range(i + 1):
            left[i, j] = math.comb(i, j) / 2**i
    return left, left[::-1, ::-1].copy()


def _along(matrix: Array, tensor: Array, axis: int) -> Array:
    moved: Array = np.tensordot(matrix, tensor, axes=((1,), (axis,)))
    return np.moveaxis(moved, 0, axis)


def polynomial_range(of: Space, coefficients: Sequence[arb], sharpness: float = 0.005) -> tuple[float, float]:
    """Floats that bound the polynomial from below and above on the cube, to about this relative sharpness.

    Bernstein coefficients enclose the range, and at the corners they are values. The cube is divided until the bounds
    are sharp or the pieces run out. Everything is computed in floats; the rounding is bounded and added at the end:
    each coefficient passes through at most 2 n + n * divisions products of rows of length degree + 1.
    """
    shape = (of.degree + 1,) * of.count
    tensor, size, spread = np.zeros(shape), np.zeros(shape), 0.0
    for exponents, coefficient in zip(of.exponents, coefficients, strict=True):
        middle = float(coefficient.mid())
        tensor[exponents] = middle
        size[exponents] = abs(middle)
        spread += above(magnitude(coefficient - arb(middle)))
    if not tensor.any() and not spread:
        return 0.0, 0.0
    if not np.isfinite(tensor).all() or not math.isfinite(spread):
        return -math.inf, math.inf
    matrix = _to_bernstein(of.degree)
    with np.errstate(over="ignore", invalid="ignore"):
        for axis in range(of.count):
            tensor = _along(matrix, tensor, axis)
            size = _along(np.abs(matrix), size, axis)
    scale = float(size.max(initial=0.0)) * (1 + 1e-10)
    if not math.isfinite(scale):
        return -math.inf, math.inf
    low, high, divisions = _divided(tensor, of, sharpness)
    steps = (of.degree + 3) * (of.count + divisions + 1)
    slack = 4 * steps * UNIT * scale + spread
    return math.nextafter(low - slack, -math.inf), math.nextafter(high + slack, math.inf)


def _divided(tensor: Array, of: Space, sharpness: float) -> tuple[float, float, int]:
    """The least and the largest Bernstein coefficient after dividing where it helps, and the depth of division."""
    corners = tuple(itertools.product((0, -1), repeat=of.count))
    pieces = [(tensor, 0)]
    done: list[tuple[float, float]] = []
    depth = 0
    inner_low, inner_high = math.inf, -math.inf
    while pieces:
        piece, level = pieces.pop()
        depth = max(depth, level)
        values = [float(piece[corner]) for corner in corners]
        inner_low, inner_high = min(inner_low, *values), max(inner_high, *values)
        low, high = float(piece.min()), float(piece.max())
        allowed = sharpness * max(abs(inner_low), abs(inner_high))
        # Only what enlarges the larger of both magnitudes matters to the bounds that are wanted.
        sharp = low >= inner_low - allowed and high <= inner_high + allowed
        if sharp or level >= 12 * of.count or len(pieces) + len(done) >= MAX_PIECES:
            done.append((low, high))
            continue
        left, right = _halves(of.degree)
        axis = level % of.count
        pieces += [(_along(left, piece, axis), level + 1), (_along(right, piece, axis), level + 1)]
    return min(low for low, _ in done), max(high for _, high in done), depth
