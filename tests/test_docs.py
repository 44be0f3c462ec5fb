"""Every example in the documentation and in docstrings is run, and its output compared.

The blocks of a page are run from top to bottom: `python` as it stands, or as a doctest where it has prompts; `console`
as commands, in one process each. `text`, `sh` and `toml` blocks are not run.
"""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hesse

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LANGUAGES = {"console", "python", "sh", "text", "toml"}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXITED = re.compile(r"\(exit status (\d+)\)")
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
TIMEOUT = 60


def named(paths: list[Path]) -> list[Any]:
    """The paths as parameters with readable names."""
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


def blocks(path: Path) -> Iterator[tuple[int, str, str]]:
    """The line, the language and the text of each fenced block."""
    page = path.read_text(encoding="utf-8")
    for match in FENCE.finditer(page):
        yield page[: match.start()].count("\n") + 2, match[1], match[2]


@pytest.mark.parametrize("path", named(PAGES))
def test_blocks_have_a_language(path: Path) -> None:
    assert [(line, language) for line, language, _ in blocks(path) if language not in LANGUAGES] == []


def pages_with(language: str) -> list[Any]:
    """The pages that have a block in the language."""
    return named([path for path in PAGES if any(found == language for _, found, _ in blocks(path))])


@pytest.mark.parametrize("path", pages_with("python"))
def test_python(path: Path) -> None:
    names: dict[str, Any] = {}
    for line, language, text in blocks(path):
        if language != "python":
            continue
        if not text.startswith(">>>"):
            exec(compile(text, f"{path}:{line}", "exec"), names)
            continue
        test = doctest.DocTestParser().get_doctest(text, names, path.name, str(path), line - 1)
        report: list[str] = []
        runner = doctest.DocTestRunner(optionflags=OPTIONS)
        runner.run(test, out=report.append, clear_globs=False)
        assert not runner.failures, "".join(report)
        names = test.globs


def commands(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with the output that it should have."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def run(command: str, folder: Path) -> str:
    """What a command prints, errors included, and its exit status where that is not 0."""
    program, *arguments = shlex.split(command)
    assert program == "hesse", f"only hesse is run here, not {program}"
    done = subprocess.run(
        [Path(sys.executable).parent / program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=TIMEOUT,
        encoding="utf-8",
    )
    return done.stdout + (f"(exit status {done.returncode})\n" if done.returncode else "")


def tidy(text: str) -> list[str]:
    """The lines without white space at their ends, and without empty lines at the end."""
    return [line.rstrip() for line in text.rstrip().splitlines()]


@pytest.mark.parametrize("path", pages_with("console"))
def test_console(path: Path, tmp_path: Path) -> None:
    for _, language, text in blocks(path):
        for command, output in commands(text) if language == "console" else ():
            assert tidy(run(command, tmp_path)) == tidy(output), command


def modules() -> list[str]:
    """The names of all modules of the package."""
    return [hesse.__name__, *(found.name for found in pkgutil.walk_packages(hesse.__path__, "hesse."))]


@pytest.mark.parametrize("name", modules())
def test_docstrings(name: str) -> None:
    assert not doctest.testmod(importlib.import_module(name), optionflags=OPTIONS).failed


def test_links_lead_somewhere() -> None:
    link = re.compile(r"\]\(([^)#\s]+)[^)\s]*\)")
    targets = [(path, match[1]) for path in PAGES for match in link.finditer(path.read_text(encoding="utf-8"))]
    assert len(targets) > 10
    assert [(path.name, target) for path, target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("name", ["generate.py", "rules.py"])
def test_generated_pages_are_current(name: str) -> None:
    """Where this fails, run `python docs/reference/generate.py`, or `rules.py` there."""
    generator = runpy.run_path(str(ROOT / "docs" / "reference" / name))
    for path, text in generator["pages"]().items():
        assert path.read_text(encoding="utf-8") == text
