"""Surfaces and contours by their content: what is drawn lies on the function and touches it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import hesse as hs

LECTURE = "x1^2 + exp(x1*x2) + 2*log(x2)"
PLANES: dict[str, tuple[str, list[Any]]] = {
    "lecture": (LECTURE, [1, 2]),
    "bowl": ("x1^2 + x2^2", [1, "0.5"]),
    "saddle": ("x1^2 - x2^2", [0, 0]),
    "peano": ("(x2 - x1^2)*(x2 - 3*x1^2)", ["0.2", "0.1"]),
    "valley": ("(1 - x1)^2 + 100*(x2 - x1^2)^2", ["-1.2", 1]),
    "flat": ("1e-6*(x1^2 + x2) + 3", [1, 1]),
    "steep": ("exp(20*x1 - x2)", ["0.5", 1]),
    "pole": ("1/(x1 - x2)", [1, 0]),
    "half": ("sqrt(1 - x1^2 - x2^2)", ["0.4", "0.3"]),
    "waves": ("sin(5*x1)*cos(5*x2)", ["0.3", "0.1"]),
}


def pointwise(f: hs.Expr, x: float, y: float) -> float:
    """The value, nan where there is none."""
    with np.errstate(all="ignore"):
        value = float(f.evaluate(x1=x, x2=y))
    return value if math.isfinite(value) else math.nan


@pytest.mark.parametrize("name", PLANES)
def test_the_surface_is_the_function(name: str) -> None:
    text, at = PLANES[name]
    f = hs.parse(text)
    scene = hs.plot.surface(f, at=at, resolution=23).scene
    field = scene.surface
    for j, i in np.ndindex(field.values.shape):
        if math.isfinite(field.values[j, i]):
            assert field.values[j, i] == pytest.approx(pointwise(f, field.x[i], field.y[j]), rel=1e-9, abs=1e-12)
    for polygon in field.rim:
        for x, y, z in polygon:
            assert z == pytest.approx(pointwise(f, x, y), rel=1e-6, abs=1e-6)
    assert scene.point == pytest.approx((float(at[0]), float(at[1]), pointwise(f, float(at[0]), float(at[1]))))
    assert scene.limits[0] < scene.point[2] < scene.limits[1]


@pytest.mark.parametrize("name", PLANES)
def test_the_plane_touches_with_the_right_slopes(name: str) -> None:
    """Compared with differences of the function, and with the plane's own differences."""
    text, at = PLANES[name]
    f = hs.parse(text)
    a, b = float(at[0]), float(at[1])
    scene = hs.plot.surface(f, at=at, resolution=5).scene
    h = 1e-5
    slopes = (
        (pointwise(f, a + h, b) - pointwise(f, a - h, b)) / (2 * h),
        (pointwise(f, a, b + h) - pointwise(f, a, b - h)) / (2 * h),
    )
    scale = max(map(abs, slopes)) + 1e-6
    assert scene.slopes == pytest.approx(slopes, abs=1e-5 * scale)
    plane = scene.plane
    middle = len(plane.x) // 2
    assert (plane.x[middle], plane.y[middle]) == pytest.approx((a, b))
    assert plane.values[middle, middle] == pytest.approx(scene.point[2])
    across = np.diff(plane.values, axis=1) / np.diff(plane.x)
    up = np.diff(plane.values, axis=0) / np.diff(plane.y)[:, None]
    np.testing.assert_allclose(across, scene.slopes[0], rtol=1e-6, atol=1e-6 * scale)
    np.testing.assert_allclose(up, scene.slopes[1], rtol=1e-6, atol=1e-6 * scale)


def test_the_quadratic_model_is_nearer_than_the_plane() -> None:
    f = hs.parse(LECTURE)
    scene = hs.plot.surface(f, at=[1, 2], quadratic=True).scene
    near = np.s_[12:21, 12:21]
    x, y = np.meshgrid(scene.plane.x, scene.plane.y)
    truth = x**2 + np.exp(x * y) + 2 * np.log(y)
    bent, plane = (np.abs(field.values - truth)[near].max() for field in (scene.quadratic, scene.plane))
    assert bent < plane / 6
    assert hs.plot.surface(f, at=[1, 2]).scene.quadratic is None


def test_undefined_regions_are_empty() -> None:
    scene = hs.plot.contour(hs.parse("log(x1 - x2^2)"), at=[1, 0], ranges=[(-1, 2), (-1.5, 1.5)]).scene
    x, y = np.meshgrid(scene.field.x, scene.field.y)
    np.testing.assert_array_equal(scene.defined, x - y**2 > 0)
    assert np.isnan(scene.field.values[~scene.defined]).all()
    assert np.isfinite(scene.field.values[scene.defined]).mean() > 0.97
    # The rim closes the gap between the cells of the grid and the parabola.
    ends = np.concatenate([polygon[:, :2] for polygon in scene.field.rim])
    assert (ends[:, 0] - ends[:, 1] ** 2 > 0).all()
    assert np.count_nonzero(ends[:, 0] - ends[:, 1] ** 2 < 1e-9) > 100
    assert any("undefined" in note for note in scene.notes)


def test_nothing_is_drawn_across_a_pole_or_a_jump() -> None:
    for text, at in (("1/(x1 - x2)", [1, 0]), ("step(x1 - x2) + 0.1*x1", [1, 0]), ("tan(x1 + x2)", [0, 0])):
        scene = hs.plot.contour(hs.parse(text), at=at, ranges=[(-2, 2), (-2, 2)], resolution=80).scene
        low, high = np.nanquantile(scene.field.values, (0.1, 0.9))
        for axis in (0, 1):
            steps = np.abs(np.diff(np.clip(scene.field.values, 3 * low - 1, 3 * high + 1), axis=axis))
            assert np.nanmax(steps) < 0.7 * (4 * (high - low))
        assert np.isnan(scene.field.values).any()
    steep = hs.plot.contour(hs.parse("tanh(50*(x1 - x2))"), at=[1, 0], ranges=[(-2, 2), (-2, 2)], resolution=80).scene
    assert np.isfinite(steep.field.values).all()


def test_a_kink_has_no_tangent_and_is_drawn() -> None:
    scene = hs.plot.surface(hs.parse("abs(x1) + x2"), at=[0, 1]).scene
    assert scene.plane is None and scene.slopes is None
    assert any("kink" in note for note in scene.notes)
    assert scene.point == (0, 1, 1)


def test_two_of_five() -> None:
    f = hs.parse("norm(x)^2 + sin(x[0]*x[3])", "x:5")
    at = [1.0, 2.0, 3.0, 4.0, 5.0]
    scene = hs.plot.contour(f, at=at, axes="x[0], x[3]", resolution=9).scene
    assert [axis.name for axis in scene.axes] == ["x[0]", "x[3]"]
    assert [axis.label.unicode for axis in scene.axes] == ["x₁", "x₄"]
    assert [(name.unicode, value) for name, value in scene.heading.held] == [("x₂", 2), ("x₃", 3), ("x₅", 5)]
    point = np.array(at)
    point[0], point[3] = scene.field.x[2], scene.field.y[7]
    assert scene.field.values[7, 2] == pytest.approx(f.evaluate(x=point))
    gradient = hs.gradient(f).evaluate(x=at)
    assert scene.gradient == pytest.approx((gradient[0], gradient[3]))


def test_axes_of_different_variables() -> None:
    f = hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m")
    at = {"A": [[1, 2], [0, 1], [1, 1]], "x": [1, 2], "b": [0, 1, 2]}
    scene = hs.plot.contour(f, at=at, axes=["A[0,1]", "b[2]"], resolution=5).scene
    matrix, vector = np.array(at["A"], float), np.array(at["b"], float)
    matrix[0, 1], vector[2] = scene.field.x[3], scene.field.y[1]
    assert scene.field.values[1, 3] == pytest.approx(np.sum((matrix @ at["x"] - vector) ** 2))


def test_directions_say_what_is_certified() -> None:
    f = hs.parse(LECTURE)
    along = {"d1": [1, -1], "d2": [-1, 1], "d3": [1, -2]}
    scene = hs.plot.contour(f, at=[1, 2], along=along).scene
    truth = hs.direction(f, at=[1, 2], along=along)
    for ray in scene.rays:
        d = truth[ray.name]
        assert (ray.slope, ray.trend, ray.until, ray.ends) == (d.slope, d.trend, d.until, d.lasting.ends)
        assert ray.certified == d.until[0]
        assert ray.step == tuple(map(float, d.along))
    assert scene.half_plane
    # The tips and the ends of what is certified are in the window.
    for axis, center, k in zip(scene.axes, (1, 2), (0, 1), strict=True):
        tips = [center + ray.step[k] for ray in scene.rays]
        assert axis.low < min(tips) and max(tips) < axis.high


def test_what_is_undecided_is_drawn_as_such() -> None:
    f = hs.parse("x1^26 + x2")
    scene = hs.plot.contour(f, at=[0, 0], along=[1, 0]).scene
    (ray,) = scene.rays
    assert ray.trend == hs.direction(f, at=[0, 0], along=[1, 0]).trend == "undecided"
    assert ray.certified == 0


def test_the_field_of_gradients() -> None:
    f = hs.parse("x1^2*x2 + sin(x2)")
    arrows = hs.plot.contour(f, at=[1, 2], field=True).scene.arrows
    assert len(arrows.x) > 100
    gx, gy = 2 * arrows.x * arrows.y, arrows.x**2 + np.cos(arrows.y)
    np.testing.assert_allclose(arrows.length, np.hypot(gx, gy), rtol=1e-9)
    np.testing.assert_allclose(arrows.u * arrows.length, gx, atol=1e-9)
    np.testing.assert_allclose(arrows.v * arrows.length, gy, atol=1e-9)


@pytest.mark.parametrize("name", PLANES)
def test_levels_lie_among_the_values(name: str) -> None:
    text, at = PLANES[name]
    scene = hs.plot.contour(hs.parse(text), at=at, resolution=60).scene
    finite = scene.field.values[np.isfinite(scene.field.values)]
    assert 5 <= len(scene.levels) <= 30
    assert list(scene.levels) == sorted(set(scene.levels))
    assert finite.min() < scene.levels[0] and scene.levels[-1] < finite.max()
    # No band between two levels holds most of the picture.
    counts, _ = np.histogram(finite, [-np.inf, *scene.levels, np.inf])
    assert counts.max() < 0.5 * finite.size


def test_levels_of_your_own() -> None:
    f = hs.parse("x1^2 + x2^2")
    assert hs.plot.contour(f, at=[1, 1], levels=[4, 1, 2]).scene.levels == (1, 2, 4)
    assert 3 <= len(hs.plot.contour(f, at=[1, 1], levels=5).scene.levels) <= 8
    for levels in ([], 0, 1000, [math.inf]):
        with pytest.raises(hs.ArgumentError, match="levels"):
            hs.plot.contour(f, at=[1, 1], levels=levels)


def test_refusals_say_what_can_be_drawn() -> None:
    with pytest.raises(hs.ArgumentError, match="one output") as caught:
        hs.plot.surface(hs.parse("[x1*x2, x1]"), at=[1, 2])
    assert "jacobian" in caught.value.hint
    with pytest.raises(hs.ArgumentError, match="2 axes") as caught:
        hs.plot.contour(hs.parse("x^2", "x:"), at=1)
    assert "taylor" in caught.value.hint
    with pytest.raises(hs.ArgumentError, match="needs a point"):
        hs.plot.surface(hs.parse("x1*x2"), at=None)
    with pytest.raises(hs.ArgumentError, match="`x3` is no axis"):
        hs.plot.surface(hs.parse("x1*x2"), at=[1, 2], axes="x1,x3")
    with pytest.raises(hs.ArgumentError, match="twice"):
        hs.plot.surface(hs.parse("x1*x2"), at=[1, 2], axes="x1,x1")
    with pytest.raises(hs.ArgumentError, match="3 are named"):
        hs.plot.surface(hs.parse("x1*x2"), at=[1, 2], axes="x1,x2,x1")
    with pytest.raises(hs.ArgumentError, match="undefined"):
        hs.plot.surface(hs.parse("u(x)", "u:n-> x:n"), at=[1, 2])
    with pytest.raises(hs.ArgumentError, match="defined nowhere"):
        hs.plot.surface(hs.parse("log(-x1^2 - x2^2)"), at=[1, 2], ranges=[(0, 1), (0, 2)])
    with pytest.raises(hs.ArgumentError, match="from 2 to 1"):
        hs.plot.surface(hs.parse("x1*x2"), at=[1, 2], ranges=[(2, 1), (0, 1)])
    with pytest.raises(hs.ArgumentError, match="the point at 1"):
        hs.plot.surface(hs.parse("x1*x2"), at=[1, 2], ranges=[(2, 3), (0, 3)])
    with pytest.raises(hs.LimitError, match="too narrow"):
        hs.plot.surface(hs.parse("x1*x2"), at=[1, 2], ranges=[(1, 1 + 1e-14), (0, 3)])
    with pytest.raises(hs.LimitError, match="limit of a picture"):
        hs.plot.surface(hs.parse("1e300*x1*x2"), at=[1, 2])
    with pytest.raises(hs.ArgumentError, match="2 to 301"):
        hs.plot.surface(hs.parse("x1*x2"), at=[1, 2], resolution=302)
    with pytest.raises(hs.ArgumentError, match="the view: 2 numbers"):
        hs.plot.surface(hs.parse("x1*x2"), at=[1, 2], view="ab")
    with pytest.raises(hs.ArgumentError, match="resolution"):
        hs.plot.surface(hs.parse("x1*x2"), at=[1, 2], resolution=1)
    with pytest.raises(hs.ArgumentError, match="no option `colour`"):
        hs.plot.surface(hs.parse("x1*x2"), at=[1, 2], colour="red")
    with pytest.raises(hs.ArgumentError, match="does not lie in the plane"):
        hs.plot.contour(hs.parse("sum(x**2)", "x:3"), at=[1, 2, 3], along=[1, 0, 1])
    with pytest.raises(hs.ArgumentError, match="an expression is needed"):
        hs.plot.surface("x1*x2", at=[1, 2])  # type: ignore[arg-type]
