"""Entries as balls, series or Taylor models: one algebra for `core.interpret`, whatever kind of number they are.

What a number must offer is + - * with numbers and exact balls, and the operations of `Numbers`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

from flint import arb, arb_series

from hesse.core.build import variable
from hesse.core.interpret import interpret
from hesse.core.nodes import Call, Elementwise, Node, Operation, Operator, Variable
from hesse.core.tensor import Tensor
from hesse.enclosure.balls import above, below, exact, hull, rational, reciprocal, whole_power
from hesse.enclosure.elimination import MATRIX_FUNCTIONS
from hesse.enclosure.rows import ENCLOSURES, NotSmooth, constant_of, polygamma_series
from hesse.errors import HesseError
from hesse.functions.masks import MASK

Number = Any


class Unsupported(HesseError):
    """The expression has a part that cannot be enclosed."""


class Undefined(Exception):
    """A function has no value, or no derivative, for some of the arguments enclosed, from low to high."""

    low = -math.inf
    high = math.inf

    def __init__(self, what: str, low: float, high: float) -> None:
        self.low, self.high = low, high
        super().__init__(f"{what} is not defined, or not proved to be, for all arguments in [{low:.6g}, {high:.6g}]")


class Numbers(Protocol):
    """The operations that differ between kinds of numbers."""

    def apply(self, name: str, argument: Number) -> Number:
        """The function of this name in the table of enclosures."""
        ...

    def power(self, base: Number, exponent: Fraction) -> Number:
        """The power with an exact exponent, neither 0 nor 1."""
        ...

    def either(self, first: Number, second: Number) -> Number:
        """A number that encloses both; raises NotSmooth where the kind has no such number."""
        ...

    def undecided(self, difference: Number) -> Number:
        """0 or 1, by a difference whose sign is not certain: a jump, so NotSmooth where either(...) raises it."""
        ...

    def sign(self, value: Number) -> int | None:
        """-1, 0 or 1 when the sign is certain for all that the number encloses, and for a series around it."""
        ...

    def center(self, value: Number) -> arb:
        """A ball in the middle of what the number encloses."""
        ...

    def ball(self, value: Number) -> arb:
        """A ball that contains all that the number encloses."""
        ...

    def finite(self, value: Number) -> bool:
        """Whether the number says anything."""
        ...


class Balls:
    """Balls, and series along a line: arb and arb_series."""

    def apply(self, name: str, argument: Number) -> Number:
        """The function of this name in the table of enclosures; a ball may span a kink, a series may not."""
        try:
            return ENCLOSURES[name].series(argument)
        except NotSmooth:
            if not isinstance(argument, arb):
                raise
            return hull(*ENCLOSURES[name].bounds(below(argument), above(argument)))

    def power(self, base: Number, exponent: Fraction) -> Number:
        """The power with an exact exponent."""
        if exponent.denominator == 1:
            raised = whole_power(base, abs(int(exponent)))
            return raised if exponent > 0 else reciprocal(raised)
        return base ** rational(exponent)

    def either(self, first: Number, second: Number) -> Number:
        """The union of two balls; two series have none."""
        if isinstance(first, arb_series) or isinstance(second, arb_series):
            raise NotSmooth
        return arb(first).union(arb(second))

    def undecided(self, difference: Number) -> Number:
        """The ball of 0 and 1; a series would have a jump."""
        if isinstance(difference, arb_series):
            raise NotSmooth
        return arb(0).union(arb(1))

    def sign(self, value: Number) -> int | None:
        """The sign of the constant term."""
        ball = constant_of(value)
        if ball > 0:
            return 1
        if ball < 0:
            return -1
        constant = isinstance(value, arb) or all(c == 0 for c in value.coeffs()[1:])
        return 0 if ball == 0 and constant else None

    def center(self, value: Number) -> arb:
        """The midpoint of the constant term."""
        return constant_of(value).mid()

    def ball(self, value: Number) -> arb:
        """The constant term."""
        return constant_of(value)

    def finite(self, value: Number) -> bool:
        """Whether all terms are finite."""
        return value.is_finite() if isinstance(value, arb) else all(c.is_finite() for c in value.coeffs())


class Entries:
    """The algebra of `core.interpret` over one kind of numbers; `values` gives the entries of the variables."""

    def __init__(self, numbers: Numbers, values: Mapping[str, Tensor[Number]]) -> None:
        self.numbers = numbers
        self.values = values

    def variable(self, node: Variable, shape: tuple[int, ...]) -> Tensor[Number]:
        """The entries given for the variable."""
        return self.values[node.name]

    def constant(self, name: str) -> Number:
        """pi or e."""
        return arb.pi() if name == "pi" else arb.const_e()

    def combine(self, terms: Sequence[tuple[Fraction, Number]]) -> Number:
        """The weighted sum."""
        total: Number = arb(0)
        last: Fraction | None = None
        factor: arb | None = None
        for coefficient, value in terms:
            if coefficient is not last:
                # Long sums have one and the same coefficient.
                last, factor = coefficient, None if coefficient == 1 else exact(coefficient)
            total = total + (value if factor is None else value * factor)
        return total

    def multiply(self, factors: Sequence[Number]) -> Number:
        """The product."""
        if not factors:
            return arb(1)
        product, *rest = factors
        for factor in rest:
            product = product * factor
        return product

    def power(self, base: Number, exponent: Fraction) -> Number:
        """The power with an exact exponent."""
        what = "division" if exponent == -1 else f"the power {exponent}"
        return self._checked(self.numbers.power(base, exponent), base, what)

    def _checked(self, value: Number, argument: Number, what: str) -> Number:
        if self.numbers.finite(value) or not self.numbers.finite(argument):
            return value
        ball = self.numbers.ball(argument)
        raise Undefined(what, below(ball), above(ball))

    def apply(self, row: Elementwise, arguments: Sequence[Number]) -> Number:
        """The elementwise function: from the table, from its composition, or by its lowering."""
        if row.name in ENCLOSURES:
            return self._checked(self.numbers.apply(row.name, arguments[0]), arguments[0], f"`{row.name}`")
        if row.name in _COMPOSED:
            composed: Callable[..., Number] = _COMPOSED[row.name]
            return composed(self, *arguments)
        if row.truth:
            return self._compared(row.name, *arguments)
        raise Unsupported(f"`{row.name}` cannot be enclosed")

    def _compared(self, name: str, left: Number, right: Number) -> Number:
        difference = left - right
        sign = self.numbers.sign(difference)
        if sign is None:
            return self.numbers.undecided(difference)
        return arb(int(_HOLDS[name](sign)))

    def operate(self, node: Operation, arguments: Sequence[Tensor[Number]], shape: tuple[int, ...]) -> Tensor[Number]:
        """A function of arrays: through its expansion in scalars, or by elimination."""
        row = node.row
        if row.name in MATRIX_FUNCTIONS:
            return MATRIX_FUNCTIONS[row.name](self.numbers, *arguments)
        if row is MASK and row.expansion is not None:
            # The entries are the numbers 0 and 1, whatever the numbers here are.
            entries = row.expansion(Tensor.build(shape, lambda at: node), *map(Tensor.scalar, node.arguments[1:]))
            return Tensor(shape, [interpret(entry, self, {}).item for entry in entries or ()])
        if row.kind == "matrix" or row.expansion is None:
            raise Unsupported(f"`{row.name}` cannot be enclosed")
        return _along(self, row, node.axis, arguments[0], shape)

    def call(self, node: Call, argument: Tensor[Number], shape: tuple[int, ...]) -> Tensor[Number]:
        """Undefined functions have no values."""
        raise Unsupported(f"`{node.function}` is not defined: there is nothing to enclose")


def _along(
    entries: Entries, row: Operator, axis: int | None, argument: Tensor[Number], shape: tuple[int, ...]
) -> Tensor[Number]:
    """The row's expansion along an axis, or of all entries."""
    if axis is None:
        return Tensor(shape, _expanded(entries, row, argument.entries))
    others = argument.shape[:axis] + argument.shape[axis + 1 :]
    lines = Tensor.build(
        others,
        lambda at: _expanded(
            entries, row, [argument[(*at[:axis], k, *at[axis:])] for k in range(argument.shape[axis])]
        ),
    )
    if row.kind == "reduction":
        return lines.map(lambda values: values[0])
    return Tensor.build(shape, lambda at: lines[(*at[:axis], *at[axis + 1 :])][at[axis]])


def _expanded(entries: Entries, row: Operator, values: Sequence[Number]) -> list[Number]:
    # Each placeholder is a scalar variable; shared parts of the expansion are computed once.
    stand_ins = {f"v{k}": Tensor((), [value]) for k, value in enumerate(values)}
    inner = Entries(entries.numbers, stand_ins)
    found: dict[Node, Number] = {}
    for node in _expansion(row, len(values)):
        if node not in found:
            found[node] = interpret(node, inner, {}).item
    return [found[node] for node in _expansion(row, len(values))]


@lru_cache(maxsize=64)
def _expansion(row: Operator, count: int) -> tuple[Node, ...]:
    found = None if row.expansion is None else row.expansion([variable(f"v{k}") for k in range(count)])
    if found is None:
        raise Unsupported(f"`{row.name}` cannot be enclosed")
    return tuple(found)


def _maximum(entries: Entries, left: Number, right: Number) -> Number:
    sign = entries.numbers.sign(left - right)
    if sign is None:
        return entries.numbers.either(left, right)
    return left if sign >= 0 else right


def _minimum(entries: Entries, left: Number, right: Number) -> Number:
    return -_maximum(entries, -left, -right)


def _where(entries: Entries, condition: Number, first: Number, second: Number) -> Number:
    sign = entries.numbers.sign(condition)
    if sign is None:
        return entries.numbers.either(first, second)
    return first if sign else second


def _power(entries: Entries, base: Number, exponent: Number) -> Number:
    return entries.numbers.apply("exp", exponent * entries.numbers.apply("log", base))


def _clip(entries: Entries, value: Number, low: Number, high: Number) -> Number:
    return _minimum(entries, _maximum(entries, value, low), high)


def _polygamma(entries: Entries, order: Number, value: Number) -> Number:
    k = round(float(constant_of(order).mid()))
    if isinstance(value, (arb, arb_series)):
        return polygamma_series(k, value)
    return value.composed(lambda series: polygamma_series(k, series))


_COMPOSED: Mapping[str, Callable[..., Any]] = {
    "maximum": _maximum,
    "minimum": _minimum,
    "where": _where,
    "power": _power,
    "clip": _clip,
    "polygamma": _polygamma,
}
_HOLDS = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
    "==": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
}
