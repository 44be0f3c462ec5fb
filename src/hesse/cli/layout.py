"""A report as blocks, in one of the formats."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from hesse.cli.blocks import Block, Document, Equation, Equations, Formula, Heading, Holding, Note, Numbers
from hesse.cli.numbers import inline
from hesse.cli.options import Views
from hesse.cli.spelling import FORMATS, Spelling
from hesse.core.tensor import Tensor, positions
from hesse.service.partials import Partials
from hesse.service.report import At, Derivative, Function, Report, Shape, Variable
from hesse.service.statements import Condition
from hesse.service.views import index_view, kronecker_view, verified_index

_TITLES = {"gradient": "Gradient", "jacobian": "Jacobian", "hessian": "Hessian"}


def derive_document(report: Report, notation: str, rows: bool, views: Views) -> Document:
    """The function, its derivatives, and their values at the point."""
    spelling = FORMATS[notation](report)
    blocks: list[Block] = [_function(spelling), *_readings(spelling), *_differential(spelling, notation)]
    for derivative in report.derivatives:
        blocks += [_heading(spelling, derivative), *_shown(spelling, derivative, notation, views)]
        blocks += [*(_partials(spelling, derivative, rows) if "components" in views else ())]
        blocks += _facts(spelling, derivative)
    blocks += _omitted(spelling)
    if report.at is not None:
        blocks += [_place(spelling, report.at), _value(spelling, report.at), *_values(spelling, report.at)]
    return tuple(blocks)


def single_document(report: Report, notation: str, rows: bool, views: Views) -> Document:
    """One derivative first, then what it is the derivative of."""
    spelling = FORMATS[notation](report)
    (derivative,) = report.derivatives
    blocks: list[Block] = [*_shown(spelling, derivative, notation, views, bare=True)]
    blocks += [*(_partials(spelling, derivative, rows) if "components" in views else ())]
    blocks += [*_facts(spelling, derivative), _function(spelling), *_readings(spelling)]
    blocks += _differential(spelling, notation)
    if report.at is not None:
        blocks += [_place(spelling, report.at), *_values(spelling, report.at)]
    return tuple(blocks)


def _function(spelling: Spelling) -> Block:
    return Equation(spelling.function(), spelling.sign, spelling.formula(spelling.report.function.tree))


def _readings(spelling: Spelling) -> Iterator[Block]:
    """How the input was understood, and where the function has a value."""
    report = spelling.report
    for inferred, opening in ((False, "shapes: "), (True, "inferred: ")):
        variables = [variable for variable in report.variables if variable.inferred == inferred]
        parts = [
            *_shapes(spelling, variables),
            *(_mapping(spelling, each) for each in report.functions if not inferred),
        ]
        if parts:
            yield Note(opening + ", ".join(parts), "caution" if inferred else "plain")
    for reading in report.readings:
        yield Note(reading, "caution")
    yield from _holding(spelling, report.conditions)
    for note in report.notes:
        yield Note(note)


def _holding(spelling: Spelling, conditions: Sequence[Condition]) -> Iterator[Block]:
    if conditions:
        yield Holding(tuple(map(spelling.condition, conditions)))


def _shapes(spelling: Spelling, variables: Sequence[Variable]) -> Iterator[str]:
    """A is m × n, x is n, and the scalars together."""
    scalars = [variable for variable in variables if not variable.shape and not variable.attributes]
    for variable in variables:
        if variable not in scalars:
            facts = f" ({', '.join(variable.attributes)})" if variable.attributes else ""
            yield f"{spelling.name(variable.name)} is {spelling.shape(variable.shape) or 'a scalar'}{facts}"
    if scalars:
        names = [spelling.name(scalar.name) for scalar in scalars]
        *others, last = names
        yield f"{', '.join(others)} and {last} are scalars" if others else f"{last} is a scalar"


def _mapping(spelling: Spelling, function: Function) -> str:
    name = spelling.name(function.name)
    if function.elementwise:
        return f"{name} maps each entry"
    domain, codomain = (spelling.shape(shape) or "a scalar" for shape in (function.domain, function.codomain))
    return f"{name} maps {domain} to {codomain}"


def _heading(spelling: Spelling, derivative: Derivative) -> Block:
    shape = _extent(spelling, derivative.shape)
    ranks = (len(spelling.report.function.shape), len(derivative.shape))
    if derivative.kind == "jacobian" and ranks == (1, 2):
        shape += f", row i is the gradient of {spelling.title}_i"
    title = _TITLES[derivative.kind]
    if spelling.by_scalar:
        title = "Derivative" if derivative.order == 1 else "Second derivative"
    return Heading(title, shape)


def _extent(spelling: Spelling, shape: Shape) -> str:
    if len(shape) != 1:
        return spelling.shape(shape)
    return "1 entry" if shape == (1,) else f"{spelling.shape(shape)} entries"


def _equation(spelling: Spelling, derivative: Derivative, bare: bool = False) -> Block:
    formula = spelling.formula(derivative.expression.tree)
    return Equation(spelling.derivative(derivative.kind), spelling.sign, formula, bare)


def _shown(
    spelling: Spelling, derivative: Derivative, notation: str, views: Views, bare: bool = False
) -> Iterator[Block]:
    """The closed form, with Kronecker products where there are some, and the equation for one entry."""
    expression, name = derivative.expression, spelling.report.name
    if "closed" in views:
        yield _equation(spelling, derivative, bare)
        stacked = kronecker_view(expression, name)
        if stacked is not None:
            yield Equation(stacked.left(notation), spelling.sign, Formula(stacked.right(notation)))
            yield Note("vec stacks columns")
    if "index" in views:
        indexed = index_view(expression, name)
        if indexed is None:
            yield Note("there is no index notation of it, or it would be too long to read", "caution")
        else:
            right = Formula(indexed.right(notation))
            yield Equation(indexed.left(notation), spelling.sign, right)
            claim = verified_index(expression, indexed)
            said = f"at {claim.points} points, {claim.digits} digits" if claim.ok else str(claim)
            yield Note(f"the same as the closed form: {said}", "good" if claim.ok else "caution")


def _differential(spelling: Spelling, notation: str) -> Iterator[Block]:
    """dF = A dX + dA X."""
    found = spelling.report.differential
    if found is not None:
        left, right = found.sides(notation)
        yield Equation(left, spelling.sign, Formula(right))
        yield Note(str(found.expression.verification), "good" if found.expression.verification.ok else "caution")


def _partials(spelling: Spelling, derivative: Derivative, rows: bool) -> Iterator[Block]:
    """The partial derivatives one by one, mixed ones that agree once; or the gradients of all entries."""
    partials = derivative.partials
    if partials is None or not partials.shape:
        return
    outputs = len(partials.shape) - derivative.order * _input_axes(spelling.report)
    if rows and outputs and derivative.order == 1:
        yield Equations(tuple(_gradients(spelling, partials, outputs)), spelling.sign)
        return
    lines: dict[tuple[int, ...], tuple[str, str]] = {}
    for position, entry in partials.entries.items():
        output, inputs = position[:outputs], position[outputs:]
        half = len(inputs) // derivative.order
        text = spelling.component(entry)
        # The order of differentiation does not matter where both say the same.
        if lines.get((*output, *inputs[half:], *inputs[:half]), ("", ""))[1] == text:
            continue
        names = [spelling.variable(inputs[k : k + half]) for k in range(0, len(inputs), half)]
        lines[position] = (spelling.partial(output, names), text)
    yield Equations(tuple(lines.values()), spelling.sign)


def _input_axes(report: Report) -> int:
    if report.stacked:
        return 1
    return next(len(each.shape) for each in report.variables if each.name == report.wrt[0])


def _gradients(spelling: Spelling, partials: Partials, outputs: int) -> Iterator[tuple[str, str]]:
    for output in positions(partials.shape[:outputs]):
        inputs = partials.shape[outputs:]
        texts = [spelling.component(partials.entries[(*output, *place)]) for place in positions(inputs)]
        yield spelling.row(output), _listed(Tensor(inputs, texts).nested())


def _listed(value: str | list[object]) -> str:
    if isinstance(value, str):
        return value
    return "[" + ", ".join(_listed(item) for item in value) + "]"  # type: ignore[arg-type]


def _facts(spelling: Spelling, derivative: Derivative) -> Iterator[Block]:
    """Conditions, structure and verification."""
    yield from _holding(spelling, derivative.conditions)
    phrases = derivative.expression.structured.phrases
    if phrases and derivative.shape:
        yield Note(", ".join(phrases))
    for note in derivative.notes:
        yield Note(note, "caution")
    verification = derivative.expression.verification
    yield Note(str(verification), "good" if verification.ok else "caution")


def _omitted(spelling: Spelling) -> Iterator[Block]:
    for kind, shape in spelling.report.omitted:
        yield Heading(_TITLES[kind], spelling.shape(shape))
        yield Note(f"has {len(shape)} axes; `hesse {kind}` shows it")


def _place(spelling: Spelling, at: At) -> Block:
    point = tuple((spelling.name(name), value) for name, value in at.values.items())
    return Heading("At " + ", ".join(f"{name} = {inline(value)}" for name, value in point), point=point)


def _value(spelling: Spelling, at: At) -> Block:
    return Numbers(spelling.function(), spelling.sign, spelling.about, at.value)


def _values(spelling: Spelling, at: At) -> Iterator[Block]:
    for derivative in spelling.report.derivatives:
        if derivative.value is not None:
            yield Numbers(spelling.derivative(derivative.kind), spelling.sign, spelling.about, derivative.value)
    values = [entry for each in spelling.report.derivatives if each.value is not None for entry in each.value.entries]
    for condition in at.undefined:
        yield Note(f"there is no value here: {spelling.condition(condition)} does not hold", "caution")
    for condition in () if at.undefined else at.kinks:
        failing = f"{spelling.condition(condition)} does not hold"
        if any(map(math.isnan, values)):
            yield Note(f"there is no derivative here: {failing}", "caution")
        else:
            yield Note(f"a kink: {failing} here; the values are conventions (see `hesse functions`)", "caution")
