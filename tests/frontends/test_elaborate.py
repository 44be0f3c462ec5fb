"""Shapes, inference of what is not declared, and readings that are refused because there is more than one."""

from __future__ import annotations

import pytest

import hesse as hs


@pytest.mark.parametrize(
    ("text", "declarations"),
    [
        ("x1^2 + exp(x1*x2)", "x1: x2:"),
        ("norm(A @ x)", "A:m,n x:n"),
        ("norm(A @ x - b)**2", "A:m,n x:n b:"),
        ("x @ A @ y", "A:m,n x:m y:n"),
        ("sum(log(1 + exp(z)))", "z:n"),
        ("trace(A)", "A:n,n"),
        ("U @ V.T", "U:m,n V:p,n"),
        ("outer(u, v) @ w", "u:m v:n w:n"),
        ("softmax(W @ x)", "W:m,n x:n"),
        ("N*x**2 + diag(x) @ y", "N: x:n y:n"),
        ("n*x + m", "n: x: m:"),
    ],
)
def test_undeclared_names_get_the_lowest_rank_that_fits(text: str, declarations: str) -> None:
    f = hs.parse(text)
    expected = hs.parse(text, declarations)
    ranks = {name: len(shape) for name, shape in f.variables.items()}
    assert ranks == {name: len(shape) for name, shape in expected.variables.items()}
    assert any(reading.startswith("read as: ") for reading in f.readings)
    assert all(f"{name} is " in f.readings[-1] for name in f.variables)


@pytest.mark.parametrize("text", ["sum(x*y)", "-sum(y*log(p))", "norm(a*x)"])
def test_equally_simple_readings_are_asked_about(text: str) -> None:
    with pytest.raises(hs.AmbiguousError) as caught:
        hs.parse(text)
    assert len(caught.value.readings) == 2
    for declarations in caught.value.readings:
        assert hs.parse(text, declarations).declarations == declarations


def test_a_question_about_a_power_is_asked_for_an_inferred_matrix_too() -> None:
    with pytest.raises(hs.AmbiguousError, match="power of a square matrix"):
        hs.parse("x @ S^-1 @ x")


@pytest.mark.parametrize(
    ("text", "values"),
    [("x[n-3]", [1.0, 2.0]), ("logsumexp(x[1:])", [1.0]), ("mean(x[:2])", [1.0]), ("x[-2]", [1.0])],
)
def test_sizes_too_small_for_an_index_are_refused(text: str, values: list[float]) -> None:
    f = hs.parse(text, "x:n")
    assert f.conditions[0].startswith("n >= ")
    assert hs.gradient(f, "x").verification.ok
    with pytest.raises(hs.ShapeError, match="leaves its axis"):
        f.evaluate(x=values)


def test_an_index_whose_sign_depends_on_the_size_is_refused() -> None:
    with pytest.raises(hs.ParseError, match="counts from either end"):
        hs.parse("x[1-n]", "x:n")


def test_inferred_sizes_do_not_reuse_names_of_the_text() -> None:
    f = hs.parse("norm(A @ x - m*n)")
    sizes = {size for shape in f.variables.values() for size in shape}
    assert not sizes & {"m", "n", "A", "x"}


def test_a_declared_name_fixes_the_sizes_of_the_others() -> None:
    assert hs.parse("A @ x - b", "A:p,q").variables == {"A": ("p", "q"), "x": ("q",), "b": ()}
    assert hs.parse("A @ x + sum(b*y)", "A:p,q y:k").variables["x"] == ("q",)


def test_nothing_is_inferred_where_everything_is_declared() -> None:
    assert hs.parse("A @ x", "A:m,n x:n").readings == ()


@pytest.mark.parametrize(
    ("text", "declarations", "readings"),
    [
        ("A^2", "A:n,n", ("A**2", "matpow(A, 2)")),
        ("A^-1", "A:n,n", ("A**-1", "inv(A)")),
        ("x @ x.T", "x:n", ("x @ x", "outer(x, x)")),
        ("x*x'", "x:n", ("x @ x", "outer(x, x)")),
        ("x'*y", "x:n y:n", ("x @ y", "outer(x, y)")),
        ("1/2x", "x:", ("(1/2)*x", "1/(2*x)")),
    ],
)
def test_two_readings_are_asked_about(text: str, declarations: str, readings: tuple[str, ...]) -> None:
    with pytest.raises(hs.AmbiguousError) as caught:
        hs.parse(text, declarations)
    assert caught.value.readings == readings
    assert caught.value.source == text
    assert "^" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "declarations", "parts", "marked"),
    [
        ("A*x", "A:m,n x:n", ["m × n and n", "`@`", "A @ x"], "A*x"),
        ("y + A @ x", "A:m,n x:m y:m", ["n and m differ"], "A @ x"),
        ("2*(x + y)", "x:n y:m", ["n and m"], "(x + y)"),
        ("sum(X, axis=2)", "X:m,n", ["axis 2"], "sum(X, axis=2)"),
        ("x[3]", "x:3", ["index 3", "size 3"], "3"),
        ("x[2:1]", "x:n", ["selects nothing"], "2:1"),
        ("trace(A) + 1", "A:m,n", ["square"], "trace(A)"),
        ("inv(A)", "A:m,n", ["square"], "inv(A)"),
        ("u(x)", "u:n-> x:m", ["u takes n", "m"], "u(x)"),
        ("[x, 1]", "x:n", ["different shapes", "concat"], "[x, 1]"),
        ("log(x)*log(-1)", "x:", ["-1", "> 0"], "-1"),
        ("1/(2 - 2)", "", ["0", "!= 0"], "(2 - 2)"),
        ("exp(x, y)", "x: y:", ["1 argument"], "exp(x, y)"),
        ("exp(x, axis=0)", "x:n", ["no axis"], "exp(x, axis=0)"),
        ("einsum('ij,j->i', A, x)", "A:m,n x:m", ["index j"], "einsum('ij,j->i', A, x)"),
        ("x[i]", "x:n i:", ["not an index array"], "i"),
    ],
)
def test_misfits_are_shown_in_place(text: str, declarations: str, parts: list[str], marked: str) -> None:
    with pytest.raises(hs.HesseError) as caught:
        hs.parse(text, declarations)
    error = caught.value
    assert error.source == text
    assert error.span is not None
    assert text[error.span.start : error.span.end] == marked
    for part in parts:
        assert part in str(error)


@pytest.mark.parametrize(
    ("text", "declarations", "conditions"),
    [
        ("log(x)", "x:n", ("every entry of x > 0",)),
        ("x/x", "x:", ("x != 0",)),
        ("sqrt(x)**2", "x:", ("x >= 0",)),
        ("0*log(x)", "x:", ("x > 0",)),
        ("log(1 + exp(x)) + 1/(1 + x**2)", "x:", ()),
        ("log(p)", "p:n:pos", ()),
        ("x**-1 + x**(1/2)", "x:", ("x != 0", "x >= 0")),
        ("x**a", "x: a:", ("x > 0",)),
        ("arcsin(x) + log1p(y)", "x: y:", ("x in [-1, 1]", "y > -1")),
    ],
)
def test_conditions_outlive_simplification(text: str, declarations: str, conditions: tuple[str, ...]) -> None:
    assert hs.parse(text, declarations).conditions == conditions


@pytest.mark.parametrize(
    ("text", "declarations", "wrt", "conditions"),
    [
        ("norm(x)**2", "x:n", "x", ()),
        ("norm(x - a)", "x:n a:n", "x", ("x - a != 0",)),
        ("relu(b)*x", "x: b:", "x", ()),
        ("sum(abs(A @ x))", "A:m,n x:n", "x", ("every entry of A @ x != 0",)),
        ("maximum(x, y)", "x: y:", "x", ("x != y",)),
        ("x**(1/3)", "x:", "x", ("x > 0",)),
        ("where(x > 0, x**2, -x)", "x:", "x", ("x != 0",)),
        ("sum(maximum(x, y))", "x:n y:n", "x", ("every entry of x - y != 0",)),
        ("sum(norm(A, axis=1))", "A:m,n", "A", ("every row of A != 0",)),
        ("trace(inv(A))", "A:n,n", "A", ("A is invertible",)),
        ("tan(x)", "x:", "x", ("cos(x) != 0",)),
        ("sum(x**n)", "x:n", "x", ()),
        ("x[n-3]*x[0]", "x:n", "x", ("n >= 3",)),
    ],
)
def test_derivatives_say_where_they_exist(text: str, declarations: str, wrt: str, conditions: tuple[str, ...]) -> None:
    assert hs.jacobian(hs.parse(text, declarations), wrt).conditions == conditions


@pytest.mark.parametrize("count", [900, 5000])
def test_long_sums_stay_shallow(count: int) -> None:
    f = hs.parse(" + ".join(f"{k}*x" for k in range(count)), "x:")
    assert f.evaluate(x=1.0) == count * (count - 1) / 2


def test_hostile_input_is_answered_at_once() -> None:
    for text in ("9^9^9^9", "(" * 5000, "[" * 5000, "x" * 10**6, "-" * 30000 + "x", "2**" * 5000 + "2", "1e999999999"):
        with pytest.raises(hs.HesseError):
            hs.parse(text)
