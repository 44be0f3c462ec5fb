"""Answers with a left side: it is left out with a note, and one that names a partial derivative names the entry."""

from __future__ import annotations

import pytest

import hesse as hs

F = hs.parse("x**2*y", "x: y:")
G = hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m")


@pytest.mark.parametrize(
    "left",
    ["grad f", "∇f", "gradient", "grad(f)", "∇f(x, y)", "J_f", "", "g", "f'(x, y)", "gradient of f", "grad_x f", "D"],
)
def test_a_left_side_is_left_out(left: str) -> None:
    verdict = hs.check(F, f"{left} = [2*x*y, x**2]")
    assert verdict.right
    assert verdict.readings == (f"`{f'{left} ='.strip()}` left out: the right side is read",)
    assert hs.check(F, f"r = x*y; {left} = [2*r, x**2]").right
    assert not hs.check(F, f"{left} = [x*y, x**2]").right


@pytest.mark.parametrize(
    ("answer", "kind", "notation"),
    [
        ("df/dx = 2*x*y", "gradient", "text"),
        ("∂f/∂y = x**2", "gradient", "text"),
        ("f_x = 2*x*y", "gradient", "text"),
        ("d/dx f = 2*x*y", "gradient", "text"),
        ("∂/∂y (x**2*y) = x**2", "gradient", "text"),
        ("∂²f/∂x∂y = 2*x", "hessian", "text"),
        ("∂²f/∂x² = 2*y", "hessian", "text"),
        ("f_xy = 2*x", "hessian", "text"),
        ("f_yy = 0", "hessian", "text"),
        (r"\frac{\partial f}{\partial x} = 2xy", "gradient", "latex"),
        (r"f_y = x^2", "gradient", "latex"),
        (r"\frac{\partial^2 f}{\partial x \partial y} = 2x", "hessian", "latex"),
        (r"\frac{\partial^2 f}{\partial x^2} = 2y", "hessian", "latex"),
        (r"f_{xy} = 2x", "hessian", "latex"),
    ],
)
def test_a_partial_derivative_is_an_entry(answer: str, kind: str, notation: str) -> None:
    assert hs.check(F, answer, kind=kind, notation=notation).right
    assert hs.check(F, f"{answer} + 1", kind=kind, notation=notation).verdict == "different"


def test_the_entry_that_is_named_counts() -> None:
    assert str(hs.check(F, "f_y = 2*x*y")).startswith("different: this is the entry [0], not [1]")
    numbered = hs.parse("x1**2*x2", "x1: x2:")
    assert hs.check(numbered, r"\frac{\partial f}{\partial x_{1}} = 2 x_1 x_2", notation="latex").right
    assert hs.check(numbered, "∂²f/∂x1∂x2 = 2*x1", kind="hessian").right
    # An entry that is asked for is not another one because the answer says so.
    assert not hs.check(F, "f_x = 2*x*y", entry=1).right
    assert hs.check(G, "r = A @ x - b; df/dx = 2*A.T @ r", "x").right


@pytest.mark.parametrize("answer", ["x = 3", "x*y = 3*x", "a = b = c", "∇f == 3", "b = 2*A.T @ x", "f + g = 2"])
def test_equations_are_refused(answer: str) -> None:
    with pytest.raises(hs.ParseError):
        hs.check(G if "A" in answer else F, answer, "x" if "A" in answer else None)


def test_errors_show_the_answer_as_it_was_written() -> None:
    with pytest.raises(hs.ParseError) as caught:
        hs.check(F, "∂f/∂y = x**2 +")
    assert "∂f/∂y = x**2 +" in str(caught.value)
