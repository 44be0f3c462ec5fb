"""The commands taylor, direction and convexity, and the small steps of derive."""

from __future__ import annotations

import json
import math

import pytest

from .support import Command

LECTURE = "x1^2 + exp(x1*x2) + 2*log(x2)"


def test_taylor_shows_the_model_its_numbers_and_certificates(hesse: Command) -> None:
    result = hesse("taylor", LECTURE, "--at", "1,2", "--radius", "0.1", "--tolerance", "0.01")
    assert result.status == 0
    for words in ("ε₁", "around a", "16.778112", "order 2", "0.062334", "certified to 0.0552979"):
        assert words in result.out
    text = hesse("taylor", "log(x)", "--order", "3", "--format", "text").out
    assert "epsilon**3/(3*x**3)" in text and "(x - a)**3/(3*a**3)" in text


def test_taylor_as_json(hesse: Command) -> None:
    record = json.loads(hesse("taylor", "sin(x)", "--at", "0", "--order", "3", "--radius", "0.5", "--json").out)
    assert record["order"] == 3 and record["value"] == 0 and record["derivatives"] == [1, 0]
    assert [each["order"] for each in record["errors"]] == [0, 1, 2, 3]
    assert all(each["certified"] for each in record["errors"])
    assert record["errors"][3]["upper"] < 0.5**5 / 120 * 1.01
    beyond = json.loads(hesse("taylor", "log(x)", "--at", "1", "--radius", "2", "--json").out)
    assert beyond["errors"][0]["upper"] == "inf" and "x > 0" in beyond["errors"][0]["missing"]


def test_direction_of_the_lecture(hesse: Command) -> None:
    result = hesse("direction", LECTURE, "--at", "1,2", "--along", "d1=[1,-1],d2=[-1,1],d3=[1,-2]")
    assert result.status == 0
    for words in ("1.268758548", "3.521516315", "0 exactly (proved)", "the domain ends by t = 1", "Summary"):
        assert words in result.out
    record = json.loads(hesse("direction", LECTURE, "--at", "1,2", "--along", "1,-2", "--json").out)
    (only,) = record["directions"]
    assert only["slope"] == 0 and only["slope_zero"] and only["trend"] == "decreases" and only["ends"] == "domain"
    forever = json.loads(hesse("direction", "exp(x)", "--at", "0", "--along", "1", "--json").out)
    assert forever["directions"][0]["until"] == ["inf", "inf"]


def test_directions_one_after_the_other(hesse: Command) -> None:
    words = ("direction", "x1^2 + x2", "--at", "1,2", "--along", "1,-1", "--along=-1,0", "--along", "up=[0,1]")
    directions = json.loads(hesse(*words, "--json").out)["directions"]
    assert [each["name"] for each in directions] == ["d1", "d2", "up"]
    assert [each["slope"] for each in directions] == [1, -2, 1]
    twice = hesse("direction", "x1^2 + x2", "--at", "1,2", "--along", "d2=[1,0]", "--along", "1,1")
    assert twice.status == 2 and "two directions are called d2" in twice.err


def test_an_expression_and_a_direction_may_start_with_a_minus(hesse: Command) -> None:
    result = hesse("direction", "-x1^2 + x2", "--at", "-1,2", "--along", "-1,1")
    assert result.status == 0 and "d = (-1, 1)" in result.out


def test_convexity_and_its_exit_status(hesse: Command) -> None:
    assert hesse("convexity", "logsumexp(A @ x + b)", "A:m,n x:n b:m", "--wrt", "x").out.startswith("f = ")
    refused = hesse("convexity", "x1*x2")
    assert refused.status == 0 and "neither" in refused.out and "not convex: at" in refused.out
    assert hesse("convexity", "1/x^2").status == 3
    record = json.loads(hesse("convexity", "x1^2 - x2^2", "--at", "0,0", "--json").out)
    assert record["verdict"] == "neither" and record["curvature"]["kind"] == "saddle point"


def test_derive_says_what_a_small_step_does(hesse: Command) -> None:
    out = hesse("derive", LECTURE, "--at", "1,2").out
    assert "A step of 0.01 in one input" in out and "goes up by about 0.167781" in out
    record = json.loads(hesse("derive", LECTURE, "--at", "1,2", "--step", "0.1", "--json").out)
    largest = record["effects"][0]
    assert largest["input"] == "x1" and largest["first_order"] == pytest.approx(0.1 * (2 + 2 * math.e**2))
    assert largest["low"] <= largest["first_order"] <= largest["high"]
    assert json.loads(hesse("derive", "x^2", "--json").out)["effects"] == []
    # At a kink the values are conventions; no effect is claimed.
    assert "A step of" not in hesse("derive", "abs(x)", "--at", "0").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("taylor", "x^2", "--radius", "1"), "needs a point"),
        (("taylor", "x^2", "--at", "1", "--order", "-1"), "order"),
        (("taylor", "x^2", "--at", "1", "--radius", "-1"), "radius must be positive"),
        (("taylor", "x^2", "--at", "1", "--radius", "a"), "not a finite number"),
        (("taylor", "x^2", "--at", "1", "--radius", "1", "--norm", "1"), "norm"),
        (("taylor", "abs(x)", "--at", "0"), "kink"),
        (("taylor", "log(x)", "--at", "-1"), "x > 0"),
        (("direction", "x^2", "--at", "1"), "needs a point and a vector"),
        (("direction", "x^2", "--at", "1", "--along", "0"), "zero"),
        (("direction", "x1*x2", "--at", "1,2", "--along", "1"), "1 entries"),
        (("direction", "x1*x2", "--at", "1,2", "--along", "a,b"), "number"),
        (("direction", "log(x)", "--at", "0", "--along", "1"), "x > 0"),
        (("convexity", "A @ x", "A:m,n x:n", "--wrt", "x"), "scalar"),
        (("derive", "x^2", "--step", "0.1"), "needs a point"),
        (("derive", "x^2", "--at", "1", "--step", "b"), "not a finite number"),
    ],
)
def test_what_cannot_be_used_is_said_without_a_traceback(hesse: Command, words: tuple[str, ...], message: str) -> None:
    result = hesse(*words)
    assert result.status == 2
    assert message in result.err and "Traceback" not in result.err


def test_slopes_beyond_the_floats_as_json(hesse: Command) -> None:
    record = json.loads(hesse("direction", "exp(x)", "--at", "1000", "--along", "-1", "--json").out)
    (only,) = record["directions"]
    assert only["slope"] == "-inf" and only["curvature_bounds"][1] == "inf"
