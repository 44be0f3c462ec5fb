"""Arrays in SymPy: columns and matrices, with a function of every entry that is still to be applied.

`base` with the function D -> body is the array of the body's values at the entries of the base. So what is entrywise
is one function of one array, and not a sum and product of arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hesse.errors import ArgumentError
from hesse.interop.library import sympy, sympy_class


def cannot(what: str) -> ArgumentError:
    """The error for what SymPy has no form for."""
    return ArgumentError(
        f"SymPy has no form for {what}",
        hint="give the sizes for a table of entries, as in `to_sympy(n=3)`, or take the part that has a form",
    )


@dataclass(frozen=True, slots=True)
class Value:
    """A scalar (rank 0: `body`), a column (rank 1) or a matrix (rank 2): the body at every entry of the base."""

    rank: int
    body: Any
    base: Any = None


class Arrays:
    """Arithmetic of values."""

    def __init__(self) -> None:
        self.sp = sympy()
        self.entry = self.sp.Dummy("d")
        self.element = sympy_class("MatrixElement")

    def scalar(self, value: Any) -> Value:
        """A number or scalar expression."""
        return Value(0, self.sp.sympify(value))

    def array(self, rank: int, matrix: Any) -> Value:
        """A column or a matrix."""
        return Value(rank, self.entry, matrix)

    def matrix(self, value: Value) -> Any:
        """The SymPy matrix expression of a column or matrix."""
        sp, entry, base = self.sp, self.entry, value.base
        body = value.body
        if body == entry:
            return base
        if entry not in body.free_symbols:
            return body * sp.OneMatrix(*base.shape)
        slope = body.diff(entry) if body.is_polynomial(entry) and sp.degree(body, entry) == 1 else None
        if slope is not None:
            rest = sp.expand(body - slope * entry)
            scaled = slope * base
            return scaled if rest == 0 else scaled + rest * sp.OneMatrix(*base.shape)
        if body.is_Pow and body.base == entry and entry not in body.exp.free_symbols:
            return sp.HadamardPower(base, body.exp)
        return base.applyfunc(sp.Lambda(entry, body))

    def apply(self, name: str, function: Callable[..., Any], values: Sequence[Value]) -> Value:
        """A function of entries of values that have one shape, or are scalars."""
        arrays = [value for value in values if value.rank]
        if len({value.base for value in arrays}) > 1:
            arrays = [self.array(value.rank, self.matrix(value)) for value in arrays]
            if len({value.base for value in arrays}) > 1:
                return self._arithmetic(name, values)
        body = function(*(value.body for value in values))
        return Value(arrays[0].rank, body, arrays[0].base) if arrays else Value(0, body)

    def _arithmetic(self, name: str, values: Sequence[Value]) -> Value:
        sp = self.sp
        rank = max(value.rank for value in values)
        if name not in ("+", "-", "*", "/", "**"):
            raise cannot(f"`{name}` of the entries of two arrays")
        left, right = (self.matrix(value) for value in values)
        match name:
            case "+":
                result = left + right
            case "-":
                result = left - right
            case "*":
                result = sp.HadamardProduct(left, right)
            case "/":
                result = sp.HadamardProduct(left, sp.HadamardPower(right, -1))
            case _:
                result = sp.HadamardPower(left, right)
        return self.array(rank, result)

    def single(self, matrix: Any) -> Value:
        """The entry of a 1 x 1 matrix, left unevaluated: SymPy would write products out as sums over entries."""
        matrix = self.sp.sympify(matrix)
        if getattr(matrix, "is_Matrix", False) is False:
            return self.scalar(matrix)
        if isinstance(matrix, self.sp.MatrixBase):
            return self.scalar(matrix[0, 0])
        return self.scalar(self.element(matrix, 0, 0))

    def stretched(self, value: Value, before: Sequence[Any], after: Sequence[Any]) -> Value:
        """The value repeated from one shape to another by NumPy's rules; a scalar is left alone."""
        if value.rank == 0 or tuple(before) == tuple(after):
            return value
        ones, matrix = self.sp.OneMatrix, self.matrix(value)
        if value.rank == 1 and len(after) == 1:
            return self.array(1, ones(after[0], 1) * self.single(matrix).body)
        if value.rank == 1:
            row = matrix.T if before[0] == after[1] else self.single(matrix).body * ones(1, after[1])
            return self.array(2, ones(after[0], 1) * row)
        if before[0] != after[0]:
            matrix = ones(after[0], 1) * matrix
        if before[1] != after[1]:
            matrix = matrix * ones(1, after[1])
        return self.array(2, matrix)
