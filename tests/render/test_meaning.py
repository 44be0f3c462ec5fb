"""No two trees of different meaning are written alike, and text reads back to the same meaning."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hesse.core.declarations import Declarations
from hesse.core.syntax import Syntax
from hesse.frontends.text import parse_text
from hesse.render.latex import to_latex
from hesse.render.sharing import share
from hesse.render.text import to_text
from hesse.render.unicode import to_unicode

from .random_trees import DECLARATIONS, Array, binary, finite, grown, leaves, same, unary, value

RENDERERS = [to_text, to_unicode, to_latex]


@pytest.mark.parametrize("render", RENDERERS)
def test_writing_is_unambiguous(render: Callable[[Syntax, Declarations], str]) -> None:
    seen: dict[str, tuple[Syntax, Array]] = {}
    for tree, known in grown(Random(11), 6_000):
        other, expected = seen.setdefault(render(tree, DECLARATIONS), (tree, known))
        assert same(known, expected), (to_text(tree, DECLARATIONS), to_text(other, DECLARATIONS))
    assert len(seen) > 3_000


@st.composite
def trees(draw: st.DrawFn, steps: int = 9) -> Syntax:
    """A tree grown by random operations on what is there already."""
    pool: list[tuple[Syntax, Array]] = [(leaf, value(leaf)) for leaf in leaves()]
    for _ in range(draw(st.integers(1, steps))):
        picked = st.one_of(st.integers(len(pool) - 2, len(pool) - 1), st.integers(0, len(pool) - 1))
        (a, p), (b, q) = pool[draw(picked)], pool[draw(picked)]
        tree = draw(st.sampled_from([*unary(a, p.ndim), *binary(a, b, (p.ndim, q.ndim))]))
        known = finite(tree)
        if known is not None:
            pool.append((tree, known))
    return pool[-1][0]


@given(trees())
@settings(max_examples=300, deadline=None)
def test_text_reads_back(tree: Syntax) -> None:
    text = to_text(tree, DECLARATIONS)
    read, _ = parse_text(text, DECLARATIONS)
    assert same(value(read), value(tree)), text
    # Nested signs may settle at the second reading only.
    settled = to_text(read, DECLARATIONS)
    assert to_text(parse_text(settled, DECLARATIONS)[0], DECLARATIONS) == settled


@given(trees(steps=14))
@settings(max_examples=200, deadline=None)
def test_shared_tree_has_the_same_value(tree: Syntax) -> None:
    shared = share(tree, DECLARATIONS, long=4)
    text = to_text(shared, DECLARATIONS)
    read, _ = parse_text(text, DECLARATIONS)
    assert same(value(shared), value(tree)), text
    assert same(value(read), value(tree)), text


@given(trees())
@settings(max_examples=200, deadline=None)
def test_brackets_and_braces_close(tree: Syntax) -> None:
    for text in (to_text(tree, DECLARATIONS), to_unicode(tree, DECLARATIONS), to_latex(tree, DECLARATIONS)):
        for opening, closing in ("()", "[]", "{}"):
            assert text.count(opening) == text.count(closing), text
