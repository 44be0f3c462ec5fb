"""How derivation grows with the length of an expression, and that it does not grow with the sizes of arrays; how
programs grow with sizes, and what gradients cost beside their functions.

`growth`, `independence`, `times_per_size` and `gradient_costs` give rows; `main` prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np

import hesse as hs
from benchmarks.tasks import MIXTURE, RESIDUALS, logistic_values
from benchmarks.timing import Job, medians, milliseconds, print_table, repeated
from hesse.calculus.differentiate import derivative
from hesse.core.nodes import Variable
from hesse.core.traverse import postorder

Problem = tuple[str, str]
Family = Callable[[int], Problem]
Values = Mapping[str, Any]
Run = Callable[..., object]


def layers(count: int) -> Problem:
    """A chain of layers with a weight matrix each."""
    values = "; ".join(f"h{k} = tanh(W{k} @ {f'h{k - 1}' if k > 1 else 'x'})" for k in range(1, count + 1))
    return f"{values}; sum(h{count})", " ".join(f"W{k}:n,n" for k in range(1, count + 1)) + " x:n"


def residual_blocks(count: int) -> Problem:
    """A chain of blocks, each of which uses what comes in twice."""
    values = "; ".join(f"h{k} = h{k - 1} + V{k} @ tanh(W{k} @ h{k - 1})" for k in range(1, count + 1))
    weights = " ".join(f"W{k}:n,n V{k}:n,n" for k in range(1, count + 1))
    return f"h0 = 2*x; {values}; sum(h{count})", f"{weights} x:n"


def terms(count: int) -> Problem:
    """A sum of different terms."""
    return " + ".join(f"exp(x/{k})*sin({k}*x)" for k in range(1, count + 1)), "x:"


FAMILIES: Sequence[tuple[str, Family, Sequence[int]]] = (
    ("layers", layers, (25, 50, 100, 200)),
    ("residual blocks", residual_blocks, (4, 8, 16, 32)),
    ("terms of a sum", terms, (125, 250, 500, 1000)),
)


def gradient(problem: Problem) -> hs.Expr:
    """The gradient from text, verified and written."""
    result = hs.gradient(hs.parse(*problem), "x")
    str(result)
    return result


@dataclass(frozen=True)
class Growth:
    """How long a derivation takes for a length, from text to verified text; `times` by the shortest of its family."""

    HEAD: ClassVar[Sequence[str]] = ("", "time", "ratio")

    family: str
    length: int
    seconds: float
    times: float

    @property
    def cells(self) -> Sequence[str]:
        """The row of a table."""
        return [f"{self.length} {self.family}", milliseconds(self.seconds), f"{self.times:.1f}"]


def growth(rounds: int = 3) -> list[Growth]:
    """How time grows with the length of expressions."""
    rows = []
    for name, family, counts in FAMILIES:
        jobs = {str(count): partial(gradient, family(count)) for count in counts}
        times = medians(jobs, rounds)
        first = times[str(counts[0])]
        rows += [Growth(name, count, times[str(count)], times[str(count)] / first) for count in counts]
    return rows


@dataclass(frozen=True)
class Derivation:
    """How long one derivation takes for arrays of a size: alone, and from text to verified text."""

    HEAD: ClassVar[Sequence[str]] = ("", "derivative alone", "from text to verified text", "verification")

    shape: str
    derived: float
    verified: float
    label: str

    @property
    def cells(self) -> Sequence[str]:
        """The row of a table."""
        return [self.shape, milliseconds(self.derived), milliseconds(self.verified), self.label]


def independence(rounds: int = 7) -> list[Derivation]:
    """That deriving does not depend on the sizes of arrays; verifying does, up to a limit."""
    rows = []
    for sizes in ("m,n", "3,2", "30,20", "3000,2000"):
        height, width = sizes.split(",")
        problem = "norm(tanh(A @ x) - b)**2", f"A:{sizes} x:{width} b:{height}"
        node = hs.parse(*problem).node
        (x,) = (part for part in postorder(node) if isinstance(part, Variable) and part.name == "x")
        jobs = {"derived": partial(derivative, node, x), "verified": partial(gradient, problem)}
        times = medians(jobs, rounds)
        label = str(gradient(problem).verification)
        rows.append(Derivation(f"A is {height} × {width}", times["derived"], times["verified"], label))
    return rows


@dataclass(frozen=True)
class PerSize:
    """How long a program takes for a size, from call to result."""

    HEAD: ClassVar[Sequence[str]] = ("", "n", "time", "time / n")

    task: str
    program: str
    size: int
    seconds: float

    @property
    def each(self) -> float:
        """Seconds by size."""
        return self.seconds / self.size

    @property
    def cells(self) -> Sequence[str]:
        """The row of a table."""
        return [f"{self.task}, {self.program}", str(self.size), milliseconds(self.seconds), f"{1e9 * self.each:.1f} ns"]


def rosenbrock_programs() -> Mapping[str, Run]:
    """The gradient of the chained Rosenbrock function (T8)."""
    slope = hs.gradient(hs.parse("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", "x:n"))
    return {backend: slope.compile(backend) for backend in ("numpy", "numba")}


def logistic_programs() -> Mapping[str, Run]:
    """The gradient of logistic regression (T3)."""
    return {"numpy": hs.gradient(hs.parse("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n"), "w").compile()}


SCALED: Sequence[tuple[str, Callable[[], Mapping[str, Run]], Callable[[int], Values]]] = (
    ("T8, Rosenbrock gradient", rosenbrock_programs, lambda n: {"x": np.random.default_rng(0).normal(size=n)}),
    (
        "T3, logistic gradient, 20 features",
        logistic_programs,
        lambda m: {name: value for name, value in logistic_values(m, 20).items() if name != "v"},
    ),
)


def times_per_size(sizes: Sequence[int] = (1_000, 10_000, 100_000, 1_000_000), rounds: int = 7) -> list[PerSize]:
    """How the time of programs grows with the size of their data; all sizes are measured in turn."""
    rows = []
    for task, make, values in SCALED:
        programs = make()
        data = {size: values(size) for size in sizes}
        jobs: dict[tuple[str, int], Job] = {
            (name, size): partial(program, **data[size]) for name, program in programs.items() for size in sizes
        }
        times = medians(
            {f"{name} {size}": repeated(job, max(sizes) // size) for (name, size), job in jobs.items()}, rounds
        )
        rows += [PerSize(task, name, size, times[f"{name} {size}"] / (max(sizes) // size)) for name, size in jobs]
    return rows


@dataclass(frozen=True)
class GradientCost:
    """How long a function and its gradient take, each alone."""

    HEAD: ClassVar[Sequence[str]] = ("", "function", "gradient", "ratio")

    title: str
    function: float
    gradient: float

    @property
    def ratio(self) -> float:
        """The gradient by the function."""
        return self.gradient / self.function

    @property
    def cells(self) -> Sequence[str]:
        """The row of a table."""
        return [self.title, milliseconds(self.function), milliseconds(self.gradient), f"{self.ratio:.2f}"]


TALL, SAMPLES = {"m": 100_000, "n": 50}, {"N": 10_000, "K": 25, "d": 10}
CLASSES, NETWORK = {"m": 50_000, "d": 30, "k": 10}, {"m": 50_000, "n": 30, "h": 40, "k": 5}
MIXED = "X:N,d mu:K,d L:K,d,d a:K"
SMOOTH: Sequence[tuple[str, str, str, str, Mapping[str, int]]] = (
    ("least squares", "norm(A @ x - b)**2", "A:m,n x:n b:m", "x", TALL),
    ("logistic", "sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n", "w", TALL),
    ("Poisson", "sum(exp(X @ w) - y*(X @ w))", "X:m,n y:m w:n", "w", TALL),
    ("pseudo-Huber", "sum(sqrt(1 + (X @ w - y)**2))", "X:m,n y:m w:n", "w", TALL),
    ("multiclass logistic", "-sum(Y*log_softmax(X @ W, axis=1))", "X:m,d W:d,k Y:m,k", "W", CLASSES),
    ("factorisation", "norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k", "U", {"m": 2000, "n": 2000, "k": 20}),
    ("two layers", "norm(tanh(X @ A) @ B - Y)**2", "X:m,n A:n,h B:h,k Y:m,k", "A", NETWORK),
    ("Gaussian mixture, means", RESIDUALS + MIXTURE, MIXED, "mu", SAMPLES),
    ("Gaussian mixture, factors", RESIDUALS + MIXTURE, MIXED, "L", SAMPLES),
    ("chained Rosenbrock", "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", "x:n", "x", {"n": 1_000_000}),
    ("quadratic form", "x @ A @ x", "A:n,n x:n", "x", {"n": 3000}),
)  # fmt: skip
"""Smooth functions at sizes where data leave the cache: title, text, declarations, variable, sizes."""


def gradient_costs(
    suite: Sequence[tuple[str, str, str, str, Mapping[str, int]]] = SMOOTH, rounds: int = 7
) -> list[GradientCost]:
    """What gradients cost beside their functions, by NumPy."""
    rows = []
    for title, text, declarations, wrt, sizes in suite:
        f = hs.parse(text, declarations)
        values = _values(f, sizes)
        jobs = {
            "function": partial(f.compile(), **values),
            "gradient": partial(hs.gradient(f, wrt).compile(), **values),
        }
        times = medians(jobs, rounds)
        rows.append(GradientCost(title, times["function"], times["gradient"]))
    return rows


def _values(f: hs.Expr, sizes: Mapping[str, int]) -> Values:
    rng = np.random.default_rng(0)
    shapes = {name: tuple(sizes[str(size)] for size in shape) for name, shape in f.variables.items()}
    values = {name: rng.normal(size=shape) / np.sqrt(max(1, *shape[-1:])) for name, shape in shapes.items()}
    if "L" in values:  # factors of precisions have positive diagonals
        values["L"] = np.tril(values["L"]) + 2 * np.eye(values["L"].shape[-1])
    return values


def main() -> None:
    """Print the tables."""
    title = "Gradient by x, from text to verified text; the ratio to the shortest"
    print_table(title, Growth.HEAD, [row.cells for row in growth()])
    title = "Gradient of norm(tanh(A @ x) - b)**2 by x"
    print_table(title, Derivation.HEAD, [row.cells for row in independence()])
    print_table("Programs over sizes", PerSize.HEAD, [row.cells for row in times_per_size()])
    print_table("Gradients beside their functions", GradientCost.HEAD, [row.cells for row in gradient_costs()])
