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
