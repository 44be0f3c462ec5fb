"""Numbers and arrays of the user's Python as surface trees: exact, small, or refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import Any

from hesse.core.exact import decimal
from hesse.core.syntax import Binary, Name, Negative, Stack, Syntax, call, number
from hesse.frontends.python.trace import Trace

ENTRIES = 64
SCANNED = 1_000_000
SHORT = 8
LONG = 10**12
"""A decimal with more places was computed, and may be the rounding of another number."""
_PI, _TWO = Name("pi"), number(2)
_TWO_PI = Binary("*", _TWO, _PI)
_CONSTANTS: Mapping[str, tuple[float, Syntax]] = {
    "pi": (math.pi, _PI),
    "e": (math.e, Name("e")),
    "sqrt(2)": (math.sqrt(2), call("sqrt", _TWO)),
    "sqrt(pi)": (math.sqrt(math.pi), call("sqrt", _PI)),
    "sqrt(2*pi)": (math.sqrt(2 * math.pi), call("sqrt", _TWO_PI)),
    "sqrt(2/pi)": (math.sqrt(2 / math.pi), call("sqrt", Binary("/", _TWO, _PI))),
    "log(2)": (math.log(2), call("log", _TWO)),
    "log(pi)": (math.log(math.pi), call("log", _PI)),
    "log(2*pi)": (math.log(2 * math.pi), call("log", _TWO_PI)),
}
"""Constants that code has computed before it can be read, and that nobody means as the float nearby."""


def is_array(value: object) -> bool:
    """Whether the value is an array of NumPy or of a library like it, recognised without importing any."""
    return all(hasattr(value, name) for name in ("shape", "dtype", "tolist"))


def number_tree(trace: Trace, value: Any) -> Syntax:
    """The number: a float stands for the shortest decimal that reads back to it, that of π and e for the constant."""
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return trace.mark_truth(trace.add(number(int(value))))
    if isinstance(value, Integral):
        return trace.add(number(int(value)))
    if isinstance(value, Rational):
        return trace.add(number(Fraction(int(value.numerator), int(value.denominator))))
    if isinstance(value, Real) or type(value).__name__ == "Decimal":
        if value - value != 0:
            raise trace.refuse(f"{value} is not a finite number", "write np.where or a condition without it")
        return _float(trace, float(value)) if isinstance(value, Real) else trace.add(number(Fraction(value)))
    raise trace.refuse(f"{value!r} is no real number")


def _float(trace: Trace, value: float) -> Syntax:
    """Code computes with the float nearest to the decimal, so that no value changes; 0.1 is what the user wrote."""
    named = _constant(Fraction(value))
    if named is not None:
        trace.note(f"{value!r} read as {named[0]}")
        return trace.add(named[1])
    exact = decimal(value)
    if exact.denominator > LONG:
        trace.note(f"{value!r} stands for this decimal; a fraction that is meant is written as Fraction(1, 3)")
    return trace.add(number(exact))


def _constant(value: Fraction) -> tuple[str, Syntax] | None:
    """A well-known constant, also with a power of two or a sign in front, which are exact in binary arithmetic."""
    for name, (constant, tree) in _CONSTANTS.items():
        ratio = value / Fraction(constant)
        if abs(ratio) in (1, 2, 4, Fraction(1, 2), Fraction(1, 4)):
            text, found = name, tree
            if abs(ratio) > 1:
                text, found = f"{abs(ratio)}*{name}", Binary("*", number(abs(ratio)), tree)
            elif abs(ratio) < 1:
                text, found = f"{name}/{1 / abs(ratio)}", Binary("/", tree, number(1 / abs(ratio)))
            return (text, found) if ratio > 0 else (f"-{text}", Negative(found))
    return None


def array_tree(trace: Trace, value: Any, tree: Callable[[object], Syntax]) -> Syntax:
    """An array of numbers as a stack of literals, or as `ones`, `zeros`, `eye` where it is that, times a number.

    `tree` reads an entry, so that arrays of objects may hold traced values.
    """
    shape = tuple(int(size) for size in value.shape)
    count = math.prod(shape)
    if not shape:
        return tree(value.tolist())
    if count == 0:
        raise trace.refuse("an array without entries is not in the vocabulary")
    if value.dtype.kind not in "biufO":
        raise trace.refuse(f"an array of {value.dtype} is not one of real numbers")
    if value.dtype.kind in "iuf" and count <= SCANNED:
        uniform = _uniform(trace, shape, value.tolist(), tree)
        if uniform is not None:
            return uniform
    if count > ENTRIES:
        raise trace.refuse(
            f"the function uses a constant array with {count} entries; the limit for literals is {ENTRIES}",
            "make the array a parameter of the function and declare it, so that it has a name",
        )
    return nested_tree(trace, value.tolist(), tree)


def nested_tree(trace: Trace, values: Sequence[Any], tree: Callable[[object], Syntax]) -> Syntax:
    """Nested lists as stacks."""
    parts = [nested_tree(trace, v, tree) if isinstance(v, (list, tuple)) else tree(v) for v in values]
    if not parts:
        raise trace.refuse("an array without entries is not in the vocabulary")
    return trace.add(Stack(tuple(parts)))


def _uniform(
    trace: Trace, shape: tuple[int, ...], values: list[Any], tree: Callable[[object], Syntax]
) -> Syntax | None:
    """The array as a multiple of ones or of the identity matrix, where it is one."""
    entries = list(_flat(values))
    sizes = tuple(number(size) for size in shape)
    first = entries[0]
    if len(entries) <= SHORT and first not in (0, 1):
        return None
    if all(entry == first for entry in entries):
        if first == 0:
            return trace.add(call("zeros", *sizes))
        return _multiple(trace, first, call("ones", *sizes), tree)
    n = shape[0]
    if (
        shape == (n, n)
        and first
        and all(entry == (first if k % (n + 1) == 0 else 0) for k, entry in enumerate(entries))
    ):
        return _multiple(trace, first, call("eye", sizes[0]), tree)
    return None


def _multiple(trace: Trace, factor: object, array: Syntax, tree: Callable[[object], Syntax]) -> Syntax:
    return trace.add(array if factor == 1 else Binary("*", tree(factor), array))


def _flat(values: Any) -> Iterator[Any]:
    if isinstance(values, list):
        for value in values:
            yield from _flat(value)
    else:
        yield values
