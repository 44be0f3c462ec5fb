"""Programs of loops: what shares a loop, what is kept, positions that leave their axis, threads, and the cache."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import hesse as hs
from hesse.codegen import TARGETS, compile_function, emit
from hesse.codegen.numba import PARALLEL
from hesse.errors import ArgumentError, ShapeError

from .support import read

pytest.importorskip("numba")
RNG = np.random.default_rng(11)


def loops(text: str, declarations: str) -> str:
    """The statements of the compiled function."""
    source = emit(*read(text, declarations), TARGETS["numba"])
    body = source[source.index("def f(") :].split('"""')[-1]
    return "\n".join(line.rstrip() for line in body.strip("\n").splitlines())


def test_everything_over_the_same_positions_is_one_loop() -> None:
    assert loops("sum(exp(x)*y) + sum(exp(x)**2)", "x:n y:n").splitlines() == [
        "    n = x.shape[0]",
        "    t2 = 0.0",
        "    t3 = 0.0",
        "    for i in prange(n):",
        "        t1 = math.exp(x[i])",
        "        t2 += t1 * y[i]",
        "        t3 += t1**2",
        "    t4 = t2 + t3",
        "    return t4",
    ]


def test_a_sum_that_others_need_comes_before_them() -> None:
    text = loops("exp(x)/sum(exp(x))**3", "x:n")
    assert text.count("for i in prange(n):") == 2
    np.testing.assert_allclose(hs.parse("x/sum(x)**3", "x:n").compile("numba")(x=[1.0, 3.0]), [1 / 64, 3 / 64])


def test_a_batch_is_one_loop_without_arrays_in_between() -> None:
    f = hs.parse("x1**2 + exp(x1*x2) + 2*log(x2)", "x1: x2:")
    joint = hs.compile({"g": hs.gradient(f), "H": hs.hessian(f)}, "numba", batch=["x1", "x2"])
    assert joint.source.count("prange(") == 1 and joint.source.count("np.empty") == 2
    for count in (3, PARALLEL + 1):
        x1, x2 = RNG.normal(size=count), RNG.uniform(0.5, 2, count)
        results = joint(x1=x1, x2=x2)
        expected = hs.compile({"g": hs.gradient(f), "H": hs.hessian(f)}, batch=["x1", "x2"])(x1=x1, x2=x2)
        for name, value in expected.items():
            np.testing.assert_allclose(results[name], value, rtol=1e-10)


def test_threads_and_one_thread_agree() -> None:
    f = hs.parse("c*sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2) + sum(A @ x)", "c: x:n A:m,n")
    parts = {"value": f, "gradient": hs.gradient(f, "x")}
    joint = hs.compile(parts, "numba")
    for n in (5, PARALLEL + 3):
        values = {"c": 0.5, "x": RNG.normal(size=n), "A": RNG.normal(size=(2, n))}
        for name, result in joint(**values).items():
            np.testing.assert_allclose(result, parts[name].evaluate(**values), rtol=1e-10)


def test_functions_on_several_threads_may_be_called_from_several() -> None:
    gradient = hs.gradient(hs.parse("sum(sin(x)**2)", "x:n")).compile("numba")
    points = [RNG.normal(size=PARALLEL + k) for k in range(8)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda x: gradient(x=x), points))
    for x, result in zip(points, results, strict=True):
        np.testing.assert_allclose(result, 2 * np.sin(x) * np.cos(x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "sizes"), [("x[5]", 3), ("x[n-4]*x", 3), ("x[-4]", 3), ("x[2:7:2]", 3), ("x[idx] @ y", 3)]
)
def test_no_position_leaves_its_axis(text: str, sizes: int) -> None:
    """A tree that no front end has checked; loops themselves read whatever lies there."""
    declarations = "x:n" if "idx" not in text else "x:n y:n idx:n:index(n+4)"
    function = compile_function(*read(text, declarations), TARGETS["numba"])
    values = {"x": np.zeros(sizes)}
    if "idx" in text:
        values |= {"y": np.ones(sizes), "idx": np.array([0, 1, 6])}
    with pytest.raises((ShapeError, ArgumentError)):
        function(**values)


def test_views_and_other_layouts_are_taken() -> None:
    matrix = RNG.normal(size=(6, 8))[::2, ::-2].T
    matrix.flags.writeable = False
    function = hs.parse("A @ x + sum(A, axis=1)", "A:m,n x:n").compile("numba")
    x = np.arange(3)[::-1]
    np.testing.assert_allclose(function(A=matrix, x=x), matrix @ x + matrix.sum(axis=1))


def test_a_singular_matrix_is_refused() -> None:
    with pytest.raises(ArgumentError, match="singular"):
        hs.parse("inv(A) @ b", "A:n,n b:n").compile("numba")(A=[[1, 2], [2, 4]], b=[1, 1])


@pytest.mark.parametrize(("text", "declarations"), [("u(x)", "x:n u:n->"), ("digamma(x)", "x:n")])
def test_what_loops_cannot_do_is_said(text: str, declarations: str) -> None:
    with pytest.raises(ArgumentError, match="cannot"):
        hs.parse(text, declarations).source("numba")


def test_what_is_compiled_is_kept(tmp_path: Path) -> None:
    script = "import hesse as hs\nprint(hs.parse('sum(x**2)', 'x:n').compile('numba')(x=[1.0, 2.0]))"
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True
        )
        assert run.stdout == "5.0\n" and not run.stderr
    assert len([*(tmp_path / "hesse").rglob("*.py")]) == 1
    assert len([*tmp_path.rglob("*.nbi")]) == 1


def test_a_home_that_cannot_be_written_to_is_no_obstacle(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    script = "import hesse as hs\nprint(hs.parse('sum(x**3)', 'x:n').compile('numba')(x=[1.0, 2.0]))"
    environment = {"XDG_CACHE_HOME": str(blocked), "HOME": str(blocked), "PYTHONPATH": ":".join(sys.path)}
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert run.stdout == "9.0\n"
