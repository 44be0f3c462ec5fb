"""With how many bits numbers were computed: by their type, and by the numbers themselves.

What calculates with 16 bits may return 64. Its values then are short binary fractions, and do not change at all between
close points: differences of them say nothing, unless their steps are far larger than the spacing of the values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

DOUBLE_SPACING = float(np.finfo(np.float64).eps)
_BY_NAME = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "half": 2.0**-10, "float32": 2.0**-23, "float": 2.0**-23}
_BY_BITS = ((8, 2.0**-7), (11, 2.0**-10), (24, 2.0**-23))
HALF = 1e-4
"""A relative spacing above this one is that of 16 bits."""
LOOSE = 1e-7
"""The relative difference that says nothing of numbers that were found in two ways, of which neither is exact."""
DOUBTFUL = 1e-8
"""The relative difference that may come from numbers which the code was given, and which were rounded before: what is
the inverse of a matrix is symmetric up to that only."""
WIDE = (0.013, -0.021, 0.037, -0.059, 0.083, -0.11)
"""How far apart, relative to the scale, points are whose values are looked at."""
FEWEST = 5
"""Numbers of fewer bits, such as integers, say nothing about the calculation."""


def rounded(precision: float, given: float) -> float:
    """The relative difference that rounding explains of numbers with the spacing `precision`.

    Its last places: 10000 of 53 bits (2e-12), 10 of 24 bits, 50 of fewer. `given` is the spacing of the arguments: code
    that is given narrow ones may have constants of their type in it, also where it is judged with 64 bits.
    """
    units = 1e4 if precision == DOUBLE_SPACING else 10 if precision > HALF else 50
    return max(units * precision, 4 * given if given > DOUBLE_SPACING else 0.0)


def spacing(value: Any) -> float:
    """The relative spacing of the numbers of a value's type; that of 64 bits where it is no type of floats."""
    kind = getattr(value, "dtype", None)
    return _BY_NAME.get(str(kind).rpartition(".")[2], DOUBLE_SPACING)


def working_spacing(values: Any) -> float:
    """The relative spacing of the shortest type that holds all the values, which were computed at points of no
    significance."""
    kept = values[np.isfinite(values) & (values != 0)]
    if not kept.size:
        return DOUBLE_SPACING
    mantissas = (np.abs(np.frexp(kept)[0]) * 2.0**53).astype(np.int64)
    bits = int(53 - np.log2(np.min(mantissas & -mantissas)))
    if bits < FEWEST:
        return DOUBLE_SPACING
    return next((each for most, each in _BY_BITS if bits <= most), DOUBLE_SPACING)
