"""Functions compiled from expressions: arguments checked and converted, then the generated code runs.

The library of a target is imported when the first function is made, so that deriving and rendering need no numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from types import ModuleType
from typing import Any, Protocol

from hesse.codegen.arrays import call_name, write_arrays
from hesse.codegen.binding import Binding
from hesse.codegen.bound import bound_plan
from hesse.codegen.emit import program
from hesse.codegen.emptiness import meaningless
from hesse.codegen.entry import direct, takes_numbers
from hesse.codegen.filling import Bound, FillingFunction
from hesse.codegen.fixing import FixedFunction
from hesse.codegen.numba import NumbaRuntime
from hesse.codegen.numpy import NUMPY
from hesse.codegen.placing import Place, placing_program
from hesse.codegen.plan import RESULT, Plan
from hesse.codegen.runtime import NumpyRuntime
from hesse.codegen.target import Convert, Program, Runtime, Target
from hesse.codegen.terms import owner
from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.errors import ArgumentError, ShapeError

_REMEMBERED = 64


class BoundFunction(Protocol):
    """A function for certain sizes, of arguments in the order of the variables."""

    def __call__(self, arguments: list[Any], values: Mapping[str, Any], arrays: Sequence[Any] = ()) -> Any:
        """The results; `arrays` are for those that are left in buffers."""


def compile_function(
    trees: Syntax | Mapping[str, Syntax], declarations: Declarations, target: Target = NUMPY
) -> Callable[..., Any]:
    """The function of the expression, or of several at once: every declared variable by keyword in, arrays out.

    Values may be arrays, nested lists or numbers. A result of rank 0 is a NumPy float, any other a new array of
    float64; several results come in a dictionary. Undefined functions in use are keywords too: a callable, or
    `u=(value, gradient, hessian)` with as many derivatives as the expression needs; elementwise ones work on arrays.
    """
    return _entry(compiled(trees, declarations, target))


def _entry(function: CompiledFunction) -> Callable[..., Any]:
    """The function, with a signature of its own where single numbers go in without a detour."""
    runtime = function.runtime
    if not runtime.direct or not takes_numbers(function.plan):
        return function
    finish = function.finish if runtime.finishes else None
    attributes = ("source", "plan", "run", "into", "fix")
    return direct(function, function.plan, (*runtime.failures, IndexError), finish, attributes)


def compiled(
    trees: Syntax | Mapping[str, Syntax], declarations: Declarations, target: Target = NUMPY
) -> CompiledFunction:
    """The function of the expressions as an object that can be asked for its parts."""
    runtime = (target.runtime or NumpyRuntime)()
    return CompiledFunction(program(trees, declarations, target), target, runtime)


class CompiledFunction:
    """Callable with the declared names as keywords; `source` is the code that runs.

    Nothing is kept between calls but the shapes seen, so that calls may overlap in any number of threads.
    """

    def __init__(self, code: Program, target: Target, runtime: Runtime) -> None:
        self._code = code
        self._target = target
        self.source = code.source
        self.plan = code.plan
        self.__doc__ = f"Compiled from:\n\n{code.source}"
        self.runtime = runtime
        self.run = runtime.prepare(loader(code, runtime), code)
        declarations = code.plan.declarations
        entries = declarations.variables
        self._convert = [(name, runtime.convert(entry)) for name, entry in entries.items()]
        self._calls = code.functions
        self._optional = frozenset(declarations.functions)
        self._names = frozenset(entries) | {name for name, _ in code.functions}
        self._binding = Binding(declarations)
        self._tables = [(k, entry) for k, entry in enumerate(entries.values()) if entry.index is not None]
        self._known_shapes: dict[tuple[tuple[int, ...], ...], Bound] = {}
        self._programs: dict[tuple[Plan, tuple[str, ...]], Callable[..., Any]] = {}
        self.finish = _finisher(code.plan, runtime)

    def __call__(self, /, **values: Any) -> Any:
        arguments, bound = self.bind(values)
        return self.finish(self.guarded(bound.run, arguments))

    def __repr__(self) -> str:
        return f"<function of {', '.join([name for name, _ in self._convert])} for {self._target.name}>"

    def bound_to(self, sizes: Mapping[str, int], buffers: tuple[str, ...] = ()) -> BoundFunction:
        """The function for these sizes, of arguments that another function of the same variables has bound.

        The values by name are asked for undefined functions only. Those of the results that are named `buffers` are
        left in arrays, which must share memory with nothing else.
        """
        plan, calls, guarded = self._bound_plan(sizes), self._calls, self.guarded
        made = self.run if plan is self.plan and not buffers else self.runner(plan, buffers)
        finish = _finisher(plan, self.runtime, buffers) if buffers else self.finish
        fitted: list[Callable[..., Any]] = []

        def call(arguments: list[Any], values: Mapping[str, Any], arrays: Sequence[Any] = ()) -> Any:
            if calls:
                if any(name not in values for name, _ in calls):
                    self._check_names(values)
                arguments = arguments + [_callable(values[name], name, order) for name, order in calls]
            if arrays:
                arguments = [*arguments, *arrays]
            if not fitted:
                fitted.append(self.runtime.fitted(made, arguments))
            return finish(guarded(fitted[0], arguments))

        return call

    def bind(self, values: Mapping[str, Any]) -> tuple[list[Any], Bound]:
        """The arguments of the generated function, converted and checked, and what fits them. Raises HesseError."""
        if values.keys() != self._names:
            self._check_names(values)
        arguments = [convert(values[name]) for name, convert in self._convert]
        shapes = tuple([getattr(argument, "shape", ()) for argument in arguments])
        bound = self._known_shapes.get(shapes)
        if bound is None:
            bound = self._check_shapes(shapes, arguments)
        for position, entry in self._tables:
            self.runtime.check_table(entry, arguments[position], bound.sizes)
        arguments = self.runtime.match(arguments)
        if self._calls:
            arguments += [_callable(values[name], name, order) for name, order in self._calls]
        return arguments, bound

    def source_for(self, **sizes: int) -> str:
        """The source that runs for these sizes: for large ones products may stand in another order, or run in blocks.

        >>> import hesse as hs
        >>> f = hs.parse("P @ V.T @ V", "P:m,k V:n,k").compile()
        >>> f.source_for(m=2000, n=2000, k=20).split("\\n")[-2].strip()
        'return P @ (V.T @ V)'
        """
        return self.program(self._bound_plan(sizes)).source

    def program(self, plan: Plan, buffers: tuple[str, ...] = ()) -> Program:
        """The program of a plan that computes the same."""
        if plan is self.plan and not buffers:
            return self._code
        return (self._target.write or write_arrays)(plan, self._target, self._code.name, buffers)

    def runner(self, plan: Plan, buffers: tuple[str, ...] = ()) -> Callable[..., Any]:
        """The function of a plan that computes the same, made once."""
        if (plan, buffers) not in self._programs:
            code = self.program(plan, buffers)
            self._programs[plan, buffers] = self.runtime.prepare(loader(code, self.runtime), code)
        return self._programs[plan, buffers]

    def _bound_plan(self, sizes: Mapping[str, int], blocks: bool = True) -> Plan:
        target = self._target
        return bound_plan(self.plan, sizes, target.cached if blocks else 0) if target.binds else self.plan

    def guarded(self, run: Callable[..., Any], arguments: list[Any]) -> Any:
        """What the generated function returns. Raises HesseError for what it cannot do with these values."""
        try:
            return run(*arguments)
        except self.runtime.failures:
            raise ArgumentError("a matrix that has to be inverted is singular at these values") from None
        except IndexError as error:
            raise ShapeError(f"an index is out of range at these sizes: {error}") from None

    def into(self, buffers: Any) -> Callable[..., Any]:
        """The function that leaves its result in the buffer; a joint function takes buffers by name, some or all.

        Raises ArgumentError for what is no buffer, ShapeError where its shape is another.

        >>> import hesse as hs, numpy as np
        >>> gradient = hs.gradient(hs.parse("x @ x", "x:n")).compile()
        >>> out = np.empty(2)
        >>> gradient.into(out)(x=[1.0, 2.0]) is out, out
        (True, array([2., 4.]))
        """
        plan = self.plan
        given = buffers if plan.joint else {RESULT: buffers}
        if not isinstance(given, Mapping) or not given or not given.keys() <= plan.outputs.keys():
            raise ArgumentError(
                f"into takes arrays by the names of results, such as {{{next(iter(plan.outputs))!r}: array}}"
            )
        names = tuple(name for name in plan.outputs if name in given)
        arrays = {name: self.runtime.buffer(name, given[name]) for name in names}
        filling = FillingFunction(self, arrays)
        if not self.runtime.direct or not takes_numbers(plan):
            return filling
        failures, finish = (*self.runtime.failures, IndexError), filling.others if plan.joint else filling.finished
        return direct(filling, plan, failures, finish, ("source", "run"), [*arrays.values()])

    def fix(self, /, **values: Any) -> FixedFunction:
        """The function of the other variables, with copies of these values.

        What depends on them alone is computed once, but for arithmetic with entries and for what would take more than
        twice the memory of the values. Raises ArgumentError for names that are no variables, ShapeError for shapes that
        do not fit.

        >>> import hesse as hs
        >>> hessian = hs.hessian(hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m"), "x").compile()
        >>> fixed = hessian.fix(A=[[1, 0], [2, 1], [0, 3]], b=[1, 2, 3])
        >>> fixed(x=[0.5, 0.5])
        array([[10.,  4.],
               [ 4., 20.]])
        """
        return FixedFunction(self, values)

    def of_plan(self, plan: Plan) -> Any:
        """The function of another plan for the same target."""
        code = (self._target.write or write_arrays)(plan, self._target, self._code.name)
        return _entry(CompiledFunction(code, self._target, self.runtime))

    def _check_names(self, values: Mapping[str, Any]) -> None:
        missing = [name for name in (*dict(self._convert), *dict(self._calls)) if name not in values]
        known = self._names | self._optional
        unknown = [name for name in values if name not in known]
        if unknown:
            derivatives = {
                call_name(self.plan.declarations.functions[name], order): name for name, order in self._calls
            }
            if unknown[0] in derivatives:
                hint = f"give it behind the function: {derivatives[unknown[0]]}=(value, gradient, ...)"
                raise ArgumentError(f"{unknown[0]} is no argument of its own", hint=hint)
            near = get_close_matches(unknown[0], missing or sorted(known), 1, 0.0 if len(missing) == 1 else 0.6)
            hint = f"did you mean {near[0]}?" if near else f"the names are {', '.join(sorted(known))}"
            raise ArgumentError(f"there is no variable {unknown[0]}", hint=hint)
        if missing:
            functions = [name for name in missing if name in self._optional]
            hint = f"give a callable: {functions[0]}=..." if functions else ""
            raise ArgumentError(f"{' and '.join(missing)} must be given", hint=hint)

    def _sizes(self, shapes: Mapping[str, tuple[int, ...]]) -> Mapping[str, int]:
        """The sizes that the shapes fix, zero where the program means something for no entries. Raises ShapeError."""
        sizes = self._binding.sizes(shapes, least=0)
        self.require_meaning(sizes)
        return sizes

    def require_meaning(self, sizes: Mapping[str, int]) -> None:
        """Raise ShapeError where some of the sizes are zero, and the program means nothing for no entries."""
        empty = [name for name, size in sizes.items() if not size]
        reason = meaningless(self.plan, sizes) if empty else ""
        if reason:
            raise ShapeError(f"{self._binding.made(empty[0], 0)}: {reason}")

    def _check_shapes(self, shapes: tuple[tuple[int, ...], ...], arguments: Sequence[Any]) -> Bound:
        sizes = self._sizes(dict(zip(dict(self._convert), shapes, strict=True)))
        if len(self._known_shapes) >= _REMEMBERED:
            self._known_shapes.clear()
            self._programs.clear()
        plan = self._bound_plan(sizes, self.runtime.caches(arguments)) if all(sizes.values()) else self.plan
        run = self.runtime.fitted(self.run if plan is self.plan else self.runner(plan), arguments)
        bound = Bound(sizes, plan, run)
        self._known_shapes[shapes] = bound
        return bound


def placing_function(
    trees: Sequence[Syntax], places: Sequence[Place], declarations: Declarations
) -> Callable[..., None]:
    """What writes the values of the expressions in place by loops: of the variables' values, vectors, and slots."""
    code, runtime = placing_program(trees, places, declarations), NumbaRuntime()
    return runtime.prepare(loader(code, runtime), code)


def loader(code: Program, runtime: Runtime) -> Callable[[str], Callable[..., Any]]:
    """What makes a function of its source; what runs is exactly the source that is shown."""

    def load(source: str) -> Callable[..., Any]:
        name, file = runtime.place(source)
        module = ModuleType(name)
        exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
        if file != name:
            sys.modules[name] = module  # a library that keeps compiled functions looks for their module
        function: Callable[..., Any] = getattr(module, code.name)
        return function

    return load


def _callable(value: Any, name: str, order: int) -> Callable[..., Any]:
    """The derivative of some order of an undefined function, out of what the caller gave for it."""
    given = value if isinstance(value, (tuple, list)) else (value,)
    if order >= len(given) or not callable(given[order]):
        need = ("value", "gradient", "hessian")[: order + 1]
        hint = f"give {name}=({', '.join(need)}) as callables" if order < 3 else ""
        raise ArgumentError(f"the derivative of order {order} of {name} is missing", hint=hint)
    function: Callable[..., Any] = given[order]
    return function


def _finisher(plan: Plan, runtime: Runtime, buffers: Sequence[str] = ()) -> Convert:
    """What makes results of the generated function's values: of the right type, none sharing memory with another.

    Those that are left in buffers are there already.
    """
    owners = {owner(plan.outputs[name]) for name in buffers}
    finishers: list[tuple[str, Convert]] = []
    for name, root in plan.outputs.items():
        if name in buffers:
            continue
        source = owner(root)
        finishers.append((name, runtime.finish(root, source.head == "variable" or source in owners)))
        owners.add(source)
    if not plan.joint:
        return finishers[0][1]
    return lambda values: {name: finish(values[name]) for name, finish in finishers}
