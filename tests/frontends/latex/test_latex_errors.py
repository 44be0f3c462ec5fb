"""What cannot be read, or can be read in two ways: the place, what was expected, and what to write."""

from __future__ import annotations

import pytest

import hesse as hs

QUESTIONS = [
    ("x y", "x:n y:n", "x y", (r"x^\top y", r"x \odot y", r"x y^\top")),
    ("x^2", "x:n", "x^2", (r"x^{\odot 2}", r"\lVert x \rVert^2")),
    (r"\exp(A)", "A:n,n", r"\exp(A)", (r"\exp_{\odot}(A)",)),
    (r"e^{A}", "A:n,n", "e^{A}", (r"\exp_{\odot}(A)",)),
    (
        r"\lambda/2 \|w\|^2",
        "w:n λ:",
        r"\lambda/2 \|w\|^2",
        (r"\frac{\lambda}{2} \|w\|^2", r"\frac{\lambda}{2 \|w\|^2}"),
    ),
    ("1/2x", "x:", "1/2x", (r"\frac{1}{2} x", r"\frac{1}{2x}")),
    (r"\frac{1}{A}", "A:n,n", r"\frac{1}{A}", (r"1 \oslash A", "1 (A)^{-1}")),
    ("exp(x)", "x:", "exp", (r"\exp(...)", r"e \, x \, p \, (...)")),
    ("x^10", "x:", "10", ("^{10}", "^1 0")),
    ("x_12", "x:", "12", ("_{12}", r"_1 \cdot 2")),
    ("x2", "x:", "x2", ("x_{2}", "x^{2}", "2 x")),
    ("ab", "a: b: ab:", "ab", (r"\mathrm{ab}", "a b")),
    ("x^T", "x: T:", "T", (r"^\top", r"^{1 \cdot T}")),
    (r"\sin^{-1}(x)", "x:", r"\sin^{-1}", (r"\arcsin(...)", r"\frac{1}{\sin(...)}")),
    (r"\operatorname{diag}(A)", "A:n,n", r"\operatorname{diag}(A)", None),
    (r"f(x)", "x:", "f", None),
    (r"x \times y", "x:n y:n", r"x \times y", (r"x^\top y", r"x \odot y", r"x y^\top")),
    (r"x * y", "x:n y:n", "x * y", (r"x^\top y", r"x \odot y", r"x y^\top")),
    ("X_{123}", "X:m,n", "123", None),
    ("x_+", "x:n", "x_+", (r"\max(x, 0)", r"x_{\text{plus}}")),
    (r"\cos x x", "x:", "x x", (r"\cos(x x)", r"\cos(x) \cdot x")),
    (r"\sin y x^2 y", "x: y:", "y x^2 y", (r"\sin(y x^2 y)", r"\sin(y x^2) \cdot y")),
    (r"\sin y (1-x)", "x: y:", "y (1-x)", (r"\sin(y (1-x))", r"\sin(y) \cdot (1-x)")),
    (r"\det X X^{-\top}", "X:n,n", r"X X^{-\top}", (r"\det(X X^{-\top})", r"\det(X) \cdot X^{-\top}")),
    (r"\sin 2\, x", "x:", r"2\, x", (r"\sin(2 x ...)", r"\sin(2) \, x ...")),
    (
        r"\langle 2xy, x+y\rangle",
        "x: y:",
        r"\langle 2xy, x+y\rangle",
        (r"\begin{bmatrix} 2xy \\ x+y \end{bmatrix}", r"2xy \cdot (x+y)"),
    ),
    ("(a)_-", "a:", "(a)_-", (r"\max(-(a), 0)", r"\min((a), 0)")),
]


@pytest.mark.parametrize(("latex", "declarations", "place", "readings"), QUESTIONS, ids=[row[0] for row in QUESTIONS])
def test_two_readings_are_asked_about(
    latex: str, declarations: str, place: str, readings: tuple[str, ...] | None
) -> None:
    with pytest.raises(hs.AmbiguousError) as caught:
        hs.parse(latex, declarations, notation="latex")
    assert caught.value.span is not None
    assert latex[caught.value.span.start : caught.value.span.end] == place
    if readings is not None:
        assert caught.value.readings == readings


def test_every_way_to_write_it_is_read() -> None:
    for _, declarations, _, readings in QUESTIONS:
        for reading in readings or ():
            if "..." not in reading and not reading.startswith(("^", "_")) and declarations != "x:":
                hs.parse(reading, declarations, notation="latex")


ERRORS = [
    (r"(A x)_{\max}", "A:m,n x:n", "only a name has such a subscript", r"(A x)_{\max}"),
    ("", "x:", "the formula is empty", ""),
    (r"\frac", "x:", r"expected an argument of `\frac`, found the end", r"\frac"),
    (r"\frac{x}", "x:", "expected an argument", "}"),
    ("(x", "x:", "`(` is not closed", "("),
    ("x)", "x:", "`)` closes no bracket", ")"),
    ("(x]", "x:", "`]` cannot close `(`", "]"),
    (r"\left( x", "x:", r"`\left(` is not closed", r"\left("),
    ("{x", "x:", "`{` is not closed", "{"),
    ("|x", "x:", "`|` is not closed", "|"),
    ("x +", "x:", "expected an expression after `+`, found the end", "+"),
    ("x + * y", "x: y:", "expected an expression after `+`, found `*`", "*"),
    (r"\lamda x", "x:", r"`\lamda` is not known", r"\lamda"),
    (r"\foo{x}", "x:", r"`\foo` is not known", r"\foo"),
    (r"\operatorname{sofmax}(x)", "x:n", "`sofmax` is not a function", r"\operatorname{sofmax}"),
    (r"\mathbb{E}[x]", "x:", r"`\mathbb{E}` is not in the notation", r"\mathbb{E}"),
    (r"\frac{\partial f}{\partial x}", "x:", r"`\partial` is not in the notation", r"\partial"),
    (r"\frac{d}{dx} x^2", "x:", "this looks like a derivative", r"\frac{d}{dx}"),
    (r"x\,\mathrm{d}x", "x:", "a differential is not in the notation", r"\mathrm{d}"),
    (r"\int x", "x:", "is not in the notation", r"\int"),
    (r"\sum x_i", "x:n", r"`\sum` without an index", r"\sum"),
    (r"\sum_{k \neq i} x_k", "x:n", "a sum that leaves out `i` is not read", r"k \neq i"),
    (r"\sum_{i \in S} x_i", "x:n", "this is no index of a sum", r"\in"),
    (r"\sum_i x_i + y_i", "x:n y:n", "the index `i` runs over nothing here", "i"),
    (r"\sum_{i=1}^n y_i", "x:n y:m", "`i` reaches the position n, and the axis has the size m", "i"),
    (r"\sum_{i=0}^n x_i", "x:n", "`i` begins at 0, and the position 0 does not exist", "i"),
    (r"\sum_{i=1}^{n} x_{i+1}", "x:n", "`i` reaches the position n+1", "i"),
    ("x_i", "x:n", "the index in `x_i` runs over nothing", "x_i"),
    ("A_{ij}", "A:m,n", "the index in `A_{ij}` runs over nothing", "A_{ij}"),
    ("x_{0}", "x:n", "positions count from 1", "0"),
    ("x_{n+1}", "x:n", "outside", "n+1"),
    ("x_{1,2}", "x:n", "has 1 axes and 2 indices", "x_{1,2}"),
    ("A + b", "A:n,n b:n", "a matrix plus a column: `A` and `b`", "A + b"),
    (r"x + x^\top", "x:n", r"a column plus a row", r"x + x^\top"),
    ("A B", "A:m,n B:m,n", "", "A B"),
    ("x A", "A:n,n x:n", "a column times a matrix: `x` and `A`", "x A"),
    (r"A x^\top", "A:n,n x:n", r"a matrix times a row: `A` and `x^\top`", r"A x^\top"),
    ("{a+b}c", "a: b: c:", "braces do not show", "{a+b}"),
    ("{a+b}^2", "a: b:", "braces do not show", "{a+b}"),
    ("x^-1", "x:", "a superscript that begins with a minus needs braces", "-"),
    ("x^2^3", "x:", "two superscripts", "^"),
    ("x_1_2", "x:", "two subscripts", "_"),
    ("a < b < c", "a: b: c:", "comparisons are not chained", "<"),
    (r"\|A\|_2", "A:m,n", r"the norm `\|A\|_2` is not in the vocabulary", r"\|A\|_2"),
    (r"\min_{w} \|Xw-y\|^2", "X:m,n w:n y:m", "`w` is declared and cannot be an index", "w"),
    (r"\|x\|^2 = x^\top x", "x:n", "an equation is no function", r"\|x\|^2"),
    ("a = b = c", "b: c:", "a chain of equations", "="),
    ("x, y", "x: y:", "one expression is expected", ","),
    (r"x^2 \text{ for all } x", "x:", "`for all` cannot be a name", r"\text{ for all }"),
    (r"\begin{bmatrix} 1 & 2 \\ 3 \end{bmatrix}", "x:", "the rows of the matrix have different lengths", None),
    (r"\begin{bmatrix} 1", "x:", r"`\begin{bmatrix}` has no `\end{bmatrix}`", r"\begin{bmatrix}"),
    (r"\begin{cases} 1 & x > 0 \\ 2 & x < 0 \end{cases}", "x:", "what holds otherwise", None),
    (r"\hat{x+y}", "x: y:", r"`\hat` stands on a letter only", r"\hat{x+y}"),
    (r"\mathbf{1}", "x:n", r"the size of `\mathbf{1}` does not follow", r"\mathbf{1}"),
    (r"A^{1/2}", "A:n,n", "the power `1/2` of a matrix is not in the vocabulary", "A^{1/2}"),
    (r"r, \quad \text{where } s", "r:", "behind `where` stand definitions", "s"),
    (r"r, \quad \text{where } r = 1", "r:", "`r` is declared and cannot be defined", "r"),
    (r"\nabla f(x)", "x:n", r"`\nabla` is read only for a declared function", r"\nabla f"),
    ("n!", "x:n", "is not in the notation", "!"),
    ("x ; y", "x: y:", "one expression is expected", ";"),
    ("#x", "x:", "unexpected character `#`", "#"),
    ("\\", "x:", "a backslash without a command", "\\"),
]


@pytest.mark.parametrize(("latex", "declarations", "message", "place"), ERRORS, ids=[row[0] for row in ERRORS])
def test_the_place_and_what_is_wrong(latex: str, declarations: str, message: str, place: str | None) -> None:
    with pytest.raises(hs.HesseError) as caught:
        hs.parse(latex, declarations, notation="latex")
    error = caught.value
    assert message in error.message
    assert error.source == latex
    assert error.span is not None
    if place is not None:
        assert latex[error.span.start : error.span.end] == place


@pytest.mark.parametrize(
    ("latex", "hint"),
    [
        (r"\lamda x", r"did you mean `\lambda`?"),
        (r"\operatorname{sofmax}(x)", r"did you mean `\operatorname{softmax}`?"),
        (r"\foo{x}", "macros of your own are not known here"),
        (r"\lVert \cdot \rVert", "in the place of the dot"),
        (r"A + b", r"A + b \mathbf{1}^\top"),
    ],
)
def test_hints(latex: str, hint: str) -> None:
    with pytest.raises(hs.HesseError) as caught:
        hs.parse(latex, "A:n,n b:n x:n", notation="latex")
    assert hint in str(caught.value)


def test_the_notations_are_named() -> None:
    with pytest.raises(hs.ArgumentError, match="text, latex"):
        hs.parse("x", "x:", notation="word")
