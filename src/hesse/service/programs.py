"""Several expressions compiled together: one function that shares what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hesse.codegen import compile_function, find_target
from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.errors import ArgumentError
from hesse.service.batches import batch_names, batch_size, batched
from hesse.service.expression import Expr
from hesse.service.joint_structure import JointStructure
from hesse.service.scopes import merged
from hesse.service.structured import require_structure


def compile(  # noqa: A001
    expressions: Mapping[str, Expr],
    backend: str = "numpy",
    *,
    batch: str | Sequence[str] | None = None,
    structure: str = "dense",
) -> Callable[..., Any]:
    """One function of all declared variables that returns the values of all expressions in a dictionary, by name.

    What the expressions share is computed once. The variables named in `batch` have a new first axis, one entry for
    each point, and so have all results. With `structure="keep"`, Jacobians, Hessians and matrices come as objects that
    keep their proved structure, as `Expr.compile` gives them. Raises ArgumentError for an unknown backend or for what
    is no expression, DeclarationError where declarations contradict each other.

    >>> import hesse as hs
    >>> f = hs.parse("sum(exp(x))", "x:n")
    >>> both = hs.compile({"value": f, "gradient": hs.gradient(f)})
    >>> both(x=[0.0, 0.0])
    {'value': np.float64(2.0), 'gradient': array([1., 1.])}
    """
    target = find_target(backend)
    require_structure(structure, backend, batch)
    if structure == "dense":
        return compile_function(*together(expressions, batch), target)
    return JointStructure(expressions, together(expressions)[1], target)


def together(
    expressions: Mapping[str, Expr], batch: str | Sequence[str] | None = None
) -> tuple[Mapping[str, Syntax], Declarations]:
    """The trees of the expressions by name, and the declarations of all of them."""
    if not isinstance(expressions, Mapping) or not expressions:
        raise ArgumentError(
            "compile takes expressions by name", hint='write hs.compile({"value": f, "gradient": hs.gradient(f)})'
        )
    for name, expression in expressions.items():
        if not isinstance(name, str) or not isinstance(expression, Expr):
            raise ArgumentError(f"compile takes expressions by name; {name!r} is {type(expression).__name__}")
    declared = merged(*(expression._declarations for expression in expressions.values()))
    if batch is None:
        return {name: expression.program_tree for name, expression in expressions.items()}, declared
    names, size = batch_names(batch), batch_size(declared)
    # All get all declarations, so that a result without the variable is repeated along the batch.
    every = {name: batched(e.node, e.exact_tree, declared, names, size) for name, e in expressions.items()}
    return {name: tree for name, (tree, _) in every.items()}, next(iter(every.values()))[1]
