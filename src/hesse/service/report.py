"""Everything there is to show about the derivatives of an expression, as plain data for every face of the system."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hesse.core.declarations import ATTRIBUTES, Declarations, FunctionDeclaration, VariableDeclaration
from hesse.errors import HesseError, LimitError
from hesse.service.derivatives import Wrt, gradient, hessian, jacobian
from hesse.service.differential import Differential, differential
from hesse.service.evaluation import Evaluation, Sizes, Values
from hesse.service.expression import Expr
from hesse.service.partials import Partials, partial_derivatives
from hesse.service.points import Point
from hesse.service.statements import Condition, condition
from hesse.service.variables import conventions, resolve

Kind: TypeAlias = Literal["gradient", "jacobian", "hessian"]
Shape: TypeAlias = tuple[int | str, ...]

OPERATORS: Mapping[Kind, Callable[[Expr, Wrt], Expr]] = {
    "gradient": gradient,
    "jacobian": jacobian,
    "hessian": hessian,
}
ORDERS: Mapping[Kind, int] = {"gradient": 1, "jacobian": 1, "hessian": 2}

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
class Derivative:
    """One derivative: in closed form, by components if these were asked for or are few, and its value at the point.

    `conditions` are those beyond the function's own.
    """

    kind: Kind
    expression: Expr
    conditions: tuple[Condition, ...]
    partials: Partials | None
    value: Values | None
    notes: tuple[str, ...] = ()

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
    differential: Differential | None = None


def derive(
    f: Expr,
    wrt: Wrt = None,
    *,
    at: Point | None = None,
    sizes: Sizes | None = None,
    kinds: Sequence[Kind] = (),
    changes: bool = False,
) -> Report:
    """The report on f: its gradient (or Jacobian) and Hessian, or only the `kinds` named.

    `at` adds values at a point; `sizes` asks for the table of partial derivatives, which is there without asking
    where all sizes are numbers and the entries few; `changes` asks for the differential.
    """
    target = resolve(wrt, f._declarations)
    evaluation = None if at is None else Evaluation(f, at)
    expressions, omitted, problems = _derived(f, wrt, len(target.shape), kinds)
    kinks = dict.fromkeys(text for each in expressions.values() for text in each.conditions)
    place = None if evaluation is None else _at(evaluation, [text for text in kinks if text not in f.conditions])
    found = [
        _derivative(kind, expression, f, sizes, evaluation, secondary=k > 0)
        for k, (kind, expression) in enumerate(expressions.items())
    ]
    if evaluation is not None:
        problems += [Problem(part, error) for part, error in evaluation.problems]
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
        at=place,
        problems=tuple(problems),
        differential=differential(f, list(target.names), name=_free_name(f)) if changes else None,
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


def _at(evaluation: Evaluation, kinks: Sequence[str]) -> At | None:
    if evaluation.value is None:
        return None
    return At(evaluation.point, evaluation.sizes, evaluation.value, evaluation.undefined, evaluation.failing(kinks))


def _derivative(
    kind: Kind, expression: Expr, f: Expr, sizes: Sizes | None, evaluation: Evaluation | None, secondary: bool
) -> Derivative:
    more = [text for text in expression.conditions if text not in f.conditions]
    partials = None
    notes: tuple[str, ...] = ()
    try:
        partials = partial_derivatives(expression, sizes)
    except LimitError as error:
        if not secondary:
            raise
        notes = (error.message,)
    conditions = tuple(condition(text, f._declarations) for text in more)
    value = None if evaluation is None else evaluation.derivative(kind, expression)
    return Derivative(kind, expression, conditions, partials, value, notes)


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
    return conventions(f._declarations.variables[wrt[0]]) if expressions else ()
