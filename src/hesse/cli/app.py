"""The commands. Each reads its arguments, asks the service layer, and returns what is to be shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

import typer

from hesse.cli.answers import Answer
from hesse.cli.blocks import Document
from hesse.cli.effects import effect_blocks, effect_records, effects_at
from hesse.cli.layout import derive_document, single_document
from hesse.cli.options import (
    AsDifferential,
    AsFormat,
    AsJson,
    AtPoint,
    ByRows,
    ByVariable,
    Declared,
    Expression,
    FunctionName,
    InNotation,
    InView,
    OfSizes,
    SmallStep,
    Views,
    read_at,
    read_declarations,
    read_format,
    read_sizes,
    read_views,
    read_wrt,
)
from hesse.cli.records import report_record
from hesse.cli.vocabulary import function_document, function_record, vocabulary_document, vocabulary_record
from hesse.errors import ArgumentError
from hesse.service.expression import Expr
from hesse.service.points import Point
from hesse.service.reading import parse
from hesse.service.report import Kind, Report
from hesse.service.report import derive as derive_report

Layout = Callable[[Report, str, bool, Views], Document]

app = typer.Typer(name="hesse", add_completion=False, rich_markup_mode=None)

EXAMPLES = {
    "derive": (
        'hesse derive "x1^2 + exp(x1*x2) + 2*log(x2)" --at 1,2',
        'hesse derive "norm(A @ x - b)**2" "A:m,n x:n b:m" --wrt x',
        'hesse derive "tanh(W @ x + b)" "W:m,n x:n b:m" --wrt x --components m=2,n=2',
        'hesse derive "u(x)*v(x)" "u:n-> v:n-> x:n" --format latex',
        'hesse derive "inv(X)" "X:n,n" --view index --differential',
        'hesse derive "-sum(log(x))" "x:n" --at @point.json --json',
    ),
    "gradient": (
        'hesse gradient "norm(A @ x - b)**2" "A:m,n x:n b:m" --wrt x',
        'hesse gradient "trace(X.T @ A @ X)" "X:n,k A:n,n" --wrt X --format latex',
    ),
    "jacobian": (
        'hesse jacobian "softmax(x)" "x:n"',
        'hesse jacobian "[x1*x2, x1^2, sin(x2)]" --rows',
    ),
    "hessian": (
        'hesse hessian "sum(log(1 + exp(-y*(X @ w))))" "X:m,n w:n y:m:pm1" --wrt w',
        'hesse hessian "x1^2*x2" --at 1,-2',
    ),
    "explain": (
        'hesse explain "x1^2 + exp(x1*x2) + 2*log(x2)" --kind hessian',
        'hesse explain "norm(A @ x - b)**2" "A:m,n x:n b:m" --wrt x --level every-step',
        'hesse explain "logdet(X)" "X:n,n" --hint 1',
    ),
    "taylor": (
        'hesse taylor "x1^2 + exp(x1*x2) + 2*log(x2)" --at 1,2 --radius 0.1 --tolerance 0.01',
        'hesse taylor "sin(x)" --at 0 --order 7 --radius 1',
        'hesse taylor "norm(A @ x - b)**2" "A:m,n x:n b:m" --wrt x',
    ),
    "direction": (
        'hesse direction "x1^2 + exp(x1*x2) + 2*log(x2)" --at 1,2 --along 1,-1',
        'hesse direction "x1^2 + exp(x1*x2) + 2*log(x2)" --at 1,2 --along "d1=[1,-1],d2=[-1,1],d3=[1,-2]"',
    ),
    "convexity": (
        'hesse convexity "logsumexp(A @ x + b)" "A:m,n x:n b:m" --wrt x',
        'hesse convexity "x1^2 - x2^2" --at 0,0',
    ),
    "plot": (
        'hesse plot surface "x1^2 + exp(x1*x2) + 2*log(x2)" --at 1,2 -o surface.png',
        'hesse plot contour "x1^2 + exp(x1*x2) + 2*log(x2)" --at 1,2 --along "d1=[1,-1],d2=[-1,1]" -o contour.svg',
        'hesse plot taylor "sin(x)" --at 0 --order 5 --radius 2 -o taylor.pdf',
        'hesse plot contour "norm(x)^2 + x[0]*x[3]" "x:5" --at "x=[1,2,3,4,5]" --axes "x[0],x[3]" -o slice.png',
        'hesse plot jacobian "[x1^2 - x2^2, 2*x1*x2]" --at 1,0.5 -o map.png',
    ),
    "functions": ("hesse functions", "hesse functions softmax"),
}


def _register(name: str, kinds: tuple[Kind, ...], layout: Layout, meaning: str) -> None:
    @app.command(name, help=meaning)
    def command(
        expression: Expression,
        declarations: Declared = None,
        wrt: ByVariable = None,
        at: AtPoint = None,
        components: OfSizes = None,
        rows: ByRows = False,
        step: SmallStep = None,
        view: InView = None,
        differential: AsDifferential = False,
        json: AsJson = False,
        notation: InNotation = "text",
        spelling: AsFormat = None,
    ) -> Answer:
        written = read_format(spelling, default_format())
        f = parse(expression, read_declarations(declarations), notation=notation)
        point, names = read_at(at, f), read_wrt(wrt)
        views, sizes = read_views(view, read_sizes(components), f)
        report = _report(f, names, point, sizes, kinds, differential)
        _check_rows(rows, report)
        problems = tuple((problem.part, problem.error) for problem in report.problems)
        if step is not None and point is None:
            raise ArgumentError("--step needs a point", hint="add --at, for example --at 1,2")
        found, size = effects_at(f, names, point, step) if not kinds or step is not None else ((), "")
        if json:
            return Answer(record={**report_record(report), "effects": effect_records(found)}, problems=problems)
        document = (*layout(report, written, rows, views), *effect_blocks(f, found, size))
        return Answer(document, notation=written, problems=problems)


_register("derive", (), derive_document, "the gradient (or Jacobian) and the Hessian, in closed form and by components")
_register("gradient", ("gradient",), single_document, "the gradient of a scalar function")
_register("jacobian", ("jacobian",), single_document, "the Jacobian of a vector function: row i is the gradient of g_i")
_register("hessian", ("hessian",), single_document, "the Hessian: the matrix of second partial derivatives")


@app.command(help="the functions that expressions can use, with their domains and kinks")
def functions(name: FunctionName = None, json: AsJson = False) -> Answer:
    """The vocabulary, or the details of one function."""
    if json:
        return Answer(record=vocabulary_record() if name is None else function_record(name))
    return Answer(vocabulary_document() if name is None else function_document(name))


def _report(
    f: Expr,
    wrt: str | list[str] | None,
    at: Point | None,
    sizes: Mapping[str, int] | None,
    kinds: tuple[Kind, ...],
    changes: bool,
) -> Report:
    try:
        return derive_report(f, wrt, at=at, sizes=sizes, kinds=kinds, changes=changes)
    except ArgumentError as error:
        error.hint = error.hint.replace("name a variable: ", "name one of these with --wrt: ")
        raise


def default_format() -> str:
    """Unicode where standard output can take it, else text."""
    try:
        "∇₁ᵀ⎡".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "text"
    return "unicode"


def _check_rows(rows: bool, report: Report) -> None:
    """Raises ArgumentError when rows are asked for where there are none."""
    if not rows:
        return
    if not report.function.shape:
        raise ArgumentError("--rows is for vector functions: a scalar function has one gradient")
    if all(derivative.partials is None for derivative in report.derivatives):
        raise ArgumentError("--rows needs sizes", hint="add --components, for example --components n=3,m=2")
