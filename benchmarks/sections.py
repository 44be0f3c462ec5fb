"""The parts of the report that are not about single tasks: first answers, memory, and how cost grows."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.first_answers import FirstAnswer, Peak, first_answers, peaks
from benchmarks.scaling import (
    Derivation,
    GradientCost,
    Growth,
    PerSize,
    gradient_costs,
    growth,
    independence,
    times_per_size,
)

Measured = FirstAnswer | Peak | PerSize | GradientCost | Growth | Derivation
ANSWERS = (
    "From text, or from a Python function, to the values of gradients and Hessians, each in a new process that has"
    " imported everything and has differentiated `x**2`. JAX compiles; PyTorch evaluates without compiling."
)
MEMORY = "The most that is in use while a large dense Hessian is made, the result itself among it."
SIZES = "From call to result. What a call itself costs shows at small sizes, and the caches at large ones."
LENGTHS = "The gradient by x, from text to verified text; the last column by the shortest of the family."
DERIVATIONS = (
    "The gradient of `norm(tanh(A @ x) - b)**2` by x: deriving does not depend on sizes, verifying does up to a limit."
)


def sections() -> str:
    """All of them, measured now."""
    return "\n".join(
        [
            section("First answers", ANSWERS, first_answers()),
            section("Memory", MEMORY, peaks()),
            section("Time by size", SIZES, times_per_size()),
            section("Gradients by their functions", "By NumPy.", gradient_costs()),
            section("Derivations by length", LENGTHS, growth()),
            section("Derivations by size", DERIVATIONS, independence()),
        ]
    )


def section(title: str, words: str, rows: Sequence[Measured]) -> str:
    """A section with a table in Markdown."""
    lines = [rows[0].HEAD, ["---"] * len(rows[0].HEAD), *(row.cells for row in rows)]
    return f"\n## {title}\n\n{words}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
