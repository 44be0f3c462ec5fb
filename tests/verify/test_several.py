"""Values at several points at once are those at one point after the other, to the last digit where `sum` just adds."""

from __future__ import annotations

import math
import sys
from itertools import islice

import numpy as np
import pytest

from hesse.errors import HesseError
from hesse.verify.environment import Environment
from hesse.verify.reference import Program
from hesse.verify.sampling import distinct_settings, sample
from hesse.verify.several import rerun_several
from tests.codegen.support import read
from tests.harness.cases import seeded
from tests.verify.trees import tensor

COMPENSATED = sys.version_info >= (3, 12)
"""Whether `sum` of floats carries rounding along."""
RNG = np.random.default_rng(8)
SHAPES = {"A": (3, 2), "B": (2, 3), "x": (2,), "b": (3,), "c": (), "T": (2, 3, 4)}
DECLARATIONS = "A:m,n B:n,m x:n b:m c: T:n,m,k"
CASES = [
    "A @ x - b", "B.T @ x", "x @ x + c", "(x @ B) * b", "A @ B", "x @ A.T", "outer(b, x)", "-A * x", "A + b[:, None]",
    "where(A > c, A**2, exp(A))", "maximum(A, x)", "log(x)", "sqrt(A)/x", "sum(A, axis=0) * x", "softmax(A @ x)",
    "concat(x, b) * c", "stack(x, 2*x)", "x[::-1] + A[0]", "T[:, :, 1] @ b", "T * A[0:1].T[:, :, None]",
    "einsum('ij,j->i', A, x)", "c*ones(n) + x", "norm(A @ x - b)**2", "sum(i, x[i]*c)", "inv(A.T @ A) @ x", "1/(x - x)",
    "arcsin(3*x)", "diag(x) @ B",
]  # fmt: skip


def moved(base: Environment, names: tuple[str, ...], count: int) -> list[Environment]:
    """The point with other values of the names."""
    return [
        base.with_values({name: tensor(RNG.normal(size=base.values[name].shape)) for name in names})
        for _ in range(count)
    ]


def close(one: float, other: float) -> bool:
    """Whether two values differ by rounding only."""
    return math.isclose(one, other, rel_tol=1e-11, abs_tol=1e-13)


def compare(program: Program, base: Environment, names: tuple[str, ...], count: int) -> None:
    values = program.run(base)
    places = program.dependents(names)
    environments = moved(base, names, count)
    found = rerun_several(program, values, places, environments)
    assert len(found) == count
    for environment, value in zip(environments, found, strict=True):
        wanted = program.rerun(values, places, environment)
        assert value.shape == wanted.shape
        for one, other in zip(value.entries, wanted.entries, strict=True):
            assert one == other or (math.isnan(one) and math.isnan(other)) or (COMPENSATED and close(one, other))


@pytest.mark.parametrize("text", CASES)
@pytest.mark.parametrize("names", [("x",), ("A", "c"), ("b", "x", "T")])
def test_all_operations(text: str, names: tuple[str, ...]) -> None:
    tree, _ = read(text, DECLARATIONS)
    base = Environment(
        {"m": 3, "n": 2, "k": 4}, {name: tensor(RNG.normal(size=shape)) for name, shape in SHAPES.items()}
    )
    compare(Program(tree), base, names, 5)


def test_more_points_than_fit() -> None:
    tree, _ = read("exp(A @ x)*b", "A:m,n x:n b:m")
    given = {name: tensor(RNG.normal(size=shape)) for name, shape in {"A": (90, 7), "x": (7,), "b": (90,)}.items()}
    compare(Program(tree), Environment({"m": 90, "n": 7}, given), ("x",), 100)
    compare(Program(tree), Environment({"m": 90, "n": 7}, given), ("A",), 14)


def test_sizes_of_one() -> None:
    tree, _ = read("(A @ x - b) * x + c", "A:n,n x:n b:n c:")
    given = {
        name: tensor(RNG.normal(size=shape)) for name, shape in {"A": (1, 1), "x": (1,), "b": (1,), "c": ()}.items()
    }
    compare(Program(tree), Environment({"n": 1}, given), ("x", "c"), 3)


def test_random_formulas() -> None:
    compared = 0
    for number in range(80):
        case = seeded(31, number)
        program = Program(read(case.text, str(case.declarations))[0])
        for sizes in islice(distinct_settings(case.declarations), 2):
            base = sample(case.declarations, sizes, number, 0)
            try:
                compare(program, base, case.wrt, 4)
                compared += 1
            except HesseError:
                continue
    assert compared > 100
