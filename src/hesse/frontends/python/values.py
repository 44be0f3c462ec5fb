"""What stands for a value while the user's function runs, and how anything it meets becomes a surface tree."""

from __future__ import annotations

from numbers import Number
from typing import Any

from hesse.core.sizes import Size
from hesse.core.syntax import Syntax
from hesse.frontends.python.constants import array_tree, is_array, nested_tree, number_tree
from hesse.frontends.python.trace import Trace


class Value:
    """A surface tree in the place of a number or an array; `axis_size` where it is the size of an axis."""

    __slots__ = ("axis_size", "owned", "record", "tree", "viewed")

    def __init__(self, trace: Trace, tree: Syntax, *, axis_size: Size | None = None, owned: bool = True) -> None:
        self.record = trace
        self.tree = trace.add(tree)
        self.axis_size = axis_size
        self.owned = owned
        self.viewed = False

    def made(self, tree: Syntax, *, size: Size | None = None) -> Any:
        """Another value of the same run."""
        raise NotImplementedError


def convertible(value: object) -> bool:
    """Whether `tree_of` can make a tree of the value; what it holds may still be refused."""
    return isinstance(value, (Value, Number, list, tuple)) or is_array(value) or type(value).__name__ == "Decimal"


def tree_of(trace: Trace, value: Any) -> Syntax:
    """The tree of a traced value, a number, a constant array, or a list of them."""
    if isinstance(value, Value):
        if value.record is not trace:
            raise trace.refuse("a value of another function's run is used here", "pass it as an argument")
        return value.tree
    if isinstance(value, (list, tuple)):
        return nested_tree(trace, value, lambda each: tree_of(trace, each))
    if is_array(value):
        return array_tree(trace, value, lambda each: tree_of(trace, each))
    if convertible(value):
        return number_tree(trace, value)
    raise trace.refuse(
        f"a value of type {type(value).__name__} stands where a number or an array is needed",
        "the values are numbers, arrays and what the function's parameters give",
    )


def integer_of(value: Any) -> int | None:
    """The value as an integer, or None when it is none; a symbolic size is none either."""
    if isinstance(value, (bool, Value)):
        size = value.axis_size if isinstance(value, Value) else None
        return None if size is None else size.as_int()
    if not hasattr(value, "__index__") or (is_array(value) and (value.shape or value.dtype.kind not in "iu")):
        return None
    return int(value.__index__())


def size_of_value(value: Any) -> Size | None:
    """The value as a size: an integer or a size of an axis; else None."""
    if isinstance(value, Value):
        return value.axis_size
    integer = integer_of(value)
    return None if integer is None else Size.of(integer)
