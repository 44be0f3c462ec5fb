"""Right results at points where a function is saturated: what it loses beside 1 refutes nothing."""

from __future__ import annotations

import pytest

import hesse as hs
from hesse.verify.derivative import verify_derivative


@pytest.mark.parametrize(
    ("text", "declarations"),
    [
        ("log_softmax(x**4)", "x:n"),
        ("log_softmax(einsum('li,i,k->i', A, x, y))[1:]", "A:n,m+1 x:m+1 y:n-1"),
    ],
)
def test_the_largest_entry_of_a_log_softmax_stands_still(text: str, declarations: str) -> None:
    """It is -log(1 + 1e-18), which is 0; its derivative is 1e-18."""
    assert hs.jacobian(hs.parse(text, declarations), "x").verification.status == "verified"


def test_a_sum_of_signs_that_cancels_within_one_step() -> None:
    """With y = (1, -1) the product is 0 for the result and rounding for the function."""
    text = 'sqrt(abs(A) + 1/2) @ (x @ B) @ outer(einsum("k,i,ll->i", y, z, C), einsum("l,i->i", x, z))'
    f = hs.parse(text, "A:n,n:spd x:m:pos B:m,n y:n-1:pm1 z:n:pm1 C:m,m:pos")
    assert hs.jacobian(f, "A").verification.status == "verified"


def test_a_product_with_an_entry_that_stands_still() -> None:
    """One entry of the log-softmax is 0 at all points of the differences, and with it the product."""
    f = hs.parse("prod(log_softmax(transpose(A) @ kron(x, y), axis=-1))", "x:n y:m+1 A:m*n+n,m")
    assert hs.gradient(f, "A").verification.status == "verified"


def test_a_factor_too_small_for_a_float() -> None:
    """At one point cosh is 1e111: its third power divides to 0, and with it a derivative of the size 1e-223."""
    gradient = hs.gradient(hs.parse("polygamma(2, cosh(A @ x @ (x*x)))", "A:n,n x:n"), "x")
    assert gradient.verification.status == "verified"


def test_a_point_at_which_a_stated_inverse_does_not_exist() -> None:
    """With more columns than rows X.T @ A @ X is singular: the formula says that it must not be."""
    gradient = hs.gradient(hs.parse("det(X.T @ A @ X)", "X:m,n A:m,m"), "X")
    assert gradient.verification.status == "verified"
    assert gradient.conditions == ("X.T @ A @ X is invertible",)


def test_a_second_derivative_that_jumps_where_the_variable_must_be() -> None:
    """Entries of A are -1 or 1, and the second derivative of clip(a, -1, 0)*a jumps at -1 while the slope does not."""
    hessian = hs.hessian(hs.parse("sum(clip(A, -1, 0)*A + clip(A, -1, 0))", "A:m,n:pm1"), "A")
    assert hessian.verification.status != "refuted"


def test_a_wrong_second_derivative_is_refuted_although_jumps_are_looked_for() -> None:
    f = hs.parse("sum(x**2)", "x:n")
    wrong = hs.parse("3*eye(n)", "x:n")
    assert verify_derivative(f.exact_tree, wrong.exact_tree, ("x",), 2, f._declarations).status == "refuted"


def test_a_factor_that_underflows_beside_one_that_is_huge() -> None:
    """polygamma(3, 1e114) is 0 in floats, and times 1e228 it is what the entry of the Hessian mostly is."""
    hessian = hs.hessian(hs.parse("polygamma(1, cosh(det(6*eye(m) + tanh(A))))", "A:m,m"), "A")
    assert hessian.verification.status == "verified"
