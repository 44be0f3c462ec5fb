"""Results that keep their structure, of random expressions, held to their dense values."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.harness.cases import seeded
from tests.harness.limits import TooLong, limited
from tests.harness.structures import examined

SAVE_EVERY = 25
SECONDS = 60.0
"""What one case may take."""


def run(path: Path, seed: int, cases: int) -> int:
    """Go on until so many cases are done. The exit status: 1 when a structured result differs from the dense one."""
    stored = json.loads(path.read_text()) if path.exists() else {"seed": seed, "next": 0, "kinds": {}, "failures": []}
    if stored["seed"] != seed:
        raise SystemExit(f"{path} belongs to seed {stored['seed']}")
    kinds: Counter[str] = Counter(stored["kinds"])
    while stored["next"] < cases:
        case = seeded(seed, stored["next"])
        try:
            with limited(SECONDS):
                found = list(examined(case, kinds))
        except TooLong:
            found = [f"more than {SECONDS:g} seconds"]
        except Exception as error:
            found = [f"{type(error).__name__}: {error}"]
        if found:
            stored["failures"].append({"number": stored["next"], "found": found, **case.line()})
            print(f"{stored['next']}: {found[0]}\n    {json.dumps(case.line(), ensure_ascii=False)}", flush=True)
        stored.update(next=stored["next"] + 1, kinds=dict(kinds))
        if stored["next"] % SAVE_EVERY == 0 or stored["next"] == cases:
            path.write_text(json.dumps(stored, indent=1, ensure_ascii=False))
    print(f"seed {seed}: {stored['next']} cases, {kinds.total()} results, {len(stored['failures'])} cases that differ")
    print("\n".join(f"    {count:7d}  {kind}" for kind, count in kinds.most_common()))
    return int(bool(stored["failures"]))
