"""Masks of triangles, written as triangles of ones: entry by entry with a matrix they are `tril` and `triu`."""

from __future__ import annotations

from hesse.core.syntax import Call, Negative, Num, Syntax, Transpose, call, number

OTHER = {"tril": "triu", "triu": "tril"}


def is_mask(tree: Syntax) -> bool:
    """Whether the tree is the lower or upper triangle of a matrix of ones."""
    match tree:
        case Call(function="tril" | "triu", arguments=(Call(function="ones"), *_)):
            return True
        case _:
            return False


def turned(tree: Syntax) -> Syntax | None:
    """The transpose of a triangle as a triangle, where no transpose is left in it: tril(A.T, k).T = triu(A, -k)."""
    match tree:
        case Call(function="tril" | "triu" as function, arguments=(Call(function="ones", arguments=sizes), *offset)):
            return call(OTHER[function], call("ones", *reversed(sizes)), *map(_opposite, offset))
        case Call(function="tril" | "triu" as function, arguments=(Transpose(operand=matrix), *offset)):
            return call(OTHER[function], matrix, *map(_opposite, offset))
        case _:
            return None


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
