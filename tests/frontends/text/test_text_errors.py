"""Texts that are not in the notation: the class of the error, its place, and what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hesse.core.declarations import Declarations
from hesse.errors import HesseError, ParseError, UnknownNameError
from hesse.frontends.text import parse_text

Fail = Callable[..., HesseError]

ERRORS = [
    # text, declarations, where the carets stand, parts of the message
    # something is missing
    ("", "", "^", "expected an expression, found the end"),
    ("  ", "", "  ^", "expected an expression, found the end"),
    ("x +", "", "   ^", "expected an expression after `+`, found the end"),
    ("x + * y", "", "    ^", "expected an expression after `+`, found `*`"),
    ("**x", "", "^^", "expected an expression, found `**`"),
    ("x**", "", "   ^", "expected an expression after `**`, found the end"),
    ("x^^2", "", "  ^", "expected an expression after `^`, found `^`"),
    ("-", "", " ^", "expected an expression after `-`, found the end"),
    ("(x + )", "", "     ^", "expected an expression after `+`, found `)`"),
    ("sin(x, )", "", "       ^", "expected an expression after `,`, found `)`"),
    ("sin(,x)", "", "    ^", "expected an expression after `(`, found `,`"),
    ("[a,,b]", "", "   ^", "expected an expression after `,`, found `,`"),
    ("[a, b,]", "", "      ^", "expected an expression after `,`, found `]`"),
    ("x[0,]", "", "    ^", "expected an expression after `,`, found `]`"),
    ("x[:,]", "", "    ^", "expected an expression after `,`, found `]`"),
    ("(,)", "", " ^", "expected an expression after `(`, found `,`"),
    ("‖‖", "", "  ^", "expected an expression after `‖`, found the end"),
    ("'", "", "^", "the string has no closing '"),
    ("²", "", "^", "expected an expression, found `²`"),
    ("x + .T", "", "    ^^", "expected an expression after `+`, found `.T`"),
    ("sin()", "", "   ^^", "the brackets are empty|between the brackets"),
    ("x[]", "", " ^^", "the brackets are empty|write an index"),
    ("[]", "", "^^", "the brackets are empty|at least one entry"),
    ("()", "", "^^", "the brackets are empty"),
    ("u()", "u:n->", " ^^", "the brackets are empty|write the argument"),
    # brackets
    ("(x", "", "^", "`(` is not closed"),
    ("sin(x + [a, b]", "", "   ^", "`(` is not closed"),
    ("((x)", "", "^", "`(` is not closed"),
    ("x)", "", " ^", "`)` closes no bracket"),
    ("(x)) + (", "", "   ^", "`)` closes no bracket"),
    ("(x]", "", "  ^", "`]` cannot close `(`|`)` is expected"),
    ("‖x", "", "^", "`‖` is not closed"),
    ("(‖x)", "", " ^", "`‖` is not closed"),
    ("(a‖)", "", "  ^", "stand side by side"),
    # characters
    ("x ? y", "", "  ^", "unexpected character `?`"),
    ("x % y", "", "  ^", "unexpected character `%`|no remainder"),
    ("|x|", "", "^", "unexpected character `|`|abs(x)"),
    ("x × y", "", "  ^", "unexpected character `×`|`*`|`@`"),
    ("∑ x", "", "^", "unexpected character `∑`|sum(x)"),
    ("{x}", "", "^", "unexpected character `{`|round brackets"),
    ("\\frac", "", "^", "unexpected character `\\`|LaTeX"),
    ("a\0b", "", " ^", "unexpected character U+0000"),
    ("a\ud800", "", " ^", "unexpected character U+D800"),
    ("a\u200bb", "", " ^", "unexpected character U+200B"),
    ("٣", "", "^", "unexpected character `٣`"),
    ("２x", "", "^", "unexpected character `２`|write `2`"),
    ("xᵢ", "", " ^", "unexpected character `ᵢ`|x[i]"),
    ("xⁿ", "", " ^", "unexpected character `ⁿ`|x**k"),
    ("A⁻ᵀ", "", " ^", "superscript sign|inv(A).T"),
    ("x² ³", "", "   ^", "two superscripts"),
    ("(x)₁", "", "   ^", "a subscript that belongs to no name"),
    ("‖x‖₃", "", "   ^", "this norm is not in the notation|norm1(x)"),
    ("‖x‖_0", "", "   ^^", "this norm is not in the notation"),
    ("√x", "", "^", "where the root ends|sqrt(...)"),
    ("x.sum()", "", " ^^^^", "only `.T`|sum(...)"),
    ("np.exp(x)", "", "  ^^^^", "only `.T`|exp(...)"),
    ("x.t", "", " ^^", "only `.T`"),
    ("1..2", "", "  ^^", "stand side by side"),
    # numbers
    ("1_000", "", "^^", "underscore"),
    ("0x10", "", "^^", "not decimal"),
    ("2.x", "", "^^^", "`2.x` can be read in two ways|2.0*x"),
    ("1.2.3", "", "   ^^", "`1.2` and `.3` stand side by side"),
    ("5'", "", " ^", "a number has no transpose"),
    ("2[0]", "", " ^", "a number has no entries"),
    ("1,5", "", " ^", "a comma outside|decimals have a point"),
    # operands side by side
    ("x y", "", "  ^", "`x` and `y` stand side by side|`x*y`|`x @ y`"),
    ("x 2", "", "  ^", "stand side by side|`x**2` or `x*2`"),
    ("2 3", "", "  ^", "`2` and `3` stand side by side"),
    ("(x)2", "", "   ^", "`(x)` and `2` stand side by side"),
    ("x.T y", "", "    ^", "`x.T` and `y` stand side by side|`x.T @ y`"),
    ("A'(x)", "", "  ^", "`A'` and `(x)` stand side by side|`A' @ (x)`"),
    ("x²y", "", "  ^", "`x²` and `y` stand side by side"),
    ("λ‖x‖", "", " ^", "`λ` and `‖…‖` stand side by side|`λ*‖…‖`"),
    ("x\u00a0y", "", "  ^", "stand side by side"),
    ("[1 2]", "", "   ^", "stand side by side|commas separate"),
    ('x "a"', "", "  ^^^", "side by side|einsum"),
    ("not x", "", "^^^", "`not` is not in the notation|1 - (a > 0)"),
    ("a and b", "", "  ^^^", "`and` is not in the notation|(a > 0)*(b > 0)"),
    ("a if b else c", "", "  ^^", "`if` is not in the notation|where("),
    ("a < b < c", "", "      ^", "comparisons are not chained|(a < b)*(b < c)"),
    ("a < b == c", "", "      ^^", "comparisons are not chained"),
    ("x''", "", "  ^", "two primes"),
    ("A^T(x)", "", "  ^", "is a call|A.T @ (...)"),
    ("A^-T", "", " ^", "`^-T` is not in the notation|inv(A).T"),
    ("A^(-T)", "", " ^", "inv(A).T"),
    ("u -> x", "", "  ^^", "`->` is not in the notation here"),
    # indices, tuples, strings
    ("x[1:2:3:4]", "", "         ^", "a slice has at most three parts"),
    ("a : b", "", "  ^", "a colon outside of an index|declarations"),
    ("(1:2)", "", "  ^", "a colon outside of an index"),
    (": x", "", "^", "expected an expression, found `:`"),
    ("(a, b)", "", "^^^^^^", "for shapes|`[a, b]`"),
    ("2*(a,)", "", "  ^^^^", "for shapes"),
    ("u((a, b))", "u:n->", "  ^^^^^^", "for shapes"),
    ("norm((a, b))", "", "     ^^^^^^", "for shapes|`[a, b]`"),
    ("sin('a')", "", "    ^^^", "a string stands only"),
    ("sum('a')", "", "    ^^^", "a string stands only"),
    ("r = (a, b); r", "", "    ^^^^^^", "for shapes"),
    ("'ab'", "", "^^^^", "a string stands only"),
    ('x + "ab"', "", "    ^^^^", "a string stands only"),
    ('"ab', "", "^", 'no closing "'),
    # keywords and definitions
    ("sum(X, dim=0)", "", "       ^^^", "`dim=` is not understood|axis=0"),
    ("sum(axis=0)", "", "    ^^^^", "`axis=` is not understood"),
    ("sum(X, axis=0.5)", "", "            ^^^", "`axis` takes an integer"),
    ("sum(X, axis=k)", "", "            ^", "`axis` takes an integer"),
    ("sum(X, axis=9999)", "", "            ^^^^", "`axis` takes an integer"),
    ("sum(X, axis=0, 2)", "", "             ^", "`axis` comes last"),
    ("sum(X, 2*axis=0)", "", "             ^", "`=` does not belong here"),
    ("u(x, axis=0)", "u:n->", "         ^", "`=` does not belong here"),
    ("2 = x", "", "  ^", "`=` does not belong here"),
    ("a + b = c", "", "      ^", "`=` does not belong here|`==`"),
    ("(r = 2)", "", "   ^", "`=` does not belong here"),
    ("r = s = 2; r", "", "      ^", "`=` does not belong here"),
    ("= 2", "", "^", "expected an expression, found `=`"),
    ("r = 2", "", "     ^", "ends with the definition of `r`|leave out `r =`"),
    ("r = 2;", "", "      ^", "expected an expression after `;`, found the end"),
    ("r = ; r", "", "    ^", "expected an expression after `=`, found `;`"),
    ("; x", "", "^", "expected an expression, found `;`"),
    ("r = 2;; r", "", "      ^", "expected an expression after `;`, found `;`"),
    ("x;", "", " ^", "the expression comes last|remove"),
    ("x; y", "", " ^", "the expression comes last"),
    ("x; r = 2", "", " ^", "the expression comes last"),
    ("(a; b)", "", "  ^", "`;` inside of brackets"),
    ("x = 2; x", "x:", "^", "`x` is declared and cannot be defined"),
    ("n = 2; n", "x:n", "^", "`n` is declared and cannot be defined"),
    ("u = 2; u", "u:n->", "^", "`u` is declared and cannot be defined"),
    ("exp = 2; exp", "", "^^^", "`exp` is a function and cannot be defined"),
    ("grad = 2; grad", "", "^^^^", "`grad` is a function and cannot be defined"),
    # functions
    ("exp + 1", "", "^^^", "`exp` is a function and needs an argument|`exp(...)`"),
    ("sin x", "", "^^^", "`sin` is a function and needs an argument"),
    ("u + 1", "u:n->", "^", "`u` is a function and needs an argument"),
    ("u'(x)", "u:->", " ^", "a prime is the transpose|diff(u)(z)"),
    ("u(x, y)", "u:n->", "^^^^^^^", "`u` takes one argument, not 2"),
    ("grad(u)", "u:n->", "^^^^^^^", "`grad(u)` is a function and needs an argument|`grad(u)(x)`"),
    ("grad(u)[0]", "u:n->", "^^^^^^^", "needs an argument"),
    ("grad(g)(x)", "g:n->m", "^^^^", "`g` is not scalar-valued|`jac(g)`"),
    ("jac(u)(x)", "u:n->", "^^^", "`u` is scalar-valued|`grad(u)`"),
    ("grad(2*u)(x)", "u:n->", "^^^^", "takes the name of an undefined function"),
    ("hess(u, 2)(x)", "u:n->", "^^^^", "takes the name of an undefined function"),
    ("diff(u, 0)(x)", "u:n->", "        ^", "an integer of at least 1"),
    ("diff(u, 1.5)(x)", "u:n->", "        ^^^", "an integer of at least 1"),
    ("None", "", "^^^^", "`None` is not in the notation"),
    ("x + True", "", "    ^^^^", "`True` is not in the notation|write 1"),
]


@pytest.mark.parametrize(("text", "declarations", "carets", "parts"), ERRORS)
def test_error(fail: Fail, text: str, declarations: str, carets: str, parts: str) -> None:
    error = fail(text, declarations)
    assert type(error) is ParseError
    lines = str(error).splitlines()
    shown = "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)
    assert lines[1:3] == ["  " + shown, "  " + carets], error
    for part in parts.split("|"):
        assert part.strip("|") in str(error)


UNKNOWN = [
    ("b(c)", "b:m", "^", "`b` is not a function|write b*(c) for a product"),
    ("2 + n(x)", "x:n", "    ^", "write n*(x) for a product"),
    ("r = x; r(2)", "", "       ^", "write r*(2) for a product"),
    ("pi(x)", "", "^^", "write pi*(x) for a product"),
    ("f(x)", "", "^", "write f*(x) for a product|`f:n->`"),
    ("sine(x)", "", "^^^^", "did you mean `sin`?"),
    ("1/expp(x)", "", "  ^^^^", "did you mean `exp`?"),
    ("softmx(x)", "", "^^^^^^", "did you mean `softmax`?"),
    ("phii(x)", "phi:->", "^^^^", "did you mean `phi`?"),
    ("log10(x)", "", "^^^^^", "write `log(x)/log(10)`"),
    ("not(x)", "", "^^^", "1 - (x > 0)"),
    ("f(x) = 2; f", "", "^", "a definition names a value"),
    ("__import__('os')", "", "^^^^^^^^^^", "`__import__` is not a function"),
    ("max(a, b, c)", "", "^^^^^^^^^^^^", "takes two arguments|maximum(a, b)"),
    ("grad(f)(x)", "", "     ^", "`f` is not declared as an undefined function|`f:n->`"),
    ("grad(x)(x)", "x:n", "     ^", "`x` is not declared as an undefined function"),
    ("x1", "x:n", "^^", "did you mean x[0]?"),
    ("2*x12", "x:n", "  ^^^", "did you mean x[11]?"),
    ("x0", "x:n", "^^", "did you mean x[0]?"),
    ("x_3", "x:n", "^^^", "did you mean x[2]?"),
    ("x₂", "x:5", "^^", "did you mean x[1]?"),
    ("X12", "X:m,n", "^^^", "did you mean X[0, 1]?|the matrix `X`"),
    ("X3", "X:m,n", "^^", "did you mean X[2]?"),
]


@pytest.mark.parametrize(("text", "declarations", "carets", "parts"), UNKNOWN)
def test_unknown_name(fail: Fail, text: str, declarations: str, carets: str, parts: str) -> None:
    error = fail(text, declarations)
    assert isinstance(error, UnknownNameError)
    assert str(error).splitlines()[1:3] == ["  " + text, "  " + carets]
    for part in parts.split("|"):
        assert part in str(error)


LINES = [
    ("r = A\n- b; r", "- b; r", "^", "a line that starts with `-`"),
    ("r = A\n+ b\nr", "+ b", "^", "a line that starts with `+`"),
    ("x\ny", "y", "^", "the expression comes last"),
    ("r = 2\n(x]", "(x]", "  ^", "cannot close"),
    ("r = 2\nr +\n", "r +", "   ^", "found the end"),
    ("r = 2\rr r", "r = 2\rr r", "        ^", "stand side by side"),
]


@pytest.mark.parametrize(("text", "line", "carets", "part"), LINES)
def test_error_in_a_line(fail: Fail, text: str, line: str, carets: str, part: str) -> None:
    error = fail(text)
    assert part in error.message
    assert error.source == text
    assert error.span is not None
    assert error.span.start == text.index(line) + carets.index("^")


def test_errors_are_told_once() -> None:
    with pytest.raises(ParseError) as caught:
        parse_text("x +", Declarations())
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
