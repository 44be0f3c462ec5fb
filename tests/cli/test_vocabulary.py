"""The vocabulary is read off the tables."""

from __future__ import annotations

import pytest

import hesse as hs
from hesse.cli.vocabulary import entries
from hesse.functions import ALIASES, FUNCTIONS

from .support import Command


def test_every_row_is_listed(hesse: Command) -> None:
    outcome = hesse("functions")
    assert outcome.status == 0
    listed = list(entries())
    assert [entry.name for entry in listed] == list(FUNCTIONS)
    for entry in listed:
        assert sum(line.startswith(f"  {entry.signature} ") for line in outcome.lines) == 1, entry.name
        assert entry.meaning in outcome.out
    for alias, name in ALIASES.items():
        assert any(line.split() == [alias, "the", "same", "as", name] for line in outcome.lines)


@pytest.mark.parametrize("name", [*FUNCTIONS, *ALIASES])
def test_every_function_has_details(hesse: Command, name: str) -> None:
    outcome = hesse("functions", name)
    assert outcome.status == 0
    row = FUNCTIONS[ALIASES.get(name, name)]
    assert any(line.split(maxsplit=1) == ["meaning", row.meaning] for line in outcome.lines)
    assert not any(line.startswith("  not verified") for line in outcome.lines)


@pytest.mark.parametrize("name", [entry.name for entry in entries() if entry.kind == "elementwise"])
def test_signatures_can_be_written(name: str) -> None:
    (entry,) = (entry for entry in entries() if entry.name == name)
    arguments = entry.signature.partition("(")[2].rstrip(")").split(", ")
    hs.parse(entry.signature, " ".join(f"{each}:" for each in arguments if not each.isdigit()))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("log", "  domain   x > 0"),
        ("abs", "  smooth   where x != 0"),
        ("maximum", "  smooth   where a != b"),
        ("ln", "  also     ln"),
        ("tanh", "  d/dx tanh(x) = 1 − tanh(x)²"),
        ("power", "  d/dp power(x, p) = x^p log(x)"),
        ("norm", "  d/dx norm(x) = x/‖x‖"),
        ("<", "  smooth   where a != b"),
    ],
)
def test_details(hesse: Command, name: str, line: str) -> None:
    assert line in hesse("functions", name).lines


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("sofmax", "did you mean `softmax`?"),
        ("atan", "write arctan(x)"),
        ("zzzz", "`hesse functions`"),
        ("", "`hesse functions`"),
    ],
)
def test_unknown_functions(hesse: Command, name: str, hint: str) -> None:
    outcome = hesse("functions", name)
    assert (outcome.status, outcome.out) == (2, "")
    assert hint in outcome.err
