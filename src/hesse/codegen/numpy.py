"""The target NumPy: readable source that depends on NumPy, and on SciPy where it has special functions."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from importlib.resources import files

from hesse.codegen import python
from hesse.codegen.indexing import Placed, Template
from hesse.codegen.reuse import IN_PLACE
from hesse.codegen.runtime import NumpyRuntime
from hesse.codegen.target import Spelling, Target
from hesse.codegen.terms import Term

_SAME_NAME = (
    "exp expm1 log log1p sqrt sin cos tan arcsin arccos arctan sinh cosh tanh abs sign maximum minimum where logaddexp "
    "diag outer trace eye arange kron tril triu"
).split()
_RENAMED = {
    "inv": "linalg.inv", "det": "linalg.det", "matpow": "linalg.matrix_power", "solve": "linalg.solve",
    "diagpart": "diagonal", "float": "float64",
}  # fmt: skip
_REDUCTIONS = {
    "sum": "sum", "mean": "mean", "prod": "prod", "max": "max", "min": "min", "var": "var", "norm": "linalg.norm",
}  # fmt: skip
SPECIAL = ("erf", "gammaln", "digamma", "polygamma")
"""Functions of scipy.special, which programs import only where they use it."""
HELPERS = "sigmoid softplus logsumexp softmax log_softmax hardmax prod_others logdet gelu xlogy".split()
"""Functions that programs carry along."""


def numpy_like(module: str) -> dict[str, Spelling]:
    """The spellings of a library with NumPy's names, imported as `module`."""

    def reduction(function: str) -> Spelling:
        return lambda term, arguments: with_axis(f"{module}.{function}", term, arguments)

    return {
        **{operator: _operator(operator) for operator in python.OPERATORS},
        **{name: called(f"{module}.{name}") for name in _SAME_NAME},
        **{name: called(f"{module}.{function}") for name, function in _RENAMED.items()},
        **{name: reduction(function) for name, function in _REDUCTIONS.items()},
        "number": lambda term, arguments: python.number(*term.options),
        "constant": lambda term, arguments: python.dotted(f"{module}.{term.options[0]}"),
        "dimension": lambda term, arguments: python.subscript(
            ast.Attribute(arguments[0], "shape"), python.constant(term.options[0])
        ),
        "negative": lambda term, arguments: python.negative(arguments[0]),
        "transpose": lambda term, arguments: ast.Attribute(arguments[0], "T"),
        "column": lambda term, arguments: python.subscript(arguments[0], ast.Slice(), python.constant(None)),
        "index": lambda term, arguments: python.subscript(arguments[0], *index_items(term.options, arguments)),
        "power": _operator("**"),
        "norm1": lambda term, arguments: with_axis(f"{module}.sum", term, [python.call(f"{module}.abs", *arguments)]),
        "einsum": lambda term, arguments: _einsum(module, term, arguments),
        "full": lambda term, arguments: _full(module, term, arguments),
        "stack": lambda term, arguments: _stack(module, term, arguments),
        "reshape": lambda term, arguments: _reshape(module, arguments),
        "concat": lambda term, arguments: _joined(f"{module}.concatenate", term, arguments),
        "stack_along": lambda term, arguments: _joined(f"{module}.stack", term, arguments),
        "roll": reduction("roll"),
        "cumsum": reduction("cumsum"),
    }


def _operator(operator: str) -> Spelling:
    return lambda term, arguments: python.binary(operator, *arguments)


def with_axis(function: str, term: Term, arguments: Sequence[ast.expr], keyword: str = "axis") -> ast.expr:
    """The call of a reduction; its axis only where there is one."""
    (axis,) = term.options
    keywords = {} if axis is None else {keyword: python.constant(axis)}
    return python.call(function, *arguments, **keywords)


def index_items(template: Template, arguments: Sequence[ast.expr]) -> list[ast.expr]:
    """The items between the brackets of an index."""
    return [
        arguments[item]
        if isinstance(item, int)
        else ast.Slice(*(None if part is None else arguments[part] for part in item))
        for item in template
    ]


def _einsum(module: str, term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    left, _, out = term.options[0].partition("->")
    summed = set(left) - {*out, ","}
    # Two arrays of which nothing is summed leave nothing to choose, and the choice would take longer than they do.
    keywords = {"optimize": python.constant(True)} if len(arguments) > 2 or (len(arguments) == 2 and summed) else {}
    return python.call(f"{module}.einsum", python.constant(term.options[0]), *arguments, **keywords)


def _full(module: str, term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    value, *sizes = arguments
    shape = python.tuple_of(sizes)
    literal = term.arguments[0].options[0] if term.arguments[0].head == "number" else None
    if literal in (0, 1):
        return python.call(f"{module}.{'ones' if literal else 'zeros'}", shape)
    return python.call(f"{module}.full", shape, value)


def _stack(module: str, term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    """Numbers become an array, nested ones one array of nested lists; arrays are stacked."""
    parts = [
        argument.args[0] if part.head == "stack" and isinstance(argument, ast.Call) else argument
        for part, argument in zip(term.arguments, arguments, strict=True)
    ]
    function = "array" if all(isinstance(p, ast.List) for p in parts) or len(term.shape) == 1 else "stack"
    return python.call(f"{module}.{function}", ast.List(list(parts if function == "array" else arguments)))


def _reshape(module: str, arguments: Sequence[ast.expr]) -> ast.expr:
    array, *sizes = arguments
    return python.call(f"{module}.reshape", array, python.tuple_of(sizes) if sizes else python.constant(-1))


def _joined(function: str, term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    (axis,) = term.options
    return python.call(function, ast.List(list(arguments)), **({"axis": python.constant(axis)} if axis else {}))


def helper(name: str) -> Spelling:
    """The call of a function that the program carries along."""
    return lambda term, arguments: with_axis(name, term, arguments) if term.options else python.call(name, *arguments)


def called(function: str) -> Spelling:
    """The call of a function."""
    return lambda term, arguments: python.call(function, *arguments)


def expanded(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    """The array with new axes; colons behind the last of them are left out."""
    (places,) = term.options
    items = [python.constant(None) if k in places else ast.Slice() for k in range(max(places) + 1)]
    return python.subscript(arguments[0], *items)


def _assemble(term: Term, arguments: Sequence[ast.expr], name: str) -> list[ast.stmt]:
    """Zeros, or the piece that covers everything, then one statement for each piece."""
    first, *rest = term.options
    out, value = python.name(name), arguments[first.value]
    if _covers(term, first):
        value = python.negative(value) if first.negative else value
        new = isinstance(value, (ast.BinOp, ast.UnaryOp)) or term.arguments[first.value].head == "outer"
        made = value if new and not isinstance(value, ast.Name) else python.call("np.array", value)
        return [python.assign(out, made), *(_placed(piece, arguments, name, False) for piece in rest)]
    statements = [python.assign(out, python.call("np.zeros", python.tuple_of(arguments[: term.rank])))]
    return statements + [_placed(piece, arguments, name, piece is first) for piece in term.options]


def _covers(term: Term, piece: Placed) -> bool:
    """Whether a piece is an array of the whole shape, at its own places."""
    whole = piece.template == ((None, None, None),) * term.rank
    return whole and term.arguments[piece.value].shape == term.shape


def _placed(piece: Placed, arguments: Sequence[ast.expr], name: str, first: bool) -> ast.stmt:
    items, value = index_items(piece.template, arguments), arguments[piece.value]
    if not piece.distinct:
        # Positions may repeat, and `out[i] += g` would keep only the last.
        whole = [python.call("slice", python.constant(None)) if isinstance(i, ast.Slice) else i for i in items]
        scatter = "np.subtract.at" if piece.negative else "np.add.at"
        return ast.Expr(python.call(scatter, python.name(name), python.tuple_of(whole), value))
    target = python.subscript(python.name(name), *items)
    if first:
        return python.assign(target, python.negative(value) if piece.negative else value)
    return python.update(target, "-" if piece.negative else "+", value)


def _fill(term: Term, arguments: Sequence[ast.expr], name: str) -> list[ast.stmt]:
    """The value left in an array: by the last operation itself where that can, without one more pass."""
    out = python.name(name)
    everything = python.subscript(out, python.constant(...))
    if not term.arguments:
        return [python.assign(everything, arguments[0])]
    if term.head == "assemble":
        return _assemble_into(term, arguments, name)
    if term.head == "**" and term.arguments[1].head == "number" and term.arguments[1].options[0] == 2:
        return [ast.Expr(python.call("np.square", arguments[0], out=out))]  # `np.power` takes twice the time
    if term.head in _INTO:
        return [ast.Expr(python.call(f"np.{_INTO[term.head]}", *arguments, out=out))]
    value = NUMPY.expressions[term.head](term, arguments)
    if term.rank and (term.head in _REDUCTIONS_INTO or term.head == "einsum") and isinstance(value, ast.Call):
        return [ast.Expr(ast.Call(value.func, value.args, [*value.keywords, ast.keyword("out", out)]))]
    return [python.assign(everything, value)]


def _assemble_into(term: Term, arguments: Sequence[ast.expr], name: str) -> list[ast.stmt]:
    first, *rest = term.options
    everything = python.subscript(python.name(name), python.constant(...))
    value = arguments[first.value]
    if not _covers(term, first):
        start: ast.stmt = python.assign(everything, python.constant(0.0))
        rest = [*term.options]
    elif isinstance(value, ast.Call) and term.arguments[first.value].head == "outer" and not first.negative:
        start = ast.Expr(ast.Call(value.func, value.args, [ast.keyword("out", python.name(name))]))
    else:
        start = python.assign(everything, python.negative(value) if first.negative else value)
    return [start, *(_placed(piece, arguments, name, False) for piece in rest)]


def helper_functions(package: str, file: str) -> Mapping[str, ast.stmt]:
    """The functions of a file by name, as syntax trees without annotations: the file is parsed, not imported."""
    tree = ast.parse(files(package).joinpath(file).read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for function in functions.values():
        function.returns = None
        for argument in function.args.args:
            argument.annotation = None
    return functions


_INTO = {**IN_PLACE, "@": "matmul", "outer": "outer"}
"""Functions that take the array for their result."""
_REDUCTIONS_INTO = frozenset({"sum", "mean", "prod", "max", "min"})

NUMPY = Target(
    name="numpy",
    meaning="NumPy, and SciPy for special functions",
    imports=(ast.Import([ast.alias("numpy", "np")]), ast.ImportFrom("scipy", [ast.alias("special")], 0)),
    expressions={
        **numpy_like("np"),
        **{name: called(f"special.{name}") for name in SPECIAL},
        **{name: helper(name) for name in HELPERS},
        "expanded": expanded,
        "swapped": lambda term, arguments: python.call("np.swapaxes", *arguments, *map(python.constant, (-1, -2))),
        "contiguous": called("np.ascontiguousarray"),
        "finite_max": helper("finite_max"),
    },
    blocks={"assemble": _assemble},
    helpers=helper_functions("hesse.codegen", "numpy_helpers.py"),
    binds=True,
    fill=_fill,
    chained=frozenset(IN_PLACE),
    literal=lambda values, integers: python.call("np.array", values),
    runtime=NumpyRuntime,
)
