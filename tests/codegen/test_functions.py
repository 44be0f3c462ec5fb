"""Every function of the tables on the target: spelled by it, or lowered by its row."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest

from hesse.codegen import TARGETS, build, compile_function, emit
from hesse.core.nodes import Elementwise, Operator
from hesse.core.syntax import Call, Name, number
from hesse.frontends.text import parse_declarations
from hesse.functions import ALIASES, FUNCTIONS

from .support import compare_tree, read

ELEMENTWISE = [row for row in FUNCTIONS.values() if isinstance(row, Elementwise)]
OPERATORS = [row for row in FUNCTIONS.values() if isinstance(row, Operator)]


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_elementwise_functions_at_their_samples(row: Elementwise) -> None:
    rng = random.Random(row.name)
    intervals = (row.samples * row.arity)[: row.arity]
    columns = [[rng.uniform(*interval) for _ in range(20)] for interval in intervals]
    names = [f"a{k}" for k in range(row.arity)]
    declared = parse_declarations(" ".join(f"{name}:n" for name in names))
    function = compile_function(Call(row.name, tuple(map(Name, names))), declared)
    actual = function(**dict(zip(names, columns, strict=True)))
    expected = [row.reference(*arguments) for arguments in zip(*columns, strict=True)]
    assert all(map(math.isfinite, expected))
    np.testing.assert_allclose(actual, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("row", "axis"),
    [(row, axis) for row in OPERATORS for axis in ([None] if row.kind == "matrix" else [None, 0, 1, -1])],
)
def test_operators_along_every_axis(row: Operator, axis: int | None) -> None:
    declared = parse_declarations("X:n,n" if row.kind == "matrix" else "X:m,n")
    extra = (number(3),) * (row.arity - 1)
    compare_tree(Call(row.name, (Name("X"), *extra), axis), declared, {"m": 4, "n": 3})


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases_are_their_functions(alias: str) -> None:
    declared = parse_declarations("X:n,n")
    assert emit(Call(alias, (Name("X"),)), declared) == emit(Call(ALIASES[alias], (Name("X"),)), declared)


def test_an_operator_is_lowered_with_its_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    numpy = TARGETS["numpy"]
    without = replace(numpy, expressions={k: v for k, v in numpy.expressions.items() if k != "norm1"})
    tree, declared = read("norm1(X, axis=0)", "X:m,n")
    row = FUNCTIONS["norm1"]
    assert isinstance(row, Operator)
    lowered = replace(row, lowering=lambda x, axis: Call("sum", (Call("abs", (x,)),), axis))
    monkeypatch.setattr(build, "FUNCTIONS", {**FUNCTIONS, "norm1": lowered})
    assert "return np.sum(np.abs(X), axis=0)" in emit(tree, declared, without)
