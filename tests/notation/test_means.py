"""A sum over a size is a mean only where the sum has so many entries."""

from __future__ import annotations

import hesse as hs


def test_a_product_of_one_entry_is_no_mean_of_many() -> None:
    """With one row in A, A @ t has one entry, whatever the length of t."""
    f = hs.parse("sum(b*(t*sum(A, axis=0) - sum(A @ t)/n))", "A:1,n t:n b:n")
    g = hs.gradient(f, "b")
    assert g.verification.status == "verified"
    assert "mean" not in str(g)
    assert g == hs.parse("t*sum(A, axis=0) - sum(A @ t)/n", f.declarations)


def test_the_variance_of_a_diagonal() -> None:
    g = hs.gradient(hs.parse("var(diagpart(A.T*B))", "A:1,n B:n,n"), "A")
    assert g.verification.status == "verified"


def test_a_mean_of_all_entries_is_written_so() -> None:
    f = hs.parse("b*sum(A @ x)/m + b*sum(log(y) + exp(x))/n", "x:n y:n b: A:m,n")
    assert str(hs.gradient(f, "b")) == "mean(A @ x) + mean(log(y) + exp(x))"
