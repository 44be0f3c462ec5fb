"""What a task with structure is: jobs on the same values, checked and timed beside the form written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks import tasks
from benchmarks.timing import Job, medians, repeated


@dataclass(frozen=True)
class Task:
    """One thing to compute. `jobs` by name, the hand-written form that ratios refer to first; all give what `check`
    takes for the same. `rounds` are enough for a median. `arrays` makes arrays of the results of the jobs named in
    `compared`, the form by hand first, which are equal entry by entry.
    """

    name: str
    expression: str
    declarations: str
    sizes: Mapping[str, int]
    jobs: Mapping[str, Job]
    check: Callable[[], None]
    rounds: int = 21
    arrays: Callable[[Any], Any] = lambda result: result
    compared: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    """The data, for jobs of other systems."""


def random(seed: int = 0) -> np.random.Generator:
    """Numbers that are the same in every run."""
    return np.random.default_rng(seed)


def same(one: Any, other: Any) -> None:
    """Raise AssertionError where two arrays differ by more than rounding."""
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9 * float(np.abs(other).max(initial=0)))


def common(make: Callable[[], Task], name: str, title: str) -> tasks.Task:
    """The task in the form that the report measures, with what is compared entry by entry."""

    def jobs(task: tasks.Values) -> Mapping[str, Job]:
        made: Task = task["task"]
        found = {job: (lambda job=job: made.arrays(made.jobs[job]())) for job in made.compared}
        first = made.compared[0]
        return {tasks.HAND: found.pop(first), **found}

    def values() -> tasks.Values:
        made = make()
        return {**made.values, "task": made}

    return tasks.Task(name, title, values, jobs, repeat=100)


SHORT = 2e-3
"""A round of a job takes at least so many seconds: shorter jobs are repeated, and so measured with warm caches."""


def measured(task: Task) -> dict[str, float]:
    """The median time of each job."""
    first = medians(task.jobs, 3)
    counts = {name: max(1, int(SHORT / seconds)) for name, seconds in first.items()}
    times = medians({name: repeated(job, counts[name]) for name, job in task.jobs.items()}, task.rounds)
    return {name: seconds / counts[name] for name, seconds in times.items()}
