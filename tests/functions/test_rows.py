"""Every row of the tables against functions and differences that are not hesse's: values, derivatives, domains.

A new row is tested here without a new line. What the rows promise about text and generated code is in `test_table`.
"""

from __future__ import annotations

import math
import operator
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import jax.nn
import numpy as np
import pytest
import scipy.special  # type: ignore[import-untyped]

import hesse as hs
from hesse.calculus.differentiate import derivative
from hesse.core.algebra import number
from hesse.core.build import operate, variable
from hesse.core.declarations import Declarations
from hesse.core.function import Construction
from hesse.core.nodes import Elementwise, Node, Operation, Operator, Partial
from hesse.core.sizes import Size
from hesse.core.syntax import Binary, Call, Name, Syntax
from hesse.core.syntax import number as number_tree
from hesse.core.tensor import Tensor
from hesse.frontends.text.vocabulary import LISTED
from hesse.functions import FUNCTIONS
from hesse.functions.operators import INV, LOGSUMEXP, NORM, SOFTMAX
from hesse.render.text import to_text
from hesse.verify.arithmetic import along, reduce
from tests.harness.differences import jacobian, slope
from tests.harness.jax_oracle import Point
from tests.harness.node_values import node_value

ELEMENTWISE = [row for row in FUNCTIONS.values() if isinstance(row, Elementwise)]
ALONG = [row for row in FUNCTIONS.values() if isinstance(row, Operator) and row.kind != "matrix"]
MATRIX = [row for row in FUNCTIONS.values() if isinstance(row, Operator) and row.kind == "matrix"]
CONSTRUCTIONS = [row for row in FUNCTIONS.values() if isinstance(row, Construction)]
POINTS = 4
SIZES = {"m": 2, "n": 3}
SYMBOLS: dict[str, Callable[..., Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def rows(table: Sequence[Any]) -> pytest.MarkDecorator:
    """The test for every row of the table."""
    return pytest.mark.parametrize("row", table, ids=lambda row: row.name)


# Elementwise functions


def samples(row: Elementwise) -> list[tuple[float, ...]]:
    """Points inside the intervals on which the row says that it is smooth."""
    intervals = row.samples * row.arity if len(row.samples) == 1 else row.samples
    random = np.random.default_rng(3)
    return [tuple(float(random.uniform(low, high)) for low, high in intervals) for _ in range(POINTS)]


def scalars(row: Elementwise) -> list[Node]:
    """Variables for the arguments."""
    return [variable(name) for name in "abc"[: row.arity]]


def at(values: Sequence[float]) -> Point:
    """The point with these values for a, b and c."""
    return Point({}, {name: np.float64(value) for name, value in zip("abc", values, strict=False)}, {})


def written(row: Elementwise, names: Sequence[str]) -> Syntax:
    """The function of the names as a person writes it."""
    parts = [*map(number_tree, row.orders), *map(Name, names[len(row.orders) :])]
    if row.truth:
        return Binary(row.name, parts[0], parts[1])  # type: ignore[arg-type]
    return Binary("**", parts[0], parts[1]) if row.name == "power" else Call(row.name, tuple(parts))


def text(row: Elementwise, shape: str = "") -> tuple[str, str]:
    """The text of the function of variables of a shape, and the declarations."""
    names = "abc"[: row.arity]
    declarations = " ".join(f"{name}:{shape}" for name in names)
    return to_text(written(row, names), Declarations()), declarations


def independent(name: str) -> Callable[..., Any] | None:
    """The function of that name somewhere else."""
    if name == "gelu":
        return partial(jax.nn.gelu, approximate=False)
    for library in (np, scipy.special, jax.nn):
        if hasattr(library, name):
            found: Callable[..., Any] = getattr(library, name)
            return found
    return SYMBOLS.get(name)


@rows(ELEMENTWISE)
def test_the_reference_is_the_function_of_that_name(row: Elementwise) -> None:
    other = independent(row.name)
    if other is None:
        assert row.lowering is not None, "nothing says what the function is: see test_lowering"
        return
    for values in samples(row):
        assert row.reference(*values) == pytest.approx(float(other(*values)), rel=1e-12, abs=1e-15)


@rows(ELEMENTWISE)
def test_second_derivatives(row: Elementwise) -> None:
    """Through the front door, with the whole of the rules, simplification and verification."""
    f = hs.parse(*text(row))
    result = hs.hessian(f, list("abc"[: row.arity]))
    assert result.verification.status == "verified"

    def value(point: Any) -> float:
        return row.reference(*map(float, point))

    for values in samples(row):
        expected = jacobian(lambda point: jacobian(value, point, 0.02), np.array(values), 0.02)
        got = result.evaluate(**dict(zip("abc", values, strict=False)))
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


VIOLATIONS: dict[str, float | None] = {
    "> 0": -1.0, ">= 0": -1.0, "!= 0": 0.0, "> -1": -2.0, "in [-1, 1]": 2.0, "in (-1, 1)": 1.0,
    "cos != 0": None,  # no float is a multiple of pi
}  # fmt: skip


@rows(ELEMENTWISE)
def test_outside_the_domain_there_is_no_value(row: Elementwise) -> None:
    """Not a number or an infinity, never an exception; the condition is stated; an exact number is refused."""
    f = hs.parse(*text(row))
    for place, relation in enumerate(row.domain):
        if relation is None:
            continue
        name, violation = "abc"[place], VIOLATIONS[relation]
        assert any(re.search(rf"\b{name}\b", condition) for condition in f.conditions)
        if violation is None:
            continue
        values = [*samples(row)[0]]
        values[place] = violation
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert not np.isfinite(f.evaluate(**dict(zip("abc", values, strict=False))))
        with pytest.raises(hs.HesseError):
            hs.parse(text(row)[0].replace(name, f"({violation:g})", 1), text(row)[1])


@rows(ELEMENTWISE)
def test_where_there_is_no_derivative_the_condition_says_so(row: Elementwise) -> None:
    f = hs.parse(*text(row))
    slopes = hs.jacobian(f, list("abc"[: row.arity]))
    for place, relation in enumerate(row.smooth):
        if relation is not None:
            assert any(re.search(rf"\b{'abc'[place]}\b", condition) for condition in slopes.conditions)
    if row.distinct:
        assert any("!=" in condition for condition in slopes.conditions)


# Functions of arrays


def array(row: Operator, shape: tuple[int, ...]) -> Any:
    """An argument on which the row is smooth, away from kinks."""
    low, high = row.samples
    value = np.random.default_rng(7).uniform(low, high, shape)
    if row.kind == "matrix":
        return value + 3 * np.eye(shape[0])
    return np.where(np.abs(value) < 0.2, 0.7, value)


def tensor(value: Any) -> Tensor[float]:
    """The array as the plain functions take it."""
    return Tensor(np.shape(value), np.ravel(value).tolist())


def plain(row: Operator, value: Any, axis: int | None) -> Any:
    """The value by the row's plain function."""
    if row.kind == "matrix":
        result = row.reference(tensor(value), *[tensor(3.0)] * (row.arity - 1))
    else:
        result = (reduce if row.kind == "reduction" else along)(row.reference, tensor(value), axis)
    return np.reshape(result.entries, result.shape)


def check_operator(row: Operator, shape: tuple[Size, ...], axis: int | None) -> None:
    """The linear maps that the row states make up the derivative of its plain function."""
    x = variable("x", shape)
    sizes = tuple(size.evaluate(SIZES) for size in shape)
    value = array(row, sizes)
    found = node_value(
        derivative(operate(row, (x, *[number(3)] * (row.arity - 1)), axis), x), Point(SIZES, {"x": value}, {})
    )
    expected = jacobian(lambda point: plain(row, point, axis), value, 0.02)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-8)


def forms() -> Iterator[tuple[tuple[Size, ...], int | None]]:
    """Vectors and matrices, with every axis."""
    m, n = Size.of("m"), Size.of("n")
    yield from (((n,), axis) for axis in (None, 0, -1))
    yield from (((m, n), axis) for axis in (None, 0, 1, -1, -2))


@rows(ALONG)
@pytest.mark.parametrize(("shape", "axis"), list(forms()), ids=str)
def test_derivatives_along_an_axis(row: Operator, shape: tuple[Size, ...], axis: int | None) -> None:
    check_operator(row, shape, axis)


@rows(ALONG)
def test_values_along_an_axis(row: Operator) -> None:
    """Axes are lanes: each is worked alone; generated code and plain function agree; axes from the end too."""
    value = array(row, (2, 3))
    code = {axis: _compiled(row, axis)(value) for axis in (None, 0, 1, -1, -2)}
    for axis, got in code.items():
        np.testing.assert_allclose(got, plain(row, value, axis), rtol=1e-12)
    np.testing.assert_array_equal(code[1], code[-1])
    np.testing.assert_array_equal(code[0], code[-2])
    np.testing.assert_allclose(code[0].T, _compiled(row, 1)(value.T), rtol=1e-12)
    lanes = [plain(row, lane, None) for lane in value]
    np.testing.assert_allclose(code[1], np.array(lanes), rtol=1e-12)
    flat = plain(row, value.ravel(), None)
    np.testing.assert_allclose(np.ravel(code[None]), np.ravel(flat), rtol=1e-12)


def _compiled(row: Operator, axis: int | None) -> Callable[[Any], Any]:
    call = f"{row.name}(X)" if axis is None else f"{row.name}(X, axis={axis})"
    f = hs.parse(call, "X:m,n")
    return lambda value: f.evaluate(X=value)


@rows(ALONG)
def test_the_expansion_is_the_function(row: Operator) -> None:
    """What the table of components writes out in entries."""
    if row.expansion is None:
        return
    names = [variable(name) for name in "abc"]
    value = array(row, (3,))
    got = [float(node_value(node, at(value))) for node in row.expansion(names)]
    np.testing.assert_allclose(got, np.ravel(plain(row, value, None)), rtol=1e-12)


@rows(ALONG)
def test_large_entries(row: Operator) -> None:
    """Entries of both signs near 800 overflow nowhere, neither in the plain function nor in generated code."""
    value = np.array([800.0, -800.0, 799.5])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = hs.parse(f"{row.name}(x)", "x:n").evaluate(x=value)
    assert np.isfinite(got).all()
    np.testing.assert_allclose(got, plain(row, value, None), rtol=1e-12)


@rows(MATRIX)
def test_functions_of_matrices(row: Operator) -> None:
    """Derivative by differences; value by NumPy's function of that name and by generated code."""
    n = Size.of("n")
    check_operator(row, (n, n), None)
    value = array(row, (3, 3))
    call = f"{row.name}(A)" if row.arity == 1 else f"{row.name}(A, 3)"
    got = hs.parse(call, "A:n,n").evaluate(A=value)
    np.testing.assert_allclose(got, plain(row, value, None), rtol=1e-11)
    other = getattr(np.linalg, row.name, None)
    if other is not None:
        np.testing.assert_allclose(got, other(value), rtol=1e-11)


# Constructions


def examples(row: Construction) -> list[str]:
    """The calls that the row's signature shows."""
    return re.split(r",\s*(?=[a-z]+\()", row.signature)


def example(call: str) -> hs.Expr:
    """The example as an expression: capitals are matrices, small letters vectors; square where it must be so."""
    sizes = "fixes:m,n "
    names = sorted(set(re.findall(r"\b[A-Za-z]\b", re.sub(r'"[^"]*"', "", call))) - {"m", "n"})
    for shapes in ({True: "m,n", False: "n"}, {True: "n,n", False: "n"}):
        declarations = sizes + " ".join(f"{name}:{shapes[name.isupper()]}" for name in names)
        try:
            return hs.parse(call, declarations)
        except hs.HesseError:
            continue
    return hs.parse(call, sizes)


@pytest.mark.parametrize("call", [call for row in CONSTRUCTIONS for call in examples(row)])
def test_constructions(call: str) -> None:
    """Each example of a signature: generated code against nodes and NumPy, derivatives against differences."""
    f = example(call)
    random = np.random.default_rng(11)
    inferred = {str(size): 4 for shape in f.variables.values() for size in shape}
    sizes = {**inferred, **SIZES}
    values = {name: random.uniform(-2, 2, [sizes[str(size)] for size in shape]) for name, shape in f.variables.items()}
    got = np.asarray(f.evaluate(**values))
    np.testing.assert_allclose(got, node_value(f.node, Point(sizes, values, {})), rtol=1e-12)
    name = call.partition("(")[0]
    if hasattr(np, name):
        np.testing.assert_allclose(got, _by_numpy(call, {name: getattr(np, name), **values, **SIZES}), rtol=1e-12)
    for wrt in values:
        slopes = hs.jacobian(f, wrt)
        assert slopes.verification.status == "verified"
        expected = jacobian(partial(_moved, f, values, wrt), values[wrt])
        np.testing.assert_allclose(slopes.evaluate(**values), expected, rtol=1e-9, atol=1e-9)
    assert hs.parse(str(f), f.declarations).node is f.node


def _moved(f: hs.Expr, values: dict[str, Any], name: str, value: Any) -> Any:
    return f.evaluate(**{**values, name: value})


def _by_numpy(call: str, names: dict[str, Any]) -> Any:
    """The example as NumPy reads it; where shapes are separate arguments there, NumPy wants a tuple."""
    function, _, rest = call.partition("(")
    if re.fullmatch(r"[a-z](, [a-z])+\)", rest) and set(re.findall(r"[a-z]", rest)) <= SIZES.keys():
        call = f"{function}(({rest})"
    if function in LISTED:
        call = re.sub(r"\((.*?)(, axis=\d)?\)$", r"([\1]\2)", call)
    return eval(call, {"__builtins__": {}}, names)  # noqa: S307 - the table's own example


# The tests themselves


def _negated(partials: Sequence[Partial]) -> tuple[Partial, ...]:
    return tuple(replace(partial, coefficient=-partial.coefficient) for partial in partials)


@pytest.mark.parametrize("row", [NORM, LOGSUMEXP, SOFTMAX, INV], ids=lambda row: row.name)
def test_a_planted_sign_in_an_operator_is_caught(row: Operator) -> None:
    n = Size.of("n")
    shape = (n, n) if row.kind == "matrix" else (n,)

    def one_negated(node: Operation) -> tuple[Partial, ...]:
        first, *others = row.partials(node)
        return (*_negated([first]), *others)

    check_operator(row, shape, None)
    with pytest.raises(AssertionError):
        check_operator(replace(row, partials=one_negated), shape, None)


def test_differences_are_precise() -> None:
    assert slope(math.exp, 0.3) == pytest.approx(math.exp(0.3), rel=1e-11)
