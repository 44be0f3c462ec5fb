"""A function along a line, t -> f(x + t d): its series at any t, exact where it is a polynomial, and exact zeros.

What is linear in the variables is computed once, as z0 + t z1; only what is not is done again for each t.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import flint
from flint import arb, arb_mat, arb_series, fmpq_poly

from hesse.calculus.components import Symbols
from hesse.calculus.differentiate import forward
from hesse.core.algebra import add, number, scale
from hesse.core.build import times, variable
from hesse.core.interpret import interpret
from hesse.core.nodes import Apply, Contract, Elementwise, Node, Operation, Sum, Variable
from hesse.core.rebuild import substitute, unfold
from hesse.core.tensor import Tensor
from hesse.core.traverse import postorder
from hesse.enclosure.arithmetic import Balls, Entries
from hesse.enclosure.balls import exact, rational
from hesse.enclosure.smoothness import JUMPS, is_continuous
from hesse.models.linear_parts import largest_linear
from hesse.models.place import Place
from hesse.simplify.engine import simplify

MAX_SYMBOLIC = 4000
KINKS = frozenset({"abs", "relu", "clip"})
Number = Any


class Line:
    """One node along a line through a place."""

    def __init__(self, node: Node, place: Place, along: Sequence[Fraction]) -> None:
        self.place = place
        self.along = along
        self.node = unfold(node)
        declared = {part.name: part for part in postorder(self.node) if isinstance(part, Variable)}
        self.moving = {name: declared[name] for name in place.moving if name in declared}
        self.directions = directions(place, along)

    @cached_property
    def _parts(self) -> tuple[Node, dict[str, tuple[list[arb], list[arb], tuple[int, ...]]]]:
        """The node over its linear parts, and z0 and z1 of each."""
        parts = largest_linear(self.node, frozenset(self.moving.values()))
        stand_ins: dict[Node, Node] = {}
        found: dict[str, tuple[list[arb], list[arb], tuple[int, ...]]] = {}
        steps: dict[Variable, Node] = {
            each: variable(f"along {name}", each.shape) for name, each in self.moving.items()
        }
        values = self._constants()
        for part in parts:
            slope = forward(part, steps)
            name = part.name if isinstance(part, Variable) else f"part {len(found)}"
            stand_ins[part] = part if isinstance(part, Variable) else variable(name, part.shape)
            start, rate = (self._balls(each, values) for each in (part, slope))
            found[name] = (start.entries, rate.entries, start.shape)
        return substitute(self.node, stand_ins), found

    def _constants(self) -> dict[str, Tensor[arb]]:
        values = {name: value.map(exact) for name, value in self.place.values.items()}
        values.update({f"along {name}": self.directions[name].map(exact) for name in self.moving})
        return values

    def _balls(self, node: Node, values: Mapping[str, Tensor[arb]]) -> Tensor[arb]:
        if isinstance(node, Sum) and node.terms:
            parts = [(exact(c), self._balls(term, values)) for c, term in node.terms]
            columns = zip(*(part.entries for _, part in parts), strict=True)
            shape = parts[0][1].shape
            return Tensor(
                shape, [sum((c * x for (c, _), x in zip(parts, row, strict=True)), arb(0)) for row in columns]
            )
        if isinstance(node, Contract):
            quick = _matrix_times_vector(node, values)
            if quick is not None:
                return quick
        entries = Entries(Balls(), values)
        return interpret(node, entries, self.place.sizes, self.place.tables)

    def at(self, t: arb, length: int) -> Number:
        """The series in s of the node at t + s, up to the length; for length 1 a ball, which may span a kink.

        `t` may be a wide ball: then each coefficient encloses that of all series in it. Raises Undefined, NotSmooth.
        """
        inner, parts = self._parts
        flint.ctx.cap = length
        values: dict[str, Tensor[Number]] = dict(self._fixed)
        for name, (start, rate, shape) in parts.items():
            moved = [a if b == 0 else a + t * b for a, b in zip(start, rate, strict=True)]
            if length > 1:
                pairs = zip(moved, rate, strict=True)
                values[name] = Tensor(shape, [a if b == 0 else arb_series([a, b]) for a, b in pairs])
                continue
            values[name] = Tensor(shape, moved)
        result: Tensor[Number] = interpret(inner, Entries(Balls(), values), self.place.sizes, self.place.tables)
        return result

    @cached_property
    def _fixed(self) -> dict[str, Tensor[arb]]:
        return {name: value.map(exact) for name, value in self.place.values.items() if name not in self.place.moving}

    def coefficients(self, t: arb, length: int) -> list[arb]:
        """The coefficients of the series of a scalar node."""
        value = self.at(t, length).item
        if isinstance(value, arb):
            return [value, *[arb(0)] * (length - 1)]
        found = list(value.coeffs())
        return (found + [arb(0)] * length)[:length]

    @cached_property
    def polynomial(self) -> fmpq_poly | None:
        """The node as an exact polynomial in t, when it is one with rational coefficients."""
        if self.place.count * len(self.along) > MAX_SYMBOLIC**2:
            return None

        def entry(value: Fraction, step: Fraction) -> fmpq_poly:
            return fmpq_poly([rational(Fraction(value)), rational(step)])

        values: dict[str, Tensor[Number]] = {}
        for name, value in self.place.values.items():
            steps = self.directions[name].entries if name in self.directions else [Fraction(0)] * len(value.entries)
            values[name] = Tensor(value.shape, [entry(v, s) for v, s in zip(value.entries, steps, strict=True)])
        if sum(len(value.entries) for value in values.values()) > MAX_SYMBOLIC:
            return None
        try:
            found = interpret(self.node, _Polynomials(values), self.place.sizes, self.place.tables)
        except _NotPolynomial:
            return None
        polynomial: fmpq_poly = found.item
        return polynomial

    @cached_property
    def symbolic(self) -> Node | None:
        """The scalar node over t; None when it would be too large."""
        return self.entries[0] if self.entries else None

    def derivative_is_zero(self, order: int) -> bool:
        """Whether the derivative of this order by t is proved to vanish at t = 0: its exact form collects to zero."""
        node = self.symbolic
        if node is None:
            return False
        for _ in range(order):
            node = simplify(forward(node, {T: number(1)}))
        return is_zero_number(simplify(substitute(node, {T: number(0)})))

    @cached_property
    def entries(self) -> list[Node]:
        """The entries as scalar nodes of exact numbers and the variable t; none when they would be too large."""
        if sum(len(value.entries) for value in self.place.values.values()) > MAX_SYMBOLIC:
            return []
        reader = _AlongLine(self.place, self.directions)
        found = interpret(self.node, reader, self.place.sizes, self.place.tables).entries
        return [simplify(entry) for entry in found]

    @cached_property
    def is_still(self) -> bool:
        """Whether nothing that moves occurs, or all entries are proved not to depend on t."""
        if not self.moving:
            return True
        return bool(self.entries) and all(_is_flat(entry) and is_continuous(entry) for entry in self.entries)

    @cached_property
    def is_flat(self) -> bool:
        """Whether the derivative by t is proved to be zero: then the node is constant between its jumps."""
        return self.symbolic is not None and _is_flat(self.symbolic)


T = variable("t")


def _is_flat(node: Node) -> bool:
    return is_zero_number(simplify(forward(node, {T: number(1)})))


def is_smooth(root: Node) -> bool:
    """Whether no part of the node has a kink or a jump: then a second derivative of one sign is a curvature."""
    for part in postorder(root):
        if isinstance(part, Apply) and (part.row.truth or part.row.distinct or part.row.name in JUMPS | KINKS):
            return False
        if isinstance(part, Operation):
            return False
    return True


def is_zero_number(node: Node) -> bool:
    """Whether the node is the exact number zero."""
    return node is number(0)


def directions(place: Place, along: Sequence[Fraction]) -> dict[str, Tensor[Fraction]]:
    """The entries of a direction, in the shapes of the variables that move."""
    found: dict[str, Tensor[Fraction]] = {}
    start = 0
    for name in place.moving:
        value = place.values[name]
        count = len(value.entries)
        found[name] = Tensor(value.shape, list(along[start : start + count]))
        start += count
    return found


def _matrix_times_vector(node: Contract, values: Mapping[str, Tensor[arb]]) -> Tensor[arb] | None:
    """u_i (M v)_i for variables, by python-flint's product of matrices; None for any other contraction."""
    if len(node.out) != 1 or len(node.extents) != 2 or not all(isinstance(f, Variable) for f, _ in node.factors):
        return None
    (row,) = node.out
    if not isinstance(row, int):
        return None
    column = 1 - row
    matrix: arb_mat | None = None
    left: list[list[arb]] = []
    right: list[list[arb]] = []
    for factor, axes in node.factors:
        assert isinstance(factor, Variable)
        value = values[factor.name]
        if axes in ((row, column), (column, row)) and matrix is None:
            rows, columns = value.shape
            matrix = arb_mat(rows, columns, value.entries)
            matrix = matrix if axes == (row, column) else matrix.transpose()
        elif axes == (row,):
            left.append(value.entries)
        elif axes == (column,):
            right.append(value.entries)
        else:
            return None
    if matrix is None:
        return None
    vector = _entrywise_product(right, matrix.ncols())
    product = (matrix * arb_mat(matrix.ncols(), 1, vector)).entries()
    return Tensor(
        (matrix.nrows(),), [a * b for a, b in zip(product, _entrywise_product(left, matrix.nrows()), strict=True)]
    )


def _entrywise_product(vectors: Sequence[Sequence[arb]], count: int) -> list[arb]:
    total = [arb(1)] * count
    for vector in vectors:
        total = [a * b for a, b in zip(total, vector, strict=True)]
    return total


class _AlongLine(Symbols):
    """Entries are exact numbers plus t times exact numbers, as nodes."""

    def __init__(self, place: Place, directions: Mapping[str, Tensor[Fraction]]) -> None:
        self.place = place
        self.directions = directions

    def variable(self, node: Variable, shape: tuple[int, ...]) -> Tensor[Node]:
        """The entries along the line."""
        value = self.place.values[node.name]
        if node.name not in self.directions:
            return value.map(lambda entry: number(Fraction(entry)))
        pairs = zip(value.entries, self.directions[node.name].entries, strict=True)
        return Tensor(value.shape, [add([(1, number(Fraction(v))), (1, scale(s, T))], ()) for v, s in pairs])

    def multiply(self, factors: Sequence[Node]) -> Node:
        """The product, multiplied out where it is a polynomial in t: else equal ones need not look equal."""
        total = number(1)
        for factor in factors:
            total = times(total, factor)
        return total


class _NotPolynomial(Exception):
    """A function that is no polynomial."""


class _Polynomials:
    """Entries are exact polynomials in t."""

    def __init__(self, values: Mapping[str, Tensor[Number]]) -> None:
        self.values = values

    def variable(self, node: Variable, shape: tuple[int, ...]) -> Tensor[Number]:
        """The entries given."""
        return self.values[node.name]

    def constant(self, name: str) -> Number:
        """pi and e are not rational."""
        raise _NotPolynomial

    def combine(self, terms: Sequence[tuple[Fraction, Number]]) -> Number:
        """The weighted sum."""
        total = fmpq_poly([0])
        for coefficient, value in terms:
            total = total + value * rational(coefficient)
        return total

    def multiply(self, factors: Sequence[Number]) -> Number:
        """The product."""
        product = fmpq_poly([1])
        for factor in factors:
            product = product * factor
        return product

    def power(self, base: Number, exponent: Fraction) -> Number:
        """A power with a positive integer, or of a constant."""
        if exponent.denominator != 1:
            raise _NotPolynomial
        if exponent > 0:
            return base ** int(exponent)
        if base.degree() > 0 or base[0] == 0:
            raise _NotPolynomial
        return fmpq_poly([(1 / base[0]) ** int(-exponent)])

    def apply(self, row: Elementwise, arguments: Sequence[Number]) -> Number:
        """Exact values at exact numbers only."""
        if row.exact is not None and all(argument.degree() <= 0 for argument in arguments):
            numbers = [Fraction(int(a[0].p), int(a[0].q)) for a in arguments]
            value = row.exact(*numbers)
            if value is not None:
                return fmpq_poly([rational(value)])
        raise _NotPolynomial

    def operate(self, node: Operation, arguments: Sequence[Tensor[Number]], shape: tuple[int, ...]) -> Tensor[Number]:
        """No function of arrays is a polynomial."""
        raise _NotPolynomial

    def call(self, node: Any, argument: Tensor[Number], shape: tuple[int, ...]) -> Tensor[Number]:
        """An undefined function has no values."""
        raise _NotPolynomial
