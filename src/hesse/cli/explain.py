"""The command that shows how a derivative is found, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from hesse.cli.answers import Answer
from hesse.cli.app import app, default_format
from hesse.cli.blocks import Block, Equation, Formula, Heading, Note, Rule
from hesse.cli.grids import grid_formula
from hesse.cli.options import (
    AsFormat,
    AsJson,
    ByVariable,
    Declared,
    Expression,
    InNotation,
    read_declarations,
    read_format,
    read_wrt,
)
from hesse.errors import ArgumentError
from hesse.explain.page import Explanation
from hesse.explain.record import LEVELS
from hesse.explain.rows import Equality, Remark, Title, Told
from hesse.explain.spelling import Formula as Written
from hesse.service.derivatives import explain_derivative
from hesse.service.explaining import LINES
from hesse.service.reading import parse

OfKind = Annotated[
    str | None, typer.Option("--kind", metavar="NAME", help="gradient (of a scalar, unless given), jacobian or hessian")
]
AtLevel = Annotated[
    str, typer.Option("--level", metavar="NAME", help="outline, normal or every-step: how much is shown")
]
InStyle = Annotated[
    str | None, typer.Option("--style", metavar="NAME", help="partials or differentials; chosen by the problem")
]
UpTo = Annotated[
    int,
    typer.Option("--limit", metavar="LINES", help="the lines of a chain that are shown, 24 unless given; 0 for all"),
]
HintAt = Annotated[int | None, typer.Option("--hint", metavar="K", help="up to the rule of step K, not its result")]


@app.command(help="the derivation of a gradient, Jacobian or Hessian, rule by rule, each line checked")
def explain(
    expression: Expression,
    declarations: Declared = None,
    wrt: ByVariable = None,
    kind: OfKind = None,
    level: AtLevel = "normal",
    style: InStyle = None,
    hint: HintAt = None,
    limit: UpTo = LINES,
    json: AsJson = False,
    notation: InNotation = "text",
    spelling: AsFormat = None,
) -> Answer:
    """The derivation as a page, as data, or up to a rule to try oneself."""
    written = read_format(spelling, default_format())
    f = parse(expression, read_declarations(declarations), notation=notation)
    chosen = level.replace("-", " ").replace("_", " ")
    if chosen not in LEVELS:
        names = ", ".join(each.replace(" ", "-") for each in LEVELS)
        raise ArgumentError(f"there is no level {level!r}", hint=f"the levels are: {names}")
    try:
        explanation = explain_derivative(f, read_wrt(wrt), kind=kind, level=chosen, style=style, limit=limit or None)
    except ArgumentError as error:
        error.hint = error.hint.replace("name a variable: ", "name one of these with --wrt: ")
        raise
    if hint is not None:
        explanation.rows(hint)
    if json:
        return Answer(record=explanation.to_dict(hint))
    if written == "latex":
        # A page that is to be pasted is one block.
        return Answer((Equation("", "", Formula(explanation.latex(hint)), bare=True),), notation=written)
    return Answer(tuple(_blocks(explanation, written, hint)), notation=written)


def _blocks(explanation: Explanation[Any], notation: str, hint: int | None) -> Iterator[Block]:
    for row in explanation.rows(hint):
        match row:
            case Title(text=text):
                yield Heading(getattr(text, notation))
            case Told():
                yield Rule(row.text, row.statement(notation))
            case Equality(left=left, right=right, again=again, where=where):
                label = getattr(left, notation)
                named = tuple((name.spelled(notation), value.spelled(notation)) for name, value in where)
                sign = " =" if notation != "latex" else "="
                yield Equation("    " + (" " * len(label) if again else label), sign, _formula(right, notation, named))
            case Remark(text=text):
                yield Note(row.spelled(notation), "good" if text.startswith("verified") else "plain")


def _formula(right: Written, notation: str, where: tuple[tuple[str, str], ...]) -> Formula:
    if notation == "unicode" and right.finished:
        found = grid_formula(right.tree, right.declarations)
        return Formula(found.line, where, found.rows)
    return Formula(right.spelled(notation), where)
