"""Functions that leave their results in arrays of the caller's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hesse.codegen.plan import RESULT, Plan
from hesse.codegen.target import Program, Runtime
from hesse.core.nodes import Shape
from hesse.core.sizes import Size
from hesse.errors import ArgumentError, ShapeError


@dataclass(frozen=True, slots=True)
class Bound:
    """What fits the shapes of some arguments: the sizes, the plan for them, and its function."""

    sizes: Mapping[str, int]
    plan: Plan
    run: Callable[..., Any]


class Bindable(Protocol):
    """A function that can say what it would be called with."""

    plan: Plan
    runtime: Runtime

    def bind(self, values: Mapping[str, Any]) -> tuple[list[Any], Bound]:
        """The arguments, converted and checked, and what fits them."""

    def program(self, plan: Plan, buffers: tuple[str, ...] = ()) -> Program:
        """The program of a plan."""

    def runner(self, plan: Plan, buffers: tuple[str, ...] = ()) -> Callable[..., Any]:
        """The function of a plan."""

    def guarded(self, run: Callable[..., Any], arguments: list[Any]) -> Any:
        """What the generated function returns, its errors explained."""


class FillingFunction:
    """Like the function it comes from, but the results are left in the buffers, which are returned.

    Any number of calls may run at the same time for different functions; one that fills a buffer runs alone. `others`
    are, by name, what makes results of the values that are in no buffer.
    """

    def __init__(self, function: Bindable, buffers: Mapping[str, Any]) -> None:
        self._function = function
        runtime, plan = function.runtime, function.plan
        self._buffers = buffers
        self._names = tuple(buffers)
        self._fits: Bound | None = None
        self.source = function.program(plan, self._names).source
        self.run = function.runner(plan, self._names)
        self._shapes = {name: plan.outputs[name].shape for name in self._buffers}
        for name in self._buffers:
            self._check(name, {})
        several = [(one, other) for one in self._buffers for other in self._buffers if one < other]
        for one, other in several:
            if runtime.overlap(self._buffers[one], self._buffers[other]):
                raise ArgumentError(f"the buffers for {one} and {other} share memory")
        self.others = {name: runtime.finish(root, True) for name, root in plan.outputs.items() if name not in buffers}
        self._run, self._arrays = self.run, [*buffers.values()]
        self._only = None if plan.joint else self._arrays[0]

    def __call__(self, /, **values: Any) -> Any:
        function = self._function
        arguments, bound = function.bind(values)
        if bound is not self._fits:
            self._fit(bound, arguments)
        for argument in arguments:
            if getattr(argument, "shape", None):
                self._require_apart(argument)
        return self.finished(function.guarded(self._run, [*arguments, *self._arrays]))

    def finished(self, results: Any) -> Any:
        """The results of what the generated function returns: the buffers, and numbers and arrays of their own."""
        if self._only is not None:
            return self._only
        for name, finish in self.others.items():
            results[name] = finish(results[name])
        results.update(self._buffers)
        return results

    def _fit(self, bound: Bound, arguments: list[Any]) -> None:
        """Check the buffers for the sizes, and choose the function for them."""
        function = self._function
        for name in self._buffers:
            self._check(name, bound.sizes)
        run = self.run if bound.plan is function.plan else function.runner(bound.plan, self._names)
        self._run = function.runtime.fitted(run, [*arguments, *self._arrays])
        self._fits = bound

    def _require_apart(self, argument: Any) -> None:
        """Raise ArgumentError where a buffer shares memory with an argument."""
        overlap = self._function.runtime.overlap
        for name, buffer in self._buffers.items():
            if overlap(buffer, argument):
                raise ArgumentError(f"the buffer for {name} shares memory with an argument")

    def _check(self, name: str, sizes: Mapping[str, int]) -> None:
        require_shape(name, self._buffers[name], self._shapes[name], sizes)


def require_shape(name: str, buffer: Any, wanted: Shape, sizes: Mapping[str, int]) -> None:
    """Raise ShapeError where a buffer has another shape than its result; before sizes are known, other axes."""
    given = tuple(buffer.shape)
    known = [_evaluated(size, sizes) for size in wanted]
    if len(given) != len(wanted) or any(k not in (None, g) for k, g in zip(known, given, strict=True)):
        shape = tuple(str(size) if k is None else k for size, k in zip(wanted, known, strict=True))
        which = "the buffer" if name == RESULT else f"the buffer for {name}"
        raise ShapeError(f"{which} has shape {given}, and the result has shape {_text(shape)}")


def _evaluated(size: Size, sizes: Mapping[str, int]) -> int | None:
    return size.evaluate(sizes) if size.names <= sizes.keys() else None


def _text(shape: tuple[int | str, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
