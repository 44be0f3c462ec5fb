"""Points are made once, few are kept, and a kept value is the value."""

from __future__ import annotations

import pytest

import hesse as hs
from hesse.errors import ShapeError
from hesse.verify.points import KEPT, Points
from hesse.verify.reference import Program
from hesse.verify.sampling import sample

SIZES = {"m": 3, "n": 2}


def points(text: str = "A @ x - b", declarations: str = "A:m,n x:n b:m") -> Points:
    f = hs.parse(text, declarations)
    return Points(f.exact_tree, f._declarations)


def test_points_are_those_that_are_sampled() -> None:
    kept = points()
    for number in range(3):
        point, wanted = kept.at(SIZES, number, 4), sample(kept.declarations, SIZES, number, 4)
        assert point.values == wanted.values
        assert kept.at(dict(SIZES), number, 4) is point
        assert kept.of(kept.function).at(SIZES, number, 4) is point
        assert [*map(repr, kept.values(point))] == [*map(repr, Program(kept.function).run(wanted))]
        assert kept.values(point) is kept.values(point)
    assert kept.at({"m": 2, "n": 3}, 0, 4).values != kept.at(SIZES, 0, 4).values


def test_few_points_are_kept() -> None:
    kept = points()
    found = [kept.at(SIZES, number, 0) for number in range(2 * KEPT)]
    again = [kept.at(SIZES, number, 0) for number in range(2 * KEPT)]
    assert [a is b for a, b in zip(found, again, strict=True)] == [True] * KEPT + [False] * KEPT
    assert all(a.values == b.values for a, b in zip(found, again, strict=True))
    for point in found:
        kept.values(point)
    assert len(kept._values) == KEPT


def test_values_of_many_entries_are_not_kept() -> None:
    kept = points("sum(outer(x, x), axis=0)", "x:n")
    point = kept.at({"n": 150}, 1, 0)
    assert kept.values(point) is not kept.values(point)


def test_an_error_is_raised_each_time() -> None:
    kept = points("sum(A @ B)", "A:m,n B:n,m")
    point = kept.at(SIZES, 1, 0)
    wrong = point.with_values({"B": point.values["A"]})
    for _ in range(2):
        with pytest.raises(ShapeError):
            kept.values(wrong)
    assert kept.values(point)[-1].shape == ()
