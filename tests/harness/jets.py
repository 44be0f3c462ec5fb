"""Running a traced JAX program with NumPy on values, slopes and curvatures: forward differentiation to second order.

JAX only traces the function here. Its derivatives are taken primitive by primitive, from the table of first derivatives
in `tangents` and the second ones below: linear primitives treat slopes and curvatures as they treat values, products
add the mixed term, functions of one number their f''. A slope has the directions as one further last axis, a
curvature as two; None stands for zero. This is several times cheaper than tracing JAX's derivatives, and knows no
more of hesse than they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special  # type: ignore[import-untyped]
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from .primitives import RULES, inner_program
from .tangents import CONSTANT, ELEMENTARY, TANGENTS, Unknown

Array = Any


@dataclass(frozen=True, slots=True)
class Jet:
    """A value with its derivatives along all directions."""

    value: Array
    slope: Array = None
    curvature: Array = None


def run_with_jets(program: ClosedJaxpr, argument: Any, *, second: bool) -> Jet:
    """The value of a traced program of one argument, by whose entries it is differentiated. Raises Unknown."""
    start = np.asarray(argument, float)
    directions = np.eye(start.size).reshape(*start.shape, start.size)
    with np.errstate(all="ignore"):
        (result,) = _run(program.jaxpr, program.consts, [Jet(start, directions)], second)
    slope, curvature = result.slope, result.curvature
    shape, inner = np.shape(result.value), start.shape
    return Jet(
        np.asarray(result.value, float),
        (np.zeros((*shape, start.size)) if slope is None else slope).reshape(shape + inner),
        (np.zeros((*shape, start.size**2)) if curvature is None else curvature).reshape(shape + inner * 2)
        if second
        else None,
    )


def _run(program: Jaxpr, constants: Sequence[Any], arguments: Sequence[Jet], second: bool) -> list[Jet]:
    known: dict[Any, Jet] = dict(zip(program.constvars, map(Jet, map(np.asarray, constants)), strict=True))
    known.update(zip(program.invars, arguments, strict=True))

    def jet(atom: Any) -> Jet:
        return Jet(np.asarray(atom.val)) if isinstance(atom, Literal) else known[atom]

    for equation in program.eqns:
        inputs = [jet(atom) for atom in equation.invars]
        inner = inner_program(equation.params)
        if inner is not None:
            outputs = _run(inner.jaxpr, inner.consts, inputs, second)
        elif equation.primitive.name in RULES:
            outputs = _applied(equation, inputs, second)
        else:
            raise Unknown(equation.primitive.name)
        known.update(zip(equation.outvars, outputs, strict=True))
    return [jet(atom) for atom in program.outvars]


def _applied(equation: Any, inputs: Sequence[Jet], second: bool) -> list[Jet]:
    name, parameters = equation.primitive.name, equation.params
    values = [each.value for each in inputs]
    result = RULES[name](*values, **parameters)
    outputs = list(result) if equation.primitive.multiple_results else [result]
    if name in CONSTANT or all(each.slope is None for each in inputs):
        return [Jet(output) for output in outputs]
    if name in ("split", "unstack"):
        slopes = RULES[name](inputs[0].slope, **parameters)
        curvatures = [None] * len(outputs)
        if inputs[0].curvature is not None:
            curvatures = _folded(lambda moved: RULES[name](moved[0], **parameters), inputs)
        return [Jet(*each) for each in zip(outputs, slopes, curvatures, strict=True)]
    (out,) = outputs
    if name in ELEMENTARY:
        return [_chained(inputs[0], out, ELEMENTARY[name](values[0], out), CURVED[name](values[0], out), second)]
    if name in NONLINEAR:
        return [NONLINEAR[name](inputs, out, second, **parameters)]
    if name not in TANGENTS:
        raise Unknown(name)

    def moved(tangents: list[Any]) -> Any:
        return TANGENTS[name](values, tangents, out, **parameters)

    slope = moved([each.slope for each in inputs])
    curvature = None if all(each.curvature is None for each in inputs) else _folded(moved, inputs)
    if name in CROSSED and second and all(each.slope is not None for each in inputs):
        curvature = _plus(curvature, CROSSED[name](*(each.slope for each in inputs), **parameters))
    return [Jet(out, slope, curvature)]


def _folded(linear: Callable[[list[Any]], Any], inputs: Sequence[Jet]) -> Any:
    """A linear map of curvatures, whose two axes of directions are one while it is applied."""
    count = next(each.curvature.shape[-1] for each in inputs if each.curvature is not None)

    def unfolded(array: Any) -> Any:
        return array.reshape(*array.shape[:-1], count, count)

    folded = [None if c is None else c.reshape(*c.shape[:-2], -1) for c in (each.curvature for each in inputs)]
    found = linear(folded)
    return None if found is None else [*map(unfolded, found)] if isinstance(found, list) else unfolded(found)


def _plus(left: Any, right: Any) -> Any:
    return right if left is None else left if right is None else left + right


def _scaled(factor: Any, array: Any, extra: int) -> Any:
    """A factor for each entry of an array with further last axes; None stays None."""
    if array is None:
        return None
    factor = np.asarray(factor)
    return factor.reshape(*factor.shape, *(1,) * extra) * array


def _pairs(left: Any, right: Any) -> Any:
    """The products of two slopes, in both orders."""
    mixed = left[..., :, None] * right[..., None, :]
    return mixed + np.swapaxes(mixed, -1, -2)


def _chained(u: Jet, out: Any, first: Any, curved: Any, second: bool) -> Jet:
    """f(u): f'(u) u' and f'(u) u'' + f''(u) u' u'."""
    if u.slope is None:
        return Jet(out)
    slope = _scaled(first, u.slope, 1)
    if not second:
        return Jet(out, slope)
    curvature = _scaled(first, u.curvature, 2)
    if curved is not None:
        curvature = _plus(curvature, _scaled(curved, u.slope[..., :, None] * u.slope[..., None, :], 2))
    return Jet(out, slope, curvature)


def _quotient(inputs: Sequence[Jet], out: Any, second: bool, **rest: Any) -> Jet:
    """y = u/v: from y v = u, y' = (u' - y v')/v and y'' = (u'' - y v'' - y' v' - v' y')/v."""
    u, v = inputs
    like = np.shape(out)
    slope = _plus(u.slope, _scaled(-out, v.slope, 1))
    slope = _scaled(1 / v.value, np.broadcast_to(slope, (*like, slope.shape[-1])), 1)
    if not second:
        return Jet(out, slope)
    curvature = _plus(u.curvature, _scaled(-out, v.curvature, 2))
    if v.slope is not None:
        curvature = _plus(curvature, -_pairs(slope, np.broadcast_to(v.slope, slope.shape)))
    return Jet(out, slope, _scaled(1 / v.value, curvature, 2))


def _power(inputs: Sequence[Jet], out: Any, second: bool, **rest: Any) -> Jet:
    """u**v, whose logarithm counts only where it is used."""
    u, v = inputs
    a, b = u.value, v.value
    by_base, logarithm = b * np.power(a, b - 1), np.log(np.where(out == 0, 1, a))
    slope = _plus(_scaled(by_base, u.slope, 1), _scaled(out * logarithm, v.slope, 1))
    if not second:
        return Jet(out, slope)
    curvature = _plus(_scaled(by_base, u.curvature, 2), _scaled(out * logarithm, v.curvature, 2))
    if u.slope is not None:
        squared = _pairs(u.slope, u.slope) / 2
        curvature = _plus(curvature, _scaled(b * (b - 1) * np.power(a, b - 2), squared, 2))
    if v.slope is not None:
        curvature = _plus(curvature, _scaled(out * logarithm**2, _pairs(v.slope, v.slope) / 2, 2))
        if u.slope is not None:
            mixed = np.power(a, b - 1) + by_base * logarithm
            curvature = _plus(curvature, _scaled(mixed, _pairs(u.slope, v.slope), 2))
    return Jet(out, slope, curvature)


def _integer_power(inputs: Sequence[Jet], out: Any, second: bool, *, y: int) -> Jet:
    base = np.asarray(inputs[0].value, float)
    first = y * base ** (y - 1) if y else np.zeros_like(base)
    curved = y * (y - 1) * base ** (y - 2) if y not in (0, 1) else None
    return _chained(inputs[0], out, first, curved, second)


def _polygamma(inputs: Sequence[Jet], out: Any, second: bool, **rest: Any) -> Jet:
    order, argument = (each.value for each in inputs)
    first, curved = (scipy.special.polygamma(order + k, argument) for k in (1, 2))
    return _chained(inputs[1], out, first, curved, second)


NONLINEAR: Mapping[str, Callable[..., Jet]] = {
    "div": _quotient,
    "pow": _power,
    "integer_pow": _integer_power,
    "polygamma": _polygamma,
}


def _crossed_dot(left: Any, right: Any, *, dimension_numbers: Any, **rest: Any) -> Any:
    """dot_general of the two slopes, with the directions of both as last axes, in both orders."""
    (left_joined, right_joined), (left_batch, right_batch) = dimension_numbers
    left_labels, right_labels = list(range(left.ndim)), [left.ndim + k for k in range(right.ndim)]
    for a, b in (*zip(left_joined, right_joined, strict=True), *zip(left_batch, right_batch, strict=True)):
        right_labels[b] = left_labels[a]
    one, other = left_labels[-1], right_labels[-1]
    out = [left_labels[k] for k in left_batch]
    out += [label for k, label in enumerate(left_labels[:-1]) if k not in (*left_batch, *left_joined)]
    out += [label for k, label in enumerate(right_labels[:-1]) if k not in (*right_batch, *right_joined)]
    mixed = np.einsum(left, left_labels, right, right_labels, [*out, one, other])
    return mixed + np.swapaxes(mixed, -1, -2)


CROSSED: Mapping[str, Callable[..., Any]] = {
    "mul": lambda left, right, **rest: _pairs(left, right),
    "dot_general": _crossed_dot,
}
"""The mixed term of what is linear in each of two arguments."""

CURVED: Mapping[str, Callable[[Any, Any], Any]] = {
    "neg": lambda x, y: None, "abs": lambda x, y: None, "copy": lambda x, y: None, "copy_p": lambda x, y: None,
    "exp": lambda x, y: y, "expm1": lambda x, y: np.exp(x), "log": lambda x, y: -1 / (x * x),
    "log1p": lambda x, y: -1 / (1 + x) ** 2.0, "sqrt": lambda x, y: -0.25 / (x * y),
    "rsqrt": lambda x, y: 0.75 * y / (x * x), "cbrt": lambda x, y: -2 * y / (9 * x * x), "sin": lambda x, y: -y,
    "cos": lambda x, y: -y, "tan": lambda x, y: 2 * y * (1 + y * y), "asin": lambda x, y: x * (1 - x * x) ** -1.5,
    "acos": lambda x, y: -x * (1 - x * x) ** -1.5, "atan": lambda x, y: -2 * x / (1 + x * x) ** 2.0,
    "sinh": lambda x, y: y, "cosh": lambda x, y: y, "tanh": lambda x, y: -2 * y * np.cosh(x) ** -2.0,
    "square": lambda x, y: np.full_like(y, 2), "logistic": lambda x, y: y * scipy.special.expit(-x) * (1 - 2 * y),
    "erf": lambda x, y: -4 * x / np.sqrt(np.pi) * np.exp(-x * x), "lgamma": lambda x, y: scipy.special.polygamma(1, x),
    "digamma": lambda x, y: scipy.special.polygamma(2, x),
}  # fmt: skip
"""f''(x), from x and y = f(x); None where it is zero."""
