"""The three views of a result say the same, and a view that does not is found out."""

from __future__ import annotations

from dataclasses import replace

import pytest

import hesse as hs
from hesse.core.syntax import Binary, number
from hesse.service.views import verified_index
from hesse.verify.entries import verify_table


@pytest.mark.parametrize(
    ("text", "declarations", "wrt", "sizes"),
    [
        ("norm(A @ x - b)**2", "A:m,n x:n b:m", "x", {"m": 2, "n": 3}),
        ("logsumexp(W @ x)", "W:m,n x:n", "W", {"m": 1, "n": 2}),
        ("trace(inv(X) @ A)", "X:n,n A:n,n", "X", {"n": 2}),
        ("sum((x[1:] - x[:-1]**2)**2)", "x:n", "x", {"n": 4}),
        ("sum(c[idx]**3)", "c:n idx:p:index(n)", "c", {"n": 3, "p": 4}),
    ],
)
def test_all_views_are_compared(text: str, declarations: str, wrt: str, sizes: dict[str, int]) -> None:
    f = hs.parse(text, declarations)
    for result in (hs.gradient(f, wrt), hs.hessian(f, wrt)):
        if "index(" in declarations:
            sizes = {}
        found = hs.views(result, **sizes)
        assert found.index is not None and found.verification["index"].ok
        assert (found.components is not None) is bool(sizes)
        assert all(claim.ok for claim in found.verification.values())
        for shown in (str(found), found._repr_markdown_()):
            assert "index notation" in shown.lower() and str(result) in str(found)


def test_scalars_need_no_sizes_and_have_no_index() -> None:
    found = hs.views(hs.derivative(hs.parse("x1**2*x2", "x1: x2:"), "x1"))
    assert found.index is None and found.components is not None
    assert str(found).splitlines()[0] == "closed form: 2*x1*x2"


def test_a_wrong_index_notation_is_refuted() -> None:
    result = hs.gradient(hs.parse("norm(A @ x)**2", "A:m,n x:n"), "x")
    index = result.indexed()
    wrong = replace(index, form=replace(index.form, body=Binary("*", index.form.body, number(2))))
    assert verified_index(result, wrong).status == "refuted"


def test_a_wrong_table_is_refuted() -> None:
    result = hs.jacobian(hs.parse("A @ x", "A:m,n x:n"), "x")
    trees = result.components(m=2, n=3).entries.map(lambda entry: entry.tree)
    swapped = replace(trees, entries=[trees.entries[1], trees.entries[0], *trees.entries[2:]])
    sizes = {"m": 2, "n": 3}
    assert verify_table(result.tree, trees, result._declarations, sizes).status == "verified"
    assert verify_table(result.tree, swapped, result._declarations, sizes).status == "refuted"
