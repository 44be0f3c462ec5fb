"""Functions compiled from expressions: arguments checked and converted, then the generated code runs.

NumPy is imported when the first function is made, so that deriving and rendering need no numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from numbers import Real
from typing import Any

from hesse.codegen.binding import Binding
from hesse.codegen.emit import Program, program
from hesse.codegen.numpy import NUMPY
from hesse.codegen.terms import Term
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.syntax import Syntax
from hesse.errors import ArgumentError, ShapeError

_VIEWS = frozenset({"variable", "transpose", "index", "column", "diagpart"})
_REMEMBERED = 64


def compile_function(tree: Syntax, declarations: Declarations) -> CompiledFunction:
    """The function of the expression: every declared variable by keyword in, NumPy out.

    Values may be arrays, nested lists or numbers. A result of rank 0 is a NumPy float, any other a new array of
    float64. Undefined functions in use are keywords too: a callable, or `u=(value, gradient, hessian)` with as many
    derivatives as the expression needs; elementwise ones work on arrays.
    """
    return CompiledFunction(program(tree, declarations, NUMPY), declarations)


class CompiledFunction:
    """Callable with the declared names as keywords; `source` is the code that runs."""

    def __init__(self, code: Program, declarations: Declarations) -> None:
        import numpy as np

        self._numpy = np
        self.source = code.source
        self.__doc__ = f"Compiled from:\n\n{code.source}"
        self._run = _function(code)
        entries = declarations.variables
        self._convert = [(name, _converter(entry)) for name, entry in entries.items()]
        self._calls = code.functions
        self._optional = frozenset(declarations.functions)
        self._names = frozenset(entries) | {name for name, _ in code.functions}
        self._binding = Binding(declarations)
        self._tables = [(k, entry) for k, entry in enumerate(entries.values()) if entry.index is not None]
        self._known_shapes: dict[tuple[tuple[int, ...], ...], dict[str, int]] = {}
        self._finish = _finisher(code.root)

    def __call__(self, /, **values: Any) -> Any:
        if values.keys() != self._names:
            self._check_names(values)
        arguments = [convert(values[name]) for name, convert in self._convert]
        shapes = tuple([argument.shape for argument in arguments])
        sizes = self._known_shapes.get(shapes)
        if sizes is None:
            sizes = self._check_shapes(shapes)
        for position, entry in self._tables:
            _check_table(entry, arguments[position], sizes)
        if self._calls:
            arguments += [_callable(values[name], name, order) for name, order in self._calls]
        try:
            return self._finish(self._run(*arguments))
        except self._numpy.linalg.LinAlgError:
            raise ArgumentError("a matrix that has to be inverted is singular at these values") from None
        except IndexError as error:
            raise ShapeError(f"an index is out of range at these sizes: {error}") from None

    def _check_names(self, values: Mapping[str, Any]) -> None:
        missing = [name for name in (*dict(self._convert), *dict(self._calls)) if name not in values]
        known = self._names | self._optional
        unknown = [name for name in values if name not in known]
        if unknown:
            near = get_close_matches(unknown[0], missing or sorted(known), 1, 0.0 if len(missing) == 1 else 0.6)
            hint = f"did you mean {near[0]}?" if near else f"the names are {', '.join(sorted(known))}"
            raise ArgumentError(f"there is no variable {unknown[0]}", hint=hint)
        if missing:
            functions = [name for name in missing if name in self._optional]
            hint = f"give a callable: {functions[0]}=..." if functions else ""
            raise ArgumentError(f"{' and '.join(missing)} must be given", hint=hint)

    def _check_shapes(self, shapes: tuple[tuple[int, ...], ...]) -> dict[str, int]:
        sizes = self._binding.sizes(dict(zip(dict(self._convert), shapes, strict=True)))
        if len(self._known_shapes) >= _REMEMBERED:
            self._known_shapes.clear()
        self._known_shapes[shapes] = sizes
        return sizes


def _function(code: Program) -> Callable[..., Any]:
    """The generated function; what runs is exactly the source that is shown."""
    namespace: dict[str, Any] = {}
    exec(compile(ast.parse(code.source), "<hesse>", "exec"), namespace)
    run: Callable[..., Any] = namespace[code.name]
    return _quiet(run) if "where" in code.heads else run


def _quiet(run: Callable[..., Any]) -> Callable[..., Any]:
    """Without floating-point warnings: `where` computes both sides, also the one that is not used."""
    import numpy as np

    def silenced(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            return run(*arguments)

    return silenced


def _converter(entry: VariableDeclaration) -> Callable[[Any], Any]:
    """The conversion of one argument to float64, or to integers for an index array."""
    import numpy as np

    array_type, plain = np.ndarray, np.dtype(np.float64)

    def real(value: Any) -> Any:
        if type(value) is array_type and value.dtype is plain:
            return value
        if type(value) is float:
            return np.float64(value)
        return _numeric(entry.name, value, "biuf").astype(plain)[()]

    def integer(value: Any) -> Any:
        return _numeric(entry.name, value, "iu").astype(np.intp)[()]

    return real if entry.index is None else integer


def _numeric(name: str, value: Any, kinds: str) -> Any:
    """The value as an array of one of these kinds of numbers."""
    import numpy as np

    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and all(isinstance(entry, Real) for entry in array.flat) and "f" in kinds:
            array = array.astype(np.float64)
    except (ValueError, TypeError, OverflowError):
        raise ArgumentError(f"the value of {name} is not an array of numbers") from None
    if array.dtype.kind not in kinds:
        what = "numbers" if "f" in kinds else "integers"
        given = "other things" if array.dtype.kind in "OSU" else array.dtype
        raise ArgumentError(f"the value of {name} must consist of {what}, not of {given}")
    return array


def _check_table(entry: VariableDeclaration, value: Any, sizes: Mapping[str, int]) -> None:
    """Whether an index array stays within its bound: a negative entry would silently count from the end."""
    assert entry.index is not None
    if entry.index.names <= sizes.keys():
        bound = entry.index.evaluate(sizes)
        if value.min() < 0 or value.max() >= bound:
            raise ArgumentError(f"the entries of {entry.name} must lie between 0 and {entry.index} - 1 = {bound - 1}")


def _callable(value: Any, name: str, order: int) -> Callable[..., Any]:
    """The derivative of some order of an undefined function, out of what the caller gave for it."""
    given = value if isinstance(value, (tuple, list)) else (value,)
    if order >= len(given) or not callable(given[order]):
        need = ("value", "gradient", "hessian")[: order + 1]
        hint = f"give {name}=({', '.join(need)}) as callables" if order < 3 else ""
        raise ArgumentError(f"the derivative of order {order} of {name} is missing", hint=hint)
    function: Callable[..., Any] = given[order]
    return function


def _finisher(root: Term) -> Callable[[Any], Any]:
    """What makes the result of the generated function's value: of the right type, sharing no memory with arguments."""
    import numpy as np

    if not root.shape:
        return np.float64
    base = root
    while base.head in _VIEWS and base.arguments:
        base = base.arguments[0]
    if base.head == "variable":
        return lambda result: np.array(result, np.float64)
    return lambda result: np.asarray(result, np.float64)
