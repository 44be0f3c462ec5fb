"""The independent, plain evaluator: the value of a tree, by NumPy's rules, in plain Python floats.

It knows no rewriting and no node of the symbolic core, so that it can be believed against it. A tree becomes a list
of steps, one for each different value; running the list at a point is all there is to evaluating.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from hesse.core import deadline
from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Running,
    Slice,
    Syntax,
    Undefined,
    call,
    children,
    ends,
    free_names,
    number,
)
from hesse.core.tensor import Tensor
from hesse.errors import LimitError, ShapeError
from hesse.verify.arithmetic import MAX_ENTRIES, Numbers, integer, stack
from hesse.verify.environment import Environment
from hesse.verify.operations import (
    Columns,
    Compute,
    Outside,
    Value,
    bounded_index,
    content,
    entrywise,
    operation,
    tensor,
)

__all__ = [
    "Environment",
    "Program",
    "Step",
    "Value",
    "evaluate",
]

_STEP_COST = 12
MAX_LOOP = 5_000_000
_TINY = sys.float_info.min
_SHRINKING = frozenset("* / ** @ exp sigmoid softplus softmax polygamma".split())
"""Operations that come near to 0, and are 0 in floats, where their arguments are not."""
_EXACT = frozenset(
    "abs sign relu step maximum minimum where max min hardmax clip diag diagpart transpose eye ones zeros tril triu "
    "reshape vec concat stack flip roll < <= > >= == !=".split()
)
"""Operations that select entries, compare them or change signs: without rounding."""
_INVERSES = frozenset({"inv", "solve", "matpow"})
MAX_HELD = 4_000_000
"""How many entries the values of all steps may have."""
_ULPS = (-2 * sys.float_info.epsilon, 2 * sys.float_info.epsilon)


def evaluate(tree: Syntax, environment: Environment) -> Numbers:
    """The value of a tree at a point."""
    value: Numbers = Program(tree).run(environment)[-1]
    return value


@dataclass(frozen=True, slots=True)
class Step:
    """One value: a function of the point and of earlier values. `reads` is the variable or function it looks up;
    `name` is what it does: an operator, or a function of the vocabulary; `columns` does it for lists of entries."""

    compute: Compute
    arguments: tuple[int, ...]
    reads: str | None = None
    name: str = ""
    columns: Columns | None = None

    @property
    def exact(self) -> bool:
        """Whether it rounds nothing; what has no name is an index, a transpose, a list or a sign."""
        return self.reads is None and (not self.name or self.name in _EXACT)


@dataclass
class _Stage:
    """What the names mean while some stretch of the tree is read, the places of the subtrees read in it, and the names
    read in it; `before` are those read in earlier stages of the same definitions."""

    scope: dict[str, int] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    before: set[str] = field(default_factory=set)

    def rebound(self) -> _Stage:
        """The next stage of the same definitions, in which some name has another meaning."""
        return _Stage(dict(self.scope), before=self.before | self.read)

    def inner(self) -> _Stage:
        """The first stage of definitions inside of this one."""
        return _Stage(dict(self.scope))


@dataclass(frozen=True)
class _Enter:
    definitions: Definitions


@dataclass(frozen=True)
class _Bind:
    name: str
    value: Syntax


@dataclass(frozen=True)
class _Leave:
    definitions: Definitions
    outer: _Stage


@dataclass(frozen=True)
class _Emit:
    tree: Syntax


class Program:
    """The steps of a tree. The value of the tree is the last one. Positions that depend on the `running` indices are
    counted from 0 only.
    """

    def __init__(self, tree: Syntax, running: frozenset[str] = frozenset()) -> None:
        self.steps: list[Step] = []
        self._running = running
        self._known: dict[Hashable, int] = {}
        self._stage = _Stage()
        last = self._read(tree)
        # A definition that is not used may come behind the value of the body.
        self.steps.append(Step(lambda environment, value: tensor(value), (last,), columns=lambda entries: entries))

    def run(self, environment: Environment) -> list[Value]:
        """The values of all steps at a point."""
        values: list[Value] = []
        held = 0
        for step in self.steps:
            deadline.check()
            values.append(step.compute(environment, *[values[k] for k in step.arguments]))
            held += _size(values[-1])
            if held > MAX_HELD:
                raise LimitError("the plain evaluator would have to keep too many entries")
        return values

    def rerun(self, values: Sequence[Value], places: Sequence[int], environment: Environment) -> Numbers:
        """The value of the tree when only the steps at `places` differ from `values`."""
        changed = list(values)
        for place in places:
            step = self.steps[place]
            changed[place] = step.compute(environment, *[changed[k] for k in step.arguments])
        result: Numbers = changed[-1]
        return result

    def jittered(self, values: Sequence[Value], environment: Environment, random: Random) -> Numbers:
        """The value of the tree when the variables and every step that rounds are off by some rounding: what changes is
        noise. What selects and compares does so without rounding, so that max(u) == u holds where it holds.

        What is too small for a float, and so perhaps 0, is off by the smallest of full accuracy.
        Without the variables a sum that cancels within one step would seem to be exact. Integers stay as they are:
        positions and sizes are exact.
        """
        names = {name for name, value in environment.values.items() if not _integral(value)}
        changed = list(values)
        for place in self.dependents(names | {*environment.functions}):
            deadline.check()
            step = self.steps[place]
            arguments = [changed[k] for k in step.arguments]
            if isinstance(step.compute, _Loop):
                changed[place] = step.compute.values(environment, arguments, random)
                continue
            value = changed[place] = step.compute(environment, *arguments)
            if step.exact:
                continue
            changed[place] = value.map(lambda x: x * (1 + random.choice(_ULPS)))
            if _underflows(step, arguments, value):
                changed[place] = changed[place].map(lambda x: random.choice((-_TINY, _TINY)) if abs(x) < _TINY else x)
        result: Numbers = changed[-1]
        return result

    def dependents(self, names: Collection[str]) -> list[int]:
        """The places of the steps whose values depend on one of the names."""
        places: set[int] = set()
        for place, step in enumerate(self.steps):
            if step.reads in names or not places.isdisjoint(step.arguments):
                places.add(place)
        return sorted(places)

    def singular(self, values: Sequence[Value]) -> bool:
        """Whether what has no value, has none because a matrix without an inverse was to be inverted."""
        lost = {place for place, value in enumerate(values) if not _finite(value)}
        first = [place for place in lost if lost.isdisjoint(self.steps[place].arguments)]
        return bool(first) and all(self.steps[place].name in _INVERSES for place in first)

    def cost(self, values: Sequence[Value], places: Iterable[int]) -> int:
        """About how many entries the steps at `places` handle; a step by itself counts as some."""
        total = 0
        for place in places:
            step, count = self.steps[place], _size(values[place])
            if step.name == "@":
                count *= 1 + values[step.arguments[0]].shape[-1] // 4
            if isinstance(step.compute, _Loop):
                count = step.compute.spent
            total += _STEP_COST + count
        return total

    def _read(self, root: Syntax) -> int:
        """Plans the tree without recursion. A definition's name may be bound again: then a new stage begins, so
        that a subtree which is shared across it is read again, with the name's new meaning."""
        tasks: list[Syntax | _Enter | _Bind | _Leave | _Emit] = [root]
        while tasks:
            match tasks.pop():
                case _Enter(definitions):
                    tasks += self._entered(definitions)
                case _Bind(name, value):
                    self._bind(name, self._stage.places[id(value)])
                case _Leave(definitions, outer):
                    self._leave(definitions, outer)
                case _Emit(tree):
                    self._stage.places[id(tree)] = self._place(tree)
                case tree if id(tree) in self._stage.places:
                    continue
                case Definitions() as definitions:
                    tasks.append(_Enter(definitions))
                case tree:
                    tasks.append(_Emit(tree))
                    tasks += reversed(ends(tree) if isinstance(tree, Running) else children(tree))
        return self._stage.places[id(root)]

    def _entered(self, definitions: Definitions) -> list[Syntax | _Enter | _Bind | _Leave | _Emit]:
        outer, self._stage = self._stage, self._stage.inner()
        tasks: list[Syntax | _Enter | _Bind | _Leave | _Emit] = [_Leave(definitions, outer), definitions.body]
        for name, value in reversed(definitions.bindings):
            tasks += [_Bind(name, value), value]
        return tasks

    def _leave(self, definitions: Definitions, outer: _Stage) -> None:
        outer.places[id(definitions)] = self._stage.places[id(definitions.body)]
        outer.read |= self._stage.read | self._stage.before
        self._stage = outer

    def _bind(self, name: str, place: int) -> None:
        if name in self._stage.read:
            self._stage = self._stage.rebound()
        self._stage.scope[name] = place

    def _place(self, tree: Syntax) -> int:
        """The place of the step for a tree whose children have theirs."""
        if isinstance(tree, Name):
            self._stage.read.add(tree.name)
            if tree.name in self._stage.scope:
                return self._stage.scope[tree.name]
        if isinstance(tree, Running):
            return self._loop(tree)
        arguments = tuple(self._stage.places[id(child)] for child in children(tree))
        # Equal operations on equal values are one step.
        key = (type(tree), content(tree), arguments)
        if key not in self._known:
            self._known[key] = len(self.steps)
            reads = tree.name if isinstance(tree, Name) else tree.function if isinstance(tree, Undefined) else None
            name = tree.operator if isinstance(tree, Binary) else tree.function if isinstance(tree, Call) else ""
            self.steps.append(Step(self._operation(tree), arguments, reads, name, entrywise(tree)))
        return self._known[key]

    def _operation(self, tree: Syntax) -> Compute:
        if isinstance(tree, Index) and self._running:
            return bounded_index(tree, [self._index(item) for item in tree.items])
        return operation(tree)

    def _index(self, item: Syntax | Slice) -> str:
        """The running index on which a position depends, if any; an entry of an index array is a position anyway."""
        return "" if isinstance(item, Index | Slice) else min(self._running & free_names(item), default="")

    def _loop(self, tree: Running) -> int:
        """The place of the reduction of the values of a running sum, which are a step of their own."""
        names = sorted(free_names(tree.body) - {tree.index})
        outside = tuple(self._place(Name(name)) for name in names)
        given = tuple(self._stage.places[id(end)] for end in ends(tree))
        self.steps.append(Step(_Loop(tree, names, self._running), given + outside))
        reduction = operation(call(tree.function, number(0), axis=0))
        self.steps.append(Step(reduction, (len(self.steps) - 1,), name=tree.function))
        return len(self.steps) - 1


class _Loop:
    """The values of a body for every position of the running index, stacked along a new first axis."""

    def __init__(self, tree: Running, names: Sequence[str], running: frozenset[str]) -> None:
        self.tree = tree
        self.names = names
        self.body = Program(tree.body, running | {tree.index})
        self.spent = 0

    def __call__(self, environment: Environment, *arguments: Value) -> Numbers:
        return self.values(environment, arguments, None)

    def values(self, environment: Environment, arguments: Sequence[Value], random: Random | None) -> Numbers:
        """The values for the ends that are given, which come first in the arguments, and for the names outside."""
        given = [integer(value) for value in arguments[: len(arguments) - len(self.names)]]
        inside = environment.with_values(dict(zip(self.names, arguments[len(given) :], strict=True)))
        start = given[0] if self.tree.start is not None else None
        stop = given[-1] if self.tree.stop is not None else None
        self.spent = 0
        if start is not None and stop is not None:
            found = [self._at(k, inside, random) for k in range(start, stop)]
        else:
            found = self._admissible(start or 0, stop, inside, random)
        if not found and stop is not None and self.tree.function == "sum":
            # The sum of no numbers, as index notation has it where an axis is empty.
            return Tensor((0,), [])
        if not found:
            raise ShapeError(f"the running index {self.tree.index} takes no value")
        return stack(*found)

    def _admissible(self, start: int, stop: int | None, inside: Environment, random: Random | None) -> list[Numbers]:
        """The values from the first index at which all positions are on their axes to the last one."""
        found: list[Numbers] = []
        last, distance = start, MAX_ENTRIES
        k = start
        while k != stop:
            try:
                found.append(self._at(k, inside, random))
            except Outside as outside:
                # Before the range every position comes nearer to its axis; one that moves away will never be on it.
                if outside.index != self.tree.index:
                    raise
                if found or (k > last and outside.distance >= distance):
                    break
                last, distance = max(last, k + outside.distance), outside.distance
            k += 1
        return found

    def _at(self, position: int, inside: Environment, random: Random | None) -> Numbers:
        environment = inside.with_values({self.tree.index: Tensor.scalar(position)})
        values = self.body.run(environment)
        self.spent += self.body.cost(values, range(len(values)))
        if self.spent > MAX_LOOP:
            raise LimitError("a running sum is too long for the plain evaluator")
        result: Numbers = values[-1]
        return result if random is None else self.body.jittered(values, environment, random)


def _underflows(step: Step, arguments: Sequence[Value], value: Value) -> bool:
    """Whether a zero, or a number with few digits, comes of arguments that are none: 1e-200 squared is 0."""
    if step.name not in _SHRINKING or not isinstance(value, Tensor):
        return False
    return any(abs(entry) < _TINY for entry in value.entries) and all(
        isinstance(argument, Tensor) and all(argument.entries) for argument in arguments
    )


def _integral(value: Numbers) -> bool:
    return all(isinstance(entry, int) for entry in value.entries)


def _finite(value: Value) -> bool:
    return not isinstance(value, Tensor) or all(map(math.isfinite, value.entries))


def _size(value: Value) -> int:
    return len(value.entries) if isinstance(value, Tensor) else 0
