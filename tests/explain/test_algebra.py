"""The laws of algebra: each is found where it is used and where no other will do, and what is false is by none."""

from __future__ import annotations

import pytest

import hesse as hs
from hesse.core.nodes import Node
from hesse.explain.algebra import Reader
from hesse.explain.laws import ARRANGING, COLLECTING, ENTRIES, LAWS, MULTIPLYING, OPTIONAL, SUMS, Law
from hesse.verify.equality import verify_equal

SHAPES = "a:n b:n c:n s: t: A:n,n B:n,n C:n,n P:m,n Q:n,m"


def laws(before: str, after: str, declarations: str = SHAPES) -> tuple[str, ...] | None:
    """The ids of the laws by which two expressions are equal."""
    found = reader(before, declarations).laws(*(hs.parse(text, declarations).tree for text in (before, after)))
    return None if found is None else tuple(law.id for law in found)


def reader(text: str, declarations: str) -> Reader:
    """A reader of expressions without differentials."""

    def none(name: str) -> Node:
        raise KeyError(name)

    return Reader(hs.parse(text, declarations)._declarations, {}, none)


@pytest.mark.parametrize("law", [ARRANGING, *OPTIONAL], ids=lambda law: law.id)
def test_each_law_is_found_in_its_own_example(law: Law) -> None:
    assert laws(*law.example) == (law.id,)


@pytest.mark.parametrize("law", OPTIONAL, ids=lambda law: law.id)
def test_no_other_law_will_do(law: Law) -> None:
    before, after, declarations = law.example
    trees = [hs.parse(text, declarations).tree for text in (before, after)]
    assert reader(before, declarations).equal(*trees, frozenset({law}))
    assert not reader(before, declarations).equal(*trees, frozenset())


@pytest.mark.parametrize("law", LAWS.values(), ids=lambda law: law.id)
def test_the_examples_are_true(law: Law) -> None:
    before, after, declarations = law.example
    trees = [hs.parse(text, declarations) for text in (before, after)]
    assert verify_equal(trees[0].tree, trees[1].tree, trees[0]._declarations).ok


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("trace(A @ B @ C)", "trace(C @ A @ B)", {"cyclic"}),
        ("trace(A @ B @ C)", "trace(C.T @ B.T @ A.T)", {"transposing"}),
        ("trace(A @ B.T)", "trace(A.T @ B)", {"cyclic", "transposing"}),
        ("a @ B @ c", "c @ B.T @ a", {"transposing"}),
        ("a @ c", "c @ a", {"transposing"}),
        ("(A @ a) @ b", "a @ (A.T @ b)", {"transposing"}),
        ("a @ (B + C) @ c", "c @ B.T @ a + a @ C @ c", {"multiplying", "transposing"}),
        ("(a*b) @ c", "a @ (b*c)", {"inner"}),
        ("A @ diag(a) @ b", "A @ (a*b)", {"diagonal"}),
        ("a/s - (a @ b)*c/s", "(eye(n) - outer(c, b)) @ a/s + 0*c", {"outer", "identity", "multiplying"}),
        ("sum(P*Q.T)", "trace(P @ Q)", {"frobenius", "transposing"}),
        ("norm(A)**2", "sum(A**2)", {"squared-norm"}),
        ("norm(A)**2", "trace(A.T @ A)", {"squared-norm", "frobenius", "powers"}),
        ("s*a*t", "t*a*s", {"arranging"}),
        ("A @ (s*a)", "s*(A @ a)", {"arranging"}),
        ("(A @ B) @ a", "A @ (B @ a)", {"arranging"}),
        ("-(s*a)", "(-a)*s", {"arranging"}),
        ("s*s*a/s", "s*a", {"powers"}),
        ("2*(a - mean(a)) @ (b - mean(b))", "2*(a - mean(a)) @ b", {"mean", "inner", "multiplying"}),
    ],
)
def test_what_is_named_is_what_is_needed(before: str, after: str, expected: set[str]) -> None:
    assert set(laws(before, after) or ()) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A @ B", "B @ A"),
        ("trace(A @ B @ C)", "trace(A @ C @ B)"),
        ("(A @ B).T", "A.T @ B.T"),
        ("A", "A.T"),
        ("a*b", "outer(a, b) @ b"),
        ("diag(a) @ A", "A @ diag(a)"),
        ("norm(a)", "a @ a"),
        ("sum(a*b)", "sum(a)*sum(b)"),
        ("mean(a)", "sum(a)"),
        ("(s + t)**2*a", "s**2*a + t**2*a"),
        ("s/t", "t/s"),
        ("a", "-a"),
        ("2*a", "a"),
    ],
)
def test_what_is_false_is_so_by_no_law(before: str, after: str) -> None:
    assert laws(before, after) is None


def test_what_is_written_alike_needs_no_law() -> None:
    assert laws("a @ B @ c", "a @ B @ c") == ()


def test_the_distributive_law_has_the_name_of_its_direction() -> None:
    read = reader("s*a + t*a", SHAPES)
    apart, together = (hs.parse(text, SHAPES).tree for text in ("s*a + t*a", "(s + t)*a"))
    assert read.named(apart, together) == (COLLECTING.named,)
    assert read.named(together, apart) == (MULTIPLYING.named,)
    assert read.named(apart, together, collecting=True) == ()


def test_where_no_choice_of_laws_is_found_the_entries_are_compared() -> None:
    read = reader("norm(A @ a)**2", SHAPES)
    trees = [hs.parse(text, SHAPES).tree for text in ("norm(A @ a)**2", "a @ A.T @ A @ a")]
    assert read.named(*trees) == (ENTRIES.named,)


def test_statements_are_in_every_notation() -> None:
    for law in (*OPTIONAL, SUMS):
        statement = law.named.statement
        assert statement.text.isascii() and statement.latex.isascii() and r"\text{}" not in statement.latex
        assert statement.latex.count("{") == statement.latex.count("}")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("-400*s*(t - s**2)*1 - 2*(1 - s)", "2*s - 400*s*(t - s**2) - 2", {"multiplying"}),
        ("-200*(t - s**2)*2*s", "-400*s*(t - s**2)", {"arranging"}),
        ("-s*(t - s)", "s*(s - t)", {"arranging"}),
        ("2*(1 - s)/t", "(2 - 2*s)/t", {"multiplying"}),
    ],
)
def test_multiplying_out_is_named_where_it_is_used(before: str, after: str, expected: set[str]) -> None:
    assert set(laws(before, after) or ()) == expected


def test_terms_that_are_multiplied_out_before_they_are_collected() -> None:
    read = reader("s", SHAPES)
    before, after = (hs.parse(text, SHAPES).tree for text in ("-4*(t - s**2) + 8*s**2", "12*s**2 - 4*t"))
    assert MULTIPLYING.named in read.named(before, after, collecting=True)
