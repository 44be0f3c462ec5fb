"""Tasks that hesse's programs are measured by: each computes one thing by programs and by hand, and both must agree.

`python -m benchmarks tasks` runs them all, `python -m benchmarks.tasks T3a T6b` those that are named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import hesse as hs
from benchmarks import hand
from benchmarks.timing import Job, medians, milliseconds, print_table

HAND = "hand"


@dataclass(frozen=True)
class Task:
    """`jobs` prepares the data and gives what is timed, by name; the job `hand` is what the others are compared with.

    What the jobs return is compared entry by entry.
    """

    name: str
    title: str
    jobs: Callable[[], Mapping[str, Job]]
    rounds: int = 15
    repeat: int = 1
    """How many calls make one measurement, where one is too short."""


def _flat(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [entry for part in value.values() for entry in _flat(part)]
    if isinstance(value, tuple):
        return [entry for part in value for entry in _flat(part)]
    return np.asarray(value, float).reshape(-1).tolist()


def _logistic(m: int = 20_000, n: int = 500) -> tuple[hs.Expr, dict[str, Any]]:
    rng = np.random.default_rng(0)
    values = {"X": rng.normal(size=(m, n)), "y": rng.choice([-1.0, 1.0], m), "w": rng.normal(size=n) / np.sqrt(n)}
    return hs.parse("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n"), values


def lecture() -> Mapping[str, Job]:
    """One point."""
    f = hs.parse("x1**2 + exp(x1*x2) + 2*log(x2)", "x1: x2:")
    parts = {"value": f, "gradient": hs.gradient(f), "hessian": hs.hessian(f)}
    plain, numba = hs.compile(parts, "math"), hs.compile(parts, "numba")
    gradient, hessian = np.empty(2), np.empty((2, 2))
    filled = numba.into({"gradient": gradient, "hessian": hessian})
    return {
        HAND: lambda: hand.lecture(1.0, 2.0),
        "hand numba": lambda: (hand.lecture_into(1.0, 2.0, gradient, hessian), gradient, hessian),
        "math": lambda: plain(x1=1.0, x2=2.0),
        "math, unchecked": lambda: plain.run(1.0, 2.0),
        "numba into": lambda: filled(x1=1.0, x2=2.0),
        "numba into, unchecked": lambda: filled.run(1.0, 2.0, gradient, hessian),
    }


def points() -> Mapping[str, Job]:
    """A million points."""
    f = hs.parse("x1**2 + exp(x1*x2) + 2*log(x2)", "x1: x2:")
    parts = {"gradient": hs.gradient(f), "hessian": hs.hessian(f)}
    rng = np.random.default_rng(1)
    n = 1_000_000
    values = {"x1": rng.uniform(-1, 1, n), "x2": rng.uniform(0.5, 2, n)}
    out = {"gradient": np.empty((n, 2)), "hessian": np.empty((n, 2, 2))}
    fresh = hs.compile(parts, "numba", batch=["x1", "x2"])
    numpy = hs.compile(parts, batch=["x1", "x2"])
    filled = fresh.into(out)

    def by_hand() -> object:
        hand.lecture_points(values["x1"], values["x2"], out["gradient"], out["hessian"])
        return out

    return {
        HAND: by_hand,
        "numba into": lambda: filled(**values),
        "numba": lambda: fresh(**values),
        "numpy": lambda: numpy(**values),
    }


def logistic_gradient() -> Mapping[str, Job]:
    """The gradient of logistic regression."""
    f, values = _logistic()
    numpy = hs.gradient(f, "w").compile()
    return {HAND: lambda: hand.logistic_gradient(**values), "numpy": lambda: numpy(**values)}


def logistic_hessian() -> Mapping[str, Job]:
    """The Hessian of logistic regression."""
    f, values = _logistic()
    numpy = hs.hessian(f, "w").compile()
    return {HAND: lambda: hand.logistic_hessian(**values), "numpy": lambda: numpy(**values)}


def logistic_product() -> Mapping[str, Job]:
    """The Hessian of logistic regression times a vector."""
    f, values = _logistic()
    values["v"] = np.random.default_rng(2).normal(size=values["w"].size)
    numpy = hs.hvp(f, "w", "v").compile()
    return {HAND: lambda: hand.logistic_product(**values), "numpy": lambda: numpy(**values)}


def quadratic_hessian() -> Mapping[str, Job]:
    """The Hessian of a quadratic form, n = 3000."""
    A = np.random.default_rng(3).normal(size=(3000, 3000))
    out, other = np.empty_like(A), np.empty_like(A)
    filled = hs.hessian(hs.parse("x @ A @ x", "A:n,n x:n"), "x").compile().into(out)
    x = np.zeros(3000)
    return {HAND: lambda: hand.quadratic_hessian(A, other), "numpy into": lambda: filled(A=A, x=x)}


def _factorisation(m: int, n: int, k: int) -> tuple[hs.Expr, dict[str, Any]]:
    rng = np.random.default_rng(4)
    values = {"T": rng.normal(size=(m, n)), "U": rng.normal(size=(m, k)), "V": rng.normal(size=(n, k))}
    return hs.parse("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k"), values


def factorisation_hessian() -> Mapping[str, Job]:
    """The Hessian of a matrix factorisation by one factor, 60 x 60 of rank 8."""
    f, values = _factorisation(60, 60, 8)
    numpy = hs.hessian(f, "U").compile()
    by_hand = (values["U"], values["V"])
    return {HAND: lambda: hand.factorisation_hessian(*by_hand), "numpy": lambda: numpy(**values)}


def factorisation_product() -> Mapping[str, Job]:
    """The Hessian of a matrix factorisation times a matrix, 2000 x 2000 of rank 20."""
    f, values = _factorisation(2000, 2000, 20)
    values["P"] = np.random.default_rng(5).normal(size=values["U"].shape)
    numpy = hs.hvp(f, "U", "P").compile()
    by_hand = (values["V"], values["P"])
    return {HAND: lambda: hand.factorisation_product(*by_hand), "numpy": lambda: numpy(**values)}


def layer_jacobian() -> Mapping[str, Job]:
    """The Jacobian of a layer, 2000 x 2000."""
    rng = np.random.default_rng(6)
    values = {"W": rng.normal(size=(2000, 2000)) / 50, "x": rng.normal(size=2000), "b": rng.normal(size=2000)}
    out, other = np.empty((2000, 2000)), np.empty((2000, 2000))
    filled = hs.jacobian(hs.parse("tanh(W @ x + b)", "W:m,n x:n b:m"), "x").compile().into(out)
    return {HAND: lambda: hand.layer_jacobian(**values, out=other), "numpy into": lambda: filled(**values)}


def network_jacobians() -> Mapping[str, Job]:
    """Jacobians of a network, 784-256-10, by its input, for 256 samples."""
    rng = np.random.default_rng(7)
    g = hs.parse("W2 @ tanh(W1 @ x + b1) + b2", "W1:h,n x:n b1:h W2:o,h b2:o")
    numpy = hs.compile({"jacobian": hs.jacobian(g, "x")}, batch="x")
    W1, b1, W2 = rng.normal(size=(256, 784)) / 28, rng.normal(size=256), rng.normal(size=(10, 256)) / 16
    values = {"W1": W1, "b1": b1, "W2": W2, "b2": np.zeros(10), "x": rng.normal(size=(256, 784))}
    return {HAND: lambda: hand.network_jacobians(W1, b1, W2, values["x"]), "numpy": lambda: numpy(**values)}


def softmax_hessian() -> Mapping[str, Job]:
    """The Hessian of softmax cross-entropy by 1000 scores."""
    x = np.random.default_rng(8).normal(size=1000)
    out, other = np.empty((1000, 1000)), np.empty((1000, 1000))
    numpy = hs.hessian(hs.parse("logsumexp(x) - x[0]", "x:n")).compile()
    filled = numpy.into(out)
    return {
        HAND: lambda: hand.softmax_hessian(x, other),
        "numpy into": lambda: filled(x=x),
        "numpy": lambda: numpy(x=x),
    }


def multiclass_hessian() -> Mapping[str, Job]:
    """The Hessian of multiclass logistic regression, 2000 samples, 50 features, 10 classes."""
    rng = np.random.default_rng(9)
    X, W = rng.normal(size=(2000, 50)), rng.normal(size=(50, 10)) / 7
    Y = np.eye(10)[rng.integers(0, 10, 2000)]
    f = hs.parse("-sum(Y*log_softmax(X @ W, axis=1))", "X:m,d W:d,k Y:m,k:simplex")
    numpy = hs.hessian(f, "W").compile()
    return {HAND: lambda: hand.multiclass_hessian(X, W), "numpy": lambda: numpy(X=X, W=W, Y=Y)}


def rosenbrock_gradient() -> Mapping[str, Job]:
    """The gradient of the chained Rosenbrock function, n = 100,000."""
    x = np.random.default_rng(10).normal(size=100_000)
    out, other = np.empty_like(x), np.empty_like(x)
    g = hs.gradient(hs.parse("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", "x:n"))
    numpy, numba = g.compile(), g.compile("numba")
    filled = numba.into(out)

    def by_hand() -> object:
        hand.rosenbrock_gradient(x, other)
        return other

    return {
        HAND: by_hand,
        "numba into": lambda: filled(x=x),
        "numba": lambda: numba(x=x),
        "numpy": lambda: numpy(x=x),
    }


TASKS = (
    Task("T1", "one point of the lecture's function: value, gradient, Hessian", lecture, repeat=2000),
    Task("T2", "gradients and Hessians at a million points", points),
    Task("T3a", "logistic gradient, 20000 x 500", logistic_gradient),
    Task("T3b", "logistic Hessian, 20000 x 500", logistic_hessian, rounds=7),
    Task("T3c", "logistic Hessian times a vector, 20000 x 500", logistic_product),
    Task("T4b", "Hessian of x'Ax, n = 3000", quadratic_hessian),
    Task("T5a", "factorisation Hessian, 60 x 60, rank 8", factorisation_hessian),
    Task("T5b", "factorisation Hessian times a matrix, 2000 x 2000, rank 20", factorisation_product),
    Task("T6a", "layer Jacobian, 2000 x 2000", layer_jacobian),
    Task("T6b", "network Jacobians, 784-256-10, 256 samples", network_jacobians),
    Task("T7a", "softmax Hessian, n = 1000", softmax_hessian),
    Task("T7b", "multiclass logistic Hessian, 2000 x 50, 10 classes", multiclass_hessian, rounds=7),
    Task("T8a", "Rosenbrock gradient, n = 100000", rosenbrock_gradient, repeat=5),
)


def _repeated(job: Job, count: int) -> Job:
    def run() -> object:
        for _ in range(count):
            job()
        return None

    return run if count > 1 else job


def measure(task: Task) -> list[list[str]]:
    """The rows of the table: each job with its time and the ratio to the one by hand. Raises where results differ."""
    jobs = task.jobs()
    wanted = _flat(jobs[HAND]())
    for name, job in jobs.items():
        np.testing.assert_allclose(_flat(job()), wanted, rtol=1e-9, atol=1e-9, err_msg=f"{task.name} {name}")
    times = medians({name: _repeated(job, task.repeat) for name, job in jobs.items()}, task.rounds)
    rows = []
    for name, time in times.items():
        shown = milliseconds(time) if task.repeat < 100 else f"{1e6 * time / task.repeat:.2f} us"
        rows.append([task.name, name, shown, f"{time / times[HAND]:.2f}"])
    return rows


def main(names: Sequence[str] = ()) -> None:
    """Print the table."""
    for task in TASKS:
        if not names or task.name in names:
            print_table(f"{task.name}: {task.title}", ["task", "by", "median", "ratio to hand"], measure(task))


if __name__ == "__main__":
    main(sys.argv[1:])
