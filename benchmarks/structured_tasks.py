"""Tasks in which structure counts: results kept as what they are, beside the best forms written by hand.

Each task is data: what is asked of hesse, and functions without arguments for it and for the hand-written forms, on the
same values. `check` compares their results. The names follow `docs/structured-results.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

import hesse as hs
from benchmarks.sparse_tasks import brusselator, rosenbrock
from benchmarks.structured_task import Task, common, measured, random, same
from benchmarks.timing import peak, print_ratios, print_table
from hesse.structured.low_rank import LowRank

FACTORS = "T:m,n U:m,k V:n,k"
PAIRWISE = "sum(sqrt(s + sum((X[:,None,:] - X[None,:,:])**2, axis=2)))"


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
        name,
        text,
        FACTORS,
        sizes,
        jobs,
        lambda: same(hessian(**values) @ P, P @ (V.T @ V)),
        21,
        compared=compared,
        values={**values, "P": P},
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
    compared = tuple(jobs)
    return Task(
        name,
        text,
        FACTORS,
        sizes,
        jobs,
        lambda: same(step(**values), hand()),
        rounds,
        compared=compared,
        values=values,
    )


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
