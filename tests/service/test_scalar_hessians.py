"""Hessians by several scalars: each entry as short as alone, the same above and below the diagonal."""

from __future__ import annotations

from itertools import product

import pytest

import hesse as hs
from hesse.verify.equality import verify_equal

CLOSED = {
    "x/(x**2 + y**2)": (
        "[[2*x*(x**2 - 3*y**2)/(x**2 + y**2)**3, 2*y*(3*x**2 - y**2)/(x**2 + y**2)**3], "
        "[2*y*(3*x**2 - y**2)/(x**2 + y**2)**3, 2*x*(3*y**2 - x**2)/(x**2 + y**2)**3]]"
    ),
    "log(x**2 + y**2)": (
        "[[2*(y**2 - x**2)/(x**2 + y**2)**2, -4*x*y/(x**2 + y**2)**2], "
        "[-4*x*y/(x**2 + y**2)**2, 2*(x**2 - y**2)/(x**2 + y**2)**2]]"
    ),
    "sqrt(x**2 + y**2)": (
        "[[y**2/(x**2 + y**2)**(3/2), -x*y/(x**2 + y**2)**(3/2)], "
        "[-x*y/(x**2 + y**2)**(3/2), x**2/(x**2 + y**2)**(3/2)]]"
    ),
    "arctan(y/x)": (
        "[[2*y*x/(y**2 + x**2)**2, (y**2 - x**2)/(y**2 + x**2)**2], "
        "[(y**2 - x**2)/(y**2 + x**2)**2, -2*y*x/(y**2 + x**2)**2]]"
    ),
}
POWERS = {
    ("norm(x)**p", "x:n p:", "x"): "p*norm(x)**(p - 2)*x",
    ("sum(x**p)", "x:n p:", "x"): "p*x**(p - 1)",
    ("exp(x)**y", "x: y:", "x"): "y*exp(x)**y",
    ("(x**y)**2", "x: y:", "x"): "2*y*x**(2*y - 1)",
    ("x**y/x", "x: y:", "x"): "x**(y - 2)*(y - 1)",
}
OTHERS = ["x*y*z/(x + y + z)", "x**y*z", "log(exp(x) + exp(y)) + z*x", "x*relu(y) + where(z > x, x*z, y*z)", "x*y", "5"]
DECLARATIONS = "x: y: z:"


@pytest.mark.parametrize("text", CLOSED)
def test_closed_forms(text: str) -> None:
    hessian = hs.hessian(hs.parse(text, "x: y:"))
    assert str(hessian) == CLOSED[text] and hessian.verification.ok


@pytest.mark.parametrize("text", [*CLOSED, *OTHERS])
def test_entries_are_the_second_derivatives_and_mirrored(text: str) -> None:
    f = hs.parse(text, DECLARATIONS)
    hessian = hs.hessian(f, ["x", "y", "z"])
    assert hessian.verification.ok
    for (i, first), (j, second) in product(enumerate("xyz"), repeat=2):
        assert hessian[i, j].node is hessian[j, i].node
        expected = hs.gradient(hs.gradient(f, second), first)
        assert verify_equal(expected.tree, hessian[i, j].tree, expected._declarations).ok


@pytest.mark.parametrize("text", [*CLOSED, *OTHERS])
@pytest.mark.parametrize("level", ["normal", "every step"])
def test_derivations_end_in_what_they_derived(text: str, level: str) -> None:
    hessian = hs.hessian(hs.parse(text, DECLARATIONS), ["x", "y", "z"])
    derivation = hessian.explain(level=level)
    assert derivation.steps[-1].after.text == str(hessian) or "where" in str(derivation)
    assert not [step.number for step in derivation.steps if "equal-entries" in step.rule]
    assert all(step.verification.ok for step in derivation.steps)


@pytest.mark.parametrize("case", POWERS, ids=lambda case: case[0])
def test_powers_of_one_base_are_joined(case: tuple[str, str, str]) -> None:
    text, declarations, wrt = case
    gradient = hs.gradient(hs.parse(text, declarations), wrt)
    assert str(gradient) == POWERS[case] and gradient.verification.ok
