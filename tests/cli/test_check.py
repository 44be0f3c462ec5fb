"""The command `check`: exit status, what is shown, what is kept back."""

from __future__ import annotations

import re

import pytest

from .support import Command, on_terminal, process

NORM = ("check", "norm(A @ x - b)**2", "A:m,n x:n b:m", "--wrt", "x")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ((*NORM, "--gradient", "2*A.T @ (A @ x - b)"), 0),
        (("check", "sin(x)^2", "--gradient", "sin(2*x)"), 0),
        ((*NORM, "--gradient", "A.T @ (A @ x - b)"), 1),
        ((*NORM, "--gradient", "A @ (A @ x - b)"), 1),
        ((*NORM, "--gradient", "5"), 1),
        (("check", "A @ x", "A:m,n x:n", "--wrt", "x", "--jacobian", "A.T"), 1),
        (("check", "x @ A @ x", "A:n,n x:n", "--wrt", "x", "--hessian", "2*A"), 1),
        (("check", "x*log(x^2) - 2*x", "--gradient", "2*log(x)"), 1),
        (("check", "-x^2", "--gradient", "-2*x"), 0),
        (("check", "x1^2*x2", "--hessian", "2*x1", "--entry", "0,1"), 0),
        (("check", r"\|Ax\|^2", "A:m,n x:n", "--wrt", "x", "--gradient", r"2A^\top Ax", "--notation", "latex"), 0),
        (("check", "x*log(-1 - x**2)", "--gradient", "1 + log(-1 - x**2)"), 3),
        ((*NORM, "--gradient", "2*A.T @ ("), 2),
        ((*NORM, "--gradient", "2*A.T @ (A @ x - c)"), 2),
        (NORM, 2),
        ((*NORM, "--gradient", "x", "--hessian", "A"), 2),
        ((*NORM, "--gradient", "x", "--entry", "one"), 2),
        ((*NORM, "--gradient", "x", "--entry", "0,1"), 2),
        (("check", "norm(A @ x - b)**2", "A:m,n x:n b:m", "--gradient", "x"), 2),
    ],
)  # fmt: skip
def test_exit_status(hesse: Command, words: tuple[str, ...], status: int) -> None:
    found = hesse(*words)
    assert found.status == status
    assert bool(found.err) == (status == 2)
    assert bool(found.out) == (status != 2)


def test_the_caret_of_an_error_is_in_the_answer(hesse: Command) -> None:
    found = hesse(*NORM, "--gradient", "2*A.T @ (A @ x - c)")
    assert "  2*A.T @ (A @ x - c)\n                   ^\n" in found.err


def test_the_right_answer_is_shown_on_request_only(hesse: Command) -> None:
    words = (*NORM, "--gradient", "A.T @ (A @ x - b)", "--format", "text")
    assert "2*A.T @ (A @ x - b)" not in hesse(*words).out
    assert hesse(*words, "--show-answer").lines[-1] == "  gradient: 2*A.T @ (A @ x - b)"
    assert hesse(*words, "--json").record["correct"] is None
    assert hesse(*words, "--json", "--show-answer").record["correct"] == "2*A.T @ (A @ x - b)"


def test_the_record(hesse: Command) -> None:
    found = hesse(*NORM, "--gradient", "A.T @ (A @ x - b)", "--json")
    assert found.status == 1
    record = found.record
    assert record["command"] == "check" and record["verdict"] == "different" and record["right"] is False
    assert record["mistakes"] == ["missing-factor"] and record["rule"] == "power"
    assert record["counterexample"]["certified"] is True
    assert record["counterexample"]["values"].keys() == {"A", "x", "b"}
    assert record["read_as"] == record["answer"] == "A.T @ (A @ x - b)"
    assert hesse(*NORM, "--gradient", "A @ x @ x", "--json").record["read_as"] is None


def test_a_seed_gives_other_points(hesse: Command) -> None:
    words = (*NORM, "--gradient", "A.T @ (A @ x - b)", "--json")
    one, two = (hesse(*words, "--seed", seed).record["counterexample"]["values"] for seed in ("1", "2"))
    assert one != two and one == hesse(*words).record["counterexample"]["values"]


def test_readings_are_shown(hesse: Command) -> None:
    assert "  `^` read as power" in hesse("check", "x^2", "--gradient", "2*x^1").lines


def test_on_a_terminal_and_without_unicode() -> None:
    shown = on_terminal("check", "x1*x2", "--gradient", "[x1, x2]", columns=60)
    assert "different" in shown and "mistake: wrong-variable" in shown
    plain = process("check", "x1*x2", "--gradient", "[x1, x2]", PYTHONIOENCODING="ascii")
    assert plain.status == 1 and plain.out.isascii()


@pytest.mark.parametrize(
    "words",
    [
        (*NORM, "--gradient", "A.T @ (A @ x - b)", "--show-answer"),
        (*NORM, "--gradient", "A @ (A @ x - b)"),
        ("check", "θ**2*x_1", "θ: x_1:", "--wrt", "θ", "--gradient", "2.5e-5*θ"),
        ("check", "exp(x)", "--gradient", "e^x + 1e-200"),
        ("check", "x*log(x^2) - 2*x", "--gradient", "2*log(x)"),
        ("check", "sum(x**3)", "x:12", "--gradient", "where(x > 0, 3*x**2, x)"),
        ("check", "norm(A @ x)**2", "A:12,12 x:12", "--wrt", "x", "--gradient", "A.T @ A @ x"),
    ],
)
def test_latex_holds_all_that_the_text_says(hesse: Command, words: tuple[str, ...]) -> None:
    first, *rows, last = hesse(*words, "--format", "latex").out.splitlines()
    assert (first, last) == (r"\begin{align*}", r"\end{align*}")
    assert all(row.endswith(r" \\") for row in rows[:-1]) and not rows[-1].endswith("\\")
    said = []
    for row in rows:
        assert row.count("{") - row.count(r"\{") == row.count("}") - row.count(r"\}")
        outside = re.sub(r"\\begin\{(bmatrix|array)\}.*\\end\{\1\}", "", row)
        assert len(re.findall(r"(?<!\\)&", outside)) == 1
        # A letter that is special in LaTeX is written as a command, a word stands within \text.
        assert not re.search(r"(?<!\\)[#%$]", outside.replace(r"$\times$", "").replace(r"$\theta$", ""))
        words_left = re.sub(r"\\text\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}", "", outside)
        assert not re.search(r"(?<![\\{A-Za-z])[a-z]{4,}", words_left)
        said.append(_plain(row))
    shown = " ".join(" ".join(said).split())
    text = hesse(*words, "--format", "text").out
    for line in text.splitlines():
        if "your gradient:" not in line and "gradient:" not in line and line.strip():
            assert all(word in shown for word in _plain(line).split() if re.fullmatch(r"[a-z-]{3,}|-?\d+", word))


def _plain(text: str) -> str:
    return re.sub(r"[(),\[\]]|\\[a-z]+|[{}]", " ", text)
