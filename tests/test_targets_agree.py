"""Random expressions and their derivatives on every target: the values are NumPy's to rounding, or the target refuses.

The cases are those of the random harness. `python -m tests.test_targets_agree TARGET FIRST LAST` compares more of them.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.errors import ArgumentError, HesseError, LimitError
from tests.codegen.support import as_array, compile_on
from tests.harness.cases import Case, points, seeded

SEED = 77
COUNTS = {"torch": 60, "math": 60, "jax": 16, "numba": 10}
"""How many cases: programs for the last two are compiled."""


def expressions(case: Case) -> Iterator[hs.Expr]:
    """The expression of a case and its derivative, as far as they exist."""
    f = hs.parse(case.text, str(case.declarations))
    yield f
    yield hs.derivative(f, case.target, order=1)


def compare(number: int, target: str) -> int:
    """The number of values compared for a case. Raises AssertionError where they differ."""
    case = seeded(SEED, number)
    compared = 0
    if case.declarations.functions:
        return 0
    try:
        found = list(expressions(case))
    except HesseError:
        return 0
    for expression in found:
        for tries in list(points(case))[:2]:
            values = tries[0].values
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                try:
                    expected = np.asarray(expression.evaluate(**values))
                    function = compile_on(expression.program_tree, expression._declarations, target, values)
                except (ArgumentError, LimitError):
                    continue
                actual = as_array(function(**values))
            assert actual.shape == expected.shape, function.source
            compared += _agree(actual, expected, f"{expression!r} {number}\n{function.source}")
    return compared


def _agree(actual: Any, expected: Any, message: str) -> bool:
    """Whether there was something to compare: finite values that rounding does not hide."""
    finite = np.isfinite(expected)
    scale = 1 + np.max(np.abs(expected[finite]), initial=0.0)
    if not finite.any() or scale > 1e9:
        return False
    np.testing.assert_allclose(actual[finite], expected[finite], rtol=1e-7, atol=1e-8 * scale, err_msg=message)
    return True


@pytest.mark.parametrize("target", COUNTS)
def test_random_expressions(target: str) -> None:
    assert sum(compare(number, target) for number in range(COUNTS[target])) > COUNTS[target]


if __name__ == "__main__":
    name, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for case_number in range(first, last):
        try:
            compare(case_number, name)
        except Exception as error:
            print(case_number, type(error).__name__, str(error)[:2000])
