"""The options that all commands share, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

import typer

from hesse.cli.spelling import FORMATS
from hesse.errors import ArgumentError
from hesse.frontends.text.characters import normal_name
from hesse.service.expression import Expr
from hesse.service.points import Point, load_point, read_point
from hesse.verify.sampling import distinct_settings

ALL = "all"
Views: TypeAlias = frozenset[str]
VIEWS: Mapping[str, Views] = {
    "closed": frozenset({"closed"}),
    "index": frozenset({"index"}),
    "components": frozenset({"components"}),
    "all": frozenset({"closed", "index", "components"}),
}

Expression = Annotated[str, typer.Argument(metavar="EXPRESSION", help='the function: "norm(A @ x - b)**2"')]
Declared = Annotated[
    list[str] | None,
    typer.Argument(metavar="DECLARATIONS", help='the shapes: "A:m,n x:n b:m"; inferred where left out'),
]
ByVariable = Annotated[
    str | None, typer.Option("--wrt", metavar="NAME", help="the variable, or scalars stacked into a vector: x1,x2")
]
AtPoint = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="POINT", help="values at a point: 1,2  x1=1,x2=2  x=[1,2],A=[[1,2],[3,4]]  @file.json"
    ),
]
OfSizes = Annotated[
    str | None,
    typer.Option("--components", metavar="SIZES", help="list the partial derivatives for sizes: n=3,m=2 (or all)"),
]
ByRows = Annotated[bool, typer.Option("--rows", help="list them row by row: row i is the gradient of g_i")]
SmallStep = Annotated[
    str | None,
    typer.Option("--step", metavar="SIZE", help="the step in each input whose effects are shown at a point: 0.01"),
]
InView = Annotated[
    str | None, typer.Option("--view", metavar="NAME", help="how results are shown: closed, index, components or all")
]
AsDifferential = Annotated[bool, typer.Option("--differential", help="show the differential too: dF = A @ dX")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON (docs/reference/json.md)")]
InNotation = Annotated[
    str, typer.Option("--notation", metavar="NAME", help="what the expression is written in: text or latex")
]
FunctionName = Annotated[str | None, typer.Argument(metavar="NAME", help="a function, for its details")]
AsFormat = Annotated[
    str | None, typer.Option("--format", metavar="NAME", help="how formulas are printed: unicode, latex or text")
]


def read_wrt(text: str | None) -> str | list[str] | None:
    """The variable or the variables named."""
    if text is None:
        return None
    names = [normal_name(name.strip()) for name in text.split(",")]
    if not all(names):
        raise ArgumentError("--wrt is a name, or names with commas between them", hint="write --wrt x or --wrt x1,x2")
    return names[0] if len(names) == 1 else names


def read_at(text: str | None, f: Expr) -> Point | None:
    """The point in the text, or in the file that the text names behind an @."""
    if text is None:
        return None
    if text.startswith("@"):
        return load_point(text[1:], f)
    return read_point(text, f)


def read_sizes(text: str | None) -> Mapping[str, int] | None:
    """The sizes in a text such as n=3,m=2; none, but asked for, in `all`."""
    if text is None:
        return None
    if text.strip() == ALL:
        return {}
    sizes: dict[str, int] = {}
    for part in text.split(","):
        name, equals, size = (piece.strip() for piece in part.partition("="))
        if not (name and equals and size.isascii() and size.isdigit() and len(size) < 10):
            raise ArgumentError(f"--components: `{part.strip()}` is not a size", hint="write --components n=3,m=2")
        if name in sizes:
            raise ArgumentError(f"--components: the size {name} is given twice")
        sizes[name] = int(size)
    return sizes


def read_views(name: str | None, sizes: Mapping[str, int] | None, f: Expr) -> tuple[Views, Mapping[str, int] | None]:
    """The ways to show results, and the sizes of the components, which are chosen where they are needed."""
    if name is None:
        return frozenset({"closed", "components"}), sizes
    if name not in VIEWS:
        raise ArgumentError(f"there is no view {name!r}", hint=f"the views are: {', '.join(VIEWS)}")
    if sizes is None and "components" in VIEWS[name]:
        sizes = min(distinct_settings(f._declarations), key=lambda setting: sum(setting.values()), default={})
    return VIEWS[name], sizes


def read_format(name: str | None, default: str) -> str:
    """The format asked for, or the default."""
    if name is not None and name not in FORMATS:
        raise ArgumentError(f"the format {name!r} is not available", hint=f"the formats are: {', '.join(FORMATS)}")
    return name or default


def read_declarations(words: list[str] | None) -> str:
    """The declarations, which may come as several words. Raises ArgumentError for words that are none."""
    for word in words or ():
        if word.strip() and ":" not in word:
            raise ArgumentError(
                f"`{word}` is not a declaration",
                hint='put quotes around the expression, and around the declarations: hesse derive "x^2 + y" "x: y:"',
            )
    return " ".join(words or ())
