"""Every published formula of `tests/textbook` and every rule of the lecture has a derivation whose lines hold."""

from __future__ import annotations

from collections import Counter

import pytest

import hesse as hs
from tests.explain.cases import FUNCTIONS
from tests.harness.derivations import broken
from textbook.identity import identities
from textbook.test_identities import derived

BLOCKS = 10
IDENTITIES = identities()
LECTURE = [
    ("gradient", "5"),
    ("gradient", "3*u(x) + 2*v(x)"),
    ("gradient", "u(x)*v(x)"),
    ("gradient", "f(x) @ g(x)"),
    ("gradient", "l(g(x))"),
    ("jacobian", "zeros(m) + 7"),
    ("jacobian", "3*f(x) - 2*g(x)"),
    ("jacobian", "h(g(x))"),
]


@pytest.mark.parametrize("block", range(BLOCKS))
def test_published_formulas(block: int) -> None:
    tallies: Counter[str] = Counter()
    found = [
        f"{identity}: {problem}"
        for identity in IDENTITIES[block::BLOCKS]
        for problem in broken(derived(identity).explain(), tallies)
    ]
    assert not found
    assert tallies["verified"] > 3 * len(IDENTITIES) // BLOCKS


@pytest.mark.parametrize(("kind", "text"), LECTURE)
def test_the_rules_of_the_lecture(kind: str, text: str) -> None:
    derivation = getattr(hs, kind)(hs.parse(text, FUNCTIONS), "x").explain()
    assert list(broken(derivation, Counter())) == []
    assert all(step.verification.ok for step in derivation.steps)


def test_products_and_conventions() -> None:
    g = hs.parse("tanh(W @ x + b)", "W:m,n x:n b:m")
    f = hs.parse("x1**2*x2 + exp(x2)")
    determinant = hs.parse("logdet(S)", "S:n,n:spd")
    results = [
        hs.jvp(g, "x", "v"),
        hs.vjp(g, "x", "u"),
        hs.hvp(hs.parse("norm(A @ x)", "A:m,n x:n"), "x", "v"),
        hs.jvp(f, vector="v"),
        hs.vjp(f, vector="u"),
        hs.hvp(f, vector="v"),
        hs.derivative(f, order=3),
        hs.gradient(determinant, "S", convention="symmetric"),
        hs.gradient(determinant, "S", convention="symmetrised"),
    ]
    for result in results:
        derivation = result.explain()
        assert list(broken(derivation, Counter())) == []
        assert all(step.verification.ok for step in derivation.steps)
