"""Expressions compose, substitute, compare, evaluate, and refuse what cannot be."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import hesse as hs


def test_operators_compose_expressions_and_their_declarations() -> None:
    loss = hs.parse("norm(X @ w - y)**2/m", "X:m,n w:n y:m")
    weight = hs.parse("lam", "lam:")
    penalty = hs.parse("w @ w", "w:n")
    total = loss + weight * penalty
    assert total.declarations == "X:m,n w:n y:m lam:"
    assert str(hs.gradient(total, "w")) == "2*X.T @ (X @ w - y)/m + 2*lam*w"
    assert hs.parse(str(total), total.declarations) == total


def test_numbers_are_exact() -> None:
    x = hs.parse("x", "x:")
    assert (x * Fraction(1, 3) + 0.5).node is hs.parse("x/3 + 1/2", "x:").node
    assert (0.1 * x).node is (Fraction("0.1") * x).node
    assert (Fraction("0.1") * x).node is hs.parse("0.1*x", "x:").node


@pytest.mark.parametrize("value", [np.ones(3), "x", None, True, float("nan"), 1j])
def test_what_cannot_be_combined_is_refused(value: object) -> None:
    with pytest.raises((hs.ArgumentError, TypeError)):
        hs.parse("x", "x:n") + value  # type: ignore[operator]


def test_contradicting_declarations_are_refused() -> None:
    with pytest.raises(hs.DeclarationError, match="declared as"):
        hs.parse("sum(x)", "x:n") + hs.parse("x", "x:")
    with pytest.raises(hs.DeclarationError, match="size in one expression"):
        hs.parse("sum(x)", "x:n") + hs.parse("n", "n:")


def test_shapes_are_checked_when_composing() -> None:
    with pytest.raises(hs.ShapeError):
        hs.parse("x", "x:n") + hs.parse("y", "y:m")
    with pytest.raises(hs.ShapeError, match="written `@`"):
        hs.parse("A", "A:m,n") * hs.parse("x", "x:n")


def test_definitions_of_both_sides_stay_apart() -> None:
    f = hs.parse("r = x - a; sum(r**2)", "x:n a:n")
    g = hs.parse("r = 2*x + a; sum(exp(r))", "x:n a:n")
    total = f + g
    values = {"x": np.array([0.3, -0.7, 1.1]), "a": np.array([0.2, 0.5, -0.4])}
    assert total.evaluate(**values) == pytest.approx(f.evaluate(**values) + g.evaluate(**values), rel=1e-14)
    assert hs.parse(str(total), total.declarations) == total


def test_substitution_does_not_capture_names() -> None:
    f = hs.parse("r = x - 1; sum(r**2) + sum(x)", "x:n")
    e = hs.parse("r = 3*z; r*r", "z:n")
    g = f.substitute(x=e)
    z = np.array([0.4, -1.3])
    expected = np.sum((9 * z**2 - 1) ** 2) + np.sum(9 * z**2)
    assert g.declarations == "z:n"
    assert g.evaluate(z=z) == pytest.approx(expected, rel=1e-14)


def test_substitution_is_simultaneous() -> None:
    f = hs.parse("x - 2*y", "x: y:")
    swapped = f.substitute(x=hs.parse("y", "y:"), y=hs.parse("x", "x:"))
    assert swapped == hs.parse("y - 2*x", "x: y:")
    assert f.substitute(x=3, y=Fraction(1, 2)).evaluate() == 2.0


@pytest.mark.parametrize(
    ("values", "error"),
    [({"z": 1}, hs.ArgumentError), ({"x": 1}, hs.ShapeError)],
)
def test_substitution_refuses(values: dict[str, int], error: type[Exception]) -> None:
    with pytest.raises(error):
        hs.parse("sum(x)", "x:n").substitute(**values)


def test_equality_is_of_functions() -> None:
    assert hs.parse("(x + y)**2", "x: y:") == hs.parse("x**2 + 2*x*y + y**2", "x: y:")
    assert hs.parse("x @ A @ x", "A:n,n x:n") == hs.parse("x @ A.T @ x", "A:n,n x:n")
    assert hs.parse("A @ x", "A:n,n x:n") != hs.parse("A.T @ x", "A:n,n x:n")
    assert hs.parse("sum(x)", "x:n") != hs.parse("x", "x:n")
    assert hs.parse("x", "x:") != 1
    assert len({hs.parse("x", "x:"), hs.parse("x", "x:")}) == 1


def test_every_declared_variable_is_taken() -> None:
    f = hs.parse("eye(n)*c", "X:m,n c:")
    np.testing.assert_allclose(f.evaluate(X=np.zeros((2, 3)), c=2.0), 2 * np.eye(3))


@pytest.mark.parametrize("name", ["self", "out", "np", "lambda", "f", "values"])
def test_variables_may_have_any_name(name: str) -> None:
    f = hs.parse(f"{name}**2 + 1", f"{name}:")
    assert f.evaluate(**{name: 3}) == 10.0
    assert hs.gradient(f, name).compile()(**{name: 3}) == 6.0
    assert "def " in f.source()


def test_components_need_sizes_and_list_entries() -> None:
    gradient = hs.gradient(hs.parse("norm(A @ x)**2", "A:m,n x:n"), "x")
    with pytest.raises(hs.ArgumentError, match="components need the size"):
        gradient.components(n=2)
    table = gradient.components(n=2, m=1)
    assert table.shape == (2,)
    assert str(table[0]) == "2*A[0, 0]**2*x[0] + 2*A[0, 0]*A[0, 1]*x[1]"
    values = {"A": [[2.0, -1.0]], "x": [0.5, 3.0]}
    dense = gradient.evaluate(**values)
    for k in range(2):
        entry = hs.parse(str(table[k]), "A:1,2 x:2")
        assert entry.evaluate(**values) == pytest.approx(dense[k], rel=1e-14)


def test_results_show_themselves_in_notebooks() -> None:
    f = hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m")
    assert hs.gradient(f, "x")._repr_latex_() == r"$\displaystyle 2 A^\top (A x - b)$"


def test_mixed_facts_and_further_derivatives() -> None:
    """A fact used in what is shown does not enter the next derivative."""
    f = hs.parse("sum(y**2*(X @ w)**2)", "X:m,n y:m:pm1 w:n")
    gradient = hs.gradient(f, "w")
    assert str(gradient) == "2*X.T @ X @ w"
    mixed = hs.jacobian(gradient, "y")
    values = {
        "X": np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.2]]),
        "y": np.array([1.0, -1.0, 1.0]),
        "w": np.array([0.3, -0.8]),
    }
    X, y, w = values["X"], values["y"], values["w"]
    np.testing.assert_allclose(mixed.evaluate(**values), 4 * X.T * (y * (X @ w)), rtol=1e-12)


@pytest.mark.parametrize(
    ("wrt", "message"),
    [
        (None, "several|by which variable"),
        ("z", "not a declared variable"),
        ("m", "is a size"),
        (["w", "y"], "only scalars"),
        ([], "empty"),
    ],
)
def test_the_variable_must_be_clear(wrt: object, message: str) -> None:
    f = hs.parse("norm(X @ w - y)**2", "X:m,n w:n y:m")
    with pytest.raises(hs.ArgumentError, match=f"(?i){message}"):
        hs.gradient(f, wrt)  # type: ignore[arg-type]


def test_a_variable_that_does_not_occur_gives_zero_of_its_shape() -> None:
    f = hs.parse("sum(x)", "x:n A:m,n")
    gradient = hs.gradient(f, "A")
    assert (str(gradient), gradient.shape) == ("zeros(m, n)", ("m", "n"))


def test_scalars_stack_in_the_order_given_and_natural_order_is_the_default() -> None:
    f = hs.parse("x1 + 2*x2 + 10*x10", "x10: x2: x1:")
    assert str(hs.gradient(f)) == "[1, 2, 10]"
    assert str(hs.gradient(f, ["x10", "x1"])) == "[10, 1]"
    assert hs.gradient(f, "x2").shape == ()
    assert hs.gradient(f, ["x2"]).shape == (1,)


def test_gradient_of_a_vector_is_refused_with_the_way_out() -> None:
    with pytest.raises(hs.ArgumentError, match="jacobian"):
        hs.gradient(hs.parse("A @ x", "A:m,n x:n"), "x")


def test_every_exported_name_loads() -> None:
    assert all(getattr(hs, name) is not None for name in hs.__all__)
    with pytest.raises(AttributeError):
        hs.nothing  # noqa: B018


def test_an_entry_of_entries_that_are_written_out_is_that_entry() -> None:
    hessian = hs.hessian(hs.parse("x**2*y", "x: y:"))
    assert [str(hessian[i, j]) for i in (0, 1) for j in (0, 1)] == ["2*y", "2*x", "2*x", "0"]
    assert str(hessian[0]) == "[2*y, 2*x]" and str(hessian[-1, 0]) == "2*x"
    stacked = hs.parse("[x, 2*x]", "x:n")
    assert str(stacked[1, 0]) == "(2*x)[0]"
    with pytest.raises(hs.ArgumentError, match="2 positions"):
        hessian[2, 0]
