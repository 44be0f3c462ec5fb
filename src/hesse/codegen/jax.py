"""The target JAX: functions of arrays without side effects, for `jit`, `vmap` and every device that JAX knows."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hesse.codegen import python
from hesse.codegen.numpy import (
    HELPERS,
    SPECIAL,
    called,
    expanded,
    helper,
    helper_functions,
    index_items,
    numpy_like,
    with_axis,
)
from hesse.codegen.row_loops import folded
from hesse.codegen.runtime import NumpyRuntime, library
from hesse.codegen.target import Convert, Program, Spelling, Target
from hesse.codegen.terms import Term
from hesse.core.declarations import VariableDeclaration
from hesse.errors import ArgumentError

_DTYPE = python.call("jnp.result_type", python.name(python.LIKE))


def _new(function: str) -> Spelling:
    """The call of a function that makes an array, of the variables' type of numbers."""
    return lambda term, arguments: python.call(function, *arguments, dtype=_DTYPE)


def _full(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    value, *sizes = arguments
    shape = python.tuple_of(sizes)
    literal = term.arguments[0].options[0] if term.arguments[0].head == "number" else None
    if literal in (0, 1):
        return python.call(f"jnp.{'ones' if literal else 'zeros'}", shape, dtype=_DTYPE)
    return python.call("jnp.full", shape, value, dtype=_DTYPE)


def _einsum(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    return python.call("jnp.einsum", python.constant(term.options[0]), *arguments)


def _stack(spelled: Spelling) -> Spelling:
    """A list of numbers becomes an array of the variables' type, so that 1 is not an integer there."""

    def spelling(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
        numbers = all(argument.dtype == "number" for argument in term.arguments)
        node = spelled(term, arguments)
        assert isinstance(node, ast.Call)
        if not numbers or term.dtype == "integer":
            return node
        return ast.Call(node.func, node.args, [ast.keyword("dtype", _DTYPE)])

    return spelling


def _assemble(term: Term, arguments: Sequence[ast.expr], name: str) -> list[ast.stmt]:
    """Zeros, then one new array for each piece."""
    target = python.name(name)
    zeros = python.call("jnp.zeros", python.tuple_of(arguments[: term.rank]), dtype=_DTYPE)
    statements = [python.assign(target, zeros)]
    for piece in term.options:
        value = arguments[piece.value]
        at = python.subscript(ast.Attribute(target, "at"), *index_items(piece.template, arguments))
        added = python.negative(value) if piece.negative else value
        statements.append(python.assign(target, python.call(ast.Attribute(at, "add"), added)))
    return statements


class JaxRuntime:
    """JAX arrays in and out: float32 stays float32, and what JAX traces is taken as it is."""

    failures: tuple[type[Exception], ...] = ()
    direct = False
    finishes = False

    def __init__(self) -> None:
        self._jax = library("jax", "JAX", "jax")
        self._numpy = NumpyRuntime()

    def convert(self, entry: VariableDeclaration) -> Convert:
        """The conversion of one argument to an array of real numbers, or to integers for an index array."""
        jax, jnp = self._jax, self._jax.numpy
        kinds = "biuf" if entry.index is None else "iu"

        def array(value: Any) -> Any:
            if not isinstance(value, (jax.Array, float)):
                value = self._numpy.native(self._numpy.numeric(entry.name, value, kinds))
            value = jnp.asarray(value)
            kept = jnp.issubdtype(value.dtype, jnp.floating if entry.index is None else jnp.integer)
            if kept:
                return value
            if isinstance(value, jax.core.Tracer) and entry.index is None:
                return value.astype(jnp.result_type(float))
            return jnp.asarray(self._numpy.numeric(entry.name, value, kinds), jnp.result_type(float))

        return array

    def own(self, value: Any) -> Any:
        """The array: none of JAX's changes."""
        return value

    def settled(self, value: Any) -> bool:
        """Yes: what JAX traces, it traces once."""
        return True

    def match(self, arguments: list[Any]) -> list[Any]:
        """The arguments: JAX brings them to one type."""
        return arguments

    def check_table(self, entry: VariableDeclaration, value: Any, sizes: Mapping[str, int]) -> None:
        """Whether an index array stays within its bound, where its entries are known."""
        if not isinstance(value, self._jax.core.Tracer):
            self._numpy.check_table(entry, value, sizes)

    def place(self, source: str) -> tuple[str, str]:
        """No file."""
        return "<hesse>", "<hesse>"

    def prepare(self, load: Callable[[str], Callable[..., Any]], code: Program) -> Callable[..., Any]:
        """The function compiled by XLA for each set of shapes; where it takes other functions, as it is."""
        run = load(code.source)
        jitted: Callable[..., Any] = run if code.functions else self._jax.jit(run)
        return jitted

    def caches(self, arguments: Sequence[Any]) -> bool:
        """Whether JAX works on the processor: what it traces says nothing of places."""
        return bool(self._jax.default_backend() == "cpu")

    def fitted(self, run: Callable[..., Any], arguments: Sequence[Any]) -> Callable[..., Any]:
        """The function itself: it is the same for all sizes."""
        return run

    def buffer(self, name: str, value: Any) -> Any:
        """No buffer: JAX's arrays do not change."""
        raise ArgumentError("the backend jax has no buffers: its arrays do not change", hint="use numpy or numba")

    def overlap(self, buffer: Any, argument: Any) -> bool:
        """There are no buffers."""
        return False

    def finish(self, root: Term, copy: bool) -> Convert:
        """An array; JAX's are never changed, so none needs a copy."""
        jnp = self._jax.numpy

        def array(result: Any) -> Any:
            result = jnp.asarray(result)
            real = jnp.issubdtype(result.dtype, jnp.floating)
            return result if real else result.astype(jnp.result_type(float))

        return array


_SPELLINGS = numpy_like("jnp")

JAX = Target(
    name="jax",
    meaning="JAX, for jit, vmap and its devices",
    imports=(
        ast.Import([ast.alias("jax.numpy", "jnp")]),
        ast.ImportFrom("jax", [ast.alias("lax")], 0),
        ast.ImportFrom("jax.scipy", [ast.alias("special")], 0),
    ),
    expressions={
        **_SPELLINGS,
        **{name: called(f"special.{name}") for name in SPECIAL},
        **{name: helper(name) for name in HELPERS},
        "float": lambda term, arguments: python.call("jnp.asarray", *arguments, dtype=_DTYPE),
        "eye": _new("jnp.eye"),
        "full": _full,
        "einsum": _einsum,
        "stack": _stack(_SPELLINGS["stack"]),
        "norm": lambda term, arguments: with_axis("jnp.linalg.norm", term, arguments),
        "expanded": expanded,
        "swapped": lambda term, arguments: python.call("jnp.swapaxes", *arguments, *map(python.constant, (-1, -2))),
        "contiguous": lambda term, arguments: arguments[0],  # where arrays lie is for XLA to choose
        "finite_max": helper("finite_max"),
    },
    blocks={"assemble": _assemble},
    binds=True,
    cached=2**22,
    loop=folded,
    helpers=helper_functions("hesse.codegen", "jax_helpers.py"),
    literal=lambda values, integers: python.call("jnp.array", values),
    test_setup='import jax\njax.config.update("jax_enable_x64", True)',
    like=python.call("jnp.zeros", python.constant(0)),
    runtime=JaxRuntime,
)
