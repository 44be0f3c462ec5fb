"""What functions that keep structure are made of: programs of nodes, and what is known before the values of a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeAlias

from hesse.codegen.compiled import BoundFunction, CompiledFunction, compiled, placing_function
from hesse.codegen.numba import NUMBA
from hesse.codegen.placing import Place
from hesse.codegen.target import Target
from hesse.core.declarations import Declarations
from hesse.core.nodes import Node, Variable
from hesse.core.sizes import Size
from hesse.core.syntax import Syntax, number
from hesse.core.traverse import postorder
from hesse.errors import ArgumentError, DeclarationError
from hesse.service.assembly import Read, Window
from hesse.service.loops import Loop
from hesse.structured.library import np

Program: TypeAlias = Callable[..., Any]
KEEPING = ("numpy", "numba")
"""The targets whose programs keep structure."""


class Programs:
    """The programs of nodes for a target, each made when it is first needed."""

    def __init__(self, declarations: Declarations, write: Callable[[Node], Syntax], target: Target) -> None:
        self.declarations = declarations
        self.loops = target is NUMBA
        self._write, self._target = write, target
        self._together: dict[tuple[Node, ...], CompiledFunction] = {}
        self._placing: dict[tuple[tuple[Node, ...], tuple[Place, ...]], Program] = {}
        self._variables: dict[Node, frozenset[str]] = {}

    @cached_property
    def guard(self) -> CompiledFunction:
        """What converts and checks the values of the variables."""
        return compiled(number(0), self.declarations, self._target)

    def require_meaning(self, nodes: Iterable[Node], sizes: Mapping[str, int]) -> None:
        """Raise ShapeError where some of the sizes are zero, and the dense arrays would mean nothing."""
        if not all(sizes.values()):
            for node in nodes:
                self.joint((node,)).require_meaning(sizes)

    def converted(self, name: str, value: Any) -> Any:
        """The value of a variable as programs take it, in memory of its own. Raises ArgumentError for no numbers."""
        runtime = self.guard.runtime
        return runtime.own(runtime.convert(self.declarations.variables[name])(value))

    def joint(self, nodes: Sequence[Node]) -> CompiledFunction:
        """The function of all declared variables that gives the values of the nodes, in a dictionary by number."""
        key = tuple(nodes)
        if key not in self._together:
            trees = {f"value_{k}": self._write(node) for k, node in enumerate(key)}
            self._together[key] = compiled(trees, self.declarations, self._target)
        return self._together[key]

    def bound(self, nodes: Sequence[Node], sizes: Mapping[str, int], buffers: tuple[str, ...] = ()) -> BoundFunction:
        """The function of the values of nodes for these sizes, of arguments that are checked."""
        run = self.joint(nodes).bound_to(sizes, buffers)
        return run if all(sizes.values()) else _quiet(run)

    def placing(self, nodes: Sequence[Node], places: Sequence[Place]) -> Program:
        """The function of the values of all declared variables, of vectors and slots, that writes values in place."""
        key = tuple(nodes), tuple(places)
        if key not in self._placing:
            self._placing[key] = placing_function([self._write(node) for node in nodes], places, self.declarations)
        return self._placing[key]

    def variables(self, node: Node) -> frozenset[str]:
        """The names of the variables that occur in the node."""
        if node not in self._variables:
            found = {part.name for part in postorder(node) if isinstance(part, Variable)}
            self._variables[node] = frozenset(found)
        return self._variables[node]

    def require_apart(self, buffers: Sequence[Any], arguments: Sequence[Any], other: str = "an argument") -> None:
        """Raise ArgumentError where a buffer shares memory with an argument, or with something else."""
        overlap = self.guard.runtime.overlap
        for argument in arguments:
            if type(argument) is float or not argument.shape:
                continue
            for buffer in buffers:
                if overlap(buffer, argument):
                    raise ArgumentError(f"a buffer for the entries shares memory with {other}")


class NumberSite:
    """Sizes, and values that are fixed; it notes which nodes have to be computed at every call."""

    def __init__(
        self,
        programs: Programs,
        values: Mapping[str, Any],
        arguments: list[Any],
        sizes: Mapping[str, int],
        fixed: frozenset[str],
    ) -> None:
        self.programs = programs
        self.loops = programs.loops
        self.sizes = sizes
        self.changing: list[Node] = []
        self.windows: dict[int, tuple[int, Window]] = {}
        """Where values are to be left, by the number of the value, with the number of the part of what is computed."""
        self._names = fixed
        self._values: tuple[Mapping[str, Any], list[Any]] | None = (values, arguments)
        self._known: dict[Node, Any] = {}
        self._numbers: dict[Node, int] = {}
        self._part = -1
        self._asked = False

    def begin(self) -> int:
        """Begin with another part of what is computed; its number."""
        self._part += 1
        self._asked = False
        return self._part

    @property
    def constant(self) -> bool:
        """Whether nothing that was asked for since then has to be computed at a call."""
        return not self._asked

    def size(self, size: Size) -> int:
        """The value of a size. Raises DeclarationError where the shapes of the variables do not tell it."""
        unknown = sorted(size.names - self.sizes.keys())
        if unknown:
            raise DeclarationError(
                f"the size {unknown[0]} is used, but no variable fixes it",
                hint=f"declare a variable of this size, such as `v:{unknown[0]}`",
            )
        return size.evaluate(self.sizes)

    def forget(self) -> None:
        """Let go of the values of the call that everything was prepared at."""
        self._values = None

    def fixed(self, node: Node) -> bool:
        """Whether no variable occurs in the node but those that are fixed."""
        return self.programs.variables(node) <= self._names

    def read(self, node: Node) -> Read:
        """What picks the value of a node out of those that are computed at a call."""
        if self.fixed(node):
            if node not in self._known:
                assert self._values is not None
                values, arguments = self._values
                run = self.programs.bound((node,), self.sizes)
                self._known[node] = run(arguments, values)["value_0"]
            value = self._known[node]
            return lambda values: value
        if node not in self._numbers:
            self._numbers[node] = self._noted(node)
        self._asked = True
        return itemgetter(self._numbers[node])

    def within(self, node: Node, window: Window) -> Read:
        """What picks a vector in which the program has left the values of a node, in the window."""
        self._asked = True
        number = self._noted(node)
        self.windows[number] = self._part, window
        return itemgetter(number)

    def alone(self, node: Node) -> int:
        """The number of a value of a node that nothing else is made of."""
        self._asked = True
        return self._noted(node)

    def _noted(self, node: Node) -> int:
        self.changing.append(node)
        return len(self.changing) - 1

    def looping(self, nodes: Sequence[Node]) -> Callable[[Sequence[Place]], Loop]:
        """What writes the values of nodes at places: of the values of the variables, which stand behind all others."""
        self._asked = True
        programs, guard = self.programs, self.programs.guard

        def loop(places: Sequence[Place]) -> Loop:
            return Loop(programs.placing(nodes, places), guard.runtime.fitted, guard.guarded)

        return loop


def _quiet(run: BoundFunction) -> BoundFunction:
    """Without warnings of numbers that no entry is multiplied by, such as 1/norm(x) for no entries of x."""

    def silenced(arguments: list[Any], values: Mapping[str, Any], arrays: Sequence[Any] = ()) -> Any:
        with np.errstate(all="ignore"):
            return run(arguments, values, arrays)

    return silenced
