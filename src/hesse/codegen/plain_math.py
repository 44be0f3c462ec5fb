"""The target `math`: plain Python, number by number, for single points of a few variables."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Real
from typing import Any

from hesse.codegen import python
from hesse.codegen.arrays import docstring, with_needs
from hesse.codegen.emitter import Emitter
from hesse.codegen.names import Names, identifier
from hesse.codegen.numpy import called, helper_functions
from hesse.codegen.plan import RESULT, Plan, inputs
from hesse.codegen.scalars import Cells, written_out
from hesse.codegen.target import Convert, Program, Spelling, Target
from hesse.codegen.terms import Term
from hesse.core.declarations import VariableDeclaration
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError

_LARGEST = "709.0"
_RENAMED = {"gammaln": "lgamma", "arctan": "atan", "abs": "fabs"}
_TOTAL = "tanh erf abs arctan".split()
"""Functions that have a value everywhere."""
_PARTIAL = {"sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos", "gammaln": "lgamma"}
_HELPERS = (
    "expm1 sinh cosh log1p sign sigmoid softplus logaddexp xlogy gelu maximum minimum power logsumexp softmax "
    "log_softmax hardmax prod_others"
).split()
_VARIADIC = {"max": "largest", "min": "smallest", "var": "variance", "norm": "norm"}
_MATRICES = ("det", "logdet", "inv", "solve")


def write_math(plan: Plan, target: Target, name: str, buffers: Sequence[str] = ()) -> Program:
    """The program of the plan, every entry by itself."""
    flat, outputs, variables = written_out(plan, target.name)
    names = Names({*target.names, *target.helpers, python.GROUP, python.LIKE, *_BUILTINS})
    parameters = {entry: names.take(entry) for entry in plan.declarations.variables}
    given: dict[Term, str] = {}
    body: list[ast.stmt] = []
    for term, parameter in zip(inputs(plan), parameters.values(), strict=True):
        given[term] = parameter
        if term in variables:
            local = _unpacked(parameter, variables[term], names)
            given |= dict(zip(variables[term].entries, local.entries, strict=True))
            body.append(python.assign(_pattern(local), python.name(parameter)))
    emitter = Emitter(target, names, given, flat.names, {})
    nodes = iter(emitter.expressions(flat.roots))
    results = {key: _nested(cells, nodes) for key, cells in outputs.items()}
    returned = results[RESULT] if not plan.joint else None
    ends: list[ast.stmt] = []
    if returned is None:
        places = {key: names.number(identifier(key)) for key in results}
        ends = [python.assign(python.name(places[key]), node) for key, node in results.items()]
        returned = ast.Dict([python.constant(key) for key in results], [python.name(places[key]) for key in results])
    body = [
        ast.Expr(ast.Constant(docstring(plan, parameters))),
        *body,
        *emitter.statements,
        *ends,
        ast.Return(returned),
    ]
    arguments = [ast.arg(parameter) for parameter in parameters.values()]
    signature = ast.arguments(posonlyargs=[], args=arguments, kwonlyargs=[], kw_defaults=[], defaults=[])
    function = ast.FunctionDef(name, signature, body, [], lineno=0)
    return Program(source=python.unparse(with_needs([function], target)), name=name, plan=plan, functions=())


_BUILTINS = ("float",)


def _unpacked(parameter: str, cells: Cells, names: Names) -> Tensor[str]:
    """Names for the entries of an argument: x_0, x_1."""
    return cells.map(lambda cell: names.take("_".join([parameter, *map(str, cell.options)])))


def _pattern(local: Tensor[str]) -> ast.expr:
    """(x_0, x_1), nested for more axes: what an argument is unpacked into."""
    return ast.Tuple([_pattern(row) if row.shape else python.name(row.item) for row in _rows(local)])


def _nested(cells: Cells, nodes: Iterator[ast.expr]) -> ast.expr:
    """The entries as nested lists, with the next of the expressions each."""
    if not cells.shape:
        return next(nodes)
    return ast.List([_nested(row, nodes) for row in _rows(cells)])


def _rows(tensor: Tensor[Any]) -> list[Tensor[Any]]:
    step = math.prod(tensor.shape[1:])
    return [Tensor(tensor.shape[1:], tensor.entries[k * step : (k + 1) * step]) for k in range(tensor.shape[0])]


def _operator(operator: str) -> Spelling:
    """The operation; integers are written as floats where the result is one, which saves Python a conversion."""

    def spelling(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
        return python.binary(operator, *(map(_float, arguments) if term.dtype == "real" else arguments))

    return spelling


def _float(node: ast.expr) -> ast.expr:
    return ast.Constant(float(node.value)) if isinstance(node, ast.Constant) and type(node.value) is int else node


def _guarded(condition: ast.expr, value: ast.expr, otherwise: ast.expr) -> ast.expr:
    """The value where the condition holds, in brackets."""
    return python.call(python.GROUP, ast.IfExp(condition, value, otherwise))


def _divide(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    """A quotient; Python raises where the divisor is 0."""
    left, right = map(_float, arguments)
    quotient = python.binary("/", left, right)
    if term.arguments[1].head == "number" and term.arguments[1].options[0]:
        return quotient
    return _guarded(right, quotient, python.call("divide", left, right))


def _power(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    """A power; Python raises, or turns complex, where there is no real number or it is too large."""
    exponent = term.arguments[1]
    value = exponent.options[0] if exponent.head == "number" else None
    if term.dtype == "number":
        return python.binary("**", *arguments)
    if value in (2, 3):
        square = python.binary("*", arguments[0], arguments[0])
        return python.call(python.GROUP, square if value == 2 else python.binary("*", square, arguments[0]))
    return python.call("power", *arguments)


def _exp(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    (x,) = arguments
    return _guarded(
        python.binary("<", x, ast.Constant(float(_LARGEST))), python.call("math.exp", x), python.call("exp", x)
    )


def _log(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    (x,) = arguments
    return _guarded(python.binary(">", x, python.constant(0)), python.call("math.log", x), python.call("log", x))


def _sqrt(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    (x,) = arguments
    return _guarded(python.binary(">=", x, python.constant(0)), python.call("math.sqrt", x), python.dotted("math.nan"))


def _partial(name: str) -> Spelling:
    return lambda term, arguments: python.call("careful", python.dotted(f"math.{name}"), *arguments)


def _where(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    condition, value, otherwise = arguments
    return _guarded(condition, value, otherwise)


def _matrix(name: str) -> Spelling:
    """A function of matrices, which are lists of rows; a second argument is what is left of the entries."""

    def spelling(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
        (size,) = term.options
        square, rest = arguments[: size * size], arguments[size * size :]
        parts = [_list_of_rows(square, size), *([_list_of_rows(rest, size)] if rest else [])]
        return python.call(name, *parts)

    return spelling


def _list_of_rows(entries: Sequence[ast.expr], rows: int) -> ast.expr:
    width = len(entries) // rows
    return ast.List([ast.List(list(entries[k * width : (k + 1) * width])) for k in range(rows)])


def _entry(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    node = arguments[0]
    for position in term.options:
        node = python.subscript(node, python.constant(position))
    return node


class MathRuntime:
    """Floats and nested lists in and out; nothing is imported."""

    failures: tuple[type[Exception], ...] = (ZeroDivisionError,)
    direct = True
    finishes = False

    def convert(self, entry: VariableDeclaration) -> Convert:
        """The conversion of one argument to a table of floats, or of integers for an index array."""

        def table(value: Any) -> Any:
            nested = value.tolist() if hasattr(value, "tolist") else value
            try:
                cells = Tensor.from_nested(nested)
            except (ValueError, RecursionError):
                raise ArgumentError(f"the value of {entry.name} is not an array of numbers") from None
            return Tensor(cells.shape, [_number(entry, cell) for cell in cells.entries])

        return table

    def own(self, value: Any) -> Any:
        """The table as a number, or as lists of its own."""
        return value.nested()

    def settled(self, value: Any) -> bool:
        """Yes: a value is a value."""
        return True

    def match(self, arguments: list[Any]) -> list[Any]:
        """The arguments as floats and nested lists."""
        return [argument.nested() for argument in arguments]

    def check_table(self, entry: VariableDeclaration, value: Any, sizes: Mapping[str, int]) -> None:
        """Whether an index array stays within its bound."""
        assert entry.index is not None
        if entry.index.names <= sizes.keys():
            bound = entry.index.evaluate(sizes)
            if not all(0 <= cell < bound for cell in value.entries):
                message = f"the entries of {entry.name} must lie between 0 and {entry.index} - 1 = {bound - 1}"
                raise ArgumentError(message)

    def place(self, source: str) -> tuple[str, str]:
        """No file."""
        return "<hesse>", "<hesse>"

    def prepare(self, load: Callable[[str], Callable[..., Any]], code: Program) -> Callable[..., Any]:
        """The function as it is."""
        return load(code.source)

    def caches(self, arguments: Sequence[Any]) -> bool:
        """Yes: all lies on the processor."""
        return True

    def fitted(self, run: Callable[..., Any], arguments: Sequence[Any]) -> Callable[..., Any]:
        """The function itself: it is the same for all sizes."""
        return run

    def buffer(self, name: str, value: Any) -> Any:
        """No buffer: lists are made anew."""
        raise ArgumentError("the backend math has no buffers: it returns numbers and lists", hint="use numpy or numba")

    def overlap(self, buffer: Any, argument: Any) -> bool:
        """There are no buffers."""
        return False

    def finish(self, root: Term, copy: bool) -> Convert:
        """A float, or nested lists of floats, new ones in every call."""
        return _floats if root.shape else float


def _floats(nested: Any) -> Any:
    """The nested lists with every entry as a float."""
    return [float(entry) if not isinstance(entry, list) else _floats(entry) for entry in nested]


def _number(entry: VariableDeclaration, value: Any) -> float | int:
    if entry.index is not None:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise ArgumentError(f"the value of {entry.name} must consist of integers, not of {type(value).__name__}")
    if not isinstance(value, Real):
        raise ArgumentError(f"the value of {entry.name} must consist of numbers, not of {type(value).__name__}")
    try:
        return float(value)
    except OverflowError:
        raise ArgumentError(f"a number in the value of {entry.name} is beyond floating point") from None


MATH = Target(
    name="math",
    meaning="plain Python, for single points of a few variables",
    imports=(ast.Import([ast.alias("math")]),),
    expressions={
        **{operator: _operator(operator) for operator in python.OPERATORS},
        **{name: called(f"math.{_RENAMED.get(name, name)}") for name in _TOTAL},
        **{name: _partial(function) for name, function in _PARTIAL.items()},
        **{name: called(name) for name in _HELPERS},
        **{name: called(function) for name, function in _VARIADIC.items()},
        **{f"{name}_entries": _matrix(name) for name in _MATRICES},
        # Written out before they are spelled.
        **dict.fromkeys((*_MATRICES, "sum", "mean", "prod", "norm1", "transpose", "index", "matpow"), called("")),
        "/": _divide,
        "**": _power,
        "power": called("power"),
        "exp": _exp,
        "log": _log,
        "sqrt": _sqrt,
        "where": _where,
        "entry": _entry,
        "float": called("float"),
        "number": lambda term, arguments: python.number(*term.options),
        "constant": lambda term, arguments: python.dotted(f"math.{term.options[0]}"),
        "negative": lambda term, arguments: python.negative(arguments[0]),
    },
    helpers=helper_functions("hesse.codegen", "math_helpers.py"),
    named={"/": (1,), "**": (0,), "exp": (0,), "log": (0,), "sqrt": (0,), "entry": (0,)},
    write=write_math,
    runtime=MathRuntime,
)
