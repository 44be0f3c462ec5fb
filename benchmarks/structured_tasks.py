"""Tasks in which structure counts: results kept as what they are, beside the best forms written by hand.

Each task is data: what is asked of hesse, and functions without arguments for it and for the hand-written forms, on the
same values. `check` compares their results. The names follow `docs/structured-results.md`.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

import hesse as hs
from benchmarks import structured_hand, tasks
from benchmarks.timing import Job, medians, print_ratios, print_table
from hesse.structured.banded import Banded
from hesse.structured.folded import Folded
from hesse.structured.low_rank import LowRank

FACTORS = "T:m,n U:m,k V:n,k"
LAPLACE = "roll({0},1,axis=0) + roll({0},-1,axis=0) + roll({0},1,axis=1) + roll({0},-1,axis=1) - 4*{0}"
ROSENBROCK = "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)"
BRUSSELATOR = (
    f"U = Y[0]; V = Y[1]; stack(b + U**2*V - (a + 1)*U + c*({LAPLACE.format('U')}), "
    f"a*U - U**2*V + c*({LAPLACE.format('V')}))"
)
PAIRWISE = "sum(sqrt(s + sum((X[:,None,:] - X[None,:,:])**2, axis=2)))"


@dataclass(frozen=True)
class Task:
    """One thing to compute. `jobs` by name, the hand-written form that ratios refer to first; all give what `check`
    takes for the same. `rounds` are enough for a median. `arrays` makes arrays of the results of the jobs named in
    `compared`, the form by hand first, which are equal entry by entry.
    """

    name: str
    expression: str
    declarations: str
    sizes: Mapping[str, int]
    jobs: Mapping[str, Job]
    check: Callable[[], None]
    rounds: int = 21
    arrays: Callable[[Any], Any] = lambda result: result
    compared: tuple[str, ...] = ()


def random(seed: int = 0) -> np.random.Generator:
    """Numbers that are the same in every run."""
    return np.random.default_rng(seed)


def same(one: Any, other: Any) -> None:
    """Raise AssertionError where two arrays differ by more than rounding."""
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9 * float(np.abs(other).max(initial=0)))


def quadratic(n: int = 3000) -> Task:
    """T4b: the Hessian of x @ A @ x, which is constant in x."""
    text, declarations = "x @ A @ x", "A:n,n x:n"
    A, x = random().normal(size=(n, n)), random(1).normal(size=n)
    hessian = hs.hessian(hs.parse(text, declarations), "x").compile(structure="keep")
    fixed = hessian.fix(A=A)
    jobs = {"A + A.T": lambda: A + A.T, "hesse": lambda: hessian(A=A, x=x), "hesse, A fixed": lambda: fixed(x=x)}

    def check() -> None:
        assert hessian.depends_on == ("A",)
        assert fixed(x=x) is fixed(x=2 * x)
        same(hessian(A=A, x=x).array, A + A.T)

    return Task("T4b Hessian of a quadratic form", text, declarations, {"n": n}, jobs, check, 9)


def factorisation_values(m: int, k: int) -> dict[str, Any]:
    """A target and two factors."""
    numbers = random()
    return {"T": numbers.normal(size=(m, m)), "U": numbers.normal(size=(m, k)), "V": numbers.normal(size=(m, k))}


def factorisation_hessian(m: int = 60, k: int = 8) -> Task:
    """T5a: the dense Hessian of a matrix factorisation, and its core alone."""
    text, values = "norm(T - U @ V.T)**2/2", factorisation_values(m, k)
    V, rows = values["V"], np.arange(m)
    hessian = hs.hessian(hs.parse(text, FACTORS), "U").compile(structure="keep")

    def hand() -> Any:
        dense = np.zeros((m, k, m, k))
        dense[rows, :, rows, :] = V.T @ V
        return dense

    jobs = {
        "dense from the core": hand,
        "hesse, dense": lambda: hessian(**values).todense(),
        "the core": lambda: V.T @ V,
        "hesse": lambda: hessian(**values),
    }
    sizes = {"m": m, "n": m, "k": k}
    return Task(
        f"T5a factorisation Hessian, {m}, k = {k}",
        text,
        FACTORS,
        sizes,
        jobs,
        lambda: same(hessian(**values).todense(), hand()),
        21,
    )


def factorisation_product(m: int = 2000, k: int = 20) -> Task:
    """T5b: the Hessian of a matrix factorisation times a matrix."""
    text, values = "norm(T - U @ V.T)**2/2", factorisation_values(m, k)
    V, P = values["V"], random(1).normal(size=(m, k))
    hessian = hs.hessian(hs.parse(text, FACTORS), "U").compile(structure="keep")
    jobs = {"P @ (V.T @ V)": lambda: P @ (V.T @ V), "hesse": lambda: hessian(**values) @ P}
    sizes = {"m": m, "n": m, "k": k}
    name = f"T5b factorisation Hessian times P, {m}, k = {k}"
    compared = tuple(jobs)
    return Task(
        name, text, FACTORS, sizes, jobs, lambda: same(hessian(**values) @ P, P @ (V.T @ V)), 21, compared=compared
    )


def factorisation_step(m: int, k: int, rounds: int) -> Task:
    """T5c and T5d: the gradient and the Newton step."""
    text, values = "norm(T - U @ V.T)**2/2", factorisation_values(m, k)
    T, U, V = values["T"], values["U"], values["V"]
    step = hs.newton_step(hs.parse(text, FACTORS), "U")

    def hand() -> Any:
        gradient = (U @ V.T - T) @ V
        return -cho_solve(cho_factor(V.T @ V), gradient.T).T

    jobs = {"k × k Cholesky": hand, "hesse": lambda: step(**values)}
    sizes = {"m": m, "n": m, "k": k}
    name = f"T5{'c' if m > 1000 else 'd'} factorisation Newton step, {m}, k = {k}"
    return Task(name, text, FACTORS, sizes, jobs, lambda: same(step(**values), hand()), rounds, compared=tuple(jobs))


def softmax(n: int = 1000) -> Task:
    """T7a: the Hessian of a cross-entropy by its logits, dense and as diagonal and vector."""
    text, declarations = "logsumexp(z) - z @ y", "z:n y:n"
    values = {"z": random().normal(size=n), "y": np.eye(n)[0]}
    z = values["z"]
    hessian = hs.hessian(hs.parse(text, declarations), "z").compile(structure="keep")

    def probabilities() -> Any:
        p = np.exp(z - z.max())
        p /= p.sum()
        return p

    def hand() -> Any:
        p = probabilities()
        dense = np.multiply.outer(-p, p)
        dense.reshape(-1)[:: n + 1] += p
        return dense

    loops = hs.hessian(hs.parse(text, declarations), "z").compile("numba", structure="keep")
    jobs = {
        "dense outer product": hand,
        "hesse, dense": lambda: hessian(**values).todense(),
        "p alone": probabilities,
        "hesse": lambda: hessian(**values),
        "hesse, numba": lambda: loops(**values),
    }

    def arrays(result: Any) -> Any:
        return result.left if isinstance(result, LowRank) else result

    def check() -> None:
        same(hessian(**values).todense(), hand())
        same(loops(**values).todense(), hand())

    compared = ("p alone", "hesse", "hesse, numba")
    return Task("T7a softmax Hessian", text, declarations, {"n": n}, jobs, check, 21, arrays, compared)


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
        "numba, new arrays": hand_anew,
        "numpy, new arrays": hand_numpy,
        "hesse, numba into": lambda: filled(x=x),
        "hesse, numba": lambda: loops(x=x),
        "hesse, numpy": lambda: hessian(x=x),
        "hesse, as scipy.sparse": lambda: hessian(x=x).tosparse(),
    }
    compared = tuple(name for name in jobs if "scipy" not in name)
    return Task("T8b Rosenbrock Hessian", ROSENBROCK, "x:n", {"n": n}, jobs, check, 21, diagonals, compared)


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
        "numba, a new array": hand_anew,
        "numpy, a new array": hand_numpy,
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
    return Task(name, BRUSSELATOR, declarations, {"n": n}, jobs, check, 21, entries, compared)


def pairwise(n: int = 400) -> Task:
    """The dense Hessian of a sum of distances of points in space."""
    X, s, d = random().normal(size=(n, 3)), 1e-3, np.arange(3)
    hessian = hs.hessian(hs.parse(PAIRWISE, "X:n,d s:"), "X").compile(structure="keep")

    def hand() -> Any:
        R = X[:, None] - X[None]
        r = np.sqrt((R**2).sum(axis=2) + s)
        blocks = 2 * (R[:, :, :, None] * R[:, :, None, :] / (r**3)[:, :, None, None])
        blocks[:, :, d, d] -= (2 / r)[:, :, None]
        dense = np.ascontiguousarray(blocks.transpose(0, 2, 1, 3))
        points = np.arange(n)
        dense[points, :, points, :] -= blocks.sum(axis=1)
        return dense

    def ours() -> Any:
        return hessian(X=X, s=s).matrix.array.reshape(n, 3, n, 3)

    jobs = {"by hand": hand, "hesse": ours}
    return Task("pairwise distances", PAIRWISE, "X:n,d s:", {"n": n, "d": 3}, jobs, lambda: same(ours(), hand()), 5)


TASKS: tuple[Callable[[], Task], ...] = (
    quadratic,
    factorisation_hessian,
    factorisation_product,
    lambda: factorisation_step(2000, 20, 9),
    lambda: factorisation_step(60, 8, 21),
    softmax,
    rosenbrock,
    brusselator,
    pairwise,
)


def common(make: Callable[[], Task], name: str, title: str) -> tasks.Task:
    """The task in the form that the report measures, with what is compared entry by entry."""

    def jobs(task: tasks.Values) -> Mapping[str, Job]:
        made: Task = task["task"]
        found = {job: (lambda job=job: made.arrays(made.jobs[job]())) for job in made.compared}
        first = made.compared[0]
        return {tasks.HAND: found.pop(first), **found}

    return tasks.Task(name, title, lambda: {"task": make()}, jobs, repeat=100)


COMMON = (
    common(factorisation_product, "T5b keep", "factorisation Hessian, kept, times a matrix, 2000 x 2000, rank 20"),
    common(lambda: factorisation_step(2000, 20, 9), "T5c", "factorisation gradient and Newton step, 2000, rank 20"),
    common(lambda: factorisation_step(60, 8, 21), "T5d", "factorisation gradient and Newton step, 60, rank 8"),
    common(softmax, "T7a keep", "softmax Hessian, factored, n = 1000"),
    common(rosenbrock, "T8b", "Rosenbrock Hessian, tridiagonal, n = 100000"),
    common(brusselator, "T9", "Brusselator Jacobian, sparse, 64 x 64 x 2"),
)
"""What `report` can measure beside the tasks of `tasks`."""
LARGE = 2483
"""Points for which the peak of memory is told."""


def peak(job: Job) -> int:
    """The most bytes that a job holds at once."""
    tracemalloc.start()
    try:
        job()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


SHORT = 2e-3
"""A round of a job takes at least so many seconds: shorter jobs are repeated, and so measured with warm caches."""


def repeated(job: Job, count: int) -> Job:
    """The job done several times."""

    def run() -> None:
        for _ in range(count):
            job()

    return run


def measured(task: Task) -> dict[str, float]:
    """The median time of each job."""
    first = medians(task.jobs, 3)
    counts = {name: max(1, int(SHORT / seconds)) for name, seconds in first.items()}
    times = medians({name: repeated(job, counts[name]) for name, job in task.jobs.items()}, task.rounds)
    return {name: seconds / counts[name] for name, seconds in times.items()}


def main() -> None:
    """Check every task and print its ratios; and the peak of memory of the largest."""
    for make in TASKS:
        task = make()
        task.check()
        sizes = ", ".join(f"{name} = {size}" for name, size in task.sizes.items())
        print_ratios(f"{task.name} ({sizes})", measured(task), next(iter(task.jobs)))
    large = pairwise(LARGE)
    output = 8 * (3 * LARGE) ** 2
    rows = [[name, f"{peak(job) / output:.2f}"] for name, job in large.jobs.items()]
    print_table(f"Pairwise distances, {LARGE} points: peak of memory by the size of the output", ["", "ratio"], rows)


if __name__ == "__main__":
    main()
