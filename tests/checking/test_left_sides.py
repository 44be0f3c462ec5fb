"""Answers with a left side: it is left out with a note, and one that names a partial derivative names the entry."""

from __future__ import annotations

import pytest

import hesse as hs

F = hs.parse("x**2*y", "x: y:")
G = hs.parse("norm(A @ x - b)**2", "A:m,n x:n b:m")


@pytest.mark.parametrize(
    "left",
    ["grad f", "∇f", "gradient", "grad(f)", "∇f(x, y)", "J_f", "", "g", "f'(x, y)", "gradient of f", "D f", "D"],
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
    assert hs.check(F, "f_y = x**2", entry=1).right
    assert hs.check(G, "r = A @ x - b; df/dx = 2*A.T @ r", "x").right


FIRST = [
    (r"\frac{\mathrm{d} f}{\mathrm{d} x}", "latex"),
    (r"\dfrac{\partial f(x,y)}{\partial x}", "latex"),
    (r"\frac{\partial}{\partial x} x^2 y^3", "latex"),
    (r"\left. \frac{\partial f}{\partial x} \right.", "latex"),
    (r"\partial f / \partial x", "latex"),
    (r"\partial_x f", "latex"),
    (r"\partial_1 f", "latex"),
    (r"\nabla_{x} f", "latex"),
    (r"f'_x", "latex"),
    (r"f_1", "latex"),
    (r"(\nabla f)_1", "latex"),
    ("df/dx", "text"),
    ("∂f(x,y)/∂x", "text"),
    ("d/dx (x**2*y**3)", "text"),
    ("∂_x f", "text"),
    ("∇_x f", "text"),
    ("D_1 f", "text"),
    ("fx", "text"),
    ("f_1", "text"),
    ("f_x'", "text"),
    ("∇f[0]", "text"),
]
SECOND = [
    (r"\frac{\partial^{2} f}{\partial x \, \partial y}", "latex"),
    (r"\frac{\partial}{\partial x}\frac{\partial f}{\partial y}", "latex"),
    (r"\frac{\partial f_x}{\partial y}", "latex"),
    (r"\partial_{xy} f", "latex"),
    (r"\partial_x \partial_y f", "latex"),
    (r"f''_{xy}", "latex"),
    (r"H_{12}", "latex"),
    (r"[\nabla^2 f]_{1,2}", "latex"),
    ("d^2f/dxdy", "text"),
    ("d²f/(dx dy)", "text"),
    ("∂/∂x ∂f/∂y", "text"),
    ("fxy", "text"),
    ("f_12", "text"),
    ("H_12", "text"),
    ("H[0, 1]", "text"),
]
S = hs.parse("x**2*y**3", "x: y:")


@pytest.mark.parametrize(("left", "notation"), FIRST)
def test_first_partial_derivatives(left: str, notation: str) -> None:
    right, wrong = ("2xy^3", "3x^2y^2") if notation == "latex" else ("2*x*y**3", "3*x**2*y**2")
    verdict = hs.check(S, f"{left} = {right}", notation=notation)
    assert verdict.right and verdict.entry == (0,)
    assert hs.check(S, f"{left} = {wrong}", notation=notation).mistakes == ["wrong-variable"]
    with pytest.raises(hs.ParseError):
        hs.check(S, f"{left} = {right}", kind="hessian", notation=notation)


@pytest.mark.parametrize(("left", "notation"), SECOND)
def test_second_partial_derivatives(left: str, notation: str) -> None:
    right = "6xy^2" if notation == "latex" else "6*x*y**2"
    verdict = hs.check(S, f"{left} = {right}", kind="hessian", notation=notation)
    assert verdict.right and verdict.entry == (0, 1)
    assert hs.check(S, f"{left} = {right} + 1", kind="hessian", notation=notation).verdict == "different"
    with pytest.raises(hs.ParseError):
        hs.check(S, f"{left} = {right}", notation=notation)


@pytest.mark.parametrize(
    ("answer", "kind", "notation", "entry"),
    [
        ("∂f/∂x_1 = 2*x[0]", "gradient", "text", (0,)),
        ("∂f/∂x₂ = 2*x[1]", "gradient", "text", (1,)),
        ("∂f/∂x[1] = 2*x[1]", "gradient", "text", (1,)),
        (r"\partial f / \partial x_2 = 2x_2", "gradient", "latex", (1,)),
        (r"f_{x_2} = 2x_2", "gradient", "latex", (1,)),
        (r"\frac{\partial^2 f}{\partial x_1^2} = 2", "hessian", "latex", (0, 0)),
        (r"\frac{\partial^2 f}{\partial x_1 \partial x_2} = 0", "hessian", "latex", (0, 1)),
        (r"H_{21} = 0", "hessian", "latex", (1, 0)),
        (r"\nabla^2 f = 2 I_n", "hessian", "latex", None),
        (r"\nabla_x^2 f(x) = 2 I_n", "hessian", "latex", None),
        (r"\nabla_x \|x\|_2^2 = 2x", "gradient", "latex", None),
    ],
)
def test_vectors(answer: str, kind: str, notation: str, entry: tuple[int, ...] | None) -> None:
    verdict = hs.check(hs.parse("sum(x**2)", "x:n"), answer, "x", kind, notation=notation)
    assert verdict.right and verdict.entry == entry


@pytest.mark.parametrize(
    ("function", "declarations", "answer", "wrt", "kind", "notation", "entry"),
    [
        ("[x[0]*x[1], sin(x[0])]", "x:2", "∂g_1/∂x_2 = x[0]", "x", "jacobian", "text", (0, 1)),
        ("[x[0]*x[1], sin(x[0])]", "x:2", r"J_{21} = \cos x_1", "x", "jacobian", "latex", (1, 0)),
        ("trace(X @ X)", "X:2,2", r"\frac{\partial f}{\partial X_{12}} = 2X_{21}", "X", "gradient", "latex", (0, 1)),
        (
            "logdet(X)",
            "X:n,n:spd",
            r"\frac{\partial}{\partial X} \log\det X = X^{-\top}",
            "X",
            "gradient",
            "latex",
            None,
        ),
        ("logdet(X)", "X:n,n:spd", r"\frac{\partial \log\det X}{\partial X} = X^{-1}", "X", "gradient", "latex", None),
        ("theta**2*w_old", "theta: w_old:", "d²f/dθdw_old = 2*theta", None, "hessian", "text", (0, 1)),
        ("theta**2*w_old", "theta: w_old:", r"\frac{df}{dw_{\text{old}}} = \theta^2", None, "gradient", "latex", (1,)),
        ("d**2*x", "d: x:", "df/dd = 2*d*x", None, "gradient", "text", (0,)),
        ("r = A @ x - b; r @ r", "A:m,n x:n b:m", r"\nabla (r^\top r) = 2A^\top r", "x", "gradient", "latex", None),
        ("u(x)**2", "u:n-> x:n", "∇(u(x)**2) = 2*u(x)*grad(u)(x)", "x", "gradient", "text", None),
    ],
)
def test_more_variables(
    function: str,
    declarations: str,
    answer: str,
    wrt: str | None,
    kind: str,
    notation: str,
    entry: tuple[int, ...] | None,
) -> None:
    verdict = hs.check(hs.parse(function, declarations), answer, wrt, kind, notation=notation)
    assert verdict.right and verdict.entry == entry


@pytest.mark.parametrize("answer", ["x = 3", "x*y = 3*x", "a = b = c", "∇f == 3", "b = 2*A.T @ x", "f + g = 2"])
def test_equations_are_refused(answer: str) -> None:
    with pytest.raises(hs.ParseError):
        hs.check(G if "A" in answer else F, answer, "x" if "A" in answer else None)


@pytest.mark.parametrize(
    ("f", "answer", "kind", "notation", "said"),
    [
        (G, r"A^\top(Ax-b) = 2A^\top(Ax-b)", "gradient", "latex", "no name of a function"),
        (G, "Ax = 2A^\\top(Ax-b)", "gradient", "latex", "no name of a function"),
        (G, "∂f/∂A = 2*A.T @ (A @ x - b)", "gradient", "text", "a derivative by `A`"),
        (G, r"\nabla_x \|Ax\|^2 = 2A^\top(Ax-b)", "gradient", "latex", "of another function"),
        (G, r"\nabla f^\top = 2A^\top(Ax-b)", "gradient", "latex", "no name of a function"),
        (F, "f'' = [2*x*y, x**2]", "gradient", "text", "a second derivative, and the gradient"),
        (F, "f' = [[2*y, 2*x], [2*x, 0]]", "hessian", "text", "a first derivative, and the Hessian"),
        (F, r"\frac{d^2f}{dx^2} = 2y", "gradient", "latex", "a second derivative, and the gradient"),
        (F, r"\int f = 2y", "gradient", "latex", "no name of a function"),
        (F, r"\log x = 2y", "gradient", "latex", "no name of a function"),
        (F, "2*f = 2*x*y", "gradient", "text", "no name of a function"),
        (F, "d log(x)/dx = 2*x*y", "gradient", "text", "of another function"),
        (F, "∂f/∂z = 2*x*y", "gradient", "text", "`z` is no variable"),
        (F, "∂f/∂x_1 = 2*x*y", "gradient", "text", "no position in it"),
        (F, "f_3 = 2*x*y", "gradient", "text", "no entry of the gradient"),
        (F, "∂²f/∂x = 2*x*y", "hessian", "text", "the order 2"),
        (F, "∂f/∂x = x*y + x*y = 2*x*y", "gradient", "text", "a chain of equations"),
        (F, "∂f/∂x = [2*x*y, x**2]", "gradient", "text", "one entry of the gradient"),
        (F, "grad_x f = [2*x*y, x**2]", "gradient", "text", "one entry of the gradient"),
        (F, "g = 2*x*y", "gradient", "text", "which entry is meant"),
        (F, "= 2*x*y", "gradient", "text", "which entry is meant"),
        (F, "fx = 2*x*y; fy = x**2", "gradient", "text", "`fx` is defined and not used"),
        (F, "r = x*y; r = [2*r, x**2]", "gradient", "text", "defined before"),
    ],
)
def test_left_sides_that_say_something_else_are_refused(
    f: hs.Expr, answer: str, kind: str, notation: str, said: str
) -> None:
    with pytest.raises(hs.ParseError, match=said) as caught:
        hs.check(f, answer, "x" if f is G else None, kind, notation=notation)
    assert answer in str(caught.value) and caught.value.span is not None


def test_the_entry_that_is_asked_for_is_the_one_that_is_named() -> None:
    with pytest.raises(hs.ParseError, match=r"the entry \[0\], the entry \[1\] is asked for"):
        hs.check(F, "f_x = x**2", entry=1)


def test_entries_of_vectors_that_are_not_declared_alone() -> None:
    with pytest.raises(hs.UnknownNameError, match=r"did you mean `x\[0\]`"):
        hs.check(G, "∂f/∂x1 = 2*x[0]", "x")


@pytest.mark.parametrize("junk", ["(", "∇", "x", "∂/∂x ", "'", "[f", "dx", "∇²", r"\frac{"])
@pytest.mark.parametrize("notation", ["text", "latex"])
def test_long_left_sides_are_refused_at_once(junk: str, notation: str) -> None:
    with pytest.raises(hs.HesseError):
        hs.check(F, junk * (4000 // len(junk)) + " = x", notation=notation)


def test_errors_show_the_answer_as_it_was_written() -> None:
    with pytest.raises(hs.ParseError) as caught:
        hs.check(F, "∂f/∂y = x**2 +")
    assert "∂f/∂y = x**2 +" in str(caught.value)


def test_a_letter_of_the_left_side_is_the_free_index_of_the_right_side() -> None:
    form = hs.parse("x @ A @ x", "A:n,n x:n")
    assert hs.check(form, "∂f/∂x_k = sum(j, (A[k,j] + A[j,k])*x[j])", "x").right
    assert not hs.check(form, "∂f/∂x_k = sum(j, A[k,j]*x[j])", "x").right
    for answer in ("∂f/∂x_i = sum(j, (A[k,j] + A[j,k])*x[j])", "∂f/∂x_k = A @ x + A.T @ x"):
        with pytest.raises(hs.ParseError, match="free index"):
            hs.check(form, answer, "x")
