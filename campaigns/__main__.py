"""`python -m campaigns`, from the root of the repository."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from campaigns import containment, structures
from campaigns.random_expressions import EXAMINE, again, one, run


def main() -> int:
    """The exit status: 1 when a law is broken."""
    parser = argparse.ArgumentParser(prog="python -m campaigns", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    random = commands.add_parser("random", help="random expressions and their derivatives against the oracle")
    random.add_argument("--cases", type=int, default=1000, help="go on until so many cases are done in all")
    random.add_argument("--seed", type=int, default=1)
    random.add_argument("--state", type=Path, required=True, help="a JSON file: read if it is there, written to")
    random.add_argument("--limit", type=float, default=30.0, help="seconds that one case may take")
    random.add_argument("--laws", choices=EXAMINE, default="all", help="all, or of one kind")
    random.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many minutes")
    replay = commands.add_parser("again", help="the failures of a state file, examined again")
    replay.add_argument("--state", type=Path, required=True)
    replay.add_argument("--limit", type=float, default=30.0)
    single = commands.add_parser("one", help="one expression, made as small as still fails")
    single.add_argument("text")
    single.add_argument("declarations")
    single.add_argument("wrt", help='a name, or a list such as ["a", "b"]')
    single.add_argument("--limit", type=float, default=30.0)
    single.add_argument("--laws", choices=EXAMINE, default="all")
    audit = commands.add_parser("containment", help="enclosures of functions against values at 300 bits")
    audit.add_argument("--pairs", type=int, default=100_000, help="go on until so many pairs are done in all")
    audit.add_argument("--seed", type=int, default=1)
    audit.add_argument("--state", type=Path, required=True, help="a JSON file: read if it is there, written to")
    kept = commands.add_parser("structures", help="results that keep their structure against their dense values")
    kept.add_argument("--cases", type=int, default=1000, help="go on until so many cases are done in all")
    kept.add_argument("--seed", type=int, default=1)
    kept.add_argument("--state", type=Path, required=True, help="a JSON file: read if it is there, written to")
    arguments = parser.parse_args()
    match arguments.command:
        case "random":
            return run(
                arguments.state, arguments.seed, arguments.cases, arguments.limit, arguments.minutes, arguments.laws
            )
        case "containment":
            return containment.run(arguments.state, arguments.seed, arguments.pairs)
        case "structures":
            return structures.run(arguments.state, arguments.seed, arguments.cases)
        case "again":
            return again(arguments.state, arguments.limit)
        case _:
            listed = arguments.wrt.startswith("[")
            target = json.loads(arguments.wrt) if listed else arguments.wrt
            return one(arguments.text, arguments.declarations, target, arguments.limit, arguments.laws)


if __name__ == "__main__":
    sys.exit(main())
