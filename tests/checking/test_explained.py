"""What is said of wrong answers of kinds that are easily taken for something else."""

from __future__ import annotations

import pytest

import hesse as hs

LOGISTIC = ("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m:pm1 w:n", "w")
ENTROPY = ("s = sigmoid(X @ w); -sum(y*log(s) + (1 - y)*log(1 - s))", "X:m,n w:n y:m", "w")
COSINE = ("x @ y/(norm(x)*norm(y))", "x:n y:n", "x")
HUBER = ("where(abs(x) < 1, x**2/2, abs(x) - 1/2)", "x:", "x")
HINGE = ("sum(maximum(0, 1 - y*(X @ w)))", "X:m,n y:m w:n", "w")


def verdict(question: tuple[str, str, str | list[str]], answer: str, kind: str = "gradient") -> hs.Verdict:
    """The verdict on an answer that is wrong."""
    function, declarations, wrt = question
    found = hs.check(hs.parse(function, declarations), answer, wrt=wrt, kind=kind)
    assert not found.right
    return found


@pytest.mark.parametrize(
    ("question", "answer", "mistakes", "words"),
    [
        (("log(x)/x", "x::pos", "x"), "1/x", {"quotient"}, "numerator and denominator were divided"),
        (
            ("exp(-x**2/2)/sqrt(2*pi)", "x:", "x"),
            "-x*exp(-x**2/2)",
            {"missing-factor"},
            "the factor `1/sqrt(2*pi)` of `exp(-x**2/2)` is missing",
        ),
        (
            ("u @ relu(W @ x)", "u:m W:m,n x:n", "x"),
            "W.T @ step(W @ x)",
            {"missing-factor", "chain-outer"},
            "the factor `u` of `relu(W @ x)` is missing",
        ),
    ],
)
def test_no_inner_derivative_is_called_missing_where_something_else_is(
    question: tuple[str, str, str], answer: str, mistakes: set[str], words: str
) -> None:
    found = verdict(question, answer)
    assert mistakes <= set(found.mistakes) and "chain-inner" not in found.mistakes
    assert found.diagnosis == words or words in found.diagnosis
    assert "inner derivative" not in found.diagnosis


def test_a_wrong_sign_within_an_argument_is_told_beside_the_slip_that_leads_to_it() -> None:
    found = verdict(LOGISTIC, "-X.T @ (y*sigmoid(y*(X @ w)))")
    assert {"sign", "chain-inner"} <= set(found.mistakes)
    assert found.diagnosis.endswith("or the sign inside of `sigmoid(y*(X @ w))` is wrong")
    found = verdict(LOGISTIC, "-X.T @ sigmoid(-y*(X @ w))")
    assert {"chain-inner", "missing-factor"} == set(found.mistakes)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (("log(sin(x**2))", "x:", "x"), "2*x*cos(x**2)*sin(x**2)"),
        (("prod(x)", "x:n", "x"), "prod(x)*x"),
        (("logdet(X)", "X:n,n", "X"), "X.T"),
        (("A @ x", "A:n,n x:n", "x"), "A @ A"),
        (("trace(A @ X @ B)", "A:n,n X:n,n B:n,n", "X"), "B.T @ A.T"),
        (("a @ X @ b", "X:m,n a:m b:n", "X"), "a @ b"),
    ],
)
def test_the_right_answer_is_not_given_away(question: tuple[str, str, str], answer: str) -> None:
    kind = "gradient" if "A @ x" not in question[0] else "jacobian"
    found = verdict(question, answer, kind)
    assert str(found.correct) not in found.diagnosis


def test_a_factor_on_the_wrong_side_of_the_fraction_line() -> None:
    above = verdict(("prod(x)", "x:n", "x"), "prod(x)*x")
    assert "`x` stands above the fraction line" in above.diagnosis and "inverse" not in above.mistakes
    below = verdict(("x**2*sin(x)", "x:", "x"), "2*x*sin(x) + x**2/cos(x)")
    assert "`cos(x)` stands below the fraction line" in below.diagnosis and "inverse" not in below.mistakes


def test_a_difference_that_is_seen_near_one_point_only() -> None:
    found = verdict(("x**2", "x:", "x"), "2*x + exp(-1e6*(x - 0.1)**2)")
    assert "too small" not in found.diagnosis and "`exp(-1000000*(x - 0.1)**2)` should not be there" in found.diagnosis
    assert found.counterexample is not None
    assert abs(found.counterexample.point["x"] - 0.1) < 0.01
    assert abs(found.counterexample.got - found.counterexample.expected) > 0.01
    found = verdict(("x**2", "x:", "x"), "2*x + exp(-1e6*(x - 0.1)**2)*sin(x)*log(x + 5)/exp(-1e6*(x - 0.1)**2)")
    assert "only near" not in found.diagnosis
    found = verdict(("x**2/2", "x:", "x"), "x + 1e-300*x**40")
    assert "too coarse or too small" in found.diagnosis


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        (("max(x, x**2)", "x:", "x"), "2*x", "only the branch `x**2` of `maximum(x, x**2)` was differentiated"),
        (("max(x, x**2)", "x:", "x"), "1", "only the branch `x` of"),
        (("max(x, x**2)", "x:", "x"), "where(x < 0, 2*x, 1)", "the mistake is where `x < x**2`"),
        (("max(0, 1 - x)", "x:", "x"), "where(x > 1, -1, 0)", "the branches of `maximum(0, 1 - x)` are exchanged"),
        (("abs(x - 1)", "x:", "x"), "where(x < 1, -1, 0)", "where `x - 1 < 0` the answer is right"),
        (HUBER, "sign(x)", "only the branch `abs(x) - 1/2`"),
        (HUBER, "x", "only the branch `x**2/2`"),
        (HUBER, "where(abs(x) < 1, sign(x), x)", "are exchanged"),
        (HINGE, "-X.T @ y", "only the branch `1 - y*(X @ w)`"),
        (HINGE, "-X.T @ (y*(1 - y*(X @ w) < 0))", "are exchanged"),
    ],
)
def test_branches(question: tuple[str, str, str], answer: str, words: str) -> None:
    found = verdict(question, answer)
    assert words in found.diagnosis and "wrong-derivative" in found.mistakes


@pytest.mark.parametrize(
    ("question", "answer", "kind", "mistakes", "words"),
    [
        (("sum(A*B)", "A:m,n B:m,n", "A"), "A*B", "gradient", {"wrong-derivative"}, "a part of the function itself"),
        (LOGISTIC, "X.T @ diag(sigmoid(X @ w)) @ X", "hessian", {"wrong-derivative"}, "where its derivative should"),
        (ENTROPY, "X.T @ diag(s*(1 + s)) @ X", "hessian", {"sign"}, "the sign in front of `s`"),
        (ENTROPY, "X.T @ (s*(1 - s))", "hessian", {"shape", "missing-factor", "chain-inner"}, "the factor `X`"),
        (ENTROPY, "X.T @ (s*(1 - s)*X)", "hessian", {"shape", "elementwise-or-matrix"}, "`diag` of the vector"),
        (COSINE, "y/(norm(x)*norm(y))", "gradient", {"quotient", "product-term"}, "`norm(x)`"),
        (COSINE, "y/(norm(x)*norm(y)) - (x @ y)*x/(norm(x)**2*norm(y))", "gradient", {"quotient"}, "`1/norm(x)`"),
        (COSINE, "y/norm(x) - (x @ y)*x/norm(x)**3", "gradient", {"missing-factor"}, "the factor `norm(y)` is missing"),
        (("sin(x)/x", "x:", "x"), "cos(x)*x - sin(x)", "gradient", {"quotient"}, "`x` squared, is missing"),
        (("sin(x)/x", "x:", "x"), "(cos(x)*x - sin(x))/x", "gradient", {"quotient"}, "`x` is not squared"),
        (("exp(-x**2)", "x:", "x"), "-2*x*exp(-2*x)", "gradient", {"chain-outer"}, "the derivative of `-x**2`"),
    ],
)
def test_explained(question: tuple[str, str, str], answer: str, kind: str, mistakes: set[str], words: str) -> None:
    found = verdict(question, answer, kind)
    assert mistakes <= set(found.mistakes) and words in found.diagnosis


PRODUCT = ("x*y*z", "x: y: z:", ["x", "y", "z"])


@pytest.mark.parametrize(
    ("question", "answer", "kind", "words"),
    [
        (PRODUCT, "[y*z, x*z, x*z]", "gradient", ["in the third entry, by `z`: `y` should stand where `z` stands"]),
        (COSINE, "y/(norm(x)*norm(y)) - (x @ y)*y/(norm(x)**3*norm(y))", "gradient", ["(the second `y`)"]),
        (
            ("x**2*sin(y)", "x: y:", ["x", "y"]),
            "[2*x, cos(y)]",
            "gradient",
            ["in the first entry, by `x`: the other factors", "in the second entry, by `y`: the other factors"],
        ),
        (
            ("[r*cos(t), r*sin(t)]", "r: t:", ["r", "t"]),
            "[[cos(t), -sin(t)], [sin(t), cos(t)]]",
            "jacobian",
            ["in the entry [0, 1]: ", "in the entry [1, 1]: ", "`r*sin(t)`"],
        ),
    ],
)
def test_the_place_of_a_mistake(question: tuple[str, str, str], answer: str, kind: str, words: list[str]) -> None:
    found = verdict(question, answer, kind)
    assert [part for part in words if part not in found.diagnosis] == []


def test_what_holds_at_too_few_points_is_no_explanation() -> None:
    found = verdict(("x1**x2", "x1::pos x2:", ["x1", "x2"]), "[x2*x1**(x2 - 1), x1**x2]")
    assert "times that" not in found.diagnosis and "missing-factor" in found.mistakes


FORM = ("x @ A @ x", "A:n,n x:n", "x")


def test_an_answer_by_one_component() -> None:
    function, declarations, wrt = FORM
    f = hs.parse(function, declarations)
    right = hs.check(f, "sum(j, (A[k,j] + A[j,k])*x[j])", wrt=wrt)
    assert right.verdict == "equal (proved)"
    assert right.readings == ("one component: `k` runs over all places of the answer, a vector, from 0 to n-1",)
    assert hs.check(hs.parse("sum(x**2)", "x:3"), "2*x[i]").right
    assert hs.check(hs.parse("r = A @ x - b; r @ r", "A:m,n x:n b:m"), "2*sum(i, A[i,k]*r[i])", "x").right
    assert "product-term" in verdict(FORM, "sum(j, A[k,j]*x[j])").mistakes
    assert "`k` is the wrong index in `x[k]`" in verdict(FORM, "sum(j, (A[k,j] + A[j,k])*x[k])").diagnosis


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (r"\sum_j (A_{kj} + A_{jk}) x_j", True),
        (r"\frac{\partial f}{\partial x_k} = \sum_{j=1}^{n} (A_{kj} + A_{jk}) x_j", True),
        (r"\sum_j A_{ij} x_j", False),
        ("2 x_i", False),
    ],
)
def test_a_component_in_latex(answer: str, right: bool) -> None:
    function, declarations, wrt = FORM
    found = hs.check(hs.parse(function, declarations), answer, wrt=wrt, notation="latex")
    assert found.right == right and any("one component" in reading for reading in found.readings)


@pytest.mark.parametrize("answer", [r"A_{ij} + A_{ji}", r"\sum_j A_{kj} x_j + x_i", r"\sum_j A_{kj} x_j + y_k"])
def test_several_free_indices_and_unknown_names_in_latex_are_refused(answer: str) -> None:
    function, declarations, wrt = FORM
    with pytest.raises(hs.HesseError, match=r"runs over nothing|not declared|does not occur"):
        hs.check(hs.parse(function, declarations), answer, wrt=wrt, notation="latex")


@pytest.mark.parametrize(
    ("question", "answer", "kind"),
    [
        (FORM, "A[i,j] + A[j,i]", "hessian"),
        (FORM, "2*x[i]*x", "gradient"),
        (("x*y", "x: y:", "x"), "y[i]", "gradient"),
    ],
)
def test_other_free_indices_are_refused_with_what_is_read(
    question: tuple[str, str, str], answer: str, kind: str
) -> None:
    function, declarations, wrt = question
    with pytest.raises(hs.errors.UnknownNameError) as refused:
        hs.check(hs.parse(function, declarations), answer, wrt=wrt, kind=kind)
    assert "sum(j, A[k,j]*x[j])" in refused.value.hint


@pytest.mark.parametrize("answer", ["2*k*x[k]", "x[k] + k", "2*x[k] + j"])
def test_an_index_is_no_number(answer: str) -> None:
    with pytest.raises(hs.errors.UnknownNameError):
        hs.check(hs.parse("sum(x**2)", "x:n"), answer)
