"""What is proved about derivatives: expected claims, instances that must satisfy them, and near misses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.facts.structure import Structure
from hesse.simplify.engine import apply_facts
from hesse.verify.sampling import distinct_settings, sample, unit_settings
from tests.harness.holds import HOLDS, least

PSD, PD = "positive-semidefinite", "positive-definite"
NSD, ND = "negative-semidefinite", "negative-definite"

MODERATE = (0, 2, 3, 5)
"""Attempts of the sampling at entries that are not so large that functions saturate."""

CLAIMS = [
    ("norm(A @ x - b)**2", "A:m,n x:n b:m", "x", {"symmetric", PSD}),
    ("norm(A @ x - b)**2 + c*(x @ x)", "A:m,n x:n b:m c::pos", "x", {"symmetric", PSD, PD}),
    ("x @ A @ x", "A:n,n x:n", "x", {"symmetric"}),
    ("x @ S @ x", "S:n,n:sym x:n", "x", {"symmetric"}),
    ("x @ S @ x", "S:n,n:spd x:n", "x", {"symmetric", PSD, PD}),
    ("-(x @ inv(S) @ x)", "S:n,n:spd x:n", "x", {"symmetric", NSD, ND}),
    ("x @ B.T @ inv(S) @ B @ x", "S:m,m:spd B:m,n x:n", "x", {"symmetric", PSD}),
    ("x @ inv(B.T @ B + c*eye(n)) @ x", "B:m,n x:n c::pos", "x", {"symmetric", PSD, PD}),
    ("sum(log(1 + exp(-y*(X @ w))))", "X:m,n w:n y:m:pm1", "w", {"symmetric", PSD}),
    ("sum(log(1 + exp(-y*(X @ w))))", "X:m,n w:n y:m", "w", {"symmetric", PSD}),
    ("sum(d*(X @ w)**2)", "X:m,n w:n d:m:pos", "w", {"symmetric", PSD}),
    ("sum(abs(d)*(X @ w)**4)", "X:m,n w:n d:m", "w", {"symmetric", PSD}),
    ("sum(exp(X @ w)) - y @ X @ w", "X:m,n w:n y:m", "w", {"symmetric", PSD}),
    ("logsumexp(x)", "x:n", "x", {"symmetric", PSD, "low-rank-plus-diagonal"}),
    ("logsumexp(A @ x)", "A:m,n x:n", "x", {"symmetric", PSD}),
    ("log(sum(exp(A @ x + b)))", "A:m,n x:n b:m", "x", {"symmetric", PSD}),
    ("sum(p*x**2) - (p @ x)**2", "p:n:simplex x:n", "x", {"symmetric", PSD, "low-rank-plus-diagonal"}),
    ("sum(p*(A @ x)**2) - (p @ A @ x)**2", "p:m:simplex A:m,n x:n", "x", {"symmetric", PSD}),
    ("logsumexp((A @ x)[1:-1])", "A:m,n x:n", "x", {"symmetric", PSD}),
    ("logsumexp(x[1:])", "x:n", "x", {"symmetric", PSD, "low-rank-plus-diagonal"}),
    ("norm(x)", "x:n", "x", {"symmetric", PSD, "low-rank-plus-diagonal"}),
    ("norm(A @ x - b)", "A:m,n x:n b:m", "x", {"symmetric", PSD}),
    ("sqrt(1 + x @ x)", "x:n", "x", {"symmetric", PSD, "low-rank-plus-diagonal"}),
    ("(x @ x)**2", "x:n", "x", {"symmetric", PSD, "low-rank-plus-diagonal"}),
    ("(a @ x)**4", "a:n x:n", "x", {"symmetric", PSD, "low-rank"}),
    ("sum(x**4)", "x:n", "x", {"symmetric", PSD, "diagonal"}),
    ("sum(exp(x))", "x:n", "x", {"symmetric", PSD, PD, "diagonal"}),
    ("sum(x*log(x))", "x:n:pos", "x", {"symmetric", PSD, PD, "diagonal"}),
    ("sum(log(x))", "x:n", "x", {"symmetric", NSD, ND, "diagonal"}),
    ("sum(x[idx]**2)", "x:n idx:p:index(n)", "x", {"symmetric", PSD, "diagonal"}),
    ("sum(x)", "x:n", "x", {"symmetric", PSD, NSD, "diagonal", "constant", "zero"}),
    ("sum((x[1:] - x[:-1])**2)", "x:n", "x", {"symmetric", PSD, "tridiagonal", "constant"}),
    ("sum((x[1:] - x[:-1])**4)", "x:n", "x", {"symmetric", PSD, "tridiagonal"}),
    ("sum(exp(x[1:] - x[:-1]))", "x:n", "x", {"symmetric", PSD, "tridiagonal"}),
    ("sum(x[1:]*x[:-1])", "x:n", "x", {"symmetric", "tridiagonal", "constant"}),
    ("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", "x:n", "x", {"symmetric", "tridiagonal"}),
    ("sum((x[2:] - 2*x[1:-1] + x[:-2])**2)", "x:n", "x", {"symmetric", PSD, "banded", "constant"}),
    ("sum((x[2:] - a*x[1:-1] - b*x[:-2])**2)/s**2", "x:n a: b: s:", "x", {"symmetric", PSD, "banded"}),
    ("x1**2 + x1*x2 + x2**2", "x1: x2:", ["x1", "x2"], {"symmetric", PSD, PD, "constant"}),
    ("x1**2 + 3*x1*x2 + x2**2", "x1: x2:", ["x1", "x2"], {"symmetric", "constant"}),
    ("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k", "U", {"symmetric", PSD, "block-diagonal", "kronecker"}),
    ("trace(X.T @ A @ X)", "X:n,k A:n,n", "X", {"symmetric", "block-diagonal", "kronecker"}),
    ("trace(X.T @ A @ X @ B)", "X:n,k A:n,n B:k,k", "X", {"symmetric"}),
    ("norm(X)**2", "X:m,n", "X", {"symmetric", PSD, PD, "diagonal", "kronecker", "constant"}),
    ("sum(X**4)", "X:m,n", "X", {"symmetric", PSD, "diagonal"}),
    ("sum(logsumexp(X @ W, axis=1))", "X:m,n W:n,k", "W", {"symmetric", PSD}),
    ("u(A @ x)", "u:m-> A:m,n x:n", "x", {"symmetric"}),
    ("g(x)", "g:n->m x:n", "x", {"partially-symmetric"}),
]  # fmt: skip

JACOBIANS = [
    ("tanh(x)", "x:n", "x", {"symmetric", PSD, PD, "diagonal"}),
    ("softmax(x)", "x:n", "x", {"symmetric", PSD, "low-rank-plus-diagonal"}),
    ("x[1:] - x[:-1]", "x:n", "x", {"constant"}),
    ("X @ X.T", "X:m,n", "X", set()),
    ("A @ X @ B", "A:m,n X:n,k B:k,p", "X", {"kronecker"}),
    ("inv(X)", "X:n,n", "X", {"kronecker"}),
    ("tanh(X)", "X:m,n", "X", {"symmetric", PSD, PD, "diagonal"}),
    ("softmax(X, axis=1)", "X:m,n", "X", {"symmetric", PSD, "block-diagonal"}),
    ("softmax(X, axis=0)", "X:m,n", "X", {"symmetric", PSD, "block-diagonal"}),
    ("outer(x, x)", "x:n", "x", set()),
]  # fmt: skip

NEAR_MISSES = [
    ("sum(d*(X @ w)**2)", "X:m,n w:n d:m", "w", PSD),
    ("norm(A @ x - b)**2 - c*(x @ x)", "A:m,n x:n b:m c::pos", "x", PSD),
    ("norm(A @ x - b)**2", "A:m,n x:n b:m", "x", PD),
    ("norm(A @ x - b)**2 + c*(x @ x)", "A:m,n x:n b:m c:", "x", PD),
    ("sum(p*x**2) - (p @ x)**2", "p:n:pos x:n", "x", PSD),
    ("sum(p*x**2) - 2*(p @ x)**2", "p:n:simplex x:n", "x", PSD),
    ("sum(p*x**2) - (q @ x)**2", "p:n:simplex q:n:simplex x:n", "x", PSD),
    ("(x @ x)**2 - 2*(a @ x)**2", "a:n x:n", "x", PSD),
    ("log(1 + x @ x)", "x:n", "x", PSD),
    ("sum(x**3)", "x:n", "x", PSD),
    ("x @ S @ x", "S:n,n:sym x:n", "x", PSD),
    ("x @ (A*A.T) @ x", "A:n,n x:n", "x", PSD),
    ("sum((x[2:] - 2*x[1:-1] + x[:-2])**2)", "x:n", "x", "tridiagonal"),
    ("sum(x[1:]*x[:-1])", "x:n", "x", PSD),
    ("sum((x[1:] - x[:-1])**3)", "x:n", "x", PSD),
    ("x1**2 + 3*x1*x2 + x2**2", "x1: x2:", ["x1", "x2"], PSD),
    ("trace(X @ X)", "X:n,n", "X", PSD),
    ("trace(X.T @ A @ X @ B)", "X:n,k A:n,n B:k,k", "X", "kronecker"),
    ("norm(X.T @ X)**2", "X:m,n", "X", "block-diagonal"),
    ("x @ x + (a @ x)*(b @ x)", "a:n b:n x:n", "x", PSD),
    ("sum(exp(x))*sum(x)", "x:n", "x", "diagonal"),
    ("sum(x**p)", "x:n y:p", "x", PSD),  # p is a size: it may be odd
]  # fmt: skip


def instances(result: Any) -> list[Any]:
    """Values of the result at sizes that are pairwise distinct, and at sizes 1, for values as they are declared."""
    declarations = result._declarations
    settings = [*list(distinct_settings(declarations))[:4], *list(unit_settings(declarations))[:1]] or [{}]
    found = []
    for number, sizes in enumerate(settings):
        for attempt in MODERATE:
            point = sample(declarations, dict(sizes), number, attempt)
            values = {name: value.nested() for name, value in point.values.items()}
            if not declarations.functions:
                with np.errstate(all="ignore"):
                    value = np.asarray(result.evaluate(**values))
                if np.isfinite(value).all():
                    found.append(value)
    return found


def check(result: Any) -> None:
    """Every fact that is claimed holds for every instance."""
    for value in instances(result):
        for fact in result.structure:
            assert fact == "constant" or HOLDS[fact](value, result.structured), (fact, value)
            assert fact != PD or least(value) > 0
            assert fact != ND or least(-value) > 0


@pytest.mark.parametrize(("text", "declarations", "wrt", "expected"), CLAIMS)
def test_hessians(text: str, declarations: str, wrt: Any, expected: set[str]) -> None:
    result = hs.hessian(hs.parse(text, declarations), wrt)
    assert set(result.structure) - {"partially-symmetric"} == expected - {"partially-symmetric"}
    check(result)


@pytest.mark.parametrize(("text", "declarations", "wrt", "expected"), JACOBIANS)
def test_jacobians(text: str, declarations: str, wrt: Any, expected: set[str]) -> None:
    result = hs.derivative(hs.parse(text, declarations), wrt)
    assert set(result.structure) - {"partially-symmetric"} == expected
    check(result)


@pytest.mark.parametrize(("text", "declarations", "wrt", "fact"), NEAR_MISSES)
def test_near_misses(text: str, declarations: str, wrt: Any, fact: str) -> None:
    """It is not claimed, and it does not hold: some instance shows it."""
    result = hs.hessian(hs.parse(text, declarations), wrt)
    assert fact not in result.structure
    found = instances(result)
    if fact == PD:
        assert any(least(value) < 1e-9 for value in found)
    else:
        assert not all(HOLDS[fact](value, result.structured) for value in found)


def test_symmetry_is_seen_without_knowing_of_what_a_node_is_the_derivative() -> None:
    """The theorem of Schwarz is not needed where the form shows it."""
    for text, declarations, wrt, _ in CLAIMS:
        node = apply_facts(hs.hessian(hs.parse(text, declarations), wrt).node)
        if len(node.shape) % 2 == 0:
            assert "symmetric" in Structure(node).proved, text


def test_third_derivatives_are_symmetric_in_every_order() -> None:
    third = hs.derivative(hs.parse("sum(exp(A @ x))", "A:m,n x:n"), "x", order=3)
    assert "symmetric" in third.structure
    check(third)


def test_what_is_disproved() -> None:
    negative = hs.hessian(hs.parse("sum(log(x))", "x:n"), "x").structured
    assert negative.fact("positive-semidefinite").holds is False
    assert negative.fact("banded").holds is None
    assert hs.jacobian(hs.parse("A @ x", "A:m,n x:n"), "x").structured.fact("symmetric").holds is False


def test_reasons_are_given() -> None:
    found = hs.hessian(hs.parse("norm(A @ x - b)", "A:m,n x:n b:m"), "x").structured
    assert "Cauchy" in found.fact("positive-semidefinite").reason
    assert "Schwarz" in found.fact("symmetric").reason


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("x1^4 + x2^2", False),
        ("x1^2 + x2^4", False),
        ("x1^4 + x2^4", False),
        ("x1^2 + x1*x2 + x2^2", True),
        ("3*x1^2 + x2^2", True),
        ("x1^2*x2^2 + x1^2", None),
    ],
)
def test_of_scalars_side_by_side(text: str, strict: bool | None) -> None:
    """A square in front may vanish: at (0, 0) the second derivative of x1^4 does."""
    claims = hs.hessian(hs.parse(text, "x1: x2:")).structure
    assert (PSD in claims, PD in claims) == (strict is not None, bool(strict))
