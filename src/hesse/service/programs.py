"""Several expressions compiled together: one function that shares what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hesse.codegen import compile_function, emit, find_target
from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.errors import ArgumentError
from hesse.service.expression import Expr
from hesse.service.scopes import merged


def compile(expressions: Mapping[str, Expr], backend: str = "numpy") -> Callable[..., Any]:  # noqa: A001
    """One function of all declared variables that returns the values of all expressions in a dictionary, by name.

    What the expressions share is computed once. Raises ArgumentError for an unknown backend or for what is no
    expression, DeclarationError where declarations contradict each other.

    >>> import hesse as hs
    >>> f = hs.parse("sum(exp(x))", "x:n")
    >>> both = hs.compile({"value": f, "gradient": hs.gradient(f)})
    >>> both(x=[0.0, 0.0])
    {'value': np.float64(2.0), 'gradient': array([1., 1.])}
    """
    return compile_function(*together(expressions), find_target(backend))


def source(expressions: Mapping[str, Expr], backend: str = "numpy", name: str = "f") -> str:
    """The source of the function that `compile` makes."""
    return emit(*together(expressions), find_target(backend), name)


def together(expressions: Mapping[str, Expr]) -> tuple[Mapping[str, Syntax], Declarations]:
    """The trees of the expressions by name, and the declarations of all of them."""
    if not isinstance(expressions, Mapping) or not expressions:
        raise ArgumentError(
            "compile takes expressions by name", hint='write hs.compile({"value": f, "gradient": hs.gradient(f)})'
        )
    for name, expression in expressions.items():
        if not isinstance(name, str) or not isinstance(expression, Expr):
            raise ArgumentError(f"compile takes expressions by name; {name!r} is {type(expression).__name__}")
    trees = {name: expression.program_tree for name, expression in expressions.items()}
    return trees, merged(*(expression._declarations for expression in expressions.values()))
