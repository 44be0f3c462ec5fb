"""Answers that compare entries: an equality that holds by selection holds in spite of rounding, and one of computed
values is told from a right answer or left undecided."""

from __future__ import annotations

import pytest

import hesse as hs

WRONG = [
    ("max(abs(x))", "x:n", "(abs(x) == max(abs(x)))*1"),
    ("max(abs(A @ x))", "A:m,n x:n", "A.T @ (abs(A @ x) == max(abs(A @ x)))"),
    ("max(x)", "x:n", "x == x[0]"),
    ("max(x)", "x:n", "where(x == x[0], 1, 0)"),
    ("min(x)", "x:n", "x >= x[0]"),
    ("max(x) + sum(x**2)", "x:n", "(x == x[0]) + 2*x"),
    ("max(x)", "x:n", "2*(x == max(x))"),
    ("max(x)", "x:n", "-(x == max(x))"),
    ("max(x)**2", "x:n", "max(x)*(x == max(x))"),
    ("max(x) - min(x)", "x:n", "(x == max(x)) + (x == min(x))"),
]
RIGHT = [
    ("max(abs(x))", "x:n", "sign(x)*(abs(x) == max(abs(x)))"),
    ("max(A @ x)", "A:m,n x:n", "A.T @ (A @ x >= max(A @ x))"),
    ("max(x)", "x:n", "x == max(x)"),
    ("min(x)", "x:n", "where(x <= min(x), 1, 0)"),
    ("max(x)**2", "x:n", "2*max(x)*(x == max(x))"),
]


@pytest.mark.parametrize(("function", "declarations", "answer"), WRONG)
def test_wrong_selections_are_different(function: str, declarations: str, answer: str) -> None:
    verdict = hs.check(hs.parse(function, declarations), answer, "x")
    assert verdict.status == 1 and verdict.counterexample is not None


@pytest.mark.parametrize(("function", "declarations", "answer"), RIGHT)
def test_right_selections_are_right(function: str, declarations: str, answer: str) -> None:
    assert hs.check(hs.parse(function, declarations), answer, "x").right


def test_differences_that_rounding_may_explain_one_by_one_are_not_agreement() -> None:
    verdict = hs.check(hs.parse("max(A @ x)", "A:m,n x:n"), "A.T @ (A @ x == A[0] @ x)", "x")
    assert verdict.verdict == "undecided" and "rounding" in verdict.diagnosis
