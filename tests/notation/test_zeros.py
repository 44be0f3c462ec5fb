"""Sums that turn out to vanish while they are written."""

from __future__ import annotations

import hesse as hs


def test_a_sum_that_vanishes_without_its_scalars() -> None:
    """The norm of x*s, with a linear s, is |s| times the norm of x: its second derivative is 0."""
    f = hs.parse("norm(mean((outer(x, y) @ (A @ B))[:, 1:-1], axis=1))", "x:n y:3 A:3,n-1 B:n-1,n+1")
    product = hs.hvp(f, "A")
    assert product.verification.status == "verified"
    assert "zeros(n - 1)" in str(product)
