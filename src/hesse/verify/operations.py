"""What each kind of tree computes, as a function of the point and of the values of its children."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Any, TypeAlias, assert_never

from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Num,
    Running,
    Slice,
    Stack,
    Syntax,
    Text,
    Transpose,
    Tuple,
    Undefined,
)
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError, ShapeError, UnknownNameError
from hesse.verify import arithmetic
from hesse.verify.arithmetic import Item, Numbers
from hesse.verify.environment import Environment
from hesse.verify.rows import entry_function, row_function
from hesse.verify.smooth import SmoothFunction

Value: TypeAlias = Any
"""A tensor; in the arguments of a call also the text of an einsum or the tuple of a shape."""
Compute: TypeAlias = Callable[..., Value]
Columns: TypeAlias = Callable[..., Iterable[float]]
"""What an operation on entries does with lists of them."""


def content(tree: Syntax) -> Hashable:
    """What a tree holds beside its children."""
    match tree:
        case Num(value=value) | Text(value=value):
            return value
        case Name(name=name):
            return name
        case Binary(operator=operator):
            return operator
        case Call(function=function, axis=axis):
            return function, axis
        case Undefined(function=function, order=order):
            return function, order
        case Index(items=items):
            return _pattern(items)
        case _:
            return None


def _pattern(items: tuple[Syntax | Slice, ...]) -> tuple[tuple[bool, ...], ...]:
    """For each item whether the parts of its slice are present; () for an item that is no slice."""
    return tuple(
        (item.start is not None, item.stop is not None, item.step is not None) if isinstance(item, Slice) else ()
        for item in items
    )


def operation(tree: Syntax) -> Compute:
    """The function of the point and of the children's values that gives the value of a tree."""
    match tree:
        case Num(value=value):
            number = Tensor.scalar(arithmetic.rounded(value))
            return lambda environment: number
        case Text(value=text):
            return lambda environment: text
        case Name(name=name):
            return lambda environment: environment.lookup(name)
        case Undefined(function=name, order=order):
            return lambda environment, argument: _function(environment, name)(order, tensor(argument))
        case Definitions() | Running():
            raise AssertionError("definitions and running sums are resolved while the tree is read")
        case Tuple():
            return lambda environment, *items: items
        case Call():
            return _call(tree)
        case _:
            return _array_operation(tree)


def entrywise(tree: Syntax) -> Columns | None:
    """What the tree does with lists of entries; None where it does not work entry by entry."""
    match tree:
        case Negative():
            return partial(map, operator.neg)
        case Binary(operator=symbol):
            return partial(map, arithmetic.BINARY[symbol]) if symbol in arithmetic.BINARY else None
        case Call(function=function):
            return entry_function(function)
        case _:
            return None


def _array_operation(tree: Negative | Binary | Transpose | Index | Stack) -> Compute:
    match tree:
        case Negative():
            return lambda environment, operand: tensor(operand).map(lambda entry: -entry)
        case Transpose():
            return lambda environment, operand: arithmetic.transpose(tensor(operand))
        case Binary(operator="@"):
            return lambda environment, left, right: arithmetic.matmul(tensor(left), tensor(right))
        case Binary(operator=symbol):
            function = arithmetic.BINARY[symbol]
            return lambda environment, left, right: arithmetic.elementwise(function, tensor(left), tensor(right))
        case Stack():
            return lambda environment, *items: arithmetic.stack(*map(tensor, items))
        case Index(items=items):
            pattern = _pattern(items)
            return lambda environment, operand, *parts: arithmetic.index(operand, _items(pattern, parts))
        case _:
            assert_never(tree)


class Outside(ShapeError):
    """A position that depends on the running index is outside its axis, by `distance` places."""

    def __init__(self, index: str, distance: int) -> None:
        super().__init__(f"the running index {index} leaves an axis")
        self.index = index
        self.distance = distance


def bounded_index(tree: Index, indices: Sequence[str]) -> Compute:
    """The operation of an index whose items depend on these running indices ("" for none): there negative positions
    do not count from the end."""
    pattern = _pattern(tree.items)

    def compute(environment: Environment, operand: Numbers, *parts: Numbers) -> Numbers:
        items = _items(pattern, parts)
        for item, size, index in zip(items, operand.shape, indices, strict=False):
            if index and not isinstance(item, slice):
                position = arithmetic.integer(item)
                if not 0 <= position < size:
                    raise Outside(index, -position if position < 0 else position - size + 1)
        return arithmetic.index(operand, items)

    return compute


def tensor(value: Value) -> Numbers:
    """The value, which must be an array: a text or a tuple stands only as an argument."""
    if not isinstance(value, Tensor):
        raise ArgumentError(f"{value!r} is not a value")
    return value


def _function(environment: Environment, name: str) -> SmoothFunction:
    if name not in environment.functions:
        raise UnknownNameError(f"the function {name} has no value")
    return environment.functions[name]


def _items(pattern: tuple[tuple[bool, ...], ...], parts: Sequence[Numbers]) -> list[Item]:
    """The items of an index, from which of them are slices and from the values of their parts in order."""
    rest = iter(parts)
    items: list[Item] = []
    for present in pattern:
        if present:
            bounds = [arithmetic.integer(next(rest)) if given else None for given in present]
            if bounds[2] == 0:
                raise ShapeError("the step of a slice is zero")
            items.append(slice(*bounds))
        else:
            items.append(next(rest))
    return items


def _call(tree: Call) -> Compute:
    function = row_function(tree.function, tree.axis)
    if not any(isinstance(argument, Tuple) for argument in tree.arguments):
        return lambda environment, *values: function(values)

    def compute(environment: Environment, *values: Value) -> Numbers:
        return function([item for value in values for item in (value if isinstance(value, tuple) else (value,))])

    return compute
