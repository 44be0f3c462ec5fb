"""Running a traced JAX program with NumPy: differentiation is JAX's, arithmetic NumPy's.

JAX compiles every operation for every shape anew, which takes seconds for a Hessian; tracing takes milliseconds, and
NumPy needs no compiling. A primitive that has no line here is run by JAX itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np
import scipy.special  # type: ignore[import-untyped]
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

Rule = Callable[..., Any]


def run(program: ClosedJaxpr, *arguments: Any) -> list[Any]:
    """The values of a traced program."""
    with np.errstate(all="ignore"):
        return _run(program.jaxpr, program.consts, arguments)


def _run(program: Jaxpr, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
    values: dict[Any, Any] = {}
    values.update(zip(program.constvars, map(np.asarray, constants), strict=True))
    values.update(zip(program.invars, arguments, strict=True))

    def value(atom: Any) -> Any:
        return np.asarray(atom.val) if isinstance(atom, Literal) else values[atom]

    for equation in program.eqns:
        inputs = [value(atom) for atom in equation.invars]
        inner = inner_program(equation.params)
        if inner is not None:
            outputs = _run(inner.jaxpr, inner.consts, inputs)
        elif equation.primitive.name in RULES:
            result = RULES[equation.primitive.name](*inputs, **equation.params)
            outputs = list(result) if equation.primitive.multiple_results else [result]
        else:
            bind = equation.primitive.bind
            result = bind(*map(jax.numpy.asarray, inputs), **equation.params)  # type: ignore[no-untyped-call]
            outputs = [np.asarray(r) for r in (result if equation.primitive.multiple_results else [result])]
        values.update(zip(equation.outvars, outputs, strict=True))
    return [value(atom) for atom in program.outvars]


def inner_program(parameters: Mapping[str, Any]) -> ClosedJaxpr | None:
    """The program that a call (jit, custom_jvp) carries."""
    inner = parameters.get("jaxpr", parameters.get("call_jaxpr"))
    return inner if isinstance(inner, ClosedJaxpr) else None


def _broadcast(operand: Any, *dynamic: Any, shape: tuple[int, ...], broadcast_dimensions: Any, **rest: Any) -> Any:
    expanded = [1] * len(shape)
    for size, place in zip(operand.shape, broadcast_dimensions, strict=True):
        expanded[place] = size
    return np.broadcast_to(operand.reshape(expanded), shape)


def _dot(left: Any, right: Any, *, dimension_numbers: Any, **rest: Any) -> Any:
    return contracted(left, right, dimension_numbers)


def contracted(left: Any, right: Any, dimension_numbers: Any, extra: int | None = None) -> Any:
    """JAX's dot_general. With `extra`, the left (0) or right (1) operand has one more last axis, which is kept last."""
    (left_joined, right_joined), (left_batch, right_batch) = dimension_numbers
    left_labels = list(range(left.ndim))
    right_labels = [left.ndim + k for k in range(right.ndim)]
    for a, b in (*zip(left_joined, right_joined, strict=True), *zip(left_batch, right_batch, strict=True)):
        right_labels[b] = left_labels[a]
    out = [left_labels[k] for k in left_batch]
    out += [label for k, label in enumerate(left_labels) if k not in (*left_batch, *left_joined)]
    out += [label for k, label in enumerate(right_labels) if k not in (*right_batch, *right_joined)]
    if extra is not None:
        last = (left_labels, right_labels)[extra][-1]
        out = [*(label for label in out if label != last), last]
    return np.einsum(left, left_labels, right, right_labels, out)


def _pad(operand: Any, value: Any, *, padding_config: Any) -> Any:
    shape = [low + high + size + max(size - 1, 0) * inner for size, (low, high, inner) in _zip(operand, padding_config)]
    result = np.full(shape, value, operand.dtype)
    places = tuple(slice(low, low + (size - 1) * (inner + 1) + 1 if size else low, inner + 1)
                   for size, (low, high, inner) in _zip(operand, padding_config))  # fmt: skip
    result[places] = operand
    return result


def _zip(operand: Any, config: Any) -> Any:
    return zip(operand.shape, config, strict=True)


def _slice(operand: Any, *, start_indices: Any, limit_indices: Any, strides: Any) -> Any:
    steps = strides or (1,) * operand.ndim
    return operand[tuple(map(slice, start_indices, limit_indices, steps))]


def _select(which: Any, *cases: Any) -> Any:
    return np.where(which, cases[1], cases[0]) if which.dtype == bool else np.choose(which, cases)


def _iota(dtype: Any, shape: tuple[int, ...], dimension: int) -> Any:
    across = [size if axis == dimension else 1 for axis, size in enumerate(shape)]
    return np.broadcast_to(np.arange(shape[dimension], dtype=dtype).reshape(across), shape)


def _elementwise(function: Rule) -> Rule:
    return lambda *operands, **rest: function(*operands)


def _reduce(function: Rule) -> Rule:
    return lambda operand, *, axes, **rest: function(operand, axis=tuple(axes))


_PLAIN: Mapping[str, Rule] = {
    "add": np.add, "add_any": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
    "pow": np.power, "max": np.maximum, "min": np.minimum, "exp": np.exp, "expm1": np.expm1, "log": np.log,
    "log1p": np.log1p, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x), "cbrt": np.cbrt, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh,
    "cosh": np.cosh, "tanh": np.tanh, "abs": np.abs, "sign": np.sign, "square": np.square, "copy": np.copy,
    "logistic": scipy.special.expit, "erf": scipy.special.erf, "lgamma": scipy.special.gammaln,
    "digamma": scipy.special.digamma, "polygamma": scipy.special.polygamma, "copy_p": np.copy,
    "stop_gradient": np.asarray,
    "gt": np.greater, "lt": np.less, "ge": np.greater_equal, "le": np.less_equal, "eq": np.equal, "ne": np.not_equal,
    "and": np.logical_and, "or": np.logical_or, "not": np.logical_not, "is_finite": np.isfinite,
    "select_n": _select,
}  # fmt: skip

RULES: Mapping[str, Rule] = {
    **{name: _elementwise(function) for name, function in _PLAIN.items()},
    "integer_pow": lambda x, *, y: np.asarray(x, float) ** y,
    "convert_element_type": lambda x, *, new_dtype, **rest: np.asarray(x, new_dtype),
    "reduce_sum": _reduce(np.sum),
    "reduce_max": _reduce(np.max),
    "reduce_min": _reduce(np.min),
    "reduce_prod": _reduce(np.prod),
    "reduce_and": _reduce(np.all),
    "reduce_or": _reduce(np.any),
    "transpose": lambda x, *, permutation: np.transpose(x, permutation),
    "reshape": lambda x, *, new_sizes, **rest: np.reshape(x, new_sizes),
    "squeeze": lambda x, *, dimensions: np.squeeze(x, tuple(dimensions)),
    "expand_dims": lambda x, *, dimensions: np.expand_dims(x, tuple(dimensions)),
    "concatenate": lambda *parts, dimension: np.concatenate(parts, dimension),
    "stack": lambda *parts, axis: np.stack(parts, axis),
    "unstack": lambda x, *, axis, **rest: list(np.moveaxis(x, axis, 0)),
    "rev": lambda x, *, dimensions: np.flip(x, tuple(dimensions)),
    "iota": lambda *, dtype, shape, dimension, **rest: _iota(dtype, shape, dimension),
    "split": lambda x, *, sizes, axis: np.split(x, np.cumsum(sizes)[:-1], axis),
    "broadcast_in_dim": _broadcast,
    "dot_general": _dot,
    "pad": _pad,
    "slice": _slice,
}
