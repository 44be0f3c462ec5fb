"""`hesse explain`: the page, the hint, the levels, the formats, the record, and what is refused."""

from __future__ import annotations

import pytest

from hesse.core.derivation import names_differential
from tests.cli.support import Command

LEAST_SQUARES = ("explain", "norm(A @ x - b)**2", "A:m,n x:n b:m", "--wrt", "x")
LECTURE = ("explain", "x1^2 + exp(x1*x2) + 2*log(x2)", "--kind", "hessian")


def test_the_page(hesse: Command) -> None:
    lines = hesse(*LEAST_SQUARES).lines
    assert lines[0] == "    f = ‖A x − b‖²"
    assert "  1. sum over components, squared norm as a sum of squares:  ‖u‖² = uᵀ u = ∑ᵢ uᵢ²" in lines
    assert any(line.startswith("  2. chain rule with the power rule, inner product as a sum:") for line in lines)
    assert "      ∇f = 2 Aᵀ (A x − b)" in lines
    assert any(line.startswith("  verified at 5 points") for line in lines)


def test_the_hessian_of_the_lecture_entry_by_entry(hesse: Command) -> None:
    lines = hesse(*LECTURE).lines
    assert "∂²f/∂x₁∂x₂" in lines
    assert "∂²f/∂x₂∂x₁ = ∂²f/∂x₁∂x₂" in lines
    assert "Hessian" in lines


def test_a_hint_shows_the_rule_and_not_its_result(hesse: Command) -> None:
    lines = hesse(*LEAST_SQUARES, "--hint", "2").lines
    assert lines[-1] == "  2. chain rule with the power rule, inner product as a sum:  d(u²) = 2 u du; aᵀ b = ∑ᵢ aᵢ bᵢ"
    assert not any("verified" in line or "∇f" in line for line in lines)
    record = hesse(*LEAST_SQUARES, "--hint", "2", "--json").record
    steps = [step for section in record["sections"] for step in section["steps"]]
    assert [step["number"] for step in steps] == [1, 2]
    assert steps[0]["after"] is not None and steps[1]["after"] is None
    assert "result" not in record


def test_levels_differ_in_length(hesse: Command) -> None:
    lengths = [len(hesse(*LEAST_SQUARES, "--level", level).lines) for level in ("outline", "normal", "every-step")]
    assert lengths == sorted(lengths) and len(set(lengths)) == 3


def test_partials_of_arrays_are_in_index_notation(hesse: Command) -> None:
    lines = hesse(*LEAST_SQUARES, "--style", "partials").lines
    assert "    ∂f/∂xₖ = ∑ᵢ ∂/∂xₖ[(∑ⱼ Aᵢⱼ xⱼ − bᵢ)²]" in lines


def test_latex_is_the_whole_page_in_one_block(hesse: Command) -> None:
    lines = hesse(*LEAST_SQUARES, "--format", "latex").lines
    assert (lines[0], lines[-1]) == (r"\begin{align*}", r"\end{align*}")
    assert r"&\textbf{Gradient} \\" in lines
    assert r"&\qquad \mathrm{d}f = g^\top \mathrm{d}x\text{ for every }\mathrm{d}x,\text{ so }\nabla f = g \\" in lines
    assert any(line.startswith(r"&\text{verified at 5 points") for line in lines)
    hint = hesse(*LEAST_SQUARES, "--format", "latex", "--hint", "2").lines
    assert hint[: len(hint) - 1] == [*lines[: len(hint) - 2], hint[-2]]
    assert hint[-2] + r" \\" == lines[len(hint) - 2]


@pytest.mark.parametrize("notation", ["unicode", "latex", "text"])
def test_no_mark_is_left_in_any_format(hesse: Command, notation: str) -> None:
    for arguments in (LEAST_SQUARES, LECTURE):
        out = hesse(*arguments, "--format", notation).out
        assert out.count("\n") > 8 and not any(map(names_differential, out))
        if notation == "text":
            assert out.isascii()


def test_the_record(hesse: Command) -> None:
    record = hesse(*LEAST_SQUARES, "--json").record
    assert (record["command"], record["kind"], record["style"], record["level"]) == (
        "explain",
        "gradient",
        "differentials",
        "normal",
    )
    assert record["result"]["text"] == "2*A.T @ (A @ x - b)"
    steps = [step for section in record["sections"] for step in section["steps"]]
    assert [step["number"] for step in steps] == list(range(1, len(steps) + 1))
    assert all(step["verified"].startswith("verified") for step in steps)
    assert steps[0]["applied"][0]["to"]["text"] == "norm(A @ x - b)**2"
    assert steps[-1]["after"] == record["result"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--hint", "99"), "there is no step 99"),
        (("--hint", "0"), "there is no step 0"),
        (("--level", "long"), "there is no level 'long'"),
        (("--style", "arrows"), "there is no style 'arrows'"),
        (("--kind", "curl"), "there is no kind 'curl'"),
        (("--limit", "1"), "the limit is a number of lines"),
    ],
)
def test_what_is_refused(hesse: Command, arguments: tuple[str, ...], message: str) -> None:
    outcome = hesse(*LEAST_SQUARES, *arguments)
    assert outcome.status == 2 and message in outcome.err and "hint:" in outcome.err


def test_the_variable_is_asked_for(hesse: Command) -> None:
    outcome = hesse("explain", "norm(A @ x - b)**2", "A:m,n x:n b:m")
    assert outcome.status == 2 and "--wrt" in outcome.err


def test_a_gradient_belongs_to_a_scalar(hesse: Command) -> None:
    outcome = hesse("explain", "A @ x", "A:m,n x:n", "--wrt", "x", "--kind", "gradient")
    assert outcome.status == 2 and "jacobian" in outcome.err
