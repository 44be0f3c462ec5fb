"""The algebra of sizes: polynomials, floors, comparisons that are never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hesse.core.sizes import ONE, Size, equal

n, m = Size.of("n"), Size.of("m")
sizes = st.recursive(
    st.integers(0, 4).map(Size.of) | st.sampled_from([n, m]),
    lambda inner: (
        st.tuples(inner, inner, st.sampled_from("+*-")).map(
            lambda t: t[0] + t[1] if t[2] == "+" else t[0] * t[1] if t[2] == "*" else t[0] - t[1]
        )
        | st.tuples(inner, st.integers(1, 3)).map(lambda t: t[0] // t[1])
    ),
    max_leaves=5,
)


@given(sizes, sizes, st.integers(1, 6), st.integers(1, 6))
def test_arithmetic_is_that_of_the_values(a: Size, b: Size, n_value: int, m_value: int) -> None:
    values = {"n": n_value, "m": m_value}
    x, y = a.evaluate(values), b.evaluate(values)
    assert ((a + b).evaluate(values), (a - b).evaluate(values), (a * b).evaluate(values)) == (x + y, x - y, x * y)
    assert (a // 3).evaluate(values) == x // 3
    assert a.substitute({"n": m + 1}).evaluate(values) == a.evaluate({"n": m_value + 1, "m": m_value})


@given(sizes, sizes, st.integers(1, 6), st.integers(1, 6))
def test_comparisons_hold_for_all_sizes(a: Size, b: Size, n_value: int, m_value: int) -> None:
    values = {"n": n_value, "m": m_value}
    same = equal(a, b)
    if same is not None:
        assert same == (a.evaluate(values) == b.evaluate(values))
    sign = (a - b).sign()
    if sign is not None:
        difference = a.evaluate(values) - b.evaluate(values)
        assert sign == (difference > 0) - (difference < 0)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [(n, n, True), (n, m, None), (n, n + 1, False), (n * m, m * n, True), (n + m, ONE, False), (n, ONE, None)],
)
def test_equal_different_unknown(left: Size, right: Size, expected: bool | None) -> None:
    assert equal(left, right) is expected


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (n - 1, "n-1"),
        (ONE - n, "1-n"),
        (n * 2 + m, "m+2*n"),
        ((n + 1) // 2, "(n+1)//2"),
        (Size.of(2) * (n // 2), "2*(n//2)"),
        ((n // 2 + m) // 3, "(2*m+n)//6"),
        ((n + 1) // 2 // 2, "(n+1)//4"),
        (((n // 2) * (n // 2)) // 3, "((n//2)**2)//3"),
        (n * n, "n**2"),
    ],
)
def test_text(size: Size, text: str) -> None:
    assert str(size) == text
