"""Declaration text: what is read, what is refused and where, and that declarations print as they are read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hesse.core.declarations import FunctionDeclaration, VariableDeclaration
from hesse.core.sizes import Size
from hesse.errors import DeclarationError
from hesse.frontends.text import parse_declarations

N, M = Size.of("n"), Size.of("m")

READ = [
    ("A:m,n x:n b:m c:", "A:m,n x:n b:m c:"),
    ("", ""),
    (" \n ", ""),
    ("  x:3\ty:n  ", "x:3 y:n"),
    ("A:m, n x:n, b:m; c:", "A:m,n x:n b:m c:"),
    ("c:, x:n,\nu:n->, v:n", "c: x:n u:n-> v:n"),
    ("x:n\ny:m;z:k", "x:n y:m z:k"),
    ("S:n,n:sym P:n,n:spd:sym", "S:n,n:sym P:n,n:spd:sym"),
    ("S:n, n:sym", "S:n,n:sym"),
    ("S:n-1,n-1:sym", "S:n-1,n-1:sym"),
    ("p:m,n:simplex y:m:pm1 c::pos", "p:m,n:simplex y:m:pm1 c::pos"),
    ("x:n:pos:simplex", "x:n:pos:simplex"),
    ("idx:p:index(n) x:n", "idx:p:index(n) x:n"),
    ("idx:p:index(2*n+1)", "idx:p:index(2*n+1)"),
    ("u:n-> g:n->m phi:-> F:m,n-> c:->m", "u:n-> g:n->m phi:-> F:m,n-> c:->m"),
    ("x:n-1 y:2*n z:(n+1)//2 w:n**2", "x:n-1 y:2*n z:(n+1)//2 w:n**2"),
    ("x:(n+1)*(m-1)", "x:m*n+m-n-1"),
    ("x:1+n*m//2", "x:(m*n)//2+1"),
    ("x:n-m-1 y:n-(m-1)", "x:n-m-1 y:n+1-m"),
    ("x:-1+n y:5-n", "x:n-1 y:5-n"),
    ("x:2**3 y:-1*-3", "x:8 y:3"),
    ("x:2*n//2", "x:n"),
    ("λ: lambda: x₁:n ｙ:m", "λ: lambda: x1:n y:m"),
    ("e: π:n", "e: pi:n"),
    ("if:n self:n", "if:n self:n"),
]


@pytest.mark.parametrize(("text", "shown"), READ)
def test_declarations(text: str, shown: str) -> None:
    declarations = parse_declarations(text)
    assert str(declarations) == shown
    assert parse_declarations(shown) == declarations


def test_floor_of_a_product_binds_from_the_left() -> None:
    (declaration,) = parse_declarations("x:n*m//2")
    assert isinstance(declaration, VariableDeclaration)
    assert declaration.shape[0].evaluate({"n": 3, "m": 5}) == 7
    (declaration,) = parse_declarations("x:2*(n//2)-m+9")
    assert isinstance(declaration, VariableDeclaration)
    assert declaration.shape[0].evaluate({"n": 7, "m": 4}) == 11


def test_the_parts_of_a_declaration() -> None:
    assert parse_declarations("A:m,3:pos c: i:n:index(m) g:n->m phi:->").entries == (
        VariableDeclaration("A", (M, Size.of(3)), frozenset({"pos"})),
        VariableDeclaration("c", ()),
        VariableDeclaration("i", (N,), frozenset(), M),
        FunctionDeclaration("g", (N,), (M,)),
        FunctionDeclaration("phi", (), ()),
    )


ERRORS = [
    # text, where the carets stand, parts of the message
    ("x", "^", "not a declaration|`x:n`"),
    ("x y:n", "^", "not a declaration"),
    ("2:n", "^^^", "not a declaration"),
    ("A: m,n", "   ^^^", "not a declaration"),
    ("A :m", "^", "not a declaration"),
    ("x:n - 1", "    ^", "not a declaration"),
    ("x:n , y:m", "    ^", "not a declaration"),
    (",", "^", "not a declaration"),
    ("x:n x:n", "    ^", "`x` is declared twice"),
    ("x:n λ: λ:", "       ^", "`λ` is declared twice"),
    ("x₁: x1:", "    ^^", "`x1` is declared twice"),
    ("x:n n:", "    ^", "`n` is the name of a variable and of a size"),
    ("n: x:n", "^", "`n` is the name of a variable and of a size"),
    ("u:n-> n:3", "      ^", "`n` is the name of a variable and of a size"),
    ("u:m->u", "^", "`u` is the name of a variable and of a size"),
    ("i:p:index(k) k:", "             ^", "`k` is the name of a variable and of a size"),
    ("norm:n", "^^^^", "`norm` is the name of a function|is a call"),
    ("ln:", "^^", "`ln` is the name of a function"),
    ("grad:n", "^^^^", "`grad` is the name of a function"),
    ("max:n->", "^^^", "`max` is the name of a function"),
    ("x:norm", "  ^^^^", "`norm` cannot be the name of a size|function"),
    ("c:pos", "  ^^^", "`pos` cannot be the name of a size|`c::pos`"),
    ("x:n:foo", "    ^^^", "`foo` is not an attribute|sym, spd, pos"),
    ("x:n:posi", "    ^^^^", "did you mean `pos`?"),
    ("S:n,n:symm", "      ^^^^", "did you mean `sym`?"),
    ("x:n,b:m", "      ^", "`m` is not an attribute|spaces separate"),
    ("x:n:", "    ^", "an attribute is missing"),
    ("S:m,n:sym", "      ^^^", "`sym` is for square matrices, not for the shape (m,n)"),
    ("S:n:spd", "    ^^^", "`spd` is for square matrices"),
    ("S:n,n,n:spd", "        ^^^", "`spd` is for square matrices"),
    ("S:n,n-1:sym", "        ^^^", "`sym` is for square matrices"),
    ("c::simplex", "   ^^^^^^^", "`simplex` is for arrays"),
    ("x:n:pos:pm1", "    ^^^", "`pm1` and `pos` contradict each other"),
    ("x:n:pm1:simplex", "        ^^^^^^^", "contradict each other"),
    ("i:p,q:index(n)", "      ^^^^^^^^", "an index array is a vector of integers"),
    ("i:p:index(n):pos", "    ^^^^^^^^", "no further attributes"),
    ("i:p:index", "    ^^^^^", "`idx:p:index(n)`"),
    ("i:p:index()", "    ^^^^^^^", "a size is missing"),
    ("i:p:index(0)", "          ^", "a size is at least 1"),
    ("u:n->:pos", "      ^^^", "an undefined function has no attributes"),
    ("u:n->m->k", "      ^^", "`->` does not fit into a size"),
    ("u:n,->m", "  ^^", "a size is missing"),
    ("x:0", "  ^", "a size is at least 1, and this one is 0"),
    ("x:-1", "  ^^", "a size is at least 1, and this one is -1"),
    ("x:n-n", "  ^^^", "a size is at least 1, and this one is 0"),
    ("x:-n", "  ^^", "a size is at least 1, and this one is -n"),
    ("x:1.5", "  ^^^", "a size is an integer, not 1.5"),
    ("x:1e3", "  ^^^", "a size is an integer, not 1e3"),
    ("x:½", "  ^", "a size is an integer|n//2"),
    ("x:n/2", "   ^", "`/` does not fit into a size|n//2"),
    ("x:2n", "   ^", "`n` does not fit into a size|2*n"),
    ("x:*n", "  ^", "`*` does not fit into a size"),
    ("x:n-", "   ^", "a size is incomplete"),
    ("x:n//0", "   ^^", "takes a positive integer"),
    ("x:n//m", "   ^^", "takes a positive integer"),
    ("x:n**m", "   ^^", "takes a positive integer"),
    ("x:(n", "  ^", "`(` is not closed"),
    ("x:n)", "   ^", "`)` closes no bracket"),
    ("A:(m,n)", "  ^", "`(` is not closed|without brackets"),
    ("A:m,,n", "  ^^^^", "a size is missing"),
    ("A:,n", "  ^^", "a size is missing"),
    ("x:n,", "  ^^", "a size is missing"),
    ("x:n, b:pos", "     ^", "`b` may be a size or a name of its own|`b::pos`"),
    ("x:n?", "   ^", "unexpected character `?`"),
    ("xᵢ:n", " ^", "unexpected character `ᵢ`"),
    ("x:'n'", "  ^^^", "does not fit into a size"),
    ("x:n'", "   ^", "does not fit into a size"),
]


@pytest.mark.parametrize(("text", "carets", "parts"), ERRORS)
def test_refused_declarations(text: str, carets: str, parts: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        parse_declarations(text)
    assert str(caught.value).splitlines()[1:3] == ["  " + text, "  " + carets], caught.value
    for part in parts.split("|"):
        assert part in str(caught.value)


def test_a_size_that_is_zero_only_for_small_sizes_is_accepted() -> None:
    assert str(parse_declarations("x:n-1 y:n-m z:n//2")) == "x:n-1 y:n-m z:n//2"


_names = st.sampled_from(["A", "B", "x", "y", "λ", "w1", "beta"])
_atoms = st.one_of(st.sampled_from(["n", "m", "k"]).map(Size.of), st.integers(1, 9).map(Size.of))
_sizes = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.builds(Size.__add__, inner, inner),
        st.builds(lambda a, b: a * b, inner, _atoms),
        st.builds(Size.__floordiv__, inner, st.integers(2, 4)),
    ),
    max_leaves=4,
).filter(lambda size: size.sign() != 0)
_shapes = st.lists(_sizes, max_size=3).map(tuple)
_variables = st.builds(VariableDeclaration, _names, _shapes, st.sampled_from([frozenset(), frozenset({"pos"})]))
_functions = st.builds(FunctionDeclaration, _names, _shapes, _shapes)


@settings(deadline=2000)
@given(st.lists(st.one_of(_variables, _functions), max_size=5, unique_by=lambda entry: entry.name))
def test_declarations_read_back_what_they_print(
    entries: list[VariableDeclaration | FunctionDeclaration],
) -> None:
    text = " ".join(map(str, entries))
    assert list(parse_declarations(text)) == entries
