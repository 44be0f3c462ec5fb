"""Expressions as text turned into Python functions: what the vocabulary has and NumPy has not is spelled out."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from hesse.core.declarations import Declarations

_SAME = (
    "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh",
    "sign", "maximum", "minimum", "where", "sum", "mean", "prod", "max", "min", "var", "trace", "diag", "outer", "dot",
    "transpose", "einsum", "kron", "flip", "roll", "cumsum", "tril", "triu", "clip", "pi", "e", "abs",
)  # fmt: skip


def names_of(library: Any) -> dict[str, Any]:
    """The vocabulary in terms of NumPy, or of a library with its names."""
    np = library

    def softmax(x: Any, axis: int | None = None) -> Any:
        return np.exp(x) / np.sum(np.exp(x), axis=axis, keepdims=axis is not None)

    def sigmoid(x: Any) -> Any:
        return 1 / (1 + np.exp(-x))

    return {
        **{name: getattr(np, name) for name in _SAME},
        "sigmoid": sigmoid,
        "softplus": lambda x: np.log(1 + np.exp(x)),
        "relu": lambda x: np.maximum(x, 0),
        "step": lambda x: np.where(x > 0, 1, 0),
        "silu": lambda x: x * sigmoid(x),
        "norm": lambda x, axis=None: np.sqrt(np.sum(x * x, axis=axis)),
        "norm1": lambda x, axis=None: np.sum(np.abs(x), axis=axis),
        "logsumexp": lambda x, axis=None: np.log(np.sum(np.exp(x), axis=axis)),
        "softmax": softmax,
        "log_softmax": lambda x, axis=None: np.log(softmax(x, axis)),
        "diagpart": np.diagonal,
        "inv": np.linalg.inv,
        "solve": np.linalg.solve,
        "det": np.linalg.det,
        "logdet": lambda A: np.log(np.linalg.det(A)),
        "matpow": np.linalg.matrix_power,
        "reshape": lambda A, *sizes: np.reshape(A, sizes[0] if isinstance(sizes[0], tuple) else sizes),
        "stack": lambda *arrays, axis=0: np.stack(arrays, axis=axis),
        "concat": lambda *arrays, axis=0: np.concatenate(arrays, axis=axis),
        "vec": lambda A: np.ravel(A, order="F"),
        "_eye": lambda like, size: np.eye(size, like=like) if hasattr(like, "record") else np.eye(size),
        "_ones": lambda like, sizes: np.ones(sizes, like=like) if hasattr(like, "record") else np.ones(sizes),
    }


class _Stacked(ast.NodeTransformer):
    """Lists become arrays of their items."""

    def visit_List(self, node: ast.List) -> ast.AST:
        """A call of stack."""
        self.generic_visit(node)
        return ast.Call(func=ast.Name(id="stack", ctx=ast.Load()), args=node.elts, keywords=[])


def function_of_text(text: str, declarations: Declarations, library: Any) -> Callable[..., Any] | None:
    """A Python function of the declared variables with the text as its body; None where no shape gives a size."""
    sizes = {
        size.as_name(): f"{entry.name}.shape[{axis}]"
        for entry in declarations.variables.values()
        for axis, size in enumerate(entry.shape)
        if size.as_name()
    }
    if sizes.keys() < set(declarations.size_names) or not declarations.variables:
        return None
    first = next(iter(declarations.variables))
    *definitions, result = text.split("; ")
    lines = [
        f"def function({', '.join(entry.name for entry in declarations)}):",
        *(f"    {name} = {shape}" for name, shape in sizes.items()),
        # Symbolic sizes reach NumPy through an array that takes part.
        f"    eye = lambda size: _eye({first}, size)",
        f"    ones = lambda *sizes: _ones({first}, sizes[0] if isinstance(sizes[0], tuple) else sizes)",
        "    zeros = lambda *sizes: 0*ones(*sizes)",
        *(f"    {line}" for line in definitions),
        f"    return {result}",
    ]
    scope = names_of(library)
    program = ast.fix_missing_locations(_Stacked().visit(ast.parse("\n".join(lines))))
    exec(compile(program, "<spelled>", "exec"), scope)
    function = scope["function"]
    assert callable(function)
    return function
