"""Sizes of results when expressions are built in other ways than one text, and of everything that is printed.

Counted in nodes and objects. What grows with nested text is in `test_scaling`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import pairwise

import pytest

import hesse as hs
from hesse.core import syntax
from hesse.core.traverse import postorder


def nodes(f: hs.Expr) -> int:
    """The number of distinct nodes."""
    return len(postorder(f.node))


def objects(f: hs.Expr) -> int:
    """The number of distinct subtrees of what is printed."""
    return len(syntax.postorder(f.tree))


def nested(layers: int) -> hs.Expr:
    """sum(tanh(W @ tanh(W @ ...))) as one text."""
    return hs.parse(f"sum({'tanh(W @ ' * layers}x{')' * layers})", "W:n,n x:n")


def defined(layers: int) -> hs.Expr:
    """The same with a definition for each layer."""
    steps = "".join(f"h{k + 1} = tanh(W @ {f'h{k}' if k else 'x'}); " for k in range(layers))
    return hs.parse(f"{steps}sum(h{layers})", "W:n,n x:n")


def composed(layers: int) -> hs.Expr:
    """The same by substitution, layer after layer."""
    layer = hs.parse("tanh(W @ x)", "W:n,n x:n")
    chain = layer
    for _ in range(layers - 1):
        chain = layer.substitute(x=chain)
    return hs.parse("sum(x)", "W:n,n x:n").substitute(x=chain)


def residual(blocks: int) -> hs.Expr:
    """norm(x_k)**2 with x <- x + tanh(W_k @ x), by operators."""
    x = hs.parse("x", "x:n")
    for k in range(blocks):
        x = x + hs.parse("tanh(z)", "z:n").substitute(z=hs.parse(f"W{k}", f"W{k}:n,n") @ x)
    return x @ x


def doubled(times: int) -> hs.Expr:
    """s = s*s + s again and again, by operators."""
    s = hs.parse("x", "x:")
    for _ in range(times):
        s = s * s + s
    return s


@pytest.mark.parametrize("build", [nested, defined, composed, residual])
def test_gradients_grow_like_the_function(build: Callable[[int], hs.Expr]) -> None:
    """Within a small factor of the function, and linearly: in nodes, and in what is printed."""
    functions = [build(size) for size in ((25, 50, 100, 200) if build is not residual else (4, 8, 16, 32))]
    gradients = [hs.gradient(f, "x") for f in functions]
    for f, gradient in zip(functions, gradients, strict=True):
        assert gradient.verification.ok
        assert nodes(gradient) <= 4 * nodes(f)
        assert objects(gradient) <= 8 * objects(f)
    for count in (nodes, objects):
        steps = [count(larger) - count(smaller) for smaller, larger in pairwise(gradients)]
        for smaller, larger in pairwise(steps):
            assert larger <= 2.5 * smaller


def test_three_ways_to_write_a_chain_are_one_function() -> None:
    gradients = [hs.gradient(build(12), "x") for build in (nested, defined, composed)]
    assert gradients[0] == gradients[1] == gradients[2]


def test_the_hessian_of_a_residual_net() -> None:
    """As many products as pairs of blocks, at most."""
    counts = [nodes(hs.hessian(residual(blocks), "x")) for blocks in (4, 8, 16)]
    for smaller, larger in pairwise(counts):
        assert larger <= 4.5 * smaller


@pytest.mark.parametrize("times", [60])
def test_everything_that_is_printed_of_a_doubling_stays_small(times: int) -> None:
    f = doubled(times)
    for expression in (f, hs.gradient(f, "x")):
        assert objects(expression) <= 20 * times
        for spelling in (str(expression), expression.unicode(), expression.latex(), expression.source()):
            assert len(spelling) <= 400 * times


def test_a_thousand_terms() -> None:
    """Added one by one, by operators and in one text: the same number of nodes, and a gradient of one term."""
    one_text = hs.parse(
        " + ".join(f"a{k}*x**{k}" for k in range(1000)), "x: " + " ".join(f"a{k}:" for k in range(1000))
    )
    total = hs.parse("a0*x**0", "x: a0:")
    for k in range(1, 1000):
        total = total + hs.parse(f"a{k}*x**{k}", f"x: a{k}:")
    assert nodes(total) == nodes(one_text)
    assert str(hs.gradient(total, "a7")) == "x**7"
    assert nodes(hs.gradient(total, "x")) <= 2 * nodes(total)


@pytest.mark.parametrize("build", [nested, defined, residual])
def test_depth_needs_no_recursion(build: Callable[[int], hs.Expr]) -> None:
    """With hardly more stack than the test runner needs, everything works."""
    f = build(60)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(250)
    try:
        gradient = hs.gradient(f, "x")
        texts = [gradient.unicode(), gradient.latex(), gradient.source(), *gradient.structure]
        again = hs.parse(str(gradient), gradient.declarations)
    finally:
        sys.setrecursionlimit(limit)
    assert all(texts)
    assert again == gradient
