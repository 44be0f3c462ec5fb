"""Random expressions: values, derivatives, spellings and laws against an oracle that shares nothing with hesse.

The cases are the same in every run. `python -m campaigns random` runs as many more as one has time for, and
`python -m campaigns one TEXT DECLARATIONS WRT` shows a failing one made small. See docs/campaigns.md.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from hesse.core.algebra import scale
from hesse.core.nodes import Elementwise, Node
from hesse.core.syntax import Binary, Call, Syntax, postorder
from hesse.functions import FUNCTIONS
from hesse.functions.elementwise import SIN, TANH
from hesse.service import derivatives
from hesse.verify.verdict import Verification
from tests.harness.cases import Case, cases, points, seeded
from tests.harness.derivative_laws import examine_derivatives
from tests.harness.jax_oracle import Inadmissible, function_of, start_of, truth, truth_by_jets
from tests.harness.laws import Report, examine
from tests.harness.limits import limited
from tests.harness.shrink import shrink

ROOT = Path(__file__).parent.parent
SEED = 20
BLOCKS, BLOCK = 40, 10
SECONDS = 60.0
"""What one case may take before it counts as endless."""


def problems(case: Case) -> list[str]:
    """What is wrong with a case, with what is needed to see it again."""
    with limited(SECONDS):
        report = examine(case)
    return [f"{failure}\n{json.dumps(case.line(), ensure_ascii=False)}" for failure in report.failures]


@pytest.mark.parametrize("block", range(BLOCKS))
def test_laws(block: int) -> None:
    found = [line for k in range(BLOCK) for line in problems(seeded(SEED, BLOCK * block + k))]
    assert not found, "\n".join(found)


@settings(
    max_examples=100, derandomize=True, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(cases())
def test_laws_of_drawn_cases(case: Case) -> None:
    assert problems(case) == []


def spellings(*arguments: str, hash_seed: str) -> str:
    """What a fresh process prints."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{ROOT / 'src'}"}
    command = [sys.executable, "-m", "tests.harness.dump", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_same_text_gives_the_same_everywhere() -> None:
    """Neither hashing, nor the order of work, nor what ran before changes a character."""
    one = json.loads(spellings(str(SEED), "0", "40", hash_seed="1"))
    other = json.loads(spellings(str(SEED), "0", "40", "reversed", hash_seed="4242"))
    tail = json.loads(spellings(str(SEED), "30", "40", hash_seed="7"))
    assert one == other
    assert one[30:] == tail


def used(tree: Syntax) -> set[str]:
    """The functions and operators in a tree, by the names of their rows."""
    operators = {"**": "power"}
    found = {part.function for part in postorder(tree) if isinstance(part, Call)}
    binary = {part.operator for part in postorder(tree) if isinstance(part, Binary)}
    return found | {operators.get(operator, operator) for operator in binary}


def test_the_grammar_covers_the_vocabulary() -> None:
    """A row that no random expression uses is not tested here: the grammar needs a production for it."""
    uses = Counter(name for number in range(2000) for name in used(seeded(1, number).tree))
    assert {name for name in FUNCTIONS if uses[name] < 5} == set()


def test_the_cases_are_worth_their_time() -> None:
    """Nearly all have points with finite values, derivatives that are not zero, and more than one node."""
    finite = informative = 0
    for number in range(60):
        case = seeded(SEED, number)
        for tries in points(case):
            try:
                values = [truth(case.tree, at, case.wrt, case.stacked, 1) for at in tries[:3]]
            except Inadmissible:
                continue
            finite += any(value.finite for value in values)
            informative += any(value.finite and np.any(value.derivatives[1]) for value in values)
            break
    assert finite >= 54
    assert informative >= 40


def test_numpy_runs_what_jax_traces() -> None:
    """The oracle's arithmetic is NumPy's; JAX's own gives the same."""
    for number in range(6):
        case = seeded(SEED, number)
        at = next(points(case))[2]
        fast = truth(case.tree, at, case.wrt, case.stacked, 1)
        function = function_of(case.tree, at, case.wrt, case.stacked)
        slow = jax.jit(jax.jacrev(function))(start_of(at, case.wrt, case.stacked))
        np.testing.assert_allclose(fast.derivatives[1], slow, rtol=1e-9, atol=1e-9)


def test_slopes_of_the_first_derivative_are_the_second() -> None:
    """The oracle's second derivative, taken from JAX's first one, is the one that JAX has."""
    texts = [("polygamma(1, 1 + x**2)*x", "x:n"), ("maximum(x, y)**2 + where(x > y, x*y, y)", "x:n y:n")]
    small = [Case.read(text, declared, "x") for text, declared in texts]
    compared = 0
    for case in [*small, *(seeded(SEED, number) for number in range(12))]:
        at = next(points(case))[2]
        try:
            own, plain = (truth(case.tree, at, case.wrt, case.stacked, 2, plain=plain) for plain in (False, True))
        except Inadmissible:
            continue
        compared += own.finite
        for one, other in zip(own.derivatives, plain.derivatives, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
    assert compared >= 10


def test_jets_are_derivatives_of_jax() -> None:
    """The slopes and curvatures of the campaigns are JAX's own."""
    texts = [("polygamma(1, 1 + x**2)*x/(2 + cos(x))", "x:n"), ("(1 + x**2)**sin(y*x) + max(x)*erf(y)", "x:n y:n")]
    small = [Case.read(text, declared, "x") for text, declared in texts]
    compared = 0
    for case in [*small, *(seeded(SEED, number, tensors=True) for number in range(20))]:
        at = next(points(case))[2]
        try:
            own, plain = (oracle(case.tree, at, case.wrt, case.stacked, 2) for oracle in (truth_by_jets, truth))
        except Inadmissible:
            continue
        compared += own.finite
        for one, other in zip(own.derivatives, plain.derivatives, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
    assert compared >= 15


def laws_broken(report: Report) -> set[str]:
    """The names of the laws."""
    return {failure.law for failure in report.failures}


DERIVATIVES = 30


def test_derivatives_of_tensors() -> None:
    """The shorter examination, of arrays of up to three axes."""
    reports = [examine_derivatives(seeded(SEED, number, tensors=True)) for number in range(DERIVATIVES)]
    assert not [str(failure) for report in reports for failure in report.failures]
    assert sum(report.tallies["values"] for report in reports) > 200


def _turned(row: Elementwise) -> Callable[..., tuple[Node, ...]]:
    """The derivatives of a row with the wrong sign."""
    right = row.partials
    return lambda value, *arguments: tuple(scale(-1, partial) for partial in right(value, *arguments))


def _first_failures(limit: int) -> set[str]:
    """The laws that the first case broke that broke one."""
    reports = (examine_derivatives(seeded(SEED + 1, number, tensors=True)) for number in range(limit))
    return next((laws_broken(report) for report in reports if report.failures), set())


@pytest.mark.parametrize("believed", [False, True])
def test_derivatives_only_finds_a_planted_defect(believed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong sign in the derivative of sin, found by the verification, and by the values where that is blind."""
    right = SIN.partials
    if believed:
        blind = Verification("verified")
        monkeypatch.setattr(derivatives, "verify_derivative", lambda *claim: blind)
        monkeypatch.setattr(derivatives, "verify_product", lambda *claim: blind)
    object.__setattr__(SIN, "partials", _turned(SIN))
    try:
        broken = _first_failures(40)
    finally:
        object.__setattr__(SIN, "partials", right)
    assert ("value" if believed else "refuted") in broken


def test_a_planted_defect_is_found() -> None:
    """A wrong sign in one derivative: the result is withheld, and the shrinker leaves little around it."""
    right = TANH.partials
    object.__setattr__(TANH, "partials", _turned(TANH))
    try:
        case = Case.read("sum(exp(tanh(A @ x)*y)) + x @ x", "A:m,n x:n y:m", "x")
        assert "refuted" in laws_broken(examine(case))
        small = shrink(case, lambda each: "refuted" in laws_broken(examine(each)))
    finally:
        object.__setattr__(TANH, "partials", right)
    assert small.text.count("(") <= 2
    assert "tanh" in small.text
    assert not laws_broken(examine(case))
