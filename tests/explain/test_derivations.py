"""Each step of a derivation is a true equation, and the last line is the result."""

from __future__ import annotations

import pytest

import hesse as hs
from hesse.core.derivation import names_differential
from hesse.core.syntax import Undefined, postorder
from hesse.errors import ArgumentError
from hesse.explain.page import Explanation
from hesse.explain.record import Level, Step
from tests.explain.cases import CASES
from tests.explain.golden import heading, stored


def explained(
    kind: str, text: str, declarations: str, wrt: str | list[str] | None, level: Level = "normal"
) -> tuple[hs.Expr, Explanation[hs.Expr]]:
    result = getattr(hs, kind)(hs.parse(text, declarations), wrt)
    return result, result.explain(level=level)


def assert_holds(result: hs.Expr, derivation: Explanation[hs.Expr]) -> None:
    """What every derivation must satisfy."""
    assert derivation.result is result
    assert [step.number for step in derivation.steps] == list(range(1, len(derivation.steps) + 1))
    for step in derivation.steps:
        assert step.verification.ok, (step.title, step.verified)
        assert "simplif" not in step.title
        assert all(each.title and each.rule for each in step.applied)
        for formula in (step.before, step.after):
            for notation in ("text", "unicode", "latex"):
                assert not any(map(names_differential, formula.spelled(notation)))
    last = derivation.steps[-1].after
    definitions = "".join(f"{name.text} = {value.text}; " for name, value in derivation.where)
    assert str(result).endswith(last.text)
    assert str(result).removesuffix(last.text) in ("", definitions) or definitions
    assert not any(isinstance(part, Undefined) and names_differential(part.function) for part in postorder(last.tree))


@pytest.mark.parametrize(("kind", "text", "declarations", "wrt"), CASES)
def test_every_line_is_verified_and_the_last_is_the_result(
    kind: str, text: str, declarations: str, wrt: str | list[str] | None
) -> None:
    result, derivation = explained(kind, text, declarations, wrt)
    assert_holds(result, derivation)
    assert_follows(derivation)
    assert derivation.unicode() == stored()[heading(kind, text, declarations, wrt)]
    longest = derivation.at("every step")
    assert_holds(result, longest)
    assert_follows(longest)
    assert len(longest.steps) >= len(derivation.steps) >= len(derivation.outline().steps)


def assert_follows(derivation: Explanation[hs.Expr]) -> None:
    """Each line of a chain begins with what the one before it ended with."""
    for section in derivation.sections:
        previous: Step | None = None
        for step in section.steps:
            if previous is not None and previous.left == step.left:
                assert step.before.text == previous.after.text
            previous = step


def test_an_expression_that_is_no_derivative_says_what_to_call() -> None:
    with pytest.raises(ArgumentError, match="not a derivative") as caught:
        hs.parse("x @ x", "x:n").explain()
    assert "gradient" in caught.value.hint


@pytest.mark.parametrize(("option", "value"), [("level", "long"), ("style", "vectors")])
def test_unknown_options_are_refused_with_the_choices(option: str, value: str) -> None:
    gradient = hs.gradient(hs.parse("x @ x", "x:n"))
    with pytest.raises(ArgumentError, match=value) as caught:
        gradient.explain(**{option: value})
    assert caught.value.hint


def test_the_hessian_of_the_logistic_loss_is_a_page() -> None:
    _, derivation = explained("hessian", "sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n", "w")
    assert 8 <= len(derivation.steps) <= 14
    assert len(derivation.unicode().splitlines()) <= 40
    titles = [step.title for step in derivation.steps]
    assert titles[0] == "recognising softplus"
    assert "sum over components" in titles
    assert "chain rule with the derivative of the sigmoid" in titles


def test_the_lecture_problem_is_derived_entry_by_entry() -> None:
    _, derivation = explained("hessian", "x1^2 + exp(x1*x2) + 2*log(x2)", "", None)
    titles = [section.title.unicode for section in derivation.sections]
    assert titles == [
        "",
        "∂f/∂x₁",
        "∂f/∂x₂",
        "∂²f/∂x₁²",
        "∂²f/∂x₁∂x₂",
        "∂²f/∂x₂∂x₁ = ∂²f/∂x₁∂x₂",
        "∂²f/∂x₂²",
        "Hessian",
    ]
    first = derivation.sections[1].steps[0]
    assert first.title == "linearity"
    assert first.after.unicode == "∂/∂x₁[x₁²] + ∂/∂x₁[exp(x₁ x₂)] + 2 ∂/∂x₁[log(x₂)]"


def test_the_same_steps_every_time() -> None:
    pages = {explained("hessian", "norm(A @ x - b)", "A:m,n x:n b:m", "x")[1].unicode() for _ in range(2)}
    assert len(pages) == 1


def test_pages_for_papers_and_notebooks() -> None:
    _, derivation = explained("gradient", "x1^2 + 2*log(x2)", "", None)
    lines = derivation.latex().splitlines()
    assert lines[0] == r"\begin{align*}" and r"\end{align*}" in lines
    assert r"&= 2 x_{1} && \text{power rule, derivative of a constant} \\" in lines
    assert lines[-1].startswith("% verified")
    page = derivation._repr_markdown_()
    assert page.count("$$") % 2 == 0 and "1. linearity" in page and "*verified at" in page


def test_a_long_chain_is_told_in_few_lines() -> None:
    text = "x"
    for _ in range(40):
        text = f"tanh(W @ ({text}) + b)"
    derivation = hs.gradient(hs.parse(f"sum({text})", "W:n,n x:n b:n"), "x").explain()
    assert len(derivation.steps) <= 30
    (joined,) = (step for step in derivation.steps if step.lines > 1)
    assert f"({joined.lines} lines in one)" in joined.title and len(joined.applied) > 50
    assert all(step.verification.ok for step in derivation.steps)
    assert "explain(limit=None)" in derivation.unicode()


def test_many_entries_are_told_by_a_few() -> None:
    function = " + ".join(f"x{k}*exp(x{k + 1})" for k in range(20))
    derivation = hs.gradient(hs.parse(function)).explain()
    assert len(derivation.sections) == 7
    assert "the other 16 are found in the same way" in derivation.unicode()
    assert len(derivation.at(limit=None).sections) == 23


def test_names_mean_one_thing_in_all_lines() -> None:
    _, derivation = explained("gradient", "r = log(1 + exp(x)); sum(r**2)", "x:n", "x")
    given = derivation.sections[0].given[0][1]
    assert given.text == "sum(log(1 + exp(x))**2)"
    assert [(name.text, value.text) for name, value in derivation.where] == [("r", "softplus(x)")]


def test_the_hint_stops_before_the_result() -> None:
    _, derivation = explained("gradient", "logsumexp(A @ x)", "A:m,n x:n", "x")
    page = derivation.hint(2)
    assert page.splitlines()[-1] == "2. a constant matrix comes out:  d(A u) = A du"
    with pytest.raises(ArgumentError, match="no step 9"):
        derivation.hint(9)
