"""Numbers, line breaks and drawn matrices."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hesse.cli.blocks import Equation, Formula, Heading, Note, Numbers, Terms
from hesse.cli.numbers import exact, inline, is_short, rows, short, shown
from hesse.cli.terminal import terminal_lines
from hesse.cli.wrapping import wrapped
from hesse.core.tensor import Tensor


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (125.0, "125"),
        (-3.5, "-3.5"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.33333333"),
        (1e15, "1e15"),
        (1.5e-9, "1.5e-9"),
        (123456789.25, "1.2345679e8"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_short(value: float, text: str) -> None:
    assert short(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_short_is_close(value: float) -> None:
    assert math.isclose(float(short(value)), value, rel_tol=1e-7)


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(1, 3), "1/3"), (Fraction(-1, 8), "-0.125"), (Fraction(4), "4"), (Fraction(1, 10), "0.1")],
)
def test_exact(value: Fraction, text: str) -> None:
    assert exact(value) == text


@given(st.fractions())
def test_exact_reads_back(value: Fraction) -> None:
    assert Fraction(exact(value)) == value


def test_columns_are_aligned() -> None:
    value = Tensor((2, 3), [1.0, -0.5, 100.25, 22.0, 3.125, -7.0])
    assert rows(shown(value)) == ["[[ 1, -0.500, 100.250],", " [22,  3.125,      -7]]"]
    assert is_short(value)


def test_rounded_arrays_say_so() -> None:
    assert not is_short(Tensor((2,), [1 / 3, 1.0]))
    assert rows(shown(Tensor((2,), [1 / 3, 1.0]))) == ["[0.3333333, 1]"]


def test_different_magnitudes_keep_their_digits() -> None:
    value = Tensor((2,), [1.25e-9, 3.5])
    assert [float(text) for text in shown(value).entries] == value.entries


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6))
def test_shown_is_close(entries: list[float]) -> None:
    """No entry is shown as another number; small beside large ones keep digits too."""
    for text, entry in zip(shown(Tensor((len(entries),), entries)).entries, entries, strict=True):
        assert math.isclose(float(text), entry, rel_tol=1e-2)


def test_arrays_of_higher_rank() -> None:
    assert rows(shown(Tensor((2, 1, 2), [1.0, 2.0, 3.0, 4.0]))) == ["[[[1, 2]],", " [[3, 4]]]"]


def test_large_arrays_show_their_edges() -> None:
    value = Tensor((30, 40), [float(k) for k in range(1200)])
    lines = rows(shown(value))
    assert len(lines) == 7
    assert lines[0].split() == ["[[", "0,", "1,", "2,", "...,", "37,", "38,", "39],"]
    assert lines[-1].endswith("1199]]")
    assert inline(value.map(lambda entry: Fraction(int(entry)))) == "(30 by 40 numbers)"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("a + b", 10, ["a + b"]),
        ("aaaa bbbb + cccc dddd − ee", 20, ["aaaa bbbb", "+ cccc dddd − ee"]),
        ("f(a + b, c + d) + gggg hhhh", 22, ["f(a + b, c + d)", "+ gggg hhhh"]),
        ("−x + y", 4, ["−x", "+ y"]),
        ("xxxxxxxxxxxxxxxxxxxx", 5, ["xxxxxxxxxxxxxxxxxxxx"]),
    ],
)
def test_wrapped(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines


@given(st.text(alphabet="ab+− ()[],", max_size=80), st.integers(1, 40))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert len(line) <= width or " " not in line.strip()


MATRIX = Formula("[a, bb; ccc, d]", (("s", "exp(x)"),), (("a", "bb"), ("ccc", "d")))


def written(blocks: tuple[object, ...], width: int) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in terminal_lines(blocks, width)]  # type: ignore[arg-type]


def test_matrices_are_drawn() -> None:
    assert written((Equation("H", " =", MATRIX),), 80) == ["H = ⎡ a     bb ⎤", "    ⎣ ccc   d  ⎦", "where s = exp(x)"]


def test_matrices_that_are_too_wide_are_not() -> None:
    wide = Formula("[" + "a" * 40 + ", b; c, d]", (), (("a" * 40, "b"), ("c", "d")))
    assert written((Equation("H", " =", wide),), 40)[0].startswith("H = [")


def test_numbers_are_drawn() -> None:
    block = Numbers("H", " =", " ≈", Tensor((3, 1), [1.0, -2.0, 0.5]))
    assert written((block,), 80) == ["    ⎡   1 ⎤", "H = ⎢  -2 ⎥", "    ⎣ 0.5 ⎦"]


@pytest.mark.parametrize("width", [10, 20, 33, 80])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    blocks = (
        Heading("Heading of some words", "with a remark beside it"),
        Equation("f(x)", " =", Formula("a b + c d + e f + g h + i j + k l")),
        Note("a sentence of a few words that has to be broken", "good"),
        Terms((("term", "a meaning in several words"), ("other", "another meaning"))),
    )
    assert all(len(line) <= max(width, 20 + 2) for line in written(blocks, width))
