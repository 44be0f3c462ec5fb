"""What the shape of the repository promises, and what no other tool checks.

Layers between rooms are import-linter's, complexity and style Ruff's, types mypy's: see `pyproject.toml`.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"
MAX_LINES = 400
EVERYWHERE = ("checking.code", "cli", "codegen", "enclosure", "models", "pictures", "plot", "structured")
"""The rooms that may use more than the standard library; the front door and all other rooms get by without."""


def module_name(path: Path) -> str:
    """The dotted name of a module of the package."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
PYTHON_FILES = [path for folder in ("src", "tests", "benchmarks", "docs") for path in (ROOT / folder).rglob("*.py")]


def imported(tree: ast.AST) -> Iterator[str]:
    """The dotted names that a module imports, wherever the imports stand; `from a import b` gives `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def dependencies(tree: ast.AST) -> set[str]:
    """The modules of the package that a module imports."""
    names = (name if name in MODULES else name.rpartition(".")[0] for name in imported(tree))
    return {name for name in names if name in MODULES}


def cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """Names on a cycle, or from which only cycles are reached; none when there is no cycle."""
    left = dict(graph)
    while ready := [name for name, targets in left.items() if not targets & left.keys() - {name}]:
        for name in ready:
            if name in left[name]:
                return [name]
            del left[name]
    return sorted(left)


def test_cycles_are_seen() -> None:
    assert cycle({"a": {"b"}, "b": {"c"}, "c": set(), "d": {"a", "c"}}) == []
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["a", "b", "c"]
    assert cycle({"a": {"a"}}) == ["a"]


def test_no_import_cycles() -> None:
    """Imports for type checkers and imports inside of functions count."""
    assert cycle({name: dependencies(tree) for name, tree in TREES.items()}) == []


@pytest.mark.parametrize("name", MODULES)
def test_no_function_imports_a_module_of_the_package(name: str) -> None:
    functions = (node for node in ast.walk(TREES[name]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    found = {name for function in functions for name in imported(function)}
    assert [name for name in sorted(found) if name.split(".")[0] == "hesse"] == []


def needs_numbers(name: str) -> bool:
    """Whether a module is in one of the rooms that may use more."""
    return any(f"{name}.".startswith(f"hesse.{room}.") for room in EVERYWHERE)


@pytest.mark.parametrize("name", [name for name in MODULES if not needs_numbers(name)])
def test_deriving_needs_the_standard_library_only(name: str) -> None:
    allowed = {"hesse", "__future__", *sys.stdlib_module_names}
    assert {imports.split(".")[0] for imports in imported(TREES[name])} <= allowed


def test_deriving_brings_in_no_number_library() -> None:
    program = "import sys, hesse as hs; hs.hessian(hs.parse('norm(x)', 'x:n')).latex(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "hesse.service.derivatives" in loaded
    assert not {"jax", "matplotlib", "numpy", "rich", "sympy", "typer"} & set(loaded)


def test_scenes_and_models_bring_in_no_matplotlib() -> None:
    program = (
        "import sys, hesse as hs; f = hs.parse('x1^2 + x2^2'); hs.taylor(f, at=[1, 2]).value;"
        "hs.plot.contour(f, at=[1, 2]).record(); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "hesse.pictures.planes" in loaded
    assert "matplotlib" not in loaded


def test_files_are_short() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON_FILES}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}


def signatures(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Each function's name and line, and whether all of its signature is annotated."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = node.args
            named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            bare = [arg for arg in named if arg and arg.annotation is None and arg.arg not in ("self", "cls")]
            yield f"{node.name}, line {node.lineno}", not bare and node.returns is not None


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_signatures_are_annotated(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [where for where, annotated in signatures(tree) if not annotated] == []


def documented(thing: object) -> bool:
    """Whether there is a docstring: of its own for a class, and not the one that a dataclass makes up."""
    if not inspect.isclass(thing):
        return bool(inspect.getdoc(thing))
    own = vars(thing).get("__doc__")
    return bool(own) and not own.startswith(f"{thing.__name__}(")


def public_things(module: ModuleType) -> Iterator[tuple[str, object]]:
    """What a module defines under public names: its functions and classes, and the classes' methods."""
    yield module.__name__, module
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing):
            yield name, thing
            members = ((key, getattr(thing, key)) for key in vars(thing) if not key.startswith("_"))
            yield from ((f"{name}.{key}", member) for key, member in members if callable(member))


@pytest.mark.parametrize("name", MODULES)
def test_public_names_have_docstrings(name: str) -> None:
    """A method may inherit the docstring of the method that it fills in."""
    try:
        things = public_things(importlib.import_module(name))
    except ModuleNotFoundError as error:
        pytest.skip(f"{error.name} is not installed")
    assert [where for where, thing in things if not documented(thing)] == []


def test_front_door_is_what_it_says() -> None:
    hesse = importlib.import_module("hesse")
    assert sorted(hesse.__all__) == hesse.__all__
    assert [name for name in hesse.__all__ if not documented(getattr(hesse, name))] == []


FOREIGN = {
    "a path of one machine": r"(?<![\w.])/(?:work|home|root|tmp|Users)/",
    "the number of an issue": r"\b[Ii]ssue\s*#?\d|(?<![\w&])#\d+\b",
    "how the text came about": r"(?i)(?<!scope=\")\b(?:sessions?|sub-?agents?|co-?authored|as requested)\b",
    "something unfinished": r"\b(?:TODO|FIXME|XXX)\b",
}
WRITTEN = (".cfg", ".json", ".md", ".py", ".toml", ".txt", ".yml", "")


def written_files() -> list[Path]:
    """The repository's own text files."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a checkout")
    paths = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.suffix in WRITTEN and path.is_file() and path != Path(__file__)]


def test_the_project_speaks_of_itself_alone() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]!r} is {what}"
        for path in written_files()
        for what, pattern in FOREIGN.items()
        for match in re.finditer(pattern, path.read_text(encoding="utf-8"))
    ]
    assert found == []
