"""The names that can be called, with the few that the tables of functions do not hold."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from hesse.core.function import Construction
from hesse.functions import ALIASES, FUNCTIONS

# The derivative of an undefined function, by the order it means without a number.
DERIVATIVES = {"grad": 1, "jac": 1, "hess": 2, "diff": 1}
# With two arguments these are the elementwise functions.
PAIRWISE = {"max": "maximum", "min": "minimum"}
# These take their arrays one by one or in a list.
LISTED = frozenset(row.name for row in FUNCTIONS.values() if isinstance(row, Construction) and row.arity is None)

_REPLACEMENTS = {
    "log10": "log(x)/log(10)",
    "log2": "log(x)/log(2)",
    "pow": "x**k",
    "square": "x**2",
    "matmul": "A @ B",
    "multiply": "x*y",
    "divide": "x/y",
    "asin": "arcsin(x)",
    "acos": "arccos(x)",
    "atan": "arctan(x)",
    "logistic": "sigmoid(x)",
    "cot": "1/tan(x)",
    "sec": "1/cos(x)",
    "csc": "1/sin(x)",
    "not": "1 - (x > 0)",
    "and": "(a > 0)*(b > 0)",
    "or": "maximum(a > 0, b > 0)",
}


def canonical(name: str) -> str | None:
    """The canonical name of a function of the vocabulary, or None."""
    name = ALIASES.get(name, name)
    return name if name in FUNCTIONS else None


def reserved(name: str) -> bool:
    """Whether the name cannot be a variable's, because it is a function's."""
    return canonical(name) is not None or name in DERIVATIVES or name in PAIRWISE


def replacement(name: str) -> str:
    """What to write instead of a function that others have and the vocabulary has not; empty when nothing is known."""
    return _REPLACEMENTS.get(name, "")


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The most similar of the names, or None when none is similar."""
    return next(iter(difflib.get_close_matches(name, sorted(names), 1)), None)


def nearest_function(name: str, declared: Iterable[str]) -> str | None:
    """The most similar name of a function, declared or of the vocabulary, or None."""
    names = {key for key in (*FUNCTIONS, *ALIASES, *DERIVATIVES) if key.isidentifier()}
    return nearest(name, names | set(declared))
