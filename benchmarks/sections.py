"""The parts of the report that are not about single tasks: first answers, memory, and how cost grows."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.first_answers import SYSTEMS, first_answers, peaks
from benchmarks.scaling import gradient_costs, growth, independence, times_per_size
from benchmarks.timing import milliseconds

Row = Sequence[str]


def sections() -> str:
    """All of them, measured now."""
    return "\n".join([_answers(), _memory(), _per_size(), _costs(), _lengths(), _derivations()])


def table(title: str, words: str, head: Row, rows: Sequence[Row]) -> str:
    """A section with a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return f"\n## {title}\n\n{words}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _answers() -> str:
    head = ["", *(name for system in SYSTEMS for name in (system, f"{system}, processor"))]
    words = (
        "From text, or from a Python function, to the values of gradients and Hessians, each in a new process that has"
        " imported everything and has differentiated `x**2`. JAX compiles; PyTorch evaluates without compiling."
    )
    rows = [
        [row.title, *(_time(each.get(system)) for system in SYSTEMS for each in (row.seconds, row.processor))]
        for row in first_answers()
    ]
    return table("First answers", words, head, rows)


def _memory() -> str:
    rows = [[p.title, f"{p.output / 1e6:.0f} MB", f"{p.peak / 1e6:.0f} MB", f"{p.ratio:.2f}"] for p in peaks()]
    words = "The most that is in use while a large dense Hessian is made, the result itself among it."
    return table("Memory", words, ["", "result", "peak", "ratio"], rows)


def _per_size() -> str:
    rows = [[f"{p.task}, {p.program}", str(p.size), milliseconds(p.seconds), _each(p.each)] for p in times_per_size()]
    words = "From call to result. What a call itself costs shows at small sizes, and the caches at large ones."
    return table("Time by size", words, ["", "n", "time", "time / n"], rows)


def _costs() -> str:
    rows = [
        [row.title, milliseconds(row.function), milliseconds(row.gradient), f"{row.ratio:.2f}"]
        for row in gradient_costs()
    ]
    return table("Gradients by their functions", "By NumPy.", ["", "function", "gradient", "ratio"], rows)


def _lengths() -> str:
    rows = [[f"{g.length} {g.family}", milliseconds(g.seconds), f"{g.times:.1f}"] for g in growth()]
    words = "The gradient by x, from text to verified text; the last column by the shortest of the family."
    return table("Derivations by length", words, ["", "time", "ratio"], rows)


def _derivations() -> str:
    rows = [[d.shape, milliseconds(d.derived), milliseconds(d.verified), d.label] for d in independence()]
    words = (
        "The gradient of `norm(tanh(A @ x) - b)**2` by x: deriving does not depend on sizes, verifying does up to a"
        " limit."
    )
    return table(
        "Derivations by size", words, ["", "derivative alone", "from text to verified text", "verification"], rows
    )


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else milliseconds(seconds)


def _each(seconds: float) -> str:
    return f"{1e9 * seconds:.1f} ns"
