"""What the commands say about derivatives."""

from __future__ import annotations

import pytest

import hesse as hs

from .support import Command

LECTURE = "x1^2 + exp(x1*x2) + 2*log(x2)"
LEAST_SQUARES = ("norm(A @ x - b)**2", "A:m,n x:n b:m", "--wrt", "x")


def test_derive_of_the_lecture(hesse: Command) -> None:
    """The whole of it; how formulas are written is the affair of others."""
    f = hs.parse(LECTURE)
    slope, curvature = hs.gradient(f), hs.hessian(f)
    first, second = slope.components(), curvature.components()
    body, *where = curvature.unicode().splitlines()
    assert hesse("derive", LECTURE, "--at", "1,2").lines == [
        f"f(x₁, x₂) = {f.unicode()}",
        "inferred: x₁ and x₂ are scalars",
        "`^` read as power",
        "holds where x₂ > 0",
        "",
        "Gradient (2 entries)",
        f"  ∇f(x₁, x₂) = {slope.unicode()}",
        f"  ∂f/∂x₁ = {first[0].unicode()}",
        f"  ∂f/∂x₂ = {first[1].unicode()}",
        f"  {slope.verification}",
        "",
        "Hessian (2 × 2)",
        f"  H_f(x₁, x₂) = {body}",
        *(f"  where {line[6:]}" for line in where),
        f"  ∂²f/∂x₁² = {second[0, 0].unicode()}",
        f"  ∂²f/∂x₁∂x₂ = {second[0, 1].unicode()}",
        f"  ∂²f/∂x₂² = {second[1, 1].unicode()}",
        "  symmetric",
        f"  {curvature.verification}",
        "",
        "At x₁ = 1, x₂ = 2",
        "  f(x₁, x₂) ≈ 9.7753505",
        "  ∇f(x₁, x₂) ≈ [16.778112, 8.389056]",
        "  H_f(x₁, x₂) ≈ [[31.556224, 22.167168],",
        "                 [22.167168,  6.889056]]",
        "",
        "A step of 0.01 in one input (to first order, and the certified range of the change)",
        "  x1  f goes up by about 0.167781 (change in [0.167781, 0.170966])",
        "  x2  f goes up by about 0.0838906 (change in [0.0838906, 0.0845834])",
    ]


def test_derive_of_arrays(hesse: Command) -> None:
    outcome = hesse("derive", *LEAST_SQUARES)
    assert outcome.status == 0
    assert "f(x) = ‖A x − b‖²" in outcome.lines
    assert "shapes: A is m × n, x is n, b is m" in outcome.lines
    assert "  ∇ₓ f(x) = 2 Aᵀ (A x − b)" in outcome.lines
    assert "  H_f(x) = 2 Aᵀ A" in outcome.lines


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("derive", "W @ x", "W:m,n x:n", "--wrt", "x"), "  J_g(x) = W"),
        (("derive", "W @ x", "W:m,n x:n", "--wrt", "x"), "Jacobian (m × n, row i is the gradient of g_i)"),
        (("derive", "inv(X)", "X:n,n"), "  has 6 axes; `hesse hessian` shows it"),
        (("derive", "x^2"), "  f′(x) = 2 x"),
        (("derive", "x^2"), "  f″(x) = 2"),
        (("derive", "x^2*y", "--wrt", "x"), "  ∂f/∂x = 2 x y"),
        (("derive", "x^2*y", "--wrt", "x"), "  ∂²f/∂x² = 2 y"),
        (("derive", "x^2*y^3", "--wrt", "y,x"), "  ∂²f/∂y∂x = 6 x y²"),
        (("derive", "x1^2*x2^3", "--wrt", "x₂, x₁"), "  ∂²f/∂x₂∂x₁ = 6 x₁ x₂²"),
        (("derive", "sum(x**3)", "x:2"), "  ∂f/∂x₂ = 3 x₂²"),
        (("derive", "sum(X**3)", "X:2,3"), "  ∂f/∂X₂₃ = 3 X₂₃²"),
        (("derive", "[x1*x2, x1^2]"), "  ∂g₂/∂x₁ = 2 x₁"),
        (("derive", "[x1*x2, x1^2]", "--rows"), "  ∇g₁ = [x₂, x₁]"),
        (("derive", "f*x^2", "f: x:", "--wrt", "x"), "g(x) = f x²"),
        (("derive", "u(x)", "u:n-> x:n"), "shapes: x is n, u maps n to a scalar"),
        (("derive", "g(x)", "g:n->m x:n"), "shapes: x is n, g maps n to m"),
        (("derive", "sum(phi(x))", "phi:-> x:n"), "shapes: x is n, φ maps each entry"),
        (("derive", "norm(x)", "x:n"), "  holds where x ≠ 0"),
        (("derive", "x @ S @ x", "S:n,n:sym x:n", "--wrt", "x"), "shapes: S is n × n (symmetric), x is n"),
        (("derive", "x1 + x2 + x3"), "inferred: x₁, x₂ and x₃ are scalars"),
        (("derive", "r = A @ x - b; sum(r**4)", "A:m,n x:n b:m", "--wrt", "x"), "where r = A x − b"),
    ],
)
def test_lines(hesse: Command, words: tuple[str, ...], line: str) -> None:
    outcome = hesse(*words)
    assert outcome.status == 0
    assert line in outcome.lines


def test_the_unconstrained_gradient_is_named(hesse: Command) -> None:
    assert "unconstrained" in hesse("gradient", "x @ S @ x", "S:n,n:spd x:n", "--wrt", "S").out
    assert "unconstrained" not in hesse("gradient", "x @ S @ x", "S:n,n:spd x:n", "--wrt", "x").out


@pytest.mark.parametrize(
    ("command", "expression", "declarations", "first"),
    [
        ("gradient", "norm(A @ x - b)**2", "A:m,n x:n b:m", "2 Aᵀ (A x − b)"),
        ("hessian", "norm(A @ x - b)**2", "A:m,n x:n b:m", "2 Aᵀ A"),
        ("jacobian", "tanh(A @ x)", "A:m,n x:n", "diag(1 − tanh(A x)^⊙2) A"),
    ],
)
def test_the_first_line_in_a_pipe_is_the_formula(
    hesse: Command, command: str, expression: str, declarations: str, first: str
) -> None:
    outcome = hesse(command, expression, declarations, "--wrt", "x")
    assert outcome.lines[0] == first
    assert any(line.startswith("verified at 5 points (m=3 n=2; m=2 n=4; m=1 n=1)") for line in outcome.lines)
    assert any(line.startswith("shapes: A is m × n") for line in outcome.lines)


@pytest.mark.parametrize("kind", ["gradient", "hessian"])
def test_text_reads_back(hesse: Command, kind: str) -> None:
    """The formula of `--format text` is the same expression again, and every listed entry is that entry."""
    f = hs.parse(LECTURE)
    derivative = hs.gradient(f) if kind == "gradient" else hs.hessian(f)
    lines = hesse(kind, LECTURE, "--format", "text").lines
    assert hs.parse(lines[0], "x1: x2:") == derivative
    entries = dict(line.split(": ", 1) for line in lines[1:] if line.startswith("d"))
    table = derivative.components()
    expected = (
        {"df/dx1": table[0], "df/dx2": table[1]}
        if kind == "gradient"
        else {"d2f/dx1 dx1": table[0, 0], "d2f/dx1 dx2": table[0, 1], "d2f/dx2 dx2": table[1, 1]}
    )
    assert entries.keys() == expected.keys()
    for label, text in entries.items():
        assert hs.parse(text, "x1: x2:") == expected[label]


def test_mixed_derivatives_that_differ_in_form_are_both_listed(hesse: Command) -> None:
    """Of a vector function each output has its own Hessian; equal mixed derivatives stand once."""
    lines = hesse("hessian", "[x1*x2^2, x1*sin(x2)]").lines
    assert [line for line in lines if line.startswith("∂²g₁/")] == [
        "∂²g₁/∂x₁² = 0",
        "∂²g₁/∂x₁∂x₂ = 2 x₂",
        "∂²g₁/∂x₂² = 2 x₁",
    ]
    assert "∂²g₂/∂x₁∂x₂ = cos(x₂)" in lines


def test_text_is_ascii(hesse: Command) -> None:
    words = ("derive", "sqrt(lam)*norm(A @ x)", "A:m,n x:n lam:", "--wrt", "x", "--format", "text")
    outcome = hesse(*words, "--components", "m=1,n=2", "--at", "A=[[1,2]],x=[3,4],lam=2")
    assert outcome.status == 0
    assert outcome.out.isascii()


def test_latex_can_be_pasted(hesse: Command) -> None:
    lines = hesse("derive", LECTURE, "--format", "latex", "--at", "1,1/3").lines
    begin, end = lines.index(r"\begin{align*}"), lines.index(r"\end{align*}")
    assert begin == 0
    body = lines[begin + 1 : end]
    assert all(line.endswith(r" \\") for line in body[:-1])
    assert not body[-1].endswith(r"\\")
    assert all(line.count("&") - line.count(" & ") >= 0 for line in body)
    assert all(line.startswith("% ") for line in lines[end + 1 :])
    assert r"\frac{\partial^2 f}{\partial x_{1} \partial x_{2}}" in "".join(body)
    assert any(r"\text{at } x_{1} = 1, \; x_{2} = 1/3" in line for line in body)
    assert any(r"\text{for } x_{2} > 0" in line for line in body)
    for line in body:
        assert line.count("{") == line.count("}")
        assert line.count(r"\begin") == line.count(r"\end")


def test_latex_of_one_derivative_starts_with_the_formula(hesse: Command) -> None:
    words = ("r = A @ x - b; sum(r**2)*sum(r)", "A:m,n x:n b:m")
    lines = hesse("gradient", *words, "--wrt", "x", "--format", "latex").lines
    assert lines[0] == hs.gradient(hs.parse(*words), "x").latex()
    assert r"\quad \text{where } r = A x - b" in lines[0]


def test_components_for_sizes(hesse: Command) -> None:
    words = ("jacobian", "W @ x", "W:m,n x:n", "--wrt", "x")
    assert [line for line in hesse(*words, "--components", "m=1,n=2").lines if "∂" in line] == [
        "∂g₁/∂x₁ = W₁₁",
        "∂g₁/∂x₂ = W₁₂",
    ]
    assert not any("∂" in line for line in hesse(*words).lines)


def test_rows(hesse: Command) -> None:
    words = ("jacobian", "W @ x", "W:m,n x:n", "--wrt", "x", "--components", "m=2,n=3", "--rows")
    assert [line for line in hesse(*words).lines if line.startswith("∇")] == [
        "∇g₁ = [W₁₁, W₁₂, W₁₃]",
        "∇g₂ = [W₂₁, W₂₂, W₂₃]",
    ]


def test_large_tables_are_left_out_or_refused(hesse: Command) -> None:
    derive = hesse("derive", "tanh(W @ x)", "W:m,n x:n", "--wrt", "x", "--components", "m=9,n=9")
    assert derive.status == 0
    assert derive.out.count("∂g") == 81
    assert "  the table of partial derivatives would be too large" in derive.lines
    hessian = hesse("hessian", "tanh(W @ x)", "W:m,n x:n", "--wrt", "x", "--components", "m=99,n=99")
    assert (hessian.status, hessian.out) == (2, "")
    # Nobody asked for the table here.
    assert "∂" not in hesse("gradient", "norm(A @ x - b)**2", "A:500,30 x:30 b:500", "--wrt", "x").out


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("derive", "abs(x)", "x:", "--at", "0"), ["  f′(x) = 0", "  a kink: x ≠ 0 does not hold here;"]),
        (("derive", "norm(x)", "x:n", "--at", "0,0"), ["  ∇f(x) = [nan, nan]", "  there is no derivative here: x ≠ 0"]),
        (("gradient", "-log(x)", "--at", "-0.5"), ["  f′(x) = nan", "  there is no value here: x > 0 does not hold"]),
        (
            ("derive", "sum(log(x))", "x:n", "--at", "3,-1"),
            ["  f(x) = nan", "  there is no value here: every entry of"],
        ),
        # Only the second entry has no value.
        (("jacobian", "log(x)", "x:n", "--at", "4,-1"), ["  J_g(x) = [[0.25,   0],", "            [ nan, nan]]"]),
    ],
)
def test_points_without_a_value(hesse: Command, words: tuple[str, ...], lines: list[str]) -> None:
    outcome = hesse(*words)
    assert outcome.status == 0
    for line in lines:
        assert any(each.startswith(line) for each in outcome.lines), outcome.out


def test_no_conditions_fail_at_an_admissible_point(hesse: Command) -> None:
    assert "does not hold" not in hesse("derive", "norm(x)*sum(log(x))", "x:n", "--at", "1,2,3").out


def test_what_cannot_be_evaluated_is_said_beside_the_formulas(hesse: Command) -> None:
    outcome = hesse("gradient", "trace(inv(A))", "A:2,2", "--at", "[[1,2],[2,4]]")
    assert outcome.status == 2
    assert "A⁻¹" in outcome.lines[0]
    assert "singular" in outcome.err


def test_the_sizes_come_from_the_point(hesse: Command) -> None:
    words = ("gradient", "sum(A @ x)/m", "A:m,n x:n", "--wrt", "x", "--at", "A=[[1,2,4],[3,5,0]],x=[1,1,1]")
    assert "  ∇ₓ f(x) = [2, 3.5, 2]" in hesse(*words).lines
