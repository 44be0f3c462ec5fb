"""The command `plot`: files of each kind, options, and errors that say what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .support import Command, on_terminal

LECTURE = "x1^2 + exp(x1*x2) + 2*log(x2)"
QUICK = ("--dpi", "40", "--size", "4,3.5")


@pytest.mark.parametrize(
    "words",
    [
        ("surface", LECTURE, "--at", "1,2", "--resolution", "9", "--quadratic", "--view", "30,-60"),
        (
            "contour",
            LECTURE,
            "--at",
            "1,2",
            "--resolution",
            "20",
            "--along",
            "d1=[1,-1],d2=[-1,1]",
            "--levels",
            "1,5,10",
        ),
        ("contour", LECTURE, "--at", "1,2", "--range=-1:2,0.5:3", "--resolution", "20", "--field", "--half-plane"),
        ("taylor", "sin(x)", "--at", "0", "--order", "3", "--radius", "1", "--tolerance", "0.1"),
        ("taylor", LECTURE, "--at", "1,2", "--along", "1,-1", "--range=-1:0.5"),
        ("direction", LECTURE, "--at", "1,2", "--along", "1,-1", "--resolution", "20"),
        ("error", "exp(x)", "--at", "0", "--order", "1", "--radius", "0.5", "--norm", "2"),
        ("jacobian", "[x1^2 - x2^2, 2*x1*x2]", "--at", "1,0.5"),
        ("hessian", "-x1^2*x2", "--at", "1,-2", "--dark", "--title", "a title of mine", "--font-size", "9"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_pictures_are_written(hesse: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    outcome = hesse("plot", *words, *QUICK, "-o", str(tmp_path / "f.png"))
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.lines[0] == str(tmp_path / "f.png")
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["f.png"]


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF-"), ("PNG", b"\x89PNG")])
def test_the_ending_says_the_format(hesse: Command, tmp_path: Path, ending: str, start: bytes) -> None:
    path = tmp_path / f"f.{ending}"
    assert hesse("plot", "jacobian", LECTURE, "--at", "1,2", *QUICK, f"--output={path}").status == 0
    assert path.read_bytes().startswith(start)


def test_scenes_as_json(hesse: Command) -> None:
    outcome = hesse("plot", "surface", LECTURE, "--at", "1,2", "--resolution", "5", "--json")
    assert outcome.status == 0
    picture = outcome.record["picture"]
    assert picture["kind"] == "surface" and picture["point"][:2] == [1, 2]
    assert len(picture["surface"]["values"]) == 5
    assert outcome.record["file"] is None


REFUSED = {
    "no such kind": (("plot", "pie", LECTURE, "--at", "1,2", "-o", "f.png"), "there is no picture `pie`"),
    "no file": (("plot", "surface", LECTURE, "--at", "1,2"), "A picture needs a file"),
    "no point": (("plot", "surface", LECTURE, "-o", "f.png"), "add --at"),
    "unknown ending": (("plot", "surface", LECTURE, "--at", "1,2", "-o", "f.gif"), "end the file's name in .png"),
    "no ending": (("plot", "surface", LECTURE, "--at", "1,2", "-o", "f"), "has no ending"),
    "no folder": (("plot", "surface", LECTURE, "--at", "1,2", "-o", "no/f.png"), "there is no folder `no`"),
    "unknown axis": (("plot", "surface", LECTURE, "--at", "1,2", "--axes", "x1,x3", "-o", "f.png"), "axes are x1, x2"),
    "one variable": (("plot", "contour", "x^2", "--at", "1", "-o", "f.png"), "drawn by `taylor`"),
    "several outputs": (("plot", "surface", "[x1, x2]", "--at", "1,2", "-o", "f.png"), "plot jacobian"),
    "no line": (("plot", "taylor", LECTURE, "--at", "1,2", "-o", "f.png"), "--along 1,-1"),
    "no direction": (("plot", "direction", LECTURE, "--at", "1,2", "-o", "f.png"), "--along 1,-1"),
    "not of this kind": (("plot", "taylor", "x^2", "--at", "1", "--levels", "5", "-o", "f.png"), "not for taylor"),
    "no range": (("plot", "surface", LECTURE, "--at", "1,2", "--range", "3", "-o", "f.png"), "`3` is no range"),
    "no number": (("plot", "surface", LECTURE, "--at", "1,2", "--range", "a:b,0:1", "-o", "f.png"), "not a number"),
    "one range": (("plot", "taylor", "x^2", "--at", "1", "--range=0:1,0:2", "-o", "f.png"), "is one range"),
    "no pair": (("plot", "surface", LECTURE, "--at", "1,2", "--size", "3", "-o", "f.png"), "takes two numbers"),
    "huge": (("plot", "surface", LECTURE, "--at", "1,2", "--size", "3,4000", "-o", "f.png"), "1 to 60 inches"),
    "several for a model": (("plot", "taylor", LECTURE, "--at", "1,2", "--along", "a=[1,0],b=[0,1]", "-o", "f.png"),
                            "one direction"),
    "outside of the domain": (("plot", "direction", "log(x1) + x2", "--at", "-1,2", "--along", "1,1", "-o", "f.png"),
                              "not proved to be defined"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(hesse: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    words, said = REFUSED[name]
    outcome = hesse(*words)
    assert outcome.status == 2 and outcome.out == ""
    assert said in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_errors_as_json(hesse: Command) -> None:
    outcome = hesse("plot", "surface", "x^2", "--at", "1", "--json")
    assert outcome.status == 2
    assert "2 axes" in json.loads(outcome.out)["error"]["message"]


def test_help(hesse: Command) -> None:
    outcome = hesse("plot", "--help")
    assert "hesse plot KIND EXPRESSION [DECLARATIONS] [options]" in outcome.out
    assert "-o FILE" in outcome.out and "--axes NAMES" in outcome.out


SLOW = ("plot", "contour", "logdet([[x1^2 + 2, x2], [x2, x1^2 + 2]]) + x1", "--at", "0.1,0.2", "--resolution", "2000")


def test_a_long_drawing_tells_how_far_it_is_and_leaves_no_file_when_interrupted(tmp_path: Path) -> None:
    text = on_terminal(*SLOW, "-o", str(tmp_path / "f.png"), interrupt_at="drawing: ")
    assert " %" in text and "interrupted" in text and "Traceback" not in text
    assert list(tmp_path.iterdir()) == []
