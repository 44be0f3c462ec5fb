"""Random expressions: the laws of `tests.harness` for as many cases as one has time for.

Either all of them, or those of derivatives only, of arrays of up to three axes, at a fifth of the price, or those of
derivations: every line verified, the last one the result.
The state is one JSON file: what comes next, tallies, and each failure with everything that is needed to see it again.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.harness.cases import Case, seeded
from tests.harness.derivations import examine as examine_derivations
from tests.harness.derivative_laws import examine_derivatives
from tests.harness.laws import Failure, Report, examine
from tests.harness.limits import TooLong, limited
from tests.harness.shrink import shrink

SAVE_EVERY = {"all": 25, "derivatives": 250, "derivations": 10}
EXAMINE: Mapping[str, Callable[[Case], Report]] = {
    "all": examine,
    "derivatives": examine_derivatives,
    "derivations": examine_derivations,
}
"""What is examined of a case, by the names that the command line has for it."""
SLOWEST = 10


@dataclass
class State:
    """How far a campaign has come."""

    seed: int
    laws: str = "all"
    next: int = 0
    seconds: float = 0.0
    tallies: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)
    slowest: list[list[float]] = field(default_factory=list)
    doubts: list[dict[str, Any]] = field(default_factory=list)

    @staticmethod
    def load(path: Path, seed: int, laws: str) -> State:
        """The state in the file, or a new one. Raises SystemExit when the file is of another seed or other laws."""
        if not path.exists():
            return State(seed, laws)
        state = State.read(path)
        if (state.seed, state.laws) != (seed, laws):
            raise SystemExit(f"{path} belongs to seed {state.seed} and --laws {state.laws}")
        return state

    @staticmethod
    def read(path: Path) -> State:
        """The state in the file."""
        stored = json.loads(path.read_text())
        return State(**{**stored, "tallies": Counter(stored["tallies"])})

    def save(self, path: Path) -> None:
        """Write the file; a run that is cut off leaves the one before."""
        draft = path.with_suffix(".part")
        draft.write_text(json.dumps(vars(self), indent=1, ensure_ascii=False))
        draft.replace(path)

    def note(self, number: int, case: Case, report: Report) -> None:
        """Add what came of a case."""
        self.next = number + 1
        self.seconds += report.seconds
        self.tallies.update(report.tallies)
        self.slowest = sorted([*self.slowest, [round(report.seconds, 2), number]])[-SLOWEST:]
        self.doubts += [{"number": number, "doubt": doubt, **case.line()} for doubt in report.doubts]
        for failure in report.failures:
            self.tallies[f"broken: {failure.law}"] += 1
            self.failures.append({"number": number, **vars(failure), **case.line()})
        for failure in report.failures[:2]:
            print(f"{number}: {failure}")
        if report.failures:
            print(f"    {json.dumps(case.line(), ensure_ascii=False)}", flush=True)


def examined(case: Case, limit: float, laws: str) -> Report:
    """The report on a case; one that takes too long, or breaks the harness, is a failure too."""
    started = time.perf_counter()
    try:
        with limited(limit):
            return EXAMINE[laws](case)
    except TooLong:
        message = f"more than {limit:g} seconds"
        return Report([Failure("time", "case", message)], seconds=time.perf_counter() - started)
    except Exception as error:
        return Report([Failure("harness", "case", f"{type(error).__name__}: {error}")])


def run(path: Path, seed: int, cases: int, limit: float, minutes: float, laws: str) -> int:
    """Go on until so many cases are done. The exit status."""
    state = State.load(path, seed, laws)
    end = time.monotonic() + 60 * minutes
    while state.next < cases and time.monotonic() < end:
        case = seeded(seed, state.next, tensors=laws == "derivatives")
        state.note(state.next, case, examined(case, limit, laws))
        if state.next % SAVE_EVERY[laws] == 0:
            state.save(path)
    state.save(path)
    print(summary(state))
    return int(bool(state.failures))


def summary(state: State) -> str:
    """The figures in words."""
    broken = len({failure["number"] for failure in state.failures})
    lines = [f"seed {state.seed}: {state.next} cases in {state.seconds:.0f} s, {broken} with a broken law"]
    lines += [f"    {count:7d}  {what}" for what, count in sorted(state.tallies.items(), key=lambda item: -item[1])]
    lines += [f"    slowest: {seconds:.1f} s, case {number:.0f}" for seconds, number in reversed(state.slowest[-3:])]
    return "\n".join(lines)


def again(path: Path, limit: float) -> int:
    """The failures of a state file that are still there. The exit status."""
    state = State.read(path)
    lines = {f["number"]: f for f in state.failures}
    left = 0
    for number, line in lines.items():
        report = examined(Case.read(line["text"], line["declarations"], line["wrt"]), limit, state.laws)
        left += bool(report.failures)
        for failure in report.failures[:1]:
            print(f"{number}: {failure}\n    {line['text']!r}, {line['declarations']!r}, {line['wrt']!r}", flush=True)
    print(f"{left} of {len(lines)} cases still break a law")
    return int(bool(left))


def one(text: str, declarations: str, wrt: str | list[str], limit: float, laws: str) -> int:
    """One expression; when a law is broken, the smallest one that breaks it as well. The exit status."""
    case = Case.read(text, declarations, wrt)
    report = examined(case, limit, laws)
    if not report.failures:
        print(f"every law holds; {dict(report.tallies)}")
        return 0
    law = report.failures[0].law
    smaller = shrink(case, lambda each: law in {failure.law for failure in examined(each, limit, laws).failures})
    print(json.dumps(smaller.line(), ensure_ascii=False))
    for failure in examined(smaller, limit, laws).failures:
        print(f"    {failure}")
    return 1
