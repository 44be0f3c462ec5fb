"""How long a textbook formula takes, from text to verified text: the slowest of the suite of published formulas."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import hesse as hs
from benchmarks.timing import medians, milliseconds, print_table

TESTS = Path(__file__).parents[1] / "tests"
SLOWEST = 20
ROUNDS = 3


def derive(identity: Any) -> str:
    """The text of the result, derived and verified."""
    f = hs.parse(identity.function, identity.declarations)
    operator: Callable[..., hs.Expr] = getattr(hs, identity.kind)
    if identity.kind in ("jvp", "hvp"):
        return str(operator(f, identity.wrt, identity.vector))
    return str(operator(f, identity.wrt))


def main() -> None:
    """Print the table."""
    sys.path.insert(0, str(TESTS))
    suite = importlib.import_module("textbook.identity").identities()
    jobs = {f"{number}: {each}": partial(derive, each) for number, each in enumerate(suite)}
    times = medians(jobs, rounds=ROUNDS, clock=process_time)
    ordered = sorted(times.items(), key=lambda item: -item[1])
    rows = [[name.partition(": ")[2], milliseconds(time)] for name, time in ordered[:SLOWEST]]
    middle = milliseconds(ordered[len(ordered) // 2][1])
    title = f"The slowest of {len(jobs)} published formulas, from text to verified text; half take less than {middle}"
    print_table(title, ["", "processor time"], rows)
