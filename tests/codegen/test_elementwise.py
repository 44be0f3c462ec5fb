"""Random elementwise expressions: numbers, truth values, integers and floats meet in every order; no warnings."""

from __future__ import annotations

import math
import random
import warnings

import numpy as np
import pytest

from hesse.codegen import compile_function

from .support import point, read, reference

DECLARATIONS = "x:n y:n X:m,n z:m c: idx:n:index(p) w:p k:"
LEAVES = {
    0: ["c", "n", "2", "0", "1/3", "0.5", "pi", "x[0]", "3", "k", "(-1)", "idx[0]", "m"],
    1: ["x", "y", "ones(n)", "zeros(n)", "2*ones(n)", "X[0]", "idx", "w[idx]", "eye(n)[0]"],
    2: ["X", "ones((m, n))", "outer(z, x)", "X.T.T"],
}
BINARY = ["+", "-", "*", "<", ">", "<=", ">=", "!=", "=="]
UNARY = ["exp(tanh({}))", *"sin({}) abs({}) sign({}) sigmoid({}) softplus({}) relu({}) step({}) silu({}) (-{})".split()]
POWERS = ["({})**2", "({})**0", "(1 + abs({}))**(-1)", "(1 + abs({}))**0.5", "(2 + abs({}))**(-2)", "2**tanh({})"]
PATTERNS = [*UNARY, *POWERS, "sqrt(1 + ({})**2)", "log(1 + ({})**2)", "(1 + abs({}))**(c/9)", "{}/(n + 1)"]
REDUCTIONS = ["sum({}/9)", "mean({})", "norm({}/9)", "logsumexp({}/9)", "norm1({}/9)"]


class Expressions:
    """Random expressions of a given rank, as text."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def make(self, rank: int, depth: int) -> str:
        """An expression."""
        if depth <= 0:
            return self.random.choice(LEAVES[rank])
        choices = [self.binary, self.binary, self.unary, self.chosen]
        if rank < 2:
            choices.append(self.reduced)
        return self.random.choice(choices)(rank, depth - 1)

    def binary(self, rank: int, depth: int) -> str:
        """Two operands, broadcast."""
        ranks = [rank, self.random.randrange(rank + 1)]
        self.random.shuffle(ranks)
        left, right = (self.make(part, depth) for part in ranks)
        return f"({left} {self.random.choice(BINARY)} {right})"

    def unary(self, rank: int, depth: int) -> str:
        """One operand."""
        return f"({self.random.choice(PATTERNS).format(self.make(rank, depth))})"

    def chosen(self, rank: int, depth: int) -> str:
        """The larger, the smaller, or one by a condition."""
        first, second = self.make(rank, depth), self.make(self.random.randrange(rank + 1), depth)
        condition = f"{self.make(rank, depth)} > {self.make(0, depth)}"
        pattern = self.random.choice(["maximum({1}, {2})", "minimum({2}, {1})", "where({0}, {1}, {2})"])
        return pattern.format(condition, first, second)

    def reduced(self, rank: int, depth: int) -> str:
        """A reduction of something of higher rank."""
        if rank:
            return f"{self.random.choice(['sum', 'mean'])}({self.make(2, depth)}/9, axis=0)"
        return self.random.choice(REDUCTIONS).format(self.make(self.random.choice([1, 2]), depth))


@pytest.mark.parametrize("seed", range(300))
def test_random_expressions(seed: int) -> None:
    expressions = Expressions(seed)
    tree, declared = read(expressions.make(seed % 3, 1 + seed % 4), DECLARATIONS)
    sizes = {"m": 3, "n": 2, "p": 4} if seed % 4 else {"m": 1, "n": 1, "p": 1}
    values = point(declared, sizes, seed)
    expected = reference(tree, values, sizes)
    assert all(map(math.isfinite, expected.entries))
    function = compile_function(tree, declared)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        actual = function(**values)
    assert type(actual) is (np.ndarray if expected.shape else np.float64)
    assert actual.dtype == np.float64 and actual.shape == expected.shape
    scale = 1 + max(map(abs, expected.entries))
    wanted = np.array(expected.nested())
    np.testing.assert_allclose(actual, wanted, rtol=1e-9, atol=1e-9 * scale, err_msg=function.source)
