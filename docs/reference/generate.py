"""Writes the reference of functions from the tables: `python docs/reference/generate.py`. A test compares.

The derivatives are not copied from the rows but derived, and so verified, here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import hesse as hs
from hesse.core.function import Construction, Row
from hesse.core.nodes import Elementwise, Operator
from hesse.functions import ALIASES, FUNCTIONS

INTRODUCTION = """\
# Functions

Generated from the tables in `src/hesse/functions` by `python docs/reference/generate.py`; do not edit.

`x ** p`, the comparisons `< <= > >= == !=` (1 where they hold, else 0), `@` and `.T` are functions of the tables too
and are written as operators. How functions are called is in [the notation](../notation.md).
"""

NAMES = {1: ("x",), 2: ("a", "b"), 3: ("c", "a", "b")}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; empty cells stay empty."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |\n" for line in lines)


def code(text: str) -> str:
    """The text as code, if there is any."""
    return f"`{text}`" if text else ""


def elementwise(row: Elementwise) -> list[str]:
    """What is called, its meaning, its derivative by each argument, and where they hold."""
    names = ("x", "p") if row.name == "power" else (*map(str, row.orders), *NAMES[row.arity - len(row.orders)])
    call = "x ** p" if row.name == "power" else f"{row.name}({', '.join(names)})"
    names = names[len(row.orders) :]
    function = hs.parse(call, " ".join(f"{name}:" for name in names))
    slopes = [hs.gradient(function, name) for name in names]
    derivative = ", ".join(code(str(slope)) for slope in slopes)
    values = ", ".join(map(code, function.conditions))
    smooth = ", ".join(code(each) for each in slopes[0].conditions if each not in function.conditions)
    return [code(call), row.meaning, derivative, values, smooth]


def operator(row: Operator) -> list[str]:
    """What is called, its meaning, and its derivative, or for matrices the change that it says for a change V."""
    argument, declaration = ("X", "X:n,n") if row.kind == "matrix" else ("x", "x:n")
    call = f"{row.name}({argument})" if row.arity == 1 else f"{row.name}({argument}, 3)"
    function = hs.parse(call, declaration)
    changes = len(function.shape) > 1
    derivative = hs.jvp(function, argument, "V") if changes else hs.derivative(function, argument)
    where = f" where {', '.join(map(code, derivative.conditions))}" if derivative.conditions else ""
    change = "dX = V gives " if changes else ""
    axis = "" if row.kind == "matrix" else f", {code(f'{row.name}(X, axis=0)')}"
    return [code(call) + axis, row.meaning, f"{change}{code(str(derivative))}{where}"]


def functions() -> str:
    """The page on functions."""
    rows: list[Row] = [row for name, row in FUNCTIONS.items() if name.isidentifier()]
    simple = [elementwise(row) for row in rows if isinstance(row, Elementwise)]
    arrays = [operator(row) for row in rows if isinstance(row, Operator)]
    forms = [[code(row.signature), row.meaning] for row in rows if isinstance(row, Construction)]
    aliases = [[code(alias), code(name)] for alias, name in ALIASES.items()]
    head = ["", "meaning", "derivative by each argument", "has a value where", "has a derivative where"]
    return "\n".join(
        [
            INTRODUCTION,
            "## Entry by entry\n",
            table(head, simple),
            "## Of whole arrays\n",
            "The derivative is the gradient, or the Jacobian, for a vector; `axis=` works along one axis.\n",
            table(["", "meaning", "derivative"], arrays),
            "## Ways of writing sums and products\n",
            "They are made of sums and products (`solve` with an inverse), which are differentiated as such.\n",
            table(["", "meaning"], forms),
            "## Other names\n",
            table(["", "read as"], aliases),
        ]
    )


def pages() -> dict[Path, str]:
    """The generated pages."""
    return {Path(__file__).parent / "functions.md": functions()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
