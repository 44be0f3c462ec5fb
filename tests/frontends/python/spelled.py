"""Expressions as text turned into Python functions: what the vocabulary has and NumPy has not is spelled out."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from hesse.core.declarations import Declarations


def _logsumexp(x: Any, axis: int | None = None) -> Any:
    return np.log(np.sum(np.exp(x), axis=axis))


def _softmax(x: Any, axis: int | None = None) -> Any:
    return np.exp(x) / np.sum(np.exp(x), axis=axis, keepdims=True) if np.ndim(x) else 0 * x + 1


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


NAMES: dict[str, Any] = {
    "sigmoid": _sigmoid,
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "relu": lambda x: np.maximum(x, 0),
    "step": lambda x: np.where(x > 0, 1, 0),
    "silu": lambda x: x * _sigmoid(x),
    "norm": lambda x, axis=None: np.sqrt(np.sum(x * x, axis=axis)),
    "norm1": lambda x, axis=None: np.sum(np.abs(x), axis=axis),
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": lambda x, axis=None: np.log(_softmax(x, axis)),
    "diagpart": np.diagonal,
    "inv": np.linalg.inv,
    "solve": np.linalg.solve,
    "det": np.linalg.det,
    "logdet": lambda A: np.log(np.linalg.det(A)),
    "matpow": np.linalg.matrix_power,
    "stack": lambda *arrays, axis=0: np.stack(arrays, axis=axis),
    "concat": lambda *arrays, axis=0: np.concatenate(arrays, axis=axis),
    "vec": lambda A: np.ravel(A, order="F"),
    **{
        name: getattr(np, name)
        for name in (
            "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh",
            "tanh", "sign", "maximum", "minimum", "where", "sum", "mean", "prod", "max", "min", "var", "trace", "diag",
            "outer", "dot", "transpose", "einsum", "kron", "reshape", "flip", "roll", "cumsum", "tril", "triu", "clip",
            "pi", "e",
        )
    },
    "abs": np.abs,
}  # fmt: skip


class _Stacked(ast.NodeTransformer):
    """Lists become arrays of their items."""

    def visit_List(self, node: ast.List) -> ast.AST:
        """np.stack of the items."""
        self.generic_visit(node)
        return ast.Call(func=ast.Name(id="stack", ctx=ast.Load()), args=node.elts, keywords=[])


def _sizes(sizes: tuple[Any, ...]) -> tuple[Any, ...]:
    return sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple) else sizes


def function_of_text(text: str, declarations: Declarations) -> Callable[..., Any]:
    """A Python function of the declared variables (and sizes) with the text as its body."""
    *definitions, result = text.split("; ")
    names = [*(entry.name for entry in declarations), *declarations.size_names]
    first = next(iter(declarations.variables))
    lines = [
        f"def function({', '.join(names)}):",
        # Symbolic sizes reach NumPy through an array that takes part.
        f"    eye = lambda size: _eye({first}, size)",
        f"    ones = lambda *sizes: _ones({first}, sizes)",
        "    zeros = lambda *sizes: 0*ones(*sizes)",
        *(f"    {line}" for line in definitions),
        f"    return {result}",
    ]
    program = ast.fix_missing_locations(_Stacked().visit(ast.parse("\n".join(lines))))
    scope = {
        **NAMES,
        "_eye": lambda like, size: np.eye(size, like=like),
        "_ones": lambda like, sizes: np.ones(_sizes(sizes), like=like),
    }
    exec(compile(program, "<spelled>", "exec"), scope)
    function = scope["function"]
    assert callable(function)
    return function
