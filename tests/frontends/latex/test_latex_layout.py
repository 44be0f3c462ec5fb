"""How rows and columns are set, ends of lines, and definitions behind a comma."""

from __future__ import annotations

import pytest

import hesse as hs

LAYOUT = [
    (r"\begin{bmatrix} a \\[1ex] b \end{bmatrix}", "[a, b]"),
    (r"\begin{pmatrix} a & b \\[-2.5 mm] c & d \\*\end{pmatrix}", "[[a, b], [c, d]]"),
    (r"\begin{pmatrix} a \\*[4pt] [b] \end{pmatrix}", "[a, b]"),
    (r"\begin{pmatrix} a \\[b] \end{pmatrix}", "[a, b]"),
    (r"\begin{pmatrix} a \\ [2c] \end{pmatrix}", "[a, 2*c]"),
    (r"\begin{array}{c} a \\ b \end{array}", "[a, b]"),
    (r"\left[\begin{array}{@{}r|l@{}} a & b \\ c & d \end{array}\right]", "[[a, b], [c, d]]"),
    (r"\begin{array}[t]{c} a \\ b \end{array}", "[a, b]"),
    (r"\begin{bmatrix*}[r] a \\ b \end{bmatrix*}", "[a, b]"),
    (r"\begin{bmatrix} [c] \\ b \end{bmatrix}", "[c, b]"),
    (r"\begin{alignat}{2} f &= a \\[1ex] &+ b \end{alignat}", "a + b"),
    (r"\begin{aligned}[t] a + {} \\ b \end{aligned}", None),
    (r"\begin{align} a \\ &\cdot b \end{align}", "a*b"),
    (r"\begin{align} a \\ b \end{align}", None),
    (r"\begin{gather} a(b) \\ (c + d) \end{gather}", None),
]


@pytest.mark.parametrize(("latex", "text"), LAYOUT, ids=[row[0] for row in LAYOUT])
def test_how_rows_and_columns_are_set_is_no_factor(latex: str, text: str | None) -> None:
    if text is None:
        with pytest.raises(hs.ParseError):
            hs.parse(latex, "a: b: c: d:", notation="latex")
    else:
        assert str(hs.parse(latex, "a: b: c: d:", notation="latex")) == text


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"r^\top r, r = Ax - b", "r = A @ x - b; r @ r"),
        (r"f(x) = r^\top r, \quad s = 2b,\; r = Ax - s", "s = 2*b; r = A @ x - s; r @ r"),
    ],
)
def test_definitions_behind_a_comma(latex: str, text: str) -> None:
    f = hs.parse(latex, "A:m,n x:n b:m", notation="latex")
    assert f == hs.parse(text, "A:m,n x:n b:m")
    assert any(reading.startswith("`r = Ax - ") and reading.endswith("read as a definition") for reading in f.readings)


@pytest.mark.parametrize(
    "latex", ["r = Ax - b, f = r^\\top r", "x^\\top x, r = Ax", "x^\\top x, A x = b", "x, y, r = x"]
)
def test_what_stands_behind_a_comma_is_not_dropped(latex: str) -> None:
    with pytest.raises(hs.ParseError):
        hs.parse(latex, "A:m,n x:n b:m y:n", notation="latex")
