"""The target PyTorch: tensors in and out, of the type of numbers and on the device of the arguments."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hesse.codegen import python
from hesse.codegen.indexing import Placed, Template
from hesse.codegen.numpy import HELPERS, called, expanded, helper, helper_functions, index_items, with_axis
from hesse.codegen.row_loops import out_of_place
from hesse.codegen.runtime import NumpyRuntime, library
from hesse.codegen.target import Convert, Program, Spelling, Target
from hesse.codegen.terms import Term
from hesse.core.declarations import VariableDeclaration
from hesse.errors import ArgumentError

_LIKE = python.name(python.LIKE)
_ELEMENTWISE = {
    **{name: f"torch.{name}" for name in
       "exp expm1 log log1p sqrt sin cos tan arcsin arccos arctan sinh cosh tanh abs sign maximum minimum logaddexp "
       "sigmoid relu".split()},
    "erf": "torch.special.erf", "gammaln": "torch.special.gammaln", "digamma": "torch.special.digamma",
}  # fmt: skip
_MATRICES = {
    "diag": "torch.diag", "outer": "torch.outer", "trace": "torch.trace", "kron": "torch.kron",
    "inv": "torch.linalg.inv", "det": "torch.linalg.det", "solve": "torch.linalg.solve", "logdet": "logdet",
    "matpow": "torch.linalg.matrix_power", "diagpart": "torch.diagonal",
}  # fmt: skip
_REDUCTIONS = {
    "sum": "torch.sum", "mean": "torch.mean", "prod": "torch.prod", "max": "torch.amax", "min": "torch.amin",
    "norm": "torch.linalg.vector_norm", "norm1": "torch.linalg.vector_norm", "var": "torch.var",
    "logsumexp": "logsumexp",
}  # fmt: skip
_OPTIONS = {"norm1": {"ord": 1}, "var": {"correction": 0}}
_OWN_HELPERS = [name for name in HELPERS if name not in ("logsumexp", "sigmoid", "logdet")]


def _method(name: str, *arguments: ast.expr, **keywords: ast.expr) -> ast.expr:
    """A method of the variable whose type of numbers new tensors have."""
    return python.call(ast.Attribute(_LIKE, name), *arguments, **keywords)


def _real(term: Term, node: ast.expr) -> ast.expr:
    """The value as a tensor of real numbers: functions take no plain numbers, products no truth values."""
    if term.dtype == "number":
        return _method("new_tensor", node)
    if term.dtype in ("integer", "boolean"):
        return python.call(ast.Attribute(node, "to"), _LIKE)
    return node


def _operator(operator: str) -> Spelling:
    """The operation; where nothing in it says what the real numbers of the result are like, an operand is made so."""

    def spelling(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
        kinds = {argument.dtype for argument in term.arguments}
        arguments = list(arguments)
        if operator in "+-*/" and "boolean" in kinds:
            pairs = zip(term.arguments, arguments, strict=True)
            arguments = [_real(argument, node) if argument.dtype == "boolean" else node for argument, node in pairs]
            kinds = kinds - {"boolean"} | {"real"}
        if term.dtype == "real" and (operator == "@" or "real" not in kinds):
            arguments = [
                node if operator != "@" and argument.dtype == "number" and len(kinds) > 1 else _real(argument, node)
                for argument, node in zip(term.arguments, arguments, strict=True)
            ]
        return python.binary(operator, *arguments)

    return spelling


def _function(name: str) -> Spelling:
    """The call of a function that takes tensors only."""
    return lambda term, arguments: python.call(name, *map(_real, term.arguments, arguments))


def _reduction(name: str) -> Spelling:
    def spelling(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
        node = with_axis(_REDUCTIONS[name], term, arguments, "dim")
        assert isinstance(node, ast.Call)
        options = [ast.keyword(key, python.constant(value)) for key, value in _OPTIONS.get(name, {}).items()]
        return ast.Call(node.func, node.args, [*options, *node.keywords])

    return spelling


def _where(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    condition, *values = arguments
    if term.arguments[0].dtype != "boolean":
        condition = python.binary("!=", condition, python.constant(0))
    return python.call("torch.where", condition, *map(_real, term.arguments[1:], values))


def _polygamma(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    order, value = term.arguments
    number = python.constant(int(order.options[0])) if order.head == "number" else python.call("int", arguments[0])
    return python.call("torch.special.polygamma", number, _real(value, arguments[1]))


def _index(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    """The index; tensors have no negative steps, so these are taken out first."""
    operand, template = arguments[0], list(term.options)
    for axis, item in enumerate(template):
        if isinstance(item, tuple) and _backwards(term, item):
            bounds = [_bound(part, arguments) for part in item]
            operand = python.call("backwards", operand, python.constant(axis), *bounds)
            template[axis] = (None, None, None)
    while template and template[-1] == (None, None, None):
        template.pop()
    return python.subscript(operand, *index_items(tuple(template), arguments)) if template else operand


def _backwards(term: Term, item: object) -> bool:
    """Whether an item of an index is a slice with a negative step."""
    step = term.arguments[item[2]] if isinstance(item, tuple) and item[2] is not None else None
    return step is not None and (step.head == "negative" or (step.head == "number" and step.options[0] < 0))


def _full(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    value, *sizes = arguments
    shape = ast.Tuple(list(sizes))
    number = term.arguments[0]
    literal = number.options[0] if number.head == "number" else None
    if literal in (0, 1):
        return _method("new_ones" if literal else "new_zeros", shape)
    return python.binary("*", value, _method("new_ones", shape))


def _stack(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    """Numbers become a tensor, nested ones one tensor of nested lists; tensors are stacked."""
    parts = [
        _list_of(node) if part.head == "stack" else None for part, node in zip(term.arguments, arguments, strict=True)
    ]
    if all(argument.dtype == "number" for argument in term.arguments):
        items = ast.List(list(arguments))
        return _integers(items) if term.dtype == "integer" else _method("new_tensor", items)
    if all(part is not None for part in parts):
        return _method("new_tensor", ast.List([part for part in parts if part is not None]))
    return python.call("torch.stack", ast.List(list(map(_real, term.arguments, arguments))))


def _list_of(node: ast.expr) -> ast.expr | None:
    """The list in `x.new_tensor([...])`."""
    made = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "new_tensor"
    return node.args[0] if made and isinstance(node, ast.Call) and isinstance(node.args[0], ast.List) else None


def _integers(items: ast.expr) -> ast.expr:
    return python.call("torch.tensor", items, device=ast.Attribute(_LIKE, "device"))


def _joined(function: str) -> Spelling:
    def spelling(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
        (axis,) = term.options
        return python.call(function, ast.List(list(arguments)), **({"dim": python.constant(axis)} if axis else {}))

    return spelling


def _roll(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    (axis,) = term.options
    return python.call("torch.roll", *arguments, **({} if axis is None else {"dims": python.constant(axis)}))


def _transpose(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    if term.rank == 2:
        return ast.Attribute(arguments[0], "T")
    return python.call(ast.Attribute(arguments[0], "permute"), *map(python.constant, reversed(range(term.rank))))


def _reshape(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    array, *sizes = arguments
    return python.call("torch.reshape", array, ast.Tuple(list(sizes) or [python.constant(-1)]))


def _eye(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    return python.call(
        "torch.eye", *arguments, dtype=ast.Attribute(_LIKE, "dtype"), device=ast.Attribute(_LIKE, "device")
    )


def _assemble(term: Term, arguments: Sequence[ast.expr], name: str) -> list[ast.stmt]:
    """Zeros, then one statement for each piece."""
    out = python.name(name)
    statements = [python.assign(out, _method("new_zeros", ast.Tuple(list(arguments[: term.rank]))))]
    for piece in term.options:
        items, value = index_items(piece.template, arguments), arguments[piece.value]
        if any(_backwards(term, item) for item in piece.template):
            statements.append(_turned(term, piece, out, arguments))
        elif piece.distinct:
            statements.append(python.update(python.subscript(out, *items), "-" if piece.negative else "+", value))
        else:
            statements.append(_scattered(term, piece, out, items, value))
    return statements


def _turned(term: Term, piece: Placed, out: ast.expr, arguments: Sequence[ast.expr]) -> ast.stmt:
    """A placement with negative steps: every position by itself."""
    if any(isinstance(item, int) for item in piece.template):
        raise ArgumentError("the target torch cannot express index arrays beside slices that run backwards")
    slices = [python.call("slice", *(_bound(part, arguments) for part in item)) for item in _ranges(piece.template)]
    place = python.subscript(out, python.call("mesh", out, *slices))
    return python.update(place, "-" if piece.negative else "+", arguments[piece.value])


def _ranges(template: Template) -> list[tuple[int | None, int | None, int | None]]:
    return [item for item in template if isinstance(item, tuple)]


def _bound(part: int | None, arguments: Sequence[ast.expr]) -> ast.expr:
    return python.constant(None) if part is None else arguments[part]


def _cumsum(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    return python.call("torch.cumsum", *arguments, python.constant(term.options[0] or 0))


def _fill(term: Term, arguments: Sequence[ast.expr], name: str) -> list[ast.stmt]:
    """The value copied into the tensor."""
    out = python.name(name)
    if term.head == "assemble":
        return [ast.Expr(python.call(ast.Attribute(out, "zero_"))), *_assemble(term, arguments, name)[1:]]
    value = TORCH.expressions[term.head](term, arguments) if term.arguments else arguments[0]
    tensor = value if term.arguments or term.head == "variable" else _method("new_tensor", value)
    return [ast.Expr(python.call(ast.Attribute(out, "copy_"), tensor))]


def _literal(values: ast.expr, integers: bool) -> ast.expr:
    return python.call("torch.tensor", values, **({} if integers else {"dtype": python.dotted("torch.float64")}))


def _scattered(term: Term, piece: Placed, out: ast.expr, items: list[ast.expr], value: ast.expr) -> ast.stmt:
    """Positions may repeat, and `out[i] += g` would keep only the last."""
    value = _real(term.arguments[piece.value], value)
    value = python.negative(value) if piece.negative else value
    if isinstance(items[-1], ast.Slice) or isinstance(items[0], ast.Slice):
        axis = next(k for k, item in enumerate(items) if not isinstance(item, ast.Slice))
        call = python.call(ast.Attribute(out, "index_add_"), python.constant(axis), items[axis], value)
    else:
        where = ast.Tuple(list(items))
        call = python.call(ast.Attribute(out, "index_put_"), where, value, accumulate=python.constant(True))
    return ast.Expr(call)


class TorchRuntime:
    """Tensors in and out: float32 stays float32, and everything stays on its device."""

    direct = False
    finishes = False

    def __init__(self) -> None:
        self._torch = library("torch", "PyTorch", "torch")
        self._numpy = NumpyRuntime()
        self.failures: tuple[type[Exception], ...] = (self._torch.linalg.LinAlgError,)

    def convert(self, entry: VariableDeclaration) -> Convert:
        """The conversion of one argument to a tensor; plain numbers and lists are float64 until they meet others."""
        torch = self._torch
        kinds = "biuf" if entry.index is None else "iu"

        def tensor(value: Any) -> Any:
            if not isinstance(value, torch.Tensor):
                array = self._numpy.native(self._numpy.numeric(entry.name, value, kinds))
                kept = entry.index is None and array.dtype.kind == "f" and array.dtype.itemsize in (4, 8)
                wanted = array.dtype if kept else "f8" if entry.index is None else "i8"
                return torch.from_numpy(array.astype(wanted, copy=True))
            if value.is_complex() or (entry.index is not None and value.is_floating_point()):
                what = "numbers" if entry.index is None else "integers"
                raise ArgumentError(f"the value of {entry.name} must consist of {what}, not of {value.dtype}")
            if entry.index is not None:
                return value.long()
            return value if value.is_floating_point() else value.double()

        return tensor

    def own(self, value: Any) -> Any:
        """A copy of the tensor."""
        return value.clone()

    def settled(self, value: Any) -> bool:
        """Not what gradients flow back to: their way is there for one time."""
        return not value.requires_grad

    def match(self, arguments: list[Any]) -> list[Any]:
        """The arguments with one type of real numbers: the widest among arrays, or else among single numbers."""
        torch = self._torch
        real = [argument for argument in arguments if argument.is_floating_point()]
        wide = [argument for argument in real if argument.dim()] or real
        if len({argument.dtype for argument in real}) < 2:
            return arguments
        dtype = wide[0].dtype
        for argument in wide:
            dtype = torch.promote_types(dtype, argument.dtype)
        return [argument.to(dtype) if argument.is_floating_point() else argument for argument in arguments]

    def check_table(self, entry: VariableDeclaration, value: Any, sizes: Mapping[str, int]) -> None:
        """Whether an index array stays within its bound."""
        self._numpy.check_table(entry, value, sizes)

    def place(self, source: str) -> tuple[str, str]:
        """No file."""
        return "<hesse>", "<hesse>"

    def prepare(self, load: Callable[[str], Callable[..., Any]], code: Program) -> Callable[..., Any]:
        """The function as it is."""
        return load(code.source)

    def caches(self, arguments: Sequence[Any]) -> bool:
        """Whether all tensors are on the processor."""
        return all(argument.device.type == "cpu" for argument in arguments)

    def fitted(self, run: Callable[..., Any], arguments: Sequence[Any]) -> Callable[..., Any]:
        """The function itself: it is the same for all sizes."""
        return run

    def buffer(self, name: str, value: Any) -> Any:
        """The tensor."""
        if not isinstance(value, self._torch.Tensor) or not value.is_floating_point():
            raise ArgumentError(f"the buffer for {name} must be a tensor of real numbers")
        return value

    def overlap(self, buffer: Any, argument: Any) -> bool:
        """Whether both lie in the same storage."""
        tensor = isinstance(argument, self._torch.Tensor)
        return tensor and buffer.untyped_storage().data_ptr() == argument.untyped_storage().data_ptr()

    def finish(self, root: Term, copy: bool) -> Convert:
        """A tensor."""
        torch = self._torch

        def tensor(result: Any) -> Any:
            if not isinstance(result, torch.Tensor):
                return torch.tensor(result, dtype=torch.float64)
            if not result.is_floating_point():
                return result.double()
            return result.clone() if copy else result

        return tensor


TORCH = Target(
    name="torch",
    meaning="PyTorch",
    imports=(ast.Import([ast.alias("torch")]),),
    expressions={
        **{operator: _operator(operator) for operator in python.OPERATORS},
        **{name: _function(function) for name, function in _ELEMENTWISE.items()},
        **{name: _function(name) for name in ("gelu", "softplus", "xlogy")},
        **{name: called(function) for name, function in _MATRICES.items()},
        **{name: _reduction(name) for name in _REDUCTIONS},
        **{name: helper(name) for name in _OWN_HELPERS},
        "power": _operator("**"),
        "where": _where,
        "polygamma": _polygamma,
        "number": lambda term, arguments: python.number(*term.options),
        "constant": lambda term, arguments: python.dotted(f"torch.{term.options[0]}"),
        "dimension": lambda term, arguments: python.subscript(
            ast.Attribute(arguments[0], "shape"), python.constant(term.options[0])
        ),
        "float": lambda term, arguments: _method("new_tensor", *arguments),
        "negative": lambda term, arguments: python.negative(arguments[0]),
        "transpose": _transpose,
        "column": lambda term, arguments: python.subscript(arguments[0], ast.Slice(), python.constant(None)),
        "index": _index,
        "arange": lambda term, arguments: python.call(
            "torch.arange", *arguments, device=ast.Attribute(_LIKE, "device")
        ),
        "einsum": lambda term, arguments: python.call("torch.einsum", python.constant(term.options[0]), *arguments),
        "eye": _eye,
        "full": _full,
        "stack": _stack,
        "reshape": _reshape,
        "concat": _joined("torch.cat"),
        "stack_along": _joined("torch.stack"),
        "roll": _roll,
        "cumsum": _cumsum,
        "tril": called("torch.tril"),
        "triu": called("torch.triu"),
        "expanded": expanded,
        "swapped": lambda term, arguments: python.call("torch.swapaxes", *arguments, *map(python.constant, (-1, -2))),
        "contiguous": lambda term, arguments: python.call(ast.Attribute(arguments[0], "contiguous")),
        "finite_max": helper("finite_max"),
    },
    blocks={"assemble": _assemble},
    binds=True,
    cached=2**22,
    loop=out_of_place,
    helpers=helper_functions("hesse.codegen", "torch_helpers.py"),
    fill=_fill,
    literal=_literal,
    like=python.call("torch.zeros", ast.Tuple([]), dtype=python.dotted("torch.float64")),
    runtime=TorchRuntime,
)
