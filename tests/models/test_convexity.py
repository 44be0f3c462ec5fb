"""Convexity: certificates that hold, refusals with counterexamples, and nothing claimed that is false."""

from __future__ import annotations

import random
from itertools import islice
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.verify.sampling import distinct_settings, sample

Case = tuple[str, str, Any]
CONVEX: tuple[Case, ...] = (
    ("logsumexp(A @ x + b)", "A:m,n x:n b:m", "x"),
    ("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n", "w"),
    ("sum(softplus(X @ w) - y*(X @ w))", "X:m,n y:m w:n", "w"),
    ("norm(A @ x - b)**2", "A:m,n x:n b:m", "x"),
    ("norm(A @ x - b)**2 + lam*norm(x)**2", "A:m,n x:n b:m lam::pos", "x"),
    ("norm(A @ x - b)**2/2 + lam*norm1(x)", "A:m,n x:n b:m lam::pos", "x"),
    ("-logdet(S)", "S:n,n:spd", "S"),
    ("x1^2/x2", "x1: x2::pos", ["x1", "x2"]),
    ("x1^2 + x2^2", "x1: x2:", None),
    ("exp(x1) + x2^4", "x1: x2:", None),
    ("-sum(log(x))", "x:n", "x"),
    ("-sum(log(b - A @ x))", "A:m,n x:n b:m", "x"),
    ("sum(x*log(x))", "x:n", "x"),
    ("norm(x)", "x:n", "x"),
    ("x @ S @ x", "S:n,n:spd x:n", "x"),
    ("sum(sqrt(1 + (X @ w - y)**2))", "X:m,n y:m w:n", "w"),
    ("sum(log(cosh(X @ w - y)))", "X:m,n y:m w:n", "w"),
    ("1/x", "x::pos", None),
    ("sum(maximum(0, 1 - y*(X @ w)))", "X:m,n y:m w:n", "w"),
    ("max(A @ x)", "A:m,n x:n", "x"),
    ("sum((x[1:] - x[:-1])**2)", "x:n", "x"),
    ("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k", "U"),
    ("abs(x1 - x2) + relu(x1)", "x1: x2:", None),
    ("sum(exp(X @ w) - y*(X @ w))", "X:m,n y:m w:n", "w"),
    ("(x1 + 2*x2 - 1)^2 + x1", "x1: x2:", None),
)
CONCAVE: tuple[Case, ...] = (
    ("sum(log(x))", "x:n", "x"),
    ("log(x1) + log(x2)", "x1: x2:", None),
    ("sqrt(x1*x2)", "x1::pos x2::pos", None),
    ("logdet(S)", "S:n,n:spd", "S"),
    ("-norm(A @ x)", "A:m,n x:n", "x"),
    ("min(A @ x)", "A:m,n x:n", "x"),
    ("-x^4", "x:", None),
)
NEITHER: tuple[Case, ...] = (
    ("x1*x2", "x1: x2:", None),
    ("x1^2 - x2^2", "x1: x2:", None),
    ("sin(x)", "x:", None),
    ("x^3", "x:", None),
    ("exp(-x^2)", "x:", None),
    ("x @ A @ x", "A:n,n x:n", "x"),
    ("sum(log(1 + (X @ w - y)**2))", "X:m,n y:m w:n", "w"),
    ("x1^2 + exp(x1*x2) + 2*log(x2)", "x1: x2:", None),
    ("x1^2/x2", "x1: x2:", None),
    ("norm(T - U @ V.T)**2 + x1^2 - x2^2", "T:m,n U:m,k V:n,k x1: x2:", ["x1", "x2"]),
)


def _chords(f: Any, wrt: Any, count: int = 150) -> tuple[float, float]:
    """The least and the largest of (f(a) + f(b))/2 - f((a + b)/2), relative, over random admissible chords."""
    names = [wrt] if isinstance(wrt, str) else wrt or list(f.variables)
    draw = random.Random(0)
    low, high = 0.0, 0.0
    for sizes in islice(distinct_settings(f._declarations), 2):
        for k in range(count // 2):
            ends = [sample(f._declarations, sizes, k, draw.randrange(12)).values for _ in range(2)]
            first = {name: np.array(value.nested(), float) for name, value in ends[0].items()}
            second = {**first, **{name: np.array(ends[1][name].nested(), float) for name in names}}
            middle = {name: (first[name] + second[name]) / 2 for name in first}
            with np.errstate(all="ignore"):
                a, b, c = (float(f.evaluate(**each)) for each in (first, second, middle))
            if np.isfinite([a, b, c]).all():
                gap = ((a + b) / 2 - c) / (1 + abs(a) + abs(b))
                low, high = min(low, gap), max(high, gap)
    return low, high


@pytest.mark.parametrize("case", CONVEX, ids=lambda case: case[0])
def test_convex_functions_have_a_certificate(case: Case) -> None:
    f = hs.parse(case[0], case[1])
    found = hs.convexity(f, case[2])
    assert found.verdict == "convex" and len(found.certificate) > 10 and not found.counterexamples
    low, _ = _chords(f, case[2])
    assert low >= -1e-12


@pytest.mark.parametrize("case", CONCAVE, ids=lambda case: case[0])
def test_concave_functions_have_a_certificate(case: Case) -> None:
    f = hs.parse(case[0], case[1])
    assert hs.convexity(f, case[2]).verdict == "concave"
    _, high = _chords(f, case[2])
    assert high <= 1e-12


@pytest.mark.parametrize("case", NEITHER, ids=lambda case: case[0])
def test_others_are_refused_with_two_counterexamples(case: Case) -> None:
    f = hs.parse(case[0], case[1])
    found = hs.convexity(f, case[2])
    assert found.verdict == "neither"
    second = hs.hessian(f, case[2])
    for name, sign in (("convex", -1), ("concave", 1)):
        example = found.counterexamples[name]
        direction = np.array(example.direction)
        matrix = np.reshape(second.evaluate(**example.point), (len(direction),) * 2)
        value = direction @ matrix @ direction
        assert value * sign > 0 and example.curvature == pytest.approx(value, rel=1e-6)
    assert found.counterexample is found.counterexamples["convex"]


def test_affine() -> None:
    assert hs.convexity(hs.parse("c @ x + d", "c:n x:n d:"), "x").verdict == "affine"
    assert hs.convexity(hs.parse("x*y", "x: y:"), "x").verdict == "affine"
    assert hs.convexity(hs.parse("trace(A.T @ X)", "A:m,n X:m,n"), "X").verdict == "affine"


@pytest.mark.parametrize(
    "case",
    [
        ("where(x > 0, -x, x)", "x:", None),
        ("-abs(x)", "x:", None),
        ("abs(x1) - x2^2", "x1: x2:", None),
        ("1/x^2", "x:", None),
        ("abs(abs(x) - 1)", "x:", None),
        ("relu(-relu(x))", "x:", None),
        ("trace(inv(S))", "S:n,n:spd", "S"),
    ],
    ids=lambda case: case[0],
)
def test_nothing_false_is_claimed_of_kinks_and_domains(case: Case) -> None:
    f = hs.parse(case[0], case[1])
    verdict = hs.convexity(f, case[2]).verdict
    low, high = _chords(f, case[2])
    if low < -1e-9:
        assert verdict not in ("convex", "affine")
    if high > 1e-9:
        assert verdict not in ("concave", "affine")
    if case[0] == "1/x^2":
        # Its second derivative is positive, but the domain has a gap.
        assert verdict == "unknown"


def test_random_expressions_never_get_a_false_verdict() -> None:
    draw = random.Random(5)
    atoms = (
        "x1",
        "x2",
        "exp({})",
        "({})**2",
        "abs({})",
        "log(1 + exp({}))",
        "-({})",
        "({}) + ({})",
        "maximum({}, {})",
        "3*({})",
        "sqrt(1 + ({})**2)",
    )

    def text(depth: int) -> str:
        atom = draw.choice(atoms[:2] if depth == 0 else atoms)
        return atom.format(*(text(depth - 1) for _ in range(atom.count("{}"))))

    verdicts = set()
    for _ in range(60):
        f = hs.parse(text(3), "x1: x2:")
        verdict = hs.convexity(f).verdict
        verdicts.add(verdict)
        low, high = _chords(f, None, 60)
        if verdict in ("convex", "affine"):
            assert low >= -1e-9, f
        if verdict in ("concave", "affine"):
            assert high <= 1e-9, f
    assert {"convex", "unknown"} <= verdicts or {"convex", "neither"} <= verdicts


def test_the_curvature_at_a_point() -> None:
    f = hs.parse("x1^2 - x2^2 + x1*x2")
    here = hs.curvature(f, at=[0, 0])
    assert here.kind == "saddle point" and here.definiteness == "indefinite" and here.stationary is True
    exact = np.linalg.eigvalsh([[2.0, 1.0], [1.0, -2.0]])
    assert np.allclose(here.eigenvalues, exact)
    assert all(
        low <= value <= high and high - low < 1e-12 for value, (low, high) in zip(exact, here.bounds, strict=True)
    )
    assert hs.curvature(f, at=[1, 0]).kind == "not stationary"
    assert hs.curvature(hs.parse("(x1 - 0.1)^2 + 2*(x2 - 0.3)^2"), at=["0.1", "0.3"]).kind == "strict local minimum"
    assert hs.curvature(hs.parse("-cosh(x1) - x2^2"), at=[0, 0]).kind == "strict local maximum"
    assert hs.curvature(hs.parse("x1^4 + x2^2"), at=[0, 0]).kind == "undecided"
    assert hs.curvature(hs.parse("(x1 - 0.1)^2", "x1:"), at=0.1).kind == "not stationary"


def test_what_cannot_be_used_is_said() -> None:
    with pytest.raises(hs.ArgumentError, match="scalar"):
        hs.convexity(hs.parse("A @ x", "A:m,n x:n"), "x")
    with pytest.raises(hs.ArgumentError, match="scalar"):
        hs.curvature(hs.parse("[x1, x2]"), at=[1, 2])
    with pytest.raises(hs.ArgumentError, match="second derivative"):
        hs.curvature(hs.parse("abs(x)", "x:"), at=0)


def test_directions_stay_in_the_simplex() -> None:
    # On the simplex x0*x1 is x0*(1 - x0), which is concave; off it the product bends both ways.
    found = hs.convexity(hs.parse("x[0]*x[1]", "x:2:simplex"))
    assert set(found.counterexamples) == {"convex"}
    for text in ("x[0]*x[1]", "prod(x)"):
        found = hs.convexity(hs.parse(text, f"x:{2 if '[' in text else 'n'}:simplex"))
        assert found.counterexamples
        assert all(sum(example.direction) == 0 for example in found.counterexamples.values())


def test_the_variance_is_convex() -> None:
    assert hs.convexity(hs.parse("var(A @ x)", "A:m,n x:n"), "x").verdict == "convex"
    assert hs.convexity(hs.parse("var(x**2)", "x:n")).verdict != "convex"


def test_the_curvature_of_a_symmetric_variable_is_that_among_symmetric_matrices() -> None:
    # -dS:inv(S) dS inv(S) has the eigenvalues -p_i p_j, i <= j, for the eigenvalues 1 and 1/3 of inv(S).
    found = hs.curvature(hs.parse("logdet(S)", "S:n,n:spd"), at=[[2, 1], [1, 2]])
    assert found.eigenvalues == pytest.approx([-1, -1 / 3, -1 / 9])
    assert found.definiteness == "negative definite"
    assert hs.curvature(hs.parse("trace(S@S)", "S:n,n:sym"), at=[[0, 0], [0, 0]]).kind == "strict local minimum"
    assert hs.curvature(hs.parse("trace(X@X)", "X:n,n"), at=[[0, 0], [0, 0]]).kind == "saddle point"
