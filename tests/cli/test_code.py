"""`hesse code`: files that stand alone, and whose tests fail when the function is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hesse.cli.main import run
from hesse.codegen import TARGETS

LECTURE = ("x1^2 + exp(x1*x2) + 2*log(x2)", "x1: x2:")
LOGISTIC = ("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n", "--wrt", "w")
NEEDS = {"numpy": "numpy", "numba": "numba", "jax": "jax", "torch": "torch"}


def written(tmp_path: Path, *words: str) -> Path:
    path = tmp_path / "program.py"
    assert run(["code", *words, "--self-test", "-o", str(path)]) == 0
    return path


def alone(path: Path) -> subprocess.CompletedProcess[str]:
    """What the file prints when it is run by itself, out of reach of hesse."""
    environment = {"PATH": os.environ["PATH"], "JAX_PLATFORMS": "cpu", "NUMBA_CACHE_DIR": str(path.parent)}
    return subprocess.run(
        [sys.executable, "-I", path], capture_output=True, text=True, cwd=path.parent, env=environment
    )


@pytest.mark.parametrize("backend", TARGETS)
def test_the_file_passes_its_own_test(tmp_path: Path, backend: str) -> None:
    pytest.importorskip(NEEDS.get(backend, "math"))
    words = LECTURE if backend == "math" else LOGISTIC
    path = written(tmp_path, *words, "--backend", backend)
    assert "hesse" not in path.read_text(encoding="utf-8")
    result = alone(path)
    assert (result.stdout, result.stderr) == ("f: self-test passed (value, gradient, hessian)\n", "")


@pytest.mark.parametrize(("right", "wrong"), [("y**2 * s", "y * s"), ("np.sum(", "2*np.sum("), ("-(X.T", "(X.T")])
def test_the_test_sees_what_is_wrong(tmp_path: Path, right: str, wrong: str) -> None:
    path = written(tmp_path, *LOGISTIC)
    text = path.read_text(encoding="utf-8")
    assert text.count(right) == 1
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    result = alone(path)
    assert result.returncode == 1 and "and should be" in result.stderr


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("softmax(A @ x)", "A:m,n x:n", "--wrt", "x"), "value, jacobian"),
        (("x[idx]**2", "x:n idx:p:index(n)", "--wrt", "x", "--what", "jacobian"), "jacobian"),
        (("lambda*print**2", "lambda: print:", "--wrt", "lambda,print", "--what", "hessian"), "hessian"),
        (
            ("logdet(S) + 0*np", "S:n,n:spd np:", "--wrt", "S", "--what", "value,gradient", "--name", "log"),
            "value, gradient",
        ),
        (("2", "x:n", "--what", "value"), "value"),
    ],
)
def test_any_function_can_be_tested(tmp_path: Path, words: tuple[str, ...], parts: str) -> None:
    result = alone(written(tmp_path, *words))
    assert (result.stdout.split("(")[-1], result.stderr) == (f"{parts})\n", "")


def test_the_source_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["code", "x**2", "x:n", "--what", "value", "--name", "square"]) == 0
    output = capsys.readouterr().out
    assert output.startswith("# The function: x**2 [x:n]\n\n") and output.endswith("    return x**2\n")
    assert "self_test" not in output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x", "--backend", "fortran"), "the backends are: numpy, numba, jax"),
        (("x", "--what", "values"), "there is no part 'values'\nhint: the parts are: value"),
        (("x", "--what", "value,value"), "asked for twice"),
        (("A @ x", "A:m,n x:n"), "name one of these with --wrt: A, x"),
        (("x", "--name", "np"), "'np' cannot be the name"),
        (("x", "--name", "results", "--self-test"), "cannot be the name of a function with a self-test"),
        (("u(x)", "u:n-> x:n", "--self-test"), "no self-test with undefined functions: u"),
        (("log(-x**2)", "--self-test"), "no point was found"),
        (("x", "-o", "/no/such/folder/f.py"), "/no/such/folder/f.py cannot be written: No such file"),
        (("x @ x", "x:n", "--backend", "math"), "the size n is not a number"),
    ],
)
def test_errors(words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["code", *words]) == 2
    assert message in capsys.readouterr().err
