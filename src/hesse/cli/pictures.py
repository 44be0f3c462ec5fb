"""The command `plot`: options in, a file out. Pictures are drawn by `hesse.plot`, which is loaded when it is used."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

import hesse
from hesse.cli.answers import Answer
from hesse.cli.app import app
from hesse.cli.blocks import Lines, Note
from hesse.cli.certified import Along, InNorm, WithinRadius, WithTolerance, directions
from hesse.cli.options import (
    AsJson,
    AtPoint,
    ByVariable,
    Declared,
    Expression,
    InNotation,
    read_at,
    read_declarations,
    read_wrt,
)
from hesse.errors import ArgumentError
from hesse.service.reading import parse

KINDS: Mapping[str, frozenset[str]] = {
    "surface": frozenset("axes range resolution quadratic view".split()),
    "contour": frozenset("axes along range resolution levels field half_plane".split()),
    "taylor": frozenset("axes along order range radius tolerance".split()),
    "direction": frozenset("along range resolution".split()),
    "error": frozenset("along order radius norm".split()),
    "jacobian": frozenset("range".split()),
    "hessian": frozenset[str](),
}
"""The kinds of pictures with the options that each uses, beside those of all."""
ONE_RANGE = ("taylor", "direction")
LONG = ("surface", "contour", "direction", "error")
"""The kinds that tell how far they are."""
PATIENCE = 0.5

KindOfPicture = Annotated[str, typer.Argument(metavar="KIND", help=", ".join(KINDS))]
ToFile = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE", help="where to: .png, .svg or .pdf by the ending")
]
Axes = Annotated[
    str | None, typer.Option("--axes", metavar="NAMES", help="the coordinates that vary, of many: x1,x2 or x[0],x[3]")
]
InRange = Annotated[
    str | None, typer.Option("--range", metavar="RANGES", help="what is drawn: -1:2,0:3, or -1:2 along a line")
]
Resolution = Annotated[int | None, typer.Option("--resolution", metavar="N", help="points along each side of the grid")]
Levels = Annotated[
    str | None, typer.Option("--levels", metavar="LEVELS", help="the level sets: how many, or their values 1,2,5")
]
Order = Annotated[int | None, typer.Option("--order", metavar="K", help="the order of the models, 2 unless given")]
Quadratic = Annotated[bool, typer.Option("--quadratic", help="show the quadratic model too")]
GradientField = Annotated[bool, typer.Option("--field", help="show the field of gradients")]
HalfPlane = Annotated[bool, typer.Option("--half-plane", help="show where the linear model rises")]
View = Annotated[str | None, typer.Option("--view", metavar="ANGLES", help="elevation and azimuth in degrees: 30,-60")]
Title = Annotated[str, typer.Option("--title", metavar="TEXT", help="a title of your own in place of the formula")]
Size = Annotated[str | None, typer.Option("--size", metavar="INCHES", help="width and height: 6.4,5")]
Dots = Annotated[float | None, typer.Option("--dpi", metavar="N", help="dots per inch, 150 unless given")]
FontSize = Annotated[float | None, typer.Option("--font-size", metavar="POINTS", help="the size of the type")]
Dark = Annotated[bool, typer.Option("--dark", help="light on dark")]


@app.command(help="a picture: surface, contour, taylor, direction, error, jacobian or hessian")
def plot(
    kind: KindOfPicture,
    expression: Expression,
    declarations: Declared = None,
    wrt: ByVariable = None,
    at: AtPoint = None,
    output: ToFile = None,
    axes: Axes = None,
    along: Along = None,
    order: Order = None,
    radius: WithinRadius = None,
    tolerance: WithTolerance = None,
    norm: InNorm = "inf",
    ranges: InRange = None,
    resolution: Resolution = None,
    levels: Levels = None,
    quadratic: Quadratic = False,
    field: GradientField = False,
    half_plane: HalfPlane = False,
    view: View = None,
    title: Title = "",
    size: Size = None,
    dpi: Dots = None,
    font_size: FontSize = None,
    dark: Dark = False,
    json: AsJson = False,
    notation: InNotation = "text",
) -> Answer:
    """The picture in a file, or its scene as JSON."""
    if kind not in KINDS:
        raise ArgumentError(f"there is no picture `{kind}`", hint=f"the kinds are {', '.join(KINDS)}")
    if output is None and not json:
        raise ArgumentError("where to? A picture needs a file", hint="write -o f.png (or .svg, .pdf)")
    f = parse(expression, read_declarations(declarations), notation=notation)
    point = read_at(at, f)
    if point is None:
        raise ArgumentError("a picture needs a point", hint="add --at, for example --at 1,2")
    given = {
        "axes": axes,
        "along": directions(along) if along else None,
        "order": order,
        "radius": radius,
        "tolerance": tolerance,
        "norm": None if norm == "inf" else norm,
        "range": None if ranges is None else _ranges(ranges),
        "resolution": resolution,
        "levels": None if levels is None else _levels(levels),
        "quadratic": quadratic or None,
        "field": field or None,
        "half_plane": half_plane or None,
        "view": None if view is None else _pair(view, "--view"),
    }
    options = _for_kind(kind, {name: value for name, value in given.items() if value is not None})
    inches = None if size is None else _pair(size, "--size")
    looks = {"size": inches, "dpi": dpi, "font_size": font_size, "dark": dark or None}
    options |= {name: value for name, value in looks.items() if value is not None}
    if output is not None:
        hesse.plot.check_file(output)
    draw: Callable[..., Any] = getattr(hesse.plot, kind)
    with _Progress() as progress:
        if kind in LONG:
            options["progress"] = progress
        picture = draw(f, point, wrt=read_wrt(wrt), title=title, **options)
        if output is not None:
            picture.save(output)
    if json:
        return Answer(record={"picture": picture.record(), "file": output})
    return Answer((Lines((str(output),)), *(Note(note, "caution") for note in picture.scene.notes)))


def _for_kind(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """The options under the names that the kind's function has for them. Raises for one that it does not use."""
    for name in given:
        if name not in KINDS[kind]:
            used = ", ".join(f"--{each.replace('_', '-')}" for each in sorted(KINDS[kind])) or "none of its own"
            raise ArgumentError(f"--{name.replace('_', '-')} is not for {kind}", hint=f"its options are {used}")
    if kind == "direction" and "along" not in given:
        raise ArgumentError("a direction needs a vector", hint="write for example --along 1,-1")
    if isinstance(given.get("along"), dict) and kind in ("taylor", "error"):
        raise ArgumentError("--along of a model is one direction", hint="write --along 1,-1")
    if "range" in given:
        ranges = given.pop("range")
        if kind in ONE_RANGE and len(ranges) != 1:
            raise ArgumentError(f"--range of {kind} is one range", hint="write --range=-1:2")
        given["ranges"] = ranges[0] if kind in ONE_RANGE else ranges
    return given


def _ranges(text: str) -> list[tuple[float, float]]:
    found = []
    for part in text.split(","):
        low, colon, high = part.partition(":")
        if not colon:
            raise ArgumentError(f"--range: `{part.strip()}` is no range", hint="write --range=-1:2,0:3")
        found.append((_number(low, "--range"), _number(high, "--range")))
    return found


def _levels(text: str) -> int | list[float]:
    if text.strip().isdigit():
        return int(text)
    return [_number(part, "--levels") for part in text.split(",")]


def _pair(text: str, option: str) -> tuple[float, float]:
    numbers = [_number(part, option) for part in text.split(",")]
    if len(numbers) != 2:
        raise ArgumentError(f"{option} takes two numbers, not {len(numbers)}", hint=f"write {option} 6,5")
    return numbers[0], numbers[1]


def _number(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentError(f"{option}: `{text.strip()}` is not a number") from None


class _Progress:
    """A line on a terminal's standard error that tells how far a long drawing is; gone when it is done."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._shown = ""

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *unused: object) -> None:
        if self._shown:
            self._write("\r" + " " * len(self._shown) + "\r")

    def __call__(self, done: float) -> None:
        """Show the share that is done, when it takes long enough to ask."""
        if not self._terminal or time.monotonic() - self._start < PATIENCE:
            return
        line = f"drawing: {100 * done:3.0f} %"
        if line != self._shown:
            self._shown = line
            self._write("\r" + line)

    @staticmethod
    def _write(text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):
            return
