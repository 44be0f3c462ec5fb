"""Each step of a derivation is a true equation, and the last line is the result."""

from __future__ import annotations

import re

import pytest

import hesse as hs
from hesse.core.derivation import names_differential
from hesse.core.syntax import Undefined, postorder
from hesse.errors import ArgumentError
from hesse.explain.page import Explanation
from hesse.explain.record import LEVELS, Level, Section, Step
from hesse.explain.rows import Equality, Remark, Title, Told
from hesse.explain.typeset import escaped
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
    # Where no choice of laws is found a step says that both sides have the same entries: seldom.
    assert sum("equal-entries" in step.rule for step in derivation.steps) <= 1
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


def test_a_notebook_shows_rules_and_equations() -> None:
    _, derivation = explained("gradient", "x1^2/x2", "", None)
    page = derivation._repr_markdown_()
    assert page.count("$$") % 2 == 0 and "*verified at" in page
    assert r"1\. a constant factor comes out" in page, "a list would be numbered anew by the notebook"
    assert r"$\mathrm{d}(\frac{1}{u}) = -\frac{\mathrm{d}u}{u^2}$" in page
    assert r"*holds where* $x_{2} \neq 0$" in page


def test_conditions_are_in_the_notation_of_the_page() -> None:
    _, derivation = explained("gradient", "norm(A @ w_old - b)", "A:m,n w_old:n b:m", "w_old")
    assert "holds where A @ w_old - b != 0" in str(derivation).splitlines()
    assert "holds where A w_old − b ≠ 0" in derivation.unicode().splitlines()
    assert r"&\text{holds where}\ A w_{\mathrm{old}} - b \neq 0 \\" in derivation.latex().splitlines()
    assert derivation.to_dict()["conditions"] == ["A @ w_old - b != 0"]
    _, every = explained("gradient", "norm(x) + a", "a: x:n", "x", level="every step")
    assert "     for x ≠ 0" in every.unicode().splitlines() and "     for x != 0" in str(every).splitlines()


PAGES = [CASES[k] for k in (1, 3, 7, 24, 44, 47)]


@pytest.mark.parametrize(("kind", "text", "declarations", "wrt"), PAGES)
def test_latex_holds_what_the_page_holds(kind: str, text: str, declarations: str, wrt: str | list[str] | None) -> None:
    _, derivation = explained(kind, text, declarations, wrt, "every step")
    page = derivation.latex()
    lines = page.splitlines()
    assert (lines[0], lines[-1]) == (r"\begin{align*}", r"\end{align*}")
    assert all(line.endswith(r" \\") for line in lines[1:-2]) and not lines[-2].endswith(r"\\")
    for row in derivation.rows():
        match row:
            case Title(text=title):
                assert escaped(title.text) in page or title.latex in page
            case Told(step=step, stated=stated):
                assert escaped(f"{step.number}. {step.title}") in page
                assert all(each.latex in page for each in stated)
            case Equality(left=left, right=right, where=where):
                assert left.latex in page and right.latex in page
                assert all(value.latex in page for _, value in where)
            case Remark(text=remark):
                assert escaped(remark.strip()) in page


@pytest.mark.parametrize(("kind", "text", "declarations", "wrt"), PAGES)
def test_latex_is_well_formed(kind: str, text: str, declarations: str, wrt: str | list[str] | None) -> None:
    for level in LEVELS:
        _, derivation = explained(kind, text, declarations, wrt, level)
        for line in derivation.latex().splitlines():
            assert_balanced(line)
        page = derivation._repr_markdown_()
        assert re.sub(r"\$\$[^$]*\$\$|\$[^$]*\$", "", page).count("$") == page.count(r"\$")
        for formula in re.findall(r"\$+([^$]+)\$+", page):
            assert_balanced(formula)
            assert r"\text{grad" not in formula and formula.isascii()


def assert_balanced(line: str) -> None:
    """Brackets of LaTeX close, \\left has its \\right, a row has at most one place to align, and environments end."""
    bare = line.replace(r"\{", "").replace(r"\}", "").replace(r"\|", "")
    depth = 0
    for char in bare:
        depth += (char == "{") - (char == "}")
        assert depth >= 0, line
    assert depth == 0, line
    assert len(re.findall(r"\\left\b", line)) == len(re.findall(r"\\right\b", line)), line
    if r"\begin{align" not in line and r"\end{align" not in line:
        assert re.findall(r"\\begin\{(\w+)\}", line) == re.findall(r"\\end\{(\w+)\}", line)


MATHTEXT = ((r"\text{", r"\mathrm{"), (r"\lVert", r"\|"), (r"\rVert", r"\|"), (r"\lvert", "|"), (r"\rvert", "|"))
"""What matplotlib's typesetter spells otherwise."""


@pytest.mark.parametrize(("kind", "text", "declarations", "wrt"), PAGES)
def test_a_typesetter_reads_the_formulas(kind: str, text: str, declarations: str, wrt: str | list[str] | None) -> None:
    parser = pytest.importorskip("matplotlib.mathtext").MathTextParser("path")
    _, derivation = explained(kind, text, declarations, wrt)
    formulas: list[str] = []
    for row in derivation.rows():
        if isinstance(row, Told):
            formulas += [statement.latex for statement in row.stated]
        elif isinstance(row, Equality):
            formulas.append(f"{row.left.latex} = {row.right.latex}")
            formulas += [f"{name.latex} = {value.latex}" for name, value in row.where]
    assert len(formulas) > 2
    for formula in formulas:
        for old, new in MATHTEXT:
            formula = formula.replace(old, new)
        if r"\begin" not in formula:
            parser.parse(f"${formula}$")


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


@pytest.mark.parametrize(("kind", "text", "declarations", "wrt"), PAGES)
def test_no_hint_shows_a_result(kind: str, text: str, declarations: str, wrt: str | list[str] | None) -> None:
    for level in LEVELS:
        _, derivation = explained(kind, text, declarations, wrt, level)
        for step in derivation.steps:
            *before, last = derivation.rows(step.number)
            assert isinstance(last, Told) and last.step is step
            assert set(last.stated) <= {each.statement for each in step.applied}
            equations = [row for row in before if isinstance(row, Equality)]
            givens = sum(len(section.given) for section in shown_sections(derivation, step))
            assert len(equations) == step.number - 1 + givens
            assert derivation.hint(step.number, "latex").endswith("\\end{align*}")
            record = derivation.to_dict(step.number)
            steps = [each for section in record["sections"] for each in section["steps"]]
            assert [each["number"] for each in steps] == list(range(1, step.number + 1))
            assert steps[-1]["after"] is None
            assert "result" not in record and "verification" not in record


def shown_sections(derivation: Explanation[hs.Expr], step: Step) -> list[Section]:
    """The sections up to the one with the step."""
    place = next(k for k, section in enumerate(derivation.sections) if step in section.steps)
    return list(derivation.sections[: place + 1])


def test_a_hint_for_a_rewriting_shows_its_general_form() -> None:
    _, derivation = explained("hessian", "sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n", "w")
    assert "log(1 + exp(−y ⊙ (X w))) = softplus" in derivation.unicode()
    (_, hint) = derivation.hint(1).splitlines()[-2:]
    assert hint.startswith("1. recognising softplus:  log(1 + exp(u)) = softplus(u)")
    assert "softplus(−y" not in derivation.hint(1)


@pytest.mark.parametrize("step", [0, -1, 8, 10**9])
def test_a_hint_out_of_range_says_what_there_is(step: int) -> None:
    _, derivation = explained("gradient", "norm(A @ x - b)**2", "A:m,n x:n b:m", "x")
    assert len(derivation.steps) == 7
    with pytest.raises(ArgumentError, match="no step") as caught:
        derivation.hint(step)
    assert "steps 1 to 7" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "text", "declarations"),
    [("jacobian", "x*sigmoid(x)", "x:n"), ("gradient", "-log(sum(exp(z)))+z[0]", "z:n")],
)
def test_what_only_changes_places_is_not_collected_and_a_line_only_at_every_step(
    kind: str, text: str, declarations: str
) -> None:
    result, derivation = explained(kind, text, declarations, None)
    assert not [step for step in derivation.steps if set(step.rule.split("+")) <= {"collect", "arranging"}]
    whole = result.explain(level="every step")
    assert "arranging" in [step.rule for step in whole.steps]
    assert "collect" not in [step.rule for step in whole.steps]


def test_levels_are_named_as_on_the_command_line_too() -> None:
    f = hs.gradient(hs.parse("sin(x)**2", "x:"))
    assert f.explain(level="every-step").unicode() == f.explain(level="every step").unicode()
