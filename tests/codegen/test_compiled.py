"""Compiled functions: what they accept and refuse, what they return, and behaviour at the edges of floating point."""

from __future__ import annotations

import subprocess
import sys
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.codegen import CompiledFunction, compile_function
from hesse.errors import ArgumentError, HesseError, MissingExtraError, ShapeError

from .support import read


def compiled(text: str, declarations: str) -> CompiledFunction:
    return compile_function(*read(text, declarations))


A = [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]


def test_accepts_lists_numbers_integers_and_fractions() -> None:
    function = compiled("c*A @ x", "A:m,n x:n c:")
    expected = np.array([6.0, 14.0, 24.0])
    np.testing.assert_array_equal(function(A=A, x=[1, 1], c=2), expected)
    np.testing.assert_array_equal(function(A=np.array(A, dtype=np.float32), x=(True, 1), c=np.int64(2)), expected)
    np.testing.assert_array_equal(function(A=np.array(A).T.copy().T, x=[Fraction(1), 1], c=np.array(2.0)), expected)


def test_takes_declared_variables_that_do_not_occur() -> None:
    assert compiled("n + 0*c", "X:m,n c:")(X=A, c=1) == 2.0


@pytest.mark.parametrize(
    "names",
    [("self", "out", "np", "f"), ("lambda", "def", "class", "None"), ("λ", "φ", "t1", "sin_"), ("values", "print")],
)
def test_takes_any_name(names: tuple[str, ...]) -> None:
    text = " + ".join(f"{k + 1}*sin({name} + 1)" for k, name in enumerate(names)) + f" + sin({names[0]} + 1)**2"
    function = compiled(text, " ".join(f"{name}:" for name in names))
    values = {name: 0.1 * (k + 1) for k, name in enumerate(names)}
    expected = sum((k + 1) * np.sin(values[name] + 1) for k, name in enumerate(names))
    assert function(**values) == pytest.approx(expected + np.sin(values[names[0]] + 1) ** 2)


GOOD: dict[str, Any] = {"A": A, "x": [1, 2], "b": [1, 2, 3]}


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        (GOOD | {"x": [1, 2, 3]}, ShapeError, "x has size 3, but A fixes n = 2"),
        (GOOD | {"b": [1, 2]}, ShapeError, "b has size 2, but A fixes m = 3"),
        (GOOD | {"x": 1.0}, ShapeError, "x is declared a vector (x:n), but the value has no axes"),
        (GOOD | {"A": [1, 2]}, ShapeError, "A is declared a matrix (A:m,n), but the value has shape (2,)"),
        ({"A": A, "x": [1, 2]}, ArgumentError, "b must be given"),
        ({"A": A, "x": [1, 2], "bb": [1, 2, 3]}, ArgumentError, "there is no variable bb\nhint: did you mean b?"),
        (GOOD | {"zzz": 1}, ArgumentError, "there is no variable zzz"),
        (GOOD | {"b": "text"}, ArgumentError, "the value of b must consist of numbers, not of other things"),
        (GOOD | {"b": [1, 2j, 3]}, ArgumentError, "the value of b must consist of numbers, not of complex"),
        (GOOD | {"x": [[1], [2, 3]]}, ArgumentError, "the value of x is not an array of numbers"),
        (GOOD | {"x": [1, None]}, ArgumentError, "the value of x must consist of numbers"),
        (GOOD | {"A": np.zeros((3, 0)), "x": [1]}, ShapeError, "x has size 1, but A fixes n = 0"),
    ],
)
def test_refuses(values: dict[str, Any], kind: type[HesseError], message: str) -> None:
    function = compiled("A.T @ (A @ x - b)", "A:m,n x:n b:m")
    function(**GOOD)
    with pytest.raises(kind) as caught:
        function(**values)
    assert message in str(caught.value)


def test_checks_compound_and_fixed_sizes() -> None:
    function = compiled("sum(x)*y", "y:2*n x:n-1 X:2,m")
    np.testing.assert_array_equal(function(y=np.ones(6), x=[1, 2], X=np.ones((2, 5))), np.full(6, 3.0))
    with pytest.raises(ShapeError, match="y has size 5, but x fixes n = 3, so 2\\*n = 6"):
        function(y=np.ones(5), x=[1, 2], X=np.ones((2, 5)))
    with pytest.raises(ShapeError, match="y has size 5, which 2\\*k is for no k"):
        compiled("y", "y:2*k")(y=np.ones(5))
    with pytest.raises(ShapeError, match="X has size 3 along axis 0, but it is declared 2"):
        function(y=np.ones(6), x=[1, 2], X=np.ones((3, 5)))


def test_checks_index_arrays() -> None:
    function = compiled("x[idx]", "x:n idx:p:index(n)")
    np.testing.assert_array_equal(function(x=[1, 2, 3], idx=[2, 0, 2, 1]), [3, 1, 3, 2])
    for wrong in ([0, 3], [-1, 0]):
        with pytest.raises(ArgumentError, match="idx must lie between 0 and n - 1 = 2"):
            function(x=[1, 2, 3], idx=wrong)
    with pytest.raises(ArgumentError, match="must consist of integers"):
        function(x=[1, 2, 3], idx=[0.0, 1.0])


def test_an_index_beyond_the_size_is_refused() -> None:
    with pytest.raises(ShapeError, match="out of range"):
        compiled("x[5]", "x:n")(x=[1, 2])


def test_a_singular_matrix_is_refused() -> None:
    with pytest.raises(ArgumentError, match="singular"):
        compiled("inv(A) @ b", "A:n,n b:n")(A=[[1, 2], [2, 4]], b=[1, 1])


@pytest.mark.parametrize("text", ["X", "X.T", "X[1:]", "X.T[0]", "diagpart(X)", "a = X; a"])
def test_a_result_shares_no_memory_with_an_argument(text: str) -> None:
    value = np.arange(9.0).reshape(3, 3)
    result = compiled(text, "X:n,n")(X=value)
    assert not np.shares_memory(result, value)
    result += 1
    np.testing.assert_array_equal(value, np.arange(9.0).reshape(3, 3))


EXTREME = [-800.0, -40.0, 0.0, 40.0, 800.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("softplus(x)", [0.0, np.exp(-40), np.log(2), 40.0, 800.0]),
        ("sigmoid(x)", [0.0, np.exp(-40), 0.5, 1.0, 1.0]),
        ("sigmoid(x)*(1 - sigmoid(x))", [0.0, np.exp(-40), 0.25, 0.0, 0.0]),
        ("silu(x)", [0.0, -40 * np.exp(-40), 0.0, 40.0, 800.0]),
        ("where(x > 0, log(x), 0)", [0.0, 0.0, 0.0, np.log(40), np.log(800)]),
        ("logsumexp(x)", 800.0),
        ("logsumexp([x, x + 1], axis=0)", np.array(EXTREME) + np.log(1 + np.e)),
        ("softmax(x)", [0, 0, 0, 0, 1]),
        ("softmax([x, x], axis=0)[1]", [0.5] * 5),
    ],
)
def test_neither_overflow_nor_warning(text: str, expected: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        actual = compiled(text, "x:n")(x=EXTREME)
    np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-300)


def test_logsumexp_of_minus_infinity() -> None:
    with np.errstate(divide="ignore"):
        assert compiled("logsumexp(x)", "x:n")(x=[-np.inf, -np.inf]) == -np.inf
    assert compiled("logsumexp(x)", "x:n")(x=[-np.inf, 3.0]) == 3.0


def test_real_warnings_are_left_alone() -> None:
    before = np.geterr()
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert compiled("log(x)", "x:n")(x=[0.0])[0] == -np.inf
    assert compiled("where(x > 0, log(x), 0)", "x:n")(x=[0.0])[0] == 0
    assert np.geterr() == before


def test_division_by_a_size_that_can_vanish() -> None:
    function = compiled("1/(n - 1) + 0*sum(x)", "x:n")
    assert function(x=[1, 2]) == 1.0
    with pytest.warns(RuntimeWarning):
        assert function(x=[1]) == np.inf


def test_undefined_functions_are_given_as_callables() -> None:
    function = compiled("u(x) + sum(phi(x)**2)", "x:n u:n-> phi:->")
    assert function(x=[1, 2], u=lambda x: x @ x, phi=np.sqrt) == pytest.approx(8)
    with pytest.raises(ArgumentError, match=r"u must be given\nhint: give a callable: u=\.\.\."):
        function(x=[1, 2], phi=np.sqrt)


def test_derivatives_of_undefined_functions() -> None:
    function = compiled("hess(u)(x) @ grad(u)(x) + jac(g)(x).T @ diff(phi)(g(x))", "x:n u:n-> g:n->m phi:->")
    cube = (lambda x: np.sum(x**3), lambda x: 3 * x**2, lambda x: np.diag(6 * x))
    linear = (lambda x: np.array(A) @ x, lambda x: np.array(A))
    x = np.array([1.0, 2.0])
    actual = function(x=x, u=cube, g=linear, phi=(np.sin, np.cos))
    np.testing.assert_allclose(actual, 18 * x**3 + np.array(A).T @ np.cos(np.array(A) @ x))
    with pytest.raises(ArgumentError, match="order 2 of u is missing\nhint: give u=\\(value, gradient, hessian\\)"):
        function(x=x, u=cube[:2], g=linear, phi=(np.sin, np.cos))
    with pytest.raises(ArgumentError, match="derivative of order 1 of g is missing"):
        function(x=x, u=cube, g=linear[0], phi=(np.sin, np.cos))


def test_code_generation_does_not_import_numpy() -> None:
    script = (
        "import sys\n"
        "from hesse.codegen import emit, compile_function\n"
        "from hesse.core.syntax import Name, call\n"
        "from hesse.frontends.text import parse_declarations\n"
        "emit(call('softmax', Name('x')), parse_declarations('x:n'))\n"
        "assert 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("kind", [">f8", ">f4", ">i4", np.longdouble, np.float16, "u2"])
@pytest.mark.parametrize("backend", ["numpy", "numba", "jax", "torch"])
def test_numbers_of_any_kind_and_order_of_bytes(backend: str, kind: Any) -> None:
    try:
        function = hs.parse("x @ x", "x:n").compile(backend)
    except MissingExtraError as error:
        pytest.skip(str(error))
    assert float(function(x=np.array([1, 2, 3], kind))) == 14
