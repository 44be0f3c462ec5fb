"""Everything there is to show about the derivatives of an expression, as plain data for every face of the system."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hesse.codegen.binding import Binding
from hesse.core.declarations import ATTRIBUTES, Declarations, FunctionDeclaration, VariableDeclaration
from hesse.core.tensor import Tensor, positions
from hesse.errors import ArgumentError, HesseError, LimitError
from hesse.service.derivatives import Wrt, gradient, hessian, jacobian
from hesse.service.expression import Expr
from hesse.service.points import Point
from hesse.service.statements import Condition, condition, holds
from hesse.service.variables import resolve

Kind: TypeAlias = Literal["gradient", "jacobian", "hessian"]
Sizes: TypeAlias = Mapping[str, int]
Shape: TypeAlias = tuple[int | str, ...]
Values: TypeAlias = Tensor[float]

OPERATORS: Mapping[Kind, Callable[[Expr, Wrt], Expr]] = {
    "gradient": gradient,
    "jacobian": jacobian,
    "hessian": hessian,
}
ORDERS: Mapping[Kind, int] = {"gradient": 1, "jacobian": 1, "hessian": 2}

SHOWN_COMPONENTS = 36
"""So many partial derivatives are listed without being asked for."""
MAX_COMPONENTS = 2_000
MAX_VALUES = 1_000_000
MAX_AXES = 4
"""Second derivatives with more axes are left out, unless they are asked for by name."""

_NAMES = (("f", "g", "h", "q"), ("g", "h", "f", "q"), ("F", "G", "H", "Q"))
_INFERRED = "read as: "


@dataclass(frozen=True)
class Variable:
    """A variable as it was declared, or as it was inferred from its use; `attributes` in words."""

    name: str
    shape: Shape
    attributes: tuple[str, ...]
    inferred: bool


@dataclass(frozen=True)
class Function:
    """An undefined function: from arrays of one shape to arrays of another."""

    name: str
    domain: Shape
    codomain: Shape
    elementwise: bool


@dataclass(frozen=True)
class Partials:
    """The partial derivatives one by one, for given sizes: positions (output axes, then input axes) and expressions."""

    sizes: Sizes
    shape: tuple[int, ...]
    entries: Mapping[tuple[int, ...], Expr]


@dataclass(frozen=True)
class Derivative:
    """One derivative: in closed form, by components if these were asked for or are few, and its value at the point.

    `conditions` are those beyond the function's own.
    """

    kind: Kind
    expression: Expr
    conditions: tuple[Condition, ...]
    partials: Partials | None
    value: Values | None

    @property
    def order(self) -> int:
        """1 or 2."""
        return ORDERS[self.kind]

    @property
    def shape(self) -> Shape:
        """The sizes of the axes."""
        return self.expression.shape


@dataclass(frozen=True)
class At:
    """The point: the exact values, the sizes they fix, the function's value, and the conditions that fail there."""

    values: Point
    sizes: Sizes
    value: Values
    undefined: tuple[Condition, ...]
    kinks: tuple[Condition, ...]


@dataclass(frozen=True)
class Problem:
    """A part that is missing from the report, and why."""

    part: str
    error: HesseError


@dataclass(frozen=True)
class Report:
    """An expression, how it was read, and its derivatives. `name` is what to call it, a name that is not in use."""

    function: Expr
    name: str
    declarations: Declarations
    variables: tuple[Variable, ...]
    functions: tuple[Function, ...]
    readings: tuple[str, ...]
    conditions: tuple[Condition, ...]
    wrt: tuple[str, ...]
    stacked: bool
    derivatives: tuple[Derivative, ...]
    omitted: tuple[tuple[Kind, Shape], ...]
    notes: tuple[str, ...]
    at: At | None
    problems: tuple[Problem, ...]


def derive(
    f: Expr, wrt: Wrt = None, *, at: Point | None = None, sizes: Sizes | None = None, kinds: Sequence[Kind] = ()
) -> Report:
    """The report on f: its gradient (or Jacobian) and Hessian, or only the `kinds` named.

    `at` adds values at a point; `sizes` asks for the table of partial derivatives, which is there without asking
    where all sizes are numbers and the entries few.
    """
    target = resolve(wrt, f._declarations)
    sized = None if at is None else _sizes_at(at, f._declarations)
    expressions, omitted, problems = _derived(f, wrt, len(target.shape), kinds)
    valued = None if at is None else _Values(f, at, sized or {})
    point = None if valued is None else valued.at(f, expressions.values())
    found = [_derivative(kind, expression, f, sizes, valued) for kind, expression in expressions.items()]
    return Report(
        function=f,
        name=_free_name(f),
        declarations=f._declarations,
        variables=_variables(f),
        functions=_functions(f._declarations),
        readings=tuple(reading for reading in f.readings if not reading.startswith(_INFERRED)),
        conditions=tuple(condition(text, f._declarations) for text in f.conditions),
        wrt=target.names,
        stacked=target.stacked,
        derivatives=tuple(found),
        omitted=tuple(omitted),
        notes=_notes(f, target.names, expressions),
        at=point,
        problems=(*problems, *(valued.problems if valued is not None else ())),
    )


def _derived(
    f: Expr, wrt: Wrt, axes: int, kinds: Sequence[Kind]
) -> tuple[dict[Kind, Expr], list[tuple[Kind, Shape]], list[Problem]]:
    """The derivatives; those left out for their number of axes; and those beyond the first that failed."""
    first: Kind = "jacobian" if f.shape else "gradient"
    expressions: dict[Kind, Expr] = {}
    omitted: list[tuple[Kind, Shape]] = []
    problems: list[Problem] = []
    for kind in kinds or (first, "hessian"):
        if not kinds and kind == "hessian" and len(f.shape) + 2 * axes > MAX_AXES:
            slope = expressions[first].shape
            omitted.append((kind, slope + slope[len(f.shape) :]))
            continue
        try:
            expressions[kind] = OPERATORS[kind](f, wrt)
        except HesseError as error:
            if not expressions:
                raise
            problems.append(Problem(kind, error))
    return expressions, omitted, problems


def _derivative(kind: Kind, expression: Expr, f: Expr, sizes: Sizes | None, valued: _Values | None) -> Derivative:
    more = [text for text in expression.conditions if text not in f.conditions]
    return Derivative(
        kind,
        expression,
        tuple(condition(text, f._declarations) for text in more),
        _partials(expression, sizes),
        None if valued is None else valued.value(kind, expression),
    )


def _partials(expression: Expr, sizes: Sizes | None) -> Partials | None:
    """The table of partial derivatives, if it is asked for, or small and free of symbolic sizes."""
    needed = frozenset[str]().union(*(size.names for size in expression._shape))
    if sizes is None and (expression._needed_sizes() or not expression.shape):
        return None
    given = {name: size for name, size in (sizes or {}).items() if name in expression._declarations.size_names}
    if needed <= given.keys():
        count = math.prod(size.evaluate(given) for size in expression._shape)
        if count > MAX_COMPONENTS and sizes is not None:
            raise LimitError(
                f"there are {count} components, the limit is {MAX_COMPONENTS}", hint="choose smaller sizes"
            )
        if count > SHOWN_COMPONENTS and sizes is None:
            return None
    table = expression.components(**dict(sizes or {})).entries
    return Partials(given, table.shape, {place: table[place] for place in positions(table.shape)})


class _Values:
    """Evaluation at one point, for which what cannot be evaluated is a problem and not the end."""

    def __init__(self, f: Expr, point: Point, sizes: Sizes) -> None:
        self.point = point
        self.sizes = sizes
        self.problems: list[Problem] = []
        entries = f._declarations.variables
        self.arguments = {
            name: value.map(float if entries[name].index is None else int).nested() for name, value in point.items()
        }

    def value(self, part: str, expression: Expr) -> Values | None:
        """The value of an expression, or None with a problem noted."""
        try:
            count = math.prod(size.evaluate(self.sizes) for size in expression._shape)
            if count > MAX_VALUES:
                raise LimitError(f"its value at the point has {count} entries, the limit is {MAX_VALUES}")
            with warnings.catch_warnings():
                # What has no value at the point is nan, and the report says which condition fails.
                warnings.simplefilter("ignore")
                return Tensor.from_nested(expression.evaluate(**self.arguments).tolist())
        except HesseError as error:
            self.problems.append(Problem(part, error))
            return None

    def at(self, f: Expr, derivatives: Sequence[Expr]) -> At | None:
        """The point's own part of the report."""
        value = self.value("value", f)
        if value is None:
            return None
        kinks = dict.fromkeys(text for each in derivatives for text in each.conditions if text not in f.conditions)
        return At(self.point, self.sizes, value, self._failing(f.conditions, f), self._failing(tuple(kinks), f))

    def _failing(self, texts: Sequence[str], f: Expr) -> tuple[Condition, ...]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            failing = [text for text in texts if holds(text, f._declarations, self.arguments) is False]
        return tuple(condition(text, f._declarations) for text in failing)


def _sizes_at(point: Point, declarations: Declarations) -> Sizes:
    """The sizes that the values fix. Raises ShapeError where they contradict each other."""
    if declarations.functions:
        names = ", ".join(f"`{name}`" for name in declarations.functions)
        raise ArgumentError(
            f"there are no values at a point: {names} is undefined",
            hint="write a formula in its place, or ask without a point",
        )
    return Binding(declarations).sizes({name: value.shape for name, value in point.items()})


def _free_name(f: Expr) -> str:
    """A customary name for the function, that the expression does not use."""
    used = {entry.name for entry in f._declarations} | set(f._declarations.size_names)
    names = _NAMES[min(len(f.shape), 2)]
    return next((name for name in names if name not in used), "result")


def _variables(f: Expr) -> tuple[Variable, ...]:
    inferred = {
        part.partition(" is ")[0]
        for reading in f.readings
        if reading.startswith(_INFERRED)
        for part in reading.removeprefix(_INFERRED).split(", ")
    }
    return tuple(_variable(entry, entry.name in inferred) for entry in f._declarations.variables.values())


def _variable(entry: VariableDeclaration, inferred: bool) -> Variable:
    attributes = [ATTRIBUTES[name] for name in sorted(entry.attributes)]
    if entry.index is not None:
        attributes.append(f"positions from 0 to {entry.index - 1}")
    return Variable(entry.name, tuple(size.public() for size in entry.shape), tuple(attributes), inferred)


def _functions(declarations: Declarations) -> tuple[Function, ...]:
    return tuple(map(_function, declarations.functions.values()))


def _function(entry: FunctionDeclaration) -> Function:
    domain = tuple(size.public() for size in entry.domain)
    codomain = tuple(size.public() for size in entry.codomain)
    return Function(entry.name, domain, codomain, entry.elementwise)


def _notes(f: Expr, wrt: Sequence[str], expressions: Mapping[Kind, Expr]) -> tuple[str, ...]:
    """What a reader should know about the conventions in use."""
    entry = f._declarations.variables[wrt[0]]
    if expressions and entry.attributes & {"sym", "spd"}:
        return (f"{entry.name} is symmetric; its entries are varied one by one (the unconstrained derivative)",)
    return ()
