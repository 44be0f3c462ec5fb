"""Drawings: the artists lie where the scene says, nothing of the user's is touched, files are whole and repeatable."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Annotation, Text

import hesse as hs
from hesse.pictures.drawing.canvas import write_file
from hesse.pictures.drawing.contour import ARROW
from hesse.pictures.drawing.typeset import decimal, rounded_down, rounded_up, symbol, title_lines
from hesse.pictures.picture import Picture
from hesse.pictures.scenes import Formula, Heading

LECTURE = "x1^2 + exp(x1*x2) + 2*log(x2)"
DIRECTIONS = {"d1": [1, -1], "d2": [-1, 1], "d3": [1, -2]}
SMALL = {"size": (4.0, 3.6), "dpi": 60}


def pictures() -> dict[str, Callable[[], Picture]]:
    """One picture of each kind."""
    f, g = hs.parse(LECTURE), hs.parse("[x1^2 - x2^2, 2*x1*x2]")
    return {
        "surface": lambda: hs.plot.surface(f, at=[1, 2], quadratic=True, resolution=15, **SMALL),
        "contour": lambda: hs.plot.contour(f, at=[1, 2], along=DIRECTIONS, field=True, resolution=40, **SMALL),
        "taylor": lambda: hs.plot.taylor(f, at=[1, 2], along=[1, -1], order=3, tolerance="0.1", **SMALL),
        "direction": lambda: hs.plot.direction(f, at=[1, 2], along=DIRECTIONS, resolution=40, **SMALL),
        "error": lambda: hs.plot.error(f, at=[1, 2], order=2, **SMALL),
        "jacobian": lambda: hs.plot.jacobian(g, at=[1, 2], **SMALL),
        "bars": lambda: hs.plot.jacobian(f, at=[1, 2], **SMALL),
        "hessian": lambda: hs.plot.hessian(f, at=[1, 2], **SMALL),
        "eigenvalues": lambda: hs.plot.hessian(hs.parse("sum(x**3)", "x:n"), at=[1, 2, -1], **SMALL),
    }


@pytest.mark.parametrize("kind", pictures())
def test_files_are_of_their_kind_and_repeatable(kind: str, tmp_path: Path) -> None:
    picture = pictures()[kind]()
    again = pictures()[kind]()
    for ending, start in (("png", b"\x89PNG\r\n\x1a\n"), ("svg", b"<?xml"), ("pdf", b"%PDF-")):
        path = tmp_path / f"f.{ending}"
        picture.save(path)
        content = path.read_bytes()
        assert content.startswith(start)
        assert content == again.encoded(ending)
    root = ET.fromstring((tmp_path / "f.svg").read_bytes())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 20
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.pdf", "f.png", "f.svg"]


def texts(picture: Picture) -> list[str]:
    """Every text in the figure."""
    return [text.get_text() for text in picture.figure.findobj(Text) if text.get_text()]


@pytest.mark.parametrize("kind", pictures())
def test_no_source_is_shown(kind: str) -> None:
    for text in texts(pictures()[kind]()):
        outside = re.sub(r"(?<!\\)\$[^$]*(?<!\\)\$", "", text)
        assert "\\" not in outside.replace(r"\$", "") and "**" not in outside and "_{" not in outside, text


def test_the_gradient_is_at_right_angles_to_the_level_set() -> None:
    """In the coordinates of the page, for the level set through the point."""
    for text, at in ((LECTURE, [1, 2]), ("x1^2 + 3*x2^2", [1, "0.7"]), ("sin(x1)*exp(x2)", ["0.4", "0.3"])):
        f = hs.parse(text)
        value = float(f.evaluate(x1=float(at[0]), x2=float(at[1])))
        picture = hs.plot.contour(f, at=at, levels=[value], resolution=241)
        assert picture.scene.equal
        figure = picture.figure
        figure.canvas.draw()
        (axes,) = figure.axes
        arrow = next(each for each in axes.findobj(Annotation) if each.arrow_patch is not None)
        start, end = (axes.transData.transform(point) for point in (arrow.xyann, arrow.xy))
        lines = [path for each in axes.collections for path in each.get_paths() if len(path.vertices) > 30]
        curve = min((axes.transData.transform(path.vertices) for path in lines),
                    key=lambda points: np.hypot(*(points - start).T).min())  # fmt: skip
        near = int(np.argmin(np.hypot(*(curve - start).T)))
        assert np.hypot(*(curve[near] - start)) < 2
        tangent = curve[min(near + 3, len(curve) - 1)] - curve[max(near - 3, 0)]
        step = end - start
        cosine = float(tangent @ step) / (np.hypot(*tangent) * np.hypot(*step))
        assert abs(cosine) < 0.02
        side = min(axis.high - axis.low for axis in picture.scene.axes)
        assert math.hypot(arrow.xy[0] - arrow.xyann[0], arrow.xy[1] - arrow.xyann[1]) == pytest.approx(ARROW * side)


def test_level_sets_are_drawn_where_f_has_their_value() -> None:
    f = hs.parse(LECTURE)
    picture = hs.plot.contour(f, at=[1, 2], levels=[5.0, 10.0, 20.0])
    (axes,) = picture.figure.axes
    (lines,) = [each for each in axes.collections if type(each).__name__ == "QuadContourSet" and not each.filled]
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        x, y = path.vertices.T
        np.testing.assert_allclose(x**2 + np.exp(x * y) + 2 * np.log(y), level, rtol=2e-3)


def test_the_drawn_surface_lies_on_the_function() -> None:
    picture = hs.plot.surface(hs.parse("sin(x1)*x2"), at=["0.5", 1], resolution=20)
    (axes,) = picture.figure.axes
    cells = axes.collections[0]
    points = np.asarray(cells._faces).reshape(-1, 3)
    scene = picture.scene
    inside = (points[:, 2] > scene.limits[0] + 1e-9) & (points[:, 2] < scene.limits[1] - 1e-9)
    grid = np.isclose(points[:, 0][:, None], scene.surface.x).any(1) & np.isclose(
        points[:, 1][:, None], scene.surface.y
    ).any(1)
    assert np.count_nonzero(inside & grid) > 1000
    x, y, z = points[inside & grid].T
    np.testing.assert_allclose(z, np.sin(x) * y, atol=1e-9)


def test_what_the_surface_hides_is_faint() -> None:
    """The plane of a bowl lies below it: from above it is seen through the surface only."""
    f = hs.parse("x1^2 + x2^2")
    above = hs.plot.surface(f, at=[0, 0], view=(60, -60)).figure.axes[0].collections[2]
    below = hs.plot.surface(-f, at=[0, 0], view=(60, -60)).figure.axes[0].collections[2]
    assert np.median(above.get_facecolor()[:, 3]) < 0.2 < 0.5 < np.median(below.get_facecolor()[:, 3])


def test_models_are_drawn_as_they_are() -> None:
    picture = hs.plot.taylor(hs.parse("sin(x)", "x:"), at=0, order=3)
    upper, lower = picture.figure.axes
    drawn = {line.get_label(): line.get_xydata() for line in upper.lines}
    np.testing.assert_allclose(drawn["$f(x)$"][:, 1], np.sin(drawn["$f(x)$"][:, 0]))
    cubic = drawn["$m_{3}$, order 3"]
    np.testing.assert_allclose(cubic[:, 1], cubic[:, 0] - cubic[:, 0] ** 3 / 6, atol=1e-12)
    assert lower.get_yscale() == "log"
    assert "certified band" in [text.get_text() for text in picture.figure.legends[0].texts]


def test_nothing_undecided_or_unproved_is_called_certified() -> None:
    picture = hs.plot.contour(hs.parse("x1^26 + x2"), at=[0, 0], along=[1, 0], resolution=30)
    assert any("undecided" in text for text in texts(picture))
    assert not any("certified" in text for text in texts(picture))
    picture = hs.plot.taylor(hs.parse("log(x)", "x:"), at=1, radius=2)
    assert any("no band is certified" in text for text in texts(picture))
    assert "certified band" not in texts(picture)


def test_what_is_written_claims_no_more_than_is_certified() -> None:
    """Each number is rounded to the safe side."""
    f = hs.parse(LECTURE)
    written = " ".join(texts(hs.plot.direction(f, at=[1, 2], along=DIRECTIONS, resolution=20)))
    assert "1.268" in written and "1.269" not in written
    assert (rounded_up(0.1234501), rounded_down(0.1234599), rounded_up(5e-324)) == ("0.1235", "0.1234", "10⁻³⁰⁰")
    assert (rounded_down(0.3), rounded_down(1 - 1e-15), rounded_down(0.99995)) == ("0.3", "1", "0.9999")
    picture = hs.plot.taylor(hs.parse("exp(x)", "x:"), at=0, order=2, radius="0.123456")
    (caption,) = [text for text in texts(picture) if "certified:" in text]
    assert "0.1234" in caption and "0.1235" not in caption
    bound = float(re.findall(r"\$ ([\d.]+) for all", caption)[0])
    assert picture.scene.band.upper <= bound <= 1.001 * picture.scene.band.upper


def test_the_heat_map_shows_the_entries() -> None:
    picture = hs.plot.jacobian(hs.parse("[x1*x2, exp(x3)/x2, x1 + x3^2]"), at=[1, 2, 0])
    (axes,) = picture.figure.axes
    np.testing.assert_array_equal(np.asarray(axes.images[0].get_array()), picture.scene.matrix.entries)
    written = [text.get_text() for text in axes.texts]
    assert written == ["2", "1", "·", "·", "−0.25", "0.5", "1", "·", "0"]


def test_nothing_of_the_user_is_touched(tmp_path: Path) -> None:
    import matplotlib.pyplot as plt

    mpl.rcParams["lines.linewidth"] = 7.5
    mpl.rcParams["text.usetex"] = True
    try:
        before, backend = dict(mpl.rcParams), mpl.get_backend()
        picture = pictures()["contour"]()
        picture.save(tmp_path / "f.png")
        with_settings = picture.encoded("svg")
        assert dict(mpl.rcParams) == before and mpl.get_backend() == backend
        assert plt.get_fignums() == []
    finally:
        mpl.rcdefaults()
    assert pictures()["contour"]().encoded("svg") == with_settings


def test_a_picture_needs_no_display_and_no_pyplot() -> None:
    program = (
        "import sys, hesse as hs; hs.plot.surface(hs.parse('x1^2 + x2^2'), at=[1, 1], resolution=9).encoded();"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")
    }
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=kept)
    assert done.stdout.strip() == "False"


def test_notebooks_and_figures() -> None:
    picture = pictures()["bars"]()
    assert picture._repr_png_().startswith(b"\x89PNG")
    assert isinstance(picture.figure.canvas, FigureCanvasAgg)
    assert repr(picture) == "<Picture: jacobian of f(x₁, x₂)>"
    larger = picture.with_style(size=(8, 6), dpi=100)
    assert larger.figure.get_size_inches().tolist() == [8, 6]
    assert larger.scene is picture.scene
    dark = picture.with_style(dark=True)
    assert dark.figure.get_facecolor()[0] < 0.2


@pytest.mark.parametrize("kind", pictures())
def test_scenes_are_plain_data(kind: str) -> None:
    import json

    record = pictures()[kind]().record()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["heading"]["formula"]["latex"]


def test_files_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = pictures()["bars"]()
    for name, message in (
        ("f.gif", "`gif` is no format"),
        ("f", "has no ending"),
        ("nowhere/f.png", "there is no folder"),
    ):
        with pytest.raises(hs.ArgumentError, match=message):
            picture.save(tmp_path / name)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(hs.ArgumentError, match="is a folder"):
        picture.save(tmp_path / "folder.png")
    monkeypatch.setattr(os, "access", lambda *arguments: False)
    with pytest.raises(hs.ArgumentError, match="cannot be written to"):
        picture.save(tmp_path / "f.png")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f.png").write_bytes(b"before")

    def interrupted(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "f.png", b"after")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("f.png", b"before")]


def test_styles_are_checked() -> None:
    f = hs.parse("x1*x2")
    wrong: list[dict[str, Any]] = [
        {"size": (0, 5)}, {"size": (5,)}, {"size": "ab"}, {"dpi": 1}, {"dpi": "x"}, {"font_size": 400},
        {"size": (60, 60), "dpi": 1200},
    ]  # fmt: skip
    for options in wrong:
        with pytest.raises(hs.ArgumentError):
            hs.plot.jacobian(f, at=[1, 2], **options)
    for kind in (hs.plot.surface, hs.plot.contour, hs.plot.hessian):
        with pytest.raises(hs.ArgumentError, match="too small"):
            kind(f, at=[1, 2], size=(1, 1), font_size=30).encoded()


def test_titles_of_your_own() -> None:
    f = hs.parse("x1*x2")
    title = hs.plot.jacobian(f, at=[1, 2], title="a $50 question about \\frac{").figure.texts[0]
    assert title.get_text() == "a $50 question about \\frac{" and not title.get_parse_math()
    title = hs.plot.jacobian(f, at=[1, 2], title=r"the product, $x_1 x_2$").figure.texts[0]
    assert title.get_text() == r"the product, $x_1 x_2$" and title.get_parse_math()
    long = hs.plot.jacobian(f, at=[1, 2], title="many words " * 40).figure.texts[:2]
    assert long[1].get_text().endswith(" …")


def test_names_of_directions_are_shown_as_they_are() -> None:
    f = hs.parse("x1^2 + x2^2")
    along = {"a$b": [1, 1], "d_{2": [1, 0], "\\frac": [0, 1], "": [1, 2], "long name": [-1, -1]}
    picture = hs.plot.contour(f, at=[1, 2], along=along, resolution=20)
    assert picture.encoded("svg")
    assert {r"a\$b", "d_{2", r"\frac", "long name"} <= set(texts(picture))


FORMULAS = {
    "scalars": (LECTURE, ""),
    "matrices": ("norm(A @ x - b)**2", "A:m,n x:n b:m"),
    "bracketed": ("[[x1, x2], [x2^2, exp(x1)]] @ [x1, x2]", ""),
    "stacked": ("[x1^2 - x2^2, 2*x1*x2, x1/x2]", ""),
    "branches": ("where(x1 > x2, x1, x2) + max(x1, x2) + abs(x1/x2)", ""),
    "running": ("sum(i, log(1 + exp(-y[i]*(X[i] @ w))))", "X:m,n y:m w:n"),
    "defined": ("r = A @ x - b; sum(r**2) + norm(r)", "A:m,n x:n b:m"),
    "entrywise": ("outer(x, ones(n))/(A + 1) * A**2", "x:n A:n,n"),
    "greek": ("alpha*x_old + lambda_2^2", ""),
    "special": ("gammaln(x1) + polygamma(2, x2) + trace(A) + det(A)", "x1: x2: A:n,n"),
    "einsum": ("einsum('ij,j->i', A, x)", "A:m,n x:n"),
    "dollars": ("cost_total*x", "cost_total: x:"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_are_typeset(name: str) -> None:
    text, declarations = FORMULAS[name]
    f = hs.parse(text, declarations) if declarations else hs.parse(text)
    heading = Heading(Formula("f(x)", "f(x)"), Formula(f.latex(), f.unicode()))
    for room in (500.0, 250.0):
        lines = title_lines(heading, room, 12.0)
        assert 1 <= len(lines) <= 2
        for line in lines:
            if line.math:
                assert line.text.startswith("$") and r"\begin" not in line.text
            else:
                assert "\\" not in line.text.replace(r"\$", "")


def test_most_formulas_are_typeset_as_mathematics() -> None:
    for text, declarations in FORMULAS.values():
        f = hs.parse(text, declarations) if declarations else hs.parse(text)
        assert symbol(Formula(f.latex(), f.unicode())).startswith("$"), text


def test_long_formulas_are_broken_or_said_to_go_on() -> None:
    terms = [f"sin({k}*x1)*x2^{k}" for k in range(2, 30)]
    f = hs.parse(" + ".join(terms))
    heading = Heading(Formula("f(x_1, x_2)", "f(x₁, x₂)"), Formula(f.latex(), f.unicode()))
    lines = title_lines(heading, 430.0, 12.0)
    assert len(lines) == 2
    shown = "".join(line.text for line in lines).count(r"\sin")
    assert rf"{28 - shown}\ more\ terms" in lines[-1].text and 0 < shown < 28
    whole = hs.parse("exp(" * 40 + "x1" + ")" * 40)
    heading = Heading(Formula("f(x_1)", "f(x₁)"), Formula(whole.latex(), whole.unicode()))
    (line,) = title_lines(heading, 200.0, 12.0)
    assert "too long" in line.text


def test_what_mathtext_lacks_is_written_in_unicode() -> None:
    assert symbol(Formula(r"\begin{cases} a \end{cases}", "a?")) == "a?"
    assert symbol(Formula(r"\nosuchcommand", "cost $5")) == r"cost \$5"
    heading = Heading(Formula(r"\nosuchcommand", "f(x)"), Formula(r"\nosuchcommand + 1", "y + 1"))
    assert [(line.text, line.math) for line in title_lines(heading, 400.0, 12.0)] == [("f(x) = y + 1", False)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"), (-1.5, "−1.5"), (-0.0, "0"), (16.7781, "16.78"), (123456.0, "123500"), (1.5e10, "1.5×10¹⁰"),
        (1e-9, "10⁻⁹"), (-1e20, "−10²⁰"), (0.00012346, "0.0001235"), (math.inf, "inf"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert decimal(value) == text
