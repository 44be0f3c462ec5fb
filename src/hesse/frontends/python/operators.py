"""Python's operators on traced values and on sizes, plain, reflected and in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hesse.core.indices import nonnegative
from hesse.core.sizes import Size, equal
from hesse.core.syntax import Num, Operator
from hesse.frontends.python.operations import binary
from hesse.frontends.python.ufuncs import REASONS, elementwise
from hesse.frontends.python.values import Value, convertible, size_of_value, tree_of

Method = Callable[[Any, Any], Any]


def operator(symbol: Operator, *, reflected: bool = False) -> Method:
    """The method of a binary operator."""

    def method(self: Value, other: Any) -> Any:
        if not convertible(other):
            return NotImplemented
        size = None if self.axis_size is None else size_of_value(other)
        if self.axis_size is not None and size is not None and symbol not in ("/", "**", "@"):
            return _of_sizes(self, symbol, *((size, self.axis_size) if reflected else (self.axis_size, size)))
        trees = [self.tree, tree_of(self.record, other)]
        if reflected:
            trees.reverse()
            first, neutral = trees[0], {"+": 0, "*": 1}.get(symbol)
            # sum(...) starts with 0, and a product with 1: they are left out.
            if isinstance(first, Num) and first.value == neutral and not self.record.is_truth(self.tree):
                return self.made(self.tree)
        return self.made(binary(self.record, symbol, *trees))

    return method


def _of_sizes(self: Value, symbol: Operator, left: Size, right: Size) -> Any:
    """Arithmetic that keeps sizes sizes; comparisons of sizes are decided, or refused."""
    match symbol:
        case "+":
            return self.made(self.tree, size=left + right)
        case "-":
            return self.made(self.tree, size=left - right)
        case "*":
            return self.made(self.tree, size=left * right)
        case _:
            return decided(self, _compared(symbol, left, right))


def _compared(symbol: Operator, left: Size, right: Size) -> bool | None:
    """Whether the relation holds for all sizes, for none (False), or for some (None)."""
    match symbol:
        case "==" | "!=":
            same = equal(left, right)
            return None if same is None else same == (symbol == "==")
        case "<":
            return nonnegative(right - left - 1)
        case "<=":
            return nonnegative(right - left)
        case ">":
            return nonnegative(left - right - 1)
        case _:
            return nonnegative(left - right)


def decided(value: Value, truth: bool | None) -> bool:
    """The truth about a size. Raises the error where it depends on the size."""
    if truth is None:
        message = f"a branch on the symbolic size {value.axis_size}"
        raise value.record.refuse(message, "declare an integer in its place, or the same name for equal sizes")
    return truth


def floor_division(self: Value, other: Any) -> Any:
    """n // 2 of a size; of values it is refused."""
    divisor = size_of_value(other)
    factor = None if divisor is None else divisor.as_int()
    if self.axis_size is None or factor is None or factor < 1:
        raise self.record.refuse("`//` between values is not in the vocabulary", REASONS["floor_divide"])
    return self.made(self.tree, size=self.axis_size // factor)


def in_place(symbol: Operator) -> Method:
    """`a += b`: as in NumPy, it changes the array that all its names mean. Refused where views of it exist."""
    apart = operator(symbol)

    def method(self: Value, other: Any) -> Any:
        if not self.record.rank(self.tree):
            return NotImplemented  # a scalar is bound anew
        result = apart(self, other)
        if result is NotImplemented:
            return result
        if self.viewed or not self.owned:
            message = "a write into an array that may share its entries with another"
            raise self.record.refuse(message, f"write `a = a {symbol} b` in the place of `a {symbol}= b`")
        if self.record.shape(result.tree) != self.record.shape(self.tree):
            raise self.record.refuse(f"the result of `{symbol}=` has another shape than the array")
        self.tree = result.tree
        return self

    return method


def bits(name: str, *, reflected: bool = False) -> Method:
    """The method of `&` or `|`, which are "and" and "or" of truth values."""

    def method(self: Value, other: Any) -> Any:
        if not convertible(other):
            return NotImplemented
        trees = [self.tree, tree_of(self.record, other)]
        return self.made(elementwise(self.record, name, *(trees[::-1] if reflected else trees)))

    return method


def refused(symbol: str, name: str) -> Method:
    """The method of an operator that is not read."""

    def method(self: Value, other: Any) -> Any:
        raise self.record.refuse(f"`{symbol}` between values is not in the vocabulary", REASONS[name])

    return method
