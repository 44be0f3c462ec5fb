"""Primitives that work entry by entry: arithmetic, functions, comparisons, choices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hesse.core.build import common_shape
from hesse.core.nodes import Shape
from hesse.core.sizes import ONE, ZERO
from hesse.core.syntax import Binary, Call, Negative, Num, Operator, Syntax, call, free_names, number
from hesse.errors import TraceError
from hesse.frontends.jaxpr.reader import Reader, reads
from hesse.frontends.jaxpr.sizes import shape_of
from hesse.frontends.jaxpr.values import (
    Integers,
    Known,
    NonFinite,
    Real,
    Unreadable,
    Value,
    as_integers,
    decided,
    is_zero,
)
from hesse.frontends.python.constants import ENTRIES, nested_tree, number_tree
from hesse.frontends.python.operations import binary
from hesse.frontends.python.ufuncs import elementwise
from hesse.functions import FUNCTIONS
from hesse.notation.trees import size_tree

NUMPY_NAMES: Mapping[str, str] = {
    "add": "add", "add_any": "add", "sub": "subtract", "mul": "multiply", "div": "divide", "pow": "power",
    "neg": "negative",
    "max": "maximum", "min": "minimum", "abs": "absolute", "logistic": "expit", "lgamma": "gammaln", "digamma": "psi",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "lt": "less", "le": "less_equal", "gt": "greater",
    "ge": "greater_equal", "eq": "equal", "ne": "not_equal", "and": "logical_and", "or": "logical_or",
    "not": "logical_not",
    **{name: name for name in (
        "exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh",
        "erf", "erfc", "square", "sign", "exp2", "cbrt", "floor", "ceil", "round", "rem", "erf_inv", "atan2",
        "nextafter", "polygamma", "real", "conj", "xor",
    )},
}  # fmt: skip
_SYMBOLS: Mapping[str, Operator] = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


@reads(*NUMPY_NAMES)
def _entrywise(reader: Reader, equation: Any, *values: Value) -> Value:
    name, shape = equation.primitive.name, shape_of(equation.outvars[0].aval.shape)
    for special in (_of_infinities, _of_truths, _of_integers):
        found = special(reader, name, values, shape)
        if found is not None:
            return found
    if name in ("add", "sub") and is_zero(values[1]):
        return Real(reader.real(values[0]).tree, shape)
    if name == "add" and is_zero(values[0]):
        return Real(reader.real(values[1]).tree, shape)
    trees = [reader.real(value).tree for value in values]
    if name in ("eq", "ne") and trees[0] is trees[1]:
        return Known(name == "eq", shape)  # JAX asks whether a value is NaN
    if name == "abs" and _positive(trees[0]):
        return Real(trees[0], shape)
    return Real(_logaddexp(reader, elementwise(reader.trace, NUMPY_NAMES[name], *trees)), shape)


def _positive(tree: Syntax) -> bool:
    """Whether it is a sum of exponentials, of which logsumexp takes the absolute value. No declared fact is used."""
    while isinstance(tree, Call) and tree.function == "sum":
        tree = tree.arguments[0]
    return isinstance(tree, Call) and tree.function == "exp"


def _of_infinities(reader: Reader, name: str, values: tuple[Value, ...], shape: Shape) -> Value | None:
    """max(-inf, x) and min(inf, x) are x, for real numbers x."""
    neutral = {"max": -math.inf, "min": math.inf}.get(name)
    others = [value for value in values if not (isinstance(value, NonFinite) and value.value == neutral)]
    if len(values) == 2 and len(others) == 1:
        return Real(reader.real(others[0]).tree, shape)
    return None


def _of_truths(reader: Reader, name: str, values: tuple[Value, ...], shape: Shape) -> Value | None:
    """and, or, not of truths that are known."""
    known = [value for value in values if isinstance(value, Known)]
    if name == "not" and known:
        return Known(not known[0].truth, shape)
    if name not in ("and", "or") or not known:
        return None
    if any(value.truth == (name == "or") for value in known):
        return Known(name == "or", shape)
    left = [value for value in values if not isinstance(value, Known)]
    return left[0] if left else Known(name == "and", shape)


def _of_integers(reader: Reader, name: str, values: tuple[Value, ...], shape: Shape) -> Value | None:
    """Arithmetic of sizes and positions, and comparisons that they decide."""
    if not any(isinstance(value, Integers) for value in values):
        return _of_index(reader, name, values, shape)
    integers = [as_integers(value) for value in values]
    if None in integers:
        return _of_index(reader, name, values, shape)
    known = [each for each in integers if each is not None]
    if name == "neg":
        return known[0].scaled(ONE * -1)
    if name in ("add", "sub"):
        return known[0].combined(known[1], 1 if name == "add" else -1, shape)
    if name == "mul" and (known[0].constant or known[1].constant):
        one, other = (known[0], known[1]) if known[0].constant else (known[1], known[0])
        return other.stretched(shape).scaled(one.offset)
    if name in _SYMBOLS:
        return _comparison(reader, name, known[0].combined(known[1], -1, shape))
    if name in ("max", "min"):
        larger = decided("ge", known[0].combined(known[1], -1, shape))
        if larger is not None:
            return known[0 if larger == (name == "max") else 1]
    return None


def _of_index(reader: Reader, name: str, values: tuple[Value, ...], shape: Shape) -> Value | None:
    """Declared indices are not negative."""
    first = values[0]
    indices = isinstance(first, Real) and reader.trace.is_index(first.tree)
    return Known(False, shape) if name == "lt" and indices and is_zero(values[1]) else None


def _comparison(reader: Reader, name: str, difference: Integers) -> Value:
    """A comparison of positions: decided, a diagonal, or written out where it is small."""
    truth = decided(name, difference)
    if truth is not None:
        return Known(truth, difference.shape)
    shape = difference.shape
    if not shape:
        sizes = reader.trace.add(Binary(_SYMBOLS[name], size_tree(difference.offset), number(0)))
        return Real(sizes, ())
    diagonal = len(shape) == 2 and shape[0] == shape[1] and difference.offset == ZERO
    if name == "eq" and diagonal and difference.strides in ((ONE, ONE * -1), (ONE * -1, ONE)):
        return Real(reader.trace.mark_truth(reader.trace.add(call("eye", size_tree(shape[0])))), shape)
    triangle = {"ge": "tril", "le": "triu"}.get(name)
    if diagonal and difference.strides == (ONE, ONE * -1) and triangle is not None and triangle in FUNCTIONS:
        ones = call("ones", *map(size_tree, shape))
        return Real(reader.trace.mark_truth(reader.trace.add(call(triangle, ones))), shape)
    entries = difference.entries(ENTRIES)
    if entries is None:
        raise TraceError("a mask of positions other than the diagonal", hint="declare integer sizes")
    test = {"lt": int.__lt__, "le": int.__le__, "gt": int.__gt__, "ge": int.__ge__, "eq": int.__eq__, "ne": int.__ne__}
    truths = [bool(test[name](entry, 0)) for entry in entries]
    return Real(nested_tree(reader.trace, _nested(truths, shape), lambda each: number_tree(reader.trace, each)), shape)


def _nested(entries: list[bool], shape: Shape) -> list[Any]:
    nested: list[Any] = entries
    for size in reversed(shape[1:]):
        count = size.as_int() or 1
        nested = [nested[k : k + count] for k in range(0, len(nested), count)]
    return nested


def _logaddexp(reader: Reader, tree: Syntax) -> Syntax:
    """max(a, b) + log(1 + exp(-|a - b|)) is logaddexp(a, b)."""
    match tree:
        case Binary(
            "+",
            Call("maximum", (a, b)),
            Call("log1p", (Call("exp", (Negative(Call("abs", (Binary("-", c, d),))),)),)),
        ) if a is c and b is d:
            zero = is_zero(Real(b, ()))
            return elementwise(reader.trace, "logaddexp", *((b, a) if zero else (a, b)))
        case Binary("+", Call("maximum", (a, b)), Call("log1p", (Call("exp", (Negative(Call("abs", (c,))),)),))):
            if a is c and is_zero(Real(b, ())):
                return reader.trace.add(call("softplus", a))
    return tree


@reads("rsqrt")
def _rsqrt(reader: Reader, equation: Any, value: Value) -> Value:
    root = reader.trace.add(call("sqrt", reader.real(value).tree))
    return Real(binary(reader.trace, "/", number(1), root), shape_of(equation.outvars[0].aval.shape))


@reads("integer_pow")
def _integer_pow(reader: Reader, equation: Any, value: Value) -> Value:
    tree = binary(reader.trace, "**", reader.real(value).tree, number(int(equation.params["y"])))
    return Real(tree, shape_of(equation.outvars[0].aval.shape))


@reads("is_finite")
def _is_finite(reader: Reader, equation: Any, value: Value) -> Value:
    return Known(not isinstance(value, NonFinite), value.shape)


@reads("clamp")
def _clamp(reader: Reader, equation: Any, low: Value, value: Value, high: Value) -> Value:
    trees = [reader.real(each).tree for each in (value, low, high)]
    return Real(elementwise(reader.trace, "clip", *trees), shape_of(equation.outvars[0].aval.shape))


@reads("select_n")
def _select_n(reader: Reader, equation: Any, which: Value, *cases: Value) -> Value:
    shape = shape_of(equation.outvars[0].aval.shape)
    if isinstance(which, Unreadable):
        raise which.error
    if isinstance(which, Known):
        return cases[int(which.truth)]
    if len(cases) != 2 or not isinstance(which, Real):
        raise TraceError("a choice by an integer", hint="write `jnp.where(condition, a, b)`")
    otherwise, chosen = cases
    if found := _defined(reader, which, otherwise, chosen):
        return found
    if isinstance(which.tree, Call) and which.tree.function == "eye" and is_zero(otherwise):
        return Real(_on_diagonal(reader, which.tree, chosen), shape)
    if isinstance(which.tree, Call) and which.tree.function in ("tril", "triu") and is_zero(otherwise):
        return Real(reader.trace.add(call(which.tree.function, reader.whole(chosen))), shape)
    trees = [reader.real(each).tree for each in (which, chosen, otherwise)]
    common_shape(*(reader.trace.shape(tree) for tree in trees))
    return Real(reader.trace.add(call("where", *trees)), shape)


def _on_diagonal(reader: Reader, eye: Syntax, value: Value) -> Syntax:
    """The array with all entries off the diagonal set to zero."""
    tree = reader.real(value).tree
    match tree:
        case Call("outer", (vector, Call("ones", (Num(),)))):
            return reader.trace.add(call("diag", vector))
        case _ if reader.trace.rank(tree) == 1:
            return reader.trace.add(call("diag", tree))
        case _:
            return binary(reader.trace, "*", reader.trace.counted(eye), reader.whole(value))


def _defined(reader: Reader, which: Real, otherwise: Value, chosen: Value) -> Value | None:
    """The one of two values that is no NaN, where sizes decide which: a variance has no value for one sample."""
    values = [value for value in (otherwise, chosen) if not (isinstance(value, NonFinite) and math.isnan(value.value))]
    if len(values) != 1 or not free_names(which.tree) <= reader.trace.sizes:
        return None
    reader.trace.note("a case that has no value, for some sizes, is left out")
    return values[0]


@reads("convert_element_type")
def _convert(reader: Reader, equation: Any, value: Value) -> Value:
    source, target = (str(each.aval.dtype) for each in (equation.invars[0], equation.outvars[0]))
    if target.startswith("complex"):
        raise TraceError("complex numbers are not in the vocabulary")
    if target == "bool" and source != "bool":
        return Real(binary(reader.trace, "!=", reader.real(value).tree, number(0)), value.shape)
    if source.startswith("float") and target.startswith(("int", "uint")):
        raise TraceError("a conversion of real numbers to integers")
    if source == "bool" and isinstance(value, Real):
        return Real(reader.trace.counted(value.tree), value.shape)
    if source == "bool" and isinstance(value, Known):
        return Real(number(int(value.truth)), value.shape)
    return value


@reads("copy", "copy_p", "reduce_precision", "optimization_barrier", "sharding_constraint")
def _same(reader: Reader, equation: Any, *values: Value) -> Any:
    return list(values)


@reads("stop_gradient")
def _stop_gradient(reader: Reader, equation: Any, value: Value) -> Value:
    shape = shape_of(equation.outvars[0].aval.shape)
    return Real(reader.trace.add(reader.held(shape)), shape)
