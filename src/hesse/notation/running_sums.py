"""Products with square triangles of ones, written as what they do: they add up what they are multiplied with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from hesse.core.syntax import Call, Index, Negative, Num, Slice, Syntax, call, number
from hesse.notation.trees import alike, chain
from hesse.notation.triangles import is_mask


def running(tree: Syntax) -> str | None:
    """`tril` or `triu` for the triangle of a square matrix of ones with its diagonal; None for anything else."""
    match tree:
        case Call(arguments=(Call(arguments=(rows, columns)),)) if is_mask(tree) and alike(rows, columns):
            return tree.function
        case _:
            return None


def applied(pieces: Sequence[Syntax], vector: Sequence[Syntax]) -> tuple[Syntax, ...]:
    """The product of matrices with a vector: tril(ones(n, n)) @ x = cumsum(x), and triu the same from the end."""
    rest = tuple(vector)
    for piece in reversed(pieces):
        side = running(piece)
        rest = (piece, *rest) if side is None else (_summed(chain(rest), None, backwards=side == "triu"),)
    return rest


def accumulated(pieces: Sequence[Syntax]) -> tuple[Syntax, ...]:
    """A product of matrices with triangles at one end: tril(ones(m, m)) @ X = cumsum(X, axis=0).

    Left as it is where sums from the end are all there is, which read no better, and beside a diagonal matrix.
    """
    sides = [running(piece) for piece in pieces]
    left = len(list(takewhile(bool, sides)))
    right = len(list(takewhile(bool, reversed(sides))))
    middle = pieces[left : len(pieces) - right]
    axis, outwards = (0, sides[:left][::-1]) if left else (1, sides[len(pieces) - right :])
    forwards = "triu" if axis else "tril"
    if bool(left) == bool(right) or forwards not in outwards or _is_diagonal(middle[-axis]):
        return tuple(pieces)
    tree = chain(middle)
    for side in outwards:
        tree = _summed(tree, axis, backwards=side != forwards)
    return (tree,)


def _is_diagonal(tree: Syntax) -> bool:
    return isinstance(tree, Call) and tree.function in ("diag", "eye")


def _summed(tree: Syntax, axis: int | None, *, backwards: bool) -> Syntax:
    """The running sums along an axis, or from the end."""
    if not backwards:
        return call("cumsum", tree, axis=axis)
    return _reversed(call("cumsum", _reversed(tree, axis or 0), axis=axis), axis or 0)


def _reversed(tree: Syntax, axis: int) -> Syntax:
    """The array with an axis in reverse order; twice is nothing, and so is once for ones."""
    match tree:
        case Call(function="ones"):
            return tree
        case Index(operand=operand, items=(*whole, last)) if len(whole) == axis and _is_turned(last):
            if all(isinstance(item, Slice) and item.start is item.stop is item.step is None for item in whole):
                return operand
    return Index(tree, (*(Slice(None, None, None),) * axis, Slice(None, None, number(-1))))


def _is_turned(item: Syntax | Slice) -> bool:
    match item:
        case Slice(start=None, stop=None, step=Num(value=step)):
            return step == -1
        case Slice(start=None, stop=None, step=Negative(operand=Num(value=step))):
            return step == 1
        case _:
            return False
