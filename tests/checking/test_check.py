"""Verdicts: each of their kinds, the traps between them, and answers that are meant to break something."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.checking.verdict import MISTAKES

ONLY = "equal only if "
ROWS = ("-sum(Y*log_softmax(Z, axis=1))", "Y:m,k Z:m,k")
NORM = ("norm(A @ x - b)**2", "A:m,n x:n b:m")


def checked(function: str, declarations: str, answer: str, wrt: Any = None, kind: str = "gradient", **more: Any) -> Any:
    """The verdict."""
    return hs.check(hs.parse(function, declarations), answer, wrt, kind, **more)


@pytest.mark.parametrize(
    ("function", "declarations", "wrt", "kind", "answer", "verdict"),
    [
        (*NORM, "x", "gradient", "2*A.T @ A @ x - 2*A.T @ b", "equal (proved)"),
        ("prod(x)", "x:n:pos", "x", "gradient", "exp(sum(log(x)))/x", "no difference found"),
        (*NORM, "x", "gradient", "A.T @ (A @ x - b)", "different"),
        ("A @ x", "A:m,n x:n", "x", "jacobian", "A.T", "equal in the other layout"),
        ("A @ x", "A:n,n x:n", "x", "jacobian", "A.T", "equal in the other layout"),
        ("trace(A @ X)", "A:m,n X:n,m", "X", "gradient", "A", "equal in the other layout"),
        ("logdet(X)", "X:n,n", "X", "gradient", "inv(X)", "equal in the other layout"),
        ("x1*x2", "x1: x2:", None, "gradient", "[[x2, x1]]", "equal in the other layout"),
        ("x @ A @ x", "A:n,n x:n", "x", "gradient", "2*A @ x", "equal only if A is symmetric"),
        ("x @ A @ B @ x", "A:n,n B:n,n x:n", "x", "gradient", "(A @ B + B @ A) @ x", ONLY + "A and B are symmetric"),
        ("-y @ log(softmax(z))", "y:k z:k", "z", "gradient", "softmax(z) - y", ONLY + "the entries of y sum to one"),
        (*ROWS, "Z", "gradient", "softmax(Z, axis=1) - Y", ONLY + "every row of Y sums to one"),
        ("sum(abs(u))", "u:n", "u", "gradient", "ones(n)", "equal only if u > 0"),
        ("x*abs(x)/2", "x:", "x", "gradient", "x", "equal only if x > 0"),
        ("sum((y*x)**2)", "x:n y:n", "x", "gradient", "2*x", ONLY + "the entries of y are -1 or 1"),
        ("x*log(x**2) - 2*x", "x:", "x", "gradient", "2*log(x)", "domains differ"),
    ],
)  # fmt: skip
def test_each_kind_of_verdict(function: str, declarations: str, wrt: str, kind: str, answer: str, verdict: str) -> None:
    found = checked(function, declarations, answer, wrt, kind)
    assert found.verdict == verdict
    assert found.right == (verdict in ("equal (proved)", "no difference found"))
    assert found.status == (0 if found.right else 1)
    assert str(found).startswith(verdict)
    assert (found.counterexample is None) == (found.right or "layout" in found.mistakes)
    assert set(found.mistakes) <= MISTAKES.keys()


def test_the_mistake_is_named_with_its_rule_and_its_place() -> None:
    found = checked("x @ A @ x", "A:n,n x:n", "A @ x", "x")
    assert found.mistakes[0] == "product-term" and found.rule == "product"
    assert found.diagnosis == (
        "the second term of the product rule at `x @ A @ x`, in which `x` is differentiated, is missing"
    )
    found = checked(*NORM, "A.T @ (A @ x - b)", "x")
    assert found.mistakes == ["missing-factor"] and found.rule == "power"
    assert found.diagnosis == "the factor 2 of the power rule at `norm(A @ x - b)**2` is missing"


def test_two_mistakes_are_named_together() -> None:
    found = checked(
        "sum((X @ w - y)**2)/(2*m) + lam*norm(w)**2", "X:m,n w:n y:m lam:", "-X.T @ (X @ w - y)/m + lam*w", "w"
    )
    assert {"sign", "missing-factor"} <= set(found.mistakes)
    assert "; and " in found.diagnosis


def test_what_is_not_explained_is_said_and_shown() -> None:
    found = checked("x**3", "x:", "cosh(x)/7")
    assert found.verdict == "different" and found.mistakes == []
    assert "no single mistake" in found.diagnosis and found.counterexample.certified


@pytest.mark.parametrize(
    ("function", "declarations", "answer", "wrt"),
    [
        (*NORM, "A.T @ (A @ x - b)", "x"),
        ("sum(X*(A @ X))", "X:n,k A:n,n", "2*A @ X", "X"),
        ("x1**2*sin(x2)", "x1: x2:", "[2*x1*sin(x2), -x1**2*cos(x2)]", ["x1", "x2"]),
        ("sum(sigmoid(x))", "x:n", "sigmoid(x)", "x"),
    ],
)
def test_a_counterexample_is_one(function: str, declarations: str, answer: str, wrt: Any) -> None:
    """Both values are those of the compiled expressions, and lie in the certified bounds."""
    f = hs.parse(function, declarations)
    example = hs.check(f, answer, wrt).counterexample
    point = {name: np.asarray(value, float) for name, value in example.point.items()}
    assert example.point.keys() == f.variables.keys()
    expected = np.asarray(hs.gradient(f, wrt).evaluate(**point))[example.entry]
    got = np.asarray(hs.parse(answer, declarations).evaluate(**point))[example.entry]
    assert np.isclose(expected, example.expected) and np.isclose(got, example.got)
    assert example.certified and not np.isclose(expected, got)
    (low, high), (low_got, high_got) = example.expected_bounds, example.got_bounds
    assert low <= example.expected <= high and low_got <= example.got <= high_got
    assert high < low_got or high_got < low


def test_a_difference_of_ten_to_the_minus_200_is_one() -> None:
    found = checked("exp(x)", "x:", "e^x + 1e-200")
    assert found.verdict == "different" and found.counterexample.certified
    assert found.counterexample.difference == pytest.approx(1e-200)
    assert "1e-200" in str(found)


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("max(0, x - 3)**4/4", "0"),
        ("max(0, x - 300)**4/4", "0"),
        ("max(0, x - 300)**4/4", "where(x > 301, (x - 300)**3, 0)"),
        ("relu(x)**2", "2*x"),
        ("max(0, x - 3)**2*max(0, 4 - x)**2", "0"),
        ("x**2/2", "min(x, 5000)"),
    ],
)
def test_both_sides_of_kinks_are_looked_at(function: str, answer: str) -> None:
    found = checked(function, "x:", answer)
    assert not found.right and not found.undecided
    assert found.counterexample.certified


def test_what_differs_at_single_points_only_is_no_difference() -> None:
    assert checked("x**3/3 - x", "x:", "(x**3 - x**2 - x + 1)/(x - 1)").right
    assert checked("prod(x)", "x:n", "prod(x)/x", "x").right
    assert checked("abs(x)", "x:", "x/abs(x)").right
    # The function has no value at x <= 0: what the answer does there does not matter.
    assert checked("log(x)", "x:", "exp(-log(x))").right
    assert checked("log(x)", "x:", "1/abs(x)").right


def test_entries_that_are_always_zero_are_no_kinks() -> None:
    assert checked("sum(abs(diag(x)))", "x:n", "sign(x)", "x").right
    found = checked("trace((A @ B)/(abs(C) + 1/2)/log(abs(eye(n)) + 1/2))", "A:n,p B:p,n C:n,n", "-C", "C")
    assert found.verdict == "different" and found.counterexample.certified


def test_overflow_is_not_a_domain() -> None:
    assert checked("log(1 + exp(x))", "x:", "exp(x)/(1 + exp(x))").right
    assert checked("sum(log(1 + exp(100*x)))", "x:n", "100*exp(100*x)/(1 + exp(100*x))", "x").right


def test_the_layout_of_a_jacobian_is_told_from_a_transposed_factor() -> None:
    found = checked("tanh(W @ x)", "W:n,n x:n", "W.T @ diag(1 - tanh(W @ x)**2)", "x", "jacobian")
    assert found.verdict == "equal in the other layout" and found.mistakes == ["layout"]
    found = checked("tanh(W @ x)", "W:n,n x:n", "diag(1 - tanh(W @ x)**2) @ W.T", "x", "jacobian")
    assert found.mistakes[0] in ("transpose", "assumption") and "transpose" in found.mistakes


def test_entries() -> None:
    function, declarations = "x1**2*x2", "x1: x2:"
    assert checked(function, declarations, "2*x1", kind="hessian", entry=(0, 1)).right
    found = checked(function, declarations, "2*x1", kind="hessian", entry=(0, 0))
    assert found.mistakes == ["wrong-variable"] and "[0, 1]" in found.diagnosis
    assert checked("x @ A @ x", "A:n,n x:n", "A[0, 1] + A[1, 0]", "x", "hessian", entry=(0, 1)).right
    assert checked("x @ A @ x", "A:n,n x:n", "sum((A + A.T)[2]*x)", "x", entry=2).right
    assert checked(function, declarations, "[1, 2]", kind="hessian", entry=(0, 0)).mistakes[0] == "shape"


@pytest.mark.parametrize("entry", [(0,), (0, 0, 0), (0, 2), (-1, 0), 0])
def test_entries_that_do_not_exist_are_refused(entry: Any) -> None:
    with pytest.raises(hs.ArgumentError):
        checked("x1**2*x2", "x1: x2:", "1", kind="hessian", entry=entry)


def test_the_answer_may_use_and_make_definitions() -> None:
    function, declarations = "r = A @ x - b; r @ r", "A:m,n x:n b:m"
    assert checked(function, declarations, "2*A.T @ r", "x").verdict == "equal (proved)"
    assert checked(function, declarations, "s = 2*r; A.T @ s", "x").right
    assert checked(function, declarations, "r = 2*(A @ x - b); A.T @ r", "x").right
    assert checked(function, declarations, "A.T @ r", "x").mistakes == ["missing-factor"]
    assert checked("sum(x)/n", "x:n", "ones(n)/n", "x").right


def test_latex_answers() -> None:
    assert checked(*NORM, r"2A^\top(Ax-b)", "x", notation="latex").verdict == "equal (proved)"
    assert checked(*NORM, r"A^\top(Ax-b)", "x", notation="latex").mistakes == ["missing-factor"]
    assert checked("exp(a*x)", "a: x:", r"a e^{ax}", "x", notation="latex").right


def test_an_expression_can_be_the_answer() -> None:
    f = hs.parse(*NORM)
    assert hs.check(f, hs.gradient(f, "x"), "x").verdict == "equal (proved)"
    assert hs.check(f, -hs.gradient(f, "x"), "x").mistakes[0] == "sign"
    with pytest.raises(hs.HesseError, match="`c`"):
        hs.check(f, hs.parse("c", "c:n"), "x")


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        ("2*A @ (A @ x - b)", {"shape", "transpose"}),
        ("A*x", {"shape"}),
        ("2*(A @ x - b)", {"shape", "chain-inner"}),
        ("5", {"shape"}),
        ("[[A, A], [A, A]]", {"shape"}),
        ("2*A.T @ A", {"shape", "wrong-derivative"}),
    ],
)
def test_wrong_shapes_are_different_and_no_exceptions(answer: str, mistakes: set[str]) -> None:
    found = checked(*NORM, answer, "x")
    assert found.verdict == "different" and found.mistakes[0] == "shape"
    assert mistakes <= set(found.mistakes)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("2*A.T @ (A @ x - ", hs.ParseError),
        ("2*A.T @ (A @ x - c)", hs.UnknownNameError),
        ("2*+*x", hs.ParseError),
        ("", hs.ParseError),
        ("x @ x.T", hs.AmbiguousError),
        ("9^9^9^9", hs.LimitError),
        ("(" * 5000 + "x" + ")" * 5000, hs.HesseError),
        ("[" * 3000 + "x", hs.HesseError),
        ("x" * 10_000, hs.HesseError),
        ("x +" * 10_000, hs.HesseError),
        ("1" * 10_000, hs.HesseError),
        ("\x00", hs.HesseError),
        ("x = 1; x", hs.HesseError),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(answer: str, error: type[hs.HesseError]) -> None:
    start = time.process_time()
    with pytest.raises(error) as caught:
        checked(*NORM, answer, "x")
    assert time.process_time() - start < 5
    if caught.value.span is not None:
        assert caught.value.source == answer


@pytest.mark.parametrize(
    "answer",
    [
        "+".join(["x"] * 4000),
        "*".join(["(x + 1)"] * 1400),
        "sin(" * 90 + "x" + ")" * 90,
        "(" * 90 + "x" + ")**2" * 90,
        "/".join(["x"] * 5000),
        "exp(exp(exp(exp(exp(exp(x))))))",
        "x**1000 - x**999",
        "1/(x - x)",
        "(x + 1)**40*(x - 1)**40*(x + 2)**40",
        "where(x > 0, where(x > 1, where(x > 2, x, 0), 0), 0)",
        "log(-x**2 - 1)",
    ],
)
def test_hostile_answers_end_in_time(answer: str) -> None:
    start = time.process_time()
    try:
        found = checked("exp(x)*sin(x)", "x:", answer)
    except hs.HesseError:
        pass
    else:
        assert not found.right
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("(x**2 + 1)**20/(x + 2)**7", "40*x*(x**2 + 1)**19/(x + 2)**7 - 7*(x**2 + 1)**20/(x + 2)**8"),
        ("exp(sin(x)**2 + cos(x)**2)*x", "e + sin(x)*0"),
        ("log((x**2 + 1)**50)", "100*x/(x**2 + 1)"),
        ("tanh(tanh(tanh(x)))", "(1 - tanh(tanh(tanh(x)))**2)*(1 - tanh(tanh(x))**2)*(1 - tanh(x)**2)"),
        ("exp(x)**(1/3)", "(exp(x))**(1/3)/3"),
    ],
)
def test_pairs_over_which_algebra_systems_hang_end_in_time(function: str, answer: str) -> None:
    start = time.process_time()
    assert checked(function, "x:", answer).right
    assert time.process_time() - start < 5


def test_a_short_time_is_kept_and_never_makes_an_answer_wrong() -> None:
    start = time.process_time()
    found = checked(*NORM, "2*A.T @ A @ x - 2*A.T @ b", "x", time_limit=1e-9)
    assert found.right or found.undecided
    assert time.process_time() - start < 2


def test_undecided_where_there_is_no_point() -> None:
    found = checked("log(-1 - x**2)*x", "x:", "log(-1 - x**2) + 1")
    assert found.verdict == "undecided" and found.status == 3


def test_undefined_functions() -> None:
    assert checked("u(x)*v(x)", "u:n-> v:n-> x:n", "u(x)*grad(v)(x) + v(x)*grad(u)(x)", "x").right
    assert "product-term" in checked("u(x)*v(x)", "u:n-> v:n-> x:n", "u(x)*grad(v)(x)", "x").mistakes
    assert checked("phi(2*x)", "phi:-> x:", "2*diff(phi)(2*x)").right
    assert "chain-inner" in checked("phi(2*x)", "phi:-> x:", "diff(phi)(2*x)").mistakes


def test_the_symmetric_convention_is_recognised() -> None:
    found = checked("logdet(S)", "S:n,n:spd", "2*inv(S) - diag(diagpart(inv(S)))", "S")
    assert found.assumption == "an entry and its mirror image vary together"
    assert found.mistakes == ["assumption"]


def test_verdicts_do_not_depend_on_what_ran_before() -> None:
    first = checked("x @ A @ x", "A:n,n x:n", "A @ x", "x").to_dict()
    checked("sum(x**4)", "x:n", "x", "x")
    assert checked("x @ A @ x", "A:n,n x:n", "A @ x", "x").to_dict() == first
    assert (
        checked("x @ A @ x", "A:n,n x:n", "A @ x", "x", seed=2).counterexample.point
        != first["counterexample"]["values"]
    )


def test_the_record_is_json() -> None:
    found = checked("x1/x2", "x1: x2:", "[1/x2, x1/x2**2]")
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["verdict"] == "different" and record["right"] is False
    assert record["counterexample"]["certified"] is True
    assert record["correct"] == "[1/x2, -x1/x2**2]"
    assert record["wrt"] == ["x1", "x2"] and record["seed"] == 1


def test_the_notebook_shows_what_is_said_and_nothing_else() -> None:
    page = checked("x1/x2", "x1: x2:", "[1/x2, x1/x2**2]")._repr_html_()
    assert "different" in page and "<script" not in page
    page = checked("where(x < 0, x**2, x**3)", "x:", "where(x < 0, x**2, 3*x**2)")._repr_html_()
    assert "x &gt; 0" in page and "x > 0" not in page


@pytest.mark.parametrize(
    "arguments",
    [
        {"kind": "divergence"},
        {"notation": "troff"},
        {"wrt": "q"},
        {"entry": "0"},
        {"entry": 1.5},
        {"time_limit": 0},
    ],
)
def test_arguments_that_cannot_be_used_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(hs.ArgumentError):
        hs.check(hs.parse("x**2", "x:"), "2*x", **arguments)
    with pytest.raises(hs.ArgumentError):
        hs.check("x**2", "2*x")  # type: ignore[arg-type]
    with pytest.raises(hs.ArgumentError):
        hs.check(hs.parse("x**2", "x:"), 2.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "declarations", "wrt", "answer", "words"),
    [
        ("abs(x - 2)", "x:", "x", "1", "outer derivative"),
        ("relu(x - 3)**2", "x:", "x", "2*(x - 3)", "only the branch `x - 3` of"),
        ("max(0, x - 3)**3", "x:", "x", "3*(x - 3)**2", "only the branch `x - 3` of"),
        ("mean((X @ w - y)**2)", "X:m,n w:n y:m", "w", "2*X.T @ (X @ w - y)/n", "divided by n in the place of m"),
        ("mean((X @ w - y)**2)", "X:m,n w:n y:m", "w", "2*X.T @ (X @ w - y)", "a sum was taken for a mean"),
    ],
)
def test_explanations_hold_on_both_sides_of_kinks(
    text: str, declarations: str, wrt: str, answer: str, words: str
) -> None:
    found = hs.check(hs.parse(text, declarations), answer, wrt=wrt)
    assert found.verdict == "different" and words in found.diagnosis, found.diagnosis


@pytest.mark.parametrize(
    ("answer", "code"),
    [("y - softmax(z)", "sign"), ("2*(softmax(z) - y)", "missing-factor")],
)
def test_a_mistake_beside_an_assumption(answer: str, code: str) -> None:
    """The usual answer is right only if the entries of y sum to one; a slip in it is still named."""
    verdict = hs.check(hs.parse("-y @ log(softmax(z))", "y:k z:k"), answer, wrt="z", time_limit=60)
    assert verdict.verdict == "different"
    assert verdict.mistakes == [code, "assumption"]
    assert verdict.diagnosis.startswith("if the entries of y sum to one, which is not given: ")


def test_an_answer_that_is_right_as_arrays_are_multiplied_is_asked_about() -> None:
    f = hs.parse("x @ A @ x", "A:n,n x:n")
    for answer in ("sum(A*x, axis=1) + sum(A.T*x, axis=1)", "sum(x*A, axis=1) + x @ A"):
        with pytest.raises(hs.ShapeError, match="is written `@`"):
            hs.check(f, answer, wrt="x")
    assert hs.check(f, "sum(A*x, axis=1)", wrt="x").verdict == "different"
