"""Runs the measurements that are named, or all of them, and prints their tables."""

from __future__ import annotations

import os
import platform
import sys

from benchmarks import (
    certified,
    first_answers,
    latency,
    pictures,
    planted_errors,
    report,
    scaling,
    startup,
    structured_tasks,
    tasks,
    textbook,
)

MEASUREMENTS = {
    "latency": latency.main,
    "first_answers": first_answers.main,
    "startup": startup.main,
    "scaling": scaling.main,
    "certified": certified.main,
    "pictures": pictures.main,
    "structured": structured_tasks.main,
    "tasks": tasks.main,
    "report": report.main,
    "textbook": textbook.main,
    "planted_errors": planted_errors.main,
}


def main() -> None:
    """Run what the command line names."""
    names = sys.argv[1:] or list(MEASUREMENTS)
    unknown = set(names) - MEASUREMENTS.keys()
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores. Medians of rounds in turn; compare ratios.")
    for name in names:
        MEASUREMENTS[name]()


if __name__ == "__main__":
    main()
