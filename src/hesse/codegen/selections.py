"""Selections: matrices with at most one entry for each k, multiplied with each other and with arrays, and assembled."""

from __future__ import annotations

from hesse.codegen.indexing import Indexing, Item, Piece, Range
from hesse.codegen.matrices import Matrix, Selection
from hesse.codegen.terms import Term
from hesse.core.nodes import Shape


def product(indexing: Indexing, left: Selection, right: Selection) -> Selection | None:
    """left @ right as one selection; None where both sides of the joint are picked, and may miss each other."""
    if left.columns is not None:
        if right.rows is not None:
            return None
        turned = product(indexing, right.transposed, left.transposed)
        return turned and turned.transposed
    if right.rows is None:
        rows, weights = left.rows, left.weights
    else:
        rows = _composed(indexing, left, right.rows)
        weights = left.weights and indexing.index(left.weights, (right.rows,))
    if weights and right.weights:
        weights = indexing.terms.arithmetic("*", weights, right.weights)
    return Selection(rows, weights or right.weights, right.columns, (left.shape[0], right.shape[1]))


def _composed(indexing: Indexing, left: Selection, inner: Item) -> Item:
    """The rows of the left selection at the positions that the right one picks."""
    if left.rows is None:
        return inner
    return indexing.index(indexing.positions(left.shape[0], left.rows), (inner,))


def act(indexing: Indexing, selection: Selection, operand: Term, before: bool) -> Term:
    """selection @ operand (`before`) or operand @ selection.T: gather by columns, weigh, place by rows."""
    axis = 0 if before else operand.rank - 1
    if selection.columns is not None:
        operand = indexing.gather(operand, selection.columns, axis)
    if selection.weights is not None:
        operand = _weighed(indexing, selection.weights, operand, axis)
    if selection.rows is None:
        return operand
    shape = list(operand.shape)
    shape[axis] = selection.shape[0]
    return indexing.place(tuple(shape), axis, selection.rows, operand)


def _weighed(indexing: Indexing, weights: Term, operand: Term, axis: int) -> Term:
    if operand.rank == 1:
        return indexing.terms.arithmetic("*", weights, operand)
    if axis:
        return indexing.terms.arithmetic("*", operand, weights)
    return indexing.terms.arithmetic("*", indexing.terms.column(weights), operand)


def assembled(indexing: Indexing, matrix: Matrix) -> Term:
    """Zeros with the entries of all selections added at their places."""
    pieces: list[Piece] = []
    shape: Shape = ()
    for part in matrix.parts:
        (selection,) = part.factors
        assert isinstance(selection, Selection)
        shape, picked = selection.shape, (selection.rows, selection.columns)
        items = [indexing.positions(size, item) for size, item in zip(shape, picked, strict=True)]
        distinct = any(item is None or isinstance(item, Range) for item in picked)
        piece = Piece(tuple(items), selection.weights or indexing.terms.number(1), part.negative, distinct)
        for operator, scalar in part.scale:
            piece = indexing.scaled_piece(operator, scalar, piece)
        pieces.append(piece)
    return indexing.assemble(shape, pieces)


def added_up(indexing: Indexing, operand: Term, axis: int, backwards: bool) -> Term:
    """The sums of all entries up to each one along an axis, or from each one on: a triangle of ones times an array."""
    turn = [Range()] * axis + [Range(step=indexing.terms.number(-1))]
    operand = indexing.index(operand, turn) if backwards else operand
    sums = indexing.terms.reduce("cumsum", operand, axis if operand.rank > 1 else None, operand.shape)
    return indexing.index(sums, turn) if backwards else sums
