"""Models along a line, directions and errors by their content: against f, and certified only where it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import hesse as hs

LECTURE = "x1^2 + exp(x1*x2) + 2*log(x2)"
ONE: dict[str, tuple[str, Any]] = {
    "sine": ("sin(x)", "0.5"),
    "exponential": ("exp(x)", -1),
    "logarithm": ("log(x)", 2),
    "pole": ("1/x", 1),
    "kink": ("abs(x - 1) + x^2", 0),
    "root": ("sqrt(x)", "0.3"),
    "polynomial": ("x^3 - 2*x", 1),
    "flat": ("1e-9*x^2 + 1", 1),
}


@pytest.mark.parametrize("name", ONE)
def test_the_curve_and_its_models(name: str) -> None:
    text, at = ONE[name]
    f = hs.parse(text, "x:")
    scene = hs.plot.taylor(f, at=at, order=3).scene
    with np.errstate(all="ignore"):
        truth = np.array([f.evaluate(x=x) for x in scene.x[::25]])
    shown = scene.y[::25]
    there = np.isfinite(shown)
    np.testing.assert_allclose(shown[there], truth[there], rtol=1e-12)
    assert [model.order for model in scene.models] == [1, 2, 3]
    for model in scene.models:
        # They meet f at the point, and their errors are differences from f.
        k = int(np.argmin(np.abs(model.x - scene.center)))
        assert model.x[k] == scene.center == float(at)
        assert model.y[k] == pytest.approx(scene.value)
        assert model.error[k] <= 1e-12 * max(1, abs(scene.value))
        reference = hs.taylor(f, at=at, order=model.order)
        for x, y, error in list(zip(model.x, model.y, model.error, strict=True))[::40]:
            assert y == pytest.approx(reference([x - scene.center]), rel=1e-9, abs=1e-12)
            if math.isfinite(error):
                assert error == pytest.approx(abs(f.evaluate(x=x) - y), abs=1e-12)


@pytest.mark.parametrize("name", ONE)
def test_the_band_is_what_is_certified(name: str) -> None:
    text, at = ONE[name]
    f = hs.parse(text, "x:")
    scene = hs.plot.taylor(f, at=at, order=2).scene
    band = scene.band
    bound = hs.taylor(f, at=at, order=2).remainder(band.radius)
    assert band.upper == bound.upper and math.isfinite(band.upper)
    inside = np.abs(scene.models[-1].x - scene.center) <= band.radius
    assert (scene.models[-1].error[inside] <= band.upper + 1e-15 * abs(scene.value)).all()


def test_a_band_that_is_not_proved_is_none() -> None:
    scene = hs.plot.taylor(hs.parse("log(x)", "x:"), at=1, order=2, radius=2).scene
    assert scene.band.upper == math.inf and "x > 0" in scene.band.missing


def test_a_certified_radius() -> None:
    f = hs.parse("sin(x)", "x:")
    scene = hs.plot.taylor(f, at=0, order=3, tolerance="0.01").scene
    assert scene.reach.radius == hs.taylor(f, at=0, order=3).radius("0.01")
    assert scene.reach.tolerance == 0.01
    none = hs.plot.taylor(f, at=0, order=3).scene
    assert none.reach is None


def test_along_a_direction() -> None:
    f = hs.parse(LECTURE)
    scene = hs.plot.taylor(f, at=[1, 2], along=[1, -2], order=2).scene
    assert scene.along == (1, -2) and scene.center == 0 and scene.axis.name == "t"
    t = scene.models[0].x
    truth = [f.evaluate(x1=1 + s, x2=2 - 2 * s) if s < 1 else math.nan for s in t[::40]]
    found = (scene.models[0].y + np.nan_to_num(scene.models[0].error))[::40]
    lower = (scene.models[0].y - np.nan_to_num(scene.models[0].error))[::40]
    for value, high, low in zip(truth, found, lower, strict=True):
        assert math.isnan(value) or min(abs(value - high), abs(value - low)) < 1e-9 * (1 + abs(value))
    # The domain ends at t = 1.
    assert scene.x[np.isfinite(scene.y)].max() == pytest.approx(1, abs=1e-9)
    assert any("undefined" in note for note in scene.notes)


def test_along_one_axis_of_many() -> None:
    f = hs.parse("norm(x)^2 + sin(x[0]*x[3])", "x:5")
    at = [1, 2, 3, 4, 5]
    scene = hs.plot.taylor(f, at=at, axes="x[3]", order=2).scene
    assert scene.center == 4 and scene.axis.label.unicode == "x₄"
    assert [name.unicode for name, _ in scene.heading.held] == ["x₁", "x₂", "x₃", "x₅"]
    assert scene.models[0].coefficients[1] == pytest.approx(8 + math.cos(4))
    assert scene.models[1].coefficients[2] == pytest.approx(1 - math.sin(4) / 2)


def test_a_point_at_a_kink_has_no_models() -> None:
    scene = hs.plot.taylor(hs.parse("abs(x)", "x:"), at=0).scene
    assert scene.models == () and scene.band is None
    assert any("kink" in note for note in scene.notes)
    with pytest.raises(hs.ArgumentError, match="kink"):
        hs.plot.taylor(hs.parse("abs(x)", "x:"), at=0, radius=1)


def test_profiles_are_the_function() -> None:
    f = hs.parse(LECTURE)
    along = {"d1": [1, -1], "d2": [-1, 1], "d3": [1, -2]}
    scene = hs.plot.direction(f, at=[1, 2], along=along).scene
    start = f.evaluate(x1=1.0, x2=2.0)
    for profile in scene.profiles:
        u, v = along[profile.ray.name]
        for t, change in list(zip(profile.t, profile.change, strict=True))[::20]:
            if math.isfinite(change):
                assert change == pytest.approx(f.evaluate(x1=1 + t * u, x2=2 + t * v) - start, abs=1e-9)
        held = (profile.t > 1e-6) & (profile.t < profile.ray.certified * (1 - 1e-9))
        sign = {"increases": 1, "decreases": -1}[profile.ray.trend]
        assert (sign * profile.change[held] > 0).all()
    ends = [profile.ray.certified for profile in scene.profiles]
    assert scene.length > max(ends)
    assert scene.contour is not None and len(scene.contour.rays) == 3


def test_directions_in_many_dimensions_have_no_contours() -> None:
    f = hs.parse("sum(x**2)", "x:4")
    scene = hs.plot.direction(f, at=[1, 0, 0, 2], along=[-1, 0, 0, 1]).scene
    assert scene.contour is None
    (profile,) = scene.profiles
    assert profile.ray.slope == 2
    np.testing.assert_allclose(profile.change, (1 - profile.t) ** 2 + (2 + profile.t) ** 2 - 5, atol=1e-12)


def test_errors_grow_as_they_are_certified() -> None:
    f = hs.parse(LECTURE)
    scene = hs.plot.error(f, at=[1, 2], order=2, radius="0.5").scene
    assert scene.radii[-1] == pytest.approx(0.5)
    for k, curve in enumerate(scene.curves):
        model = hs.taylor(f, at=[1, 2], order=k)
        assert curve.upper[-1] == model.remainder(float(f"{scene.radii[-1]:.6g}")).upper
        assert (np.diff(curve.upper) > 0).all() and (curve.sampled <= curve.upper).all()
    assert scene.curves[2].upper[0] < scene.curves[1].upper[0] < scene.curves[0].upper[0]
    open_ended = hs.plot.error(hs.parse("log(x)", "x:"), at=1, radius=2).scene
    assert math.isinf(open_ended.curves[2].upper[-1]) and open_ended.notes


def test_models_and_directions_show_themselves() -> None:
    f = hs.parse(LECTURE)
    one = hs.taylor(hs.parse("sin(x)", "x:"), at=0, order=3)
    assert one.plot().scene.models[-1].order == 3
    two = hs.taylor(f, at=[1, 2], order=2).plot().scene
    assert two.slopes == pytest.approx((16.778112, 8.389056)) and two.quadratic is not None
    assert hs.taylor(f, at=[1, 2], order=1).plot().scene.quadratic is None
    assert hs.taylor(f, at=[1, 2], order=2, along=[1, -1]).plot().scene.along == (1, -1)
    d = hs.direction(f, at=[1, 2], along={"d1": [1, -1], "d2": [0, 1]})
    assert [profile.ray.name for profile in d.plot().scene.profiles] == ["d1", "d2"]
    assert d["d2"].plot(ranges=2).scene.length == 2
    with pytest.raises(hs.ArgumentError, match="no point"):
        hs.taylor(f, order=2).plot()


def test_refusals() -> None:
    f = hs.parse(LECTURE)
    with pytest.raises(hs.ArgumentError, match="along a line") as caught:
        hs.plot.taylor(f, at=[1, 2])
    assert "--along" in caught.value.hint
    with pytest.raises(hs.ArgumentError, match="one output"):
        hs.plot.taylor(hs.parse("[x, x^2]", "x:"), at=1)
    with pytest.raises(hs.ArgumentError, match="orders"):
        hs.plot.taylor(hs.parse("x^2", "x:"), at=1, orders=[3])
    with pytest.raises(hs.ArgumentError, match="defined nowhere"):
        hs.plot.taylor(hs.parse("log(x)", "x:"), at=-1, ranges=(-2, -1))
    with pytest.raises(hs.ArgumentError, match="radius"):
        hs.plot.error(f, at=[1, 2], radius=-1)
    with pytest.raises(hs.ArgumentError, match="the end of t must be a positive number"):
        hs.plot.direction(f, at=[1, 2], along=[1, 1], ranges=-1)
