"""The verdict on each row. A row that cannot be judged says why, and the next one has its turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hesse.checking.check import SEED, TIME_LIMIT, check
from hesse.checking.hand_ins.problems import Problem, digest, problem_of, read_notation, read_position
from hesse.checking.hand_ins.records import Record
from hesse.checking.verdict import DIFFERENT
from hesse.errors import ArgumentError, HesseError

RIGHT, WRONG, UNDECIDED, UNREADABLE = "yes", "no", "undecided", "unreadable"
COLUMNS = (
    "place",
    "problem",
    "student",
    "answer",
    "right",
    "verdict",
    "mistakes",
    "diagnosis",
    "counterexample",
    "key",
)
ROW_FIELDS = frozenset({
    "problem", "student", "answer", "notation", "entry", "function", "declarations", "wrt", "kind", "accept",
})  # fmt: skip


@dataclass(frozen=True)
class Judgement:
    """The outcome of one row. `right` is "yes", "no", "undecided" or "unreadable"; `key` identifies what was judged."""

    place: str
    problem: str
    student: str
    answer: str
    right: str
    verdict: str = ""
    mistakes: tuple[str, ...] = ()
    diagnosis: str = ""
    counterexample: str = ""
    key: str = ""

    def cells(self) -> dict[str, str]:
        """The outcome as texts in one line each, in the order of `COLUMNS`."""
        plain = {name: getattr(self, name) for name in COLUMNS}
        plain["mistakes"] = " ".join(self.mistakes)
        return {name: " ".join(str(value).split()) for name, value in plain.items()}

    @classmethod
    def of_cells(cls, cells: Mapping[str, str]) -> Judgement:
        """The outcome that the texts stand for."""
        plain = {name: cells.get(name, "") for name in COLUMNS if name != "mistakes"}
        return cls(**plain, mistakes=tuple(cells.get("mistakes", "").split()))


@dataclass(frozen=True)
class Task:
    """A row with the problem that it answers, or the reason why there is none.

    `repeated` counts the rows before it that say the very same.
    """

    record: Record
    problem: Problem | None
    reason: str = ""
    repeated: int = 0

    @property
    def key(self) -> str:
        """A text that is the same for the same answer of the same student to the same problem, wherever it stands."""
        fields = self.record.fields
        asked = self.problem.fingerprint if self.problem is not None else ""
        said = [f"{name}={fields[name]}" for name in sorted(ROW_FIELDS & fields.keys())]
        return digest(asked, str(self.repeated), *said)

    def field(self, name: str) -> str:
        """A field of the row; empty where it has none."""
        return self.record.fields.get(name, "")


def tasks(rows: Sequence[Record], known: Mapping[str, Problem]) -> Iterator[Task]:
    """Each row with its problem: defined in the row, in an earlier one, among the known ones, or the only one.

    A row with a function and neither a student nor an answer only defines a problem.
    """
    found = dict(known)
    seen: Counter[str] = Counter()
    for record in rows:
        problem, reason = None, record.problem
        defines = "function" in record.fields and not {"answer", "student"} & record.fields.keys()
        name = record.fields.get("problem", "")
        if not reason:
            try:
                problem = _problem(record, name, found)
            except HesseError as error:
                reason = brief(error)
        if problem is not None:
            found.setdefault(problem.name, problem)
        if defines and problem is not None:
            continue
        task = Task(record, problem, reason)
        yield replace(task, repeated=seen[task.key])
        seen[task.key] += 1


def _problem(record: Record, name: str, found: Mapping[str, Problem]) -> Problem:
    own = problem_of(record.fields)
    if own is not None:
        earlier = found.get(own.name)
        if earlier is not None and earlier.fingerprint == own.fingerprint:
            return earlier  # with what is derived of it
        if earlier is not None and name:
            raise ArgumentError(f"the problem {name} was another one in an earlier row")
        return own.checked()
    if name in found:
        return found[name]
    if not name and len(found) == 1:
        return next(iter(found.values()))
    if name:
        raise ArgumentError(f"there is no problem `{name}`", hint=f"the problems are: {', '.join(found) or '(none)'}")
    raise ArgumentError("the row does not say which problem it answers", hint="fill the column `problem`")


def judged(task: Task, time_limit: float = TIME_LIMIT, seed: int = SEED) -> Judgement:
    """The outcome of a row; never an exception."""
    name = task.problem.name if task.problem is not None else task.field("problem")
    start = (task.record.place, name, task.field("student"), task.field("answer"))
    if task.problem is None:
        return Judgement(*start, UNREADABLE, diagnosis=task.reason, key=task.key)
    if not task.field("answer"):
        return Judgement(*start, UNREADABLE, diagnosis="there is no answer", key=task.key)
    try:
        return _judged(task, task.problem, start, time_limit, seed)
    except HesseError as error:
        return Judgement(*start, UNREADABLE, diagnosis=brief(error), key=task.key)
    except Exception as error:
        reason = f"this is a defect of hesse: {type(error).__name__}: {error}"
        return Judgement(*start, UNDECIDED, diagnosis=reason, key=task.key)


def _judged(task: Task, problem: Problem, start: tuple[str, str, str, str], time_limit: float, seed: int) -> Judgement:
    notation = read_notation(task.field("notation") or problem.notation)
    entry = read_position(task.field("entry")) if task.field("entry") else problem.position
    found = check(
        problem.expression, task.field("answer"), problem.variables, problem.kind, entry, notation, time_limit, seed
    )
    right = RIGHT if problem.accepts(found) else UNDECIDED if found.undecided else WRONG
    example = "" if found.counterexample is None else str(found.counterexample)
    mistakes = tuple(found.mistakes) if right == WRONG else ()
    diagnosis = found.diagnosis or ("" if found.verdict != DIFFERENT else "no single mistake explains it")
    return Judgement(*start, right, found.verdict, mistakes, diagnosis, example, task.key)


def brief(error: HesseError) -> str:
    """The message and the hint in one line, without the carets."""
    return f"{error.message}; {error.hint}" if error.hint else error.message
