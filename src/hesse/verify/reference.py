"""The independent, plain evaluator: the value of a tree, by NumPy's rules, in plain Python floats.

It knows no rewriting and no node of the symbolic core, so that it can be believed against it. A tree becomes a list
of steps, one for each different value; running the list at a point is all there is to evaluating.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, TypeAlias, assert_never

from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Num,
    Slice,
    Stack,
    Syntax,
    Text,
    Transpose,
    Tuple,
    Undefined,
    children,
)
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError, ShapeError, UnknownNameError
from hesse.verify import arithmetic
from hesse.verify.arithmetic import Item, Numbers
from hesse.verify.rows import row_function
from hesse.verify.smooth import SmoothFunction

Value: TypeAlias = Any
"""A tensor; in the arguments of a call also the text of an einsum or the tuple of a shape."""
Compute: TypeAlias = Callable[..., Value]
_STEP_COST = 12
_ULPS = (-2 * sys.float_info.epsilon, 2 * sys.float_info.epsilon)
CONSTANTS = {"pi": math.pi, "e": math.e}


@dataclass(frozen=True)
class Environment:
    """A point: the sizes, the values of the variables, and instances of the undefined functions."""

    sizes: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Numbers] = field(default_factory=dict)
    functions: Mapping[str, SmoothFunction] = field(default_factory=dict)

    def with_values(self, values: Mapping[str, Numbers]) -> Environment:
        """The same point with some variables changed."""
        return replace(self, values={**self.values, **values})

    def lookup(self, name: str) -> Numbers:
        """The value of a variable, a size name or a constant, in this order."""
        if name in self.values:
            return self.values[name]
        number = self.sizes.get(name, CONSTANTS.get(name))
        if number is None:
            raise UnknownNameError(f"{name} has no value")
        return Tensor.scalar(number)


def evaluate(tree: Syntax, environment: Environment) -> Numbers:
    """The value of a tree at a point."""
    value: Numbers = Program(tree).run(environment)[-1]
    return value


def largest(values: Sequence[Value]) -> float:
    """The largest entry among the values of steps: what rounding is relative to. What is not finite does not count."""
    entries = (abs(entry) for value in values if isinstance(value, Tensor) for entry in value.entries)
    return max((entry for entry in entries if math.isfinite(entry)), default=0.0)


@dataclass(frozen=True, slots=True)
class _Step:
    """One value: a function of the point and of earlier values. `reads` is the variable or function it looks up;
    `product` says that it is a matrix product."""

    compute: Compute
    arguments: tuple[int, ...]
    reads: str | None = None
    product: bool = False


@dataclass
class _Stage:
    """What the names mean while some stretch of the tree is read, and the places of the subtrees read in it."""

    scope: dict[str, int] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)


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
    """The steps of a tree. The value of the tree is the last one."""

    def __init__(self, tree: Syntax) -> None:
        self.steps: list[_Step] = []
        self._known: dict[Hashable, int] = {}
        self._stage = _Stage()
        last = self._read(tree)
        # A definition that is not used may come behind the value of the body.
        self.steps.append(_Step(lambda environment, value: _tensor(value), (last,)))

    def run(self, environment: Environment) -> list[Value]:
        """The values of all steps at a point."""
        values: list[Value] = []
        for step in self.steps:
            values.append(step.compute(environment, *[values[k] for k in step.arguments]))
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
        """The value of the tree when every step after the variables is off by some rounding: what changes is noise.

        Integers stay as they are: positions and sizes are exact.
        """
        names = {name for name, value in environment.values.items() if not _integral(value)}
        changed = list(values)
        for place in self.dependents(names | {*environment.functions}):
            step = self.steps[place]
            value = step.compute(environment, *[changed[k] for k in step.arguments])
            changed[place] = value.map(lambda x: x * (1 + random.choice(_ULPS))) if step.arguments else value
        result: Numbers = changed[-1]
        return result

    def dependents(self, names: Collection[str]) -> list[int]:
        """The places of the steps whose values depend on one of the names."""
        places: set[int] = set()
        for place, step in enumerate(self.steps):
            if step.reads in names or not places.isdisjoint(step.arguments):
                places.add(place)
        return sorted(places)

    def cost(self, values: Sequence[Value], places: Iterable[int]) -> int:
        """About how many entries the steps at `places` handle; a step by itself counts as some."""
        total = 0
        for place in places:
            step, count = self.steps[place], _size(values[place])
            if step.product:
                count *= 1 + values[step.arguments[0]].shape[-1] // 4
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
                    outer.places[id(definitions)] = self._stage.places[id(definitions.body)]
                    self._stage = outer
                case _Emit(tree):
                    self._stage.places[id(tree)] = self._place(tree)
                case tree if id(tree) in self._stage.places:
                    continue
                case Definitions() as definitions:
                    tasks.append(_Enter(definitions))
                case tree:
                    tasks.append(_Emit(tree))
                    tasks += reversed(children(tree))
        return self._stage.places[id(root)]

    def _entered(self, definitions: Definitions) -> list[Syntax | _Enter | _Bind | _Leave | _Emit]:
        outer, self._stage = self._stage, _Stage(dict(self._stage.scope))
        tasks: list[Syntax | _Enter | _Bind | _Leave | _Emit] = [_Leave(definitions, outer), definitions.body]
        for name, value in reversed(definitions.bindings):
            tasks += [_Bind(name, value), value]
        return tasks

    def _bind(self, name: str, place: int) -> None:
        if name in self._stage.read:
            self._stage = _Stage(dict(self._stage.scope))
        self._stage.scope[name] = place

    def _place(self, tree: Syntax) -> int:
        """The place of the step for a tree whose children have theirs."""
        if isinstance(tree, Name):
            self._stage.read.add(tree.name)
            if tree.name in self._stage.scope:
                return self._stage.scope[tree.name]
        arguments = tuple(self._stage.places[id(child)] for child in children(tree))
        # Equal operations on equal values are one step.
        key = (type(tree), _content(tree), arguments)
        if key not in self._known:
            self._known[key] = len(self.steps)
            reads = tree.name if isinstance(tree, Name) else tree.function if isinstance(tree, Undefined) else None
            product = isinstance(tree, Binary) and tree.operator == "@"
            self.steps.append(_Step(_compute(tree), arguments, reads, product))
        return self._known[key]


def _integral(value: Numbers) -> bool:
    return all(isinstance(entry, int) for entry in value.entries)


def _size(value: Value) -> int:
    return len(value.entries) if isinstance(value, Tensor) else 0


def _content(tree: Syntax) -> Hashable:
    """What a tree holds beside its children."""
    match tree:
        case Num(value=value) | Text(value=value):
            return value
        case Name(name=name):
            return name
        case Binary(operator=operator):
            return operator
        case Call(function=function, axis=axis):
            return function, axis
        case Undefined(function=function, order=order):
            return function, order
        case Index(items=items):
            return _pattern(items)
        case _:
            return None


def _pattern(items: tuple[Syntax | Slice, ...]) -> tuple[tuple[bool, ...], ...]:
    """For each item whether the parts of its slice are present; () for an item that is no slice."""
    return tuple(
        (item.start is not None, item.stop is not None, item.step is not None) if isinstance(item, Slice) else ()
        for item in items
    )


def _compute(tree: Syntax) -> Compute:
    """The function of the point and of the children's values that gives the value of a tree."""
    match tree:
        case Num(value=value):
            number = Tensor.scalar(arithmetic.rounded(value))
            return lambda environment: number
        case Text(value=text):
            return lambda environment: text
        case Name(name=name):
            return lambda environment: environment.lookup(name)
        case Undefined(function=name, order=order):
            return lambda environment, argument: _function(environment, name)(order, _tensor(argument))
        case Definitions():
            raise AssertionError("definitions are resolved while the tree is read")
        case Tuple():
            return lambda environment, *items: items
        case Call():
            return _call(tree)
        case _:
            return _operation(tree)


def _operation(tree: Negative | Binary | Transpose | Index | Stack) -> Compute:
    match tree:
        case Negative():
            return lambda environment, operand: _tensor(operand).map(lambda entry: -entry)
        case Transpose():
            return lambda environment, operand: arithmetic.transpose(_tensor(operand))
        case Binary(operator="@"):
            return lambda environment, left, right: arithmetic.matmul(_tensor(left), _tensor(right))
        case Binary(operator=symbol):
            function = arithmetic.BINARY[symbol]
            return lambda environment, left, right: arithmetic.elementwise(function, _tensor(left), _tensor(right))
        case Stack():
            return lambda environment, *items: arithmetic.stack(*map(_tensor, items))
        case Index(items=items):
            pattern = _pattern(items)
            return lambda environment, operand, *parts: arithmetic.index(operand, _items(pattern, parts))
        case _:
            assert_never(tree)


def _tensor(value: Value) -> Numbers:
    """The value, which must be an array: a text or a tuple stands only as an argument."""
    if not isinstance(value, Tensor):
        raise ArgumentError(f"{value!r} is not a value")
    return value


def _function(environment: Environment, name: str) -> SmoothFunction:
    if name not in environment.functions:
        raise UnknownNameError(f"the function {name} has no value")
    return environment.functions[name]


def _items(pattern: tuple[tuple[bool, ...], ...], parts: Sequence[Numbers]) -> list[Item]:
    """The items of an index, from which of them are slices and from the values of their parts in order."""
    rest = iter(parts)
    items: list[Item] = []
    for present in pattern:
        if present:
            bounds = [arithmetic.integer(next(rest)) if given else None for given in present]
            if bounds[2] == 0:
                raise ShapeError("the step of a slice is zero")
            items.append(slice(*bounds))
        else:
            items.append(next(rest))
    return items


def _call(tree: Call) -> Compute:
    function = row_function(tree.function, tree.axis)

    def compute(environment: Environment, *values: Value) -> Numbers:
        return function([item for value in values for item in (value if isinstance(value, tuple) else (value,))])

    return compute
