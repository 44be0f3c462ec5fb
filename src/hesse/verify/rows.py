"""The named functions as plain functions of tensors: what each row of the tables calls its reference."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias, assert_never

from hesse.core.function import Construction, Row
from hesse.core.nodes import Elementwise, Operator
from hesse.core.sizes import Size
from hesse.core.tensor import Tensor
from hesse.errors import LimitError, ShapeError, UnknownNameError
from hesse.functions import ALIASES, FUNCTIONS
from hesse.verify import arithmetic
from hesse.verify.arithmetic import Numbers

Arguments: TypeAlias = Sequence[Any]
"""Tensors; the first argument of einsum is its text."""
PlainFunction: TypeAlias = Callable[[Arguments], Numbers]
ListFunction: TypeAlias = Callable[[list[float]], Any]


def row_function(name: str, axis: int | None) -> PlainFunction:
    """The plain function of a name and an axis. It gives nan where there is no value, and raises only ShapeError."""
    row = FUNCTIONS.get(ALIASES.get(name, name))
    if row is None:
        raise UnknownNameError(f"the evaluator does not know the function {name}")
    function = _by_kind(row, axis)

    def safe(arguments: Arguments) -> Numbers:
        try:
            return function(arguments)
        except (IndexError, TypeError):
            # The references take for granted that the arguments fit.
            raise ShapeError(f"{name} does not take these arguments") from None

    return safe


def entry_function(name: str) -> Callable[..., Iterable[float]] | None:
    """The function of columns of entries; None for a name of another kind."""
    row = FUNCTIONS.get(ALIASES.get(name, name))
    return _of_columns(row) if isinstance(row, Elementwise) else None


def _of_columns(row: Elementwise) -> Callable[..., Iterable[float]]:
    # A choice may drop the nan of the branch that is not taken; a comparison with nan is false.
    return arithmetic.of_columns(row.reference, strict=row.arity < 3 and not row.truth)


def _by_kind(row: Row, axis: int | None) -> PlainFunction:
    match row:
        case Elementwise():
            function = _of_columns(row)
            return lambda arguments: arithmetic.columnwise(function, *arguments)
        case Operator(kind="reduction"):
            reduction = _of_list(row.reference, lambda count: math.nan)
            return lambda arguments: arithmetic.reduce(reduction, _only(arguments), axis)
        case Operator(kind="along"):
            kept = _of_list(row.reference, lambda count: [math.nan] * count)
            return lambda arguments: arithmetic.along(kept, _only(arguments), axis)
        case Operator():
            return lambda arguments: _matrix(row, arguments)
        case Construction():
            return lambda arguments: _construction(row, arguments, axis)
        case _:
            assert_never(row)


def _only(arguments: Arguments) -> Numbers:
    if len(arguments) != 1:
        raise ShapeError(f"one argument is needed, there are {len(arguments)}")
    tensor: Numbers = arguments[0]
    return tensor


def _of_list(reference: ListFunction, invalid: Callable[[int], Any]) -> ListFunction:
    """A function of lists that is invalid where an entry is nan or `reference` raises."""

    def safe(entries: list[float]) -> Any:
        if any(map(math.isnan, entries)):
            return invalid(len(entries))
        try:
            return reference(entries)
        except (ValueError, ArithmeticError):
            return invalid(len(entries))

    return safe


def _matrix(row: Operator, arguments: Sequence[Numbers]) -> Numbers:
    assert row.result_shape is not None
    sizes = row.result_shape(*(tuple(map(Size.of, argument.shape)) for argument in arguments))
    shape = arithmetic.bounded(tuple(size.evaluate({}) for size in sizes))
    try:
        result: Numbers = row.reference(*arguments)
    except LimitError:
        raise
    except (ValueError, ArithmeticError):
        return Tensor(shape, [math.nan] * math.prod(shape))
    return result


def _construction(row: Construction, arguments: Arguments, axis: int | None) -> Numbers:
    if row.sizes:
        arithmetic.bounded(tuple(map(arithmetic.integer, arguments)))
    elif arguments and isinstance(arguments[0], str):
        _check_letters(arguments[0], arguments[1:])
    if not row.takes_axis or row.rank([len(arguments[0].shape)], axis) >= len(arguments[0].shape):
        return row.reference(arguments, axis)
    arithmetic.lanes(arguments[0], axis)
    try:
        return row.reference(arguments, axis)
    except ArithmeticError:
        return arithmetic.reduce(lambda entries: math.nan, arguments[0], axis)


def _check_letters(text: str, operands: Sequence[Numbers]) -> None:
    """Raises unless every index letter has one size, and the sums are short enough."""
    sizes: dict[str, int] = {}
    for term, operand in zip(text.replace(" ", "").partition("->")[0].split(","), operands, strict=False):
        for letter, size in zip(term, operand.shape, strict=False):
            if sizes.setdefault(letter, size) != size:
                raise ShapeError(f"einsum('{text}'): the index {letter} has the sizes {sizes[letter]} and {size}")
    arithmetic.bounded(tuple(sizes.values()))
