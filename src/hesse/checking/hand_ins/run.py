"""A whole file of answers, judged: what is new is judged and written, what was done is taken from the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hesse.checking.check import SEED, TIME_LIMIT
from hesse.checking.hand_ins.judging import ROW_FIELDS, Judgement, Task, judged, tasks
from hesse.checking.hand_ins.problems import Problem, problems
from hesse.checking.hand_ins.records import Record, load
from hesse.checking.hand_ins.results import Results
from hesse.errors import ArgumentError

Progress = Callable[[Sequence[Task]], Iterator[Task]]


@dataclass(frozen=True)
class Marked:
    """All outcomes in the order of the file, how many of them were there before, and what is odd about the file."""

    judgements: tuple[Judgement, ...]
    taken: int
    notes: tuple[str, ...]

    def counts(self) -> Counter[str]:
        """How many are right, wrong, undecided and unreadable."""
        return Counter(each.right for each in self.judgements)

    def by_mistake(self) -> list[tuple[str, int]]:
        """The kinds of mistakes, the most frequent first; answers that nothing explains count as "unexplained"."""
        kinds = Counter(_kind(each.mistakes) for each in self.judgements if each.right == "no")
        return sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))

    def by_problem(self) -> list[tuple[str, Counter[str]]]:
        """For each problem the same counts as `counts`."""
        found: dict[str, Counter[str]] = {}
        for each in self.judgements:
            found.setdefault(each.problem or "(none)", Counter())[each.right] += 1
        return list(found.items())


def _kind(mistakes: tuple[str, ...]) -> str:
    """The likeliest mistake; a wrong shape is one's consequence, if there is another."""
    return next((code for code in mistakes if code != "shape"), mistakes[0] if mistakes else "unexplained")


def mark(
    answers: Path,
    problem_file: Path | None = None,
    output: Path | None = None,
    *,
    time_limit: float = TIME_LIMIT,
    seed: int = SEED,
    progress: Progress = iter,
) -> Marked:
    """The outcomes for all answers of a file.

    `problem_file` has the problems, unless the file of answers has them itself. Results are appended to `output` as
    they come; rows whose results are there already are not judged again. `progress` is handed the rows and gives them
    back one by one. Raises HesseError for files that cannot be used; a bad row is an outcome like any other.
    """
    if output is not None:
        _check_output(output, [answers] if problem_file is None else [answers, problem_file])
    content = load(answers)
    known = dict(problems(content.problems, str(answers)))
    if problem_file is not None:
        known |= _problems_of(problem_file)
    _check_columns(content.rows, answers)
    listed = list(tasks(content.rows, known))
    if listed and all(task.problem is None for task in listed):
        raise ArgumentError(f"{answers}, {listed[0].record.place}: {listed[0].reason}")
    results = Results(output) if output is not None else None
    done = dict(results.done) if results is not None else {}
    found: dict[str, Judgement] = {task.key: done[task.key] for task in listed if task.key in done}
    taken = len(found)
    try:
        for task in progress([task for task in listed if task.key not in done]):
            found[task.key] = judged(task, time_limit, seed)
            if results is not None:
                results.add(found[task.key])
    finally:
        if results is not None:
            results.close()
    # The place is where a row stands now; it may have been elsewhere when it was judged.
    outcomes = (replace(found[task.key], place=task.record.place) for task in listed)
    return Marked(tuple(outcomes), taken, tuple(_notes(listed)))


def _check_output(output: Path, inputs: Sequence[Path]) -> None:
    """Raises ArgumentError where the results would be written into a file that is read, by whatever name."""
    for path in inputs:
        if path.resolve() == output.resolve() or (path.exists() and output.exists() and path.samefile(output)):
            raise ArgumentError(f"{output} is read, and cannot hold the results", hint="give another --output")


def _problems_of(path: Path) -> dict[str, Problem]:
    content = load(path)
    return problems(content.problems or content.rows, str(path))


def _check_columns(rows: Sequence[Record], path: Path) -> None:
    """Raises ArgumentError where no row has an answer, or a column has no meaning."""
    if not rows:
        raise ArgumentError(f"{path} holds no answers")
    names = list(dict.fromkeys(name for row in rows for name in row.fields))
    if "answer" not in names:
        hint = f"the columns are {', '.join(sorted(ROW_FIELDS))}"
        raise ArgumentError(f"{path}: there is no column `answer`, but {', '.join(names) or 'none'}", hint=hint)


def _notes(listed: Sequence[Task]) -> Iterator[str]:
    """Students with several answers to one problem, and columns that were not used."""
    places: dict[tuple[str, str], list[str]] = {}
    for task in listed:
        if task.problem is not None and task.field("student"):
            places.setdefault((task.field("student"), task.problem.name), []).append(task.record.place)
    for (student, problem), where in places.items():
        if len(where) > 1:
            yield f"{student} has {len(where)} answers to problem {problem} ({', '.join(where)}): each is judged"
    unused = sorted({name for task in listed for name in task.record.fields} - ROW_FIELDS)
    if unused:
        yield f"not used: {', '.join(unused)}"
