"""Errors: on standard error, with the place, never a traceback; and input made to do harm."""

from __future__ import annotations

import time

import pytest

from hesse.cli import main
from hesse.cli.failures import visible

from .support import Command


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("derive", "exp(x"), ["  exp(x", "     ^"]),
        (("derive", "foo(x) + 1"), ["  foo(x) + 1", "  ^^^"]),
        (("derive", "x", "x:n:foo"), ["  x:n:foo", "      ^^^"]),
        (("derive", "x*y", "--at", "x=1,y=a"), ["  x=1,y=a", "        ^"]),
        (("derive", "x1x2"), ["  x1x2", "  ^^^^", "hint: write `x1*x2`"]),
        (("derive", "A^2", "A:n,n"), ["  A^2", "  ^^^", "hint: write `A**2` or `matpow(A, 2)`"]),
    ],
)
def test_places(hesse: Command, words: tuple[str, ...], lines: list[str]) -> None:
    outcome = hesse(*words)
    assert (outcome.status, outcome.out) == (2, "")
    found = outcome.err.splitlines()
    assert found[0].startswith("error: ")
    assert found[1 : 1 + len(lines)] == lines


HOSTILE = {
    "empty": "",
    "spaces": "   ",
    "long name": "x" * 1_000_000,
    "long sum": "+".join(["x"] * 200_000),
    "long product": "*".join(["x"] * 15_000),
    "brackets": "(" * 5000 + "x" + ")" * 5000,
    "open brackets": "(" * 5000,
    "lists": "[" * 5000 + "x" + "]" * 5000,
    "minuses": "-" * 5000 + "x",
    "powers": "x" + "**2" * 5000,
    "transposes": "x" + ".T" * 5000,
    "calls": "exp(" * 5000 + "x" + ")" * 5000,
    "NUL": "x\0y",
    "escape": "x\x1b[31m",
    "bell and newline": "x\a\n\r\v",
    "direction": "x\u202ey",
    "surrogate": "x\udcff",
    "emoji": "x + 😀",
    "combining": "x\u0301 + y",
    "braces": "{x:" * 100,
    "percent": "%s%n%d" * 100,
    "huge exponent": "x**1e9999999",
    "huge power": "2**10**10*x",
    "digits": "9" * 100_000 + "*x",
    "definitions": ";".join(f"a{k}=a{k - 1}*a{k - 1}" if k else "a0=x" for k in range(60)) + ";a59",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("where", ["expression", "declarations", "point", "variable", "sizes", "command", "function"])
def test_hostile_input(hesse: Command, name: str, where: str) -> None:
    text = HOSTILE[name]
    words = {
        "expression": ("gradient", text, "--wrt", "x"),
        "declarations": ("gradient", "x**2", text),
        "point": ("gradient", "x**2", "--at", text),
        "variable": ("gradient", "x**2", "--wrt", text),
        "sizes": ("gradient", "sum(x)", "x:n", "--components", text),
        "command": (text,),
        "function": ("functions", text),
    }[where]
    start = time.monotonic()
    outcome = hesse(*words)
    assert outcome.status in (0, 2), outcome.err[:500]
    assert time.monotonic() - start < 30
    assert "Traceback" not in outcome.err
    assert len(outcome.err) < 4000
    if outcome.status == 2:
        assert outcome.err.startswith("error: ")
        assert outcome.out == ""
    assert not any(char in outcome.err for char in "\x00\x1b\x07\r\u202e\udcff")


def test_a_defect_is_reported_as_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(words: object) -> None:
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr(main, "_answer", broken)
    monkeypatch.delenv("HESSE_TRACEBACK", raising=False)
    assert main.run(["derive", "x"]) == 70
    error = capsys.readouterr().err
    assert "defect of hesse: RuntimeError: first line\n" in error
    assert "report" in error
    assert "second line" not in error
    monkeypatch.setenv("HESSE_TRACEBACK", "1")
    with pytest.raises(RuntimeError):
        main.run(["derive", "x"])


@pytest.mark.parametrize("error", [RecursionError, MemoryError, AssertionError, KeyError])
def test_every_defect_is_caught(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(words: object) -> None:
        raise error

    monkeypatch.setattr(main, "_answer", broken)
    monkeypatch.delenv("HESSE_TRACEBACK", raising=False)
    assert main.run(["derive", "x"]) == 70
    assert error.__name__ in capsys.readouterr().err


def test_what_is_shown_cannot_steer_a_terminal() -> None:
    assert visible("a\x1b[1m\u202eb\nc\udc80") == "a\ufffd[1m\ufffdb\nc\ufffd"
