"""From a Python function to an expression."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.errors import ArgumentError, MissingExtraError, TraceError
from hesse.frontends.elaborate import elaborate
from hesse.frontends.jaxpr.calling import TracedFunction, traced_jax_function
from hesse.frontends.python.calling import traced_function
from hesse.frontends.text import parse_declarations
from hesse.service.expression import Expr


def from_function(function: Callable[..., Any], declarations: str) -> Expr:
    """The expression that a NumPy-style function computes of variables with the declared shapes.

    The function runs once, on values that write down what is done with them. Raises TraceError, with the line, for
    what no expression can say: a branch on a value, a write into an array, a function that is not in the vocabulary.
    A function that `jax.jit` made is read as `from_jax` reads it.

    >>> import hesse as hs
    >>> f = hs.from_function(lambda w, X, y: ((X @ w - y) ** 2).sum(), "w:n X:m,n y:m")
    >>> str(f), str(hs.gradient(f, "w"))
    ('sum((X @ w - y)**2)', '2*X.T @ (X @ w - y)')
    """
    if type(function).__module__.partition(".")[0] in ("jax", "jaxlib"):
        return from_jax(function, declarations)
    declared = _declared(declarations)
    tree, readings = traced_function(function, declared)
    return _expression(tree, declared, readings)


def from_jax(function: Callable[..., Any], declarations: str) -> Expr:
    """The expression that a JAX function computes of variables with the declared shapes, read from its jaxpr.

    JAX traces the function for float64 and symbolic sizes. Raises TraceError for primitives that are not in the
    vocabulary, and MissingExtraError where JAX is not installed.

    >>> import hesse as hs
    >>> import jax.numpy as jnp
    >>> f = hs.from_jax(lambda w, X, y: jnp.sum((X @ w - y) ** 2), "w:n X:m,n y:m")
    >>> str(f), str(hs.gradient(f, "w"))
    ('sum((X @ w - y)**2)', '2*X.T @ (X @ w - y)')
    """
    declared = _declared(declarations)
    if find_spec("jax") is None:
        raise MissingExtraError("JAX is not installed", hint="pip install hesse[jax]")
    import_module("jax.export")
    traced = traced_jax_function(import_module("jax"), function, declared)
    declared = declared.requiring(*traced.required)
    result = _expression(traced.tree, declared, traced.readings)
    _check_held(result, traced, declared)
    return result


def _declared(declarations: str) -> Declarations:
    if not isinstance(declarations, str):
        raise ArgumentError("the declarations are text, such as 'w:n X:m,n y:m'")
    return parse_declarations(declarations)


def _expression(tree: Syntax, declared: Declarations, readings: tuple[str, ...]) -> Expr:
    node, elaboration = elaborate(tree, declared)
    return Expr(tree, declared.requiring(*elaboration.required), node.shape, readings, elaboration)


def _check_held(result: Expr, traced: TracedFunction, declared: Declarations) -> None:
    """Raise unless the values that stop_gradient holds constant make no difference, as the maximum in a softmax.

    Only then has the function the derivative that JAX gives it.
    """
    if traced.with_held is not None and result != _expression(traced.with_held, declared.extended(*traced.held), ()):
        raise TraceError(
            "stop_gradient holds a value constant that makes a difference to the result",
            hint="make the value a parameter, which is constant where the derivative is by another one",
        )
