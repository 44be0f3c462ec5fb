"""The parts of the renderers: numbers, names, positions, templates, ranks, and LaTeX that compiles."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from matplotlib.mathtext import MathTextParser

from hesse.core.syntax import Binary, Call, Index, Name, Num, Slice, Syntax, Tuple, postorder
from hesse.errors import ArgumentError, LimitError
from hesse.frontends.text import parse_declarations, parse_text
from hesse.functions import FUNCTIONS
from hesse.notation.ranks import ranks
from hesse.render.latex import latex_parts, mathtext, to_latex
from hesse.render.precedence import Level
from hesse.render.templates import choose
from hesse.render.text import text_parts, to_text
from hesse.render.unicode import to_unicode, unicode_parts

from .test_tables import ROWS

NONE = parse_declarations("")


@pytest.mark.parametrize(
    ("value", "text", "unicode", "latex"),
    [
        ("7", "7", "7", "7"),
        ("-7", "-7", "−7", "-7"),
        ("1/2", "1/2", "1/2", r"\frac{1}{2}"),
        ("-7/3", "-7/3", "−7/3", r"-\frac{7}{3}"),
        ("0.1", "0.1", "0.1", "0.1"),
        ("0.2", "0.2", "0.2", "0.2"),
        ("3.25", "3.25", "3.25", "3.25"),
        ("1/16", "1/16", "1/16", r"\frac{1}{16}"),
        ("0.00001", "1e-5", "10⁻⁵", "10^{-5}"),
        ("0.00025", "0.00025", "0.00025", "0.00025"),
        ("0.000025", "2.5e-5", "2.5·10⁻⁵", r"2.5 \cdot 10^{-5}"),
        ("0.001", "0.001", "0.001", "0.001"),
        ("1e-12", "1e-12", "10⁻¹²", "10^{-12}"),
        ("3.141592653589793238", "3.141592653589793238", "3.141592653589793238", "3.141592653589793238"),
        ("1000000", "1000000", "1000000", "1000000"),
        ("6e23", "6e23", "6·10²³", r"6 \cdot 10^{23}"),
    ],
)
def test_numbers(value: str, text: str, unicode: str, latex: str) -> None:
    tree = Num(Fraction(value))
    assert (to_text(tree, NONE), to_unicode(tree, NONE), to_latex(tree, NONE)) == (text, unicode, latex)


@pytest.mark.parametrize(
    "value", [Fraction(1, 3), Fraction(7, 10**9), Fraction(-5, 1024), Fraction(10**30), Fraction(3, 70)]
)
def test_numbers_read_back_exactly(value: Fraction) -> None:
    tree, _ = parse_text(to_text(Num(value), NONE), NONE)
    numbers = [part.value for part in postorder(tree) if isinstance(part, Num)]
    exact = numbers[0] / numbers[1] if len(numbers) > 1 else numbers[0]
    assert abs(exact) == abs(value)


def test_number_without_end_is_refused() -> None:
    with pytest.raises(LimitError):
        to_text(Num(Fraction(2) ** 100_000), NONE)


@pytest.mark.parametrize(
    ("declared", "source", "unicode", "latex"),
    [
        # x1 beside a vector x whose first entry is x₁
        ("x:n x1:", "x[0]*x1", "x₁ x1", r"x_{1} \, \mathrm{x1}"),
        ("W:n,n W1:", "W1*W[0, 0]", "W1 W₁₁", r"\mathrm{W1} \, W_{11}"),
        ("lam: λ:", "lam*λ", "lam λ", r"\mathrm{lam} \, \lambda"),
        ("x1: x_1:", "x1*x_1", "x1 x_1", r"\mathrm{x1} \, \mathrm{x\_1}"),
        # a function whose sign is a declared name is written by its own name
        ("sigma: c:", "sigma*sigmoid(c)", "σ sigmoid(c)", r"\sigma \operatorname{sigmoid}(c)"),
        ("I:n,n", "I - eye(n)", "I − eye(n)", r"I - \operatorname{eye}(n)"),
        # a subscripted name takes no second subscript
        ("x1:n", "x1[0]**2", "(x₁)₁²", r"(x_{1})_{1}^2"),
    ],
)
def test_names_that_could_be_taken_for_others(declared: str, source: str, unicode: str, latex: str) -> None:
    declarations = parse_declarations(declared)
    tree, _ = parse_text(source, declarations)
    assert to_unicode(tree, declarations) == unicode
    assert to_latex(tree, declarations) == latex


@pytest.mark.parametrize(
    ("source", "latex"),
    [
        ("A.T @ (A @ x - b)", r"\mathbf{A}^\top (\mathbf{A} \mathbf{x} - \mathbf{b})"),
        ("c*x[0] + A[0, 1]", r"c x_{1} + A_{12}"),
        ("A[0] @ x", r"\mathbf{A}_{1,:}^\top \mathbf{x}"),
        ("beta1 @ x", r"\boldsymbol{\beta}_{1}^\top \mathbf{x}"),
        ("r = A @ x; r @ b", r"\mathbf{r}^\top \mathbf{b}, \quad \text{where } \mathbf{r} = \mathbf{A} \mathbf{x}"),
        ('einsum("ij,j->i", A, x)', r"\left[ \sum_{j} A_{ij} x_{j} \right]_{i}"),
    ],
)
def test_bold_vectors(source: str, latex: str) -> None:
    declarations = parse_declarations("A:m,n x:n b:m beta1:n c:")
    tree, _ = parse_text(source, declarations)
    assert to_latex(tree, declarations, vectors="bold") == latex


def test_definitions_come_apart() -> None:
    declarations = parse_declarations("A:m,n x:n b:m")
    tree, _ = parse_text("r1 = A @ x - b; norm(r1)**2", declarations)
    assert text_parts(tree, declarations) == ("norm(r1)**2", [("r1", "A @ x - b")])
    assert unicode_parts(tree, declarations) == ("‖r₁‖²", [("r₁", "A x − b")])
    assert latex_parts(tree, declarations) == (r"\lVert r_{1} \rVert^2", [("r_{1}", "A x - b")])


def test_range_of_no_size_is_refused_where_it_would_be_misprinted() -> None:
    tree = Index(Name("x"), (Slice(None, Binary("/", Name("n"), Name("c")), None),))
    with pytest.raises(ArgumentError):
        to_unicode(tree, parse_declarations("x:n c:"))


@pytest.mark.parametrize(
    ("template", "level", "exposed"),
    [
        ("exp({0})", Level.ATOM, [False]),
        (r"e^{{{0}}}", Level.POWER, [False]),
        (r"\lVert {0} \rVert_1", Level.SUBSCRIPTED, [False]),
        ("‖{0}‖₁", Level.SUBSCRIPTED, [False]),
        ("{0}⁻¹", Level.POWER, [True]),
        (r"{0} {1}^\top", Level.MATRIX, [True, True]),
        (r"\sqrt{{{0}}}", Level.ATOM, [False]),
        ("|{0}| · {1}", Level.MATRIX, [False, True]),
    ],
)
def test_template_says_where_brackets_are_needed(template: str, level: Level, exposed: list[bool]) -> None:
    parsed = choose(template, matrix=False)
    assert parsed.level == level
    assert [part.exposed for part in parsed.parts if not isinstance(part, str)] == exposed


def test_a_power_of_a_power_is_bracketed() -> None:
    declarations = parse_declarations("S:n,n")
    tree, _ = parse_text("inv(S)**2", declarations)
    assert to_latex(tree, declarations) == r"(S^{-1})^{\odot 2}"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_template_fits_its_row(name: str) -> None:
    row = FUNCTIONS[name]
    for template in (row.latex, row.unicode):
        for matrix in (False, True):
            for part in choose(template, matrix).parts:
                assert not isinstance(part, str) or part.count("{") - part.count("}") in (-2, -1, 0, 1, 2)


@pytest.mark.parametrize(("declared", "source"), [row[:2] for row in ROWS], ids=[row[1] for row in ROWS])
def test_latex_compiles(declared: str, source: str) -> None:
    declarations = parse_declarations(declared)
    tree, _ = parse_text(source, declarations)
    for vectors in ("plain", "bold"):
        latex = to_latex(tree, declarations, vectors=vectors)
        depth = 0
        for brace in re.findall(r"(?<!\\)[{}]", latex):
            depth += 1 if brace == "{" else -1
            assert depth >= 0
        assert depth == 0
        assert latex.count(r"\left") == latex.count(r"\right")
        if r"\begin" not in latex:
            MathTextParser("path").parse(f"${mathtext(latex)}$")


@pytest.mark.parametrize(
    ("source", "rank"),
    [
        ("A @ x", 1),
        ("x @ x", 0),
        ("x @ A.T", 1),
        ("A @ A.T", 2),
        ("c*A", 2),
        ("sum(A)", 0),
        ("sum(A, axis=0)", 1),
        ("norm(A, axis=1)", 1),
        ("softmax(A, axis=1)", 2),
        ("logsumexp(A)", 0),
        ("inv(A.T @ A)", 2),
        ("diag(x)", 2),
        ("diagpart(A.T @ A)", 1),
        ("outer(x, x)", 2),
        ("trace(A.T @ A)", 0),
        ("eye(n)", 2),
        ("ones(n)", 1),
        ("ones(m, n)", 2),
        ("zeros((m, n))", 2),
        ('einsum("ij,j->", A, x)', 0),
        ('einsum("ij,kj->ik", A, A)', 2),
        ("dot(A, x)", 1),
        ("x[0]", 0),
        ("A[0]", 1),
        ("A[:, 0]", 1),
        ("A[1:, 1:n-1]", 2),
        ("A[idx]", 2),
        ("A[idx, 0]", 1),
        ("[x, x]", 2),
        ("[[c, c], [c, c]]", 2),
        ("u(x)", 0),
        ("grad(u)(x)", 1),
        ("hess(u)(x)", 2),
        ("g(x)", 1),
        ("jac(g)(x)", 2),
        ("diff(g, 2)(x)", 3),
        ("diff(phi, 2)(A)", 2),
        ("where(x > 0, c, x)", 1),
        ("maximum(A, 0)", 2),
        ("n*c", 0),
        ("r = A @ x; r", 1),
        ("r = x; r = r @ r; r", 0),
        ("sum(i, A[i])", 1),
        ("sum(i, A[i] @ x)", 0),
    ],
)
def test_ranks(source: str, rank: int) -> None:
    declarations = parse_declarations("A:m,n x:n c: idx:p:index(m) u:n-> g:n->m phi:->")
    tree, _ = parse_text(source, declarations)
    assert ranks(tree, declarations)[id(tree)] == rank


def test_every_subtree_has_a_rank() -> None:
    declarations = parse_declarations("A:m,n x:n")
    tree, _ = parse_text("r = A[1:, 0] ; ones((m, n)) @ x + sum(r)", declarations)
    assert set(ranks(tree, declarations)) == {id(part) for part in postorder(tree)}


def test_unknown_function_is_written_by_its_name() -> None:
    tree: Syntax = Call("log_det_of", (Name("S"), Tuple((Name("m"),))))
    declarations = parse_declarations("S:n,n")
    assert to_unicode(tree, declarations) == "log_det_of(S, (m))"
    assert to_latex(tree, declarations) == r"\operatorname{log\_det\_of}(S, (m))"
