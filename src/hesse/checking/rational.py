"""Nodes as polynomials over atoms, by what is known of exponentials, roots, waves and absolute values.

Every step is an equation that holds wherever both sides are defined, but for single points: exp(a + b) = exp(a)exp(b),
tanh in exponentials, cos² = 1 - sin², |u|² = u². A logarithm is taken apart only where its factors are known to be
positive, a choice only between numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import prod

from hesse.checking.expansion import expanded, terms
from hesse.checking.polynomials import UNIT, Atom, Monomial, Polynomial
from hesse.core.algebra import contract, number, number_value, power
from hesse.core.build import apply, minus, plus, times, total, variable
from hesse.core.nodes import Apply, Axis, Constant, Contract, Let, Node, Operation, Power, Sum
from hesse.core.nodes import Variable as VariableNode
from hesse.core.rebuild import substitute
from hesse.core.traverse import postorder
from hesse.errors import LimitError
from hesse.facts.values import values
from hesse.functions import elementwise as rows

MAX_ANGLE = 6
FRAME = "?frame"
HALF = Fraction(1, 2)


def vanishes(node: Node, deadline: float) -> bool:
    """Whether the node is proved to be zero wherever it is defined. Raises LimitError where that takes too long.

    The terms are sorted by what their elementwise factors are multiplied with: X.T @ f + X.T @ g is zero if f + g is.
    """
    ring = _Ring(deadline)
    sums: dict[Node, Polynomial] = {}
    rest: list[tuple[Node, Polynomial]] = []
    for term in terms(expanded(node)):
        coefficient, alone = Fraction(1), term
        if isinstance(term, Sum) and len(term.terms) == 1:
            ((coefficient, alone),) = term.terms
        frame, share = ring.split(alone)
        if frame is None:
            rest.append((alone, Polynomial.number(coefficient)))
        else:
            sums[frame] = sums.get(frame, Polynomial.number(0)) + share.scaled(coefficient)
    return all(share.vanishes() for share in _joined(sums, rest).values())


def _joined(sums: Mapping[Node, Polynomial], rest: Sequence[tuple[Node, Polynomial]]) -> dict[Node, Polynomial]:
    """The sums with the terms that have no elementwise factors, each in the frame that is the term with ones in it."""
    found = dict(sums)
    bare = {substitute(frame, _ones(frame)): frame for frame in sums}
    for term, share in rest:
        frame = bare.get(term, term)
        found[frame] = found.get(frame, Polynomial.number(0)) + share
    return found


def _ones(frame: Node) -> dict[Node, Node]:
    return {
        node: number(1, node.shape)
        for node in postorder(frame)
        if isinstance(node, VariableNode) and node.name == FRAME
    }


class _Ring:
    """The polynomials of nodes; each node is read once."""

    def __init__(self, deadline: float) -> None:
        self._known: dict[Node, Polynomial] = {}
        self._deadline = deadline

    def split(self, term: Node) -> tuple[Node | None, Polynomial]:
        """The term as elementwise factors within a frame, which is None where it has no such factors."""
        if isinstance(term, VariableNode) and term.rank > 1:
            return None, Polynomial.number(1)
        if not isinstance(term, Contract) or _entrywise(term):
            return variable(FRAME, term.shape), self.read(term)
        active = _active(term)
        inside = [factor for factor, axes in term.factors if axes in ((), active)]
        if not inside:
            return None, Polynomial.number(1)
        outside = [(factor, axes) for factor, axes in term.factors if axes not in ((), active)]
        shape = tuple(term.extents[axis] for axis in active if isinstance(axis, int))
        stand_in = (variable(FRAME, shape), active)
        frame = contract([*outside, stand_in], term.out, dict(enumerate(term.extents)), term.shape)
        return frame, prod((self.read(factor) for factor in inside), start=Polynomial.number(1))

    def read(self, node: Node) -> Polynomial:
        """The polynomial of a node whose parts are read entry by entry."""
        if node not in self._known:
            if time.monotonic() > self._deadline:
                raise LimitError("the time for a proof is up")
            self._known[node] = self._read(node)
        return self._known[node]

    def _read(self, node: Node) -> Polynomial:
        match node:
            case Let(node=inner):
                return self.read(inner)
            case Sum(terms=found):
                return sum((self.read(term).scaled(c) for c, term in found), start=Polynomial.number(0))
            case Contract() if _entrywise(node):
                return prod((self.read(factor) for factor, _ in node.factors), start=Polynomial.number(1))
            case Power(base=base, exponent=exponent):
                return self.read(base).power(exponent)
            case Constant(name="e"):
                return self._exponential(Polynomial.number(1))
            case Apply(row=row, arguments=arguments) if row.name in _APART:
                return _APART[row.name](self, *map(self.read, arguments))
            case Apply(row=row, arguments=arguments) if row.name in _SPELLED:
                return self.read(_SPELLED[row.name](*arguments))
            case Operation(row=row, arguments=(argument,), axis=None) if row.name in _SPELLED:
                return self.read(_SPELLED[row.name](argument))
            case Apply(row=row, arguments=arguments):
                key = f"{row.name}({'; '.join(self.read(argument).key for argument in arguments)})"
                return Polynomial.atom(Atom("function", key, None, values(node).positive))
            case _:
                return Polynomial.atom(Atom("node", node.digest.hex(), None, values(node).positive))

    def _exponential(self, of: Polynomial) -> Polynomial:
        """exp of a sum is a product; exp of a logarithm undoes it."""
        result = Polynomial.number(1)
        for monomial, coefficient in of.terms.items():
            logarithm = _only(monomial, "log")
            if logarithm is not None and logarithm.inner is not None:
                result = result * logarithm.inner.power(coefficient)
            else:
                of_one = Polynomial({monomial: Fraction(1)})
                result = result * Polynomial.atom(Atom("exp", of_one.key, of_one, True), coefficient)
        return result

    def _logarithm(self, of: Polynomial) -> Polynomial:
        """log of a product of what is positive is a sum."""
        alone = of.single
        if alone is None or alone[1] <= 0 or not all(atom.positive for atom, _ in alone[0]):
            return Polynomial.atom(Atom("log", of.key, of))
        monomial, coefficient = alone
        result = Polynomial.number(0)
        if coefficient != 1:
            result = Polynomial.atom(Atom("log", str(coefficient), Polynomial.number(coefficient)))
        for atom, exponent in monomial:
            inner = atom.inner if atom.kind == "exp" else None
            one = Polynomial.atom(atom)
            share = inner if inner is not None else Polynomial.atom(Atom("log", one.key, one))
            result = result + share.scaled(exponent)
        return result

    def _absolute(self, of: Polynomial) -> Polynomial:
        """|u|, with the sign of u chosen so that |u| = |-u|."""
        factor, shared, monic = of.normalised() if of.terms else (Fraction(0), UNIT, of)
        if not factor:
            return of
        rest = monic * Polynomial({shared: Fraction(1)})
        return Polynomial.atom(Atom("abs", rest.key, rest)).scaled(abs(factor))

    def _wave(self, of: Polynomial) -> tuple[Polynomial, Polynomial]:
        """The sine and the cosine, by the theorems of addition."""
        sine, cosine = Polynomial.number(0), Polynomial.number(1)
        for monomial, coefficient in of.terms.items():
            angle = Polynomial({monomial: Fraction(1)})
            count = coefficient
            if coefficient.denominator != 1 or abs(coefficient) > MAX_ANGLE:
                angle, count = angle.scaled(abs(coefficient)), Fraction(1 if coefficient > 0 else -1)
            s, c = Polynomial.atom(Atom("sin", angle.key, angle)), Polynomial.atom(Atom("cos", angle.key, angle))
            if count < 0:
                s = s.scaled(-1)
            for _ in range(int(abs(count))):
                sine, cosine = sine * c + cosine * s, cosine * c + (sine * s).scaled(-1)
        return sine, cosine

    def _sign(self, of: Polynomial) -> Polynomial:
        return of * self._absolute(of).power(Fraction(-1))

    def _step(self, of: Polynomial) -> Polynomial:
        return (Polynomial.number(1) + self._sign(of)).scaled(HALF)

    def _larger(self, one: Polynomial, other: Polynomial) -> Polynomial:
        return (one + other + self._absolute(one + other.scaled(-1))).scaled(HALF)

    def _smaller(self, one: Polynomial, other: Polynomial) -> Polynomial:
        return (one + other + self._absolute(one + other.scaled(-1)).scaled(-1)).scaled(HALF)


def _only(monomial: Monomial, kind: str) -> Atom | None:
    """The atom that the monomial is, if it is of that kind."""
    if len(monomial) != 1:
        return None
    ((atom, exponent),) = monomial
    return atom if atom.kind == kind and exponent == 1 else None


def _entrywise(node: Contract) -> bool:
    """Whether the factors are multiplied entry by entry; scalars go with every entry."""
    labels = tuple(range(node.rank))
    return (
        node.out == labels and len(node.extents) == node.rank and all(axes in ((), labels) for _, axes in node.factors)
    )


def _active(term: Contract) -> tuple[Axis, ...]:
    """The axes on which the most involved of the elementwise factors stand; none where there are no such factors."""
    places: Sequence[tuple[Axis, ...]] = [
        axes
        for factor, axes in term.factors
        if len(axes) == 1 and isinstance(axes[0], int) and not isinstance(factor, VariableNode)
    ]
    return min(places, key=str, default=())


def _choice(condition: Node, one: Node, other: Node) -> Node:
    """where(c, a, b) for numbers a and b: b + (a - b)*c. Formulas may have no value where they are not chosen."""
    first, second = number_value(one), number_value(other)
    if first is None or second is None:
        return variable(f"?choice {condition.digest.hex()} {one.digest.hex()} {other.digest.hex()}", one.shape)
    return plus(number(second, condition.shape), times(first - second, condition))


_APART: Mapping[str, Callable[..., Polynomial]] = {
    "exp": _Ring._exponential,
    "log": _Ring._logarithm,
    "abs": _Ring._absolute,
    "sign": _Ring._sign,
    "step": _Ring._step,
    "maximum": _Ring._larger,
    "minimum": _Ring._smaller,
    "sin": lambda ring, u: ring._wave(u)[0],
    "cos": lambda ring, u: ring._wave(u)[1],
    "tan": lambda ring, u: ring._wave(u)[0] * ring._wave(u)[1].power(Fraction(-1)),
    "relu": lambda ring, u: ring._larger(u, Polynomial.number(0)),
}
"""Functions whose values are polynomials of polynomials."""


def _reciprocal(node: Node) -> Node:
    return power(node, Fraction(-1))


def _e(node: Node) -> Node:
    return apply(rows.EXP, node)


_SPELLED: Mapping[str, Callable[..., Node]] = {
    "sigmoid": lambda u: _reciprocal(plus(1, _e(times(-1, u)))),
    "tanh": lambda u: minus(1, times(2, _reciprocal(plus(1, _e(times(2, u)))))),
    "sinh": lambda u: times(HALF, minus(_e(u), _e(times(-1, u)))),
    "cosh": lambda u: times(HALF, plus(_e(u), _e(times(-1, u)))),
    "expm1": lambda u: minus(_e(u), 1),
    "log1p": lambda u: apply(rows.LOG, plus(1, u)),
    "softplus": lambda u: apply(rows.LOG, plus(1, _e(u))),
    "silu": lambda u: times(u, apply(rows.SIGMOID, u)),
    "power": lambda base, exponent: _e(times(exponent, apply(rows.LOG, base))),
    "where": _choice,
    ">": lambda left, right: apply(rows.STEP, minus(left, right)),
    ">=": lambda left, right: apply(rows.STEP, minus(left, right)),
    "<": lambda left, right: apply(rows.STEP, minus(right, left)),
    "<=": lambda left, right: apply(rows.STEP, minus(right, left)),
    "norm": lambda u: power(total(power(u, Fraction(2))), HALF),
    "softmax": lambda u: times(_e(u), _reciprocal(total(_e(u)))),
    "logsumexp": lambda u: apply(rows.LOG, total(_e(u))),
    "log_softmax": lambda u: minus(u, apply(rows.LOG, total(_e(u)))),
}
"""Functions in others."""
