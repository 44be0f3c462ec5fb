"""Any text gives a tree or one of our errors; what Python can read as well, it reads the same way."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from hesse.core.declarations import Declarations
from hesse.core.syntax import postorder
from hesse.errors import HesseError
from hesse.frontends.text import parse_declarations, parse_text
from hesse.frontends.text.characters import (
    NORMS,
    OPERATORS,
    SUPERSCRIPTS,
    TRANSPOSES,
    continues_name,
    normal_name,
    starts_name,
)

DECLARED = parse_declarations("A:m,n x:n b:m c: u:n-> g:n->m phi:-> idx:p:index(n)")
WORDS = re.findall(
    r"\S+|\n",
    "A x b c n u g phi xy x1 x1x2 e pi T sum norm max exp grad hess diff axis and not _1 "
    "1 2.5 .5 1e-3 2. ½ ( ) [ ] ( ) , : ; = == < + - * / @ ** ^ // -> ' .T ᵀ ² ⁻¹ ₁ ‖ √ · ⊙ − ≤ \n \" a' λ 0 %",
)


def _survives(text: str, declarations: Declarations) -> None:
    try:
        tree, readings = parse_text(text, declarations)
    except HesseError as error:
        refused = error
    else:
        assert len(set(readings)) == len(readings)
        for part in postorder(tree):
            assert part.span is not None
            assert 0 <= part.span.start < part.span.end <= len(text)
        return
    assert str(refused)
    assert refused.span is None or 0 <= refused.span.start <= refused.span.end <= len(text)


def test_no_sign_is_part_of_a_name_and_every_name_is_an_identifier() -> None:
    """Over all of Unicode, which lets the middle dot and the raised T stand inside identifiers."""
    signs = {*OPERATORS, *NORMS, *TRANSPOSES, *SUPERSCRIPTS, "√"}
    for char in map(chr, range(sys.maxunicode + 1)):
        if continues_name(char):
            assert char not in signs
            assert normal_name("x" + char).isidentifier()
        assert not starts_name(char) or normal_name(char).isidentifier()


@settings(deadline=2000)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
def test_any_text(text: str) -> None:
    _survives(text, DECLARED)


@settings(deadline=2000)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(["", "", " "])), max_size=25))
def test_any_words(words: list[tuple[str, str]]) -> None:
    text = "".join(word + space for word, space in words)
    _survives(text, DECLARED)
    _survives(text, Declarations())


@settings(deadline=2000)
@given(st.text(st.sampled_from("Axnm:,;->+*/()123 symindex\n½λ^'"), max_size=40))
def test_any_declarations(text: str) -> None:
    try:
        declarations = parse_declarations(text)
    except HesseError as error:
        refused = error
    else:
        assert parse_declarations(str(declarations)) == declarations
        return
    assert str(refused)


_NAMES = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.MatMult: "@",
    ast.Pow: "**",
    ast.Lt: "<",
    ast.GtE: ">=",
    ast.NotEq: "!=",
}


def _python(tree: ast.expr) -> str:
    """The tree of Python's own parser as an s-expression."""
    match tree:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"(neg {_python(operand)})"
        case ast.UnaryOp(operand=operand):
            return _python(operand)
        case ast.BinOp(op=operator, left=left, right=right):
            return f"({_NAMES[type(operator)]} {_python(left)} {_python(right)})"
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return f"({_NAMES[type(operator)]} {_python(left)} {_python(right)})"
    return _python_operand(tree)


def _python_operand(tree: ast.expr) -> str:
    match tree:
        case ast.Constant(value=value):
            return str(Fraction(str(value)))
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value):
            return f"(T {_python(value)})"
        case ast.Subscript(value=value, slice=item):
            return f"{_python(value)}[{_python(item)}]"
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return f"({name} {' '.join(map(_python, arguments))})"
        case ast.List(elts=items):
            return f"[{' '.join(map(_python, items))}]"
    return "not comparable"


_leaves = st.sampled_from(["a", "b", "c", "2", "0.5", "3"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "@", "**", " - ", " < ", ">=", "!="])
    return st.one_of(
        st.tuples(inner, operators, inner).map("".join),
        st.tuples(inner, operators, inner).map("".join),
        st.tuples(st.sampled_from(["-", "+", "- "]), inner).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"({text}).T"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]})[{pair[1]}]"),
        inner.map(lambda text: f"sin({text})"),
        st.tuples(inner, inner).map(lambda pair: f"outer({pair[0]}, {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"[{pair[0]}, {pair[1]}]"),
    )


@settings(deadline=2000)
@given(st.recursive(_leaves, _larger, max_leaves=12))
def test_what_python_reads_is_read_the_same_way(read: Callable[..., str], text: str) -> None:
    expected = _python(ast.parse(text, mode="eval").body)
    if "not comparable" in expected:  # a chain of comparisons
        return
    assert read(text) == expected
