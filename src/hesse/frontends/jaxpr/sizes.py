"""Between JAX's symbolic dimensions and sizes: dimensions are read from their text, such as `floordiv(n + 1, 2)`."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from hesse.core.nodes import Shape
from hesse.core.sizes import Size
from hesse.errors import TraceError


def dimension(size: Size, names: Mapping[str, Any]) -> Any:
    """The size as an integer or as JAX's polynomial in the symbolic dimensions that `names` gives."""
    return size.evaluate(names)


def size_of_dimension(dimension: Any) -> Size:
    """The size that a dimension is. Raises TraceError for remainders, maxima and quotients by sizes."""
    if isinstance(dimension, int) or (hasattr(dimension, "__index__") and not hasattr(dimension, "scope")):
        return Size.of(int(dimension))
    text = str(dimension).replace("^", "**")
    return _size(ast.parse(text, mode="eval").body, text)


def shape_of(dimensions: Sequence[Any]) -> Shape:
    """The sizes of all dimensions."""
    return tuple(size_of_dimension(each) for each in dimensions)


def _size(tree: ast.expr, text: str) -> Size:
    # A dimension is a short polynomial: its tree is no deeper than the expression that the user wrote for a shape.
    match tree:
        case ast.Constant(value=int(value)):
            return Size.of(value)
        case ast.Name(id=name):
            return Size.of(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _size(operand, text) * -1
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _size(left, text) + _size(right, text)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _size(left, text) - _size(right, text)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _size(left, text) * _size(right, text)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(exponent))):
            result = Size.of(1)
            for _ in range(exponent):
                result = result * _size(left, text)
            return result
        case ast.Call(func=ast.Name(id="floordiv"), args=[numerator, ast.Constant(value=int(divisor))]):
            return _size(numerator, text) // divisor
        case _:
            raise TraceError(f"the size {text} is not a polynomial", hint="declare an integer in the place of the size")
