"""Matrices with structure are not built: by construction, by memory, and with the right value in random products."""

from __future__ import annotations

import random
import tracemalloc
from functools import partial

import numpy as np
import pytest

from hesse.codegen.compiled import compile_function
from hesse.codegen.emit import emit
from hesse.core.declarations import Declarations
from hesse.core.sizes import Size

from .support import DISTINCT, compare, compare_tree, read, written

BIG = Size.of("n")

UNBUILT = """
A.T @ diag(d) @ A                                   | A:n,k d:n
diag(d) @ A                                         | A:n,k d:n
A.T @ diag(d)                                       | A:n,k d:n
inv(diag(d)) @ A                                    | A:n,k d:n
diag(d) @ x + eye(n) @ x + outer(d, x) @ x          | d:n x:n
x @ (diag(d) - outer(x, d)/2 + 3*eye(n))            | d:n x:n
A.T @ (diag(d) - outer(d, d)) @ A                   | A:n,k d:n
(A @ A.T + lam*eye(n)) @ x                          | A:n,k x:n lam:
A @ A.T @ x                                         | A:n,k x:n
outer(x, x) @ A                                     | A:n,k x:n
trace(A @ B) + sum(diagpart(A @ B)*x)               | A:n,k B:k,n x:n
trace(diag(x)) + trace(outer(x, x))                 | x:n
einsum("ij,jk->ik", diag(d), A)                     | A:n,k d:n
einsum("ij,j->i", outer(d, d), x)                   | x:n d:n
eye(n)[1:].T @ (x[1:]*x[:-1])                       | x:n
(eye(n)[1:] - eye(n)[:-1]) @ A                      | A:n,k
eye(n)[idx].T @ g                                   | idx:p:index(n) g:p x:n
eye(n)[idx] @ A                                     | idx:p:index(n) A:n,k
eye(n)[0]                                           | x:n
D = eye(n)[1:] - eye(n)[:-1]; D.T @ (D @ x)         | x:n
D = eye(n)[1:] - eye(n)[:-1]; D.T @ diag(x[1:]) @ D @ x | x:n
A.T @ eye(n)[1:].T @ eye(n)[1:] @ A                 | A:n,k
(S + diag(x)) @ x                                   | S:n,n x:n
"""


@pytest.mark.parametrize("case", UNBUILT.strip().splitlines())
def test_no_square_matrix_is_built(case: str) -> None:
    text, _, declarations = case.partition("|")
    program = written(text.strip(), declarations.strip())
    square = [term for term in program.plan.steps if term.shape == (BIG, BIG) and term.head != "variable"]
    assert not square, program.source
    compare(text.strip(), declarations.strip(), DISTINCT)


def test_a_weighted_gram_matrix_takes_memory_of_its_factor() -> None:
    rows = 20_000
    function = compile_function(*read("A.T @ diag(d) @ A", "A:m,n d:m"))
    matrix, weights = np.ones((rows, 3)), np.ones(rows)
    tracemalloc.start()
    result = function(A=matrix, d=weights)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * matrix.nbytes
    np.testing.assert_array_equal(result, np.full((3, 3), rows))


def test_a_banded_matrix_is_assembled_once() -> None:
    n = 600
    text = "eye(n)[1:].T @ diag(a) @ eye(n)[:-1] + diag(x) + eye(n)[:-1].T @ diag(a) @ eye(n)[1:]"
    function = compile_function(*read(text, "a:n-1 x:n"))
    tracemalloc.start()
    result = function(a=np.full(n - 1, 2.0), x=np.ones(n))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * result.nbytes
    expected = np.eye(n) + 2 * np.eye(n, k=1) + 2 * np.eye(n, k=-1)
    np.testing.assert_array_equal(result, expected)


class Products:
    """Random well-shaped matrix expressions, as text, over named sizes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.declared: dict[str, str] = {"z_m": "m", "z_n": "n", "z_k": "k"}

    def leaf(self, rows: str, columns: str) -> str:
        """A declared array of this shape."""
        name = f"{self.random.choice('ABC')}_{rows}{columns}"
        self.declared[name] = f"{rows},{columns}" if columns else rows
        return name

    def vector(self, size: str) -> str:
        """A declared vector."""
        return self.leaf(size, "")

    def matrix(self, rows: str, columns: str, depth: int) -> str:
        """A matrix of the shape."""
        choices = [self.leaf, self.outer]
        if rows == columns:
            choices += [self.diagonal, self.gathered]
        if depth > 0:
            choices = [*choices, *[partial(self.nested, depth=depth - 1)] * 2 * len(choices)]
        return self.random.choice(choices)(rows, columns)

    def outer(self, rows: str, columns: str) -> str:
        """A matrix of rank one."""
        return f"outer({self.vector(rows)}, {self.vector(columns)})"

    def diagonal(self, rows: str, columns: str) -> str:
        """A diagonal matrix, a multiple of the identity, or an inverse."""
        choices = [f"diag({self.vector(rows)})", f"eye({rows})", f"inv({self.leaf(rows, columns)} + 9*eye({rows}))"]
        return self.random.choice(choices)

    def gathered(self, rows: str, columns: str) -> str:
        """A matrix made of selected rows and columns of the identity."""
        self.declared |= {f"idx_{rows}": f"p:index({rows})", "w_p": "p"}
        picked = f"eye({rows})[idx_{rows}]"
        lower, upper = f"eye({rows})[1:]", f"eye({rows})[:-1]"
        choices = [
            f"({picked}.T @ diag(w_p) @ {picked})",
            f"({picked}.T @ {picked})",
            f"({lower}.T @ diag({self.vector(rows)}[1:]) @ {upper})",
            f"({lower}.T @ ({lower} - {upper}))",
        ]
        return self.random.choice(choices)

    def nested(self, rows: str, columns: str, depth: int) -> str:
        """A matrix made of other matrices."""
        inner = self.random.choice("mnk")
        left, right = self.matrix(rows, inner, depth), self.matrix(inner, columns, depth)
        one, other = self.matrix(rows, columns, depth), self.matrix(rows, columns, depth)
        scaled = self.random.choice(["(c*{})", "(-{})", "({}/c)", "(2*{}*c)"]).format(one)
        self.declared["c"] = ""
        turned = f"({self.matrix(columns, rows, depth)}).T"
        operator = self.random.choice("+-")
        return self.random.choice([*[f"({left} @ {right})"] * 4, f"({one} {operator} {other})", scaled, turned])

    def expression(self) -> str:
        """A matrix, a product with vectors, a trace or a diagonal."""
        rows, columns = self.random.choice("mnk"), self.random.choice("mnk")
        depth = self.random.randrange(1, 4)
        matrix = self.matrix(rows, columns, depth)
        match self.random.choice(["matrix", "right", "left", "both", "trace", "diagpart"]):
            case "matrix":
                return matrix
            case "right":
                return f"{matrix} @ {self.vector(columns)}"
            case "left":
                return f"{self.vector(rows)} @ {matrix}"
            case "both":
                return f"{self.vector(rows)} @ {matrix} @ {self.vector(columns)}"
            case word:
                return f"{word}({self.matrix(rows, rows, depth)})"


@pytest.mark.parametrize("seed", range(250))
def test_random_products(seed: int) -> None:
    products = Products(seed)
    text = products.expression()
    declarations = " ".join(f"{name}:{shape}" for name, shape in products.declared.items())
    tree, declared = read(text, declarations)
    sizes = {"m": 4, "n": 3, "k": 2, "p": 5} if seed % 5 or "1:" in text else {"m": 1, "n": 1, "k": 1, "p": 1}
    compare_tree(tree, declared, sizes)
    assert emit(tree, declared) == emit(tree, Declarations(declared.entries))
