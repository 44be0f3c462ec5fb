"""Timing side by side: rounds in turn, so that a busy moment of the machine hits all; medians; ratios."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter

Job = Callable[[], object]


def medians(jobs: Mapping[str, Job], rounds: int, clock: Callable[[], float] = perf_counter) -> dict[str, float]:
    """The median time of each job in seconds, after one round that does not count; each round begins elsewhere."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    order = list(jobs)
    for turn in range(rounds + 1):
        for name in order:
            gc.collect()
            start = clock()
            jobs[name]()
            if turn:
                times[name].append(clock() - start)
        order = order[1:] + order[:1]
    return {name: median(each) for name, each in times.items()}


def repeated(job: Job, count: int) -> Job:
    """The job done so many times."""

    def run() -> None:
        for _ in range(count):
            job()

    return run if count > 1 else job


def peak(job: Job) -> int:
    """The most bytes that a job holds at once."""
    tracemalloc.start()
    try:
        job()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def milliseconds(seconds: float) -> str:
    """The time with three significant digits or so."""
    if seconds < 1e-3:
        return f"{1e6 * seconds:.1f} µs"
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table in Markdown, with columns in line."""
    lines = [head, *rows]
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    print(f"\n{title}\n")
    for number, line in enumerate(lines):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def print_ratios(title: str, times: Mapping[str, float], base: str) -> None:
    """Print each time and its ratio to one of them."""
    rows = [[name, milliseconds(time), f"{time / times[base]:.2f}"] for name, time in times.items()]
    print_table(title, ["", "median", "ratio"], rows)
