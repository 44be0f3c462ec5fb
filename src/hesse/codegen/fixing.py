"""Functions some of whose arguments stay the same: what depends on those alone is computed once."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

from hesse.codegen.binding import Binding
from hesse.codegen.chains import cheapest, factors_of, inner_factors, numbers
from hesse.codegen.names import Names
from hesse.codegen.plan import Plan, rebuilt
from hesse.codegen.target import Runtime
from hesse.codegen.terms import VIEWS, Term, Terms
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.errors import ArgumentError

_ARITHMETIC = VIEWS | frozenset("number constant size full eye arange diag expanded + - * / ** negative float".split())
"""What takes no longer than reading its result from memory."""
_GROWTH = 2
"""How many times as many entries as the fixed values have may be kept."""

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]
"""The shapes of fixed values, by name."""


class Fixable(Protocol):
    """A compiled function that can be divided."""

    plan: Plan
    runtime: Runtime
    source: str

    def __call__(self, /, **values: Any) -> Any:
        """The results."""

    def into(self, buffers: Any) -> Callable[..., Any]:
        """The function that leaves them in buffers."""

    def of_plan(self, plan: Plan) -> Fixable:
        """The function of another plan for the same target."""


class FixedFunction:
    """The function of the other variables; `source` and `plan` are what runs at every call.

    What depends on the fixed values alone, beyond arithmetic with entries, is a further argument of the source.
    """

    def __init__(self, whole: Fixable, values: Mapping[str, Any]) -> None:
        self._whole = whole
        converted = _converted(whole, values)
        self.fixed = {name: whole.runtime.own(value) for name, value in converted.items()}
        settled = {name: value for name, value in converted.items() if whole.runtime.settled(value)}
        once, rest = divided(whole.plan, shapes_of(settled))
        computed = {} if once is None else whole.of_plan(once)(**{name: self.fixed[name] for name in settled})
        self._constants = {**self.fixed, **computed}
        declared = whole.plan.declarations
        names = (*declared.variables, *declared.functions)
        self._free = dict.fromkeys(name for name in names if name not in self.fixed)
        self._function = whole if once is None else whole.of_plan(rest)
        self.plan, self.source = self._function.plan, self._function.source
        self.__doc__ = self._function.__doc__

    def __call__(self, /, **values: Any) -> Any:
        return self._completed(self._function, values)

    def __repr__(self) -> str:
        return f"<function of {', '.join(self._free)}; fixed: {', '.join(self.fixed)}>"

    def fix(self, /, **values: Any) -> FixedFunction:
        """The function in which these values are fixed too."""
        require_fixable(self._whole.plan.declarations, self.fixed, values)
        return FixedFunction(self._whole, {**self.fixed, **values})

    def into(self, buffers: Any) -> Callable[..., Any]:
        """The function that leaves its result in the buffer, or in buffers by name."""
        filling = self._function.into(buffers)
        return lambda **values: self._completed(filling, values)

    def _completed(self, function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
        """The result for these values and those that are fixed."""
        if not self._free.keys() >= values.keys():
            self._require_free(values)
        return function(**self._constants, **values)

    def _require_free(self, values: Mapping[str, Any]) -> None:
        """Raise ArgumentError for a value of what is fixed, or is no variable."""
        for name in values:
            if name in self.fixed:
                raise ArgumentError(f"{name} is fixed")
            if name not in self._free:
                raise ArgumentError(f"there is no variable {name}", hint=f"the names are {', '.join(self._free)}")


def _converted(whole: Fixable, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the target takes them. Raises ArgumentError or ShapeError for what cannot be fixed."""
    declared = whole.plan.declarations
    require_fixable(declared, (), values)
    convert = whole.runtime.convert
    converted = {name: convert(entry)(values[name]) for name, entry in declared.variables.items() if name in values}
    fixed_sizes(declared, shapes_of(converted))
    return converted


def require_fixable(declared: Declarations, fixed: Container[str], values: Mapping[str, Any]) -> None:
    """Raise ArgumentError for a name that is fixed already, or that is none of a variable."""
    for name in values:
        if name in fixed:
            raise ArgumentError(f"{name} is fixed")
        if name in declared.functions:
            raise ArgumentError(
                f"{name} is an undefined function, which stays free", hint=f"give it at each call: {name}=..."
            )
        if name not in declared.variables:
            raise ArgumentError(f"there is no variable {name}", hint=f"the names are {', '.join(declared.variables)}")


def shapes_of(values: Mapping[str, Any]) -> Shapes:
    """The shapes of converted values."""
    return {name: tuple(getattr(value, "shape", ())) for name, value in values.items()}


def fixed_sizes(declared: Declarations, shapes: Shapes) -> dict[str, int]:
    """The sizes that fixed values tell. Raises ShapeError where their shapes do not fit."""
    entries = tuple(entry for entry in declared.variables.values() if entry.name in shapes)
    return Binding(Declarations(entries)).sizes(shapes, least=0)


def divided(plan: Plan, shapes: Shapes) -> tuple[Plan | None, Plan]:
    """What is computed once of fixed values with these shapes, if anything is, and the plan that is left, with the
    results as variables. Raises ShapeError where the shapes do not fit."""
    declared = plan.declarations
    entries = tuple(entry for entry in declared.variables.values() if entry.name in shapes)
    sizes = fixed_sizes(declared, shapes)
    regrouped = _regrouped(plan, _alone(plan, shapes, sizes), sizes)
    found = _worthwhile(regrouped, shapes, sizes)
    if not found:
        return None, plan
    plan = regrouped
    names = Names({*declared.variables, *declared.functions, *plan.outputs})
    taken = {term: names.take(plan.names.get(term, f"fixed_{k}")) for k, term in enumerate(found, 1)}
    once = Plan(
        Declarations(entries), MappingProxyType({taken[term]: term for term in found}), plan.names, plan.terms, True
    )
    more = [VariableDeclaration(taken[term], term.shape) for term in found]
    terms = Terms()  # in that of the plan a name may stand for an array of another shape, from other fixed values
    change = {term: terms.variable(taken[term], term.shape) for term in found}
    return once, replace(rebuilt(plan, change, terms), declarations=declared.extended(*more))


def _alone(plan: Plan, shapes: Shapes, sizes: Mapping[str, int]) -> set[Term]:
    """The operations on fixed values alone."""
    alone: set[Term] = set()
    for term in plan.steps:
        if all(size.names <= sizes.keys() for size in term.shape) and _determined(term, shapes, sizes, alone):
            alone.add(term)
    return alone


def _regrouped(plan: Plan, alone: set[Term], sizes: Mapping[str, int]) -> Plan:
    """The plan in which neighbours among fixed factors are multiplied first, where that leaves less to do."""
    inner = inner_factors(plan)
    change: dict[Term, Term] = {}
    for term in plan.steps:
        if term.head != "@" or term in inner or term in alone:
            continue
        factors = factors_of(term, inner)
        if not all(size.names <= sizes.keys() for factor in factors for size in factor.shape):
            continue
        joined: list[Term] = []
        for fixed, run in groupby(factors, alone.__contains__):
            group = [*run]
            joined += [cheapest(plan.terms, group, sizes)[0]] if fixed and len(group) > 1 else group
        if len(joined) < len(factors) and len(joined) > 1:
            best, work = cheapest(plan.terms, joined, sizes)
            if work < cheapest(plan.terms, factors, sizes)[1]:
                change[term] = best
    return rebuilt(plan, change) if change else plan


def _worthwhile(plan: Plan, shapes: Shapes, sizes: Mapping[str, int]) -> list[Term]:
    """The largest operations on fixed values alone that are worth keeping, in order."""
    most = _GROWTH * max(1, sum(map(math.prod, shapes.values())))
    alone = _alone(plan, shapes, sizes)
    work: set[Term] = set()
    for term in plan.steps:
        takes_time = term.head not in _ARITHMETIC or not work.isdisjoint(term.arguments)
        if term in alone and term.arguments and takes_time:
            work.add(term)
    used = {argument for term in plan.steps if term not in alone for argument in term.arguments} | {*plan.roots}
    waiting, found = [term for term in used if term in work], set[Term]()
    while waiting:
        term = waiting.pop()
        kept = term.dtype == "real" and term.head not in VIEWS
        if kept and math.prod(numbers(term.shape, sizes)) <= most:
            found.add(term)
        else:
            waiting += [argument for argument in term.arguments if argument in work]
    return [term for term in plan.steps if term in found]


def _determined(term: Term, shapes: Shapes, sizes: Mapping[str, int], alone: set[Term]) -> bool:
    """Whether the fixed values tell the value."""
    if term.head == "variable":
        return term.options[0] in shapes
    if term.head == "size":
        return term.options[0] in sizes
    return term.head != "undefined" and all(argument in alone for argument in term.arguments)
