"""The shape of what `jac` returned: laid out as (output, input), or what is wrong with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from hesse.checking.code.libraries import DOUBLE

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Claim:
    """The claimed derivatives by one argument.

    `matrix` has axes (output, input), both flattened. `problem` says what is wrong with the shape, and then `matrix` is
    the best reading of the entries, if there is one; `transposed` says that it is the other layout.
    """

    matrix: Any
    problem: str = ""
    reading: str = ""
    transposed: bool = False


def claims(value: Any, output: Shape, argument: Shape, name: str) -> list[Claim]:
    """The ways to read the array, the plainest first."""
    rows, columns = math.prod(output), math.prod(argument)
    expected = (*output, *argument)
    numbers = value.astype(DOUBLE)
    if value.shape == expected or (value.size == 1 == rows * columns):
        return [Claim(numbers.reshape(rows, columns))]
    if rows == 1 and value.shape == argument:
        return [Claim(numbers.reshape(rows, columns), reading=f"fun returns one number, in an array of shape {output}")]
    if value.shape == output == argument:
        problem = f"{_wrong(value.shape, output, argument, name)}: these are the entries of its diagonal"
        return [Claim(np.diag(numbers.ravel()), problem)]
    if value.size != rows * columns:
        return [Claim(None, _wrong(value.shape, output, argument, name))]
    if value.shape == (rows, columns) and len(expected) > 2:
        return _flattened(numbers, output, argument)
    problem = _wrong(value.shape, output, argument, name)
    found = [Claim(numbers.reshape(rows, columns), problem)]
    if value.shape == (*argument, *output):
        other = numbers.reshape(columns, rows).T
        found.insert(0, Claim(other, f"{problem}: it is transposed", transposed=True))
    if not output and len(argument) == 2 and value.shape == argument[::-1]:
        found.insert(0, Claim(numbers.T.reshape(rows, columns), f"{problem}: it is transposed", transposed=True))
    return found


def _flattened(numbers: Any, output: Shape, argument: Shape) -> list[Claim]:
    """A matrix for arrays of more axes: both flattened row by row, or both by stacking columns."""
    rows, columns = numbers.shape
    across = np.arange(rows).reshape(output).ravel(order="F"), np.arange(columns).reshape(argument).ravel(order="F")
    stacked = np.empty_like(numbers)
    stacked[np.ix_(*across)] = numbers
    return [
        Claim(numbers, reading="jac is read as a matrix for arrays that are flattened row by row (C order)"),
        Claim(stacked, reading="jac is read as a matrix for arrays whose columns are stacked (vec, Fortran order)"),
    ]


def _wrong(shape: Shape, output: Shape, argument: Shape, name: str) -> str:
    kind = "gradient" if not output else "Jacobian"
    reason = f"the shape of {name}" if not output else f"(output..., {name}...)"
    return f"jac returns the shape {shape}; the {kind} has the shape {(*output, *argument)}, {reason}"
