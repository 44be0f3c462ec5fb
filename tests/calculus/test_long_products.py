"""Derivatives with products of more factors than are joined into one."""

from __future__ import annotations

import pytest

import hesse as hs


@pytest.mark.parametrize(
    ("text", "declarations", "wrt", "order"),
    [
        # A sum of long products on a diagonal, repeated along an axis: multiplied out and put together again for ever.
        ("mean(log(1 + diag(silu(mean(sqrt(sigmoid(A)), axis=-2)))**2))", "A:n,n+1:pos", "A", 2),
        (
            "tan(abs(sqrt(abs(where((1 + a**2)**(1/2) < sum(x), mean(A @ zeros(n)), relu(x @ x))) + 1/2)) + 1/2)",
            "a: x:m:simplex A:n,n:simplex",
            "x",
            3,
        ),
    ],
)
def test_sums_of_long_products_end(text: str, declarations: str, wrt: str, order: int) -> None:
    assert hs.derivative(hs.parse(text, declarations), wrt, order=order).verification.status == "verified"
