"""How long the first answer takes, and how much memory the largest: each measured in a process of its own.

Every system has been imported, and has differentiated x**2, so that what it loads at its first use is there.
`python -m benchmarks.first_answers T1 hesse` measures one answer; `first_answers()` and `peaks()` give rows of all.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, ClassVar

import numpy as np

from benchmarks.timing import milliseconds, print_table

LAYERS, WIDTH, BATCH = 6, 8, 16
SYSTEMS = ("hesse", "jax", "torch")
TASKS: Mapping[str, str] = {
    "T1": "gradient and Hessian of the lecture's function",
    "input": f"gradient and Hessian of a network of {LAYERS} layers by its input",
    "last": f"gradient and Hessian of the loss of a network of {LAYERS} layers by the weights of its last layer",
    "first": "gradients of the same by all weights, and the Hessian by those of the first layer",
}
Answer = Callable[[], Sequence[Any]]
Loss = Callable[..., Any]


@dataclass(frozen=True)
class FirstAnswer:
    """From text, or from a Python function, to values: medians over processes, by system; None where one fails.

    `processor` is the time that processors worked, which other work on the machine hardly changes.
    """

    HEAD: ClassVar[Sequence[str]] = ("", *(name for system in SYSTEMS for name in (system, f"{system}, processor")))

    task: str
    title: str
    seconds: Mapping[str, float | None]
    processor: Mapping[str, float | None]

    @property
    def cells(self) -> Sequence[str]:
        """The row of a table."""
        return [self.title, *(_text(each.get(system)) for system in SYSTEMS for each in (self.seconds, self.processor))]


def network_values() -> dict[str, Any]:
    """Samples, targets, weights and offsets of the network."""
    rng = np.random.default_rng(0)
    weights = {f"W{k}": rng.normal(size=(WIDTH, WIDTH)) / 2 for k in range(1, LAYERS + 1)}
    offsets = {f"b{k}": rng.normal(size=WIDTH) / 2 for k in range(1, LAYERS + 1)}
    data = {"X": rng.normal(size=(BATCH, WIDTH)), "Y": rng.normal(size=(BATCH, WIDTH)), "x": rng.normal(size=WIDTH)}
    return {**data, **weights, **offsets}


def network_texts() -> tuple[tuple[str, str], tuple[str, str]]:
    """The network as a function of its input, and its loss over samples, each with declarations."""
    numbers = range(1, LAYERS + 1)
    weights = " ".join(f"W{k}:n,n" for k in numbers)
    steps = "; ".join(f"h{k} = tanh(W{k} @ {f'h{k - 1}' if k > 1 else 'x'})" for k in numbers)
    by_input = f"{steps}; sum(h{LAYERS}**2)", f"{weights} x:n"
    steps = "; ".join(f"h{k} = tanh({f'h{k - 1}' if k > 1 else 'X'} @ W{k} + b{k})" for k in numbers)
    offsets = " ".join(f"b{k}:n" for k in numbers)
    return by_input, (f"{steps}; sum((h{LAYERS} - Y)**2)/m", f"X:m,n Y:m,n {weights} {offsets}")


def _by_hesse(task: str) -> Answer:
    import hesse as hs

    for name in hs.__all__:
        getattr(hs, name)
    square = hs.parse("x**2", "x:")
    hs.compile({"hessian": hs.hessian(square)})(x=1.0)
    values = network_values()

    def lecture() -> Sequence[Any]:
        f = hs.parse("x1**2 + exp(x1*x2) + 2*log(x2)", "x1: x2:")
        return _run({"gradient": hs.gradient(f), "hessian": hs.hessian(f)}, {"x1": 1.0, "x2": 2.0})

    def network(text: tuple[str, str], gradients: Sequence[str], twice: str) -> Sequence[Any]:
        f = hs.parse(*text)
        parts = {f"by_{name}": hs.gradient(f, name) for name in gradients}
        return _run({**parts, "hessian": hs.hessian(f, twice)}, {name: values[name] for name in f.variables})

    def _run(parts: Mapping[str, hs.Expr], at: Mapping[str, Any]) -> Sequence[Any]:
        return [*hs.compile(parts)(**at).values()]

    by_input, loss = network_texts()
    return {
        "T1": lecture,
        "input": lambda: network(by_input, ["x"], "x"),
        "last": lambda: network(loss, [f"W{LAYERS}"], f"W{LAYERS}"),
        "first": lambda: network(loss, [f"W{k}" for k in range(1, LAYERS + 1)], "W1"),
    }[task]


def _losses(library: Any) -> tuple[Loss, Loss, Loss]:
    """The lecture's function, the network by its input, and its loss, for a library with NumPy's names."""

    def lecture(x: Any) -> Any:
        return x[0] ** 2 + library.exp(x[0] * x[1]) + 2 * library.log(x[1])

    def by_input(x: Any, weights: Sequence[Any]) -> Any:
        for W in weights:
            x = library.tanh(W @ x)
        return (x**2).sum()

    def loss(weights: Sequence[Any], offsets: Sequence[Any], X: Any, Y: Any) -> Any:
        for W, b in zip(weights, offsets, strict=True):
            X = library.tanh(X @ W + b)
        return ((X - Y) ** 2).sum() / X.shape[0]

    return lecture, by_input, loss


def _differentiated(
    task: str, library: Any, array: Callable[[Any], Any], grad: Any, hessian: Any, jit: Callable[[Loss], Loss]
) -> Answer:
    lecture, by_input, loss = _losses(library)
    values = network_values()
    weights, offsets = ([array(values[f"{stem}{k}"]) for k in range(1, LAYERS + 1)] for stem in "Wb")
    data = (offsets, array(values["X"]), array(values["Y"]))

    def of_one(place: int) -> Loss:
        return lambda W: loss([*weights[:place], W, *weights[place + 1 :]], *data)

    def both(function: Loss, point: Any, slopes: Loss | None = None) -> Answer:
        first = slopes or (lambda p: [grad(function)(p)])
        return lambda: jit(lambda p: [*first(p), hessian(function)(p)])(point)

    def all_slopes(W: Any) -> Sequence[Any]:
        found: Sequence[Any] = grad(lambda every: loss(every, *data))([W, *weights[1:]])
        return found

    return {
        "T1": both(lecture, array(np.array([1.0, 2.0]))),
        "input": both(lambda x: by_input(x, weights), array(values["x"])),
        "last": both(of_one(LAYERS - 1), weights[-1]),
        "first": both(of_one(0), weights[0], all_slopes),
    }[task]


def _by_jax(task: str) -> Answer:
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.jit(jax.hessian(lambda x: x * x))(1.0).block_until_ready()
    answer = _differentiated(task, jax.numpy, jax.numpy.asarray, jax.grad, jax.hessian, jax.jit)
    return lambda: jax.block_until_ready(answer())


def _by_torch(task: str) -> Answer:
    import torch

    torch.func.hessian(lambda x: x * x)(torch.tensor(1.0))
    return _differentiated(task, torch, torch.as_tensor, torch.func.grad, torch.func.hessian, lambda function: function)


MAKERS: Mapping[str, Callable[[str], Answer]] = {"hesse": _by_hesse, "jax": _by_jax, "torch": _by_torch}


def answer(task: str, system: str) -> Mapping[str, Any]:
    """Seconds and processor seconds of the first answer, and its values."""
    run = MAKERS[system](task)
    start, worked = perf_counter(), process_time()
    values = [np.asarray(value) for value in run()]
    seconds, processor = perf_counter() - start, process_time() - worked
    flat = np.concatenate([value.reshape(-1) for value in values])
    return {"seconds": seconds, "processor": processor, "values": flat.tolist()}


def pairwise_peak(n: int) -> Mapping[str, Any]:
    """The bytes of the Hessian of all distances of n points in space, and the most that is in use while it is made."""
    from benchmarks.structured_tasks import pairwise

    task = pairwise(n)
    pairwise(4).jobs["hesse"]()
    tracemalloc.start()
    result: Any = task.jobs["hesse"]()
    return {"output": result.nbytes, "peak": tracemalloc.get_traced_memory()[1]}


def _in_process(*words: str) -> dict[str, Any] | None:
    """What a process of its own measures; None where it fails."""
    command = [sys.executable, "-m", "benchmarks.first_answers", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent)
    if done.returncode:
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def first_answers(
    rounds: int = 5, tasks: Sequence[str] = tuple(TASKS), systems: Sequence[str] = SYSTEMS
) -> list[FirstAnswer]:
    """A row for each task; all systems that are installed, in turn. Raises where they do not agree."""
    systems = [system for system in systems if find_spec(system)]
    rows = []
    for task in tasks:
        found: dict[str, list[dict[str, Any]]] = {system: [] for system in systems}
        for _ in range(rounds):
            for system in systems:
                each = _in_process(task, system)
                found[system] += [] if each is None else [each]
        for system in systems:
            if found[system] and found["hesse"]:
                ours, theirs = (found[name][0]["values"] for name in ("hesse", system))
                np.testing.assert_allclose(theirs, ours, rtol=1e-7, atol=1e-7, err_msg=f"{task} {system}")
        seconds, processor = (
            {name: median(each[kind] for each in got) if got else None for name, got in found.items()}
            for kind in ("seconds", "processor")
        )
        rows.append(FirstAnswer(task, TASKS[task], seconds, processor))
    return rows


@dataclass(frozen=True)
class Peak:
    """The bytes of a result, and the most bytes in use while it was made, itself among them."""

    HEAD: ClassVar[Sequence[str]] = ("", "result", "peak", "ratio")

    title: str
    output: int
    peak: int

    @property
    def ratio(self) -> float:
        """The peak by the output."""
        return self.peak / self.output

    @property
    def cells(self) -> Sequence[str]:
        """The row of a table."""
        return [self.title, f"{self.output / 1e6:.0f} MB", f"{self.peak / 1e6:.0f} MB", f"{self.ratio:.2f}"]


def peaks(points: Sequence[int] = (400, 2483)) -> list[Peak]:
    """The memory that Hessians of pairwise distances take, for these numbers of points in space."""
    rows = []
    for n in points:
        found = _in_process("peak", str(n))
        if found is None:
            raise RuntimeError(f"the Hessian of the distances of {n} points failed")
        rows.append(Peak(f"Hessian of pairwise distances, {n} points in space", found["output"], found["peak"]))
    return rows


def main() -> None:
    """Print the tables."""
    title = "First answers, each in a new process after the imports and the derivatives of x**2"
    print_table(title, FirstAnswer.HEAD, [row.cells for row in first_answers()])
    print_table("Memory", Peak.HEAD, [row.cells for row in peaks()])


def _text(seconds: float | None) -> str:
    return "-" if seconds is None else milliseconds(seconds)


if __name__ == "__main__":
    task, other = sys.argv[1:]
    print(json.dumps(pairwise_peak(int(other)) if task == "peak" else answer(task, other)))
