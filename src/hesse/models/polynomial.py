"""The Taylor polynomial of a function at a place, with float coefficients: values, and its exact enclosure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial, prod
from typing import Any

from flint import arb

from hesse.core.nodes import Node
from hesse.core.tensor import Tensor
from hesse.enclosure.balls import exact, working
from hesse.enclosure.boxes import Box, Setting, as_model, models_over
from hesse.enclosure.polynomials import Exponents, space
from hesse.enclosure.taylor_models import Jet, TaylorModel

Coefficients = Mapping[Exponents, float]


@dataclass(frozen=True, slots=True)
class Polynomial:
    """One output's coefficients by exponents of the entries that move; those that are zero are left out."""

    count: int
    coefficients: Coefficients

    def __call__(self, step: Sequence[float]) -> float:
        """The value at a step."""
        return sum(c * prod(x**e for x, e in zip(step, key, strict=True) if e) for key, c in self.coefficients.items())

    def exactly(self, step: Sequence[Fraction]) -> Fraction:
        """The exact value at an exact step, of the float coefficients."""
        terms = (
            Fraction(c) * prod((x**e for x, e in zip(step, key, strict=True) if e), start=Fraction(1))
            for key, c in self.coefficients.items()
        )
        return sum(terms, Fraction(0))

    def over(self, box: Box, of: Any) -> TaylorModel:
        """The polynomial on a box, as a Taylor model."""
        steps: list[Any] = [
            TaylorModel.variable(of, k, exact(offset), exact(half)) if half else exact(offset)
            for k, (offset, half) in enumerate(zip(box.offsets, box.halves, strict=True))
        ]
        powers: dict[tuple[int, int], Any] = {}

        def power(k: int, exponent: int) -> Any:
            if exponent == 1:
                return steps[k]
            if (k, exponent) not in powers:
                powers[k, exponent] = power(k, exponent - 1) * steps[k]
            return powers[k, exponent]

        total = as_model(arb(0), of)
        for key, coefficient in self.coefficients.items():
            term: Any = arb(coefficient)
            for k, exponent in enumerate(key):
                if exponent:
                    term = power(k, exponent) * term
            total = total + term
        return total


def taylor_coefficients(node: Node, setting: Setting, order: int, precision: int) -> list[TaylorModel]:
    """The series of each entry of the node up to the order: the coefficients enclose the exact ones.

    Raises Undefined where the function has no value, NotSmooth where it has a kink. They are computed like a Taylor
    model of radius one whose rest is not used.
    """
    of = space(setting.count, max(order, 1))
    with working(precision, of.degree + 2):
        (found,) = models_over([node], setting, Box.around(setting.count, Fraction(1)), of, Jet)
        return [as_model(value, of) for value in found.entries]


def derivative_tensor(polynomial: Polynomial, order: int) -> Tensor[float]:
    """The derivatives of one order at the place: each is its coefficient times the factorials of its exponents."""
    shape = (polynomial.count,) * order

    def entry(position: tuple[int, ...]) -> float:
        key = tuple(position.count(k) for k in range(polynomial.count))
        return polynomial.coefficients.get(key, 0.0) * prod(map(factorial, key))

    return Tensor.build(shape, entry)
