"""Answers as people write them: lists in other brackets, rows, shapes that do not fit, definitions behind commas."""

from __future__ import annotations

import pytest

import hesse as hs

F = hs.parse("x**2*y**3", "x: y:")
G = hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("(2*x*y**3, 3*x**2*y**2)", "gradient"),
        ("[2*x*y**3; 3*x**2*y**2]", "gradient"),
        ("∇f = (2*x*y**3, 3*x**2*y**2)", "gradient"),
        ("r = x*y; (2*r*y**2, 3*r**2)", "gradient"),
        ("r = x*y\n∇f = [2*r*y**2; 3*r**2]", "gradient"),
        ("[2*y**3, 6*x*y**2; 6*x*y**2, 6*x**2*y]", "hessian"),
    ],
)
def test_lists_in_other_brackets(answer: str, kind: str) -> None:
    verdict = hs.check(F, answer, kind=kind)
    assert verdict.right and any("read as a" in reading for reading in verdict.readings)
    assert hs.check(F, answer.replace("2*r", "r").replace("2*", "3*"), kind=kind).verdict == "different"


@pytest.mark.parametrize("answer", ["(1, 2)*(3, 4)", "(1, 2)(3, 4)", "2*(x, y)", "[[x; y]]", "[x; y;]", "norm((x, y))"])
def test_lists_inside_of_an_expression_are_refused(answer: str) -> None:
    with pytest.raises(hs.ParseError) as caught:
        hs.check(F, answer)
    assert answer in str(caught.value)


def test_errors_inside_of_lists_show_their_place() -> None:
    answer = "[2*y**3, 6*x*y**2; 6*x*y**2, 6*x**2*z]"
    with pytest.raises(hs.UnknownNameError) as caught:
        hs.check(F, answer, kind="hessian")
    span = caught.value.span
    assert span is not None and answer[span.start : span.end] == "z"


@pytest.mark.parametrize(
    ("answer", "notation"),
    [
        (r"2(Ax-b)^\top A", "latex"),
        (r"\nabla f = 2x^\top A^\top A - 2b^\top A", "latex"),
    ],
)
def test_a_row_is_another_layout(answer: str, notation: str) -> None:
    verdict = hs.check(G, answer, "x", notation=notation)
    assert (verdict.verdict, verdict.mistakes) == ("equal in the other layout", ["layout"])
    assert "a row instead of a vector" in verdict.diagnosis
    # The Jacobian of a scalar function is a row.
    assert hs.check(G, answer.replace(r"\nabla f =", ""), "x", "jacobian", notation=notation).right
    assert hs.check(G, answer.replace("2", "3"), "x", notation=notation).verdict == "different"


def test_a_row_of_components_is_another_layout_in_both_notations() -> None:
    row = hs.check(F, r"\begin{pmatrix} 2xy^3 & 3x^2y^2 \end{pmatrix}", notation="latex")
    assert row.verdict == hs.check(F, "[[2*x*y**3, 3*x**2*y**2]]").verdict == "equal in the other layout"
    assert hs.check(F, r"\begin{pmatrix} 2xy^3 & 3x^2y^2 \end{pmatrix}^\top", notation="latex").right


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        ("2A(Ax-b)", "2*A @ (A @ x - b)"),
        (r"2(Ax-b)^\top A^\top", "2*(A @ x - b).T @ A.T"),
        (r"2A^\top(Ax-b) + b", "2*A.T @ (A @ x - b) + b"),
        (r"\nabla f = 2A(Ax-b)", "∇f = 2*A @ (A @ x - b)"),
    ],
)
def test_shapes_that_do_not_fit_are_a_verdict_in_latex_too(latex: str, text: str) -> None:
    one, other = hs.check(G, latex, "x", notation="latex"), hs.check(G, text, "x")
    assert (one.verdict, one.mistakes, one.status) == (other.verdict, other.mistakes, 1)
    assert "shape" in one.mistakes and one.diagnosis.startswith("shapes do not fit in the answer")


@pytest.mark.parametrize("latex", [r"2A^\top(Ax-b) + A", "2(Ax-b) A", "2 x A^\\top (Ax-b)", r"2I(Ax-b) + x"])
def test_ranks_that_do_not_fit_are_a_verdict(latex: str) -> None:
    verdict = hs.check(G, latex, "x", notation="latex")
    assert (verdict.verdict, verdict.mistakes[0]) == ("different", "shape")


def test_unknown_names_come_before_shapes() -> None:
    with pytest.raises(hs.UnknownNameError, match="`z` does not occur"):
        hs.check(G, "2A(Ax-b) + z", "x", notation="latex")


@pytest.mark.parametrize(
    "behind", [r"\\", r"\\ ", r"\\[1ex]", r"\\[ 2 mm ]", r"\\[4pt]", r"\\[-.5em]", r"\\*", r"\\*[1ex]", r"\\[2\jot]"]
)
def test_row_spacing_is_passed_over(behind: str) -> None:
    entries = rf"2xy^3 {behind}3x^2y^2"
    for answer in (
        rf"\begin{{pmatrix}} {entries} \end{{pmatrix}}",
        rf"\left( \begin{{array}}{{c}} {entries} \end{{array}} \right)",
        rf"\begin{{align}} \nabla f {behind} &= \begin{{bmatrix*}}[r] {entries} \end{{bmatrix*}} \end{{align}}",
    ):
        assert hs.check(F, answer, notation="latex").right, answer


def test_definitions_behind_a_comma() -> None:
    softmax = hs.parse("softmax(x)", "x:n")
    definition = r"p = \operatorname{softmax}(x)"
    verdict = hs.check(
        softmax, rf"J = \operatorname{{diag}}(p) - pp^\top, \quad {definition}", "x", "jacobian", None, "latex"
    )
    assert verdict.right and f"`{definition}` read as a definition" in verdict.readings
    refused = {
        rf"\left[p_i(\delta_{{ij}}-p_j)\right]_{{ij}}, {definition}": "given by its entries only",
        rf"{definition}, J = \operatorname{{diag}}(p) - pp^\top": "defined behind it and not used",
        r"\operatorname{diag}(x), x > 0": "begins another",
    }
    for answer, said in refused.items():
        with pytest.raises(hs.ParseError, match=said):
            hs.check(softmax, answer, "x", "jacobian", notation="latex")
