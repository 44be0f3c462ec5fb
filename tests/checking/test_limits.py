"""No verdict takes long, whatever an answer asks for."""

from __future__ import annotations

import time

import pytest

import hesse as hs
from hesse.checking.check import GRACE
from hesse.core import deadline

LIMIT = 0.3
HEAVY = (
    "[x2*det(ones(300, 300) + x1*eye(300)), x1]",
    "[x2*sum(inv(ones(200, 200) + x1*eye(200))), x1]",
    "[x2*sum(matpow(ones(90, 90) + x1, 64)), x1]",
    "[x2*trace(kron(kron(eye(10)*x1, ones(10, 10)), eye(10))), x1]",
    "a = ones(100, 100)*x1; " + "a = a @ a; " * 20 + "[x2 + a[0, 0], x1]",
    "[" + "*".join(f"(x2 + {k})" for k in range(500)) + ", x1]",
)


@pytest.mark.parametrize("answer", HEAVY, ids=[answer[:24] for answer in HEAVY])
def test_heavy_answers_are_not_judged_for_long(answer: str) -> None:
    f = hs.parse("x1*x2", "x1: x2:")
    start = time.process_time()
    verdict = hs.check(f, answer, time_limit=LIMIT)
    # A step between two looks at the time is short.
    assert time.process_time() - start < LIMIT + GRACE + 3
    assert verdict.verdict in ("different", "undecided")


def test_the_reason_is_told_where_nothing_could_be_compared() -> None:
    f = hs.parse("x1*x2", "x1: x2:")
    late = hs.check(f, "[x2*det(ones(300, 300) + x1*eye(300)), x1]", time_limit=LIMIT)
    assert (late.verdict, late.status) == ("undecided", 3)
    assert late.diagnosis == "the time was up before the values of both were known at a point"
    large = hs.check(f, "[x2 + sum(ones(3000, 3000) @ ones(3000, 3000)), x1]")
    assert large.verdict == "undecided"
    assert large.diagnosis.startswith("the answer was not evaluated: an array of 9000000 entries")


def test_work_that_is_due_ends() -> None:
    with deadline.due(time.monotonic() - 1), pytest.raises(deadline.OutOfTimeError), deadline.due(float("inf")):
        list(deadline.paced(range(10)))
    assert list(deadline.paced(range(2500))) == list(range(2500))


def test_time_that_is_up_while_the_answer_is_read_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*unused: object) -> None:
        raise deadline.OutOfTimeError("the time is up")

    monkeypatch.setattr("hesse.checking.check.read_answer", late)
    verdict = hs.check(hs.parse("x**2", "x:"), "2*x")
    assert verdict.verdict == "undecided" and "before the answer was read" in verdict.diagnosis
