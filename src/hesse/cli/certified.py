"""The commands about closeness and curvature. Their arithmetic is loaded when they are used."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

import hesse
from hesse.cli.answers import Answer
from hesse.cli.app import app, default_format
from hesse.cli.blocks import Block, Document, Equation, Formula, Heading, Holding, Note, Numbers, Terms
from hesse.cli.numbers import inline
from hesse.cli.options import (
    AsFormat,
    AsJson,
    AtPoint,
    ByVariable,
    Declared,
    Expression,
    InNotation,
    read_at,
    read_declarations,
    read_format,
    read_wrt,
)
from hesse.cli.records import Record, numbers
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError
from hesse.service.expression import Expr
from hesse.service.points import Point, read_values
from hesse.service.reading import parse

Order = Annotated[int, typer.Option("--order", metavar="K", help="the order of the model, 2 unless given")]
WithinRadius = Annotated[
    str | None, typer.Option("--radius", metavar="R", help="certify the error for all steps up to this radius")
]
WithTolerance = Annotated[
    str | None, typer.Option("--tolerance", metavar="T", help="certify a radius within which the error stays below")
]
InNorm = Annotated[str, typer.Option("--norm", metavar="NAME", help="the norm of the steps: inf or 2")]
Along = Annotated[
    list[str] | None,
    typer.Option("--along", metavar="DIRECTION", help="1,-1  once or more; with names: d1=[1,-1],d2=[-1,1]"),
]
UNDECIDED = 3
SIGNS = {"unicode": ("≈", "≤", "∞"), "text": ("~", "<=", "inf"), "latex": (r"\approx", r"\le", r"\infty")}


@app.command(help="the Taylor model at a point, and how close it is, certified")
def taylor(
    expression: Expression,
    declarations: Declared = None,
    wrt: ByVariable = None,
    at: AtPoint = None,
    order: Order = 2,
    radius: WithinRadius = None,
    tolerance: WithTolerance = None,
    norm: InNorm = "inf",
    along: Along = None,
    json: AsJson = False,
    notation: InNotation = "text",
    spelling: AsFormat = None,
) -> Answer:
    """The model as an expression; with a point also its numbers and what is certain about them."""
    written = read_format(spelling, default_format())
    f = parse(expression, read_declarations(declarations), notation=notation)
    point = read_at(at, f)
    if point is None and (radius or tolerance or along):
        raise ArgumentError("a radius, a tolerance or a direction needs a point", hint="add --at, for example --at 1,2")
    direction = directions(along) if along else None
    if isinstance(direction, dict):
        raise ArgumentError("--along of a model is one direction", hint="write --along 1,-1")
    names = read_wrt(wrt)
    model = hesse.taylor(f, at=point, order=order, wrt=names, along=direction)
    errors = () if radius is None else model.errors(radius, norm)
    reach = None if tolerance is None else model.radius(tolerance, norm)
    if json:
        return Answer(record=_model_record(model, point, errors, reach))
    return Answer(tuple(_model_blocks(model, point, errors, reach, written)), notation=written)


@app.command(help="slope and curvature in a direction, and how long f goes up or down along it, certified")
def direction(
    expression: Expression,
    declarations: Declared = None,
    wrt: ByVariable = None,
    at: AtPoint = None,
    along: Along = None,
    json: AsJson = False,
    notation: InNotation = "text",
    spelling: AsFormat = None,
) -> Answer:
    """What the linear model and the function do along one or several directions."""
    written = read_format(spelling, default_format())
    f = parse(expression, read_declarations(declarations), notation=notation)
    point = read_at(at, f)
    if point is None or not along:
        raise ArgumentError("a direction needs a point and a vector", hint="write for example --at 1,2 --along 1,-1")
    given = directions(along)
    named = given if isinstance(given, dict) else {"d": given}
    found = hesse.direction(f, at=point, along=named, wrt=read_wrt(wrt))
    if json:
        return Answer(record={**_head(f, point), "directions": [_direction_record(each) for each in found.values()]})
    return Answer(tuple(_direction_blocks(f, point, found, written)), notation=written)


@app.command(help="convex, concave, affine or neither, with the argument; with --at the curvature at the point")
def convexity(
    expression: Expression,
    declarations: Declared = None,
    wrt: ByVariable = None,
    at: AtPoint = None,
    json: AsJson = False,
    notation: InNotation = "text",
    spelling: AsFormat = None,
) -> Answer:
    """The verdict with its certificate or its counterexamples."""
    written = read_format(spelling, default_format())
    f = parse(expression, read_declarations(declarations), notation=notation)
    point, names = read_at(at, f), read_wrt(wrt)
    found = hesse.convexity(f, names)
    here = None if point is None else hesse.curvature(f, at=point, wrt=names)
    status = UNDECIDED if found.verdict == "unknown" else 0
    if json:
        return Answer(record=_convexity_record(f, point, found, here), status=status)
    blocks: list[Block] = [*_function_blocks(f, written), Heading(found.verdict)]
    if found.certificate:
        blocks.append(Note(found.certificate, "caution" if found.verdict == "unknown" else "good"))
    blocks += [Note(f"not {name}: {example}") for name, example in found.counterexamples.items()]
    if here is not None and point is not None:
        place = ", ".join(f"{name} = {inline(value)}" for name, value in point.items())
        blocks += [Heading(f"At {place}"), Note(str(here), "caution" if here.kind == "undecided" else "good")]
    return Answer(tuple(blocks), notation=written, status=status)


def _convexity_record(f: Expr, point: Point | None, found: Any, here: Any) -> Record:
    return {
        **_head(f, point),
        "verdict": found.verdict,
        "certificate": found.certificate,
        "counterexamples": {
            name: {"point": each.point, "direction": list(each.direction), "curvature": each.curvature}
            for name, each in found.counterexamples.items()
        },
        "curvature": None
        if here is None
        else {
            "eigenvalues": list(here.eigenvalues),
            "bounds": [list(pair) for pair in here.bounds],
            "definiteness": here.definiteness,
            "stationary": here.stationary,
            "kind": here.kind,
        },
    }


def directions(texts: Sequence[str]) -> Any:
    """A vector of exact numbers, or several by name: those without one are called d1, d2, ... by their places."""
    found: dict[str, Any] = {}
    for place, text in enumerate(texts, start=1):
        values = read_values(text)
        if len(texts) == 1 and not isinstance(values, dict):
            return values.entries
        for name, value in values.items() if isinstance(values, dict) else [(f"d{place}", values)]:
            if name in found:
                raise ArgumentError(f"two directions are called {name}")
            found[name] = value.entries
    return found


def _head(f: Expr, point: Point | None) -> Record:
    return {
        "function": {"text": str(f), "unicode": f.unicode(), "latex": f.latex(), "shape": list(f.shape)},
        "declarations": f.declarations,
        "readings": list(f.readings),
        "conditions": list(f.conditions),
        "at": None if point is None else {name: value.map(str).nested() for name, value in point.items()},
    }


def _spelled(f: Expr, notation: str) -> str:
    return {"unicode": f.unicode, "latex": f.latex, "text": f.__str__}[notation]()


def _function_blocks(f: Expr, notation: str) -> Iterator[Block]:
    yield Equation("f", " =", _formula(_spelled(f, notation)))
    for reading in f.readings:
        yield Note(reading, "caution")
    if f.conditions:
        yield Holding(f.conditions)


def _formula(text: str) -> Formula:
    line, *where = text.split("\n")
    pairs = [part.removeprefix("where").strip().partition(" = ") for part in where]
    return Formula(line, tuple((name, value) for name, _, value in pairs))


def _model_blocks(model: Any, point: Point | None, errors: Sequence[Any], reach: Any, notation: str) -> Iterator[Block]:
    f = model.f
    yield from _function_blocks(f, notation)
    yield Heading(
        f"Taylor model of order {model.order}", "f at x + ε, with x left symbolic" if notation != "text" else ""
    )
    if model.along is None:
        yield Equation("m", " =", _formula(_spelled(model.expression, notation)))
        yield Equation("around a", " =", _formula(_spelled(model.around, notation)))
        yield Note("the same model: a is the point, x - a the step (read a as x, and x as x + ε)")
    if point is None:
        return
    about, below, _ = SIGNS[notation]
    place = ", ".join(f"{name} = {inline(value)}" for name, value in point.items())
    yield Heading(f"At {place}" + ("" if model.along is None else f", along ({_listed(model.along)})"))
    for label, value in (("value", model.value), ("first derivatives", model.jacobian if model.order else None),
                         ("second derivatives", model.hessian if model.order > 1 else None)):  # fmt: skip
        if value is not None:
            yield Numbers(label, " =", f" {about}", _tensor(value))
    if errors:
        yield Heading("How close", f"|ε|_{errors[-1].norm} {below} {errors[-1].radius:g}")
        yield Terms(tuple((f"order {each.order}", _bound(each, below)) for each in errors))
        missing = errors[-1].missing
        yield Note(missing or "bounds are certified for the whole region; sampled is a difference that occurs",
                   "caution" if missing else "good")  # fmt: skip
    if reach is not None:
        yield Heading("How far")
        yield Note(str(reach), "good" if reach > 0 else "caution")


def _bound(error: Any, below: str) -> str:
    if not error.certified:
        return "nothing is proved"
    return f"|f(x + ε) - m(ε)| {below} {error.upper:.6g}   sampled {error.sampled:.6g}"


def _listed(entries: Sequence[Any]) -> str:
    return ", ".join(f"{float(entry):g}" for entry in entries)


def _tensor(value: Any) -> Tensor[float]:
    return Tensor.from_nested(value.tolist() if hasattr(value, "tolist") else value)


def _model_record(model: Any, point: Point | None, errors: Sequence[Any], reach: Any) -> Record:
    record = {**_head(model.f, point), "order": model.order}
    if model.along is None:
        record["model"] = {name: _spelled(model.expression, name) for name in ("text", "unicode", "latex")}
        record["around"] = {name: _spelled(model.around, name) for name in ("text", "unicode", "latex")}
    if point is not None:
        record["value"] = numbers(_tensor(model.value))
        record["derivatives"] = [numbers(_tensor(model.derivative(k))) for k in range(1, min(model.order, 2) + 1)]
        record["along"] = None if model.along is None else [str(entry) for entry in model.along]
    record["errors"] = [_error_record(each) for each in errors]
    record["radius"] = None if reach is None else {
        "value": float(reach), "tolerance": reach.tolerance, "fails_at": _number(reach.fails_at)
    }  # fmt: skip
    return record


def _error_record(error: Any) -> Record:
    return {
        "order": error.order,
        "radius": error.radius,
        "norm": error.norm,
        "certified": error.certified,
        "upper": _number(error.upper),
        "sampled": error.sampled,
        "at": list(error.at),
        "missing": error.missing,
    }


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def _direction_blocks(f: Expr, point: Point, found: Mapping[str, Any], notation: str) -> Document:
    place = ", ".join(f"{name} = {inline(value)}" for name, value in point.items())
    blocks: list[Block] = [*_function_blocks(f, notation), Heading(f"At {place}")]
    for each in found.values():
        head, *rest = each.lines()
        blocks += [Heading(head), *(Note(line.strip(), "plain") for line in rest[:-1])]
        blocks.append(Note(each.comparison, "caution" if each.trend == "undecided" else "good"))
        blocks += [Note(line) for line in each.monotone_lines()]
    if len(found) > 1:
        blocks += [Heading("Summary", "what the linear model does, and what f does")]
        blocks.append(Terms(tuple((name, each.summary) for name, each in found.items())))
    return tuple(blocks)


def _direction_record(each: Any) -> Record:
    low, high = each.until
    return {
        "name": each.name,
        "along": [str(entry) for entry in each.along],
        "slope": _number(each.slope),
        "slope_bounds": [_number(end) for end in each.slope_bounds],
        "slope_zero": each.coefficients[0].sign == 0,
        "curvature": _number(each.curvature),
        "curvature_bounds": [_number(end) for end in each.curvature_bounds],
        "model_trend": each.model_trend,
        "trend": each.trend,
        "decided_by_order": each.order or None,
        "until": [_number(low), _number(high)],
        "ends": each.lasting.ends or None,
        "monotone_until": [_number(each.monotone.low), _number(each.monotone.high)],
        "text": each.comparison,
    }
