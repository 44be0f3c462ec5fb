"""Where functions are defined: proved, refuted at a point, or said to be open."""

from __future__ import annotations

from typing import Any

import pytest

import hesse as hs


@pytest.mark.parametrize(
    ("text", "at", "radius", "defined", "smooth"),
    [
        ("log(x)", 1, "0.5", "proved", "proved"),
        ("log(x)", 1, 2, "refuted", "refuted"),
        ("1/x", 1, "0.9", "proved", "proved"),
        ("1/x", 1, 1, "refuted", "refuted"),
        ("sqrt(x)", 1, "0.9", "proved", "proved"),
        ("sqrt(x)", 1, 1, "undecided", "undecided"),
        ("abs(x)", 2, 1, "proved", "proved"),
        ("abs(x)", 1, 2, "proved", "undecided"),
        ("x/x", 1, 2, "refuted", "refuted"),
        ("log(1 + exp(x))", 0, 50, "proved", "proved"),
        ("sqrt(x)**2", 1, 2, "refuted", "refuted"),
        ("arcsin(x)", 0, "0.9", "proved", "proved"),
        ("arcsin(x)", 0, 2, "refuted", "refuted"),
        ("tan(x)", 0, "1.5", "proved", "proved"),
        ("log(x^2 + 1)", 0, 10, "proved", "proved"),
    ],
)
def test_one_variable(text: str, at: Any, radius: Any, defined: str, smooth: str) -> None:
    found = hs.domain(hs.parse(text, "x:"), at=at, radius=radius)
    assert (found.defined, found.smooth) == (defined, smooth)
    if defined == "refuted":
        assert found.at is not None and abs(found.at[0]) <= float(radius)
        assert found.reason


def test_several_variables_and_matrices() -> None:
    f = hs.parse("log(x1 - x2^2)")
    assert hs.domain(f, at=[1, 0], radius="0.4").defined == "proved"
    assert hs.domain(f, at=[1, 0], radius=1).defined == "refuted"
    g = hs.parse("sum(inv(A))", "A:2,2")
    assert hs.domain(g, at=[[2, 1], [0, 3]], radius="0.5").defined == "proved"
    assert hs.domain(g, at=[[2, 1], [0, 3]], radius=4).defined != "proved"
    assert "defined for all" in str(hs.domain(f, at=[1, 0], radius="0.4"))


@pytest.mark.parametrize("text", ["(x > 0)*x", "where(x > 0, 1, 0)", "(x == 0)*1", "max([x, 0])", "x**2*(x >= 0)"])
def test_a_jump_or_a_kink_of_comparisons_is_not_called_smooth(text: str) -> None:
    f = hs.parse(text, "x:")
    assert hs.domain(f, at=0.1, radius=0.5).smooth == "undecided"
    assert hs.domain(f, at=1, radius=0.5).smooth == "proved"
    with pytest.raises(hs.ArgumentError, match="kink or a jump"):
        hs.taylor(f, at=0).gradient  # noqa: B018


@pytest.mark.parametrize("text", ["where(x > 0.05, 1, 0)", "step(x - 0.05)", "5*(x > 0.05) + x", "sign(x - 0.05)"])
def test_a_jump_is_no_small_effect(text: str) -> None:
    f = hs.parse(text, "x:")
    (effect,) = hs.effects(f, at=0, step="0.1")
    assert effect.low <= float(f.evaluate(x=0.1)) - float(f.evaluate(x=0)) <= effect.high
    assert "jump" in effect.missing
    assert hs.effects(f, at=1, step="0.1")[0].missing == ""
