"""The containment audit: pairs of a function and an interval, in parts of which each has a seed of its own."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.enclosure.audit import audit

PART = 10_000


def run(path: Path, seed: int, pairs: int) -> int:
    """Go on until so many pairs are done. The exit status: 1 when a bound excludes a value."""
    stored = (
        json.loads(path.read_text()) if path.exists() else {"seed": seed, "done": 0, "tallies": {}, "violations": []}
    )
    if stored["seed"] != seed:
        raise SystemExit(f"{path} belongs to seed {stored['seed']}")
    tallies: Counter[str] = Counter(stored["tallies"])
    while stored["done"] < pairs:
        found = audit(seed * 1_000_000 + stored["done"] // PART, PART)
        tallies.update(found.tallies)
        stored.update(done=stored["done"] + PART, tallies=dict(tallies))
        stored["violations"] += found.violations
        path.write_text(json.dumps(stored, indent=1))
        for violation in found.violations:
            print(violation, flush=True)
    print(f"seed {seed}: {stored['done']} pairs, {dict(sorted(tallies.items()))}")
    return int(bool(stored["violations"]))
