"""Every row of the function tables, by enumeration: a new row is covered without new test code."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import hesse as hs
from hesse.core.algebra import number
from hesse.core.build import apply, variable
from hesse.core.function import Construction
from hesse.core.interpret import interpret
from hesse.core.nodes import Elementwise, Operator
from hesse.core.tensor import Tensor
from hesse.functions import ALIASES, FUNCTIONS
from hesse.functions.elementwise import SIN
from tests.core.floats import Floats

ELEMENTWISE = [row for row in FUNCTIONS.values() if isinstance(row, Elementwise)]
NAMED = [row for row in ELEMENTWISE if row.name.isidentifier()]
OPERATORS = [row for row in FUNCTIONS.values() if isinstance(row, Operator)]
CONSTRUCTIONS = [row for row in FUNCTIONS.values() if isinstance(row, Construction)]
NAMES = ("x", "y", "z")
SEED = 20


def by_name(rows: list[Elementwise]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return pytest.mark.parametrize("row", rows, ids=lambda row: row.name)


def points(row: Elementwise, count: int = 12) -> list[tuple[float, ...]]:
    """Points of the row's smooth samples, ends left out."""
    generator = random.Random(f"{SEED} {row.name}")
    return [
        tuple(low + (high - low) * (0.02 + 0.96 * generator.random()) for low, high in row.samples)
        for _ in range(count)
    ]


def ridders(function: Callable[[float], float], x: float) -> float:
    """The derivative by extrapolated central differences: about eleven digits for smooth functions."""
    best, error, table = math.nan, math.inf, []
    for k in range(9):
        h = 0.02 / 1.6**k
        row = [(function(x + h) - function(x - h)) / (2 * h)]
        for j, previous in enumerate(table[-1] if table else []):
            factor = 1.6 ** (2 * (j + 1))
            row.append((factor * row[j] - previous) / (factor - 1))
            worst = max(abs(row[j + 1] - row[j]), abs(row[j + 1] - previous))
            if worst < error:
                best, error = row[j + 1], worst
        table.append(row)
    return best


def derivative_errors(row: Elementwise) -> list[float]:
    """The relative errors of all partial derivatives of the row at its points."""
    arguments = [*map(number, row.orders), *map(variable, NAMES[len(row.orders) : row.arity])]
    value = variable("value")
    nodes = row.partials(value, *arguments)
    assert len(nodes) == row.arity
    errors = []
    for point in points(row):
        values = {name: Tensor((), [entry]) for name, entry in zip(NAMES, point, strict=False)}
        values["value"] = Tensor((), [float(row.reference(*point))])
        for place, node in enumerate(nodes):
            got = interpret(node, Floats(values), {}).item

            def along(t: float, place: int = place, point: tuple[float, ...] = point) -> float:
                return float(row.reference(*point[:place], t, *point[place + 1 :]))

            wide = row.samples[place][0] < row.samples[place][1]
            expected = ridders(along, point[place]) if wide else 0.0
            errors.append(abs(got - expected) / max(1.0, abs(expected)))
    return errors


@by_name(ELEMENTWISE)
def test_derivative_against_differences(row: Elementwise) -> None:
    assert max(derivative_errors(row)) < 1e-8


def test_a_wrong_sign_is_found() -> None:
    cosine = FUNCTIONS["cos"]
    assert isinstance(cosine, Elementwise)
    wrong = replace(cosine, partials=lambda y, x: (apply(SIN, x),))
    assert max(derivative_errors(wrong)) > 1e-2


def written(row: Elementwise) -> str:
    names = (*map(str, row.orders), *NAMES[len(row.orders) : row.arity])
    if row.name.isidentifier():
        return f"{row.name}({', '.join(names)})" if row.name != "power" else "x**y"
    return f"x {row.name} y"


@by_name(ELEMENTWISE)
def test_values_of_the_generated_code_and_exact_values(row: Elementwise) -> None:
    f = hs.parse(written(row), " ".join(f"{name}:" for name in NAMES[: row.arity]))
    for point in points(row):
        values = dict(zip(NAMES, point, strict=False))
        assert f.evaluate(**values) == pytest.approx(row.reference(*point), rel=1e-12, abs=1e-15)
    if row.exact is not None:
        for value in (Fraction(0), Fraction(1), Fraction(-1), Fraction(2)):
            exact = row.exact(*[value] * row.arity)
            if exact is not None:
                assert float(exact) == row.reference(*[float(value)] * row.arity)


@by_name(ELEMENTWISE)
def test_first_and_second_derivatives_are_verified(row: Elementwise) -> None:
    names = NAMES[: row.arity]
    f = hs.parse(written(row), " ".join(f"{name}:" for name in names))
    for name in names:
        for order in (1, 2):
            result = hs.derivative(f, name, order=order)
            assert result.verification.ok, (name, order, str(result.verification))


@by_name(ELEMENTWISE)
def test_text_reads_back_and_every_format_writes(row: Elementwise) -> None:
    declarations = " ".join(f"{name}:n" for name in NAMES[: row.arity])
    f = hs.parse(written(row), declarations)
    assert hs.parse(str(f), f.declarations) == f
    latex = f.latex()
    assert latex.count("{") == latex.count("}")
    assert f.unicode()
    jacobian = hs.jacobian(f, "x")
    assert hs.parse(str(jacobian), jacobian.declarations) == jacobian


@by_name([row for row in NAMED if row.arity == 1 and row.lowering is not None])
def test_stable_far_out(row: Elementwise) -> None:
    f = hs.parse(f"{row.name}(x)", "x:")
    for x in (-800.0, 800.0):
        with np.errstate(all="raise", under="ignore"):
            assert f.evaluate(x=x) == pytest.approx(row.reference(x), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: row.name)
def test_operators(row: Operator) -> None:
    cases = [("x", "x:n", None)] if row.kind != "matrix" else [("A", "A:n,n", None)]
    if row.kind != "matrix":
        cases += [("X", "X:m,n", None), ("X", "X:m,n", 0), ("X", "X:m,n", 1), ("X", "X:m,n", -1)]
    generator = np.random.default_rng(SEED)
    for name, declarations, axis in cases:
        call = f"{row.name}({name})" if axis is None else f"{row.name}({name}, axis={axis})"
        if row.arity > 1:
            call = f"{row.name}({name}, 3)"
        f = hs.parse(call, declarations)
        assert hs.parse(str(f), f.declarations) == f
        assert f.latex() and f.unicode()
        result = hs.jacobian(f, name)
        assert result.verification.ok, (call, str(result.verification))
        assert result.shape == f.shape + f.variables[name]
        value = generator.normal(size={1: (3,), 2: (3, 2)}[len(f.variables[name])])
        if row.kind == "matrix":
            value = np.eye(3) * 2 + 0.3 * generator.normal(size=(3, 3))
        got = np.asarray(f.evaluate(**{name: value}))
        np.testing.assert_allclose(got, plain(row, value, axis), rtol=1e-12)


def plain(row: Operator, value: np.ndarray, axis: int | None) -> np.ndarray:
    """The row's reference, lane by lane."""
    if row.kind == "matrix":
        tensor = row.reference(Tensor.from_nested(value.tolist()), *[Tensor.scalar(3.0)] * (row.arity - 1))
        return np.array(tensor.nested())
    if axis is None:
        flat = row.reference(value.ravel().tolist())
        return np.array(flat).reshape(value.shape) if row.kind == "along" else np.array(flat)
    return np.apply_along_axis(lambda lane: np.array(row.reference(lane.tolist())), axis, value)


@pytest.mark.parametrize("row", [r for r in OPERATORS if r.expansion is not None], ids=lambda row: row.name)
def test_expansions(row: Operator) -> None:
    matrix = row.kind == "matrix"
    sizes, value = (2, [[2.4, -1.1], [0.7, 1.3]]) if matrix else (3, [0.4, -1.1, 0.7])
    f = hs.parse(f"{row.name}(x)" if row.arity == 1 else f"{row.name}(x, 3)", "x:n,n" if matrix else "x:n")
    entries = f.components(n=sizes)
    dense = np.asarray(f.evaluate(x=value))
    flat = entries.entries.entries
    declared = "x:2,2" if matrix else "x:3"
    for entry, expected in zip(flat, dense.ravel(), strict=True):
        assert f"{row.name}(" not in str(entry) or row.name in ("max", "min")
        assert hs.parse(str(entry), declared).evaluate(x=value) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("row", CONSTRUCTIONS, ids=lambda row: row.name)
def test_constructions_have_text_that_reads_back(row: Construction) -> None:
    declarations = "x:n y:m A:n,n B:n,k X:m,n u:m v:n"
    arguments = {
        "diag": "x",
        "outer": "x, y",
        "trace": "A",
        "diagpart": "A",
        "dot": "A, x",
        "transpose": "X",
        "solve": "A, x",
        "kron": "A, X",
        "concat": "X, 2*X",
        "stack": "X, 2*X",
        "roll": "X, 1",
        "reshape": "X, (n, m)",
        "tril": "X, 1",
        "triu": "A",
    }
    special = {"einsum": "einsum('ij,jk->ik', A, B)", "eye": "eye(n)", "ones": "ones(m, n)", "zeros": "zeros(n)"}
    text = special.get(row.name, f"{row.name}({arguments.get(row.name, 'X')})")
    f = hs.parse(text, declarations)
    assert hs.parse(str(f), f.declarations) == f
    assert f.latex() and f.unicode()
    for name in ("x", "A", "X"):
        assert hs.jacobian(f, name).verification.ok
    if row.takes_axis:
        for axis in (0, 1):
            along = hs.parse(f"{row.name}({arguments.get(row.name, 'X')}, axis={axis})", declarations)
            assert hs.jacobian(along, "X").verification.ok


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_aliases_are_names_of_the_same_row(alias: str, name: str) -> None:
    argument = "A" if name == "trace" else "x"
    assert hs.parse(f"{alias}({argument})", "A:n,n x:n").node is hs.parse(f"{name}({argument})", "A:n,n x:n").node


def test_stable_forms() -> None:
    with np.errstate(all="raise", under="ignore"):
        assert hs.parse("log(1 + exp(x))", "x:").evaluate(x=800.0) == 800.0
        assert hs.parse("1/(1 + exp(-x))", "x:").evaluate(x=-800.0) == pytest.approx(0.0, abs=1e-300)
        assert hs.parse("log(sum(exp(x)))", "x:n").evaluate(x=[800.0, 799.0]) == pytest.approx(800.3132616875182)
        np.testing.assert_allclose(hs.parse("exp(x)/sum(exp(x))", "x:n").evaluate(x=[900.0, 900.0]), [0.5, 0.5])
        gradient = hs.gradient(hs.parse("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n"), "w")
        value = gradient.evaluate(X=[[800.0], [-900.0]], y=[1.0, 1.0], w=[1.0])
        np.testing.assert_allclose(value, [900.0], rtol=1e-12)
