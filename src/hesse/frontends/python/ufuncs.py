"""Functions applied entry by entry, by the names that NumPy and scipy.special give them.

A name that a row of the vocabulary has is that row. What else is read stands in the tables below: other names of
rows, operators, and compositions written in the text notation over the arguments a, b, c.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from hesse.core.declarations import Declarations
from hesse.core.nodes import Elementwise
from hesse.core.syntax import Binary, Call, Name, Negative, Num, Operator, Syntax, call, fold, number
from hesse.errors import ParseError
from hesse.frontends.python.operations import along, binary, expanded, negative, reduced
from hesse.frontends.python.trace import Trace
from hesse.frontends.python.values import tree_of
from hesse.frontends.text import parse_text
from hesse.functions import FUNCTIONS

OPERATORS: Mapping[str, Operator] = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "true_divide": "/", "power": "**", "pow": "**",
    "float_power": "**", "matmul": "@", "vecdot": "@", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=", "equal": "==", "not_equal": "!=",
}  # fmt: skip
OTHER_NAMES: Mapping[str, str] = {
    "absolute": "abs", "fabs": "abs", "fmax": "maximum", "fmin": "minimum", "asin": "arcsin", "acos": "arccos",
    "atan": "arctan", "expit": "sigmoid", "psi": "digamma", "amax": "max", "amin": "min",
}  # fmt: skip
COMPOSITIONS: Mapping[str, str] = {
    "square": "a**2",
    "reciprocal": "1/a",
    "exp2": "2**a",
    "log2": "log(a)/log(2)",
    "log10": "log(a)/log(10)",
    "cbrt": "sign(a)*abs(a)**(1/3)",
    "hypot": "sqrt(a**2 + b**2)",
    "logaddexp": "a + softplus(b - a)",
    "arcsinh": "log(a + sqrt(a**2 + 1))",
    "arccosh": "log(a + sqrt(a**2 - 1))",
    "arctanh": "(log1p(a) - log1p(-a))/2",
    "radians": "a*pi/180",
    "deg2rad": "a*pi/180",
    "degrees": "a*180/pi",
    "rad2deg": "a*180/pi",
    "heaviside": "where(a > 0, 1, where(a < 0, 0, b))",
    "clip": "minimum(maximum(a, b), c)",
    "logit": "log(a) - log1p(-a)",
    "log_expit": "-softplus(-a)",
    "xlogy": "a*log(b)",
    "xlog1py": "a*log1p(b)",
    "entr": "-a*log(a)",
    "rel_entr": "a*log(a/b)",
    "kl_div": "a*log(a/b) - a + b",
    "pseudo_huber": "a**2*(sqrt(1 + (b/a)**2) - 1)",
    "erfc": "1 - erf(a)",
    "ndtr": "(1 + erf(a/sqrt(2)))/2",
}
SAME = frozenset({"positive", "conjugate", "conj", "real"})
LOGICAL = frozenset({"logical_and", "logical_or", "logical_not", "bitwise_and", "bitwise_or", "bitwise_not", "invert"})
REDUCTIONS: Mapping[str, str] = {
    "add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min", "logaddexp": "logsumexp",
}  # fmt: skip
_STEPS = "steps and remainders are not in the vocabulary: their derivative is 0 almost everywhere"
REASONS: Mapping[str, str] = {
    **dict.fromkeys(("floor", "ceil", "rint", "trunc", "remainder", "mod", "fmod", "floor_divide", "divmod"), _STEPS),
    **dict.fromkeys(("isnan", "isinf", "isfinite"), "values are finite real numbers here: leave the test out"),
    **dict.fromkeys(("bitwise_xor", "logical_xor"), "write `(a != b)` for truth values"),
    **dict.fromkeys(("left_shift", "right_shift"), "write a product with a power of two"),
}


def elementwise(trace: Trace, name: str, *arguments: Syntax) -> Syntax:
    """The function of this NumPy or SciPy name, applied entry by entry."""
    if name in OPERATORS:
        return binary(trace, OPERATORS[name], *arguments)
    if name in SAME:
        return arguments[0]
    if name == "negative":
        return negative(trace, *arguments)
    if name in LOGICAL:
        return _logical(trace, name, *arguments)
    name = OTHER_NAMES.get(name, name)
    if name == "logaddexp" and isinstance(arguments[0], Num) and arguments[0].value == 0:
        return trace.add(call("softplus", arguments[1]))
    if isinstance(FUNCTIONS.get(name), Elementwise):
        return trace.add(call(name, *arguments))
    if name in COMPOSITIONS and _template(COMPOSITIONS[name]) is not None:
        trace.note(f"`{name}` read as {COMPOSITIONS[name]}")
        return composed(trace, COMPOSITIONS[name], *arguments)
    raise unknown(trace, name)


def composed(trace: Trace, text: str, *arguments: Syntax) -> Syntax:
    """A composition in the text notation, over the arguments a, b, c."""
    names = dict(zip("abc", arguments, strict=False))

    def visit(tree: Syntax, parts: tuple[Syntax, ...]) -> Syntax:
        match tree:
            case Name(name=name):
                return names.get(name, tree)
            case Binary(operator=operator):
                return binary(trace, operator, *parts)
            case Negative():
                return negative(trace, *parts)
            case Call():
                return _called(trace, tree, parts)
            case _:
                return trace.add(replace(tree, span=None))

    template = _template(text)
    assert template is not None
    return fold(template, visit)


def _called(trace: Trace, tree: Call, parts: tuple[Syntax, ...]) -> Syntax:
    if isinstance(FUNCTIONS[tree.function], Elementwise):
        return trace.add(call(tree.function, *parts))
    return reduced(trace, tree.function, parts[0], tree.axis)


@cache
def _template(text: str) -> Syntax | None:
    """The tree of a composition; None where a function in it is not in the vocabulary."""
    try:
        return parse_text(text, Declarations())[0]
    except ParseError:
        return None


def _logical(trace: Trace, name: str, *arguments: Syntax) -> Syntax:
    """and, or and not of truth values; NumPy's logical functions take numbers for `!= 0`."""
    if name.startswith("logical"):
        arguments = tuple(
            each if trace.is_truth(each) else trace.add(Binary("!=", each, number(0))) for each in arguments
        )
    elif not all(map(trace.is_truth, arguments)):
        message = "an operation on bits stands between numbers"
        raise trace.refuse(message, "`&`, `|` and `~` are for comparisons, as in `(x > 0) & (x < 1)`")
    if name.endswith("and"):
        return binary(trace, "*", *arguments)
    if name.endswith("or"):
        return trace.add(call("maximum", *arguments))
    return trace.mark_truth(trace.add(Binary("-", number(1), arguments[0])))


def unknown(trace: Trace, name: str) -> Exception:
    """The error for a function that is not read."""
    names = [*(key for key in FUNCTIONS if key.isidentifier()), *COMPOSITIONS, *OPERATORS]
    near = next(iter(difflib.get_close_matches(name, names, 1)), "")
    hint = REASONS.get(name) or (f"did you mean `{near}`?" if near and near != name else "")
    return trace.refuse(f"`{name}` is not in the vocabulary", hint)


def ufunc(trace: Trace, name: str, method: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> Syntax:
    """The result of a NumPy ufunc or of one of its methods."""
    refuse_options(trace, name, options)
    if method == "__call__":
        return elementwise(trace, name, *(tree_of(trace, each) for each in inputs))
    if method == "outer":
        left, right = (tree_of(trace, each) for each in inputs)
        for _ in range(trace.rank(right)):
            left = expanded(trace, left, trace.rank(left))
        return elementwise(trace, name, left, right)
    tree = tree_of(trace, inputs[0])
    axis = options.get("axis", 0)
    if method == "reduce" and name in REDUCTIONS:
        return reduced(trace, REDUCTIONS[name], tree, axis, bool(options.get("keepdims")))
    if method == "accumulate" and name == "add":
        return along(trace, "cumsum", tree, axis)
    raise trace.refuse(f"`{name}.{method}` is not read")


def refuse_options(trace: Trace, name: str, options: Mapping[str, Any]) -> None:
    """Raise the error for an option of NumPy's functions that changes the meaning."""
    out = options.get("out")
    if out is not None and not (isinstance(out, tuple) and all(each is None for each in out)):
        raise trace.refuse("a write into an array that exists", f"leave out `out=` and use the result of `{name}`")
    if options.get("where", True) is not True:
        raise trace.refuse(f"`where=` in `{name}`", "write `np.where(condition, value, other)`")
    refuse_dtype(trace, options.get("dtype"))


def refuse_dtype(trace: Trace, dtype: Any) -> None:
    """Raise the error for a type of numbers other than floats."""
    if dtype is None or dtype is float or str(dtype).removeprefix("<class 'numpy.").rstrip("'>") == "float64":
        return
    raise trace.refuse(f"the type {dtype} is not float64", "values are real numbers: leave out `dtype`")
