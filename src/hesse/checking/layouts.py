"""Other layouts of a derivative: the transposed Jacobian, the gradient by a matrix the other way round, rows."""

from __future__ import annotations

from collections.abc import Iterator

from hesse.checking.question import Question, permuted
from hesse.core.build import index
from hesse.core.sizes import Size
from hesse.service.expression import Expr

JACOBIAN = "rows and columns are exchanged: with the axes (output, input), row i is the gradient of entry i"
MATRIX = "rows and columns are exchanged: the gradient has the shape of the variable"
ROW = "a row instead of a vector: the gradient has the shape of the variable"


def other_layouts(question: Question) -> Iterator[tuple[Expr, str]]:
    """The derivative in other layouts, with how they differ."""
    whole = question.whole
    outputs, rank = len(question.f._shape), len(whole._shape)
    if question.order == 1 and outputs and rank > outputs:
        axes = (*range(outputs, rank), *range(outputs))
        if question.entry is None:
            yield question.derived(permuted(whole.node, axes)), JACOBIAN
        else:
            places = [Size.of(position) for position in _back(question.entry, axes)]
            yield question.derived(index(whole.node, places)), JACOBIAN
    if question.order == 1 and not outputs and rank == 2 and question.entry is None:
        yield question.derived(permuted(whole.node, (1, 0))), MATRIX
    if question.order == 2 and outputs and question.entry is None:
        axes = (*range(outputs, rank), *range(outputs))
        yield question.derived(permuted(whole.node, axes)), JACOBIAN


def _back(entry: tuple[int, ...], axes: tuple[int, ...]) -> list[int]:
    """The position before the axes were permuted."""
    found = [0] * len(axes)
    for position, axis in zip(entry, axes, strict=True):
        found[axis] = position
    return found


def as_vector(given: Expr) -> tuple[Expr, bool] | None:
    """A matrix with one row or one column as a vector, and whether it was a row; None for anything else."""
    if len(given._shape) != 2:
        return None
    rows, columns = (size.as_int() for size in given._shape)
    if columns == 1:
        return given.T[0], False
    return (given[0], True) if rows == 1 else None
