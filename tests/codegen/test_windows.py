"""Loops whose arrays begin where they begin: the statements, and values on one thread and on several."""

from __future__ import annotations

import ast

import numpy as np
import pytest

import hesse as hs
from hesse.codegen import python
from hesse.codegen.names import Names
from hesse.codegen.numba import PARALLEL
from hesse.codegen.windows import with_windows

RNG = np.random.default_rng(12)
CHAINS = [
    ("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", "x:n"),
    ("sum(sin(x[2:])*x[:-2]*x[1:-1]) + x[0]**3 + x[-1]**2", "x:n"),
    ("sum(x[3:]*x[:-3]**2) + sum(exp(x[1:-1])*x[:-2])", "x:n"),
    ("sum((x[k:] - x[:n-k]**2)**2)", "x:n y:k"),
    ("sum((x - roll(x, 1)**2)**2) + sum(x**2*roll(x, -1)) + sum(x*roll(x, 2))", "x:n"),
    ("sum((A[1:, 2] - A[:-1, 0]**2)**2 * z[1:])", "A:n,p z:n"),
    ("sum((B[1, 1:] - B[0, :-1]**2)**2)", "B:p,n"),
]


def declared_names(declarations: str) -> list[str]:
    """The names in a text of declarations."""
    return [entry.partition(":")[0] for entry in declarations.split()]


def rewritten(text: str) -> str:
    """The text of the statements with windows."""
    return ast.unparse(ast.Module(with_windows(python.parse(text), Names(["x", "y", "i", "low", "high"])), []))


def test_a_loop_that_begins_later_counts_from_0() -> None:
    loop = "for i in prange(low, high):\n    y[i] = x[i + 1] - x[i - low]"
    assert rewritten(loop) == (
        "t2 = y[low:]\nt3 = x[low + 1:]\nfor t1 in prange(high - low):\n    t2[t1] = t3[t1] - x[t1]"
    )


def test_the_position_itself_is_made_where_it_is_needed() -> None:
    loop = "for i in prange(low, high):\n    y[i] = i * x[2 * i]"
    assert rewritten(loop) == "t2 = y[low:]\nfor t1 in prange(high - low):\n    i = low + t1\n    t2[t1] = i * x[2 * i]"


@pytest.mark.parametrize(
    "loop",
    [
        "for i in prange(high):\n    y[i] = x[i]",
        "for i in range(high):\n    y[i] = x[i + 1]",
        "for i in prange(high):\n    for j in range(high):\n        y[i, j] = x[i + 1, j]",
        "for i in prange(high):\n    t = x[i]\n    y[i] = x[i + t]",
        "for i in prange(high):\n    y[i] = x[y[i] + i]",
        "for i in prange(high):\n    y[i] = x[(i - 1) % high]",
    ],
)
def test_other_loops_stay_as_they_are(loop: str) -> None:
    assert rewritten(loop) == loop


def test_positions_on_several_axes() -> None:
    loop = "for i in prange(high):\n    y[i] = x[1, i + 2] + x[i + 1, 3] + x[i + 1, i] + x[i, i + 1]"
    loop += " + x[low, high, i + low]"
    assert rewritten(loop) == (
        "t1 = x[1, 2:]\nt2 = x[1:, 3]\nt3 = x[1:]\nt4 = x[low, high, low:]\n"
        "for i in prange(high):\n    y[i] = t1[i] + t2[i] + t3[i, i] + x[i, i + 1] + t4[i]"
    )


@pytest.mark.parametrize(("text", "declarations"), CHAINS)
@pytest.mark.parametrize("n", [4, 5, PARALLEL // 3 + 7, PARALLEL + 7])
def test_values_on_one_thread_and_on_several(text: str, declarations: str, n: int) -> None:
    pytest.importorskip("numba")
    f = hs.parse(text, declarations)
    shapes = {"x": n, "y": 3, "A": (n, 3), "z": n, "B": (3, n)}
    values = {name: RNG.normal(size=shapes[name]) for name in declared_names(declarations)}
    parts = {"value": f, **{name: hs.gradient(f, name) for name in declared_names(declarations) if name != "y"}}
    plain, loops = hs.compile(parts)(**values), hs.compile(parts, "numba")(**values)
    for name, value in plain.items():
        np.testing.assert_allclose(loops[name], value, rtol=1e-10, atol=1e-10)
