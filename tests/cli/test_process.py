"""The command line as a process: streams, exit statuses, encodings, terminals, and how fast it starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .support import PROGRAM, environment, on_terminal, process, without_escapes

LECTURE = ("derive", "x1^2 + exp(x1*x2) + 2*log(x2)", "--at", "1,2")
BOXES = "─│┌┐└┘├┤╭╮╰╯⎡⎢⎣⎤⎥⎦✓\x1b"


def test_results_go_to_standard_output() -> None:
    outcome = process(*LECTURE)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.lines[0] == "f(x₁, x₂) = x₁² + exp(x₁ x₂) + 2 log(x₂)"


def test_errors_go_to_standard_error() -> None:
    outcome = process("derive", "exp(x")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")


def test_a_formula_that_starts_with_a_minus() -> None:
    assert process("gradient", "-log(x)", "--at", "-1").lines[0] == "−1/x"


def test_a_pipe_gets_plain_text() -> None:
    """Whatever the environment says of colours and widths."""
    plain = process(*LECTURE)
    assert not any(char in plain.out for char in BOXES)
    assert plain == process(*LECTURE, FORCE_COLOR="1", COLUMNS="30", TERM="xterm-256color")


def test_a_terminal_gets_colours_and_drawn_matrices() -> None:
    text = on_terminal(*LECTURE)
    assert "\x1b[" in text
    lines = without_escapes(text).splitlines()
    assert lines[0] == "f(x₁, x₂) = x₁² + exp(x₁ x₂) + 2 log(x₂)"
    assert "  H_f(x₁, x₂) ≈ ⎡ 31.556224   22.167168 ⎤" in lines
    assert "                ⎣ 22.167168    6.889056 ⎦" in lines
    assert any(line.startswith("  ✓ verified at") for line in lines)


def test_no_color() -> None:
    text = on_terminal(*LECTURE, NO_COLOR="1")
    assert not any(f"\x1b[3{color}" in text for color in range(8))
    assert without_escapes(text) == without_escapes(on_terminal(*LECTURE))
    assert "\x1b[31m" in on_terminal("derive", "exp(x")
    assert "\x1b" not in on_terminal("derive", "exp(x", NO_COLOR="1")
    assert "\x1b" not in on_terminal("derive", "exp(x", TERM="dumb")


@pytest.mark.parametrize("columns", [30, 50, 120])
def test_narrow_terminals(columns: int) -> None:
    words = ("derive", "sum(log(1 + exp(-y*(X @ w)))) + lam*norm(w)**2/2", "X:m,n w:n y:m lam:", "--wrt", "w")
    lines = without_escapes(on_terminal(*words, "--components", "m=2,n=2", columns=columns)).splitlines()
    assert max(map(len, lines)) <= columns


def test_formulas_to_be_copied_are_not_broken() -> None:
    for notation in ("text", "latex"):
        words = ("gradient", "sum(log(1 + exp(-y*(X @ w)))) + lam*norm(w)**2/2", "X:m,n w:n y:m lam:", "--wrt", "w")
        wide = on_terminal(*words, "--format", notation, columns=200)
        assert (
            wide == on_terminal(*words, "--format", notation, columns=30) == process(*words, "--format", notation).out
        )


def test_bytes_that_are_not_utf8() -> None:
    outcome = process("derive", b"x + \xff\xfe")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.splitlines()[:3] == ["error: an argument is not UTF-8 text", "  x + \ufffd\ufffd", "      ^"]


def test_output_that_cannot_take_unicode() -> None:
    outcome = process("derive", "λ*x²", "x: λ:", "--wrt", "x", PYTHONIOENCODING="ascii")
    assert (outcome.status, outcome.err) == (0, "")
    assert "  gradient: 2*\\u03bb*x" in outcome.lines
    assert process("gradient", "x²", PYTHONIOENCODING="latin-1:strict").lines[0] == "2*x"
    assert process("gradient", "λ*x²", "x: λ:", "--wrt", "x", "--json", PYTHONIOENCODING="ascii").status == 0


def test_the_reader_may_leave() -> None:
    """A closed pipe ends the command without a word, with the status of a broken pipe."""
    with subprocess.Popen(
        [*PROGRAM, "functions"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment({})
    ) as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.close()
        error = child.stderr.read()
        assert child.wait(timeout=60) == 141
    assert error == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, *LECTURE], stdout=full, stderr=subprocess.PIPE, env=environment({}), timeout=60, check=False
        )
    assert done.returncode == 74
    assert done.stderr.decode().splitlines() == ["error: the output cannot be written: No space left on device"]


@pytest.mark.parametrize(("closed", "status"), [(">&-", 74), ("2>&-", 0), (">&- 2>&-", 74)])
def test_streams_that_are_closed(closed: str, status: int) -> None:
    line = f'exec "$0" "$@" {closed}'
    done = subprocess.run(["sh", "-c", line, *PROGRAM, *LECTURE], env=environment({}), timeout=60, check=False)
    assert done.returncode == status


def test_an_interruption() -> None:
    """Ctrl-C while it computes: one line, status 130."""
    program = (
        "import os, signal, sys\n"
        # A parent in the background ignores the signal, and hands that on.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from hesse.cli import app, main\n"
        "def slow(*arguments, **named):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    raise AssertionError('the signal comes first')\n"
        "app.parse = slow\n"
        "sys.exit(main.main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "derive", "x"],
        capture_output=True,
        env=environment({}),
        timeout=60,
        check=False,
    )
    assert done.returncode == 130
    assert done.stderr.decode() == "error: interrupted\n"


def test_only_what_is_needed_is_imported() -> None:
    """Neither NumPy nor Rich for formulas in a pipe: they would double the time to start."""
    program = (
        "import sys\n"
        "from hesse.cli.main import run\n"
        "assert run(['derive', 'norm(A @ x - b)**2', 'A:m,n x:n b:m', '--wrt', 'x']) == 0\n"
        "print(sorted({'numpy', 'rich', 'scipy', 'lark', 'jax', 'sympy'} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, env=environment({}), timeout=60, check=True
    )
    assert done.stderr.decode() == "[]\n"
