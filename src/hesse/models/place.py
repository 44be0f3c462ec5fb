"""A place: exact values of all variables of an expression, and which entries of them move."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real
from typing import Any

from hesse.codegen.binding import Binding
from hesse.core.declarations import VariableDeclaration, natural_key
from hesse.core.tensor import Tensor, positions
from hesse.errors import ArgumentError
from hesse.service.expression import Expr
from hesse.service.variables import resolve

Exact = Tensor[Any]
"""Entries that are exact: a Fraction, or a float, which is an exact binary number."""


@dataclass(frozen=True, slots=True)
class Place:
    """The point: exact values by name, sizes by name, and the names and entries that move, in order."""

    f: Expr
    values: Mapping[str, Exact]
    sizes: Mapping[str, int]
    moving: tuple[str, ...]
    stacked: bool

    @property
    def entries(self) -> list[tuple[str, int]]:
        """What moves, entry by entry: a name and a position in its flat list."""
        return [(name, k) for name in self.moving for k in range(len(self.values[name].entries))]

    @property
    def count(self) -> int:
        """How many entries move."""
        return sum(len(self.values[name].entries) for name in self.moving)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a gradient's entry axes: the variable's, or one axis for several."""
        return (self.count,) if self.stacked else self.values[self.moving[0]].shape

    @property
    def wrt(self) -> str | list[str]:
        """The name that moves, or the list of names."""
        return list(self.moving) if self.stacked else self.moving[0]

    @property
    def floats(self) -> dict[str, Any]:
        """The values as floats, for programs."""
        declared = self.f._declarations.variables
        return {
            name: value.map(float if declared[name].index is None else int).nested()
            for name, value in self.values.items()
        }

    @property
    def tables(self) -> dict[str, list[int]]:
        """The entries of the index arrays."""
        declared = self.f._declarations.variables
        return {name: [int(x) for x in self.values[name].entries] for name in declared if declared[name].index}

    def spelled(self, name: str, position: int) -> str:
        """The name of one entry, as in the text notation."""
        shape = self.values[name].shape
        if not shape:
            return name
        place = list(positions(shape))[position] if len(shape) > 1 else (position,)
        return f"{name}[{', '.join(map(str, place))}]"


def place(f: Expr, at: Any, wrt: str | Sequence[str] | None) -> Place:
    """The place that `at` gives: a mapping of names, or the value of the only variable (or of all scalars in order).

    Floats are exact binary numbers, text and `Decimal` exact decimals. Raises ArgumentError and ShapeError.
    """
    if f._declarations.functions:
        names = ", ".join(f"`{name}`" for name in f._declarations.functions)
        raise ArgumentError(f"{names} is undefined: there is nothing to compute with at a point")
    declared = f._declarations.variables
    values = _values(at, declared)
    sizes = Binding(f._declarations).sizes({name: value.shape for name, value in values.items()})
    moving, stacked = _moving(f, wrt)
    return Place(f, values, sizes, moving, stacked)


def _moving(f: Expr, wrt: str | Sequence[str] | None) -> tuple[tuple[str, ...], bool]:
    """The names that move. Unlike derivatives, several arrays may move together."""
    if wrt is None or isinstance(wrt, str) or len(wrt) == 0:
        target = resolve(wrt, f._declarations)
        return target.names, target.stacked
    for name in wrt:
        resolve(name, f._declarations)
    if len(set(wrt)) < len(wrt):
        raise ArgumentError(f"a variable stands twice in {list(wrt)}")
    return tuple(wrt), True


def _values(at: Any, declared: Mapping[str, VariableDeclaration]) -> dict[str, Exact]:
    if isinstance(at, Mapping):
        given = {str(name): exact_tensor(value, f"`{name}`") for name, value in at.items()}
    elif len(declared) == 1:
        (name,) = declared
        value = exact_tensor(at, "`at`")
        alone = value.shape == (1,) and not declared[name].shape
        given = {name: Tensor((), value.entries) if alone else value}
    elif declared and not any(entry.shape for entry in declared.values()):
        listed = exact_tensor(at, "`at`")
        names = sorted(declared, key=natural_key)
        if listed.shape != (len(names),):
            raise ArgumentError(f"`at` must have one value for each of {', '.join(names)}")
        given = {name: Tensor((), [entry]) for name, entry in zip(names, listed.entries, strict=True)}
    else:
        raise ArgumentError("`at` must be a mapping from names to values", hint=f"give {', '.join(declared)}")
    for name in given:
        if name not in declared:
            raise ArgumentError(f"`{name}` is not a declared variable", hint=f"the variables are {', '.join(declared)}")
    missing = [name for name in declared if name not in given]
    if missing:
        raise ArgumentError(f"{', '.join(missing)} must have a value as well")
    return {name: given[name] for name in declared}


def exact_tensor(value: Any, what: str) -> Exact:
    """The exact array of a number, of nested lists or of anything with `tolist`. Raises ArgumentError."""
    if isinstance(value, Tensor):
        return value
    if getattr(getattr(value, "dtype", None), "kind", "") == "f":
        return _of_floats(value, what)
    convert = getattr(value, "tolist", None)
    try:
        tensor: Tensor[Any] = Tensor.from_nested(convert() if convert else value)
    except ValueError:
        raise ArgumentError(f"the rows of {what} differ in length") from None
    return tensor.map(lambda entry: exact_number(entry, what))


def _of_floats(value: Any, what: str) -> Exact:
    """The array as it is: there may be millions of entries."""
    entries: list[float] = value.astype(float).ravel().tolist()
    if not all(map(math.isfinite, entries)):
        raise ArgumentError(f"{what} holds an entry that is not a finite number")
    return Tensor(tuple(value.shape), entries)


def exact_number(value: Any, what: str) -> Fraction:
    """The exact value of a number: a float's binary value, the decimal that a text says. Raises ArgumentError."""
    try:
        if isinstance(value, (str, Decimal)):
            return Fraction(str(value))
        if isinstance(value, Rational):
            return Fraction(int(value.numerator), int(value.denominator))
        if isinstance(value, Real):
            return Fraction(float(value))
    except (ValueError, OverflowError, ZeroDivisionError):
        pass
    raise ArgumentError(f"{what} holds {value!r}, which is not a finite number")
