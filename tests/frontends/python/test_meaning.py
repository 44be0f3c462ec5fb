"""What is read from a function has the values that the function has with NumPy arrays."""

from __future__ import annotations

import inspect
import zlib
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.frontends.text import parse_declarations
from tests.frontends.python.numpy_cases import CASES

SIZES = ({"n": 4, "m": 3, "k": 2}, {"n": 5, "m": 2, "k": 7}, {"n": 1, "m": 1, "k": 1})
ONE_FITS_NOT = {"rows and columns", "diff along", "symbolic slices", "Rosenbrock by slices"}
"""With an axis of size one these take an empty slice, or an entry that is not there."""


def draw(declarations: str, sizes: dict[str, int], seed: int) -> dict[str, Any]:
    """Values for the declared variables, positive where that is declared."""
    generator = np.random.default_rng(seed)
    values = {}
    for name, entry in parse_declarations(declarations).variables.items():
        shape = tuple(size.evaluate(sizes) for size in entry.shape)
        value = generator.uniform(-1.5, 1.5, shape)
        values[name] = np.abs(value) + 0.2 if "pos" in entry.attributes else value
    return values


@pytest.mark.parametrize("name", CASES)
def test_values_are_numpys(name: str) -> None:
    function, declarations = CASES[name]
    expression = hs.from_function(function, declarations)
    symbolic = bool(parse_declarations(declarations).size_names)
    for sizes in SIZES if symbolic else SIZES[:1]:
        if sizes["n"] == 1 and name in ONE_FITS_NOT:
            continue
        values = draw(declarations, sizes, zlib.crc32(name.encode()))
        names = list(inspect.signature(function).parameters)
        arguments = [
            np.copy(values[parameter]) if values[parameter].shape else values[parameter] for parameter in names
        ]
        expected = np.asarray(function(*arguments), dtype=float)
        found = np.asarray(expression.evaluate(**values))
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name", CASES)
def test_the_text_reads_back(name: str) -> None:
    function, declarations = CASES[name]
    expression = hs.from_function(function, declarations)
    assert hs.parse(str(expression), expression.declarations) == expression
