"""Random expressions as text, and the same text run as Python with NumPy and with JAX, are the same expressions."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

import hesse as hs
from hesse.core.syntax import Call, Running, Undefined, postorder
from hesse.notation.back import to_syntax
from hesse.simplify.engine import simplify
from hesse.verify.equality import verify_equal
from tests.frontends.python.spelled import function_of_text
from tests.harness.cases import Case, points, seeded
from tests.harness.laws import LEGITIMATE, numpy_value

SEED = 77
WITHOUT_NAME = {"prod_others", "hardmax", "erf", "gelu", "gammaln", "digamma", "polygamma"}
"""Rows that NumPy has no function for, nor a short composition."""


def spelled_in_python(case: Case) -> bool:
    """Whether Python with NumPy can say it."""
    return not any(
        isinstance(part, (Undefined, Running)) or (isinstance(part, Call) and part.function in WITHOUT_NAME)
        for part in postorder(case.tree)
    )


def has_values(case: Case, expected: hs.Expr) -> bool:
    """Whether the expression has values other than zero, without which nothing can be compared."""
    at = next(points(case))[0]
    value = np.asarray(numpy_value(expected, at))
    return bool(np.isfinite(value).all() and value.any())


def same(found: hs.Expr, expected: hs.Expr) -> bool:
    """Whether both are the same function.

    NumPy has no names for what the text names: logsumexp spelled out, log(sum(exp(x))), overflows where the function
    has a value, and `==` rightly counts that as different. Then what the front end understood, in the form to which it
    simplifies, must have the values of the text, wherever either has one.
    """
    if found == expected:
        return True
    understood = to_syntax(found.node, found.known, simplify)
    return understood is not None and all(
        verify_equal(one, other, expected._declarations).status == "verified"
        for one, other in ((understood, expected.exact_tree), (expected.exact_tree, understood))
    )


def checked(case: Case, library: str) -> bool:
    """Whether the case was compared, and agreed."""
    declarations = str(case.declarations)
    if not spelled_in_python(case):
        return False
    function = function_of_text(case.text, case.declarations, jnp if library == "jax" else np)
    try:
        expected = hs.parse(case.text, declarations)
    except hs.ParseError as error:
        assert any(words in str(error) for law, words in LEGITIMATE if law == "parse"), (case.text, declarations)
        return False
    if function is None or not has_values(case, expected):
        return False
    found = (hs.from_jax if library == "jax" else hs.from_function)(function, declarations)
    assert same(found, expected), (case.text, declarations, str(found))
    return True


@pytest.mark.parametrize("block", range(8))
def test_text_run_with_numpy(block: int) -> None:
    count = sum(checked(seeded(SEED, 20 * block + k), "numpy") for k in range(20))
    assert count > 3


@pytest.mark.parametrize("block", range(4))
def test_text_run_with_jax(block: int) -> None:
    found = 0
    for k in range(12):
        try:
            found += checked(seeded(SEED + 1, 12 * block + k), "jax")
        except (hs.TraceError, IndexError):
            continue  # JAX has no symbolic positions, and primitives that are not read
    assert found > 2
