"""Text to trees, as tables of input and expected tree."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hesse.core.declarations import Declarations
from hesse.core.syntax import Binary, Call, Index, Num, Syntax, postorder
from hesse.errors import Span
from hesse.frontends.text import parse_text

Read = Callable[..., str]

TREES = [
    # numbers are exact
    ("0.1", "1/10"),
    (".5", "1/2"),
    ("5.", "5"),
    ("1e-6", "1/1000000"),
    ("2.50E+1", "25"),
    ("½", "1/2"),
    ("0.1 + 0.2", "(+ 1/10 1/5)"),
    # precedence and grouping, as in Python
    ("a + b*c", "(+ a (* b c))"),
    ("(a + b)*c", "(* (+ a b) c)"),
    ("a - b - c", "(- (- a b) c)"),
    ("a/b/c", "(/ (/ a b) c)"),
    ("a/b*c", "(* (/ a b) c)"),
    ("a @ b @ c", "(@ (@ a b) c)"),
    ("a*b @ c", "(@ (* a b) c)"),
    ("-x**2", "(neg (** x 2))"),
    ("-a*b", "(* (neg a) b)"),
    ("a*-b", "(* a (neg b))"),
    ("2**-1", "(** 2 (neg 1))"),
    ("2**-x**2*3", "(* (** 2 (neg (** x 2))) 3)"),
    ("a**b**c", "(** a (** b c))"),
    ("--x", "(neg (neg x))"),
    ("x--y", "(- x (neg y))"),
    ("+x", "x"),
    ("a + b < c*d", "(< (+ a b) (* c d))"),
    ("-a >= -b", "(>= (neg a) (neg b))"),
    ("(a < b) == c", "(== (< a b) c)"),
    ("a != b", "(!= a b)"),
    # postfixes bind tightest
    ("-A.T @ x", "(@ (neg (T A)) x)"),
    ("A.T.T", "(T (T A))"),
    ("2**x.T", "(** 2 (T x))"),
    ("x[0]**2", "(** x[0] 2)"),
    ("-x[i]", "(neg x[i])"),
    ("(A @ B).T[0]", "(T (@ A B))[0]"),
    # mathematical spellings, with what was typed
    ("x^2", "(**:^ x 2)"),
    ("x²", "(**:^ x 2)"),
    ("x¹⁰", "(**:^ x 10)"),
    ("A⁻¹", "(**:^ A (neg 1))"),
    ("A^-1", "(**:^ A (neg 1))"),
    ("A^(-1)", "(**:^ A (neg 1))"),
    ("A**-1", "(** A (neg 1))"),
    ("-x²", "(neg (**:^ x 2))"),
    ("2^x²", "(**:^ 2 (**:^ x 2))"),
    ("9^9^9^9", "(**:^ 9 (**:^ 9 (**:^ 9 9)))"),
    ("x'", "(T:' x)"),
    ("x' @ (A)'", "(@ (T:' x) (T:' A))"),
    ("x[0]'", "(T:' x[0])"),
    ("xᵀ @ A⊤", "(@ (T:' x) (T:' A))"),
    ("x’", "(T:' x)"),
    ("x′", "(T:' x)"),
    ("A^T @ x", "(@ (T:' A) x)"),
    ("A^(T)", "(T:' A)"),
    ("A^⊤", "(T:' A)"),
    ("A^T^2", "(**:^ (T:' A) 2)"),
    ("A**T", "(** A T)"),
    ("2^T", "(**:^ 2 T)"),
    ("a · b", "(dot a b)"),
    ("a⋅b + c", "(+ (dot a b) c)"),
    ("A·x − b", "(- (dot A x) b)"),
    ("a ⊙ b*c", "(* (*:⊙ a b) c)"),
    ("a − b – c", "(- (- a b) c)"),
    ("a ∗ b", "(* a b)"),
    ("a ≤ b", "(<= a b)"),
    ("a ≥ b", "(>= a b)"),
    ("a ≠ b", "(!= a b)"),
    ("‖x‖", "(norm x)"),
    ("∥x − y∥", "(norm (- x y))"),
    ("‖x‖²", "(**:^ (norm x) 2)"),
    ("‖x‖₁", "(norm1 x)"),
    ("‖x‖₂²", "(**:^ (norm x) 2)"),
    ("‖x‖_1 + ‖A‖_F", "(+ (norm1 x) (norm A))"),
    ("‖2*‖x‖‖", "(norm (* 2 (norm x)))"),
    ("½‖x‖‖y‖", "(*:implicit (*:implicit 1/2 (norm x)) (norm y))"),
    ("√(x)²", "(**:^ (sqrt x) 2)"),
    ("λ*x₁₂", "(* λ x12)"),
    ("π", "pi"),
    ("ｘ + 𝐱 + ϵ", "(+ (+ x x) ε)"),
    # products without a sign
    ("5x", "(*:implicit 5 x)"),
    ("5 x", "(*:implicit 5 x)"),
    ("-2x", "(*:implicit (neg 2) x)"),
    ("2(x+1)", "(*:implicit 2 (+ x 1))"),
    ("(a)(b)", "(*:implicit a b)"),
    ("(a) b", "(*:implicit a b)"),
    ("x[0]y", "(*:implicit x[0] y)"),
    ("2sin(x)cos(y)", "(*:implicit (*:implicit 2 (sin x)) (cos y))"),
    ("2x^2", "(*:implicit 2 (**:^ x 2))"),
    ("x^(2)y", "(*:implicit (**:^ x 2) y)"),
    ("2x/3", "(/ (*:implicit 2 x) 3)"),
    ("1/2*x", "(* (/ 1 2) x)"),
    ("2e", "(*:implicit 2 e)"),
    ("2e1", "20"),
    ("5e-x", "(- (*:implicit 5 e) x)"),
    ("2√(x)", "(*:implicit 2 (sqrt x))"),
    # calls
    ("sin(x)", "(sin x)"),
    ("sin (x)", "(sin x)"),
    ("where(x > 0, a, b)", "(where (> x 0) a b)"),
    ("sum(X, axis=0)", "(sum,axis=0 X)"),
    ("sum(X, axis = -1)", "(sum,axis=-1 X)"),
    ("ln(x) + tr(A) + norm2(x)", "(+ (+ (log x) (trace A)) (norm x))"),
    ("max(a, b) - min(a, b)", "(- (maximum a b) (minimum a b))"),
    ("sum(i, log(1 + y[i]*(X[i] @ w)))", "(sum i (log (+ 1 (* y[i] (@ X[i] w)))))"),
    ('einsum("ij,j->i", A, x)', '(einsum "ij,j->i" A x)'),
    ("einsum('ij->ji', A')", '(einsum "ij->ji" (T:\' A))'),
    ("ones(m, n)", "(ones m n)"),
    ("ones((m, n))", "(ones <m n>)"),
    ("ones((n,))", "(ones <n>)"),
    # indices and stacks
    ("x[-1]", "x[(neg 1)]"),
    ("X[0, :]", "X[0, ::]"),
    ("X[:, 0]", "X[::, 0]"),
    ("x[:]", "x[::]"),
    ("x[::2]", "x[::2]"),
    ("x[1:n-1]", "x[1:(- n 1):]"),
    ("X[a:b, :c:d, ::]", "X[a:b:, :c:d, ::]"),
    ("x[1][2]", "x[1][2]"),
    ("[a, b]", "[a b]"),
    ("[[a, b], [c, d]] @ x", "(@ [[a b] [c d]] x)"),
    ("[a, b][0]", "[a b][0]"),
    # definitions and lines
    ("r = A @ x - b; sum(r**2)", "(r=(- (@ A x) b); (sum (** r 2)))"),
    ("r = 2; s = r + 1; r*s", "(r=2; s=(+ r 1); (* r s))"),
    ("r = 2; r = r + 1; r", "(r=2; r=(+ r 1); r)"),
    ("r = A @ x\nsum(r)", "(r=(@ A x); (sum r))"),
    ("\nr = 2\r\n\n;\n r\n", "(r=2; r)"),
    ("r = A @ x -\n b\nsum(r)", "(r=(- (@ A x) b); (sum r))"),
    ("sum(\nX,\naxis=0\n)", "(sum,axis=0 X)"),
    ("(a\n+ b)", "(+ a b)"),
    ("‖x\n+ y‖", "(norm (+ x y))"),
    ("a\t+\u00a0b", "(+ a b)"),
    # names that are words elsewhere
    ("lambda + if", "(+ lambda if)"),
    ("axis + self", "(+ axis self)"),
]


@pytest.mark.parametrize(("text", "tree"), TREES, ids=[repr(text) for text, _ in TREES])
def test_tree(read: Read, text: str, tree: str) -> None:
    assert read(text) == tree


DECLARED = [
    ("u(x)", "u:n->", "(u,0 x)"),
    ("grad(u)(A @ x)", "u:n->", "(u,1 (@ A x))"),
    ("jac(g)(x)", "g:n->m", "(g,1 x)"),
    ("hess(u)(x) @ hess(g)(x)", "u:n-> g:n->m", "(@ (u,2 x) (g,2 x))"),
    ("diff(phi)(z) + phi(z)", "phi:->", "(+ (phi,1 z) (phi,0 z))"),
    ("diff(u, 3)(x)", "u:n->", "(u,3 x)"),
    ("u(u(x))", "u:->", "(u,0 (u,0 x))"),
    ("2grad(u)(x)", "u:n->", "(*:implicit 2 (u,1 x))"),
    ("x1x2 + xy", "x1x2: xy: x: y:", "(+ x1x2 xy)"),
    ("x1", "x:n x1:", "x1"),
    ("c1", "c:", "c1"),
    ("A^T", "T: A:n,n", "(**:^ A T)"),
    ("A^T", "A:T,T", "(**:^ A T)"),
    ("x₁ + x1", "x₁:", "(+ x1 x1)"),
    ("sum(i, x[i])", "x:n", "(sum i x[i])"),
]


@pytest.mark.parametrize(("text", "declarations", "tree"), DECLARED)
def test_tree_with_declarations(read: Read, text: str, declarations: str, tree: str) -> None:
    assert read(text, declarations) == tree


READINGS = [
    ("norm(A @ x - b)**2", "", ()),
    ("x.T @ y + log(x)", "", ()),
    ("x^2 + y^3", "", ("`^` read as power",)),
    ("A^T", "", ("`^T` read as the transpose",)),
    ("x' + y'", "", ("`'` read as the transpose",)),
    ("xᵀ", "", ()),
    ("5x + 5x", "", ("`5x` read as `5*x`",)),
    ("2 (x+1)", "", ("`2 (x+1)` read as `2*(x+1)`",)),
    ("(a)(b)", "", ("`(a)(b)` read as `(a)*(b)`",)),
    ("e**x + pi", "", ("`e` read as Euler's number", "`pi` read as π")),
    ("e**x + pi + π", "e: pi:", ("`π` read as `pi`",)),
    ("π", "", ()),
    ("e = 3; e*x", "", ()),
    ("a = e; e = 2; a*e", "", ("`e` read as Euler's number",)),
    ("sum(e, x[e])", "", ()),
    ("x₁ + x₁", "", ("`x₁` read as `x1`",)),
    ("max(a, b)", "", ("`max` of two arguments read as `maximum`",)),
    ("a·b", "", ("`·` read as `dot`: `@` between arrays, the product with a number",)),
    ("‖x‖", "", ("`‖…‖` read as `norm`, of a matrix the Frobenius norm",)),
    ("‖x‖₁", "", ("`‖…‖₁` read as `norm1`",)),
]


@pytest.mark.parametrize(("text", "declarations", "expected"), READINGS)
def test_readings(
    readings: Callable[..., tuple[str, ...]], text: str, declarations: str, expected: tuple[str, ...]
) -> None:
    assert readings(text, declarations) == expected


def test_readings_come_in_the_order_of_the_text(readings: Callable[..., tuple[str, ...]]) -> None:
    assert readings("2x + y^2 + z₁") == ("`2x` read as `2*x`", "`^` read as power", "`z₁` read as `z1`")


def test_long_operands_are_shortened_in_readings(readings: Callable[..., tuple[str, ...]]) -> None:
    shown = "(a+a+a+a+a+a+a+a+a+a…a+a+a+a+a+a)"
    assert readings(f"2({'+'.join(['a'] * 100)})") == (f"`2{shown}` read as `2*{shown}`",)


def _parse(text: str) -> Syntax:
    return parse_text(text, Declarations())[0]


def test_spans_cover_what_was_typed() -> None:
    text = "(a + b)*sum(x, axis=0) - X[0, 1:n]"
    spans = {text[tree.span.start : tree.span.end] for tree in postorder(_parse(text)) if tree.span}
    assert spans >= {text, "(a + b)", "(a + b)*sum(x, axis=0)", "sum(x, axis=0)", "X[0, 1:n]", "n"}


def test_every_tree_has_a_span() -> None:
    tree = _parse("r = -√(x)²; 2‖r‖₁ + [1, x'][0] + ones((n,)) + max(r, 1)")
    assert all(part.span is not None for part in postorder(tree))
    assert tree.span == Span(0, 55)


def test_powers_of_numbers_are_not_computed() -> None:
    match _parse("2**100"):
        case Binary(operator="**", left=Num(), right=Num(value=exponent)):
            assert exponent == 100
        case other:
            raise AssertionError(other)


def test_axis_of_an_infix_dot_is_none() -> None:
    tree = _parse("a·b")
    assert isinstance(tree, Call)
    assert tree.axis is None


def test_slices_keep_their_span() -> None:
    tree = _parse("x[1:2, :]")
    assert isinstance(tree, Index)
    assert len(tree.items) == 2
