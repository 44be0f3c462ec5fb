"""The target Numba: loops compiled to machine code, several threads over the outermost."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from hesse.codegen import python
from hesse.codegen.arrays import docstring, with_needs
from hesse.codegen.binding import size_sources
from hesse.codegen.kernels import indented
from hesse.codegen.loops import Loops
from hesse.codegen.names import Names, identifier
from hesse.codegen.numpy import helper_functions
from hesse.codegen.plan import Plan, inputs
from hesse.codegen.runtime import NumpyRuntime, library
from hesse.codegen.stored import ALONG, LIBRARY, ROWS
from hesse.codegen.target import Convert, Program, Spelling, Target
from hesse.codegen.terms import Term
from hesse.codegen.windows import with_windows
from hesse.core.declarations import VariableDeclaration
from hesse.core.sizes import Size
from hesse.errors import ArgumentError, DeclarationError

_ALONE = Lock()
PARALLEL = 40_000
"""How many entries the arguments have where several threads are worth starting."""
_MATH = "exp expm1 log log1p sqrt sin cos tan sinh cosh tanh erf".split()
_RENAMED = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "gammaln": "lgamma"}
_SCALAR_HELPERS = "sigmoid softplus logaddexp xlogy gelu".split()
_OTHERS = (
    "sum mean norm norm1 @ einsum assemble trace reshape concat roll kron transpose column index full arange eye diag "
    "diagpart outer stack stack_along dimension tril triu"
).split()
"""What loops write themselves."""
OPTIONS = "error_model='numpy', cache=True"


def write_numba(plan: Plan, target: Target, name: str, buffers: Sequence[str] = ()) -> Program:
    """The program of the plan: a compiled function, and around it one that names several results."""
    names = Names(
        {*target.names, *target.helpers, python.GROUP, python.LIKE, name, "range", "max", "min", "abs", "float"}
    )
    kernel = names.take(f"{name}_loops") if plan.joint else name
    parameters = {entry: names.take(entry) for entry in plan.declarations.variables}
    local = [names.number(identifier(output)) for output in plan.outputs] if plan.joint else []
    outs = {output: names.take(f"out_{output}" if plan.joint else "out") for output in buffers}
    sizes = SizeText(plan, names, parameters)
    given = dict(zip(inputs(plan), parameters.values(), strict=True))
    filled = {plan.outputs[o]: out for o, out in reversed([*outs.items()]) if plan.outputs[o].rank}
    loops = Loops(plan, names, given, filled, lambda term, parts: spelled(target, term, parts), sizes.text)
    body = loops.statements()
    results = {output: loops.result(root) for output, root in plan.outputs.items()}
    copies = [
        f"{out}[...] = {results[output]}" for output, out in outs.items() if filled.get(plan.outputs[output]) != out
    ]
    failures = [f"if {check}: raise IndexError('an index is out of range')" for check in loops.checks]
    # What lies in a buffer need not be handed back out of the compiled function.
    returned = [output for output in results if output not in outs or not plan.joint]
    values = ", ".join(outs.get(output, results[output]) for output in returned)
    comma = "," if len(returned) == 1 and plan.joint else ""
    lines = [*sizes.statements(), *failures, *body, *copies, f"return {values}{comma}"]
    signature = ", ".join([*parameters.values(), *outs.values()])
    text = "\n".join(
        [f"@njit({OPTIONS}{', boundscheck=True' * loops.looks_up})", f"def {kernel}({signature}):", *indented(lines)]
    )
    functions = python.parse(text)
    assert isinstance(functions[0], ast.FunctionDef)
    functions[0].body = with_windows(functions[0].body, names)
    described = ast.Expr(ast.Constant(docstring(plan, parameters, buffers=outs)))
    if plan.joint:
        held = {output: outs.get(output, name) for output, name in zip(results, local, strict=True)}
        pairs = ", ".join(f"{output!r}: {variable}" for output, variable in held.items())
        called = f"{kernel}({signature})"
        called = f"{', '.join(held[output] for output in returned)}{comma} = {called}" if returned else called
        functions += python.parse(f"def {name}({signature}):\n    {called}\n    return {{{pairs}}}")
    last = functions[-1]
    assert isinstance(last, ast.FunctionDef)
    last.body.insert(0, described)
    source = python.unparse(with_needs(functions, target))
    return Program(source=source, name=name, plan=plan, functions=(), buffers=tuple(buffers))


class SizeText:
    """Sizes as text, and the statements that read those in use from the shapes of the arguments."""

    def __init__(self, plan: Plan, names: Names, parameters: Mapping[str, str]) -> None:
        self._sources = size_sources(plan.declarations)
        self._parameters = parameters
        self._local = {name: names.take(name) for name in self._sources}
        self._used: set[str] = set()

    def text(self, size: Size) -> str:
        """The expression of a size."""
        unknown = sorted(size.names - self._sources.keys())
        if unknown:
            hint = f"declare a variable of this size, such as `v:{unknown[0]}`"
            raise DeclarationError(f"the size {unknown[0]} is used, but no variable fixes it", hint=hint)
        self._used |= size.names
        return self._written(size)

    def _written(self, size: Size) -> str:
        constant = size.as_int()
        if constant is not None:
            return str(constant)
        tree = python.parse_expression(str(size))
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                node.id = self._local[node.id]
        return f"({ast.unparse(tree)})" if len(size.terms) > 1 else ast.unparse(tree)

    def statements(self) -> list[str]:
        """n = x.shape[0] and the like."""
        waiting = list(self._used)
        while waiting:
            source = self._sources[waiting.pop()]
            waiting += (source.rest.names | source.factor.names) - self._used
            self._used |= source.rest.names | source.factor.names
        lines: list[str] = []
        for name, source in self._sources.items():
            if name in self._used:
                value = f"{self._parameters[source.variable]}.shape[{source.axis}]"
                value = f"({value} - ({self._written(source.rest)}))" if source.rest.terms else value
                value = value if source.factor.as_int() == 1 else f"{value} // {self._written(source.factor)}"
                lines.append(f"{self._local[name]} = {value}")
        return lines


def spelled(target: Target, term: Term, parts: Sequence[str]) -> str:
    """The expression of an operation on numbers, given those of its arguments."""
    nodes = [python.parse_expression(part) for part in parts]
    return f"({ast.unparse(target.expressions[term.head](term, nodes))})"


def _operator(operator: str) -> Spelling:
    return lambda term, arguments: python.binary(operator, *arguments)


def _called(function: str) -> Spelling:
    return lambda term, arguments: python.call(function, *arguments)


def _where(term: Term, arguments: Sequence[ast.expr]) -> ast.expr:
    return ast.IfExp(*arguments)


class NumbaRuntime(NumpyRuntime):
    """Arrays of float64 in C order in and out; programs are kept in Numba's own cache."""

    direct = True

    def __init__(self) -> None:
        library("numba", "Numba", "numba")
        super().__init__()

    def convert(self, entry: VariableDeclaration) -> Convert:
        """The conversion of one argument to a contiguous array."""
        plain, contiguous = super().convert(entry), self.numpy.ascontiguousarray
        if not entry.shape and entry.index is None:
            # Single numbers as Python's own, which Numba takes faster than NumPy's.
            return lambda value: (
                value if type(value) is float else found if (found := plain(value)).shape else found.item()
            )
        array_type = self.numpy.ndarray
        kind = self.numpy.dtype(self.numpy.float64 if entry.index is None else self.numpy.intp)

        def array(value: Any) -> Any:
            if type(value) is not array_type or value.dtype is not kind:
                value = plain(value)
            return value if value.flags.c_contiguous else contiguous(value)

        return array

    def check_table(self, entry: VariableDeclaration, value: Any, sizes: Mapping[str, int]) -> None:
        """Whether an index array stays within its bound; loops do not look."""
        assert entry.index is not None
        if not entry.index.names <= sizes.keys():
            raise ArgumentError(f"the bound {entry.index} of {entry.name} is not known", hint="use the backend numpy")
        super().check_table(entry, value, sizes)

    def place(self, source: str) -> tuple[str, str]:
        """The file that the source is kept in, beside which Numba keeps what it compiled."""
        root = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        name = f"hesse_program_{sha256(source.encode()).hexdigest()[:24]}"
        path = Path(root) / "hesse" / "numba" / f"{name}.py"
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(source, encoding="utf-8")
        except (OSError, RuntimeError):
            return super().place(source)
        return name, str(path)

    def prepare(self, load: Callable[[str], Callable[..., Any]], code: Program) -> Callable[..., Any]:
        """The function on one thread where the arguments are small, on several where they are large."""
        name, file = self.place(code.source)
        source = code.source if name != file else code.source.replace("cache=True", "cache=False")
        single = load(source)
        if "prange" not in source:
            return single
        return Threaded(
            single, lambda: load(source.replace(", cache=", ", parallel=True, cache=")), code.threads or PARALLEL
        )

    def fitted(self, run: Callable[..., Any], arguments: Sequence[Any]) -> Callable[..., Any]:
        """The function that does without threads, where arguments of these shapes are small."""
        return run.fitted(arguments) if isinstance(run, Threaded) else run


class Threaded:
    """A function on one thread for small arguments, and on several for large ones, which is made when it is needed."""

    def __init__(self, single: Callable[..., Any], make: Callable[[], Callable[..., Any]], entries: int) -> None:
        self._single, self._make, self._entries = single, make, entries
        self._several: Callable[..., Any] | None = None

    def fitted(self, arguments: Sequence[Any]) -> Callable[..., Any]:
        """What computes for arguments of these shapes."""
        sizes = [getattr(argument, "size", 1) for argument in arguments]
        return self._single if max(sizes, default=0) < self._entries else self._on_threads

    def __call__(self, *arguments: Any) -> Any:
        return self.fitted(arguments)(*arguments)

    def _on_threads(self, *arguments: Any) -> Any:
        with _ALONE:  # Numba's own threads are not for several callers at once, whichever kind they are
            if self._several is None:
                self._several = self._make()
            return self._several(*arguments)


NUMBA = Target(
    name="numba",
    meaning="loops compiled by Numba, on several threads where they are long",
    imports=(
        ast.Import([ast.alias("math")]),
        ast.Import([ast.alias("numpy", "np")]),
        ast.ImportFrom("numba", [ast.alias("njit"), ast.alias("prange")], 0),
    ),
    expressions={
        **{operator: _operator(operator) for operator in python.OPERATORS},
        **{name: _called(f"math.{name}") for name in _MATH},
        **{name: _called(f"math.{function}") for name, function in _RENAMED.items()},
        **{name: _called(name) for name in _SCALAR_HELPERS},
        # Loops write these themselves.
        **dict.fromkeys((*ROWS, *ALONG, *LIBRARY, *_OTHERS), _called("")),
        "abs": _called("abs"),
        "sign": _called("np.sign"),
        "maximum": _called("np.maximum"),
        "minimum": _called("np.minimum"),
        "power": _operator("**"),
        "where": _where,
        "float": _called("float"),
        "number": lambda term, arguments: python.number(*term.options),
        "constant": lambda term, arguments: python.dotted(f"math.{term.options[0]}"),
        "negative": lambda term, arguments: python.negative(arguments[0]),
    },
    helpers=helper_functions("hesse.codegen", "numba_helpers.py"),
    fill=lambda term, arguments, name: [],
    literal=lambda values, integers: python.call("np.array", values),
    write=write_numba,
    runtime=NumbaRuntime,
)
