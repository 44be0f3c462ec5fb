"""The command `check`: a verdict on an answer, with the mistake, and a point that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

import hesse
from hesse.cli.answers import Answer
from hesse.cli.app import EXAMPLES, app, default_format
from hesse.cli.blocks import Block, Equation, Formula, Heading, Note, Terms
from hesse.cli.checking_latex import latex_blocks
from hesse.cli.code_check import Code, ItsDerivative, WithLibrary, check_code
from hesse.cli.hand_ins import OfFile, ToOutput, WithProblems, check_file
from hesse.cli.options import (
    AsFormat,
    AsJson,
    AtPoint,
    ByVariable,
    Declared,
    InNotation,
    read_declarations,
    read_format,
    read_wrt,
)
from hesse.cli.records import Record
from hesse.errors import ArgumentError
from hesse.service.expression import Expr
from hesse.service.reading import parse

MaybeExpression = Annotated[str | None, typer.Argument(metavar="EXPRESSION", help='the function: "norm(A @ x - b)**2"')]
AsGradient = Annotated[str | None, typer.Option("--gradient", metavar="ANSWER", help="the gradient to be checked")]
AsJacobian = Annotated[str | None, typer.Option("--jacobian", metavar="ANSWER", help="the Jacobian to be checked")]
AsHessian = Annotated[str | None, typer.Option("--hessian", metavar="ANSWER", help="the Hessian to be checked")]
OfEntry = Annotated[
    str | None,
    typer.Option("--entry", metavar="I,J", help="the answer is this entry only; positions count from 0"),
]
ShowAnswer = Annotated[bool, typer.Option("--show-answer", help="show the right answer too")]
WithSeed = Annotated[int, typer.Option("--seed", metavar="K", help="other points: any integer, 1 unless given")]
WithinTime = Annotated[
    float, typer.Option("--time-limit", metavar="SECONDS", help="the search ends by then with what is known")
]

_TITLES = {"gradient": "gradient", "jacobian": "Jacobian", "hessian": "Hessian"}
PROVED = "for all sizes, and for all values at which both are defined"

EXAMPLES["check"] = (
    'hesse check "norm(A @ x - b)**2" "A:m,n x:n b:m" --wrt x --gradient "A.T @ (A @ x - b)"',
    'hesse check "x1^2*sin(x2)" --gradient "[2*x1*sin(x2), x1^2*cos(x2)]"',
    'hesse check "x1^2*x2" --hessian "2*x1" --entry 0,1',
    r'hesse check "\|Ax-b\|^2" "A:m,n x:n b:m" --wrt x --gradient "2A^\top(Ax-b)" --notation latex',
    "hesse check --code scipy.optimize:rosen --jac scipy.optimize:rosen_der --at 1.3,0.7,0.8",
    "hesse check --file answers.csv --problems problems.json --output results.csv",
)


@app.command(help="is this the gradient, Jacobian or Hessian? A verdict, the mistake, and a point that shows it")
def check(
    expression: MaybeExpression = None,
    declarations: Declared = None,
    gradient: AsGradient = None,
    jacobian: AsJacobian = None,
    hessian: AsHessian = None,
    wrt: ByVariable = None,
    entry: OfEntry = None,
    show_answer: ShowAnswer = False,
    seed: WithSeed = 1,
    time_limit: WithinTime = 3.0,
    code: Code = None,
    jac: ItsDerivative = None,
    at: AtPoint = None,
    library: WithLibrary = None,
    file: OfFile = None,
    problems: WithProblems = None,
    output: ToOutput = None,
    json: AsJson = False,
    notation: InNotation = "text",
    spelling: AsFormat = None,
) -> Answer:
    """The verdict; the exit status is 0 for a right answer, 1 for any other, 3 where nothing can be said."""
    if file is not None:
        return check_file(file, problems, output, time_limit, seed, json=json)
    if code is not None:
        return check_code(code, jac, at, read_wrt(wrt), library, json=json)
    if expression is None:
        hint = 'hesse check "x1^2*x2" --gradient "[2*x1*x2, x1^2]", or --code, or --file'
        raise ArgumentError("the function is missing", hint=hint)
    written = read_format(spelling, default_format())
    answers = {"gradient": gradient, "jacobian": jacobian, "hessian": hessian}
    kind, text = _asked({name: answer for name, answer in answers.items() if answer is not None})
    f = parse(expression, read_declarations(declarations), notation=notation)
    try:
        found = hesse.check(f, text, read_wrt(wrt), kind, _position(entry), notation, time_limit, seed)
    except ArgumentError as error:
        error.hint = error.hint.replace("name a variable: ", "name one of these with --wrt: ")
        raise
    if json:
        return Answer(record=verdict_record(found, f.readings, show_answer), status=found.status)
    blocks = verdict_blocks(found, f.readings, written, show_answer)
    shown = tuple(latex_blocks(blocks, found) if written == "latex" else blocks)
    return Answer(shown, notation=written, status=found.status)


def verdict_record(found: Any, readings: Sequence[str], show_answer: bool) -> Record:
    """The verdict as JSON values; the right answer is null unless it is asked for. `readings` are the function's."""
    record: Record = found.to_dict()
    record["readings"] = list(dict.fromkeys((*readings, *found.readings)))
    return record if show_answer else {**record, "correct": None}


def verdict_blocks(found: Any, readings: Sequence[str], written: str, show_answer: bool) -> Iterator[Block]:
    """The verdict, the answer as it was read, the mistake, and the point that shows it."""
    yield Heading(found.verdict)
    title = _TITLES[found.kind]
    label = f"your {title}" if found.entry is None else f"your entry {list(found.entry)} of the {title}"
    answer = f"`{found.text}`" if found.answer is None else _written(found.answer, written)
    yield Equation(label, ":", Formula(answer))
    for reading in dict.fromkeys((*readings, *found.readings)):
        yield Note(reading)
    for note in found.notes:
        yield Note(note)
    if found.right:
        yield Note(PROVED if found.verdict == "equal (proved)" else f"the same {found.compared}", "good")
    if found.diagnosis:
        yield Note(found.diagnosis, "plain" if found.right else "caution")
    if found.mistakes:
        yield Note(f"mistake: {', '.join(found.mistakes)}")
    if found.counterexample is not None:
        yield from _example(found.counterexample)
    if show_answer:
        yield Heading("The right answer")
        yield Equation(title, ":", Formula(_written(found.correct, written)))


def _example(example: Any) -> Iterator[Block]:
    yield Heading("A point that shows it", "certified: intervals around the two values do not meet" * example.certified)
    rows = [(name, text) for name, text in example.texts.items()]
    place = f"entry {list(example.entry)}" if example.entry else "value"
    got, expected = example.spelled
    yield Terms((*rows, (f"your {place}", got), ("it should be", expected)))


def _asked(answers: dict[str, str]) -> tuple[str, str]:
    """The kind of the one answer that is given, and its text."""
    if len(answers) != 1:
        raise ArgumentError(
            "one answer is to be given" if not answers else f"two answers are given: {' and '.join(answers)}",
            hint='write --gradient "ANSWER", --jacobian "ANSWER" or --hessian "ANSWER"',
        )
    ((kind, text),) = answers.items()
    return kind, text


def _position(text: str | None) -> tuple[int, ...] | None:
    """The position in a text such as 0,1."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise ArgumentError(f"--entry: `{text}` is not a position", hint="write --entry 0,1: positions count from 0")
    return tuple(map(int, parts))


def _written(expression: Expr, notation: str) -> str:
    if notation == "latex":
        return expression.latex()
    return expression.unicode() if notation == "unicode" else str(expression)
