"""From a Python function to an expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hesse.errors import ArgumentError
from hesse.frontends.elaborate import elaborate
from hesse.frontends.python.calling import traced_function
from hesse.frontends.text import parse_declarations
from hesse.service.expression import Expr


def from_function(function: Callable[..., Any], declarations: str) -> Expr:
    """The expression that a NumPy-style function computes of variables with the declared shapes.

    The function runs once, on values that write down what is done with them. Raises TraceError, with the line, for
    what no expression can say: a branch on a value, a write into an array, a function that is not in the vocabulary.

    >>> import hesse as hs
    >>> f = hs.from_function(lambda w, X, y: ((X @ w - y) ** 2).sum(), "w:n X:m,n y:m")
    >>> str(f), str(hs.gradient(f, "w"))
    ('sum((X @ w - y)**2)', '2*X.T @ (X @ w - y)')
    """
    if not isinstance(declarations, str):
        raise ArgumentError("the declarations are text, such as 'w:n X:m,n y:m'")
    declared = parse_declarations(declarations)
    tree, readings = traced_function(function, declared)
    node, elaboration = elaborate(tree, declared)
    return Expr(tree, declared.requiring(*elaboration.required), node.shape, readings)
