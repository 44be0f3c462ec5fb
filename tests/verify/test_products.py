"""Jacobians and Hessians times vectors: right ones are verified, wrong ones refuted."""

from __future__ import annotations

from typing import Any

import pytest

from hesse.verify.derivative import verify_product
from hesse.verify.verdict import Verification

from .trees import Tree, declare, fn, names, stacked

A, b, v, x, x1, x2 = names("A b v x x1 x2")
residual = A @ x - b
norm = fn("norm", residual)
T = fn("tanh", A @ x + b)

PRODUCTS: dict[str, tuple[Any, Tree, Tree, str, str]] = {
    "jvp of a layer": ("jvp", T, (1 - T**2) * (A @ v), "x", "A:m,n x:n b:m v:n"),
    "jvp by a matrix": ("jvp", A @ x, v @ x, "A", "A:m,n x:n v:m,n"),
    "jvp of a scalar": ("jvp", norm**2, 2 * (residual @ (A @ v)), "x", "A:m,n x:n b:m v:n"),
    "jvp of scalars": ("jvp", x1 * x2, x2 * v[0] + x1 * v[1], "x1 x2", "x1: x2: v:2"),
    "vjp of a layer": ("vjp", T, A.T @ ((1 - T**2) * v), "x", "A:m,n x:n b:m v:m"),
    "vjp by a matrix": ("vjp", A @ x, fn("outer", v, x), "A", "A:m,n x:n v:m"),
    "vjp of a scalar": ("vjp", x @ x, 2 * v * x, "x", "x:n v:"),
    "vjp of scalars": ("vjp", x1 * x2 * b, stacked(x2 * (b @ v), x1 * (b @ v)), "x1 x2", "x1: x2: b:n v:n"),
    "hvp": ("hvp", norm**2, 2 * (A.T @ (A @ v)), "x", "A:m,n x:n b:m v:n"),
    "hvp by a matrix": ("hvp", fn("sum", A**3), 6 * A * v, "A", "A:m,n v:m,n"),
    "hvp of scalars": (
        "hvp",
        x1**2 * x2,
        stacked(2 * x2 * v[0] + 2 * x1 * v[1], 2 * x1 * v[0]),
        "x1 x2",
        "x1: x2: v:2",
    ),
}


def _product(name: str, factor: float, first: Tree | None = None) -> Verification:
    kind, function, result, wrt, declarations = PRODUCTS[name]
    wanted = (factor * result).syntax
    given = None if first is None else first.syntax
    names_of = tuple(wrt.split())
    return verify_product(kind, function.syntax, wanted, names_of, "v", declare(declarations), first=given)


@pytest.mark.parametrize("name", PRODUCTS)
def test_products(name: str) -> None:
    outcome = _product(name, 1)
    assert outcome.status == "verified", str(outcome)
    assert _product(name, 1.01).status == "refuted"
    assert _product(name, 0).status == "refuted"


def test_product_from_the_gradient_and_with_the_wrong_vector() -> None:
    assert _product("hvp", 1, first=2 * (A.T @ residual)).ok
    assert _product("hvp", 2, first=2 * (A.T @ residual)).status == "refuted"
    kind, function, _, _, declarations = PRODUCTS["hvp"]
    wrong = 2 * (A.T @ (A @ x))
    assert verify_product(kind, function.syntax, wrong.syntax, ("x",), "v", declare(declarations)).status == "refuted"
