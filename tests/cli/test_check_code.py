"""`check --code` and `check --file` on the command line: functions of modules and files, exit status, results."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from .support import Command, on_terminal, process

SOURCE = """
import numpy as np

def loss(w, X, y):
    print("called")
    return np.mean((X @ w - y)**2)

def gradient(w, X, y):
    return 2*X.T @ (X @ w - y)/len(y)

def half(w, X, y):
    return X.T @ (X @ w - y)/len(y)

def broken(w, X, y):
    return X @ (X @ w - y)

def steps(w, X, y):
    return np.floor(w).sum()

class Model:
    @staticmethod
    def loss(w, X, y):
        return loss(w, X, y)

constant = 3
"""
POINT = "w=[1,2],X=[[1,2],[3,4],[0.5,7]],y=[0,1,2]"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with code in it, which is the current one."""
    (tmp_path / "handwritten.py").write_text(SOURCE)
    (tmp_path / "raising.py").write_text("import numpy as np\n\nvalue = np.zeros(3)[7]\n")
    (tmp_path / "leaving.py").write_text("import sys\nsys.exit(3)\n")
    (tmp_path / "importing.py").write_text("import a_module_that_is_not_there\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("source", ["handwritten", "handwritten.py", "./handwritten.py"])
@pytest.mark.parametrize(("name", "status"), [("gradient", 0), ("half", 1)])
def test_modules_and_files(hesse: Command, folder: Path, source: str, name: str, status: int) -> None:
    found = hesse("check", "--code", f"{source}:loss", "--jac", f"{source}:{name}", "--at", POINT, "--wrt", "w")
    assert found.status == status and found.err == ""
    assert "called" not in found.out
    assert ("2 times too small" in found.out) == (status == 1)


def test_names_within_classes(hesse: Command, folder: Path) -> None:
    words = ("--code", "handwritten.py:Model.loss", "--jac", "handwritten.py:gradient")
    assert hesse("check", *words, "--at", POINT, "--wrt", "w").status == 0


def test_undecided(hesse: Command, folder: Path) -> None:
    words = ("--code", "handwritten.py:steps", "--jac", "handwritten.py:gradient")
    found = hesse("check", *words, "--at", POINT, "--wrt", "w")
    assert found.status == 3 and "grow without bound" in found.out


def test_json(hesse: Command, folder: Path) -> None:
    words = ("--code", "handwritten:loss", "--jac", "handwritten:half", "--at", POINT, "--wrt", "w", "--json")
    record = hesse("check", *words).record
    assert record["verdict"] == "different" and record["mistakes"] == ["missing-factor"]
    assert record["wrong"][0]["index"] == [0] and record["wrong"][0]["factor"] == pytest.approx(0.5)
    assert record["code"] == "handwritten:loss" and len(record["slopes"]) == 3


def test_points_in_files(hesse: Command, folder: Path) -> None:
    values = {"w": [1, 2.5], "X": [[1, 2], [3, 4], [0.5, 7]], "y": [0, 1, 2]}
    (folder / "point.json").write_text(json.dumps(values))
    np.savez(folder / "point.npz", **{name: np.array(value, dtype=float) for name, value in values.items()})
    for name in ("point.json", "point.npz"):
        words = ("--code", "handwritten:loss", "--jac", "handwritten:gradient", "--at", f"@{name}", "--wrt", "w")
        assert hesse("check", *words).status == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--code", "handwritten"), "does not name a function"),
        (("--code", "handwritten:"), "does not name a function"),
        (("--code", "handwritten:los"), "has no `los`"),
        (("--code", "handwritten:constant"), "a value of type int"),
        (("--code", "nowhere:loss"), "there is no module `nowhere`"),
        (("--code", "nowhere.py:loss"), "there is no file nowhere.py"),
        (("--code", "raising.py:loss"), "IndexError"),
        (("--code", "raising:loss"), "raising.py, line 3"),
        (("--code", "leaving:loss"), "SystemExit"),
        (("--code", "importing:loss"), "a_module_that_is_not_there"),
        (("--code", "handwritten:loss", "--jac", "handwritten:broken"), "in `broken`"),
        (("--code", "handwritten:loss", "--jac", "handwritten:gradient", "--at", "@none.json"), "none.json"),
        (("--code", "handwritten:loss", "--jac", "handwritten:gradient", "--at", "w=["), "missing at the end"),
        (("--code", "handwritten:loss", "--jac", "handwritten:gradient", "--at", "v=1"), "no parameter `v`"),
        (("--code", "handwritten:loss"), "`jac` is missing"),
        (("--code", "handwritten:loss", "--library", "cupy"), "no library 'cupy'"),
    ],
)
def test_errors(hesse: Command, folder: Path, words: tuple[str, ...], said: str) -> None:
    at = () if "--at" in words else ("--at", POINT)
    found = hesse("check", *words, *at, "--wrt", "w" if "v=1" not in words else "v")
    assert found.status == 2 and found.out == "" and said in found.err
    assert "Traceback" not in found.err and "defect" not in found.err


def test_a_point_is_needed(hesse: Command, folder: Path) -> None:
    assert "needs a point" in hesse("check", "--code", "handwritten:loss").err


def test_a_process(folder: Path) -> None:
    found = process("check", "--code", "math:sin", "--jac", "math:cos", "--at", "0.5")
    assert found.status == 0 and found.err == "" and found.out.startswith("no difference found")


ANSWERS = """student,function,declarations,answer
ada,sum(x**2),x:n,2*x
bob,sum(x**2),x:n,x
cay,sum(x**2),x:n,2*(x
"""


def test_files_of_answers(hesse: Command, folder: Path) -> None:
    (folder / "answers.csv").write_text(ANSWERS)
    found = hesse("check", "--file", "answers.csv", "--output", "results.csv")
    assert found.status == 0 and found.err == ""
    assert "1 right, 1 wrong, 1 unreadable" in found.out and "missing-factor  1" in found.out
    assert len((folder / "results.csv").read_text().splitlines()) == 4
    assert "3 of them from before" in hesse("check", "--file", "answers.csv", "--output", "results.csv").out
    record = hesse("check", "--file", "answers.csv", "--json").record
    assert [each["right"] for each in record["results"]] == ["yes", "no", "unreadable"]
    assert record["by_mistake"] == {"missing-factor": 1}


def test_names_do_not_steer_the_terminal(hesse: Command, folder: Path) -> None:
    (folder / "answers.csv").write_text("student,function,answer\n\x1b[31mada,x**2,\x1b]0;2*x\n")
    assert "\x1b" not in hesse("check", "--file", "answers.csv").out


def test_files_that_cannot_be_used(hesse: Command, folder: Path) -> None:
    assert hesse("check", "--file", "none.csv").status == 2
    (folder / "bad.csv").write_text("a,b\n1,2\n")
    found = hesse("check", "--file", "bad.csv")
    assert found.status == 2 and "no column `answer`" in found.err


def test_progress_is_for_terminals(folder: Path) -> None:
    (folder / "answers.csv").write_text(ANSWERS)
    assert "judging" in on_terminal("check", "--file", "answers.csv")
    assert process("check", "--file", "answers.csv").err == ""
