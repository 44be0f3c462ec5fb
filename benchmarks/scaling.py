"""How derivation grows with the length of an expression, and that it does not grow with the sizes of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import hesse as hs
from benchmarks.timing import medians, milliseconds, print_table
from hesse.calculus.differentiate import derivative
from hesse.core.nodes import Variable
from hesse.core.traverse import postorder

Problem = tuple[str, str]
Family = Callable[[int], Problem]


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


def growth() -> None:
    """Print how time grows with length."""
    rows = []
    for name, family, counts in FAMILIES:
        jobs = {str(count): partial(gradient, family(count)) for count in counts}
        times = medians(jobs, rounds=3)
        first = times[str(counts[0])]
        for count in counts:
            time = times[str(count)]
            exact = f"{count / counts[0]:.0f} x"
            rows.append([f"{count} {name}", milliseconds(time), exact, f"{time / first:.1f} x"])
    print_table("Gradient by x, from text to verified text", ["", "median", "length", "time"], rows)


def independence() -> None:
    """Print that deriving does not depend on the sizes of arrays; verifying does, up to a limit."""
    lines = []
    for sizes in ("m,n", "3,2", "30,20", "3000,2000"):
        rows, columns = sizes.split(",")
        problem = "norm(tanh(A @ x) - b)**2", f"A:{sizes} x:{columns} b:{rows}"
        node = hs.parse(*problem).node
        (x,) = (part for part in postorder(node) if isinstance(part, Variable) and part.name == "x")
        jobs = {"derived": partial(derivative, node, x), "verified": partial(gradient, problem)}
        times = medians(jobs, rounds=7)
        label = str(gradient(problem).verification)
        lines.append([f"A is {rows} × {columns}", *map(milliseconds, times.values()), label])
    title = "Gradient of norm(tanh(A @ x) - b)**2 by x"
    print_table(title, ["", "derivative alone", "from text to verified text", "verification"], lines)


def main() -> None:
    """Print the tables."""
    growth()
    independence()
