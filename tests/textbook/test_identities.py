"""Every published formula of this folder: hesse's result equals the source's, in value, and reads as short."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest

import hesse as hs
from harness.cases import SIZES, Case, environment, point
from harness.jax_oracle import Inadmissible, Point, truth
from hesse.core.declarations import Declarations
from hesse.verify.reference import evaluate
from textbook.identity import Identity, identities

IDENTITIES = identities()
LONGEST = 1.5
TRIES = 12
ASSIGNMENTS = 3
TALL = ((5, 3, 2, 4), (6, 2, 4, 3), (3, 1, 2, 4))
TOLERANCE = 1e-8


def derived(identity: Identity) -> hs.Expr:
    """What hesse says."""
    f = hs.parse(identity.function, identity.declarations)
    if identity.kind in ("jvp", "hvp"):
        return getattr(hs, identity.kind)(f, identity.wrt, identity.vector)
    return getattr(hs, identity.kind)(f, identity.wrt)


def length(text: str) -> int:
    """The characters of a formula, its definitions included, without spaces."""
    return len(text.replace(" ", ""))


def settings(declarations: Declarations) -> Iterator[dict[str, int]]:
    """Assignments of pairwise distinct sizes, one with a size of 1 among the first; the last for tall matrices."""
    for pattern in (*SIZES, *TALL):
        yield dict(zip(declarations.size_names, (*pattern, *range(7, 20)), strict=False))


def expected(identity: Identity, case: Case, at: Point) -> Any:
    """The derivative as JAX has it, multiplied by the vector for products."""
    order = 2 if identity.kind in ("hessian", "hvp") else 1
    array = truth(case.tree, at, (identity.wrt,), False, order).derivatives[-1]
    if identity.kind in ("jvp", "hvp"):
        vector = at.values[identity.vector]
        return np.tensordot(array, vector, np.ndim(vector))
    return array


def stable(identity: Identity, case: Case, at: Point, wanted: Any, scale: float) -> bool:
    """Whether the derivative is more than rounding: a matrix that is singular for these sizes has no inverse."""
    if not any(name in identity.function for name in ("inv(", "det(", "solve(")):
        return True
    moved = {name: value * (1 + 1e-13) + 1e-14 for name, value in at.values.items()}
    with np.errstate(all="ignore"):
        again = expected(identity, case, replace(at, values=moved))
    return bool(np.abs(again - wanted).max(initial=0.0) < TOLERANCE * scale)


def compared(identity: Identity, result: hs.Expr, answer: hs.Expr) -> int:
    """At how many assignments of sizes hesse, the source and JAX agree; raises AssertionError where they do not."""
    case = Case.read(identity.function, identity.declarations, identity.wrt)
    agreed = 0
    for number, sizes in enumerate(settings(result._declarations)):
        if agreed == ASSIGNMENTS:
            break
        for attempt in range(TRIES):
            at = point(result._declarations, sizes, 100 * number + attempt)
            with np.errstate(all="ignore"):
                try:
                    wanted = expected(identity, case, at)
                except Inadmissible:
                    continue
            found, published = (np.reshape(v.entries, v.shape) for v in islice(values(result, answer, at), 2))
            if not (np.isfinite(wanted).all() and np.isfinite(published).all()):
                continue
            scale = 1 + np.abs(wanted).max(initial=0.0)
            if scale > 1e6 or not stable(identity, case, at, wanted, scale):
                continue
            np.testing.assert_allclose(published, wanted, rtol=0, atol=TOLERANCE * scale, err_msg="the source's answer")
            np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCE * scale, err_msg="hesse's answer")
            agreed += 1
            break
    return agreed


def values(result: hs.Expr, answer: hs.Expr, at: Point) -> Iterator[Any]:
    """The values of both by the plain evaluator."""
    for expression in (result, answer):
        yield evaluate(expression.tree, environment(at))


def test_there_are_many() -> None:
    kinds = [identity.kind for identity in IDENTITIES]
    assert len(IDENTITIES) == len({(i.kind, i.function, i.declarations, i.wrt) for i in IDENTITIES})
    assert len(IDENTITIES) >= 280
    assert kinds.count("hessian") >= 25
    assert kinds.count("jvp") + kinds.count("hvp") >= 10


@pytest.mark.parametrize("identity", IDENTITIES, ids=str)
def test_a_published_formula(identity: Identity) -> None:
    result = derived(identity)
    answer = hs.parse(identity.answer, result.declarations)
    assert result.verification.status == "verified"
    assert result.shape == answer.shape
    assert compared(identity, result, answer) == ASSIGNMENTS
    text = str(result)
    assert "einsum" not in text or "einsum" in identity.answer
    assert length(text) <= LONGEST * length(identity.answer), text
    assert hs.parse(text, result.declarations) == result
