"""Tasks whose results are sparse: a chain with three diagonals, and a reaction on a ring of rings."""

from __future__ import annotations

from typing import Any

import numpy as np

import hesse as hs
from benchmarks import structured_hand
from benchmarks.structured_task import Task, random, same
from hesse.structured.banded import Banded
from hesse.structured.folded import Folded

LAPLACE = "roll({0},1,axis=0) + roll({0},-1,axis=0) + roll({0},1,axis=1) + roll({0},-1,axis=1) - 4*{0}"
ROSENBROCK = "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)"
BRUSSELATOR = (
    f"U = Y[0]; V = Y[1]; stack(b + U**2*V - (a + 1)*U + c*({LAPLACE.format('U')}), "
    f"a*U - U**2*V + c*({LAPLACE.format('V')}))"
)


def diagonals(result: Any) -> Any:
    """The main diagonal and the one below it."""
    return (result.bands[0], result.bands[-1]) if isinstance(result, Banded) else result


def rosenbrock(n: int = 100_000) -> Task:
    """T8b: the sparse Hessian of a chain."""
    x = random().normal(size=n)
    derived = hs.hessian(hs.parse(ROSENBROCK, "x:n"), "x")
    hessian, loops = (derived.compile(backend, structure="keep") for backend in ("numpy", "numba"))
    main, off = np.empty(n), np.empty(n - 1)
    own = {0: np.empty(n), -1: np.empty(n - 1)}
    filled = loops.into(own)

    def hand() -> Any:
        structured_hand.rosenbrock_hessian(x, main, off)
        return main, off

    def hand_anew() -> Any:
        arrays = np.empty(n), np.empty(n - 1)
        structured_hand.rosenbrock_hessian(x, *arrays)
        return arrays

    def hand_numpy() -> Any:
        main = np.empty(n)
        np.multiply(x[:-1], x[:-1], out=main[:-1])
        main[:-1] *= 1200
        main[:-1] -= 400 * x[1:]
        main[:-1] += 2
        main[-1] = 0
        main[1:] += 200
        return main, -400 * x[:-1]

    def check() -> None:
        for result in (hessian(x=x), loops(x=x), filled(x=x), hand_numpy()):
            same(diagonals(result)[0], hand()[0])
            same(diagonals(result)[1], hand()[1])
        same(hessian(x=x).bands[1], hand()[1])

    jobs = {
        "numba, diagonals in place": hand,
        "hand numba, new arrays": hand_anew,
        "hand numpy, new arrays": hand_numpy,
        "hesse, numba into": lambda: filled(x=x),
        "hesse, numba": lambda: loops(x=x),
        "hesse, numpy": lambda: hessian(x=x),
        "hesse, as scipy.sparse": lambda: hessian(x=x).tosparse(),
    }
    compared = tuple(name for name in jobs if "scipy" not in name)
    return Task("T8b Rosenbrock Hessian", ROSENBROCK, "x:n", {"n": n}, jobs, check, 21, diagonals, compared, {"x": x})


def entries(result: Any) -> Any:
    """The entries of a sparse matrix, row by row."""
    return result.matrix.data if isinstance(result, Folded) else result


def brusselator(n: int = 64) -> Task:
    """T9: the sparse Jacobian of the Brusselator on a ring of rings."""
    Y = random().random((2, n, n))
    a, b, c = 3.4, 1.0, 10.0
    values = {"Y": Y, "a": a, "b": b, "c": c}
    function = hs.parse(BRUSSELATOR, "Y:2,n,n a: b: c:")
    jacobian, loops = (hs.jacobian(function, "Y").compile(backend, structure="keep") for backend in ("numpy", "numba"))
    fixed = jacobian.fix(a=a, b=b, c=c)
    first = jacobian(**values).tosparse()
    first.sort_indices()
    keys = np.repeat(np.arange(2 * n * n), np.diff(first.indptr)) * (2 * n * n) + first.indices
    cells = np.arange(2 * n * n).reshape(2, -1)
    places = np.stack(
        [np.searchsorted(keys, cells[row] * (2 * n * n) + cells[column]) for row in (0, 1) for column in (0, 1)], axis=1
    )
    others = np.setdiff1d(np.arange(first.nnz), places)
    template, held, own, owned = (first.data.copy() for _ in range(4))
    filled, filled_fixed = loops.into(own), loops.fix(a=a, b=b, c=c).into(owned)

    def hand() -> Any:
        structured_hand.brusselator_jacobian(Y, a, c, held, places)
        return held

    def hand_anew() -> Any:
        data = np.empty(first.nnz)
        structured_hand.brusselator_jacobian_anew(Y, a, c, data, places, others)
        return data

    def hand_numpy() -> Any:
        U, V = Y.reshape(2, -1)
        data = template.copy()
        product, square = 2 * U * V, U * U
        data[places[:, 0]] = product - (a + 1 + 4 * c)
        data[places[:, 1]] = square
        data[places[:, 2]] = a - product
        data[places[:, 3]] = -square - 4 * c
        return data

    jobs = {
        "numba, values in place": hand,
        "hand numba, a new array": hand_anew,
        "hand numpy, a new array": hand_numpy,
        "hesse, numba into, parameters fixed": lambda: filled_fixed(Y=Y),
        "hesse, numba into": lambda: filled(**values),
        "hesse, numba": lambda: loops(**values),
        "hesse, numpy, parameters fixed": lambda: fixed(Y=Y),
        "hesse, numpy": lambda: jacobian(**values),
        "hesse, as scipy.sparse": lambda: fixed(Y=Y).tosparse(),
    }
    compared = tuple(name for name in jobs if "scipy" not in name)

    def check() -> None:
        for name in compared:
            same(entries(jobs[name]()), hand())
        step = random(1).normal(size=Y.shape)
        small = 1e-6 * step
        right, left = (np.asarray(function.evaluate(Y=Y + d, a=a, b=b, c=c)) for d in (small, -small))
        np.testing.assert_allclose(fixed(Y=Y) @ step, (right - left) / 2e-6, rtol=1e-6, atol=1e-6)

    name, declarations = "T9 Brusselator Jacobian", "Y:2,n,n a: b: c:"
    given = {**values, "pattern": first}
    return Task(name, BRUSSELATOR, declarations, {"n": n}, jobs, check, 21, entries, compared, given)
