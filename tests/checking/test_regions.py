"""Answers that are wrong only where few points are: on narrow pieces, beyond far kinks, in narrow bumps."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

import pytest

import hesse as hs
from hesse.checking.numbers import Kinks
from hesse.checking.points import INTEGERS, Sampler
from hesse.checking.regions import Regions

SQUARE, PRODUCT, SQUARES = ("x**2", "x:"), ("x1*x2", "x1: x2:"), ("sum(x**2)", "x:n")


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        (PRODUCT, "[x2, x1 + where(abs(x1 - 0.37) < 1e-3, where(abs(x2 - 0.21) < 1e-3, 1, 0), 0)]"),
        (PRODUCT, "[x2, x1 + where((x1 + x2 - 0.37)**2 + (x1 - x2 - 0.21)**2 < 1e-6, 1, 0)]"),
        (SQUARES, "2*x + where(abs(x - 0.37) < 1e-3, 1, 0)"),
        (SQUARES, "2*x + where(norm(x - ones(n)/3) < 1e-3, 1, 0)"),
        (SQUARE, "2*x + max([x - 500, 0])"),
        (SQUARE, "clip(2*x, -3e7, 4e8)"),
        (SQUARE, "2*x*where(x < 1e9, 1, 2)"),
        (SQUARE, "2*x + (relu(x - 0.3)*relu(0.3001 - x))**4"),
        (SQUARES, "2*x + (n - 3)*(n - 2)*(n - 4)*(n - 1)*x"),
        (("sum(x)", "x:n"), "ones(n)*where(n < 9, 1, 2)"),
        (("sum(x)", "x:n"), "ones(n) + where(abs(x[0] - x[1]) < 1e-6, 1, 0)*ones(n)"),
        (("x1**2 + x2", "x1: x2:"), "[2*x1 + exp(-1e6*((x1 - 0.37)**2 + (x2 - 0.2)**2)), 1]"),
        (("sum(log(x))", "x:n:pos"), "1/x + where(abs(x - 0.37) < 1e-3, 1, 0)"),
        (("sum(p**2)", "p:n:simplex"), "2*p + where(abs(p - 0.37) < 1e-3, 1, 0)"),
    ],
)
def test_narrow_and_far_pieces_are_found(function: tuple[str, str], answer: str) -> None:
    verdict = hs.check(hs.parse(*function), answer)
    assert verdict.verdict == "different" and verdict.counterexample.certified


@pytest.mark.parametrize(
    ("function", "answer", "diagnosis"),
    [
        (SQUARE, "where(abs(x - 0.37) < 1e-3, 1, 0) + 2*x", "the term `where(abs(x - 0.37) < 0.001, 1, 0)`"),
        (SQUARES, "2*x + where(abs(sum(x) - 0.37) < 1e-4, 1, 0)", "the term `where(abs(sum(x) - 0.37) < 0.0001, 1, 0)"),
    ],
)
def test_what_is_wrong_is_not_explained_away(function: tuple[str, str], answer: str, diagnosis: str) -> None:
    """With another number in the place of 0.37 the answer is as wrong, at other points."""
    assert hs.check(hs.parse(*function), answer).diagnosis.startswith(diagnosis)


@pytest.mark.parametrize(
    ("function", "declarations", "wrt", "answer"),
    [
        ("sum(relu(W @ x))", "W:m,n x:n", "x", "W.T @ ((1 + (W @ x)/abs(W @ x))/2)"),
        ("max(x)", "x:n", "x", "where(x == max(x), 1, 0)"),
        ("sum(abs(x - 0.37))", "x:n", "x", "where(x < 0.37, -1, where(x < 0.3701, 1, 1))"),
    ],
)
def test_right_answers_with_kinks_stay_right(function: str, declarations: str, wrt: str, answer: str) -> None:
    assert hs.check(hs.parse(function, declarations), answer, wrt=wrt).right


@pytest.mark.parametrize("declared", ["S:n,n:sym", "x:n:pos", "p:n:simplex", "x:n"])
def test_moved_points_satisfy_what_is_declared(declared: str) -> None:
    f = hs.parse(f"sum({declared[0]}**2)", declared)
    sampler = Sampler(f._declarations, 1)
    base = sampler.draw(sampler.settings(1)[0], INTEGERS, "test")
    directions = sampler.directions(base)
    assert directions
    for direction in directions:
        moved = direction.moved(base.values[direction.name], Fraction(1, 64))
        assert direction.admits(moved) and moved != base.values[direction.name]
        if declared.endswith("sym"):
            assert moved.entries == moved.transpose((1, 0)).entries
        if declared.endswith("simplex"):
            assert sum(moved.entries) == 1
    positive = next((each for each in directions if each.positive), None)
    assert (positive is None) == (declared in ("S:n,n:sym", "x:n"))
    if positive is not None:
        assert not positive.admits(positive.moved(base.values[positive.name], Fraction(-1000)))


def test_each_piece_is_visited() -> None:
    f = hs.parse("sum(abs(x - 0.37)) + where(abs(x[0] - 2.5) < 1e-5, 1, 0)", "x:2")
    sampler = Sampler(f._declarations, 1)
    base = sampler.draw(sampler.settings(1)[0], INTEGERS, "test")
    found = Regions(Kinks([f.node], sampler.nearby), sampler, float("inf")).points([base])
    values = [point.values["x"].entries for point in islice(found, 30)]
    pieces = {(a > 0.37, b > 0.37, abs(a - 2.5) < 1e-5) for a, b in values}
    assert pieces >= {(True, True, True), (True, False, True), (False, False, False), (False, True, False)}
