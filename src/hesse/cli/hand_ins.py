"""`check --file`: the answers of many people, with a summary; progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from hesse.checking.hand_ins.judging import Judgement, Task
from hesse.checking.hand_ins.run import Marked, mark
from hesse.cli.answers import Answer
from hesse.cli.blocks import Block, Heading, Note, Terms
from hesse.cli.records import Record

OfFile = Annotated[
    str | None, typer.Option("--file", metavar="FILE", help="answers of many people: CSV, JSON, TOML or YAML")
]
WithProblems = Annotated[
    str | None, typer.Option("--problems", metavar="FILE", help="the problems, where FILE has the answers only")
]
ToOutput = Annotated[
    str | None,
    typer.Option("--output", metavar="FILE", help="write results there as they come; rows that are there are skipped"),
]


def check_file(
    file: str, problems: str | None, output: str | None, time_limit: float, seed: int, *, json: bool
) -> Answer:
    """The outcomes of all rows, and their summary."""
    marked = mark(
        Path(file),
        None if problems is None else Path(problems),
        None if output is None else Path(output),
        time_limit=time_limit,
        seed=seed,
        progress=_progress if sys.stderr is not None and sys.stderr.isatty() else iter,
    )
    if json:
        return Answer(record=_record(marked, file, output))
    return Answer(tuple(_blocks(marked, output)))


def _progress(tasks: Sequence[Task]) -> Iterator[Task]:
    """The tasks one by one, with a bar on standard error."""
    from rich.console import Console
    from rich.progress import track

    yield from track(tasks, description="judging", console=Console(stderr=True), transient=True)


def _blocks(marked: Marked, output: str | None) -> Iterator[Block]:
    if output is None:
        yield Heading("Answers")
        yield Terms(tuple((_who(each), _outcome(each)) for each in marked.judgements))
    total = len(marked.judgements)
    yield Heading("Summary", f"{total} answers" if total != 1 else "1 answer")
    yield Terms(tuple((_visible(name), _counted(counts)) for name, counts in marked.by_problem()))
    if marked.by_mistake():
        yield Heading("Mistakes", "the likeliest one of each wrong answer")
        yield Terms(tuple((code, str(count)) for code, count in marked.by_mistake()))
    if output is not None:
        taken = f", {marked.taken} of them from before" if marked.taken else ""
        yield Note(f"results are in {output}{taken}")
    unreadable = [each for each in marked.judgements if each.right == "unreadable"]
    if unreadable and output is not None:
        yield Heading("Unreadable")
        yield Terms(tuple((_who(each), _visible(each.diagnosis)) for each in unreadable))
    yield from (Note(_visible(note), "caution") for note in marked.notes)


def _who(each: Judgement) -> str:
    return _visible(", ".join(part for part in (each.place, each.student, each.problem) if part))


def _outcome(each: Judgement) -> str:
    verdict = each.verdict or each.right
    return _visible(f"{verdict}: {each.diagnosis}" if each.diagnosis else verdict)


def _visible(text: str) -> str:
    """The text of a stranger without what would steer the terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _counted(counts: dict[str, int]) -> str:
    words = {"yes": "right", "no": "wrong", "undecided": "undecided", "unreadable": "unreadable"}
    return ", ".join(f"{counts[key]} {word}" for key, word in words.items() if counts[key] or key in ("yes", "no"))


def _record(marked: Marked, file: str, output: str | None) -> Record:
    return {
        "file": file,
        "output": output,
        "results": [
            {
                "place": each.place,
                "problem": each.problem,
                "student": each.student,
                "answer": each.answer,
                "right": each.right,
                "verdict": each.verdict,
                "mistakes": list(each.mistakes),
                "diagnosis": each.diagnosis,
                "counterexample": each.counterexample,
            }
            for each in marked.judgements
        ],
        "taken": marked.taken,
        "by_problem": {name: dict(counts) for name, counts in marked.by_problem()},
        "by_mistake": dict(marked.by_mistake()),
        "notes": list(marked.notes),
    }
