"""Derivations of random expressions: every line verified, the last one the result, while there is time."""

from __future__ import annotations

import json
import time
from pathlib import Path

from campaigns.random_expressions import SAVE_EVERY, State, summary
from tests.harness.cases import Case, seeded
from tests.harness.derivations import examine
from tests.harness.laws import Failure, Report
from tests.harness.limits import TooLong, limited


def run(path: Path, seed: int, cases: int, limit: float, minutes: float) -> int:
    """Go on until so many cases are done. The exit status."""
    state = State.load(path, seed)
    end = time.monotonic() + 60 * minutes
    while state.next < cases and time.monotonic() < end:
        case = seeded(seed, state.next)
        state.note(state.next, case, examined(case, limit))
        if state.next % SAVE_EVERY == 0:
            state.save(path)
    state.save(path)
    print(summary(state))
    return int(bool(state.failures))


def examined(case: Case, limit: float) -> Report:
    """The report on a case; one that takes too long, or ends in another error, is a failure too."""
    try:
        with limited(limit):
            return examine(case)
    except TooLong:
        return Report([Failure("time", "case", f"more than {limit:g} seconds")])
    except Exception as error:
        return Report([Failure("harness", json.dumps(case.line()), f"{type(error).__name__}: {error}")])
