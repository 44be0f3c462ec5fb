"""What is an option, what is a formula."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from hesse.cli.app import EXAMPLES
from hesse.cli.arguments import ordered
from hesse.errors import ArgumentError

from .support import Command

OPTIONS = {"--at": True, "--wrt": True, "--json": False, "-o": True}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["--"]),
        (["x"], ["--", "x"]),
        (["x", "-o", "-f.png"], ["-o-f.png", "--", "x"]),
        (["-o=f.png", "-x"], ["-of.png", "--", "-x"]),
        (["-x^2"], ["--", "-x^2"]),
        (["--x^2"], ["--", "--x^2"]),
        (["-log(x)", "x:n"], ["--", "-log(x)", "x:n"]),
        (["--at", "-1,2", "-x"], ["--at=-1,2", "--", "-x"]),
        (["-x", "--at", "-1"], ["--at=-1", "--", "-x"]),
        (["-x", "--at=-1"], ["--at=-1", "--", "-x"]),
        (["x", "--json", "x:"], ["--json", "--", "x", "x:"]),
        (["x", "--at", "x=1"], ["--at=x=1", "--", "x"]),
        (["--json", "--", "--json", "--at"], ["--json", "--", "--json", "--at"]),
        (["x - -y", "--wrt", "x,y"], ["--wrt=x,y", "--", "x - -y"]),
        (["-"], ["--", "-"]),
    ],
)
def test_order(words: list[str], expected: list[str]) -> None:
    assert ordered(words, OPTIONS) == expected


def test_an_option_that_may_be_given_more_than_once() -> None:
    words = ["x", "--at", "-1", "--at=2"]
    assert ordered(words, OPTIONS, repeatable={"--at"}) == ["--at=-1", "--at=2", "--", "x"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x", "--att", "1"], "no option --att"),
        (["x", "--att=1"], "no option --att"),
        (["x", "--at"], "--at needs a value"),
        (["--at", "--json", "x"], "--at needs a value"),
        (["--at", "--", "x"], "--at needs a value"),
        (["x", "--at", "1", "--at=2"], "--at is given twice"),
        (["x", "--json=yes"], "--json takes no value"),
    ],
)
def test_refused(words: list[str], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        ordered(words, OPTIONS)


@pytest.mark.parametrize("expression", ["-x^2", "-log(x)", "-2*x", "- x", "-(x + 1)", "--x", "-x-x**3", "-.5x"])
@pytest.mark.parametrize("before", [True, False])
def test_formulas_that_start_with_a_minus(hesse: Command, expression: str, before: bool) -> None:
    options = ["--at", "-1,2"[:2], "--format", "text"]
    words = [*options, expression] if before else [expression, *options]
    outcome = hesse("gradient", *words)
    assert outcome.status == 0, outcome.err
    assert any(line.startswith("At x = -1") for line in outcome.lines)


def test_declarations_may_be_several_words(hesse: Command) -> None:
    one = hesse("gradient", "norm(A @ x)", "A:m,n x:n", "--wrt", "x")
    several = hesse("gradient", "norm(A @ x)", "--wrt", "x", "A:m,n", "x:n")
    assert one == several
    assert one.status == 0


def test_a_formula_without_quotes_is_recognised(hesse: Command) -> None:
    outcome = hesse("derive", "x^2", "+", "y")
    assert outcome.status == 2
    assert "quotes" in outcome.err


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",), ("help",)])
def test_overview(hesse: Command, words: tuple[str, ...]) -> None:
    outcome = hesse(*words)
    assert outcome.status == 0
    assert outcome.err == ""
    for command in ("derive", "gradient", "jacobian", "hessian", "functions"):
        assert any(line.split()[:1] == [command] for line in outcome.lines)


@pytest.mark.parametrize("command", ["derive", "gradient", "jacobian", "hessian", "functions"])
def test_help_of_commands(hesse: Command, command: str) -> None:
    outcome = hesse(command, "--help")
    assert outcome == hesse(command, "x", "--help") == hesse(command, "-h") == hesse("help", command)
    assert outcome.status == 0
    assert "Examples" in outcome.lines
    assert "--json" in outcome.out


def test_the_examples_of_the_help_work(hesse: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that need no file. The status of `check` is 1 for an answer that is not right."""
    monkeypatch.chdir(tmp_path)  # some write files
    examples = [line for lines in EXAMPLES.values() for line in lines]
    lines = [line for line in examples if "@point" not in line and "answers.csv" not in line]
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "hesse"
        outcome = hesse(*words)
        assert (outcome.status in (0, words[0] == "check"), outcome.err) == (True, ""), words


def test_version(hesse: Command) -> None:
    assert hesse("--version").lines == ["hesse 0.1.0"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("deriv", "x"), "did you mean `hesse derive`?"),
        (("x^2 + y",), "hesse derive 'x^2 + y'"),
        (("--foo",), "there is no option --foo"),
        (("derive",), "EXPRESSION"),
        (("functions", "exp", "log"), "hesse functions --help"),
        (("gradient", "x", "--format", "html"), "unicode, latex, text"),
        (("gradient", "x", "--notation", "mathml"), "mathml"),
        (("gradient", "x", "--wrt", "x,"), "--wrt"),
        (("gradient", "x", "--wrt", ""), "--wrt"),
        (("gradient", "x", "--rows"), "--rows"),
        (("jacobian", "W @ x", "W:m,n x:n", "--wrt", "x", "--rows"), "--components"),
        (("jacobian", "x", "x:n", "--components", "n"), "--components"),
        (("jacobian", "x", "x:n", "--components", "n=0"), "at least 1"),
        (("jacobian", "x", "x:n", "--components", "n=2,n=3"), "twice"),
        (("jacobian", "x", "x:n", "--components", "k=2"), "`k` is not a size"),
        (("jacobian", "W @ x", "W:m,n x:n", "--wrt", "x", "--components", "n=2"), "the size m"),
        (("gradient", "norm(A @ x)", "A:m,n x:n"), "--wrt: A, x"),
    ],
)
def test_misuse(hesse: Command, words: tuple[str, ...], message: str) -> None:
    outcome = hesse(*words)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")
    assert message in outcome.err
