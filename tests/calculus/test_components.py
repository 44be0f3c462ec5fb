"""Tables of components at the edge: signs of reciprocals, and sums of too many products."""

from __future__ import annotations

import pytest

import hesse as hs


def test_signs_of_reciprocals_are_exact() -> None:
    """1/(x - y) and 1/(y - x) are brought to one sign; the other one gets an exact -1."""
    f = hs.parse("logsumexp(i=0:n, arccos(sin(A[i+1] @ A[i+1])/2)/(x[n-1-i] - x[i]))", "A:n+1,m x:n")
    table = f.components(n=2, m=2)
    values = {"A": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], "x": [0.5, 1.5]}
    (entry,) = table.entries.entries
    assert abs(entry.evaluate(**values) - f.evaluate(**values)) < 1e-12


def test_a_sum_of_too_many_products_is_refused() -> None:
    f = hs.parse("einsum('ij,jk,kl,lm,mi->', A, A, A, A, A)", "A:n,n")
    with pytest.raises(hs.LimitError):
        f.components(n=9)
