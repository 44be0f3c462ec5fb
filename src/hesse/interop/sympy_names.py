"""The elementwise functions that SymPy and hesse both have, and how SymPy says the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

SAME: Mapping[str, str] = {
    "exp": "exp",
    "log": "log",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "Abs": "abs",
    "sign": "sign",
    "erf": "erf",
    "loggamma": "gammaln",
}
"""Functions of one argument with the same values, SymPy's name first."""

RELATIONS: Mapping[str, str] = {
    "StrictLessThan": "<",
    "LessThan": "<=",
    "StrictGreaterThan": ">",
    "GreaterThan": ">=",
    "Equality": "==",
    "Unequality": "!=",
}

Spelling = Callable[..., Any]


def truth(sp: Any, relation: Any) -> Any:
    """1 where the relation holds, else 0."""
    return sp.Piecewise((1, relation), (0, True))


def choice(sp: Any, condition: Any, yes: Any, no: Any) -> Any:
    """`yes` where the condition is not zero."""
    holds = sp.Ne(condition, 0)
    if isinstance(condition, sp.Piecewise) and [pair.expr for pair in condition.args] == [1, 0]:
        holds = condition.args[0].cond
    return sp.Piecewise((yes, holds), (no, True))


def spellings(sp: Any) -> Mapping[str, Spelling]:
    """How each elementwise function of hesse is written in SymPy."""
    own = {name: getattr(sp, foreign) for foreign, name in SAME.items()}
    relations = {symbol: getattr(sp, name) for name, symbol in RELATIONS.items()}
    return {
        **own,
        **{symbol: lambda a, b, relation=relation: truth(sp, relation(a, b)) for symbol, relation in relations.items()},
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "**": lambda a, b: a**b,
        "power": lambda a, b: a**b,
        "expm1": lambda x: sp.exp(x) - 1,
        "log1p": lambda x: sp.log(1 + x),
        "sqrt": sp.sqrt,
        "relu": lambda x: sp.Max(0, x),
        "step": lambda x: truth(sp, x > 0),
        "sigmoid": lambda x: 1 / (1 + sp.exp(-x)),
        "softplus": lambda x: sp.log(1 + sp.exp(x)),
        "silu": lambda x: x / (1 + sp.exp(-x)),
        "maximum": sp.Max,
        "minimum": sp.Min,
        "where": lambda condition, yes, no: choice(sp, condition, yes, no),
        "clip": lambda x, low, high: sp.Min(sp.Max(x, low), high),
        "gelu": lambda x: x * (1 + sp.erf(x / sp.sqrt(2))) / 2,
        "digamma": sp.digamma,
        "polygamma": sp.polygamma,
    }
