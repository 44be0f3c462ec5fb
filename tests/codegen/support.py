"""Expressions at random points: the generated code against the plain evaluator."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hesse.codegen import find_target
from hesse.codegen.binding import Binding
from hesse.codegen.compiled import compile_function
from hesse.codegen.emit import Program, program
from hesse.codegen.numpy import NUMPY
from hesse.core.declarations import Declaration, Declarations, VariableDeclaration
from hesse.core.sizes import Size
from hesse.core.syntax import Definitions, Syntax, number
from hesse.core.tensor import Tensor
from hesse.errors import MissingExtraError
from hesse.frontends.text import parse_declarations, parse_text
from hesse.verify.reference import Environment, evaluate

DISTINCT = {"m": 5, "n": 4, "k": 3, "p": 7, "q": 6}
ONES = dict.fromkeys(DISTINCT, 1)


def read(text: str, declarations: str) -> tuple[Syntax, Declarations]:
    """The tree and the declarations."""
    declared = parse_declarations(declarations)
    return parse_text(text, declared)[0], declared


def written(text: str, declarations: str) -> Program:
    """The program for NumPy."""
    return program(*read(text, declarations), NUMPY)


def body(text: str, declarations: str) -> str:
    """The statements of the generated function, without the docstring."""
    source = written(text, declarations).source
    code = source[source.index("def f(") :].split('"""')[-1]
    return "\n".join(line.strip() for line in code.strip().splitlines())


WHOLE_SIZES = {"math"}
"""The targets that need sizes that are numbers."""


def compile_on(tree: Syntax, declared: Declarations, target: str, values: dict[str, Any]) -> Callable[..., Any]:
    """The function on a target, for the sizes of the values where it needs them; skips where it is not installed."""
    if target in WHOLE_SIZES:
        shapes = {name: np.shape(value) for name, value in values.items()}
        sizes = Binding(declared).sizes(shapes)
        tree = Definitions(tuple((name, number(size)) for name, size in sizes.items()), tree)
        declared = Declarations(tuple(_sized(entry, sizes) for entry in declared.entries))
    try:
        return compile_function(tree, declared, find_target(target))
    except MissingExtraError as error:
        pytest.skip(str(error))


def _sized(entry: Declaration, sizes: dict[str, int]) -> Declaration:
    if not isinstance(entry, VariableDeclaration):
        return entry
    index = None if entry.index is None else Size.of(entry.index.evaluate(sizes))
    return replace(entry, shape=tuple(Size.of(size.evaluate(sizes)) for size in entry.shape), index=index)


def as_array(value: Any) -> np.ndarray:
    """The value of any target for NumPy; it must be float64."""
    array = np.asarray(value)
    assert array.dtype == np.float64, array.dtype
    return array


def point(declarations: Declarations, sizes: dict[str, int], seed: int = 0) -> dict[str, Any]:
    """Random values of all variables, as nested lists."""
    rng = random.Random(seed)
    return {name: _value(entry, sizes, rng) for name, entry in declarations.variables.items()}


def _value(entry: VariableDeclaration, sizes: dict[str, int], rng: random.Random) -> Any:
    shape = tuple(size.evaluate(sizes) for size in entry.shape)
    if entry.index is not None:
        bound = entry.index.evaluate(sizes)
        return Tensor.build(shape, lambda _: rng.randrange(bound)).nested()
    low = 0.3 if entry.attributes & {"pos", "simplex"} else -2.0
    return Tensor.build(shape, lambda _: rng.uniform(low, 2.0)).nested()


def reference(tree: Syntax, values: dict[str, Any], sizes: dict[str, int]) -> Tensor[float]:
    """The value by the plain evaluator."""
    tensors = {name: Tensor.from_nested(value) for name, value in values.items()}
    return evaluate(tree, Environment(sizes=sizes, values=tensors))


def compare(text: str, declarations: str, sizes: dict[str, int]) -> None:
    """Fails unless the compiled function and the plain evaluator agree in type, shape and value."""
    tree, declared = read(text, declarations)
    compare_tree(tree, declared, sizes)


def compare_tree(tree: Syntax, declared: Declarations, sizes: dict[str, int]) -> None:
    """The same for a tree."""
    values = point(declared, sizes)
    expected = reference(tree, values, sizes)
    function = compile_function(tree, declared)
    actual = function(**values)
    assert type(actual) is (np.ndarray if expected.shape else np.float64)
    assert actual.dtype == np.float64
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, np.array(expected.nested()), rtol=1e-9, atol=1e-9, err_msg=function.source)
