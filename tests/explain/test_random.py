"""Derivations of random expressions. `python -m campaigns random --laws derivations` examines many more."""

from __future__ import annotations

import json

import pytest

from tests.harness.cases import seeded
from tests.harness.derivations import examine
from tests.harness.limits import limited

SEED, BLOCKS, BLOCK = 23, 10, 8
SECONDS = 120.0


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_line_holds(block: int) -> None:
    found = []
    for number in range(BLOCK * block, BLOCK * (block + 1)):
        case = seeded(SEED, number)
        with limited(SECONDS):
            report = examine(case, orders=(1,), longest=False)
        found += [f"{failure}\n{json.dumps(case.line(), ensure_ascii=False)}" for failure in report.failures]
    assert not found, "\n".join(found)
