"""The table of planted errors: hesse judges every case rightly, by exact derivatives and by differences alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs
from benchmarks.planted_errors import CASES, LIMIT, Case, by_hesse, by_scipy, by_torch, main

FINE = ("equal (proved)", "no difference found")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_verdicts(case: Case) -> None:
    assert by_hesse(case) in (FINE if case.right else ("different",))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_verdicts_by_differences(case: Case) -> None:
    """Conversions to floats keep the function from being read."""

    def opaque(x: Any) -> Any:
        return case.fun(np.array(x, dtype=float), np)

    found = hs.check_gradient(opaque, lambda x: case.jac(x, np), np.array(case.at))
    assert found.method.startswith("extrapolated")
    assert found.verdict in (FINE if case.right else ("different",))


def test_scipy_gets_fewer() -> None:
    distances = [(case.right, by_scipy(case)) for case in CASES]
    rightly = [(distance is not None and distance < LIMIT) is right for right, distance in distances]
    assert sum(rightly) < len(CASES) - 5


def test_torch_gets_fewer() -> None:
    pytest.importorskip("torch", reason="needs the extra torch")
    assert sum(by_torch(case) is case.right for case in CASES) < len(CASES) - 5


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    printed = capsys.readouterr().out
    assert f"| {len(CASES)} of {len(CASES)} |" in printed
    assert all(f"| {case.name} |" in printed for case in CASES)
