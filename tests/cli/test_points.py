"""Points: what `--at` reads, exactly, and what it says about everything else."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hesse as hs
from hesse.core.tensor import Tensor
from hesse.errors import HesseError
from hesse.service.points import exact_point, load_point, read_point

from .support import Command

SCALARS = hs.parse("x1*x2*x10", "x10: x2: x1:")
VECTOR = hs.parse("sum(x)", "x:n")
MIXED = hs.parse("norm(A @ x)*c", "A:m,n x:n c:")
ONE = hs.parse("t**2", "t:")
GATHER = hs.parse("sum(x[idx])", "x:n idx:p:index(n)")


def nested(f: hs.Expr, text: str) -> dict[str, Any]:
    return {name: value.nested() for name, value in read_point(text, f).items()}


@pytest.mark.parametrize(
    ("f", "text", "expected"),
    [
        (ONE, "3", {"t": 3}),
        (ONE, "-1/3", {"t": Fraction(-1, 3)}),
        (ONE, "+0.1", {"t": Fraction(1, 10)}),
        (ONE, "−0.5", {"t": Fraction(-1, 2)}),
        (ONE, "--2", {"t": 2}),
        (ONE, "1.5e-3", {"t": Fraction(15, 10000)}),
        (ONE, "t=.25", {"t": Fraction(1, 4)}),
        (ONE, " t = 1 / 4 ", {"t": Fraction(1, 4)}),
        # Natural order: x2 before x10, whatever the order of the declarations.
        (SCALARS, "1,2,3", {"x1": 1, "x2": 2, "x10": 3}),
        (SCALARS, "[1,2,3]", {"x1": 1, "x2": 2, "x10": 3}),
        (SCALARS, "x2=2,x10=3,x1=1", {"x1": 1, "x2": 2, "x10": 3}),
        (SCALARS, "x₂=2; x10=3 x1=1", {"x1": 1, "x2": 2, "x10": 3}),
        (VECTOR, "1,2", {"x": [1, 2]}),
        (VECTOR, "[1,2]", {"x": [1, 2]}),
        (VECTOR, "7", {"x": [7]}),
        (VECTOR, "x=[0.1]", {"x": [Fraction(1, 10)]}),
        (
            MIXED,
            "x=[1,2],A=[[1,-2],[3,4],[5,1/6]],c=2",
            {"A": [[1, -2], [3, 4], [5, Fraction(1, 6)]], "x": [1, 2], "c": 2},
        ),
        (GATHER, "x=[1,2,3],idx=[2,0]", {"x": [1, 2, 3], "idx": [2, 0]}),
    ],
)
def test_read(f: hs.Expr, text: str, expected: dict[str, Any]) -> None:
    assert nested(f, text) == expected


def test_the_order_is_that_of_the_declarations() -> None:
    assert list(read_point("1,2,3", SCALARS)) == ["x10", "x2", "x1"]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**20), max_value=10**20))
def test_decimals_are_exact(number: Decimal) -> None:
    assert read_point(f"t={number}", ONE)["t"].item == Fraction(number)


@given(st.text(alphabet="x1209.,=[]-/e ;tn\n@", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for f in (SCALARS, VECTOR, MIXED):
        try:
            point = read_point(text, f)
        except HesseError as error:
            assert error.message
        else:
            assert point.keys() == f.variables.keys()


@pytest.mark.parametrize(
    ("f", "text", "message", "place"),
    [
        (ONE, "", "a number is missing", ""),
        (ONE, "t=", "a number is missing", ""),
        (ONE, "a", "not `a`", "a"),
        (ONE, "t=pi", "not `pi`", "pi"),
        (ONE, "t=1+1", "a comma is expected here, not `+`", "+"),
        (ONE, "t=2**3", "not `**`", "**"),
        (ONE, "t=1/0", "division by zero", "0"),
        (ONE, "t=1e999", "range", "1e999"),
        (ONE, "t=1,t=2", "two values", "t"),
        (ONE, "t=1,s=2", "`s` is not a declared variable", "s=2"),
        (ONE, "t=[1]", "`t` is a scalar, the value is a vector", "t=[1]"),
        (ONE, "1,2", "2 values for 1 variable (`t`)", "1,2"),
        (SCALARS, "1,2", "2 values for 3 variables (`x1`, `x2`, `x10`)", "1,2"),
        (SCALARS, "1,x2=2", "not `x2`", "x2"),
        (SCALARS, "x1=1,2", "a name is expected here, not `2`", "2"),
        (SCALARS, "x1=1,x2=2", "`x10` must have a value", None),
        (VECTOR, "x=1", "`x` is a vector, the value is a scalar", "x=1"),
        (VECTOR, "x=[]", "not `]`", "]"),
        (VECTOR, "x=[1,", "a number is missing", ""),
        (VECTOR, "x=[1,2", "`]` or a comma is missing", ""),
        (VECTOR, "x=(1,2)", "not `(`", "("),
        (MIXED, "1,2", "which values belong to `A`, `x`, `c`?", "1,2"),
        (MIXED, "A=[[1,2],[3]]", "differ in length", "[[1,2],[3]]"),
        (GATHER, "x=[1,2],idx=[0.5]", "integers", "idx=[0.5]"),
        (VECTOR, "x=" + "[" * 40, "axes", "["),
    ],
)
def test_refused(f: hs.Expr, text: str, message: str, place: str | None) -> None:
    with pytest.raises(HesseError) as caught:
        read_point(text, f)
    assert message in caught.value.message
    span = caught.value.span
    assert (None if span is None else text[span.start : span.end]) == place


def test_sizes_that_contradict_each_other(hesse: Command) -> None:
    words = ("gradient", "norm(A @ x)", "A:m,n x:n", "--wrt", "x", "--at", "A=[[1,2,3],[3,4,5]],x=[1,2]")
    outcome = hesse(*words)
    assert (outcome.status, outcome.out) == (2, "")
    assert "x has size 2, but A fixes n = 3" in outcome.err


def test_python_values_are_exact() -> None:
    point = exact_point({"A": np.array([[0.1, 2], [3, 4], [5, 6]]), "x": (1, "1/3"), "c": Fraction(2, 7)}, MIXED)
    assert point["A"] == Tensor((3, 2), [Fraction(1, 10), 2, 3, 4, 5, 6])
    assert point["x"].nested() == [1, Fraction(1, 3)]
    assert point["c"].item == Fraction(2, 7)


@pytest.mark.parametrize("value", [None, True, "x", "1+1", float("nan"), float("inf"), [1, None], {}, 1j, "1e999"])
def test_python_values_that_are_no_numbers(value: object) -> None:
    with pytest.raises(HesseError):
        exact_point({"t": value}, ONE)


def test_deep_python_values() -> None:
    value: list[Any] = [1]
    for _ in range(5000):
        value = [value]
    with pytest.raises(HesseError, match="axes"):
        exact_point({"t": value}, ONE)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"x": [1, 0.1], "A": [[1, 2], [3, -4e2], ["1/3", 0]], "c": 2}', {"x": [1, Fraction(1, 10)], "c": 2}),
        ('\ufeff{"x": [1, 0.1], "A": [[1, 2]], "c": "2"}', {"x": [1, Fraction(1, 10)], "c": 2}),
    ],
)
def test_files(tmp_path: Path, content: str, expected: dict[str, Any]) -> None:
    path = tmp_path / "point.json"
    path.write_text(content, encoding="utf-8")
    found = {name: value.nested() for name, value in load_point(str(path), MIXED).items()}
    assert {name: found[name] for name in expected} == expected


def test_a_file_with_a_list(tmp_path: Path) -> None:
    path = tmp_path / "point.json"
    path.write_text("[1, 2, 3]")
    assert load_point(str(path), SCALARS)["x10"].item == 3
    assert load_point(str(path), VECTOR)["x"].nested() == [1, 2, 3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b'{"t": 1', "is not JSON"),
        (b'{"t": NaN}', "NaN is not a finite number"),
        (b'{"t": 1e9999}', "exponent"),
        (b'{"t": 1e400}', "range"),
        (b'{"t": true}', "`t` holds True"),
        (b'{"t": null}', "`t` holds None"),
        (b'{"t": {"a": 1}}', "`t` holds"),
        (b'{"t": 1, "t": 2}', "two values"),
        (b'{"s": 1}', "`s` is not a declared variable"),
        (b"{}", "`t` must have a value"),
        (b"[]", "neither an object nor a list of values"),
        (b"3", "neither an object nor a list"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, hesse: Command, content: bytes, message: str) -> None:
    path = tmp_path / "point.json"
    path.write_bytes(content)
    outcome = hesse("gradient", "t**2", "t:", "--at", f"@{path}")
    assert (outcome.status, outcome.out) == (2, "")
    assert message in outcome.err


def test_files_that_cannot_be_read(tmp_path: Path, hesse: Command) -> None:
    for name in (str(tmp_path), str(tmp_path / "none"), "", "a\0b", "x" * 5000):
        outcome = hesse("gradient", "t**2", "t:", "--at", f"@{name}")
        assert (outcome.status, outcome.out) == (2, "")
        assert "cannot be read" in outcome.err


def test_the_point_is_shown_as_it_was_typed(hesse: Command) -> None:
    outcome = hesse("gradient", "norm(A @ x)*c", "A:m,n x:n c:", "--wrt", "c", "--at", "x=[0.1,1/3],A=[[1,2]],c=-2e3")
    assert "At A = [[1, 2]], x = [0.1, 1/3], c = -2000" in outcome.lines


def test_values_in_json_are_exact(hesse: Command) -> None:
    record = hesse("gradient", "x*y", "--at", "0.1,1/3", "--json").record
    assert record["at"]["values"] == {"x": "1/10", "y": "1/3"}
    assert json.dumps(record["derivatives"][0]["value"]) == "[0.3333333333333333, 0.1]"
