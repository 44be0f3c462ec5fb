"""Right results at points where a function is saturated: what it loses beside 1 refutes nothing."""

from __future__ import annotations

import pytest

import hesse as hs


@pytest.mark.parametrize(
    ("text", "declarations"),
    [
        ("log_softmax(x**4)", "x:n"),
        ("log_softmax(einsum('li,i,k->i', A, x, y))[1:]", "A:n,m+1 x:m+1 y:n-1"),
    ],
)
def test_the_largest_entry_of_a_log_softmax_stands_still(text: str, declarations: str) -> None:
    """It is -log(1 + 1e-18), which is 0; its derivative is 1e-18."""
    assert hs.jacobian(hs.parse(text, declarations), "x").verification.status == "verified"
