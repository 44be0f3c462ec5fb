"""Derivatives of plain functions by extrapolated central differences (Ridders), to nearly full precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

STEPS = 8
SHRINK = 1.6


def slope(function: Callable[[float], Any], at: float, step: float = 0.1) -> Any:
    """The derivative at a number, of a function that is smooth within `step` of it."""
    table: list[list[Any]] = []
    best, error = None, np.inf
    for k in range(STEPS):
        h = step / SHRINK**k
        row = [(np.asarray(function(at + h), float) - np.asarray(function(at - h), float)) / (2 * h)]
        for j in range(k):
            factor = SHRINK ** (2 * (j + 1))
            row.append((factor * row[j] - table[-1][j]) / (factor - 1))
            gap = max(np.abs(row[-1] - row[-2]).max(initial=0), np.abs(row[-1] - table[-1][j]).max(initial=0))
            if gap <= error:
                best, error = row[-1], gap
        table.append(row)
    return table[0][0] if best is None else best


def jacobian(function: Callable[[Any], Any], at: Any, step: float = 0.1) -> Any:
    """The derivative of a function of an array, with axes (output..., input...)."""
    at = np.asarray(at, float)
    parts = []
    for place in np.ndindex(at.shape):

        def moved(entry: float, place: tuple[int, ...] = place) -> Any:
            there = at.copy()
            there[place] = entry
            return function(there)

        parts.append(slope(moved, float(at[place]), step))
    return np.moveaxis(np.reshape(parts, (*at.shape, *np.shape(parts[0]))), range(at.ndim), range(-at.ndim, 0))
