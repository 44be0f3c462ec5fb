"""The best forms by hand of structured results: loops for Numba that write into arrays that are there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = np.ndarray[Any, Any]


@njit(error_model="numpy")
def rosenbrock_hessian(x: Array, main: Array, off: Array) -> None:
    """The diagonals of the Hessian of the chained Rosenbrock function."""
    n = x.size
    off[0] = -400 * x[0]
    main[0] = 1200 * x[0] * x[0] - 400 * x[1] + 2
    for i in range(1, n - 1):
        off[i] = -400 * x[i]
        main[i] = 1200 * x[i] * x[i] - 400 * x[i + 1] + 202
    main[n - 1] = 200


@njit(error_model="numpy")
def brusselator_jacobian(Y: Array, a: float, c: float, data: Array, places: Array) -> None:
    """The entries of the Jacobian that depend on the point; `places` has those of a cell in a row."""
    _, rows, columns = Y.shape
    for i in range(rows):
        for j in range(columns):
            u, v, cell = Y[0, i, j], Y[1, i, j], i * columns + j
            product, square = 2 * u * v, u * u
            data[places[cell, 0]] = product - (a + 1 + 4 * c)
            data[places[cell, 1]] = square
            data[places[cell, 2]] = a - product
            data[places[cell, 3]] = -square - 4 * c


@njit(error_model="numpy")
def brusselator_jacobian_anew(Y: Array, a: float, c: float, data: Array, places: Array, others: Array) -> None:
    """All entries of the Jacobian; `others` are the places of those that couple neighbours."""
    brusselator_jacobian(Y, a, c, data, places)
    for place in others:
        data[place] = c
