"""Sizes of results grow as the mathematics says: counted in nodes and characters, not in seconds."""

from __future__ import annotations

import sys
from itertools import pairwise

import pytest

import hesse as hs
from hesse.core.traverse import postorder


def nodes(f: hs.Expr) -> int:
    return len(postorder(f.node))


def chain(layers: int) -> hs.Expr:
    text = "x"
    for _ in range(layers):
        text = f"tanh(W @ {text})"
    return hs.parse(f"sum({text})", "W:n,n x:n")


def residual(blocks: int) -> hs.Expr:
    declarations = "x:n " + " ".join(f"W{k}:n,n" for k in range(blocks))
    steps = "".join(f"h{k + 1} = h{k} + tanh(W{k} @ h{k}); " for k in range(blocks)).replace("h0", "x")
    return hs.parse(f"{steps}sum(h{blocks}**2)", declarations)


@pytest.mark.parametrize("by_text", [True, False])
def test_a_doubling_expression_stays_small(by_text: bool) -> None:
    if by_text:
        f = hs.parse("s = x; " + "s = s*s + s; " * 60 + "s", "x:")
    else:
        f = hs.parse("x", "x:")
        for _ in range(60):
            f = f * f + f
    gradient = hs.gradient(f, "x")
    value = derivative = 1e-4
    derivative = 1.0
    for _ in range(60):
        value, derivative = value * value + value, (2 * value + 1) * derivative
    assert f.evaluate(x=1e-4) == pytest.approx(value, rel=1e-12)
    assert gradient.evaluate(x=1e-4) == pytest.approx(derivative, rel=1e-12)
    assert nodes(gradient) < 8 * nodes(f)
    assert len(str(f)) < 20_000 and len(str(gradient)) < 100_000


@pytest.mark.parametrize("build", [chain, residual], ids=["layers", "residual"])
def test_gradients_grow_linearly(build: object) -> None:
    sizes = [25, 50, 100, 200] if build is chain else [4, 8, 16, 32]
    functions = [build(size) for size in sizes]  # type: ignore[operator]
    gradients = [hs.gradient(f, "x") for f in functions]
    counts = [nodes(gradient) for gradient in gradients]
    for f, gradient in zip(functions, gradients, strict=True):
        assert nodes(gradient) <= 3 * nodes(f)
        assert gradient.verification.ok
    for smaller, larger in pairwise(counts):
        assert larger <= 2.2 * smaller
    texts = [len(str(gradient)) for gradient in gradients]
    for smaller, larger in pairwise(texts):
        assert larger <= 3 * smaller


def test_hessians_of_residual_nets_do_not_blow_up() -> None:
    counts = [nodes(hs.hessian(residual(blocks), "x")) for blocks in (2, 4, 8)]
    assert counts[1] <= 3 * counts[0] and counts[2] <= 3 * counts[1]


@pytest.mark.parametrize("count", [1000])
def test_a_thousand_terms_added_one_by_one(count: int) -> None:
    f = hs.parse("x0**2", "x0:")
    for k in range(1, count):
        f = f + hs.parse(f"x{k}**2", f"x{k}:")
    assert nodes(f) <= 2 * count + 1
    assert str(hs.gradient(f, "x7")) == "2*x7"


def test_depth_needs_no_recursion() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(220)
    try:
        gradient = hs.gradient(chain(150), "x")
        assert gradient.verification.ok
        assert len(gradient.latex()) > 0 and len(gradient.unicode()) > 0
    finally:
        sys.setrecursionlimit(limit)


def test_sizes_do_not_matter() -> None:
    small = hs.gradient(hs.parse("norm(A @ x - b)**2", "A:3,2 x:2 b:3"), "x")
    large = hs.gradient(hs.parse("norm(A @ x - b)**2", "A:30000,20000 x:20000 b:30000"), "x")
    assert nodes(small) == nodes(large)
    assert str(small) == str(large) == "2*A.T @ (A @ x - b)"
