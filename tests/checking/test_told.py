"""Which mistakes are told together, and in which words."""

from __future__ import annotations

import pytest

import hesse as hs

NORM = ("norm(A @ x - b)**2", "A:m,n x:n b:m", "x", "gradient")
POWER = "the factor 2 of the power rule at `norm(A @ x - b)**2` is missing"
RIDGE = ("norm(X @ w - y)**2 + lam*w @ w", "X:m,n w:n y:m lam:", "w", "hessian")


@pytest.mark.parametrize(
    ("question", "answer", "mistakes"),
    [
        (("cos(x)", "x:", "x", "gradient"), "sin(x)", {"integrated", "sign"}),
        (("sum(sin(x))", "x:n", "x", "gradient"), "-cos(x)", {"integrated", "sign"}),
        (("exp(-x)", "x:", "x", "gradient"), "exp(-x)", {"sign", "chain-inner", "wrong-derivative"}),
        (RIDGE, "2*(X.T @ X + lam)", {"off-diagonal", "missing-factor"}),
        (RIDGE, "2*(X.T @ X + lam*ones(n, n))", {"off-diagonal"}),
        (NORM, "-A.T @ (A @ x - b)", {"missing-factor", "sign"}),
    ],
)
def test_mistakes_that_lead_to_the_same_answer(
    question: tuple[str, str, str, str], answer: str, mistakes: set[str]
) -> None:
    function, declarations, wrt, kind = question
    found = hs.check(hs.parse(function, declarations), answer, wrt=wrt, kind=kind)
    assert found.verdict == "different" and mistakes <= set(found.mistakes)


@pytest.mark.parametrize(
    ("answer", "diagnosis"),
    [
        ("-2*A.T @ (A @ x - b)", "the sign of the whole answer is wrong"),
        ("2*A.T @ (b - A @ x)", "the sign of the whole answer is wrong"),
        ("2.01*A.T @ (A @ x - b)", "the number `2.01` should be 2"),
        ("2*exp(0.01)*A.T @ (A @ x - b)", "the answer is 1.01005016708 times what it should be"),
        (
            "-A.T @ (A @ x - b)",
            "the factor 2 of the power rule at `norm(A @ x - b)**2` is missing and the sign is wrong",
        ),
    ],
)
def test_words(answer: str, diagnosis: str) -> None:
    function, declarations, wrt, kind = NORM
    assert hs.check(hs.parse(function, declarations), answer, wrt=wrt, kind=kind).diagnosis == diagnosis


@pytest.mark.parametrize(("answer", "wrong"), [("2*x + 1e-9", "factor"), ("3*x**2*1.0000000001", "factor 1 ")])
def test_a_factor_of_one_is_no_mistake(answer: str, wrong: str) -> None:
    function = "x**2" if answer.startswith("2") else "x**3"
    assert wrong not in hs.check(hs.parse(function, "x:"), answer).diagnosis


@pytest.mark.parametrize(
    ("function", "answer", "verdict"),
    [
        ("x**2/2", "abs(x)", "equal only if x > 0"),
        ("x**2/2", "arcsin(sin(x))", "different"),
        ("x**2/2", "clip(x, -1000, 1000)", "different"),
        ("exp(x)", "exp(abs(x))", "equal only if x > 0"),
        ("relu(x)", "where(x < 0, 1, 0)", "different"),
    ],
)
def test_where_the_answer_is_right_there_is_no_mistake(function: str, answer: str, verdict: str) -> None:
    found = hs.check(hs.parse(function, "x:"), answer)
    assert found.verdict == verdict
    assert "if x > 0" not in found.diagnosis and "factor 1 " not in found.diagnosis


@pytest.mark.parametrize(
    ("function", "declarations", "answer", "wrt", "divisor"),
    [
        ("mean(x**2)", "x:n", "2*x/(n - 1)", "x", "divided by n - 1 in the place of n"),
        ("var(x)", "x:n", "2*(x - mean(x))/(n - 1)", "x", "divided by n - 1 in the place of n"),
        (
            "norm(X @ w - y)**2/m",
            "X:m,n w:n y:m",
            "2*X.T @ (X @ w - y)/(m - 1)",
            "w",
            "divided by m - 1 in the place of m",
        ),
        ("sum((x - mean(x))**2)", "x:n", "2*(x - mean(x))*(n - 1)", "x", "multiplied by n - 1"),
    ],
)
def test_a_wrong_divisor(function: str, declarations: str, answer: str, wrt: str, divisor: str) -> None:
    found = hs.check(hs.parse(function, declarations), answer, wrt=wrt)
    assert {"mean-or-sum", "missing-factor"} <= set(found.mistakes)
    assert divisor in found.diagnosis and " and " not in found.diagnosis


def test_an_explanation_holds_on_both_sides_of_kinks() -> None:
    found = hs.check(hs.parse("max(x, x**2)", "x:"), "where(x > 1, 1, 2*x)")
    assert found.verdict == "different" and "no single mistake" in found.diagnosis


def test_two_mistakes_of_one_place_are_not_told_together() -> None:
    found = hs.check(hs.parse("sum((x - mean(x))**2)", "x:n"), "2*(x - mean(x))*n/(n - 1)")
    assert "; and " not in found.diagnosis
    found = hs.check(hs.parse("x**2*sin(x)", "x:"), "x*sin(x) - x**2*cos(x)")
    assert "; and " in found.diagnosis and {"sign", "missing-factor"} <= set(found.mistakes)


@pytest.mark.parametrize(
    ("function", "answer", "words"),
    [
        ("sum(abs(x))", "n*sign(x)", "multiplied by n"),
        ("sum(x)**2", "2*n*sum(x)*ones(n)", "multiplied by n"),
        ("mean(abs(x))", "sign(x)", "a sum was taken for a mean"),
    ],
)
def test_a_mean_is_told_of_only_where_there_is_one(function: str, answer: str, words: str) -> None:
    assert words in hs.check(hs.parse(function, "x:n"), answer).diagnosis


def test_a_product_in_the_place_of_a_quotient_gives_no_answer_away() -> None:
    found = hs.check(hs.parse("log(sin(x**2))", "x:"), "2*x*cos(x**2)*sin(x**2)")
    assert "inverse" not in found.mistakes and "/" not in found.diagnosis


def test_a_wrong_sign_of_one_term_is_not_that_of_the_whole() -> None:
    found = hs.check(hs.parse("x**x", "x::pos"), "x**x*(1 - log(x))")
    assert "sign" in found.mistakes and "the second term" in found.diagnosis


@pytest.mark.parametrize(
    ("function", "answer", "words"),
    [
        ("x @ (A @ x)", "A @ x", "the second term of the product rule at `x @ (A @ x)`, in which `x`"),
        ("x @ A.T @ x", "A @ x", "one term of the product rule at `x @ A.T @ x`, in which `x`"),
        ("x @ A @ tanh(x)", "A @ tanh(x)", "the term of the product rule at `x @ A @ tanh(x)` in which `tanh(x)`"),
    ],
)
def test_terms_are_counted_where_their_order_is_that_of_the_text(function: str, answer: str, words: str) -> None:
    verdict = hs.check(hs.parse(function, "A:n,n x:n"), answer, wrt="x")
    assert verdict.diagnosis.startswith(words)
    assert verdict.mistakes[0] == "product-term"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("2*A.T @ (A @ x - b)/(m*n)", "divided by m*n"),
        ("2*A.T @ (A @ x - b)/sqrt(n)", "divided by sqrt(n)"),
        ("2*A.T @ (A @ x - b)*m**2", "multiplied by m**2"),
    ],
)
def test_factors_of_products_and_powers_of_sizes(answer: str, said: str) -> None:
    assert said in hs.check(hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m"), answer, "x").diagnosis


def test_no_curve_through_two_sizes_and_no_correction_below_the_difference() -> None:
    mean = hs.parse("mean((A @ x - b)**2)", "A:m,n x:n b:m")
    assert "6/" not in hs.check(mean, "2*A.T @ (A @ x - b)/(m - 2)", "x").diagnosis
    assert "cos" not in hs.check(hs.parse("x**2", "x:"), "2*x + sin(pi*x)*1e-9").diagnosis
