"""What is often taken for the derivative of a function: its integral, the derivative of another function, a half of it.

Data for the mutations of the rules: forms in the argument u and the function's own value y.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from hesse.core.algebra import add, number, power, scale
from hesse.core.build import apply, minus, times
from hesse.core.nodes import Node
from hesse.functions import elementwise as rows

Form: TypeAlias = Callable[[Node, Node], Node]
"""A node made of the value y and the argument u."""

INTEGRALS: Mapping[str, Callable[[Node], Node]] = MappingProxyType(
    {
        "sin": lambda u: scale(-1, apply(rows.COS, u)),
        "cos": lambda u: apply(rows.SIN, u),
        "sinh": lambda u: apply(rows.COSH, u),
        "cosh": lambda u: apply(rows.SINH, u),
        "tan": lambda u: scale(-1, apply(rows.LOG, apply(rows.COS, u))),
        "log": lambda u: minus(times(u, apply(rows.LOG, u)), u),
        "sigmoid": lambda u: apply(rows.SOFTPLUS, u),
        "tanh": lambda u: apply(rows.LOG, apply(rows.COSH, u)),
        "relu": lambda u: scale(Fraction(1, 2), power(apply(rows.RELU, u), Fraction(2))),
        "step": lambda u: apply(rows.RELU, u),
        "sign": lambda u: apply(rows.ABS, u),
    }
)
"""Integrals of elementwise functions, which are taken for derivatives."""

CONFUSED: Mapping[str, tuple[tuple[Form, str], ...]] = MappingProxyType(
    {
        "sigmoid": (
            (lambda y, u: minus(1, y), "1 minus itself"),
            (lambda y, u: power(y, Fraction(2)), "its square"),
            (lambda y, u: minus(1, power(y, Fraction(2))), "1 minus its square: that is the derivative of tanh"),
            (lambda y, u: times(y, minus(y, 1)), "s·(s − 1)"),
            (lambda y, u: times(u, minus(1, u)), "u·(1 − u) with its argument u"),
        ),
        "tanh": (
            (lambda y, u: minus(1, y), "1 minus itself"),
            (lambda y, u: add([(1, number(1, y.shape)), (1, power(y, Fraction(2)))], y.shape), "1 plus its square"),
            (lambda y, u: times(y, minus(1, y)), "t·(1 − t): that is the derivative of the sigmoid"),
            (lambda y, u: minus(1, power(u, Fraction(2))), "1 − u² with its argument u"),
            (lambda y, u: power(minus(1, y), Fraction(2)), "(1 − t)²"),
        ),
        "log": (
            (lambda y, u: power(y, Fraction(-1)), "1 over itself"),
            (lambda y, u: u, "its argument"),
        ),
        "exp": (
            (lambda y, u: times(u, y), "its argument times itself"),
            (lambda y, u: times(u, apply(rows.EXP, minus(u, 1))), "u·exp(u − 1): the power rule is not for exponents"),
        ),
        "tan": (
            (lambda y, u: power(apply(rows.COS, u), Fraction(-1)), "1/cos"),
            (lambda y, u: power(apply(rows.COS, u), Fraction(2)), "cos²"),
        ),
        "softplus": ((lambda y, u: apply(rows.EXP, u), "exp"),),
        "relu": ((lambda y, u: apply(rows.SIGN, u), "the sign"),),
        "abs": (
            (lambda y, u: apply(rows.STEP, u), "the step"),
            (lambda y, u: u, "its argument"),
        ),
    }
)
"""What is often taken for the derivative of an elementwise function y of u."""

CONFUSED_ARRAYS: Mapping[str, tuple[tuple[Form, tuple[str, ...], str], ...]] = MappingProxyType(
    {
        "logsumexp": (
            (
                lambda y, u: apply(rows.EXP, u),
                ("chain-outer",),
                "the outer derivative, that of the logarithm, is missing",
            ),
            (
                lambda y, u: apply(rows.SIGMOID, u),
                ("wrong-derivative", "off-diagonal"),
                "the derivative of `{0}` is the softmax of `{1}`, not its sigmoid",
            ),
        ),
        "norm": (
            (
                lambda y, u: scale(2, u),
                ("wrong-derivative", "chain-outer"),
                "this is the derivative of the square of `{0}`",
            ),
        ),
        "norm1": (
            (
                lambda y, u: apply(rows.STEP, u),
                ("wrong-derivative",),
                "the derivative of `{0}` is the sign, not the step",
            ),
            (lambda y, u: number(1, u.shape), ("chain-outer",), "the outer derivative, that of `{0}`, is missing"),
        ),
    }
)
"""What is often taken for the derivative of a function of whole arrays y by an entry of u."""
