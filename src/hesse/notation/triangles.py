"""Masks of triangles, written as triangles of ones: entry by entry with a matrix they are `tril` and `triu`."""

from __future__ import annotations

from hesse.core.syntax import Call, Index, Negative, Num, Slice, Syntax, call, number


def is_mask(tree: Syntax) -> bool:
    """Whether the tree is the lower or upper triangle of a matrix of ones."""
    match tree:
        case Call(function="tril" | "triu", arguments=(Call(function="ones"), *_)):
            return True
        case _:
            return False


def turned(tree: Call) -> Syntax:
    """The transpose of a mask: a mask with the sides and the offset exchanged."""
    ones, *offset = tree.arguments
    assert isinstance(ones, Call)
    other = "triu" if tree.function == "tril" else "tril"
    return call(other, call("ones", *reversed(ones.arguments)), *map(_opposite, offset))


def _opposite(tree: Syntax) -> Syntax:
    match tree:
        case Num(value=value):
            return number(-value)
        case Negative(operand=operand):
            return operand
        case _:
            return Negative(tree)


def masked(mask: Syntax, matrix: Syntax) -> Syntax:
    """The entries of the matrix in the triangle."""
    assert isinstance(mask, Call)
    return call(mask.function, matrix, *mask.arguments[1:])


def reversed_order(vector: Syntax) -> Syntax:
    """vector[::-1]; twice is nothing."""
    match vector:
        case Index(operand=operand, items=(Slice(start=None, stop=None, step=Num(value=step)),)) if step == -1:
            return operand
        case Index(operand=operand, items=(Slice(start=None, stop=None, step=Negative(operand=Num(value=step))),)) if (
            step == 1
        ):
            return operand
        case _:
            return Index(vector, (Slice(None, None, number(-1)),))
