"""The command that writes programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hesse.cli.answers import Answer
from hesse.cli.app import EXAMPLES, app
from hesse.cli.blocks import Lines
from hesse.cli.options import (
    AsJson,
    ByVariable,
    Declared,
    Expression,
    InNotation,
    read_declarations,
    read_wrt,
)
from hesse.codegen import TARGETS
from hesse.errors import ArgumentError
from hesse.service.program_file import PARTS, program_file
from hesse.service.reading import parse

ForBackend = Annotated[
    str, typer.Option("--backend", metavar="NAME", help=f"what the program is for: {', '.join(TARGETS)}")
]
OfParts = Annotated[
    str | None, typer.Option("--what", metavar="PARTS", help=f"what it returns, with commas: {', '.join(PARTS)}")
]
UnderName = Annotated[str, typer.Option("--name", metavar="NAME", help="the name of the function, f unless given")]
WithTest = Annotated[bool, typer.Option("--self-test", help="add a test, which runs when the file is run")]
IntoFile = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="write the program into a file")]

EXAMPLES["code"] = (
    'hesse code "sum(log(1 + exp(-y*(X @ w))))" "X:m,n y:m w:n" --wrt w',
    'hesse code "x1^2 + exp(x1*x2) + 2*log(x2)" --backend math --self-test',
    'hesse code "logsumexp(A @ x)" "A:m,n x:n" --wrt x --what gradient --backend jax',
)


@app.command(help="the source of a function that computes the value and the derivatives, for NumPy and other targets")
def code(
    expression: Expression,
    declarations: Declared = None,
    backend: ForBackend = "numpy",
    what: OfParts = None,
    wrt: ByVariable = None,
    name: UnderName = "f",
    self_test: WithTest = False,
    output: IntoFile = None,
    json: AsJson = False,
    notation: InNotation = "text",
) -> Answer:
    """The program as text, or written into a file."""
    f = parse(expression, read_declarations(declarations), notation=notation)
    parts = () if what is None else tuple(part.strip() for part in what.split(","))
    try:
        text = program_file(f, parts, read_wrt(wrt), backend, name=name, self_test=self_test)
    except ArgumentError as error:
        error.hint = error.hint.replace("name a variable: ", "name one of these with --wrt: ")
        raise
    if output is not None:
        try:
            Path(output).write_text(text, encoding="utf-8")
        except (OSError, ValueError) as error:
            raise ArgumentError(f"{output} cannot be written: {getattr(error, 'strerror', None) or error}") from None
    if json:
        return Answer(record={"backend": backend, "name": name, "source": text, "file": output})
    return Answer((Lines(tuple(text.rstrip("\n").split("\n")) if output is None else (f"written to {output}",)),))
