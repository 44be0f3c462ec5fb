"""Texts with more than one sensible reading: the error shows the readings and how to write each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hesse.errors import AmbiguousError, HesseError
from hesse.frontends.text import parse_declarations, parse_text

Fail = Callable[..., HesseError]

QUESTIONS = [
    # text, declarations, where the carets stand, readings
    ("1/2x", "", "^^^^", ("(1/2)*x", "1/(2*x)")),
    ("y + 1/2 x", "", "    ^^^^^", ("(1/2)*x", "1/(2*x)")),
    ("1/2(x+1)", "", "^^^^^^^^", ("(1/2)*(x+1)", "1/(2*(x+1))")),
    ("a*b/2x", "", "^^^^^^", ("(a*b/2)*x", "a*b/(2*x)")),
    ("1/-2x", "", "^^^^^", ("(1/-2)*x", "1/(-2*x)")),
    ("1/(2)(x)", "", "^^^^^^^^", ("(1/(2))*(x)", "1/((2)*(x))")),
    ("1/sin(x)cos(y)", "", "^^^^^^^^^^^^^^", ("(1/sin(x))*cos(y)", "1/(sin(x)*cos(y))")),
    ("1/2‖x‖", "", "^^^^", ("(1/2)*‖…‖", "1/(2*‖…‖)")),
    ("a/b(c)", "", "^^^^^^", ("(a/b)*(c)", "a/(b*(c))")),
    ("a/b(c)", "b:n", "^^^^^^", ("(a/b)*(c)", "a/(b*(c))")),
    ("1/n(x+1)", "x:n", "^^^^^^^^", ("(1/n)*(x+1)", "1/(n*(x+1))")),
    ("a/-b(c)", "b:", "^^^^^^^", ("(a/-b)*(c)", "a/(-b*(c))")),
    ("A @ 2x", "", "^^^^^^", ("(A @ 2)*x", "A @ (2*x)")),
    ("a·(b)(c)", "", "^^^^^^^^", ("(a·(b))*(c)", "a·((b)*(c))")),
    ("x^2y", "", "^^^^", ("(x^2)*y", "x^(2*y)")),
    ("e^-2x", "", "^^^^^", ("(e^-2)*x", "e^(-2*x)")),
    ("x**2(y+1)", "", "^^^^^^^^^", ("(x**2)*(y+1)", "x**(2*(y+1))")),
    ("e^sin(x)cos(y)", "", "^^^^^^^^^^^^^^", ("(e^sin(x))*cos(y)", "e^(sin(x)*cos(y))")),
    ("3 + x1x2", "", "    ^^^^", ("x1*x2",)),
    ("x1x2", "x1: x2:", "^^^^", ("x1*x2",)),
    ("x1x2", "x:n", "^^^^", ("x[0]*x[1]",)),
    ("w1b2a3", "", "^^^^^^", ("w1*b2*a3",)),
    ("xy", "x: y:", "^^", ("x*y",)),
    ("x*y + xy", "", "      ^^", ("x @ y", "x*y")),
    ("xx - x", "", "^^", ("x @ x", "x*x")),
    ("Ax - b", "A:m,n x:n b:m", "^^", ("A @ x", "A*x")),
    ("2pir", "r:", " ^^^", ("pi*r",)),
    ("πr²", "r:", "^^", ("π*r",)),
    ("λx", "λ: x:", "^^", ("λ*x",)),
    ("xn", "x:n", "^^", ("x*n",)),
    ("rs; rs", "r: s:", "^^", ("r*s",)),
    ("r = 2; s = 3; rs", "", "              ^^", ("r @ s", "r*s")),
    ("T*A^T", "", "   ^^", ("A.T", "A**T")),
    ("(A + B)^T + T", "", "       ^^", ("(A + B).T", "(A + B)**T")),
    ("2e1", "e1:", "^^^", ("2*e1", "2*10**1")),
]


@pytest.mark.parametrize(("text", "declarations", "carets", "readings"), QUESTIONS)
def test_question(fail: Fail, text: str, declarations: str, carets: str, readings: tuple[str, ...]) -> None:
    error = fail(text, declarations)
    assert isinstance(error, AmbiguousError), error
    assert error.readings == readings
    assert str(error).splitlines()[1:3] == ["  " + text, "  " + carets]


@pytest.mark.parametrize(("text", "declarations"), [(text, declared) for text, declared, _, _ in QUESTIONS])
def test_every_reading_is_an_answer(fail: Fail, text: str, declarations: str) -> None:
    """What the question offers can be read, once the question's own name is replaced by it."""
    error = fail(text, declarations)
    assert isinstance(error, AmbiguousError)
    for reading in error.readings:
        parse_text(reading.replace("‖…‖", "‖x‖"), parse_declarations(declarations))


NO_QUESTIONS = [
    ("1/2*x", ""),
    ("1/(2x)", ""),
    ("(1/2)x", ""),
    ("x + 2y", ""),
    ("2x/3", ""),
    ("a*2x", ""),
    ("x^2*y", ""),
    ("x^(2)y", ""),
    ("1/sin(x)", ""),
    ("a/u(x)", "u:n->"),
    ("xy", ""),
    ("xy + x", ""),
    ("xy", "xy: x: y:"),
    ("xy = 2; x*y*xy", ""),
    ("rate + r", ""),
    ("x1 + x2", ""),
    ("layer1", ""),
    ("A^T + B^T", ""),
]


@pytest.mark.parametrize(("text", "declarations"), NO_QUESTIONS)
def test_no_question(text: str, declarations: str) -> None:
    parse_text(text, parse_declarations(declarations))
