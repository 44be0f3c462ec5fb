"""Random functions whose derivatives are known by construction: none is refuted, and every planted error is."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

import pytest

from hesse.verify.derivative import verify_derivative, verify_product

from .trees import Tree, declare, filled, fn, names

DECLARATIONS = declare("A:m,n S:n,n b:m y:m:pm1 w:n c: x:n")
WITH_VECTOR = declare(f"{DECLARATIONS} v:n")
A, S, b, y, w, c, x, n, m, v = names("A S b y w c x n m v")


@dataclass(frozen=True)
class Known:
    """A scalar function of x with its gradient and Hessian."""

    value: Tree
    gradient: Tree
    hessian: Tree


def _through(inner: Known, value: Tree, slope: Tree, bend: Tree) -> Known:
    """phi of a function, from phi, phi' and phi''."""
    square = fn("outer", inner.gradient, inner.gradient)
    return Known(value, slope * inner.gradient, bend * square + slope * inner.hessian)


def _elementwise(function: str, slope: Tree, bend: Tree, argument: Tree) -> Known:
    """sum(function(A @ x + b)) and the like, for slope and bend as trees of the argument."""
    return Known(fn("sum", fn(function, argument)), A.T @ slope, A.T @ fn("diag", bend) @ A)


def _leaf(random: Random) -> Known:
    flat = filled("zeros", n, n)
    r, t = A @ x - b, -y * (A @ x)
    s, p, d = fn("sigmoid", t), fn("softmax", A @ x), fn("norm", A @ x - b)
    h = fn("tanh", r)
    leaves = [
        Known(w @ x, w, flat),
        Known(x @ S @ x, (S + S.T) @ x, S + S.T),
        Known(d**2, 2 * (A.T @ r), 2 * (A.T @ A)),
        Known(d, A.T @ r / d, A.T @ (fn("eye", m) - fn("outer", r, r) / d**2) @ A / d),
        Known(fn("logsumexp", A @ x), A.T @ p, A.T @ (fn("diag", p) - fn("outer", p, p)) @ A),
        Known(fn("sum", fn("log", 1 + fn("exp", t))), -(A.T @ (y * s)), A.T @ fn("diag", s * (1 - s)) @ A),
        Known(fn("sum", fn("exp", x)), fn("exp", x), fn("diag", fn("exp", x))),
        Known(fn("sum", fn("log", x)), 1 / x, -fn("diag", 1 / x**2)),
        Known(fn("norm1", x), fn("sign", x), flat),
        _elementwise("sin", fn("cos", r), -fn("sin", r), r),
        _elementwise("relu", fn("step", r), 0 * r, r),
        _elementwise("tanh", 1 - h**2, -2 * h * (1 - h**2), r),
    ]
    return random.choice(leaves)


def _random(random: Random, depth: int) -> Known:
    if depth == 0:
        return _leaf(random)
    f, kind = _random(random, depth - 1), random.randrange(8)
    u, one = f.value, 1 + f.value**2
    if kind < 3:
        g = _leaf(random)
        both = fn("outer", f.gradient, g.gradient) + fn("outer", g.gradient, f.gradient)
        return [
            Known(u + c * g.value, f.gradient + c * g.gradient, f.hessian + c * g.hessian),
            Known(u - g.value / n, f.gradient - g.gradient / n, f.hessian - g.hessian / n),
            Known(
                u * g.value,
                u * g.gradient + g.value * f.gradient,
                both + u * g.hessian + g.value * f.hessian,
            ),
        ][kind]
    root, t = fn("sqrt", one), fn("tanh", u)
    return [
        _through(f, fn("sin", u), fn("cos", u), -fn("sin", u)),
        _through(f, root, u / root, 1 / root**3),
        _through(f, fn("log", one), 2 * u / one, (2 - 2 * u**2) / one**2),
        _through(f, t, 1 - t**2, -2 * t * (1 - t**2)),
        _through(f, u**3, 3 * u**2, 6 * u),
    ][kind - 3]


def _status(function: Tree, result: Tree, order: int, first: Tree | None = None) -> str:
    given = None if first is None else first.syntax
    return verify_derivative(function.syntax, result.syntax, ("x",), order, DECLARATIONS, first=given).status


def _product(kind: Literal["jvp", "hvp"], function: Tree, result: Tree, first: Tree | None = None) -> str:
    given = None if first is None else first.syntax
    return verify_product(kind, function.syntax, result.syntax, ("x",), "v", WITH_VECTOR, first=given).status


SEEDS = range(100)


def test_no_right_formula_is_refuted_and_nearly_all_are_verified() -> None:
    statuses = []
    for seed in SEEDS:
        known = _random(Random(seed), seed % 4)
        statuses += [
            _status(known.value, known.gradient, 1),
            _status(known.value, known.hessian, 2),
            _status(known.value, known.hessian, 2, known.gradient),
            _product("jvp", known.value, known.gradient @ v),
            _product("hvp", known.value, known.hessian @ v),
            _product("hvp", known.value, known.hessian @ v, known.gradient),
        ]
    assert statuses.count("refuted") == 0
    assert statuses.count("verified") > 0.98 * len(statuses)


def _mutants(known: Known, random: Random) -> list[tuple[Tree, int]]:
    """Gradients and Hessians with errors."""
    place = fn("eye", n)[0]
    size = fn("norm", known.gradient)
    corner, bend = fn("outer", place, place), 0.01 * fn("norm", known.hessian) + 0.01
    return [
        (known.gradient * random.choice([0.5, 2, -1, 1.01]), 1),
        (known.gradient + 0.01 * size * place, 1),
        (known.gradient + 0.1 * size * w, 1),
        (filled("zeros", n), 1),
        (known.hessian + corner * bend, 2),
        (known.hessian + bend * fn("outer", w, x), 2),
    ]


def test_every_planted_error_is_refuted() -> None:
    missed = []
    for seed in SEEDS:
        random = Random(seed)
        known = _random(random, seed % 3)
        for number, (wrong, order) in enumerate(_mutants(known, random)):
            status = _status(known.value, wrong, order)
            if status != "refuted":
                missed.append((seed, number, status))
    assert [miss for miss in missed if miss[2] == "verified"] == []
    assert len(missed) <= 0.01 * 6 * len(SEEDS)


def _chain(length: int) -> Known:
    layers = [x]
    for _ in range(length):
        layers.append(fn("tanh", S @ layers[-1] + w))
    gradient = filled("ones", n)
    for layer in reversed(layers[1:]):
        gradient = S.T @ ((1 - layer**2) * gradient)
    return Known(fn("sum", layers[-1]), gradient, gradient)


def test_a_chain_of_two_hundred_layers_is_verified() -> None:
    chain = _chain(200)
    assert _status(chain.value, chain.gradient, 1) == "verified"
    assert _status(chain.value, 1.01 * chain.gradient, 1) == "refuted"


@pytest.mark.parametrize("length", [1000, 3000, 9000])
def test_trees_of_any_size_end(length: int) -> None:
    """With 3,000 layers the gradient is lost, with 9,000 the tree is too large: that is said."""
    chain = _chain(length)
    assert _status(chain.value, 2 * chain.gradient, 1) != "verified"
