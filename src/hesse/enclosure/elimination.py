"""Functions of whole matrices over any kind of numbers, by elimination with pivots that are certainly not zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from flint import arb

from hesse.core import deadline
from hesse.core.tensor import Tensor
from hesse.enclosure.balls import magnitude

Number = Any


class Singular(Exception):
    """No entry of a column is certainly different from zero."""


def _pivot(numbers: Any, column: list[Number]) -> int:
    """The place of an entry that is certainly not zero: the one that is largest in the middle. Raises Singular."""
    sure = [k for k, value in enumerate(column) if numbers.sign(value) not in (0, None)]
    if not sure:
        raise Singular
    return max(sure, key=lambda k: float(magnitude(numbers.center(column[k]))))


def _reduced(numbers: Any, rows: list[list[Number]], size: int) -> Number:
    """Bring the first `size` columns to the identity, in place. Returns the determinant."""
    determinant: Number = arb(1)
    for column in range(size):
        place = column + _pivot(numbers, [row[column] for row in rows[column:]])
        if place != column:
            rows[column], rows[place] = rows[place], rows[column]
            determinant = -determinant
        head = rows[column][column]
        determinant = determinant * head
        inverse = numbers.power(head, Fraction(-1))
        rows[column] = [value * inverse for value in rows[column]]
        for k, row in enumerate(rows):
            deadline.check()
            if k != column:
                factor = row[column]
                rows[k] = [value - factor * other for value, other in zip(row, rows[column], strict=True)]
    return determinant


def _rows(matrix: Tensor[Number]) -> list[list[Number]]:
    size, count = matrix.shape
    return [list(matrix.entries[k * count : (k + 1) * count]) for k in range(size)]


def inverse(numbers: Any, matrix: Tensor[Number]) -> Tensor[Number]:
    """The inverse of a square matrix. Raises Singular when it cannot be proved invertible."""
    size = matrix.shape[0]
    rows = [[*row, *(arb(int(i == j)) for j in range(size))] for i, row in enumerate(_rows(matrix))]
    _reduced(numbers, rows, size)
    return Tensor(matrix.shape, [value for row in rows for value in row[size:]])


def determinant(numbers: Any, matrix: Tensor[Number]) -> Tensor[Number]:
    """The determinant, by elimination; by expansion where a pivot is not certain and the matrix is small."""
    try:
        return Tensor((), [_reduced(numbers, _rows(matrix), matrix.shape[0])])
    except Singular:
        if matrix.shape[0] > 5:
            raise
        return Tensor((), [_expanded(_rows(matrix))])


def _expanded(rows: list[list[Number]]) -> Number:
    if not rows:
        return arb(1)
    total: Number = arb(0)
    for k, head in enumerate(rows[0]):
        minor = _expanded([row[:k] + row[k + 1 :] for row in rows[1:]])
        total = total + head * minor * (-1 if k % 2 else 1)
    return total


def logdet(numbers: Any, matrix: Tensor[Number]) -> Tensor[Number]:
    """The logarithm of the determinant."""
    return determinant(numbers, matrix).map(lambda value: numbers.apply("log", value))


def power(numbers: Any, matrix: Tensor[Number], exponent: Tensor[Number]) -> Tensor[Number]:
    """The power of a square matrix with an integer exponent, which comes as an exact ball."""
    count = round(float(exponent.item.mid()))
    base = _rows(matrix if count >= 0 else inverse(numbers, matrix))
    size = matrix.shape[0]
    result: list[list[Number]] = [[arb(int(i == j)) for j in range(size)] for i in range(size)]
    for _ in range(abs(count)):
        columns = list(zip(*base, strict=True))
        result = [[_dot(row, column) for column in columns] for row in _watched(result)]
    return Tensor(matrix.shape, [value for row in result for value in row])


def _watched(rows: Sequence[list[Number]]) -> Iterator[list[Number]]:
    """The rows, with a look at the time before each."""
    for row in rows:
        deadline.check()
        yield row


def _dot(left: Sequence[Number], right: Sequence[Number]) -> Number:
    return sum((a * b for a, b in zip(left, right, strict=True)), arb(0))


MATRIX_FUNCTIONS: Mapping[str, Callable[..., Tensor[Number]]] = MappingProxyType(
    {"inv": inverse, "det": determinant, "logdet": logdet, "matpow": power}
)
