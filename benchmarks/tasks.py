"""Tasks that hesse's programs are measured by: each computes one thing by programs and by hand, and both must agree.

`python -m benchmarks tasks` runs them all, `python -m benchmarks.tasks T3a T6b` those that are named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

import hesse as hs
from benchmarks import hand
from benchmarks.timing import Job, medians, milliseconds, peak, print_table, repeated

HAND = "hand"
SHORT = 5e-3
"""What a round of a short job takes at least, in seconds."""
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """`values` are the data, and `jobs` what is timed with them, by name; `hand` is what the others are compared with.

    What the jobs return is compared entry by entry.
    """

    name: str
    title: str
    values: Callable[[], Values]
    jobs: Callable[[Values], Mapping[str, Job]]
    rounds: int = 15
    repeat: int = 1
    """How many calls make one measurement, where one is too short."""


def _without(values: Values, name: str) -> Values:
    return {key: value for key, value in values.items() if key != name}


def _flat(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [entry for part in value.values() for entry in _flat(part)]
    if isinstance(value, (tuple, list)):
        return [entry for part in value for entry in _flat(part)]
    return np.asarray(value, float).reshape(-1).tolist()


def _logistic() -> hs.Expr:
    return hs.parse("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n")


def logistic_values(m: int = 20_000, n: int = 500) -> Values:
    """Labels, features, weights, and a direction."""
    rng = np.random.default_rng(0)
    values = {"X": rng.normal(size=(m, n)), "y": rng.choice([-1.0, 1.0], m), "w": rng.normal(size=n) / np.sqrt(n)}
    return {**values, "v": np.random.default_rng(2).normal(size=n)}


def lecture_values() -> Values:
    """The point of the lecture."""
    return {"x1": 1.0, "x2": 2.0}


def lecture(values: Values) -> Mapping[str, Job]:
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


def points_values(n: int = 1_000_000) -> Values:
    """Points in the domain."""
    rng = np.random.default_rng(1)
    return {"x1": rng.uniform(-1, 1, n), "x2": rng.uniform(0.5, 2, n)}


def points(values: Values) -> Mapping[str, Job]:
    """A million points."""
    f = hs.parse("x1**2 + exp(x1*x2) + 2*log(x2)", "x1: x2:")
    parts = {"gradient": hs.gradient(f), "hessian": hs.hessian(f)}
    n = values["x1"].size
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


def logistic_gradient(values: Values) -> Mapping[str, Job]:
    """The gradient of logistic regression."""
    numpy, at = hs.gradient(_logistic(), "w").compile(), _without(values, "v")
    return {HAND: lambda: hand.logistic_gradient(**at), "numpy": lambda: numpy(**at)}


def logistic_hessian(values: Values) -> Mapping[str, Job]:
    """The Hessian of logistic regression."""
    numpy, at = hs.hessian(_logistic(), "w").compile(), _without(values, "v")
    return {HAND: lambda: hand.logistic_hessian(**at), "numpy": lambda: numpy(**at)}


def logistic_product(values: Values) -> Mapping[str, Job]:
    """The Hessian of logistic regression times a vector."""
    numpy = hs.hvp(_logistic(), "w", "v").compile()
    return {HAND: lambda: hand.logistic_product(**values), "numpy": lambda: numpy(**values)}


def quadratic_values(n: int = 3000) -> Values:
    """An unsymmetric matrix."""
    return {"A": np.random.default_rng(3).normal(size=(n, n)), "x": np.zeros(n)}


def quadratic_hessian(values: Values) -> Mapping[str, Job]:
    """The Hessian of a quadratic form, n = 3000."""
    A, x = values["A"], values["x"]
    out, other = np.empty_like(A), np.empty_like(A)
    filled = hs.hessian(hs.parse("x @ A @ x", "A:n,n x:n"), "x").compile().into(out)
    return {HAND: lambda: hand.quadratic_hessian(A, other), "numpy into": lambda: filled(A=A, x=x)}


def _factorisation() -> hs.Expr:
    return hs.parse("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k")


def factorisation_values(m: int, n: int, k: int) -> Values:
    """A target, two factors, and a direction."""
    rng = np.random.default_rng(4)
    values = {"T": rng.normal(size=(m, n)), "U": rng.normal(size=(m, k)), "V": rng.normal(size=(n, k))}
    return {**values, "P": np.random.default_rng(5).normal(size=(m, k))}


def factorisation_hessian(values: Values) -> Mapping[str, Job]:
    """The Hessian of a matrix factorisation by one factor, 60 x 60 of rank 8."""
    numpy, at = hs.hessian(_factorisation(), "U").compile(), _without(values, "P")
    by_hand = (values["U"], values["V"])
    return {HAND: lambda: hand.factorisation_hessian(*by_hand), "numpy": lambda: numpy(**at)}


def factorisation_product(values: Values) -> Mapping[str, Job]:
    """The Hessian of a matrix factorisation times a matrix, 2000 x 2000 of rank 20."""
    numpy = hs.hvp(_factorisation(), "U", "P").compile()
    by_hand = (values["V"], values["P"])
    return {HAND: lambda: hand.factorisation_product(*by_hand), "numpy": lambda: numpy(**values)}


def layer_values(m: int = 2000, n: int = 2000) -> Values:
    """Weights, an input, offsets."""
    rng = np.random.default_rng(6)
    return {"W": rng.normal(size=(m, n)) / 50, "x": rng.normal(size=n), "b": rng.normal(size=m)}


def layer_jacobian(values: Values) -> Mapping[str, Job]:
    """The Jacobian of a layer, 2000 x 2000."""
    out, other = np.empty_like(values["W"]), np.empty_like(values["W"])
    filled = hs.jacobian(hs.parse("tanh(W @ x + b)", "W:m,n x:n b:m"), "x").compile().into(out)
    return {HAND: lambda: hand.layer_jacobian(**values, out=other), "numpy into": lambda: filled(**values)}


def network_values() -> Values:
    """Two layers and 256 samples."""
    rng = np.random.default_rng(7)
    W1, b1, W2 = rng.normal(size=(256, 784)) / 28, rng.normal(size=256), rng.normal(size=(10, 256)) / 16
    return {"W1": W1, "b1": b1, "W2": W2, "b2": np.zeros(10), "x": rng.normal(size=(256, 784))}


def network_jacobians(values: Values) -> Mapping[str, Job]:
    """Jacobians of a network, 784-256-10, by its input, for 256 samples."""
    g = hs.parse("W2 @ tanh(W1 @ x + b1) + b2", "W1:h,n x:n b1:h W2:o,h b2:o")
    numpy = hs.compile({"jacobian": hs.jacobian(g, "x")}, batch="x")
    by_hand = [values[name] for name in ("W1", "b1", "W2", "x")]
    return {HAND: lambda: hand.network_jacobians(*by_hand), "numpy": lambda: numpy(**values)}


def softmax_values(n: int = 1000) -> Values:
    """Scores."""
    return {"x": np.random.default_rng(8).normal(size=n)}


def softmax_hessian(values: Values) -> Mapping[str, Job]:
    """The Hessian of softmax cross-entropy by 1000 scores."""
    x = values["x"]
    out, other = np.empty((x.size, x.size)), np.empty((x.size, x.size))
    numpy = hs.hessian(hs.parse("logsumexp(x) - x[0]", "x:n")).compile()
    filled = numpy.into(out)
    return {
        HAND: lambda: hand.softmax_hessian(x, other),
        "numpy into": lambda: filled(x=x),
        "numpy": lambda: numpy(x=x),
    }


def multiclass_values() -> Values:
    """Features, weights, classes."""
    rng = np.random.default_rng(9)
    X, W = rng.normal(size=(2000, 50)), rng.normal(size=(50, 10)) / 7
    return {"X": X, "W": W, "Y": np.eye(10)[rng.integers(0, 10, 2000)]}


def multiclass_hessian(values: Values) -> Mapping[str, Job]:
    """The Hessian of multiclass logistic regression, 2000 samples, 50 features, 10 classes."""
    X, W = values["X"], values["W"]
    f = hs.parse("-sum(Y*log_softmax(X @ W, axis=1))", "X:m,d W:d,k Y:m,k:simplex")
    numpy = hs.hessian(f, "W").compile()
    return {HAND: lambda: hand.multiclass_hessian(X, W), "numpy": lambda: numpy(**values)}


def rosenbrock_values(n: int = 100_000) -> Values:
    """A point."""
    return {"x": np.random.default_rng(10).normal(size=n)}


def rosenbrock_gradient(values: Values) -> Mapping[str, Job]:
    """The gradient of the chained Rosenbrock function, n = 100,000."""
    x = values["x"]
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


MIXTURE = (
    "s = a + sum(log(einsum('kii->ki', L)), axis=1) - sum(Z**2, axis=2)/2; sum(logsumexp(s, axis=1)) - N*logsumexp(a)"
)
RESIDUALS = "Z = einsum('kij,nkj->nki', L, X[:,None,:] - mu[None,:,:]); "
PRODUCTS = "Z = einsum('kij,nj->nki', L, X) - einsum('kij,kj->ki', L, mu); "


def mixture_values(N: int, K: int = 25, d: int = 10) -> Values:
    """Samples, means, triangular factors of the inverse covariances, logarithms of weights."""
    rng = np.random.default_rng(11)
    L = np.tril(0.3 * rng.normal(size=(K, d, d)), -1)
    L[:, range(d), range(d)] = np.exp(0.3 * rng.normal(size=(K, d)))
    return {"X": rng.normal(size=(N, d)), "mu": rng.normal(size=(K, d)), "L": L, "a": rng.normal(size=K)}


def mixture_parts(residuals: str) -> Mapping[str, hs.Expr]:
    """The log-likelihood of a Gaussian mixture, the residuals written in one of two ways, and its gradients."""
    f = hs.parse(residuals + MIXTURE, "X:N,d mu:K,d L:K,d,d a:K")
    return {"value": f, **{name: hs.gradient(f, name) for name in ("a", "mu", "L")}}


def mixture(values: Values) -> Mapping[str, Job]:
    """Value and gradients of the log-likelihood of a Gaussian mixture; the best form by hand keeps its features."""
    features, parameters = hand.mixture_features(values["X"]), _without(values, "X")
    products, residuals = hs.compile(mixture_parts(PRODUCTS)), hs.compile(mixture_parts(RESIDUALS))
    return {
        HAND: lambda: hand.mixture_by_moments(features, **parameters),
        "hand, features anew": lambda: hand.mixture_by_moments(hand.mixture_features(values["X"]), **parameters),
        "hand, residuals": lambda: hand.mixture_by_residuals(**values),
        "numpy": lambda: products(**values),
        "numpy, residuals": lambda: residuals(**values),
    }


TASKS = (
    Task("T1", "one point of the lecture's function: value, gradient, Hessian", lecture_values, lecture, repeat=2000),
    Task("T2", "gradients and Hessians at a million points", points_values, points),
    Task("T3a", "logistic gradient, 20000 x 500", logistic_values, logistic_gradient),
    Task("T3b", "logistic Hessian, 20000 x 500", logistic_values, logistic_hessian, rounds=7),
    Task("T3c", "logistic Hessian times a vector, 20000 x 500", logistic_values, logistic_product),
    Task("T4b", "Hessian of x'Ax, n = 3000", quadratic_values, quadratic_hessian),
    Task(
        "T5a", "factorisation Hessian, 60 x 60, rank 8", lambda: factorisation_values(60, 60, 8), factorisation_hessian
    ),
    Task(
        "T5b",
        "factorisation Hessian times a matrix, 2000 x 2000, rank 20",
        lambda: factorisation_values(2000, 2000, 20),
        factorisation_product,
    ),
    Task("T6a", "layer Jacobian, 2000 x 2000", layer_values, layer_jacobian),
    Task("T6b", "network Jacobians, 784-256-10, 256 samples", network_values, network_jacobians),
    Task("T7a", "softmax Hessian, n = 1000", softmax_values, softmax_hessian),
    Task("T7b", "multiclass logistic Hessian, 2000 x 50, 10 classes", multiclass_values, multiclass_hessian, rounds=7),
    Task("T8a", "Rosenbrock gradient, n = 100000", rosenbrock_values, rosenbrock_gradient, repeat=5),
    Task("T10a", "Gaussian mixture, 1000 x 10, 25 components", lambda: mixture_values(1000), mixture, repeat=5),
    Task("T10b", "Gaussian mixture, 10000 x 10, 25 components", lambda: mixture_values(10_000), mixture),
)


@dataclass(frozen=True)
class Measured:
    """The seconds that each job takes for one call, and took for its first one, and why jobs are missing. `peaks` are
    the most bytes that Python and NumPy held at once: other systems have memory of their own, which is not seen."""

    task: Task
    seconds: Mapping[str, float]
    failed: Mapping[str, str]
    first: Mapping[str, float]
    peaks: Mapping[str, int]

    def ratio(self, name: str) -> float:
        """How long a job takes, by the time of the one by hand."""
        return self.seconds[name] / self.seconds[HAND]


def measure(task: Task, others: Callable[[Values], Mapping[str, Job]] = lambda values: {}) -> Measured:
    """Each job beside the one by hand, in one run; `others` are jobs of other systems, which may fail.

    Raises where a result of hesse differs from the one by hand.
    """
    values = task.values()
    jobs = dict(task.jobs(values))
    first: dict[str, float] = {}

    def result(name: str, job: Job) -> list[Any]:
        start = perf_counter()
        value = job()
        first[name] = perf_counter() - start
        return _flat(value)

    wanted = result(HAND, jobs[HAND])
    for name, job in jobs.items():
        if name != HAND:
            np.testing.assert_allclose(result(name, job), wanted, rtol=1e-9, atol=1e-9, err_msg=f"{task.name} {name}")
    peaks = {name: peak(job) for name, job in jobs.items()}
    failed: dict[str, str] = {}
    for name, job in others(values).items():
        try:
            np.testing.assert_allclose(result(name, job), wanted, rtol=1e-7, atol=1e-7)
            jobs[name] = job
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
    counts = {name: _count(job, task.repeat) for name, job in jobs.items()}
    times = medians({name: repeated(job, counts[name]) for name, job in jobs.items()}, task.rounds)
    return Measured(task, {name: time / counts[name] for name, time in times.items()}, failed, first, peaks)


def _count(job: Job, most: int) -> int:
    """How often a job is repeated: so that a round takes some milliseconds, and at most so often."""
    start = perf_counter()
    job()
    return max(1, min(most, int(SHORT / (perf_counter() - start))))


def main(names: Sequence[str] = ()) -> None:
    """Print the table."""
    for task in TASKS:
        if not names or task.name in names:
            found = measure(task)
            rows = [[name, milliseconds(time), f"{found.ratio(name):.2f}"] for name, time in found.seconds.items()]
            print_table(f"{task.name}: {task.title}", ["by", "median", "ratio to hand"], rows)


if __name__ == "__main__":
    main(sys.argv[1:])
