"""Sets of answers: wrong ones of the kinds that people give, and right ones in forms of their own."""

from __future__ import annotations

from functools import cache

import pytest

import hesse as hs
from hesse.checking.verdict import MISTAKES

from .cases import Case, cases

WRONG, RIGHT = cases("wrong"), cases("right")
DIAGNOSED, PROVED = 0.95, 0.9


@cache
def judged(case: Case) -> hs.Verdict:
    """The verdict on the case's answer."""
    f = hs.parse(case.function, case.declarations)
    return hs.check(f, case.answer, case.wrt, case.kind)


def test_the_sets_are_large_and_known() -> None:
    assert len(WRONG) >= 400 and len(RIGHT) >= 200
    assert {code for case in WRONG for code in case.codes} <= MISTAKES.keys()
    assert len({str(case) for case in WRONG}) == len(WRONG)
    assert len({str(case) for case in RIGHT}) == len(RIGHT)


def test_wrong_answers_are_rejected_and_most_mistakes_are_named() -> None:
    accepted, missed = [], []
    for case in WRONG:
        found = judged(case)
        assert set(found.mistakes) <= MISTAKES.keys()
        if found.status != 1:
            accepted.append(f"{case}: {found.verdict}")
        elif not set(found.mistakes) & set(case.codes):
            missed.append(f"{case}: {found.mistakes} instead of {list(case.codes)}")
    print("not diagnosed:", *missed, sep="\n  ")
    assert accepted == []
    assert len(missed) <= (1 - DIAGNOSED) * len(WRONG), missed


@pytest.mark.parametrize("family", sorted({case.family for case in RIGHT}))
def test_right_answers_in_unusual_forms_are_right(family: str) -> None:
    refused = [f"{case}: {found}" for case in RIGHT if case.family == family and not (found := judged(case)).right]
    assert refused == []


def test_most_right_answers_are_proved() -> None:
    proved = [case for case in RIGHT if judged(case).verdict == "equal (proved)"]
    assert len(proved) >= PROVED * len(RIGHT)


def test_every_code_is_given_for_some_answer() -> None:
    assert {code for case in WRONG for code in judged(case).mistakes} == set(MISTAKES)
