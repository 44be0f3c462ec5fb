"""Right derivatives are verified, wrong ones refuted, and what cannot be decided is said to be so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from hesse.verify.derivative import verify_derivative
from hesse.verify.verdict import Verification

from .trees import Tree, declare, einsum, filled, fn, lift, names, stacked, undefined, where_names

A, B, X, Y, W, S, P, Q = names("A B X Y W S P Q")
a, b, c, d, i, p, q, s, u, v, w, x, x1, x2, x10, y, z, lam = names("a b c d i p q s u v w x x1 x2 x10 y z lam")
m, n, k = names("m n k")


def total(tree: Tree) -> Tree:
    """sum(tree)."""
    return fn("sum", tree)


def diag(tree: Tree) -> Tree:
    """diag(tree)."""
    return fn("diag", tree)


@dataclass(frozen=True)
class Case:
    """A function with its derivative."""

    function: Tree
    result: Tree
    declarations: str
    wrt: tuple[str, ...] = ("x",)
    order: int = 1
    first: Tree | None = None

    def verify(self, result: Tree | None = None, **changes: Any) -> Verification:
        """The verification of this result, or of another one in its place."""
        arguments: dict[str, Any] = {
            "function": self.function.syntax,
            "result": (result or self.result).syntax,
            "wrt": self.wrt,
            "order": self.order,
            "declarations": declare(self.declarations),
            "first": None if self.first is None else self.first.syntax,
        }
        return verify_derivative(**(arguments | changes))


def at(
    result: Tree, declarations: str, function: Tree, wrt: str = "x", order: int = 1, first: Tree | None = None
) -> Case:
    """A case, with the result first."""
    return Case(function, result, declarations, tuple(wrt.split()), order, first)


residual = A @ x - b
margin = y * (X @ w)
sigma = fn("sigmoid", -margin)
soft = fn("softmax", x)
norm = fn("norm", residual)
T = fn("tanh", A @ x + b)
inverse = fn("inv", S)
LOGISTIC = -(X.T @ (y * sigma))
unit = fn("eye", n)

RIGHT: dict[str, Case] = {
    "quadratic": at((A + A.T) @ x, "A:n,n x:n", x @ A @ x),
    "quadratic, symmetric": at(2 * (A @ x), "A:n,n:sym x:n", x @ A @ x),
    "quadratic by its matrix": at(fn("outer", x, x), "A:n,n x:n", x @ A @ x, "A"),
    "least squares": at(2 * (A.T @ residual), "A:m,n x:n b:m", norm**2),
    "least squares by the matrix": at(2 * fn("outer", residual, x), "A:m,n x:n b:m", norm**2, "A"),
    "least squares by the target": at(-2 * residual, "A:m,n x:n b:m", norm**2, "b"),
    "least squares, curvature": at(2 * (A.T @ A), "A:m,n x:n b:m", norm**2, order=2),
    "least squares, mixed with ridge": at(
        2 * (A.T @ residual) / m + lam * x / fn("norm", x), "A:m,n x:n b:m lam:", norm**2 / m + lam * fn("norm", x)
    ),
    "norm": at(A.T @ residual / norm, "A:m,n x:n b:m", norm),
    "norm, curvature": at(
        A.T @ (fn("eye", m) - fn("outer", residual, residual) / norm**2) @ A / norm, "A:m,n x:n b:m", norm, order=2
    ),
    "logistic": at(LOGISTIC, "X:m,n y:m:pm1 w:n", total(fn("log", 1 + fn("exp", -margin))), "w"),
    "logistic, curvature with y**2 = 1": at(
        X.T @ diag(sigma * (1 - sigma)) @ X, "X:m,n y:m:pm1 w:n", total(fn("softplus", -margin)), "w", 2
    ),
    "logistic, curvature from the gradient": at(
        X.T @ diag(sigma * (1 - sigma)) @ X, "X:m,n y:m:pm1 w:n", total(fn("softplus", -margin)), "w", 2, LOGISTIC
    ),
    "layer": at(diag(1 - T**2) @ A, "A:m,n x:n b:m", T),
    "layer by its weights": at(einsum("i,ij,k->ijk", 1 - T**2, fn("eye", m), x), "A:m,n x:n b:m", T, "A"),
    "layer, second order": at(
        einsum("i,ij,ik->ijk", -2 * T * (1 - T**2), A, A), "A:m,n x:n b:m", T, order=2, first=diag(1 - T**2) @ A
    ),
    "softmax": at(diag(soft) - fn("outer", soft, soft), "x:n", soft),
    "logsumexp": at(A.T @ fn("softmax", A @ x), "A:m,n x:n", fn("logsumexp", A @ x)),
    "cross entropy": at(
        X.T @ (fn("softmax", X @ W, axis=1) - Y),
        "X:m,n W:n,k Y:m,k:simplex",
        total(fn("logsumexp", X @ W, axis=1)) - total(Y * (X @ W)),
        "W",
    ),
    "entropy": at(-fn("log", p) - 1, "p:n:simplex", -total(p * fn("log", p)), "p"),
    "labels": at(2 * y, "y:m:pm1", total(y**2), "y"),
    "inverse": at(-fn("outer", inverse.T @ x, inverse @ x), "S:n,n x:n", x @ inverse @ x, "S"),
    "inverse, symmetric formula": at(-fn("outer", inverse @ x, inverse @ x), "S:n,n:sym x:n", x @ inverse @ x, "S"),
    "inverse, curvature where symmetric": at(
        einsum("li,j,k->ijkl", inverse, inverse @ x, inverse @ x)
        + einsum("jk,i,l->ijkl", inverse, inverse @ x, inverse @ x),
        "S:n,n:spd x:n",
        x @ inverse @ x,
        "S",
        2,
        -fn("outer", inverse @ x, inverse @ x),
    ),
    "needs m >= n": at(
        -2 * (X @ fn("inv", X.T @ X) @ fn("inv", X.T @ X)), "X:m,n", fn("trace", fn("inv", X.T @ X)), "X"
    ),
    "needs n >= m": at(
        -2 * (fn("inv", X @ X.T) @ fn("inv", X @ X.T) @ X), "X:m,n", fn("trace", fn("inv", X @ X.T)), "X"
    ),
    "chained": at(2 * ((x[1:] - x[:-1]) @ (unit[1:] - unit[:-1])), "x:n", total((x[1:] - x[:-1]) ** 2)),
    "gather": at(einsum("k,kj->j", 2 * x[i], unit[i]), "x:n i:p:index(n)", total(x[i] ** 2)),
    "far position": at(3 * x[6] ** 2 * unit[6], "x:n", x[6] ** 3),
    "size as a number": at(filled("ones", n) / n, "x:n", fn("mean", x)),
    "fixed sizes": at(2 * (A.T @ residual), "A:3,2 x:2 b:3", norm**2),
    "compound sizes": at(A.T @ A @ x * 2, "A:n-1,n x:n", fn("norm", A @ x) ** 2),
    "zero": at(filled("zeros", n), "x:n y:m", total(y**2)),
    "zero by cancellation": at(x - x, "x:n", total(soft)),
    "zero curvature": at(filled("zeros", n, n), "x:n w:n", w @ x, order=2),
    "scalar": at(fn("cos", x) * fn("exp", x) + fn("sin", x) * fn("exp", x), "x:", fn("sin", x) * fn("exp", x)),
    "scalar, second order": at(2 * fn("cos", x) * fn("exp", x), "x:", fn("sin", x) * fn("exp", x), order=2),
    "scalars": at(
        stacked(2 * x1 + x2 * fn("exp", x1 * x2), x1 * fn("exp", x1 * x2) + 2 / x2),
        "x1: x2:",
        x1**2 + fn("exp", x1 * x2) + 2 * fn("log", x2),
        "x1 x2",
    ),
    "scalars in natural order": at(stacked(x10, x2), "x10: x2:", x2 * x10, "x2 x10"),
    "scalars, curvature": at(stacked(stacked(2, 3), stacked(3, 0 * x1)), "x1: x2:", x1**2 + 3 * x1 * x2, "x1 x2", 2),
    "undefined, elementwise": at(
        A.T @ undefined("phi", 1, A @ x), "A:m,n x:n phi:->", total(undefined("phi", 0, A @ x))
    ),
    "undefined, scalar-valued": at(A.T @ undefined("f", 1, A @ x), "A:m,n x:n f:m->", undefined("f", 0, A @ x)),
    "undefined, curvature": at(
        A.T @ undefined("f", 2, A @ x) @ A, "A:m,n x:n f:m->", undefined("f", 0, A @ x), order=2,
        first=A.T @ undefined("f", 1, A @ x),
    ),
    "undefined, chain": at(
        undefined("g", 1, x).T @ undefined("f", 1, undefined("g", 0, x)),
        "x:n f:m-> g:n->m",
        undefined("f", 0, undefined("g", 0, x)),
    ),
    "abs": at(fn("sign", x), "x:n", fn("norm1", x)),
    "relu": at(A.T @ fn("step", residual), "A:m,n x:n b:m", total(fn("relu", residual))),
    "relu, curvature": at(filled("zeros", n, n), "A:m,n x:n b:m", total(fn("relu", residual)), order=2),
    "maximum": at((x > b) * 1.0, "x:n b:n", total(fn("maximum", x, b))),
    "steep kink": at(100 * fn("sign", x - 0.001), "x:", 100 * fn("abs", x - 0.001)),
    "Huber": at(
        fn("where", fn("abs", x) < 1, x, fn("sign", x)),
        "x:n",
        total(fn("where", fn("abs", x) < 1, x**2 / 2, fn("abs", x) - 0.5)),
    ),
    "logarithm": at(1 / x, "x:n", total(fn("log", x))),
    "logarithm of a negative": at(1 / x, "x:", fn("log", -x)),
    "logarithm of a difference": at(1 / (x - y), "x: y:", fn("log", x - y)),
    "logarithm of a product": at(A.T @ (1 / (A @ x)), "A:m,n x:n", total(fn("log", A @ x))),
    "square root": at(-x / fn("sqrt", 1 - x @ x), "x:n", fn("sqrt", 1 - x @ x)),
    "reciprocal": at(-1 / x**2, "x:n", total(1 / x)),
    "arcsine": at(1 / fn("sqrt", 1 - x**2), "x:n", total(fn("arcsin", x))),
    "power": at(y * x ** (y - 1), "x:n:pos y:n", total(x**y)),
    "power by the exponent": at(x**y * fn("log", x), "x:n:pos y:n", total(x**y), "y"),
    "third order": at(6 * einsum("ij,ik->ijk", unit, unit), "x:n", total(x**3), order=3),
    "third order from the second": at(
        6 * einsum("ij,ik->ijk", unit, unit), "x:n", total(x**3), order=3, first=6 * diag(x)
    ),
    "fourth order": at(einsum("i,ij,ik,il->ijkl", fn("sin", x), unit, unit, unit), "x:n", total(fn("sin", x)), order=4),
    "definitions": at(
        where_names([("q", residual), ("d", A.T @ (2 * q))], d), "A:m,n x:n b:m", where_names([("s", residual)], s @ s)
    ),
    "large values": at(2e6 * x, "x:n", 1e6 * (x @ x)),
    "small values": at(2e-6 * x, "x:n", lift(1e-6) * (x @ x)),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_results_are_verified(name: str) -> None:
    outcome = RIGHT[name].verify()
    assert outcome.status == "verified", str(outcome)
    assert outcome.ok
    assert outcome.digits >= 6
    assert outcome.points >= 2


@pytest.mark.parametrize("name", RIGHT)
def test_a_slightly_wrong_factor_is_refuted(name: str) -> None:
    case = RIGHT[name]
    vanishes = "zero" in name or name == "relu, curvature"
    wrong = case.result + 0.001 if vanishes else case.result * 1.002
    outcome = case.verify(wrong)
    assert outcome.status == "refuted", str(outcome)
    assert outcome.counterexample is not None
    assert not outcome.ok


WRONG: dict[str, tuple[str, Tree]] = {
    "factor two missing": ("least squares", A.T @ residual),
    "sign": ("least squares", -2 * (A.T @ residual)),
    "dropped term": ("quadratic", A @ x),
    "right only where symmetric": ("quadratic", 2 * (A @ x)),
    "right only where symmetric, in the sum": ("inverse", -fn("outer", inverse @ x, inverse @ x)),
    "silent zero": ("least squares", filled("zeros", n)),
    "silent zero of a matrix": ("quadratic by its matrix", filled("zeros", n, n)),
    "silent zero where values vanish": ("layer", filled("zeros", m, n)),
    "transposed factor": ("undefined, chain", undefined("g", 1, x) @ undefined("f", 1, undefined("g", 0, x))),
    "transposed result": ("inverse", -fn("outer", inverse @ x, inverse.T @ x)),
    "inner derivative missing": ("logarithm of a product", filled("ones", m) @ A / fn("norm", A @ x) ** 2),
    "chain factor missing": ("layer", diag(1 - T) @ A),
    "norm not divided": ("norm", A.T @ residual),
    "scalar for a vector": ("zero", lift(0)),
    "column for a vector": ("least squares", (2 * (residual @ A)) * filled("ones", 1, 1)),
    "Jacobian in the other layout": ("layer", A.T @ diag(1 - T**2)),
    "right for n = 1 only": ("logarithm", filled("ones", n) / fn("sum", x)),
    "right for one entry only": ("reciprocal", -1 / (x * x[0])),
    "mean for a sum": ("logarithm", 1 / x / n),
    "one entry": ("logarithm", 1 / x + 0.01 * unit[n - 1]),
    "wrong branch": ("relu", A.T @ (1 - fn("step", residual))),
    "leaky branch": ("relu", A.T @ fn("where", residual > 0, 1, 0.01)),
    "Huber without its tails": ("Huber", x),
    "exponent": ("power", y * x**y),
    "curvature with the wrong diagonal": ("least squares, curvature", 2 * (A.T @ A) + 0.01 * unit),
    "one entry of a Jacobian": (
        "softmax", diag(soft) - fn("outer", soft, soft) + 0.001 * fn("outer", unit[0], unit[-1])
    ),
    "curvature without the product": ("undefined, curvature", undefined("f", 2, A @ x)[:1, :1] * (A.T @ A)),
    "unsymmetric curvature": (
        "quadratic", (A + A.T) @ x + 0.001 * (fn("outer", unit[0], unit[-1]) - fn("outer", unit[-1], unit[0])) @ x
    ),
    "third order": ("third order", 6 * einsum("ij,jk->ijk", unit, filled("ones", n, n))),
    "scalars in the other order": ("scalars in natural order", stacked(x2, x10)),
    "labels taken for constants": ("labels", 0 * y),
    "another constant": ("scalar", fn("cos", x) * fn("exp", x) + fn("sin", x) * fn("exp", x) + lift(0.01)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_results_are_refuted_with_a_counterexample(name: str) -> None:
    case, wrong = RIGHT[WRONG[name][0]], WRONG[name][1]
    outcome = case.verify(wrong)
    assert outcome.status == "refuted", str(outcome)
    found = outcome.counterexample
    assert found is not None
    assert found.expected != found.got
    assert set(found.values) == set(declare(case.declarations).variables)


def test_wrong_only_where_a_size_is_not_one_or_not_equal_to_another() -> None:
    square = Case(total(A @ x) ** 2, 2 * total(A @ x) * (filled("ones", m) @ A), "A:m,n x:n")
    assert square.verify().ok
    assert square.verify(2 * total(A @ x) * (filled("ones", n) @ A.T)).status == "refuted"
    assert square.verify(2 * total(A @ x) * total(A) * filled("ones", n)).status == "refuted"
    trace = Case(fn("trace", A @ B), B.T, "A:m,n B:n,m", ("A",))
    assert trace.verify().ok
    assert trace.verify(B).status == "refuted"


def test_wrong_only_for_size_one() -> None:
    """sum(x) * n / n is right everywhere; with a term that vanishes unless n = 1 it is wrong there only."""
    deviation = fn("where", n.equals(1), 1, 0)
    outcome = RIGHT["logarithm"].verify(1 / x + deviation)
    assert outcome.status == "refuted"
    assert outcome.counterexample is not None
    assert outcome.counterexample.setting == (("n", 1),)


def test_a_mistake_on_one_side_of_zero_is_seen() -> None:
    for sign in (-1, 1):
        leak = fn("where", sign * x > 0, 0.01, 0)
        assert RIGHT["scalar"].verify(RIGHT["scalar"].result + leak).status == "refuted"
        leak = fn("where", sign * x1 > 0, 0.01, 0) * filled("ones", 2)
        tilted = Case(x1**2 * x2, stacked(2 * x1 * x2, x1**2), "x1: x2:", ("x1", "x2"))
        assert tilted.verify().ok
        assert tilted.verify(tilted.result + leak).status == "refuted"


def test_counterexample_is_the_entry() -> None:
    outcome = RIGHT["least squares by the matrix"].verify(
        RIGHT["least squares by the matrix"].result + fn("outer", fn("eye", m)[1], unit[0])
    )
    assert outcome.counterexample is not None
    assert outcome.counterexample.entry == (1, 0)
    assert outcome.counterexample.setting == (("m", 3), ("n", 2))
    outcome = RIGHT["least squares, curvature"].verify(2 * (A.T @ A) + fn("outer", unit[1], unit[0]))
    assert outcome.counterexample is not None
    assert outcome.counterexample.entry == (1, 0)
    assert "at m=3 n=2 entry [1, 0] is" in str(outcome)


def test_no_verdict_without_a_point() -> None:
    never = Case(fn("log", -1 - x**2), -2 * x / (1 + x**2), "x:")
    assert str(never.verify()) == "not verified: no admissible point was found"
    assert Case(total(fn("sqrt", -(x**2))), x, "x:n").verify().status == "not verified"


def test_a_kink_at_every_point_gives_no_verdict() -> None:
    """Where S is symmetric, |S - S.T| has a kink: central differences alone give 0 there, which proves nothing."""
    kinked = Case(total(fn("abs", S - S.T)), filled("zeros", n, n), "S:n,n:sym", ("S",))
    assert kinked.verify().status == "not verified"
    assert Case(kinked.function, 2 * fn("sign", S - S.T), "S:n,n", ("S",)).verify().ok


def test_a_result_without_a_value_is_not_verified() -> None:
    cube = Case(x**3, 3 * fn("exp", 2 * fn("log", x)), "x:")
    outcome = cube.verify()
    assert outcome.status == "not verified"
    assert "no value" in outcome.reason
    assert outcome.counterexample is not None


def test_a_result_that_cannot_be_evaluated_is_refuted() -> None:
    outcome = RIGHT["least squares"].verify(A @ residual)
    assert outcome.status == "refuted"
    assert "no value" in str(outcome)


def test_reasons_for_no_verdict() -> None:
    case = RIGHT["gather"]
    assert "holds integers" in case.verify(wrt=("i",)).reason
    assert "not a declared variable" in case.verify(wrt=("q",)).reason
    assert "not a scalar" in case.verify(stacked=True).reason
    assert "does not know the function nonsense" in case.verify(fn("nonsense", x)).reason
    assert "q has no value" in case.verify(q).reason
    assert "too many" in Case(total(x**2), 2 * x, "x:30000").verify().reason
    assert "too large" in Case(total((X @ X) ** 2), X, "X:120,120", ("X",)).verify().reason


def test_a_vanishing_derivative_is_not_taken_for_zero() -> None:
    """With A of ordinary size the gradient of a deep chain is lost in rounding; a wrong factor must still be seen."""
    layers = [x]
    for _ in range(60):
        layers.append(fn("tanh", A @ layers[-1] + b))
    gradient = filled("ones", n)
    for layer in reversed(layers[1:]):
        gradient = A.T @ ((1 - layer**2) * gradient)
    chain = Case(total(layers[-1]), gradient, "A:n,n x:n b:n")
    assert chain.verify().ok
    assert chain.verify(2 * gradient).status == "refuted"
    assert chain.verify(filled("zeros", n)).status == "refuted"


def test_names_and_repetition() -> None:
    """A size that is a declared name's, repeated runs, and the sentence."""
    outcome = RIGHT["least squares"].verify()
    assert outcome == RIGHT["least squares"].verify()
    assert str(outcome).startswith("verified at 5 points (m=3 n=2; m=2 n=4; m=1 n=1), 1")
    assert str(outcome).endswith("digits, every entry")
    assert str(RIGHT["scalar"].verify()).startswith("verified at ")
    assert [dict(setting) for setting in outcome.settings][:3] == [{"m": 3, "n": 2}, {"m": 2, "n": 4}, {"m": 1, "n": 1}]
    assert dict(RIGHT["needs n >= m"].verify().settings[0]) == {"m": 2, "n": 4}


def test_shape_is_compared_before_values() -> None:
    outcome = RIGHT["least squares"].verify(lift(0))
    assert outcome.counterexample is not None
    assert outcome.counterexample.expected == (2,)
    assert outcome.counterexample.got == ()
    assert str(outcome) == "refuted: at m=3 n=2 the shape is (), it should be (2,)"


def test_an_entry_lost_beside_others_refutes_nothing() -> None:
    """A weight of 1e-59 in a softmax: the difference of a sum of which it is a part is 0 to the last digit."""
    declarations = declare("x:n")
    function = fn("log_softmax", x**4)

    def slope(weights: Tree) -> Tree:
        return 4 * diag(x**3) - 4 * fn("outer", fn("ones", n), x**3 * fn("softmax", weights))

    right, wrong = (
        verify_derivative(function.syntax, slope(weights).syntax, ("x",), 1, declarations) for weights in (x**4, x**2)
    )
    assert (right.status, wrong.status) == ("verified", "refuted")
