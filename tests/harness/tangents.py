"""Running a traced JAX program with NumPy on values and on their tangents along many directions at once.

JAX traces and differentiates once; the slopes of that program are taken here, by the derivative of each primitive from
a table of calculus. Tracing JAX's second derivative takes longer than all the rest. A tangent has the directions as a
further last axis, so that what moves axes about works on tangents as it is; None stands for zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import scipy.special  # type: ignore[import-untyped]
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from .primitives import RULES, contracted, inner_program

Tangent = Any
Rule = Callable[..., Tangent]


class Unknown(Exception):
    """A primitive that has no line here."""


def run_with_tangents(program: ClosedJaxpr, argument: Any, tangent: Any) -> tuple[list[Any], list[Tangent]]:
    """The values of a traced program of one argument, and their tangents. Raises Unknown."""
    with np.errstate(all="ignore"):
        return _run(program.jaxpr, program.consts, [np.asarray(argument)], [tangent])


def _run(
    program: Jaxpr, constants: Sequence[Any], arguments: Sequence[Any], tangents: Sequence[Tangent]
) -> tuple[list[Any], list[Tangent]]:
    values: dict[Any, Any] = dict(zip(program.constvars, map(np.asarray, constants), strict=True))
    values.update(zip(program.invars, arguments, strict=True))
    slopes: dict[Any, Tangent] = dict(zip(program.invars, tangents, strict=True))

    def value(atom: Any) -> Any:
        return np.asarray(atom.val) if isinstance(atom, Literal) else values[atom]

    def slope(atom: Any) -> Tangent:
        return None if isinstance(atom, Literal) else slopes.get(atom)

    for equation in program.eqns:
        inputs, moved = [value(atom) for atom in equation.invars], [slope(atom) for atom in equation.invars]
        inner = inner_program(equation.params)
        name, parameters = equation.primitive.name, equation.params
        if inner is not None:
            outputs, moved = _run(inner.jaxpr, inner.consts, inputs, moved)
        elif name not in RULES:
            raise Unknown(name)
        else:
            result = RULES[name](*inputs, **parameters)
            outputs = list(result) if equation.primitive.multiple_results else [result]
            moved = _slopes(name, inputs, moved, outputs, parameters)
        values.update(zip(equation.outvars, outputs, strict=True))
        slopes.update(zip(equation.outvars, moved, strict=True))
    return [value(atom) for atom in program.outvars], [slope(atom) for atom in program.outvars]


def _slopes(
    name: str, inputs: Sequence[Any], moved: Sequence[Tangent], outputs: Sequence[Any], parameters: Mapping[str, Any]
) -> list[Tangent]:
    if name in CONSTANT or all(each is None for each in moved):
        return [None] * len(outputs)
    if name in ELEMENTARY:
        return [_times(ELEMENTARY[name](inputs[0], outputs[0]), moved[0])]
    if name in ("split", "unstack"):
        return list(RULES[name](moved[0], **parameters))
    if name not in TANGENTS:
        raise Unknown(name)
    return [TANGENTS[name](inputs, moved, outputs[0], **parameters)]


CONSTANT = frozenset({
    "gt", "lt", "ge", "le", "eq", "ne", "and", "or", "not", "is_finite", "iota", "sign", "stop_gradient", "reduce_and",
    "reduce_or", "floor", "round",
})  # fmt: skip
"""What has no slope."""

ELEMENTARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "neg": lambda x, y: -np.ones_like(y), "exp": lambda x, y: y, "expm1": lambda x, y: np.exp(x),
    "log": lambda x, y: 1 / x, "log1p": lambda x, y: 1 / (1 + x), "sqrt": lambda x, y: 0.5 / y,
    "rsqrt": lambda x, y: -0.5 * y / x, "cbrt": lambda x, y: y / (3 * x), "sin": lambda x, y: np.cos(x),
    "cos": lambda x, y: -np.sin(x), "tan": lambda x, y: 1 + y * y, "asin": lambda x, y: 1 / np.sqrt(1 - x * x),
    "acos": lambda x, y: -1 / np.sqrt(1 - x * x), "atan": lambda x, y: 1 / (1 + x * x),
    "sinh": lambda x, y: np.cosh(x), "cosh": lambda x, y: np.sinh(x), "tanh": lambda x, y: np.cosh(x) ** -2.0,
    "abs": lambda x, y: np.sign(x), "square": lambda x, y: 2 * x,
    "logistic": lambda x, y: y * scipy.special.expit(-x), "erf": lambda x, y: 2 / math.sqrt(math.pi) * np.exp(-x * x),
    "lgamma": lambda x, y: scipy.special.digamma(x), "digamma": lambda x, y: scipy.special.polygamma(1, x),
    "copy": lambda x, y: np.ones_like(y), "copy_p": lambda x, y: np.ones_like(y),
}  # fmt: skip
"""f'(x), from x and y = f(x)."""


def _times(factor: Any, tangent: Tangent) -> Tangent:
    """A factor for each entry of the tangent; None stays None."""
    return None if tangent is None else np.multiply(np.asarray(factor)[..., None], tangent)


def _plus(left: Tangent, right: Tangent) -> Tangent:
    return right if left is None else left if right is None else left + right


def _filled(tangent: Tangent, like: Any, others: Sequence[Tangent]) -> Any:
    count = next(other.shape[-1] for other in others if other is not None)
    return np.zeros((*np.shape(like), count)) if tangent is None else tangent


def _power(inputs: Any, moved: Any, out: Any, **rest: Any) -> Tangent:
    base, exponent = inputs
    by_base = _times(exponent * np.power(base, exponent - 1), moved[0])
    return _plus(by_base, _times(out * np.log(np.where(out == 0, 1, base)), moved[1]))


def _integer_power(inputs: Any, moved: Any, out: Any, *, y: int) -> Tangent:
    return _times(y * np.asarray(inputs[0], float) ** (y - 1) if y else np.zeros_like(out), moved[0])


def _extreme(first: Callable[[Any, Any], Any]) -> Rule:
    """Of the larger, or the smaller, of two; in a tie the mean, as JAX has it."""

    def rule(inputs: Any, moved: Any, out: Any, **rest: Any) -> Tangent:
        left, right = inputs
        share = np.where(left == right, 0.5, np.where(first(left, right), 1.0, 0.0))
        return _plus(_times(share, moved[0]), _times(1 - share, moved[1]))

    return rule


def _select(inputs: Any, moved: Any, out: Any, **rest: Any) -> Tangent:
    which, *cases = inputs
    tangents = [_filled(each, case, moved[1:]) for each, case in zip(moved[1:], cases, strict=True)]
    places = np.asarray(which, int)[..., None]
    return sum(np.where(places == k, each, 0.0) for k, each in enumerate(tangents))


def _largest(inputs: Any, moved: Any, out: Any, *, axes: Any, **rest: Any) -> Tangent:
    hit = np.asarray(inputs[0] == np.expand_dims(out, tuple(axes)), float)
    share = hit / hit.sum(axis=tuple(axes), keepdims=True)
    return _times(share, moved[0]).sum(axis=tuple(axes))


def _converted(inputs: Any, moved: Any, out: Any, **rest: Any) -> Tangent:
    return moved[0] if np.issubdtype(out.dtype, np.floating) else None


def _dot(inputs: Any, moved: Any, out: Any, *, dimension_numbers: Any, **rest: Any) -> Tangent:
    (left, right), (moved_left, moved_right) = inputs, moved
    first = None if moved_left is None else contracted(moved_left, right, dimension_numbers, extra=0)
    second = None if moved_right is None else contracted(left, moved_right, dimension_numbers, extra=1)
    return _plus(first, second)


def _structural(name: str) -> Rule:
    """What only moves entries about, or adds them up: the same on tangents, whose further axis comes last."""

    def rule(inputs: Any, moved: Any, out: Any, **parameters: Any) -> Tangent:
        return RULES[name](*moved, **parameters)

    return rule


def _broadcast(inputs: Any, moved: Any, out: Any, *, shape: Any, broadcast_dimensions: Any, **rest: Any) -> Tangent:
    count = moved[0].shape[-1]
    return RULES["broadcast_in_dim"](
        moved[0], shape=(*shape, count), broadcast_dimensions=(*broadcast_dimensions, len(shape))
    )


def _transposed(inputs: Any, moved: Any, out: Any, *, permutation: Any) -> Tangent:
    return np.transpose(moved[0], (*permutation, len(permutation)))


def _reshaped(inputs: Any, moved: Any, out: Any, *, new_sizes: Any, **rest: Any) -> Tangent:
    return np.reshape(moved[0], (*new_sizes, moved[0].shape[-1]))


def _padded(inputs: Any, moved: Any, out: Any, *, padding_config: Any) -> Tangent:
    if moved[1] is not None:
        raise Unknown("pad")
    return RULES["pad"](moved[0], 0.0, padding_config=(*padding_config, (0, 0, 0)))


def _sliced(inputs: Any, moved: Any, out: Any, *, start_indices: Any, limit_indices: Any, strides: Any) -> Tangent:
    steps = strides or (1,) * len(start_indices)
    return moved[0][tuple(map(slice, start_indices, limit_indices, steps))]


def _joined(inputs: Any, moved: Any, out: Any, *, dimension: int) -> Tangent:
    parts = [_filled(each, value, moved) for each, value in zip(moved, inputs, strict=True)]
    return np.concatenate(parts, dimension)


def _stacked(inputs: Any, moved: Any, out: Any, *, axis: int) -> Tangent:
    return np.stack([_filled(each, value, moved) for each, value in zip(moved, inputs, strict=True)], axis)


TANGENTS: Mapping[str, Rule] = {
    "add": lambda inputs, moved, out, **rest: _sum(moved, out),
    "add_any": lambda inputs, moved, out, **rest: _sum(moved, out),
    "sub": lambda inputs, moved, out, **rest: _sum((moved[0], None if moved[1] is None else -moved[1]), out),
    "mul": lambda inputs, moved, out, **rest: _plus(_times(inputs[1], moved[0]), _times(inputs[0], moved[1])),
    "div": lambda inputs, moved, out, **rest: _plus(
        _times(1 / inputs[1], moved[0]), _times(-out / inputs[1], moved[1])
    ),
    "pow": _power,
    "integer_pow": _integer_power,
    "polygamma": lambda inputs, moved, out, **rest: _times(scipy.special.polygamma(inputs[0] + 1, inputs[1]), moved[1]),
    "max": _extreme(np.greater),
    "min": _extreme(np.less),
    "select_n": _select,
    "reduce_max": _largest,
    "reduce_min": _largest,
    "convert_element_type": _converted,
    "dot_general": _dot,
    "broadcast_in_dim": _broadcast,
    "transpose": _transposed,
    "reshape": _reshaped,
    "pad": _padded,
    "slice": _sliced,
    "concatenate": _joined,
    "stack": _stacked,
    **{name: _structural(name) for name in ("reduce_sum", "squeeze", "expand_dims", "rev")},
}
"""The tangent of the result, from the inputs, their tangents and the result."""


def _sum(moved: Sequence[Tangent], out: Any) -> Tangent:
    total = _plus(*moved)
    return np.broadcast_to(total, (*np.shape(out), total.shape[-1]))
